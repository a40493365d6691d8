# make run: the whole of Keywork from a bare checkout.   make test: its whole suite.   See README.md.

# Versions for which every package has a wheel come first, and the system's own before one that somebody compiled without
# asking for a quick one: the suite takes a quarter less time. `make PYTHON=…` takes another.
PYTHONS := python3.12 python3.11 python3.13 python3.14 python3 python
PYTHON := $(shell for python in $(PYTHONS:%=/usr/bin/%) $(PYTHONS); do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; exit; }; done; \
	for python in $(PYTHONS); do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; exit; }; done)
BOOTSTRAP := $(PYTHON) -P keywork/local/bootstrap.py
BIN := .venv/bin
PORT ?= 8000
# The apps that mypy judges: all of them.
TYPED_APPS := bench care contacts demo enquiries goals home ilsa keywork outbox portal questionnaires reports safety students tsp
# What a production installation sets; `check --deploy` looks at Keywork as such.
PRODUCTION := KEYWORK_BASE_URL=https://keywork.example KEYWORK_ALLOWED_HOSTS=keywork.example \
	KEYWORK_SECRET_KEY=only-for-make-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH \
	KEYWORK_DEMO=0 KEYWORK_DEBUG=0

.PHONY: run test fuzz check bench faults operations lock access-mutants clean python base dev

run: base
	@exec $(BIN)/python -m keywork.local.run --port $(PORT)

# Three workers for two cores: each waits for Postgres, Chromium or a process it started a good part of its time.
# An image that sets the variable would have each worker compile all tests anew in every run.
test: export PYTHONDONTWRITEBYTECODE :=
test: dev
	@$(BIN)/pytest -n 3 --dist worksteal

# What was known on a day, over 300 random histories; and five hundred random schools: page, CSV, digest, Missed rows, report, command and the parent's page give one answer.
fuzz: export KEYWORK_FUZZ_SEEDS ?= 500
fuzz: dev
	@$(BIN)/pytest tests/contacts/test_one_answer.py tests/contacts/test_known.py tests/home/test_leaks_at_home.py

check: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(TYPED_APPS)
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BOOTSTRAP) check-lock

bench: dev
	@$(BIN)/python -m bench

# Kills, fills and damages what an installation stands on, kills workers in the middle of orders of reports, lets a
# mail server misbehave, and counts what came of it.
faults: KILLS ?= 20
faults: REPORTS ?= 60
faults: dev
	@$(BIN)/python -m tests.faults.machinery
	@$(BIN)/python -m tests.faults.jobs --kills $(KILLS) --reports $(REPORTS)

# Plays docs/operations.md with Debian's Postgres, Redis and Caddy where they are installed, and says what it saw.
# `make operations MORE=--machines` restores into several machines.
operations: dev
	@$(BIN)/python -m tests.operations $(MORE)

# Plants faults in the access rules, one at a time, and shows that the suite notices each.
access-mutants: dev
	@$(BIN)/python -m tests.access.mutants

# Resolves pyproject.toml again; UPGRADE=1 takes newer versions.
lock: python
	@$(BOOTSTRAP) lock

# Everything made from the checkout, but not .local, which holds the data.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis bench/.cache .local/test .local/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

base dev: python
	@$(BOOTSTRAP) $@

python:
	@test -n "$(PYTHON)" || { echo "Keywork needs Python 3.11 or newer: install python3, then try again."; exit 1; }

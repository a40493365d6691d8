"""Production cannot start weak: what an https address refuses, and what docker-compose.yml promises."""

from __future__ import annotations

import configparser
import json
import os
import re
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core import checks
from django.core.cache import cache
from django.db import connection

from keywork.local import REPOSITORY
from keywork.production import DEMO_DOMAIN
from keywork.signin import invitation_url
from tests.signin.conftest import is_in, sign_in
from tests.world import PASSWORD

GOOD = {
    "KEYWORK_BASE_URL": "https://keywork.aldermere.example",
    "KEYWORK_SECRET_KEY": secrets.token_urlsafe(50),
    "KEYWORK_DEMO": "0",
    "KEYWORK_DEBUG": "0",
    "DATABASE_URL": "postgres://keywork:secret@db.example/keywork",
    "REDIS_URL": "redis://:secret@cache.example:6379/0",
    "EMAIL_URL": "smtp://mail.example:25",
}


def started(
    directory: Path, environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """`manage.py` as an installation runs it: with this environment and nothing of the test run's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("KEYWORK_", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env={**ours, "KEYWORK_DATA_DIR": str(directory), **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.parametrize(
    ("weak", "words"),
    [
        (
            {
                "KEYWORK_DEMO": "1",
                "KEYWORK_DEBUG": "1",
                "KEYWORK_SECRET_KEY": "short",
                "REDIS_URL": "redis://cache.example:6379/0",
                "KEYWORK_OIDC_URL": "http://provider.example",
            },
            [
                "KEYWORK_OIDC_URL",
                "KEYWORK_DEMO=1",
                "KEYWORK_DEBUG=1",
                "KEYWORK_SECRET_KEY",
                "Give Redis a password",
            ],
        ),
        ({"KEYWORK_SECRET_KEY": "a" * 60}, ["KEYWORK_SECRET_KEY"]),
        ({"KEYWORK_SECRET_KEY": ""}, ["KEYWORK_SECRET_KEY"]),
    ],
)
def test_a_weak_production_stops_with_a_sentence(tmp_path, weak, words):
    refused = started(tmp_path, GOOD | weak, "check")
    assert refused.returncode != 0
    said = refused.stdout + refused.stderr
    assert "Keywork does not start in production like this." in said and "Traceback" not in said
    assert all(word in said for word in words), said
    assert "short" not in said.replace("a short", ""), "the key itself is not shown"


def test_a_good_production_starts_and_answers_to_its_own_name_only(tmp_path):
    shown = started(
        tmp_path, GOOD, "shell", "--no-imports", "-c",
        "from django.conf import settings as s; print(s.ALLOWED_HOSTS, s.SESSION_COOKIE_SECURE, s.DEMO, 'demo' in s.INSTALLED_APPS)",
    )  # fmt: skip
    assert shown.stdout.strip() == "['keywork.aldermere.example'] True False False", shown.stderr


def test_testserver_is_no_allowed_host(tmp_path):
    local = {"DATABASE_URL": GOOD["DATABASE_URL"], "REDIS_URL": GOOD["REDIS_URL"]}
    shown = started(
        tmp_path, local, "shell", "--no-imports", "-c",
        "from django.conf import settings as s; print(s.ALLOWED_HOSTS)",
    )  # fmt: skip
    assert shown.stdout.strip() == "['localhost', '127.0.0.1', '[::1]']", shown.stderr


# ------------------------------------------------------------------ demo accounts


@pytest.fixture
def demo_head(world):
    world.u_head.email = f"head@{DEMO_DOMAIN}"
    world.u_head.save()
    return world.u_head


def test_demo_accounts_stay_out_where_the_demo_is_off(demo_head, settings, mailoutbox, as_user):
    settings.DEMO = False
    client, answer = sign_in(demo_head.email)
    assert not is_in(client) and answer.status_code in (200, 302)
    assert not is_in(as_user(demo_head)), "nor does a session of before go on"
    link = re.sub(r"https?://[^/]+", "", invitation_url(demo_head))
    assert b"no longer works" in client.get(link).content
    settings.DEMO = True
    assert client.get(link).status_code == 302
    assert is_in(sign_in(demo_head.email)[0])


# ------------------------------------------------------------------ Redis and the database


@pytest.mark.django_db
def test_the_cache_holds_no_pickles(world, settings):
    client, _ = sign_in(world.u_keyworker.email, PASSWORD)
    sign_in(world.u_keyworker.email, "wrong-password-here")
    assert is_in(client)
    from tsp.rating.presence import arrive

    arrive(world.u_deputy, world.mina.pk, "2026-27-autumn", "Goals")
    assert [here.name for here in arrive(world.u_head, world.mina.pk, "2026-27-autumn", "")] == ["Deputy"]
    assert arrive(world.u_deputy, world.mina.pk, "2026-27-autumn", "Goals")[0].name == "Head"
    store = cache._cache.get_client(None)
    kinds = {store.type(key): store.get(key) for key in store.keys("*") if store.type(key) == b"string"}
    values = [store.get(key) for key in store.keys("*") if store.type(key) == b"string"]
    assert len(values) >= 3 and kinds
    assert not [value for value in values if not value.decode().startswith(tuple('{["0123456789tfn'))]


def test_the_embedded_database_role_is_no_superuser(db):
    if os.environ.get("DATABASE_URL"):
        assert connection.settings_dict["USER"]
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text, rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("keywork", False)


def test_a_superuser_is_refused_in_production(db, settings, monkeypatch):
    def found() -> list[str]:
        return [one.id for one in checks.run_checks(tags=["database"], databases=["default"]) if one.id]

    settings.IN_PRODUCTION = True
    assert "keywork.E003" not in found()

    class AsSuperuser:
        def __enter__(self):
            return self

        def __exit__(self, *args):
            return None

        def execute(self, sql):
            assert "rolsuper" in sql

        def fetchone(self):
            return (True,)

    from keywork import checks as ours

    monkeypatch.setattr(ours, "connections", {"default": type("C", (), {"cursor": AsSuperuser})})
    assert "keywork.E003" in [one.id for one in ours.the_database_role_is_no_superuser(None, ["default"])]


# ------------------------------------------------------------------ docker-compose.yml


COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]


def filled_in() -> dict[str, str]:
    """docs/deploy/env.example as a school fills it in, into the environment of `web`."""
    example = (REPOSITORY / "docs/deploy/env.example").read_text()
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    empty = [name for name, value in given.items() if not value]
    given |= {name: secrets.token_hex(32) for name in empty if name != "EMAIL_URL"}
    given["EMAIL_URL"] = "smtp+tls://user:word@mail.school.example:587"
    given["KEYWORK_OIDC_URL"] = "https://login.school.example"

    def put(match: re.Match[str]) -> str:
        return given[match[1]]

    return {
        name: re.sub(r"\$\{([A-Z_]+)(?::[?-][^}]*)?\}", put, value)
        for name, value in SERVICES["web"]["environment"].items()
    }


def test_compose_and_its_example_start_as_they_are_filled_in(tmp_path):
    shown = started(tmp_path, filled_in(), "check", "--deploy", "--fail-level", "WARNING")
    assert shown.returncode == 0, shown.stderr


def test_every_container_is_shut_in():
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["mem_limit"], name
        assert service["cap_drop"] == ["ALL"] and "no-new-privileges:true" in service["security_opt"], name


def test_the_database_and_redis_are_reached_by_nothing_but_keywork():
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert networks["db"] == networks["redis"] == {"data"}
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert "data" not in networks["caddy"] and [n for n, s in SERVICES.items() if "ports" in s] == ["caddy"]
    assert {n for n in networks if "data" in networks[n]} == {
        "migrate",
        "web",
        "worker",
        "printer",
        "beat",
        "db",
        "redis",
    }
    assert COMPOSE["networks"]["front"] == {"internal": True}, "web itself cannot call out"


def test_the_role_of_the_database_is_made_without_rights():
    assert SERVICES["db"]["environment"]["POSTGRES_USER"] != "keywork"
    script = (REPOSITORY / "docs/deploy/database.sh").read_text()
    assert "create role keywork login nosuperuser" in script
    assert "./docs/deploy/database.sh:/docker-entrypoint-initdb.d/keywork.sh:ro" in SERVICES["db"]["volumes"]
    assert "--requirepass" in SERVICES["redis"]["command"][-1]


@pytest.mark.parametrize("name", ["web", "worker", "printer", "beat", "migrate"])
def test_systemd_runs_what_the_containers_run(name):
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str
    unit.read(REPOSITORY / f"docs/deploy/systemd/keywork-{name}.service")
    program, *words = shlex.split(unit["Service"]["ExecStart"].replace("%%", "%"))
    image = (REPOSITORY / "Dockerfile").read_text().rpartition("\nCMD ")[2].replace("\\\n", "")
    command = SERVICES[name].get("command") or json.loads(image)
    assert [Path(program).name, *words] == [word.replace("0.0.0.0", "127.0.0.1") for word in command]
    if name != "migrate":
        assert unit["Service"]["MemoryMax"].lower() == SERVICES[name]["mem_limit"]
        assert unit["Service"]["TimeoutStopSec"] == SERVICES[name].get("stop_grace_period", "30s")


def test_the_proxy_gives_up_an_idle_connection_before_web_does():
    kept = re.search(r"keepalive (\d+)s", (REPOSITORY / "docs/deploy/Caddyfile").read_text())[1]
    assert int(kept) < int(re.search(r'"--keep-alive", "(\d+)"', (REPOSITORY / "Dockerfile").read_text())[1])

"""The heart is plain Python: rules can be read, run and trusted without Django."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("keywork", "students", "questionnaires", "contacts", "tsp", "ilsa", "care", "reports", "portal")
PURE = {
    "keywork.calendar",
    "keywork.attribution",
    "keywork.caseload",
    "keywork.dates",
    "keywork.policy",
    "keywork.quiet",
    "keywork.rewording",
    "keywork.terms",
    "keywork.upn",
    "questionnaires.checks",
    "questionnaires.common",
    "questionnaires.description",
    "questionnaires.diff",
    "questionnaires.edit",
    "questionnaires.reading",
    "questionnaires.schema",
    "questionnaires.supplied",
    "care.assessments.rules",
    "care.checklists.rules",
    "care.reviews.rules",
    "contacts.check_ups.rules",
    "contacts.clock",
    "contacts.escalation",
    "contacts.holidays",
    "contacts.home_contact",
    "contacts.mentoring",
    "contacts.misses",
    "contacts.sessions",
    "home.meetings.rules",
    "ilsa.questionnaire",
    "reports.term_line",
    "students.weeks",
    "tsp.deadlines",
    "tsp.questions.questionnaire",
    "tsp.rating.rules",
}


def test_rules_modules_import_no_django():
    modules = sorted(PURE | {f"{app}.rules" for app in APPS if (ROOT / app / "rules.py").exists()})
    assert "students.rules" in modules
    script = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "found = {name.partition('.')[0] for name in sys.modules} & {'django', 'psycopg', 'celery'}\n"
        "sys.exit(f'imported {found}' if found else 0)"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr

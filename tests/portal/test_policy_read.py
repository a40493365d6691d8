"""Each parameter of the policy does something, or is listed with the capability that will read it."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from contacts.home_contact import HomeFacts, LastContact, evaluate
from keywork import clock, duties, school, words
from keywork.policy import COMING, Policy, presets
from portal.forms.assignments import why_assign, why_end, why_move
from portal.overview import overview
from reports.tasks import begin_reports
from students.models import Student
from tests.policies import set_policy
from tests.rules.helpers import RuleSchool, d
from tests.world import TODAY

ROOT = Path(__file__).parents[2]
NOT_RULES = ("tests", "bench", "demo", "migrations", ".venv", "local")
# Pages of the policy show every parameter by name; to show it is not to read it.
SHOWN = {"policy_rules.py", "policy_changes.py"}
PARAMETER = re.compile("|".join(rf"\.{field.name}\b" for field in fields(Policy)))


def attributes_of(path: Path) -> set[str]:
    tree: ast.AST = ast.parse(path.read_text())
    if (
        path == ROOT / "keywork" / "policy.py"
    ):  # its checks look at every value; its answers are those of the class
        tree = next(one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == "Policy")
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.fixture(scope="module")
def read() -> set[str]:
    """Every name that is read as an attribute anywhere, in the policy's own answers too (`runs_contact_clock`)."""
    found: set[str] = set()
    for app in {path.parent for path in ROOT.glob("*/__init__.py")} - {ROOT / name for name in NOT_RULES}:
        for path in app.rglob("*.py"):
            asked = path.name not in SHOWN and not set(path.relative_to(ROOT).parts) & set(NOT_RULES)
            if asked and PARAMETER.search(path.read_text()):
                found |= attributes_of(path)
    return found


@pytest.mark.parametrize("name", [field.name for field in fields(Policy)])
def test_a_parameter_is_read_or_is_listed_with_what_will_read_it(read, name):
    assert (name in read) is not (name in COMING)


def test_the_page_says_what_waits(world, as_user):
    page = as_user(world.u_head).get(reverse("portal:policy")).content.decode()
    assert page.count("Not read yet:") == len(COMING)
    assert all(capability in page for capability in COMING.values())


def policy_with(**values):
    set_policy(effective_on=TODAY, preset="breckenbrough", overrides=values, by=None)


@pytest.mark.django_db
def test_reasons_for_a_change_are_the_schools(world):
    with words.of(school.load()):
        assert "workload" not in dict(why_end()) and "staff_left" in dict(why_move())
    policy_with(keyworker_change_reasons=["workload", "timetable_clash"])
    with words.of(school.load()):
        each = why_assign(), why_end(), why_move()
    for offered in each:
        assert "student_request" not in dict(offered)
        assert dict(offered)["timetable_clash"] == "Timetable clash"
        assert offered[-1][0] == "other"


def test_a_reason_of_the_school_is_kept_and_read_again(world, as_user):
    policy_with(keyworker_change_reasons=["timetable_clash"])
    post = world.mina.assignments.get(kind="keyworker", user=world.u_keyworker)
    url = reverse("portal:end_assignment", args=[post.pk])
    head = as_user(world.u_head)
    given = {"ends_on": TODAY.isoformat(), "reason": "timetable_clash", "note": "", "do": "look"}
    token = head.post(url, given).context["effect"].preview_token
    assert head.post(url, {**given, "do": "make", "preview_token": token}).status_code == 302
    page = head.get(reverse("students:keyworkers", args=[world.mina.pk])).content.decode()
    assert "Ended: Timetable clash" in page


def test_who_is_not_to_have_a_keyworker_is_not_without_one(world, as_user):
    world.mina.assignments.filter(kind="keyworker").delete()
    Student.objects.filter(pk=world.mina.pk).update(sen_status="N")
    board, head = reverse("portal:assignments"), as_user(world.u_head)
    assert head.get(board).context["board"].nobody_now == 1
    policy_with(eligibility=["ehcp_or_statement"])
    assert head.get(board).context["board"].nobody_now == 0
    assert overview(world.u_head, TODAY, school.load()).counts["nobody"] == 0


@pytest.mark.parametrize(
    ("chosen", "status", "has_one"),
    [
        (None, "N", True),
        (("all_students",), "N", True),
        (("ehcp_or_statement",), "E", True),
        (("ehcp_or_statement",), "K", False),
        (("ehcp_or_statement", "additional_needs"), "K", True),
        (("ehcp_or_statement", "additional_needs"), "N", False),
        (("ehcp_or_statement",), "", True),
    ],
)
def test_eligibility(chosen, status, has_one):
    assert Policy(eligibility=chosen).gives_keyworker(status) is has_one


@pytest.mark.parametrize(
    ("gap", "last", "due", "two_way"),
    [
        (None, LastContact(d("9 Sep 2025"), "delivered"), "23 Sep 2025", False),
        (20, LastContact(d("9 Sep 2025"), "delivered", 0, d("2 Sep 2025")), "22 Sep 2025", True),
        (20, LastContact(d("9 Sep 2025"), "delivered"), "21 Sep 2025", True),  # from the start of the clock
        (20, LastContact(d("9 Sep 2025"), "two_way", 0, d("9 Sep 2025")), "23 Sep 2025", False),
    ],
)
def test_the_longest_gap_between_two_way_contacts(gap, last, due, two_way):
    school = RuleSchool(Policy(contact_two_way_max_gap_days=gap))
    found = evaluate(HomeFacts(d("1 Sep 2025"), last=last), d("15 Sep 2025"), school)
    assert (found.due_on, found.two_way) == (d(due), two_way)


def why(student, kind: str) -> str:
    """What the page of the duty says."""
    states = duties.states_for([student], TODAY)[student.pk]
    return " ".join(next(state for state in states if state.kind == kind).reasons)


def test_the_two_way_gap_in_words(world, spoke):
    spoke(world.mina, by=world.u_keyworker, days_ago=3)
    assert "both sides speak or write" not in why(world.mina, "home_contact")
    policy_with(contact_two_way_max_gap_days=5)
    assert "both sides speak or write at least every 5 days" in why(world.mina, "home_contact")


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [(1, 2, "one to two a week: advice"), (2, None, "at least two a week"), (2, 2, "policy is two a week")],
)
def test_so_many_sessions_a_week_are_advice(world, least, most, said):
    policy_with(session_window="week", session_min_per_window=least, session_max_per_week=most)
    assert said in why(world.mina, "session")


def test_no_report_begins_by_itself_where_none_is_termly(world):
    with clock.frozen(date(2026, 12, 2)):  # the reviews of the term are open
        policy_with(tsp_report_cadence=["on_request_for_review"])
        assert begin_reports() == 0
        policy_with(tsp_report_cadence=["termly"])
        assert begin_reports() > 0


@pytest.mark.parametrize("preset", sorted(presets()))
def test_each_preset_speaks_its_own_words(world, as_user, preset):
    set_policy(effective_on=TODAY, preset=preset, by=None)
    theirs, keyworker = presets()[preset], as_user(world.u_keyworker)
    record = keyworker.get(reverse("students:record", args=[world.mina.pk])).content.decode()
    assert f">{theirs.worded('Keyworkers')}<" in record or f"{theirs.worded('Keyworkers')}\n" in record
    entry = keyworker.get(reverse("students:list")).content.decode()
    assert theirs.worded("My students") in entry

"""The top of every page inside a record: who this is, who stands around them, and the tabs.

Apps above (contacts, reports) use it too: `{**record_context(request, student, "reports")}` with a template
that extends `students/record_base.html`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from keywork import clock
from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.compiled import Compiled
from keywork.models import Assignment, User

from .models import Student
from .rules import first_year_ends_on, in_first_year
from .tenure import how_long


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class FirstYear:
    """Who is first contact for keywork in a student's first year, and until when (domain 5.3)."""

    role: str
    names: str
    ends_on: date


# Tab name, label, URL name, what opens it.
TABS = (
    ("timeline", "Timeline", "students:record", Can.VIEW_STUDENT),
    ("tsp", "TSP", "tsp:student", Can.VIEW_TSP),
    ("independence", "Independence", "ilsa:student", Can.VIEW_ILSA),
    ("plan", "EHC plan", "students:plan", Can.VIEW_PLANS),
    ("people", "People", "students:people", Can.VIEW_STUDENT),
    ("keyworkers", "Keyworkers", "students:keyworkers", Can.VIEW_STUDENT),
    ("reports", "Reports", "reports:student", Can.VIEW_REPORTS),
    ("openings", "Who opened this", "students:openings", Can.VIEW_OPENINGS),
)


def record_context(request: HttpRequest, student: Student, active: str) -> dict[str, Any]:
    """Context of `students/record_base.html`; one query, two in a first year. `active` names a tab."""
    today = clock.today()
    return {
        "student": student,
        "facts": _facts(student, today),
        "tabs": _tabs(request, student, active),
        "first_year": _first_year(request, student, today),
        "has_left": student.left_on is not None and student.left_on < today,
        "not_yet_here": student.joined_on > today,
    }


_IN_POST = Compiled(
    lambda student_id, today: (
        Assignment.objects.current(today)
        .filter(student_id=student_id, kind__in=[Assignment.Kind.KEYWORKER, Assignment.Kind.MENTOR])
        .values_list("kind", "user__name", "starts_on")
    ),
    -1,
    date.min,
)


def _facts(student: Student, today: date) -> list[str]:
    in_post = {kind: (name, since) for kind, name, since in _IN_POST.rows(student.pk, today)}
    facts = [student.year_label, student.get_placement_display()]
    for kind, word in ((Assignment.Kind.KEYWORKER, "Keyworker"), (Assignment.Kind.MENTOR, "Mentor")):
        if kind in in_post:
            name, since = in_post[kind]
            facts.append(f"{word} {name} ({how_long(since, today)})")
        elif kind == Assignment.Kind.KEYWORKER and student.is_on_roll(today):
            facts.append("No keyworker")
    return facts


def _tabs(request: HttpRequest, student: Student, active: str) -> list[Tab]:
    tabs = []
    for name, label, url_name, can in TABS:
        if allows(request.user, can, student):
            tabs.append(Tab(label, numbered(url_name).format(student.pk), name == active))
    return tabs


def _first_year(request: HttpRequest, student: Student, today: date) -> FirstYear | None:
    rule = request.school.policy(today).first_year_contact_role  # type: ignore[attr-defined]
    if rule is None or not in_first_year(student.joined_on, today, rule.months):
        return None
    people = User.objects.filter(is_active=True, roles__contains=["transition"]).values_list(
        "name", flat=True
    )
    return FirstYear(rule.role, " or ".join(people), first_year_ends_on(student.joined_on, rule.months))

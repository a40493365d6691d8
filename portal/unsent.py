"""Which page a form is of that waits to be sent (keywork.held), in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.urls import Resolver404, resolve

from keywork import clock
from keywork.access import Can, allows
from keywork.dates import day_in_full, london_date
from keywork.models import HeldForm, User
from students.models import Student

# By the name of an address: what is written there; and, where the address names a row and not the student, its model.
PAGES: Mapping[str, tuple[str, str]] = {
    "contacts:log_contact": ("Contact with home", ""),
    "contacts:log_session": ("Keywork session", ""),
    "contacts:amend_contact": ("Change of a contact with home", "contacts.HomeContact"),
    "contacts:amend_session": ("Change of a keywork session", "contacts.KeyworkSession"),
    "contacts:void_contact": ("Crossing out a contact", "contacts.HomeContact"),
    "contacts:void_session": ("Crossing out a session", "contacts.KeyworkSession"),
    "contacts:holds": ("Hold on contact", ""),
    "contacts:withdraw_miss": ("Taking back a miss", "contacts.Miss"),
    "reports:letterhead": ("Name and letterhead", ""),
    "reports:student_file": ("Reason to take a whole file out", ""),
    "students:add": ("A new student", ""),
    "students:edit": ("Student’s details", ""),
    "students:family_add": ("A new family contact", ""),
    "students:family_edit": ("Family’s details", ""),
    "students:number": ("A family’s number", ""),
    "students:read_first": ("What to read first", ""),
    "students:restriction": ("Court restriction", ""),
    "students:share": ("Sharing a record", ""),
    "students:add_absence": ("Days away", ""),
    "students:plan_add": ("EHC plan", ""),
    "students:plan_edit": ("EHC plan", ""),
    "students:outcome_add": ("Outcome of the plan", ""),
    "students:outcome_edit": ("Outcome of the plan", ""),
    "students:outcome_status": ("Outcome of the plan", ""),
    "tsp:ws_save": ("TSP", ""),
    "tsp:ws_examples": ("Example beside a rating", ""),
    "tsp:ws_reopen": ("Opening the TSP again", ""),
    "tsp:goal_add": ("A new goal", ""),
    "tsp:goal_edit": ("Goal", "tsp.Goal"),
    "tsp:goal_check": ("Check of a goal", "tsp.Goal"),
    "tsp:goal_score": ("Score of a goal", "tsp.Goal"),
    "tsp:goal_second": ("Second view of a goal", "tsp.Goal"),
    "tsp:goal_withdraw": ("Withdrawing a goal", "tsp.Goal"),
    "tsp:judge": ("Progress on an outcome", ""),
    "tsp:observe": ("Observation", ""),
    "tsp:input_add": ("Team input", ""),
    "tsp:repair_add": ("Restorative conversation", ""),
    "tsp:sheet_fill": ("Sheet", "tsp.Sheet"),
    "tsp:ask_answer": ("What you were asked for", "tsp.Ask"),
    "tsp:own_step": ("Your own view", ""),
    "tsp:own_feeling": ("How you feel", ""),
    "tsp:own_talk": ("Talk with school", ""),
    "tsp:own_home_view": ("How it is at home", ""),
    "ilsa:part": ("Independence", "ilsa.RaterForm"),
    "ilsa:agree": ("Agreeing a value of independence", ""),
    "ilsa:my_part": ("My independence", ""),
    "ilsa:child_part": ("Independence", ""),
    "portal:me": ("How you are reached", ""),
    "portal:away": ("Days you are away", ""),
    "portal:account": ("Account", ""),
    "portal:assign": ("Assignment", ""),
    "safety:say": ("I do not feel safe", ""),
}
NOT_NAMED = "A form"


def page_words(one: HeldForm, user: User) -> str:
    """ "Contact with home, Mina H., sent 12:40": the student only for who may still see that they are here."""
    try:
        match = resolve(one.path.partition("?")[0])
    except Resolver404:
        return NOT_NAMED
    words, model = PAGES.get(match.view_name, (NOT_NAMED, ""))
    of_student = "student" in match.route or "child/" in match.route
    name = _name(user, _student_id(match.kwargs, model, of_student))
    return ", ".join(filter(None, (words, name, _when(one.at))))


def _student_id(kwargs: Mapping[str, Any], model: str, of_student: bool) -> int | None:
    if "student_id" in kwargs:
        return kwargs["student_id"]
    if not model:
        return kwargs.get("pk") if of_student else None
    rows = apps.get_model(model)._default_manager.filter(pk=kwargs["pk"])
    return rows.values_list(getattr(rows, "student_path", "student_id"), flat=True).first()


def _name(user: User, pk: int | None) -> str:
    student = Student.objects.filter(pk=pk).first() if pk is not None else None
    if student is None or not any(
        allows(user, can, student) for can in (Can.VIEW_STUDENT, Can.VIEW_FAMILY_HOME)
    ):
        return ""
    return f"{student.known_as} {student.surname[:1]}."


def _when(moment: datetime) -> str:
    day = london_date(moment)
    on = "" if day == clock.today() else f" on {day_in_full(day, clock.today())}"
    return f"sent {moment.astimezone(clock.LONDON):%H:%M}{on}"

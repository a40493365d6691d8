"""Which page a form is of that waits to be sent (keywork.pending), in words for the person who wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.urls import Resolver404, resolve

from keywork import clock
from keywork.access import Can, allows
from keywork.dates import day_in_full, london_date, time_of_day
from keywork.models import PendingSubmission, User
from keywork.words import worded
from students.models import Student


def _pages() -> Mapping[str, tuple[str, str]]:
    rows = json.loads((Path(__file__).parent / "fixtures" / "unsent.json").read_text(encoding="utf-8"))
    return {name: (words, model) for words, model, *names in rows for name in names}


# By the name of an address: what is written there; and, where the address names a row and not the student, its model.
PAGES = _pages()
NOT_NAMED = "A form"
STUDENT = re.compile(r"(students|child)/<int:pk>/")


def page_words(one: PendingSubmission, user: User) -> str:
    """ "Contact with home, Mina H., sent 12:40": the student only for who may still see that they are here."""
    try:
        match = resolve(one.path.partition("?")[0])
    except Resolver404:
        return NOT_NAMED
    words, model = PAGES.get(match.view_name, (NOT_NAMED, ""))
    of_student = STUDENT.search(match.route) is not None
    name = _name(user, _student_id(match.kwargs, model, of_student))
    return ", ".join(filter(None, (worded(words), name, _when(one.at))))


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
    return f"sent {time_of_day(moment.astimezone(clock.LONDON).time())}{on}"

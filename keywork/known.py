"""What was known at the end of an earlier day: rows as their history has them.

The history of a table (pghistory) keeps every version of a row and when it was recorded. At the end of a day a row was
known as the latest version recorded by then; one deleted by then was known no more.

* A version was recorded on the London day of `pgh_created_at`.
* The first version of a row that says itself when it was written down (`WRITTEN`) counts from that day: the history of
  what was loaded from elsewhere, as the demo is, began later. An entry that was moved counts on its new record from the
  day it was moved.
* Students and people count with their first version from ever: what was not owed yet is said by their own dates (C1).
* Of a day before the calendar was first set up, its beginning is told; what is older than its history counts as always
  known. When the school went live is a fact of Keywork and not of a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import UTC, date, datetime
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Min, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate

from . import clock

_LOGGED = Coalesce("moved_from__voided_on", "logged_on")
WRITTEN: dict[str, Any] = {
    "contacts.HomeContact": _LOGGED,
    "contacts.KeyworkSession": _LOGGED,
    "contacts.ContactHold": TruncDate("placed_at", tzinfo=clock.LONDON),
    "students.Absence": TruncDate("recorded_at", tzinfo=clock.LONDON),
    "care.EhcPlan": TruncDate("created_at", tzinfo=clock.LONDON),
    "care.Review": TruncDate("created_at", tzinfo=clock.LONDON),
    "care.ReviewPerson": TruncDate("added_at", tzinfo=clock.LONDON),
    "care.NeedsAssessment": TruncDate("created_at", tzinfo=clock.LONDON),
    "keywork.Assignment": TruncDate("assigned_at", tzinfo=clock.LONDON),
    "tsp.AssessmentPoint": TruncDate("opened_at", tzinfo=clock.LONDON),
    "tsp.Rating": TruncDate("at", tzinfo=clock.LONDON),
    "ilsa.RaterForm": TruncDate("invited_at", tzinfo=clock.LONDON),
}
# Of millions of rows only these are given a first version (`begin`): what a finished point says, it says itself.
BEGUN = {"tsp.Rating": "point_id IN (SELECT id FROM tsp_window WHERE finished_at IS NULL)"}
ALWAYS = ("students.Student", "keywork.User")
CALENDAR = ("keywork.HalfTerm", "keywork.InsetDay", "keywork.Closure", "keywork.PolicyVersion")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # of the first version of a row that had none (`begin`)
_OF_A_STUDENT = ("joined_on", "left_on", "known_from", "known_as", "surname")
_RECORDED = TruncDate("pgh_created_at", tzinfo=clock.LONDON)


def rows_of(label: str, known_on: date | None) -> QuerySet[Any]:
    """The rows of a model ("contacts.HomeContact") as known at the end of a day, with its fields; `id` is their key.

    None, and a day that is not over yet, ask for what is known now.
    """
    model: Any = apps.get_model(label)
    if known_on is None or known_on >= clock.today():
        return model._default_manager.all()
    newest = versions_of(label, known_on).order_by("pgh_obj_id", "-pgh_created_at", "-pgh_id")
    latest = newest.distinct("pgh_obj_id").values("pgh_id")
    return model.pgh_event_model._default_manager.filter(pgh_id__in=Subquery(latest)).exclude(
        pgh_label="delete"
    )


def versions_of(label: str, known_on: date | None) -> QuerySet[Any]:
    """Every version of the rows of a model that was recorded by the end of a day; None asks for all."""
    versions = apps.get_model(label).pgh_event_model._default_manager.alias(
        recorded_on=_RECORDED, written_on=WRITTEN.get(label, _RECORDED)
    )
    return versions if known_on is None else versions.filter(_known_by(known_on, label))


def _known_by(known_on: date, label: str) -> Q:
    """The versions recorded by then."""
    first, recorded = Q(pgh_label="insert"), Q(recorded_on__lte=known_on)
    if label in ALWAYS:
        return first | recorded
    if label in WRITTEN:
        return (first & Q(written_on__lte=known_on)) | (~first & recorded)
    if label in CALENDAR:
        model: Any = apps.get_model("keywork.HalfTerm")
        began = model.pgh_event_model._default_manager.aggregate(began=Min(_RECORDED))["began"]
        return Q(recorded_on__lte=max(known_on, began or known_on))
    return recorded


def begin() -> None:
    """Give rows that were loaded past their history a first version: they count as always known, or as they say."""
    with connection.cursor() as cursor:
        for label in (*WRITTEN, *ALWAYS):
            model: Any = apps.get_model(label)
            event = model.pgh_event_model
            columns = ", ".join(
                connection.ops.quote_name(field.column)
                for field in event._meta.concrete_fields
                if not (field.generated or field.name.startswith("pgh_"))
            )
            cursor.execute(
                f"INSERT INTO {event._meta.db_table} (pgh_created_at, pgh_label, pgh_obj_id, {columns})"
                f" SELECT %s, 'insert', id, {columns} FROM {model._meta.db_table} one"
                f" WHERE {BEGUN.get(label, 'true')} AND NOT EXISTS (SELECT FROM {event._meta.db_table} version"
                f" WHERE version.pgh_obj_id = one.id AND version.pgh_label = 'insert')",
                [BEGINNING],
            )


def students_known(students: Sequence[Any], known_on: date | None) -> Sequence[Any]:
    """The same students as known at the end of a day: their latest stay on roll, and what they are called.

    Instances or named tuples with `pk`; instances are copies, never to be saved.
    """
    if known_on is None or known_on >= clock.today():
        return students
    rows = rows_of("students.Student", known_on).filter(id__in=[student.pk for student in students])
    known = {row.pop("id"): row for row in rows.values("id", *_OF_A_STUDENT)}
    return [_with(student, known.get(student.pk, {})) for student in students]


def students_at(students: Sequence[Any], as_of: date, known_on: date | None) -> Sequence[Any]:
    """`students_known`, each in the stay on roll that decides about `as_of`."""
    found = students_known(students, known_on)
    return apps.get_model("students.EarlierStay").objects.at(found, as_of, known_on)


def _with(student: Any, values: dict[str, Any]) -> Any:
    if hasattr(student, "_replace"):  # a named tuple
        return student._replace(**{name: value for name, value in values.items() if hasattr(student, name)})
    found = copy(student)
    for name, value in values.items():
        setattr(found, name, value)
    return found

"""Every write of a request for a needs assessment, and of the cycles of support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max

from keywork import clock
from keywork.errors import Refused
from keywork.models import User
from students.actions.students import save_fields
from students.models import Student

from ..models import EhcPlan
from .models import NeedsAssessment, SupportCycle

TAKEN_BACK = "This was taken back"
Row = TypeVar("Row", NeedsAssessment, SupportCycle)


@transaction.atomic
def ask_for(*, by: User, student: Student, fields: Mapping[str, Any]) -> NeedsAssessment:
    """A request to the authority: its clock runs from `requested_on`. Raises Refused."""
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    if EhcPlan.objects.filter(student=student).exists():
        raise Refused(f"{student.known_as} has a plan already")
    _check(fields)
    try:
        with transaction.atomic():
            rows = NeedsAssessment.objects
            return rows.create(student=student, created_by=by, created_at=clock.now(), **fields)
    except IntegrityError as error:
        raise Refused("Another request is not over yet. Change that one", "requested_on") from error


@transaction.atomic
def edit_request(
    *, by: User, assessment: NeedsAssessment, fields: Mapping[str, Any], version: int
) -> NeedsAssessment:
    """What the authority answered, and on which day. Raises ChangedMeanwhile, Refused."""
    row = _locked(NeedsAssessment, assessment)
    _check(fields)
    save_fields(row, fields, version)
    return row


def _check(fields: Mapping[str, Any]) -> None:
    for name in ("requested_on", "decided_on", "draft_on", "ended_on", "reviewed_on"):
        if (day := fields.get(name)) is not None and day > clock.today():
            raise Refused("Choose today or an earlier day", name)


@transaction.atomic
def begin_cycle(*, by: User, student: Student, fields: Mapping[str, Any]) -> SupportCycle:
    """The next round of assess, plan, do and review."""
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    rows = SupportCycle.objects.filter(student=student)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    return rows.create(student=student, number=number, created_by=by, created_at=clock.now(), **fields)


@transaction.atomic
def edit_cycle(*, by: User, cycle: SupportCycle, fields: Mapping[str, Any], version: int) -> SupportCycle:
    """Raises ChangedMeanwhile, Refused."""
    row = _locked(SupportCycle, cycle)
    _check(fields)
    save_fields(row, fields, version)
    return row


@transaction.atomic
def take_back(*, by: User, row: Row, reason: str) -> None:
    """It was never asked, or never given. It stays, crossed out."""
    locked = _locked(type(row), row)
    fields = {"voided_at": clock.now(), "voided_by": by, "void_reason": reason.strip()}
    save_fields(locked, fields, locked.version)


def _locked(model: type[Row], row: Row) -> Row:
    found = model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if found.voided_at is not None:
        raise Refused(TAKEN_BACK)
    return found

"""EHC plans: a new version, its facts, its outcomes. What a newer version has followed is never changed again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.crypto import get_random_string

from keywork import clock
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.words import filled
from outbox import actions as outbox
from students.actions.students import save_fields
from students.models import Student

from ..decisions.actions import announce_change
from ..models import EhcPlan, Outcome

FOLLOWED = (
    "Version {} has been followed by a newer one, so it stays as it was issued. "
    "Make the change in the version in force"
)
CARRIED = ("number", "text", "area_of_need", "pfa", "target_on", "status", "closed_on", "closed_note")


def seen_as(plan: EhcPlan | None, outcomes: Iterable[Outcome]) -> str:
    """A line that changes with anything a new version would copy: what its form was filled from."""
    if plan is None:
        return "0"
    parts = sorted(f"{outcome.pk}.{outcome.version}" for outcome in outcomes)
    return " ".join([f"{plan.number}.{plan.version}", *parts])


@transaction.atomic
def add_plan(
    *,
    student: Student,
    fields: Mapping[str, Any],
    carry: Collection[int] = (),
    seen: str,
    pdf: UploadedFile | None = None,
    by: User,
) -> EhcPlan:
    """The next version of a student's plan, with copies of the outcomes `carry` names by id.

    `fields` holds plan_type, la_reference, issued_on, reviewed_on and next_review_on; `seen` is what `seen_as`
    gave when the form was made. Raises ChangedMeanwhile if anything of the version before was saved since,
    Refused if it would be issued before it.
    """
    _lock(student.pk)
    before = EhcPlan.objects.filter(student=student).order_by("-number").first()
    outcomes = list(before.outcomes.order_by("number")) if before else []
    if seen_as(before, outcomes) != seen:
        raise ChangedMeanwhile
    number = before.number + 1 if before else 1
    _check_issued(student.pk, number, fields["issued_on"])
    plan = EhcPlan(student=student, number=number, created_by=by, created_at=clock.now(), **fields)
    if pdf is not None:
        plan.pdf.save(_file_name(), pdf, save=False)
    plan.save()
    Outcome.objects.bulk_create(
        Outcome(plan=plan, same_as=outcome, **{name: getattr(outcome, name) for name in CARRIED})
        for outcome in outcomes
        if outcome.pk in carry
    )
    if before is not None:  # the first one is no change
        announce_change(
            by=by,
            student=student,
            what=filled("{} has a new version of the {}.", student.known_as, plan.kind.name),
            why=f"The {plan.kind.made_by} has changed it.",
            from_on=plan.issued_on,
            origin="ehc-plan",
            origin_id=plan.pk,
        )
    return plan


@transaction.atomic
def edit_plan(
    *,
    plan: EhcPlan,
    fields: Mapping[str, Any],
    version: int,
    pdf: UploadedFile | None = None,
    remove_pdf: bool = False,
    by: User,
) -> EhcPlan:
    """Put the facts of the version in force right. Raises ChangedMeanwhile, or Refused where a newer has followed."""
    row = _in_force(plan)
    _check_issued(row.student_id, row.number, fields["issued_on"])
    old = row.pdf.name
    if row.version != version:
        raise ChangedMeanwhile
    changed = dict(fields)
    if pdf is not None:
        row.pdf.save(_file_name(), pdf, save=False)
        changed["pdf"] = row.pdf.name
        row.pdf = old
    elif remove_pdf:
        changed["pdf"] = ""
    save_fields(row, changed, version)
    if old and "pdf" in changed:
        outbox.do("students.delete_file", name=old)
    return row


@transaction.atomic
def add_outcome(*, plan: EhcPlan, fields: Mapping[str, Any], by: User) -> Outcome:
    """An outcome more in the version in force. Raises Refused, also for a number twice."""
    row = _in_force(plan)
    _check_number(row, fields["number"])
    return Outcome.objects.create(plan=row, **fields)


@transaction.atomic
def edit_outcome(*, outcome: Outcome, fields: Mapping[str, Any], version: int, by: User) -> Outcome:
    """Change an outcome of the version in force. Raises ChangedMeanwhile, or Refused where a newer has followed."""
    plan = _in_force(outcome.plan)
    row = Outcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    _check_number(plan, fields["number"], row)
    save_fields(row, fields, version)
    return row


@transaction.atomic
def set_status(
    *, outcome: Outcome, status: str, closed_on: date | None, note: str, version: int, by: User
) -> Outcome:
    """Mark an outcome achieved or no longer sought on a day, or open it again. Raises ChangedMeanwhile, Refused."""
    _in_force(outcome.plan)
    row = Outcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    closed = status != Outcome.Status.OPEN
    fields = {"closed_on": closed_on if closed else None, "closed_note": note if closed else ""}
    save_fields(row, {"status": status, **fields}, version)
    return row


@transaction.atomic
def remove_outcome(*, outcome: Outcome, by: User) -> None:
    """Take an outcome out of the version in force. Raises Refused, also if something stands on it."""
    _in_force(outcome.plan)
    try:
        outcome.delete()
    except ProtectedError as error:
        no = "Other entries are linked to this outcome. Mark it as no longer sought instead"
        raise Refused(no) from error


def _lock(student_id: int) -> None:
    """One writer at a time over all versions of a student's plan."""
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student_id)


def _in_force(plan: EhcPlan) -> EhcPlan:
    """The plan, locked with its student, if nothing newer has followed."""
    _lock(plan.student_id)
    row = EhcPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if EhcPlan.objects.filter(student=row.student_id, number__gt=row.number).exists():
        raise Refused(FOLLOWED.format(row.number))
    return row


def _check_issued(student_id: int, number: int, issued_on: date) -> None:
    before = EhcPlan.objects.filter(student=student_id, number=number - 1).first()
    if before is not None and issued_on < before.issued_on:
        no = f"Version {before.number} was issued on {before.issued_on:%-d %B %Y}. Choose that day or later"
        raise Refused(no, "issued_on")


def _check_number(plan: EhcPlan, number: int, outcome: Outcome | None = None) -> None:
    taken = plan.outcomes.filter(number=number)
    if outcome is not None:
        taken = taken.exclude(pk=outcome.pk)
    if taken.exists():
        raise Refused(f"Outcome {number} is in this version already. Choose another number", "number")


def _file_name() -> str:
    """A name that says nothing of whom it is about."""
    return f"{get_random_string(24)}.pdf"

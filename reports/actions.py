"""Ordering, making, releasing and withdrawing reports."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Count, F

from keywork import clock, school
from keywork.access import Can
from keywork.models import User
from students.models import FamilyLink, Student

from . import rendering
from .kinds import KINDS
from .models import Batch, Recipient, Report


class ReportRefused(ValueError):
    """The report cannot be released or withdrawn; the text says why."""


@transaction.atomic
def order_batch(
    *, kind: str, term: str, students: Sequence[Any], by: User, whole_school: bool = False
) -> Batch:
    """Order reports for these students, as known today; they are made in the background after commit."""
    from .tasks import render_batch  # the task calls make_reports below: only one of the two can import first

    batch = Batch.objects.create(
        kind=KINDS[kind].slug,
        term=school.load().calendar.term(term).id,
        known_on=clock.today(),
        total=len(students),
        whole_school=whole_school,
        created_by=by,
        created_at=clock.now(),
    )
    ids = [student.pk for student in students]
    transaction.on_commit(lambda: render_batch.delay(batch.pk, ids))
    return batch


def make_reports(*, batch: Batch, student_ids: Iterable[int]) -> int:
    """Render what is not made yet; returns how many were made here.

    Safe to run twice and by two workers at once. Whoever ordered must still be allowed to when it runs.
    """
    done = set(batch.reports.values_list("student", flat=True))
    wanted = [pk for pk in student_ids if pk not in done]
    students = list(Student.objects.visible_to(batch.created_by, Can.MAKE_REPORTS).filter(pk__in=wanted))
    facts = school.load()
    kind, term = KINDS[batch.kind], facts.calendar.term(batch.term)
    contexts = kind.build(students, term, batch.known_on, facts)
    made = 0
    for student in students:
        html = rendering.page(kind.template, contexts[student.pk])
        made += _keep(batch, student, kind.title(student, term), rendering.pdf(html))
    _finish(batch, refused=len(wanted) - len(students))
    return made


def _keep(batch: Batch, student: Student, title: str, pdf: rendering.Pdf) -> bool:
    report = Report(
        batch=batch,
        student=student,
        kind=batch.kind,
        term=batch.term,
        title=title,
        known_on=batch.known_on,
        sha256=hashlib.sha256(pdf.content).hexdigest(),
        pages=pdf.pages,
        rendered_at=clock.now(),
    )
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError:  # another worker was first
        return False
    # The name says nothing: files are only ever served through a view that asks `access`.
    report.pdf.save(f"{uuid.uuid4().hex}.pdf", ContentFile(pdf.content), save=False)
    report.save(update_fields=["pdf"])
    return True


def _finish(batch: Batch, refused: int) -> None:
    if refused:  # no longer theirs to ask for, or gone: the batch is that much smaller
        Batch.objects.filter(pk=batch.pk).update(total=F("total") - refused)
    made = Batch.objects.annotate(made=Count("reports")).filter(
        pk=batch.pk, made__gte=F("total"), finished_at__isnull=True
    )
    Batch.objects.filter(pk__in=made.values("pk")).update(finished_at=clock.now())


@transaction.atomic
def release(*, reports: Iterable[Report], by: User) -> int:
    """Release to every parent and carer who may have reports, each in their own envelope; returns how many.

    Already released or withdrawn reports are passed over. A restriction in force today beats every flag.
    """
    from .tasks import tell_recipients  # see order_batch

    today, now = clock.today(), clock.now()
    rows = Report.objects.select_for_update().filter(
        pk__in=[report.pk for report in reports],
        released_at__isnull=True,
        withdrawn_at__isnull=True,
        failed="",
    )
    ready = list(rows.filter(rendered_at__isnull=False))
    links = FamilyLink.objects.for_reports(today).filter(student__in=[report.student_id for report in ready])
    members: dict[int, list[int]] = {}
    for student_id, member_id in links.values_list("student", "member"):
        members.setdefault(student_id, []).append(member_id)
    Recipient.objects.bulk_create(
        [
            Recipient(report=report, member_id=member_id, sent_at=now)
            for report in ready
            for member_id in members.get(report.student_id, [])
        ],
        ignore_conflicts=True,
    )
    ids = [report.pk for report in ready]
    Report.objects.filter(pk__in=ids).update(released_at=now, released_by=by)
    if ids:
        transaction.on_commit(lambda: tell_recipients.delay(ids))
    return len(ids)


@transaction.atomic
def withdraw(*, report: Report, reason: str, by: User) -> Report:
    """Take a report back: families no longer see it; it stays on record with the reason."""
    row = Report.objects.select_for_update().get(pk=report.pk)
    if row.withdrawn_at is not None:
        raise ReportRefused("This report has been withdrawn already.")
    row.withdrawn_at, row.withdrawn_by, row.withdrawal_reason = clock.now(), by, reason
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    return row


def opened_by(*, report: Report, user: User) -> None:
    """Remember when a recipient first opened the report."""
    Recipient.objects.filter(report=report, member__user=user, opened_at__isnull=True).update(
        opened_at=clock.now()
    )

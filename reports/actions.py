"""Ordering, making, releasing and withdrawing reports."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Count, F

from keywork import clock, school
from keywork.access import Can
from keywork.models import User
from students.models import Student

from . import rendering
from .kinds import KINDS
from .models import Batch, Recipient, Report
from .release import State, release_rows


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
        papers = [(one, rendering.pdf(rendering.page(kind.template, one))) for one in contexts[student.pk]]
        with transaction.atomic():  # all of one student's or none: whoever has one is taken for done
            for one, pdf in papers:
                made += _keep(
                    batch, student, one["household"], kind.title(student, term, one["written_for"]), pdf
                )
    _finish(batch, refused=len(wanted) - len(students))
    return made


def _keep(batch: Batch, student: Student, household: str, title: str, pdf: rendering.Pdf) -> bool:
    report = Report(
        batch=batch,
        student=student,
        household=household,
        kind=batch.kind,
        term=batch.term,
        title=title,
        known_on=batch.known_on,
        sha256=hashlib.sha256(pdf.content).hexdigest(),
        pages=pdf.pages,
        missing_signs=pdf.missing[:100],
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
    made = Batch.objects.annotate(made=Count("reports__student", distinct=True)).filter(
        pk=batch.pk, made__gte=F("total"), finished_at__isnull=True
    )
    Batch.objects.filter(pk__in=made.values("pk")).update(finished_at=clock.now())


@dataclass(frozen=True, slots=True)
class Released:
    """What one release did: reports that went to anybody, people told by e-mail, copies that need paper."""

    reports: int
    told: int
    paper: int


@transaction.atomic
def release(*, reports: Iterable[Report], by: User, to: Collection[str] | None = None) -> Released:
    """Release to parents and carers, each in their own envelope; whoever was sent one before gets no second.

    `to` holds the keys of the rows of the release list that were ticked; None means everyone who may have it.
    A hold in force, a restriction in force and a withdrawn report beat every tick. Nobody is told twice.
    """
    from .tasks import tell_recipients  # see order_batch

    today, now = clock.today(), clock.now()
    ids = [report.pk for report in reports]
    # A hold is placed under the same lock: it comes before the release or after it.
    owners = Report.objects.filter(pk__in=ids).values("student")
    list(Student.objects.select_for_update().filter(pk__in=owners).order_by("pk").values_list("pk"))
    ready = Report.objects.select_for_update().releasable().filter(pk__in=ids)
    going = [
        row for row in release_rows(ready.order_by("pk"), today) if row.goes and (to is None or row.key in to)
    ]
    sent = Recipient.objects.bulk_create(
        Recipient(
            report=row.report,
            member_id=row.link.member_id,
            sent_at=now,
            sent_by=by,
            channel=Recipient.Channel.PAPER if row.state is State.PAPER else Recipient.Channel.EMAIL,
        )
        for row in going
        if row.link is not None
    )
    reached = {row.report.pk for row in going}
    Report.objects.filter(pk__in=reached, released_at__isnull=True).update(released_at=now, released_by=by)
    mailed = [one for one in sent if one.channel == Recipient.Channel.EMAIL]
    if mailed:
        transaction.on_commit(lambda: tell_recipients.delay([one.pk for one in mailed]))
    return Released(len(reached), len({one.member_id for one in mailed}), len(sent) - len(mailed))


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

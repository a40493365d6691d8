"""Ordering, making, releasing and withdrawing reports."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.db.models import Count, F, Q, QuerySet

from keywork import clock, replica, school
from keywork.access import Can
from keywork.errors import Refused
from keywork.models import User
from outbox import actions as outbox
from outbox import errors
from outbox.kinds import NotDone
from outbox.models import Job, JobQuerySet
from students.models import Student

from . import rendering
from .kinds import KINDS, ReportKind
from .models import Batch, BatchStudent, Letterhead, OutsideCopy, Recipient, Report
from .outside.actions import send as send_outside
from .release import State, release_rows

logger = logging.getLogger(__name__)

MAKE, MAKE_MANY = "reports.make", "reports.make_many"  # an order of one job, and a larger one
# Students of a batch who have their reports, each with its file.
MADE = Count("reports__student", filter=Q(reports__failed="") & ~Q(reports__pdf=""), distinct=True)
# Reports of a batch that went out and were not taken back.
RELEASED = Count(
    "reports", filter=Q(reports__released_at__isnull=False, reports__withdrawn_at__isnull=True), distinct=True
)
AT_A_TIME = 20  # students a job: small enough to share out, large enough to share queries
# So often a worker may be stopped at one student before it is taken for the student's fault.
STOPPED_AT_MOST = 5


@transaction.atomic
def order_batch(
    *, kind: str, term: str, students: Sequence[Any], by: User, whole_school: bool = False
) -> Batch:
    """Order reports for these students, as known today; they are made in the background after commit."""
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
    BatchStudent.objects.bulk_create(BatchStudent(batch=batch, student_id=pk) for pk in ids)
    _ask_for(batch, ids)
    return batch


@transaction.atomic
def make_the_rest(*, batch: Batch, by: User) -> int:
    """Whoever of an order has no report yet gets one after all, also after it was cancelled; for how many."""
    row = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    missing = to_make(row)
    ids = list(missing.values_list("student_id", flat=True))
    missing.update(state=BatchStudent.State.WAITING, tries=0, error="")
    row.cancelled_at = row.cancelled_by = None
    row.save(update_fields=["cancelled_at", "cancelled_by"])
    _ask_for(row, ids)
    return len(ids)


@transaction.atomic
def cancel_batch(*, batch: Batch, by: User) -> Batch:
    """Nothing more of it is made; what is made stays. Raises Refused where nothing is left to make."""
    row = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.cancelled_at is not None or not to_make(row).exists():
        raise Refused("Nothing of this order is being made any more.")
    row.cancelled_at, row.cancelled_by = clock.now(), by
    row.save(update_fields=["cancelled_at", "cancelled_by"])
    outbox.give_up(jobs=jobs_of(row).values_list("pk", flat=True), by=by)
    return row


def to_make(batch: Batch) -> QuerySet[BatchStudent]:
    return batch.students.filter(state__in=[BatchStudent.State.WAITING, BatchStudent.State.FAILED])


def jobs_of(batch: Batch) -> JobQuerySet:
    parts = -(-batch.total // AT_A_TIME) or 1
    return Job.objects.filter(
        kind__in=[MAKE, MAKE_MANY], key__in=[f"{batch.pk}-{number}" for number in range(parts)]
    )


def _ask_for(batch: Batch, ids: Sequence[int]) -> None:
    """Share the students out among the workers. Who ordered few does not wait until a whole school's are made."""
    kind = MAKE if batch.students.count() <= AT_A_TIME else MAKE_MANY
    for number, start in enumerate(range(0, len(ids), AT_A_TIME)):
        some = list(ids[start : start + AT_A_TIME])
        outbox.do(kind, key=f"{batch.pk}-{number}", batch=batch.pk, students=some)


def make_reports(*, batch: Batch, student_ids: Iterable[int]) -> int:
    """Make what is not made yet, here and now; how many reports. Raises outbox.kinds.NotDone."""
    before = batch.reports.count()
    for _ in making(batch=batch, student_ids=student_ids):
        pass
    return batch.reports.count() - before


def making(*, batch: Batch, student_ids: Iterable[int]) -> Iterator[None]:
    """Make the reports of these students, yielding after each one whose reports are made.

    Safe to run twice and by two workers at once. Whoever ordered must still be allowed to when it runs. One student
    whose report cannot be made costs the others nothing; it is written down, and at the end said by NotDone. A full
    disk or a database that is gone is no fault of a student's: it is raised, and everybody left waits.
    """
    ids = list(student_ids)
    BatchStudent.objects.bulk_create(
        [BatchStudent(batch=batch, student_id=pk) for pk in ids], ignore_conflicts=True
    )
    rows = _to_make(batch, ids)
    students = Student.objects.visible_to(batch.created_by, Can.MAKE_REPORTS).in_bulk(list(rows))
    _leave_out(batch, [row for pk, row in rows.items() if pk not in students])
    facts, letterhead = school.load(), Letterhead.now()
    kind, term = KINDS[batch.kind], facts.calendar.term(batch.term)
    built = _built(batch, [students[pk] for pk in rows if pk in students], kind, term, facts)
    failed = 0
    for pk, contexts in built:
        row, student = rows[pk], students[pk]
        if not _begin(row):
            continue
        try:
            if isinstance(contexts, Exception):
                raise contexts
            if row.tries > STOPPED_AT_MOST:
                raise NotDone("The worker was stopped each time it was at it.")
            pages = [rendering.page(kind.template, one | {"letterhead": letterhead}) for one in contexts]
            papers = list(zip(contexts, map(rendering.pdf, pages), strict=True))
            titles = [kind.title(student, term, one["written_for"]) for one, _ in papers]
            made = _keep(row, papers, titles)
        except (OSError, MemoryError, DatabaseError):
            BatchStudent.objects.filter(pk=row.pk).update(tries=0)
            raise
        except Exception as error:  # noqa: BLE001  of one student, whatever it is: the others are made
            logger.warning("A report of batch %s could not be made: %s", batch.pk, errors.where(error))
            row.state, row.error = BatchStudent.State.FAILED, f"{errors.in_words(error)}."[:300]
            row.save(update_fields=["state", "error"])
            failed += 1
            continue
        if made:
            yield
    _finish(batch)
    if failed:
        raise NotDone(f"{failed} of {len(rows)} reports could not be made.")


def _to_make(batch: Batch, ids: Sequence[int]) -> dict[int, BatchStudent]:
    """Rows of students who have no report yet, those that were begun least often first."""
    done = batch.reports.filter(student__in=ids, failed="").exclude(pdf="").values("student")
    rows = batch.students.filter(student__in=ids).exclude(state=BatchStudent.State.NOT_ALLOWED)
    rows.filter(student__in=done).update(state=BatchStudent.State.MADE, error="")
    missing = rows.exclude(state=BatchStudent.State.MADE).order_by("tries", "pk")
    return {row.student_id: row for row in missing}


def _leave_out(batch: Batch, rows: Sequence[BatchStudent]) -> None:
    """No longer theirs to ask for, or gone: the batch is that much smaller."""
    left = BatchStudent.objects.filter(pk__in=[row.pk for row in rows]).exclude(
        state=BatchStudent.State.NOT_ALLOWED
    )
    with transaction.atomic():
        less = left.update(state=BatchStudent.State.NOT_ALLOWED)
        Batch.objects.filter(pk=batch.pk).update(total=F("total") - less)


def _built(
    batch: Batch, students: Sequence[Student], kind: ReportKind, term: Any, facts: school.SchoolFacts
) -> Iterator[tuple[int, Sequence[dict[str, Any]] | Exception]]:
    """What each student's pages say, all at once; one by one where that fails, so that one alone is at fault."""
    try:
        found = replica.read(lambda: kind.build(students, term, batch.known_on, facts))
    except (OSError, MemoryError, DatabaseError):
        raise
    except Exception as error:  # noqa: BLE001  which student it is about is not known yet
        if len(students) == 1:
            yield students[0].pk, error
            return
        for student in students:
            yield from _built(batch, [student], kind, term, facts)
        return
    for student in students:
        yield student.pk, found[student.pk]


def _begin(row: BatchStudent) -> bool:
    """Write down that it is begun, so that what stops its worker each time is found; False once it is cancelled."""
    row.tries += 1
    going = BatchStudent.objects.filter(pk=row.pk, batch__cancelled_at__isnull=True)
    return bool(going.update(tries=row.tries, state=BatchStudent.State.WAITING))


def _keep(
    row: BatchStudent, papers: Sequence[tuple[dict[str, Any], rendering.Pdf]], titles: Sequence[str]
) -> bool:
    """Files first, then all rows of the student or none; False when another worker was first."""
    written: list[str] = []
    try:
        files = []
        for _, pdf in papers:
            name, is_new = _write(pdf.content)
            files.append(name)
            written += [name] if is_new else []
        with transaction.atomic():
            locked = BatchStudent.objects.select_for_update(of=("self",)).get(pk=row.pk)
            if locked.state != BatchStudent.State.MADE:
                made = [_made_with(row.batch, *one) for one in zip(papers, titles, files, strict=True)]
                Report.objects.bulk_create(
                    [Report(batch=row.batch, student_id=row.student_id, **one) for one in made],
                    update_conflicts=True,
                    unique_fields=["batch", "student", "household"],
                    update_fields=[name for name in made[0] if name != "household"],
                )
                locked.state, locked.error = BatchStudent.State.MADE, ""
                locked.save(update_fields=["state", "error"])
                written = []
                return True
    finally:
        for name in written:  # nobody's: the rows were not written
            with suppress(OSError):
                default_storage.delete(name)
    return False


def _write(content: bytes) -> tuple[str, bool]:
    """Keep a file under the name of its content, which says nothing to who reads names; its name, and is it new?

    Files are only ever served through a view that asks `access`.
    """
    digest = hashlib.sha256(content).hexdigest()
    name = f"reports/{clock.today():%Y/%m}/{digest}.pdf"
    try:
        return default_storage.save(name, ContentFile(content)), True
    except OSError:
        with suppress(OSError):  # what a full disk took of it
            default_storage.delete(name)
        raise


def _made_with(
    batch: Batch, paper: tuple[dict[str, Any], rendering.Pdf], title: str, name: str
) -> dict[str, Any]:
    """Also what one is made anew with, where its file was found damaged and nobody has it yet."""
    page, pdf = paper
    return {
        "household": page["household"],
        "only_for": page.get("only_for"),
        "kind": batch.kind,
        "term": batch.term,
        "title": title,
        "known_on": batch.known_on,
        "pdf": name,
        "sha256": hashlib.sha256(pdf.content).hexdigest(),
        "pages": pdf.pages,
        "missing_signs": pdf.missing[:100],
        "printed_with": rendering.made_with(KINDS[batch.kind].template),
        "rendered_at": clock.now(),
        "failed": "",
    }


def _finish(batch: Batch) -> None:
    made = Batch.objects.annotate(made=MADE).filter(
        pk=batch.pk, made__gte=F("total"), finished_at__isnull=True
    )
    Batch.objects.filter(pk__in=made.values("pk")).update(finished_at=clock.now())


def set_aside(*, student: int, kind: str, term: str, by: User) -> None:
    """Take back what nobody has yet of a report that is written anew."""
    made = Report.objects.filter(student=student, kind=kind, term=term, withdrawn_at__isnull=True)
    made.filter(released_at__isnull=True).update(
        withdrawn_at=clock.now(), withdrawn_by=by, withdrawal_reason="Sent back to be changed."
    )


@dataclass(frozen=True, slots=True)
class Released:
    """What one release did: reports that went to anybody, people told by e-mail, copies that need paper.

    `damaged` went to nobody: their file is missing, or is not as it was made. `outside` are the copies that went by
    link, each with its code, which is kept nowhere.
    """

    reports: int
    notified: int
    paper: int
    damaged: int = 0
    outside: Sequence[tuple[OutsideCopy, str]] = ()


@transaction.atomic
def release(*, reports: Iterable[Report], by: User, to: Collection[str] | None = None) -> Released:
    """Release to parents and carers, each in their own envelope, and to people outside who were put on the list;
    whoever was sent one before gets no second.

    `to` holds the keys of the rows of the release list that were ticked; None means everyone who may have it.
    A hold in force, a restriction in force and a withdrawn report beat every tick. Nobody is told twice.
    """
    today, now = clock.today(), clock.now()
    ids = [report.pk for report in reports]
    # A hold is placed under the same lock: it comes before the release or after it.
    owners = Report.objects.filter(pk__in=ids).values("student")
    list(Student.objects.select_for_update().filter(pk__in=owners).order_by("pk").values_list("pk"))
    ready = Report.objects.select_for_update().releasable().filter(pk__in=ids)
    going = [
        row for row in release_rows(ready.order_by("pk"), today) if row.goes and (to is None or row.key in to)
    ]
    damaged = _damaged({row.report.pk: row.report for row in going}.values())
    going = [row for row in going if row.report.pk not in damaged]
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
        outbox.do("reports.released", recipients=[one.pk for one in mailed])
    notified = len({one.member_id for one in mailed})
    outside = tuple((row.outside, send_outside(row.outside, by)) for row in going if row.outside is not None)
    return Released(len(reached), notified, len(sent) - len(mailed), len(damaged), outside)


def _damaged(reports: Iterable[Report]) -> set[int]:
    """Those whose file is not as it was made. One that nobody has yet is put down as failed, to be made anew."""
    found = [report for report in reports if not report.is_whole()]
    for report in found:
        if report.released_at is None:
            report.failed = "Its file is missing or damaged."
            report.save(update_fields=["failed"])
            report.batch.students.filter(student=report.student_id).update(
                state=BatchStudent.State.FAILED, error=report.failed
            )
    return {report.pk for report in found}


@transaction.atomic
def withdraw(*, report: Report, reason: str, by: User) -> Report:
    """Take a report back: families no longer see it; it stays on record with the reason."""
    row = Report.objects.select_for_update().get(pk=report.pk)
    if row.withdrawn_at is not None:
        raise Refused("This report has been withdrawn already.")
    row.withdrawn_at, row.withdrawn_by, row.withdrawal_reason = clock.now(), by, reason
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    return row


def opened_by(*, report: Report, user: User) -> None:
    Recipient.objects.filter(report=report, member__user=user, opened_at__isnull=True).update(
        opened_at=clock.now()
    )

"""Attendance and points from upload to result, in the manner of the import of people, whose batches and rows it uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction

from keywork import clock
from keywork.errors import Refused
from keywork.models import User

from ..importing import columns, readers, weekly
from ..importing.planned import Outcome
from ..importing.source import Table
from ..importing.weekly import Kept, Known, WeekRow
from ..models import Attendance, FamilyLink, ImportBatch, Points, Student
from .imports import (
    FileReader,
    columns_of,
    delete_upload,
    finish,
    from_disk,
    keep_upload,
    locked,
    open_table,
    remember,
    write_rows,
)

WEEKS = ImportBatch.Holds.WEEKS
USUAL_SOURCE = "MIS"
TABLES: dict[str, tuple[type[Attendance] | type[Points], tuple[str, ...]]] = {
    "attendance": (Attendance, weekly.ATTENDANCE),
    "points": (Points, weekly.POINTS),
}


def last_source() -> str:
    """Where the last figures came from: a week that is put right replaces the one of the same source."""
    last = ImportBatch.objects.filter(holds=WEEKS, status=ImportBatch.Status.IMPORTED).first()
    newest = last or Attendance.objects.order_by("-starts_on", "source").first()
    return newest.source if newest else USUAL_SOURCE


@transaction.atomic
def take_in(*, file: File, source: str, week: date | None, by: User) -> ImportBatch:
    """Keep an uploaded file until someone has decided about it. Raises Refused, keeping nothing."""
    batch = ImportBatch(holds=WEEKS, source=source, week=week, by=by, by_name=by.name)
    keep_upload(batch, file, READER)
    if week is None and not weekly.problems(batch.columns) and "starts_on" not in batch.columns:
        batch.upload.delete(save=False)
        raise Refused("The rows of this file do not say which week they are of. Choose its first day", "week")
    batch.save()
    if not weekly.problems(batch.columns, week):
        _look_through(batch, by)
    return batch


def remembered_columns(table: Table) -> list[str]:
    """The columns to suggest: those of the last file of this shape, else known names."""
    last = columns_of(_shape(table.headings), weekly.BY_NAME)
    return weekly.suggest(table.headings) if last is None else last


@transaction.atomic
def preview(*, batch: ImportBatch, chosen: Sequence[str], by: User) -> ImportBatch:
    """Match the columns, remember them, and write down row by row what an import would do."""
    batch = locked(batch)
    table = open_table(batch, READER)
    remember(_shape(table.headings), list(zip(table.headings, chosen, strict=True)), by)
    batch.columns = list(chosen)
    _look_through(batch, by)
    return batch


@transaction.atomic
def carry_out(*, batch: ImportBatch, by: User) -> ImportBatch:
    """Import for good, looked through again with what is kept now. All of it, or nothing. Raises Refused."""
    batch = locked(batch)
    rows = _plan(open_table(batch, READER), batch.columns, batch.week, batch.source, by)
    _apply(rows, batch.source)
    finish(batch, rows, counts_of(rows))
    delete_upload(batch)
    return batch


@transaction.atomic
def import_file(
    *,
    path: Path,
    source: str,
    week: date | None,
    by: User | None,
    by_name: str,
    dry_run: bool = False,
    told: Callable[[Table, Sequence[str]], None] = lambda table, chosen: None,
) -> list[WeekRow]:
    """The whole import at once, for the command line; a dry run writes nothing. Raises Refused."""
    batch, table = from_disk(
        path,
        READER,
        partial(weekly.problems, week=week),
        told,
        holds=WEEKS,
        source=source,
        week=week,
        by=by,
        by_name=by_name,
    )
    rows = _plan(table, batch.columns, week, source, by)
    if not dry_run:
        _apply(rows, source)
        finish(batch, rows, counts_of(rows))
    return rows


def counts_of(rows: Sequence[WeekRow]) -> dict[str, int]:
    """How many rows there are of each outcome, and how many weeks of each table are new or put right."""
    counts = {f"rows_{outcome}": 0 for outcome in Outcome.values} | {"rows": len(rows), "rows_warned": 0}
    counts |= dict.fromkeys(("attendance", "points", "replaced"), 0)
    for row in rows:
        counts[f"rows_{row.outcome}"] += 1
        if row.outcome != Outcome.REJECT:
            for name in row.facts:
                counts["replaced" if name in row.replaces else name] += 1
    return counts


def _shape(headings: Sequence[str]) -> str:
    return columns.shape([WEEKS, *headings])


READER = FileReader(partial(readers.read_weekly, known=weekly.known_headings), remembered_columns)


def _look_through(batch: ImportBatch, by: User) -> None:
    rows = _plan(open_table(batch, READER), batch.columns, batch.week, batch.source, by)
    batch.status, batch.counts = ImportBatch.Status.PREVIEWED, counts_of(rows)
    batch.save()
    write_rows(batch, rows, keep_values=False)


def _plan(
    table: Table, chosen: Sequence[str], week: date | None, source: str, by: User | None
) -> list[WeekRow]:
    today = clock.today()
    known = Known({}, {}, frozenset(), {name: defaultdict(list) for name in TABLES}, today)
    # First without what is kept, so that it is known which days to read.
    rows = weekly.plan(table, chosen, week, _people(known, by))
    days = [
        day for row in rows for day in (row.starts_on, row.ends_on) if day and row.outcome != Outcome.REJECT
    ]
    if not days:
        return rows
    return weekly.plan(table, chosen, week, _kept(known, source, min(days), max(days)))


def _people(known: Known, by: User | None) -> Known:
    students = list(Student.objects.only("pk", "mis_id", "upn", "known_as", "surname"))
    known.by_mis_id = {student.mis_id: student for student in students if student.mis_id}
    known.by_upn = {student.upn: student for student in students if student.upn}
    if by is not None:
        known.shut_out = frozenset(FamilyLink.objects.of_account(by).values_list("student_id", flat=True))
    return known


def _kept(known: Known, source: str, first: date, last: date) -> Known:
    for name, (model, fields) in TABLES.items():
        kept: defaultdict[int, list[Kept]] = defaultdict(list)
        for one in model.objects.filter(source=source).between(first, last):
            facts = {field: getattr(one, field) for field in fields}
            kept[one.student_id].append(Kept(one.pk, one.starts_on, one.ends_on, facts))
        known.kept = {**known.kept, name: kept}
    return known


def _apply(rows: Sequence[WeekRow], source: str) -> None:
    now = clock.now()
    for name, (model, fields) in TABLES.items():
        new: list[Any] = []
        changed: list[Any] = []
        for row in rows:
            if row.outcome == Outcome.REJECT or name not in row.facts:
                continue
            assert row.starts_on is not None and row.ends_on is not None
            one = model(
                pk=row.replaces.get(name), student_id=row.student_id, starts_on=row.starts_on,
                ends_on=row.ends_on, source=source, recorded_at=now, **row.facts[name],
            )  # fmt: skip
            (changed if one.pk else new).append(one)
        model._default_manager.bulk_create(new, batch_size=1000)
        if changed:
            model._default_manager.bulk_update(changed, ["ends_on", "recorded_at", *fields], batch_size=500)

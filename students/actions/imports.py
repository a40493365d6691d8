"""An import from upload to result. The file is kept only while someone decides, and deleted when they have."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files import File
from django.db import connection, transaction
from django.utils.crypto import get_random_string

from keywork import clock
from keywork.actions.assignments import end_all
from keywork.errors import Refused
from keywork.models import User
from keywork.names import one_line
from keywork.spreadsheet import harmless
from outbox import actions as outbox

from .. import leaving
from ..importing import apply, columns, people, plan, readers, weekly
from ..importing.planned import FileRow, Outcome, Plan
from ..importing.source import Table, size_and_hash
from ..models import ImportBatch, ImportMapping, ImportRow
from ..models.imports import KEEP_FOR
from .family import link_staff_parents
from .students import record_leaving

RELATIONSHIPS = "relationships"  # the shape under which the words for a CTF's codes are remembered
_ONE_AT_A_TIME = 0x4B57_0001  # advisory lock: "KW", imports
FINISHED = "This import was finished already"


class FileReader(NamedTuple):
    """How a file is read that holds people, or weeks: into a table, and a column for each of its headings."""

    read: Callable[[Path, str], Table]
    columns: Callable[[Table], list[str]]

    def suggested(self, table: Table) -> list[str]:
        return list(table.headings) if table.canonical else self.columns(table)


def remembered_columns(table: Table) -> list[str]:
    """The columns to suggest: those of the last file of this shape, else what each heading last meant, else known names."""
    headings = table.headings
    last = columns_of(columns.shape(headings), columns.BY_NAME)
    if last is not None:
        return last
    meanings: dict[str, str] = {}
    for mapping in ImportMapping.objects.exclude(shape=RELATIONSHIPS)[:20]:
        for heading, name in mapping.columns:
            if name:
                meanings.setdefault(columns.plain(heading), name)
    empty = {place for place in range(len(headings)) if not any(row.cells[place] for row in table.rows)}
    return columns.suggest(headings, meanings, empty)


def columns_of(shape: str, known: Collection[str]) -> list[str] | None:
    """What the columns of the last file of a shape were matched to."""
    last = ImportMapping.objects.filter(shape=shape).first()
    return None if last is None else [name if name in known else "" for _, name in last.columns]


PEOPLE = FileReader(readers.read, remembered_columns)


def relationship_words() -> dict[str, str]:
    """The school's words for the relationship codes of a CTF."""
    kept = ImportMapping.objects.filter(shape=RELATIONSHIPS).first()
    return dict(kept.columns) if kept else {}


def remember_relationships(*, words: Mapping[str, str], by: User | None) -> None:
    """Keep what codes mean; those not named keep their meaning."""
    kept = {
        **relationship_words(),
        **{code.upper(): word.strip() for code, word in words.items() if word.strip()},
    }
    remember(RELATIONSHIPS, sorted(kept.items()), by)


def remember(shape: str, pairs: Sequence[tuple[str, str]], by: User | None) -> None:
    ImportMapping.objects.update_or_create(
        shape=shape, defaults={"columns": [list(pair) for pair in pairs], "used_at": clock.now(), "by": by}
    )


@transaction.atomic
def take_in(*, file: File, by: User) -> ImportBatch:
    """Keep an uploaded file until someone has decided about it. Raises Refused, keeping nothing."""
    batch = ImportBatch(by=by, by_name=by.name)
    keep_upload(batch, file, PEOPLE)
    batch.save()
    return batch


def keep_upload(batch: ImportBatch, file: File, reader: FileReader) -> None:
    """The file of a batch that is not saved yet, and its columns. Raises Refused, keeping nothing."""
    purge(before=clock.now() - KEEP_FOR)
    name = file.name or ""
    batch.size, batch.sha256 = size_and_hash(file.open("rb"), settings.IMPORT_MAX_BYTES)
    file.seek(0)
    batch.file_name, batch.at = one_line(Path(name).name)[-200:], clock.now()
    batch.upload.save(get_random_string(32), file, save=False)
    try:
        table = _read(batch, name, reader)
    except Refused:
        batch.upload.delete(save=False)
        raise
    batch.kind, batch.columns = table.kind, reader.suggested(table)


def from_disk(
    path: Path,
    reader: FileReader,
    problems: Callable[[Sequence[str]], list[str]],
    told: Callable[[Table, Sequence[str]], None],
    **facts: Any,
) -> tuple[ImportBatch, Table]:
    """A batch, not saved yet, of a file for the command line, with the table in it.

    `told` gets the table and what its columns were matched to, before anything is done with them. Raises Refused for
    a file that cannot be used, also when its headings do not say what they are.
    """
    wait_for_others()
    with path.open("rb") as file:
        size, sha256 = size_and_hash(file, settings.IMPORT_MAX_BYTES)
    table = reader.read(path, path.name)
    chosen = reader.suggested(table)
    told(table, chosen)
    if wrong := problems(chosen):
        raise Refused(
            " ".join([*wrong, "Import this file once in the browser, where its columns can be matched."])
        )
    facts |= {"file_name": path.name[-200:], "size": size, "sha256": sha256}
    return ImportBatch(kind=table.kind, columns=chosen, at=clock.now(), **facts), table


def open_table(batch: ImportBatch, reader: FileReader = PEOPLE) -> Table:
    """The file of an import that is still open. Raises Refused once it is not."""
    if not batch.is_open or not batch.upload:
        raise Refused(FINISHED)
    try:
        return _read(batch, f"file.{ENDINGS[batch.kind]}", reader)
    except FileNotFoundError as error:
        raise Refused(FINISHED) from error


def _read(batch: ImportBatch, name: str, reader: FileReader) -> Table:
    """The readers want a file of this computer; the upload may be kept elsewhere."""
    with batch.upload.storage.open(str(batch.upload.name)) as kept, NamedTemporaryFile() as file:
        shutil.copyfileobj(kept, file)
        file.flush()
        return reader.read(Path(file.name), name)


ENDINGS = {"csv": "csv", "xlsx": "xlsx", "ctf": "xml"}


@transaction.atomic
def preview(*, batch: ImportBatch, chosen: Sequence[str], by: User, match_names: bool = False) -> ImportBatch:
    """Match the columns, remember them, and write down row by row what an import would do."""
    batch = locked(batch)
    table = open_table(batch)
    if not table.canonical:
        remember(columns.shape(table.headings), list(zip(table.headings, chosen, strict=True)), by)
    batch.columns, batch.match_names, batch.choices = list(chosen), match_names, {}
    made = _plan(table, batch.columns, by, match_names=match_names)
    _say_what_ends(made, by)
    write_rows(batch, made.rows, keep_values=False)
    batch.status, batch.counts = ImportBatch.Status.PREVIEWED, made.counts()
    batch.leavers = [student.pk for student in made.leavers]
    batch.save(update_fields=["columns", "match_names", "choices", "status", "counts", "leavers"])
    return batch


@transaction.atomic
def carry_out(
    *,
    batch: ImportBatch,
    by: User,
    choices: Mapping[str, str] | None = None,
    match_names: bool = False,
    leavers: Sequence[int] = (),
    last_day: date | None = None,
) -> ImportBatch:
    """Import for good, planned again from the file and the people as they are now. All of it, or nothing.

    `choices` answers for rows that ask; rows still asking are left out. `leavers` are ids among those proposed,
    who leave on `last_day`. Raises Refused.
    """
    batch = locked(batch)
    table = open_table(batch)
    batch.choices, batch.match_names = dict(choices or {}), match_names
    made = _plan(table, batch.columns, by, match_names=match_names, choices=batch.choices)
    _apply(made, by)
    wanted = set(leavers) if last_day else set()
    gone = [student for student in made.leavers if student.pk in wanted]
    for student in gone:
        assert last_day is not None
        record_leaving(student=student, last_day=last_day, by=by)
    finish(batch, made.rows, {**made.counts(), "leavers": len(gone)})
    delete_upload(batch)
    return batch


@transaction.atomic
def import_file(
    *,
    path: Path,
    by: User | None,
    by_name: str,
    match_names: bool = False,
    dry_run: bool = False,
    told: Callable[[Table, Sequence[str]], None] = lambda table, chosen: None,
) -> tuple[Plan, ImportBatch | None]:
    """The whole import at once, for the command line (`from_disk`). A dry run writes nothing at all. Raises Refused."""
    batch, table = from_disk(
        path, PEOPLE, columns.problems, told, by=by, by_name=by_name, match_names=match_names
    )
    made = _plan(table, batch.columns, by, match_names=match_names)
    if dry_run:
        return made, None
    _apply(made, by)
    finish(batch, made.rows, {**made.counts(), "leavers": 0})
    return made, batch


@transaction.atomic
def cancel(*, batch: ImportBatch, by: User) -> ImportBatch:
    """Forget the file and its preview; that there was one is kept."""
    batch = locked(batch)
    if not batch.is_open:
        raise Refused(FINISHED)
    batch.rows.all().delete()
    batch.status = ImportBatch.Status.CANCELLED
    batch.save(update_fields=["status"])
    delete_upload(batch)
    return batch


@transaction.atomic
def purge(*, before: Any) -> int:
    """Imports nobody finished are cancelled, and rows left out lose their values. Returns how many were cancelled."""
    stale = list(
        ImportBatch.objects.select_for_update(of=("self",)).filter(
            at__lt=before, status__in=[ImportBatch.Status.WAITING, ImportBatch.Status.PREVIEWED]
        )
    )
    for batch in stale:
        batch.status = ImportBatch.Status.CANCELLED
        batch.save(update_fields=["status"])
        batch.rows.all().delete()
        delete_upload(batch)
    ImportRow.objects.filter(batch__at__lt=before).exclude(values={}).update(values={})
    return len(stale)


def rejected_lines(batch: ImportBatch) -> list[list[Any]]:
    """The rows left out, in the columns of the file's meaning, with why, under a line of headings."""
    rows = list(batch.rows.filter(outcome__in=[Outcome.REJECT, Outcome.ASK]))
    known = weekly.COLUMNS if batch.holds == ImportBatch.Holds.WEEKS else columns.COLUMNS
    shown = [column for column in known if any(column.name in row.values for row in rows)]
    lines: list[list[Any]] = [["row", "reason", *(column.label for column in shown)]]
    for row in rows:
        cells = [" ".join(row.reasons), *(row.values.get(column.name, "") for column in shown)]
        lines.append([row.number, *map(harmless, cells)])
    return lines


def _plan(
    table: Table,
    chosen: Sequence[str],
    by: User | None,
    *,
    match_names: bool = False,
    choices: Mapping[str, str] | None = None,
) -> Plan:
    return plan.make(
        table,
        chosen,
        people.load(by),
        today=clock.today(),
        match_names=match_names,
        choices=choices,
        relationships=relationship_words() if table.kind == "ctf" else None,
    )


def _say_what_ends(made: Plan, by: User) -> None:
    """Of those whose last day on roll the file sets: what ends with it, as their details say it."""
    for student in made.students:
        if student.existing is not None and "left_on" in student.changed and not student.ended:
            student.first.changes += leaving.preview(student.existing, student.fields["left_on"], by=by).lines


def _apply(made: Plan, by: User | None) -> None:
    for student in apply.carry_out(made):
        assert student.left_on is not None
        end_all(student=student, ends_on=student.left_on, by=by)
    link_staff_parents([member.row for member in made.members])


def finish(batch: ImportBatch, rows: Sequence[FileRow], counts: dict[str, int]) -> None:
    batch.status, batch.imported_at, batch.counts = ImportBatch.Status.IMPORTED, clock.now(), counts
    batch.save()
    write_rows(batch, rows, keep_values=True)


def write_rows(batch: ImportBatch, rows: Sequence[FileRow], *, keep_values: bool) -> None:
    batch.rows.all().delete()
    ImportRow.objects.bulk_create(
        (
            ImportRow(
                batch=batch,
                number=row.number,
                outcome=row.outcome,
                label=row.label[:250],
                reasons=row.reasons,
                warnings=row.warnings,
                changes=row.changes if row.goes_in else [],
                options=[list(option) for option in row.options or row.contact_options],
                values=row.values if keep_values and not row.goes_in else {},
            )
            for row in rows
        ),
        batch_size=1000,
    )


def wait_for_others() -> None:
    """Imports wait for one another, so that two never make the same person twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])


def locked(batch: ImportBatch) -> ImportBatch:
    wait_for_others()
    return ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)


def delete_upload(batch: ImportBatch) -> None:
    """Forget the file's name now, and the file once that is sure."""
    name = batch.upload.name
    if not name:
        return
    batch.upload = ""
    batch.save(update_fields=["upload"])
    outbox.do("students.delete_file", name=name)

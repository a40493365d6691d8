"""Importing people: a file, its columns, every row looked through, then in. Nothing changes before the last step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from keywork import school
from keywork.access import Can, has_capability
from keywork.attempts import attempt
from keywork.editing import press, save
from keywork.guards import GET, GET_POST, permission_required
from keywork.http import SchoolRequest, posted
from keywork.spreadsheet import csv_answer
from keywork.words import worded

from ..actions import imports as actions
from ..forms.importing import ColumnsForm, DecideForm, RelationshipsForm, UploadForm, WeeksForm
from ..importing import weekly
from ..importing.columns import COLUMNS, NO_NUMBER, lacks_number, problems
from ..importing.source import Table
from ..leaving import Leaving, preview_all
from ..models import ImportBatch, ImportRow, Student

ROWS_A_PAGE = 50
BATCHES_SHOWN = 20
Outcome = ImportRow.Outcome
PEOPLE = ImportBatch.Holds.PEOPLE
# Filter of the rows, its words, and the count it shows.
FILTERS = (
    ("", "All rows", "rows"),
    (Outcome.CREATE, "New", "rows_create"),
    (Outcome.UPDATE, "Changed", "rows_update"),
    ("warned", "With a warning", "rows_warned"),
    ("out", "Left out", "rows_out"),
)


@permission_required(Can.IMPORT_PEOPLE, GET_POST)
def start(request: SchoolRequest) -> HttpResponse:
    """Choose a file; below it, what was imported before."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    edits = has_capability(request.user, Can.EDIT_PEOPLE)
    return upload_page(request, form, actions.take_in, PEOPLE, columns=COLUMNS, adds=edits)


def upload_page(
    request: SchoolRequest,
    form: UploadForm | WeeksForm,
    take_in: Callable[..., ImportBatch],
    holds: ImportBatch.Holds,
    **context: Any,
) -> HttpResponse:
    """The form of a file that `holds` one or the other, and what was imported before."""
    batch = save(request, form, lambda: take_in(by=request.user, **form.cleaned_data), beside="file")
    if batch is not None:
        leads_to = "students:import_columns" if holds == PEOPLE else "students:weeks_preview"
        return redirect(leads_to, pk=batch.pk)
    context |= {"form": form, "batches": ImportBatch.objects.filter(holds=holds)[:BATCHES_SHOWN]}
    template = "students/import.html" if holds == PEOPLE else "students/weeks.html"
    return render(request, template, context, status=form.status)


@permission_required(Can.IMPORT_PEOPLE, GET_POST)
def columns(request: SchoolRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk, holds=PEOPLE)
    table, _ = attempt(lambda: actions.open_table(batch))
    if table is None:  # it was finished already
        return redirect("students:import_result", pk=pk)
    if table.canonical:
        place = table.headings.index("contact_relationship")
        codes = sorted({row.cells[place].upper() for row in table.rows if row.cells[place]})
        form: Any = RelationshipsForm(posted(request), codes=codes, words=actions.relationship_words())
    else:
        form = ColumnsForm(
            posted(request), table=table, suggested=batch.columns, choices=_choices(), problems=problems
        )

    def look_through() -> None:
        if table.canonical:
            actions.remember_relationships(words=form.words(), by=request.user)
        chosen = list(table.headings) if table.canonical else form.chosen()
        actions.preview(batch=batch, chosen=chosen, by=request.user)

    if save(request, form, look_through) is not None:
        return redirect("students:import_preview", pk=pk)
    return columns_page(request, form, batch, table)


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The columns to choose from: of the student, and of the contact in the same row."""
    groups = ((worded("The student"), False), ("The contact in the same row", True))
    return [
        (words, [(one.name, worded(one.label)) for one in COLUMNS if one.of_contact is of_contact])
        for words, of_contact in groups
    ]


def columns_page(request: SchoolRequest, form: Any, batch: ImportBatch, table: Table) -> HttpResponse:
    """The columns of a file to be matched, or the codes of a CTF; 422 where an answer was refused."""
    context = {
        "form": form,
        "batch": batch,
        "table": table,
        "row_count": len(table.rows),
        "cancel_url": reverse("students:import_cancel", args=[batch.pk]),
    }
    return render(request, "students/import_columns.html", context, status=422 if form.errors else 200)


@permission_required(Can.IMPORT_PEOPLE, GET_POST)
def preview(request: SchoolRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk, holds=PEOPLE)
    if not batch.is_open:
        return redirect("students:import_result", pk=pk)
    if batch.status == ImportBatch.Status.WAITING:
        return redirect("students:import_columns", pk=pk)
    asking = batch.rows.filter(outcome=Outcome.ASK)
    leavers = Student.objects.visible_to(request.user, Can.EDIT_PEOPLE).filter(pk__in=batch.leavers)
    form = DecideForm(
        posted(request),
        batch=batch,
        asking=list(asking),
        doubtful=list(batch.rows.exclude(outcome__in=[Outcome.ASK, Outcome.REJECT]).exclude(options=[])),
        leavers=list(leavers),
    )
    status, looked_at = 422 if form.errors else 200, None
    if request.method == "POST" and form.is_valid():
        looked_at = _to_look_at(request, form.decisions(), leavers)
    if request.method == "POST" and form.is_valid() and looked_at is None:
        press(request, lambda: actions.carry_out(batch=batch, by=request.user, **form.decisions()))
        return redirect("students:import_result", pk=pk)
    context = {
        "form": form,
        "cancel_url": reverse("students:import_cancel", args=[pk]),
        "no_number": NO_NUMBER if lacks_number(batch.kind, batch.columns) else "",
        "leaving": looked_at,
        "leaving_button": "Import with this last day",
        **rows_of(request, batch),
    }
    return render(request, "students/import_preview.html", context, status=status)


def _to_look_at(
    request: SchoolRequest, decisions: dict[str, Any], leavers: QuerySet[Student]
) -> Leaving | None:
    """What the last day of those ticked would do, until it was seen as it stands now."""
    ticked = [student for student in leavers if student.pk in decisions["leavers"]]
    if not ticked:
        return None
    found = preview_all(ticked, decisions["last_day"], by=request.user)
    return None if request.POST.get("leaving") == found.token else found


@permission_required(Can.IMPORT_PEOPLE, GET_POST)
def cancel(request: SchoolRequest, pk: int) -> HttpResponse:
    """Asks once, without script too: cancelling deletes the file and the preview."""
    batch = get_object_or_404(ImportBatch, pk=pk)
    if request.method != "POST":
        return render(request, "students/import_cancel.html", {"batch": batch})
    said = f"The import of {batch.file_name} is cancelled. Nothing was changed, and the file is deleted."
    press(request, lambda: actions.cancel(batch=batch, by=request.user), said)
    return redirect("students:import" if batch.holds == PEOPLE else "students:weeks")


@permission_required(Can.IMPORT_PEOPLE, GET)
def result(request: SchoolRequest, pk: int) -> HttpResponse:
    """What came of an import, row by row, for as long as the row is kept."""
    batch = get_object_or_404(ImportBatch, pk=pk)
    if batch.is_open:
        return redirect(
            "students:import_preview" if batch.holds == PEOPLE else "students:weeks_preview", pk=pk
        )
    sets_up = has_capability(request.user, Can.SET_UP_SCHOOL) and not school.is_open()
    return render(request, "students/import_result.html", {**rows_of(request, batch), "sets_up": sets_up})


@permission_required(Can.IMPORT_PEOPLE, GET)
def left_out(request: SchoolRequest, pk: int) -> HttpResponse:
    """The rows left out with their reasons, to put right and import again."""
    batch = get_object_or_404(ImportBatch, pk=pk, status=ImportBatch.Status.IMPORTED)
    return csv_answer(f"left-out-{batch.pk}.csv", actions.rejected_lines(batch))


def rows_of(request: SchoolRequest, batch: ImportBatch) -> dict[str, Any]:
    """The rows of an import for `students/_import_rows.html`, with what its columns were taken for."""
    labels = {one.name: one.label for one in (COLUMNS if batch.holds == PEOPLE else weekly.COLUMNS)}
    counts = {
        "rows_out": batch.counts.get("rows_reject", 0) + batch.counts.get("rows_ask", 0),
        **batch.counts,
    }
    show = request.GET.get("show", "")
    return {
        "batch": batch,
        "counts": counts,
        "show": show,
        "filters": [(value, words, counts.get(key, 0), value == show) for value, words, key in FILTERS],
        "page": Paginator(_shown(batch, show), ROWS_A_PAGE).get_page(request.GET.get("page")),
        "used": [labels[name] for name in batch.columns if name in labels],
    }


def _shown(batch: ImportBatch, show: str) -> QuerySet[ImportRow]:
    rows = batch.rows.all()
    if show == "out":
        return rows.filter(outcome__in=[Outcome.REJECT, Outcome.ASK])
    if show == "warned":
        return rows.exclude(outcome__in=[Outcome.REJECT, Outcome.ASK]).exclude(warnings=[])
    return rows.filter(outcome=show) if show in Outcome.values else rows

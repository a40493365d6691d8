"""Importing attendance and points: a file, its columns if they are not known, every row looked through, then in.

Cancelling, the result and the file of rows left out are those of every import (views.importing).
"""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from keywork.access import Can
from keywork.attempts import attempt
from keywork.editing import press, save
from keywork.guards import GET_POST, permission_required
from keywork.http import SchoolRequest, posted

from ..actions import weekly as actions
from ..actions.imports import open_table
from ..forms.importing import ColumnsForm, WeeksForm
from ..importing.weekly import COLUMNS, problems
from ..models import ImportBatch
from .importing import columns_page, rows_of, upload_page

WEEKS = ImportBatch.Holds.WEEKS


@permission_required(Can.IMPORT_PEOPLE, GET_POST)
def start(request: SchoolRequest) -> HttpResponse:
    begins = {"source": actions.last_source()}
    form = WeeksForm(request.POST, request.FILES) if request.method == "POST" else WeeksForm(initial=begins)
    return upload_page(request, form, actions.take_in, WEEKS, columns=COLUMNS)


@permission_required(Can.IMPORT_PEOPLE, GET_POST)
def columns(request: SchoolRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk, holds=WEEKS)
    table, _ = attempt(lambda: open_table(batch, actions.READER))
    if table is None:  # it was finished already
        return redirect("students:import_result", pk=pk)
    form = ColumnsForm(
        posted(request),
        table=table,
        suggested=batch.columns,
        choices=[(one.name, one.label) for one in COLUMNS],
        problems=partial(problems, week=batch.week),
    )
    if save(request, form, lambda: actions.preview(batch=batch, chosen=form.chosen(), by=request.user)):
        return redirect("students:weeks_preview", pk=pk)
    return columns_page(request, form, batch, table)


@permission_required(Can.IMPORT_PEOPLE, GET_POST)
def preview(request: SchoolRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk, holds=WEEKS)
    if not batch.is_open:
        return redirect("students:import_result", pk=pk)
    if batch.status == ImportBatch.Status.WAITING:
        return redirect("students:weeks_columns", pk=pk)
    if request.method == "POST":
        press(request, lambda: actions.carry_out(batch=batch, by=request.user))
        return redirect("students:import_result", pk=pk)
    return render(request, "students/weeks_preview.html", rows_of(request, batch))

"""Keeping what a student was given, and telling what one tried; both are read on the page of what helps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from keywork.access import Can, allows
from keywork.editing import save, save_reason
from keywork.form_drafts import keeps_typed
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student
from students.record import record_form

from ..earliest import since_birth
from . import actions
from .forms import ResourceForm, TriedForm
from .models import Resource, Tried

PAGE = "tsp:what_helps"


@permission_required(Can.KEEP_PLANS, GET_POST)
@keeps_typed
def resource_add(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.KEEP_PLANS, pk=pk)
    form = since_birth(ResourceForm(posted(request)), student)
    made = save(request, form, lambda: actions.give(student=student, fields=form.details(), by=request.user))
    if made is not None:
        messages.success(request, f"{made.what} is on the page that teachers read.")
        return redirect(PAGE, pk)
    return _form(request, student, form, title=f"Something given to {student.known_as}", name="Given")


@permission_required(Can.KEEP_PLANS, GET_POST)
@keeps_typed
def resource_edit(request: SchoolRequest, pk: int, resource_id: int) -> HttpResponse:
    """How it goes, or that it is not in use any more."""
    rows = Resource.objects.select_related("student")
    row = get_visible_or_404(rows, request, Can.KEEP_PLANS, student=pk, pk=resource_id)
    form = since_birth(ResourceForm(posted(request), resource=row), row.student)
    saved = save(
        request,
        form,
        lambda: actions.change(resource=row, fields=form.details(), version=row.version, by=request.user),
    )
    if saved is not None:
        messages.success(request, "Saved.")
        return redirect(PAGE, pk)
    return _form(request, row.student, form, title=f"{row.what}: how it goes", name="How it goes")


@permission_required(Can.ADD_INPUT, GET_POST)
@keeps_typed
def tried_add(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.ADD_INPUT, pk=pk)
    form = since_birth(TriedForm(posted(request)), student)
    made = save(request, form, lambda: actions.tell_tried(student=student, by=request.user, **form.details()))
    if made is not None:
        messages.success(request, f"Thank you. Everyone who works with {student.known_as} can read it.")
        return redirect(PAGE, pk)
    return _form(request, student, form, title=f"What you tried with {student.known_as}", name="What I tried")


@permission_required(Can.ADD_INPUT, GET_POST)
@keeps_typed
def tried_void(request: SchoolRequest, pk: int, tried_id: int) -> HttpResponse:
    """By whoever wrote it, or keeps the profile."""
    rows = Tried.objects.standing().select_related("student")
    row = get_visible_or_404(rows, request, Can.ADD_INPUT, student=pk, pk=tried_id)
    if row.by_id != request.user.pk and not allows(request.user, Can.KEEP_PLANS, row.student):
        raise Http404
    form, done = save_reason(
        request,
        lambda reason: actions.void_tried(tried=row, reason=reason, by=request.user),
        button="Cross it out",
        missing="Say why it is crossed out",
        beside="reason",
    )
    if done:
        messages.success(request, "Crossed out. It is no longer on the page.")
        return redirect(PAGE, pk)
    title = "Cross out what was tried?"
    return _form(request, row.student, form, title=title, name="Cross out", words=row.what)


def _form(
    request: SchoolRequest, student: Student, form: Any, *, title: str, name: str, words: str = ""
) -> HttpResponse:
    back = reverse(PAGE, args=[student.pk])
    return record_form(request, student, "profile", form, title=title, page=name, back=back, intro=words)

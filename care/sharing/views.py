"""Showing one thing to a named person, what is shown to oneself, and what of a record is shown to whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from keywork import clock
from keywork.access import Can, allows, shut_out
from keywork.audit import looked_up, opened
from keywork.editing import EditForm, press, save
from keywork.form_drafts import keeps_typed
from keywork.forms import DateBox
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import User
from students.models import Student
from students.record import record_context, record_form

from . import actions, items
from .models import SharedItem

WEEK = timedelta(days=7)


class ShareForm(EditForm):
    user = forms.ModelChoiceField(
        label="With whom", queryset=User.objects.none(), empty_label="Choose a colleague"
    )
    reason = forms.CharField(label="Why they need to know it", max_length=300)
    until = forms.DateField(label="Until", widget=DateBox, help_text="It ends by itself after that day.")
    missing = {
        "user": "Choose a colleague",
        "reason": "Say why: they read it, and it stays in the log",
        "until": "Say until when",
    }
    button = "Show it"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, student: Student, by: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"until": clock.today() + WEEK}, **kwargs)
        staff = User.objects.filter(is_active=True, roles__contains=["staff"]).exclude(pk=by.pk)
        family = {user for user, child in shut_out(list(staff)) if child == student.pk}
        self.offer_rows("user", staff.exclude(pk__in=family).order_by("in_order", "pk"))

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        if day < clock.today():
            raise forms.ValidationError("Choose today or a later day")
        return day


@permission_required(Can.SHARE_ITEM, GET_POST)
@keeps_typed
def share(request: SchoolRequest, pk: int, what: str, item_id: int) -> HttpResponse:
    """Only of what one may read oneself."""
    student = get_visible_or_404(Student.objects.all(), request, Can.SHARE_ITEM, pk=pk)
    item = items.find(what, item_id, request.user)
    if item is None or item.student.pk != pk:
        raise Http404
    form = ShareForm(posted(request), student=student, by=request.user)
    made = save(
        request,
        form,
        lambda: actions.share(student=student, what=what, item_id=item_id, by=request.user, **form.details()),
    )
    if made is not None:
        said = f"{made.user.name} is told by e-mail, and finds it under “Shown to me” on Today."
        messages.success(request, said)
        return redirect("care:shared_of", pk)
    title, page = "Show this to a colleague", "Show to a colleague"
    intro = (
        f"{item.title}. They read this and nothing else of the record, until the day you say. "
        "They are told by e-mail that there is something. That they read it is kept."
    )
    return record_form(request, student, "people", form, title=title, page=page, back=item.url, intro=intro)


@permission_required(Can.SHARE_ITEM, GET)
def shared_of(request: SchoolRequest, pk: int) -> HttpResponse:
    """Everything of a record that was shown to a named person: to whom, why, until when, and whether they read it.

    What is no longer there, by now crossed out or written anew, is told to who showed it and to who reads all levels.
    """
    student = get_visible_or_404(Student.objects.all(), request, Can.SHARE_ITEM, pk=pk)
    opened(request, student, "what was shown to whom")
    rows = SharedItem.objects.filter(student=student).select_related("user", "shared_by")
    reads_all = allows(request.user, Can.VIEW_SAFEGUARDING, student)
    lines = []
    for row in rows:
        item = items.find(row.what, row.item_id, request.user)
        mine = reads_all or row.shared_by_id == request.user.pk
        if item is not None or (mine and items.find(row.what, row.item_id) is None):
            lines.append((row, item))
    context = {"lines": lines, "today": clock.today(), **record_context(request, student, "people")}
    return render(request, "care/sharing/list.html", context)


@permission_required(Can.SHARE_ITEM, POST)
def shared_end(request: SchoolRequest, pk: int, shared_id: int) -> HttpResponse:
    rows = SharedItem.objects.select_related("user")
    row = get_visible_or_404(rows, request, Can.SHARE_ITEM, student=pk, pk=shared_id)
    if not actions.may_end(request.user, row):
        raise Http404
    press(request, lambda: actions.end(shared=row, by=request.user), f"{row.user.name} no longer sees it.")
    return redirect("care:shared_of", pk)


@permission_required(Can.USE_TODAY, GET)
def shared_with_me(request: SchoolRequest) -> HttpResponse:
    """What colleagues show to this person now."""
    rows = SharedItem.objects.open_to(request.user, clock.today()).select_related("student", "shared_by")
    return render(request, "care/sharing/mine.html", {"rows": rows})


@permission_required(Can.USE_TODAY, GET)
def shared(request: SchoolRequest, pk: int) -> HttpResponse:
    """One thing that is shown to this person, as it is now. That they read it is told to who showed it."""
    rows = SharedItem.objects.open_to(request.user, clock.today()).select_related("student", "shared_by")
    row: SharedItem = get_object_or_404(rows, pk=pk)
    looked_up(request, row.student_id, "shared item")
    item = items.find(row.what, row.item_id)
    opened(request, row.student, "shown to them", detail=row.what if item else "no longer there")
    actions.read(shared=row)
    return render(request, "care/sharing/item.html", {"row": row, "item": item})

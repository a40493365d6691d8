"""The page on which a new keyworker reads what there is to know of a student, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import save
from keywork.forms import KeyworkForm
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student
from students.record import record_context

from . import actions
from .models import TakingOver


class ReadAllForm(KeyworkForm):
    read = forms.MultipleChoiceField(
        label="I have read", required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    button = "I have read all of it"
    shapes = {"read": "is-rows"}

    def __init__(self, *args: Any, there: Sequence[actions.ToRead], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.there = there
        self.offer("read", [(one.key, one.words) for one in there])

    def clean_read(self) -> list[str]:
        read: list[str] = self.cleaned_data["read"]
        missing = [one.words for one in self.there if one.key not in read]
        if missing:
            raise forms.ValidationError(f"Read this as well, and tick it: {missing[0]}")
        return read

    @property
    def helper(self) -> Any:
        asks = super().helper
        asks.show_optional = False
        return asks


@permission_required(Can.HAND_OVER, GET_POST)
def taking_over(request: SchoolRequest, pk: int) -> HttpResponse:
    """For the keyworker; a Head sees how it stands."""
    student = get_visible_or_404(Student.objects.all(), request, Can.HAND_OVER, pk=pk)
    post = actions.post_of(student, request.user, clock.today())
    there = actions.to_read(student, request.user, clock.today())
    done = TakingOver.objects.filter(student=student).select_related("by", "post")
    is_mine = post is not None and not any(one.post_id == post.pk for one in done)
    form = ReadAllForm(posted(request), there=there)
    if request.method == "POST" and is_mine:
        made = save(
            request,
            form,
            lambda: actions.take_over(student=student, read=form.cleaned_data["read"], by=request.user),
            "read",
        )
        if made is not None:
            messages.success(request, f"Noted. Today no longer asks you to read about {student.known_as}.")
            return redirect("students:record", pk)
    elif request.method == "POST":
        return redirect("care:taking_over", pk)
    opened(request, student, "what a new keyworker reads")
    context = {"form": form if is_mine else None, "there": there, "done": done}
    context |= record_context(request, student, "keyworkers")
    return render(request, "care/taking_over.html", context, status=form.status if is_mine else 200)

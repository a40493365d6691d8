"""Hand-over notes of a student: for their keyworker and the Head."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import Assignment
from keywork.words import worded

from ..actions import hand_over as actions
from ..forms.hand_over import HandOverForm
from ..models import HandOverNote, Student
from ..record import record_context


@permission_required(Can.HAND_OVER, GET_POST)
@keeps_typed
def hand_over(request: SchoolRequest, pk: int) -> HttpResponse:
    """What was written for whoever comes after, newest first, and a note more."""
    student = get_visible_or_404(Student.objects.all(), request, Can.HAND_OVER, pk=pk)
    form = HandOverForm(posted(request))
    made = save(
        request, form, lambda: actions.write_note(student=student, by=request.user, **form.cleaned_data)
    )
    if made is not None:
        messages.success(
            request,
            worded("The note is saved. The next keyworker finds it on Today until they have read it."),
        )
        return redirect("students:hand_over", pk)
    opened(request, student, "hand-over notes")
    notes = HandOverNote.objects.filter(student=student).select_related("written_by", "read_by")
    context = {
        "notes": [(note, _may_say_read(request, note)) for note in notes],
        "form": form,
        "back_url": reverse("students:keyworkers", args=[pk]),
    }
    context |= record_context(request, student, "keyworkers")
    return render(request, "students/hand_over.html", context, status=form.status)


def _may_say_read(request: SchoolRequest, note: HandOverNote) -> bool:
    """Only whoever it is for: a Head who looks at it has not read it in their place."""
    return note.read_at is None and note.written_by_id != request.user.pk and _is_keyworker(request, note)


def _is_keyworker(request: SchoolRequest, note: HandOverNote) -> bool:
    assignments = Assignment.objects.keyworkers(clock.today())
    return assignments.filter(student=note.student_id, user=request.user).exists()


@permission_required(Can.HAND_OVER, POST)
def read(request: SchoolRequest, pk: int, note_id: int) -> HttpResponse:
    """The keyworker says that they have read it."""
    note = get_visible_or_404(HandOverNote.objects.all(), request, Can.HAND_OVER, student=pk, pk=note_id)
    if _may_say_read(request, note):
        actions.note_read(note=note, by=request.user)
        messages.success(request, "Noted. It stays here, and off Today.")
    return redirect("students:hand_over", pk)

"""What was decided about a child or a student and shared with this person: read and answered here.

`care.decisions.known` says what may be known; the parent home and My page lead here.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from care.decisions import actions
from care.decisions.forms import AnswerForm
from care.decisions.known import all_known_to, known_to
from care.decisions.whence import plan_at_home
from care.meetings.known import summaries_for
from care.models import DecisionReader
from keywork.access import Can
from keywork.audit import looked_up, opened
from keywork.editing import save
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student

from .student import me_of


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def child_decisions(request: SchoolRequest, pk: int) -> HttpResponse:
    """Every decision and summary of a meeting shared with this parent or carer, newest first."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=pk)
    return _list(request, student, reverse("portal:family_child", args=[pk]))


@permission_required(Can.VIEW_FAMILY_HOME, GET_POST)
def child_decision(request: SchoolRequest, pk: int, decision_id: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=pk)
    return _one(request, student, decision_id, reverse("home:decisions", args=[pk]))


@permission_required(Can.VIEW_MY_PAGE, GET)
def my_decisions(request: SchoolRequest) -> HttpResponse:
    """Every decision shared with this student, newest first."""
    return _list(request, me_of(request), reverse("portal:my_page"))


@permission_required(Can.VIEW_MY_PAGE, GET_POST)
def my_decision(request: SchoolRequest, decision_id: int) -> HttpResponse:
    return _one(request, me_of(request), decision_id, reverse("home:my_decisions"))


def _list(request: SchoolRequest, student: Student, back_url: str) -> HttpResponse:
    opened(request, student, "decisions")
    context = {
        "rows": all_known_to(request.user, student),
        "meetings": list(summaries_for(request.user, student)),
        "student": student,
        "back_url": back_url,
    }
    return render(request, "home/decisions.html", {"gentle": True, **context, **_whose(request, student)})


def _one(request: SchoolRequest, student: Student, decision_id: int, back_url: str) -> HttpResponse:
    """One of them: what, from when, why, who decided; and what this person says to it."""
    row = get_object_or_404(known_to(request.user, student), decision=decision_id)
    form = AnswerForm(posted(request), reader=row)

    def answer() -> DecisionReader:
        given = form.cleaned_data
        return actions.answer(by=request.user, reader=row, given=given["answer"], words=given["words"])

    said = save(request, form, answer)
    if said is not None:
        messages.success(request, "Sent. School can see what you said.")
        return redirect(back_url)
    if request.method == "POST":
        looked_up(request, student.pk, "decisions")
    else:
        opened(request, student, "decisions")
        actions.note_read(by=request.user, reader=row)
    context: dict[str, Any] = {
        "row": row,
        "decision": row.decision,
        "student": student,
        "form": form,
        "back_url": back_url,
        "plan": plan_at_home(request.user, row.decision),
        **_whose(request, student),
    }
    return render(request, "home/decision.html", {"gentle": True, **context}, status=form.status)


def _whose(request: SchoolRequest, student: Student) -> dict[str, bool]:
    """Of a student's own pages, or of those of somebody at home."""
    me = student.user_id == request.user.pk
    return {"me": me, "for_family": not me}

"""A student asks for another keyworker: by themselves, through an adult; the Head reads it and answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.forms import status_of
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import Assignment
from keywork.words import all_of, worded, worded_lazy
from students.actions import keyworker as actions
from students.models import ChangeRequest, Student

from ..forms.change_requests import AnswerForm, AskForm, PassOnForm

NOT_YOURS = worded_lazy(
    "A Head of Social Education who is not the student’s family names another keyworker. "
    "Where there is none, ask the administrator to give somebody that post."
)
WHAT = "keyworkers"  # in the list of openings, which others read, it is nothing else


@permission_required(Can.VIEW_MY_PAGE, GET_POST)
def ask(request: SchoolRequest) -> HttpResponse:
    """Of the student: what I want to say, or what became of it."""
    me = Student.objects.visible_to(request.user, Can.VIEW_MY_PAGE).first()
    if me is None:
        raise Http404
    opened(request, me, "my page")
    newest = me.change_requests.order_by("-asked_at").first()
    waits = newest is not None and newest.answered_at is None
    form = None
    readers = _readers(me)
    if not waits and readers:
        form = AskForm(posted(request))
        made = save(
            request,
            form,
            lambda: actions.ask_for_change(student=me, by=request.user, **form.cleaned_data),
        )
        if made is not None:
            messages.success(request, "It is sent. Nobody will be cross.")
            return redirect("portal:ask_change")
    elif request.method == "POST":
        return redirect("portal:ask_change")
    actions.note_answers_read(student=me)
    context = {
        "gentle": True,
        "student": me,
        "form": form,
        "newest": newest,
        "mine": newest is not None and not newest.passed_on,
        "readers": readers,
        "waits": waits,
        "back_url": reverse("portal:my_page"),
    }
    return render(request, "portal/ask_change.html", context, status=status_of(form))


def _readers(student: Student) -> str:
    """By name: two people may have what the school calls the Head's post."""
    return all_of([one.name for one in actions.readers(student)])


@permission_required(Can.PASS_ON_REQUEST, GET_POST)
@keeps_typed
def pass_on(request: SchoolRequest, pk: int) -> HttpResponse:
    """Of any adult around the student, who was told."""
    student = get_visible_or_404(Student.objects.all(), request, Can.PASS_ON_REQUEST, pk=pk)
    readers = _readers(student) or worded("the Head of Social Education")
    form = PassOnForm(posted(request), readers=readers)
    made = save(
        request,
        form,
        lambda: actions.ask_for_change(student=student, by=request.user, **form.cleaned_data),
    )
    back = reverse("students:record", args=[student.pk])
    if made is not None:
        messages.success(request, f"Passed on to {readers}. {worded('The student')} is told the answer.")
        return redirect(back)
    context = {"student": student, "form": form, "back_url": back}
    return render(request, "portal/pass_on.html", context, status=form.status)


def _is_named(request: ChangeRequest) -> bool:
    """Whether somebody became keyworker, or will, since it was asked for."""
    since = request.asked_at.astimezone(clock.LONDON).date()
    theirs = Assignment.objects.filter(student=request.student_id, kind=Assignment.Kind.KEYWORKER)
    return theirs.filter(starts_on__gte=since).exists()


@permission_required(Can.ANSWER_REQUESTS, GET_POST)
def answer(request: SchoolRequest, pk: int) -> HttpResponse:
    """Of the Head, or who stands in: the words as they were written, who is the keyworker and how long, and the answer."""
    found = get_visible_or_404(
        ChangeRequest.objects.answered_by(request.user).select_related("student", "asked_by", "answered_by"),
        request,
        Can.ANSWER_REQUESTS,
        pk=pk,
    )
    today, assigns = clock.today(), allows(request.user, Can.ASSIGN, found.student)
    back = reverse("portal:assignments" if assigns else "portal:home")
    opened(request, found.student, WHAT)
    form = None
    if found.answered_at is None:
        form = AnswerForm(posted(request))
        made = save(
            request,
            form,
            lambda: actions.answer_change(request=found, by=request.user, **form.cleaned_data),
        )
        if made is not None:
            said = f"Answered. {found.student.known_as} reads it on their own page."
            if form.cleaned_data["outcome"] != ChangeRequest.Outcome.CHANGES or _is_named(found):
                messages.success(request, said)
                return redirect(back)
            if not assigns:
                messages.success(request, f"{said} {NOT_YOURS}")
                return redirect(back)
            messages.success(request, f"{said} Now name the new {worded('keyworker')}.")
            return redirect(f"{reverse('portal:assign', args=[found.student_id])}?kind=keyworker")
    elif request.method == "POST":
        return redirect("portal:answer_change", pk)
    assignment: Any = (
        Assignment.objects.current(today)
        .filter(student=found.student, kind=Assignment.Kind.KEYWORKER)
        .select_related("user")
        .first()
    )
    context = {
        "one": found,
        "student": found.student,
        "form": form,
        "assignment": assignment,
        "months": _months(assignment.starts_on, today) if assignment else 0,
        "back_url": back,
        "assigns": assigns,
        "opens": allows(request.user, Can.VIEW_STUDENT, found.student),
        "not_yours": NOT_YOURS,
    }
    return render(request, "portal/answer_change.html", context, status=status_of(form))


def _months(start: Any, today: Any) -> int:
    """Whole months from one day to another."""
    months = (today.year - start.year) * 12 + today.month - start.month
    return max(0, months - (today.day < start.day))

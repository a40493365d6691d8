"""Decisions about a student, for staff: announced, and how each at home stands to them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock, contact_hold
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.contact_hold import and_later
from keywork.duty_words import listed
from keywork.editing import save, save_reason
from keywork.form_drafts import keeps_typed
from keywork.forms import KeyworkForm
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.numbers import number_in
from students.models import Student

from ..earliest import since_birth
from ..meetings.frame import meeting_context
from ..models import Decision, DecisionReader, Meeting
from ..over import Over, unless_over
from . import actions
from .forms import DecisionForm, NoteAnswerForm, ReplyForm
from .known import who_may_know
from .whence import whence


def _withdrawn(
    request: SchoolRequest, pk: int, decision_id: int, reader_id: int | None = None
) -> Over | None:
    if reader_id is None:
        row = _decision(request, Can.KEEP_MEETINGS, pk, decision_id)
    else:
        row = _reader(request, pk, decision_id, reader_id).decision
    return _over(row, actions.WITHDRAWN) if row.withdrawn_at is not None else None


def _not_asked(request: SchoolRequest, pk: int, decision_id: int, reader_id: int) -> Over | None:
    reader = _reader(request, pk, decision_id, reader_id)
    if reader.decision.withdrawn_at is None and actions.is_asked(reader):
        return None
    return _over(reader.decision, actions.NOTHING_ASKED)


def _over(row: Decision, words: str) -> Over:
    url = reverse("care:decision", args=[row.student_id, row.pk])
    return Over(row.student, words, "See the decision", url, "meetings")


@permission_required(Can.VIEW_MEETINGS, GET)
def decisions(request: SchoolRequest, pk: int) -> HttpResponse:
    """All of them, newest first, with how each stands."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_MEETINGS, pk=pk)
    opened(request, student, "decisions")
    rows = Decision.objects.filter(student=student).select_related("announced_by")
    found = list(rows.prefetch_related("readers__member__user"))
    held_until = contact_hold.students_on_hold([pk], clock.today()).get(pk)
    for one in found:
        _with_student(one, student, held_until)
    context = {"decisions": found, "keeps": allows(request.user, Can.KEEP_MEETINGS, student)}
    context |= meeting_context(request, student, "decisions")
    return render(request, "care/decisions.html", context)


@permission_required(Can.VIEW_MEETINGS, GET)
def decision(request: SchoolRequest, pk: int, decision_id: int) -> HttpResponse:
    """One of them: what home reads, who was told, what each said."""
    row = _decision(request, Can.VIEW_MEETINGS, pk, decision_id)
    opened(request, row.student, "decision")
    context = {
        "decision": row,
        "readers": list(row.readers.all()),
        "keeps": allows(request.user, Can.KEEP_MEETINGS, row.student),
        "history": _history(row),
        "whence": whence(request.user, row),
    }
    context |= meeting_context(request, row.student, "decisions")
    return render(request, "care/decision.html", context)


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@keeps_typed
def add(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.KEEP_MEETINGS, pk=pk)
    meeting = _meeting(request, student)
    came_of: dict[str, Any] = {"origin": "meeting", "origin_id": meeting.pk} if meeting is not None else {}
    begins = {"decided_by": request.user.name if meeting is None else meeting.in_words}
    form = DecisionForm(posted(request), student=student, links=who_may_know(student), initial=begins)
    since_birth(form, student)
    made = save(
        request,
        form,
        lambda: actions.announce(by=request.user, student=student, **came_of, **form.facts_told()),
    )
    if made is not None:
        messages.success(request, _said(made, pk))
        return redirect("care:decision", pk, made.pk)
    context = {"form": form, "back_url": reverse("care:decisions", args=[pk])}
    context |= meeting_context(request, student, "decisions")
    return render(request, "care/decision_add.html", context, status=form.status)


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@unless_over(_withdrawn)
@keeps_typed
def withdraw(request: SchoolRequest, pk: int, decision_id: int) -> HttpResponse:
    row = _decision(request, Can.KEEP_MEETINGS, pk, decision_id)
    form, done = save_reason(
        request,
        lambda reason: actions.withdraw(by=request.user, decision=row, reason=reason),
        button="Take it back",
        label="Why it is not so any more",
        missing="Say why, in a sentence that home can read",
        help_text="Everybody it was shared with is told and reads this.",
        back=("Keep it", "back_url"),
    )
    if done is not None:
        said = "The decision is taken back. It stays here with your reason."
        messages.success(request, and_later(said, pk))
        return redirect("care:decision", pk, row.pk)
    return _form(request, row, form, "Take this decision back", "Taking a decision back", notifies_home=True)


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@unless_over(_withdrawn)
@keeps_typed
def said(request: SchoolRequest, pk: int, decision_id: int, reader_id: int) -> HttpResponse:
    """What somebody at home, or the student, said to it on the phone or face to face."""
    reader = _reader(request, pk, decision_id, reader_id)
    form = NoteAnswerForm(posted(request), reader=reader)
    done = save(
        request,
        form,
        lambda: actions.note_answer(
            by=request.user,
            reader=reader,
            given=form.cleaned_data["answer"],
            words=form.cleaned_data["words"],
        ),
    )
    if done is not None:
        messages.success(request, f"Saved what {reader.name} said.")
        return redirect("care:decision", pk, decision_id)
    title, page = f"What {reader.name} said", "What was said to a decision"
    return _form(request, reader.decision, form, title, page, reader)


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@unless_over(_not_asked)
@keeps_typed
def reply(request: SchoolRequest, pk: int, decision_id: int, reader_id: int) -> HttpResponse:
    """The school's answer to a question, or to somebody who does not agree."""
    reader = _reader(request, pk, decision_id, reader_id)
    form = ReplyForm(posted(request))
    done = save(request, form, lambda: actions.reply(by=request.user, reader=reader, **form.cleaned_data))
    if done is not None:
        sent = f"Your answer to {reader.name} is saved, and stands on their page."
        messages.success(request, and_later(sent, pk) if reader.member_id else sent)
        return redirect("care:decision", pk, decision_id)
    title, page = f"Answer {reader.name}", "The answer about a decision"
    notifies_home = reader.member_id is not None
    return _form(request, reader.decision, form, title, page, reader, notifies_home=notifies_home)


def _meeting(request: SchoolRequest, student: Student) -> Meeting | None:
    """The meeting it was decided in, where it is announced from its page."""
    asked = number_in(request.GET.get("meeting", ""), digits=18)
    rows = Meeting.objects.readable_by(request.user).filter(student=student, voided_at__isnull=True)
    return rows.filter(pk=asked).first() if asked is not None else None


def _decision(request: SchoolRequest, can: Can, pk: int, decision_id: int) -> Decision:
    rows = Decision.objects.select_related("student", "announced_by", "withdrawn_by")
    readers = "readers__member__user", "readers__answered_by", "readers__replied_by"
    row = get_visible_or_404(rows.prefetch_related(*readers), request, can, student=pk, pk=decision_id)
    _with_student(row, row.student, contact_hold.students_on_hold([pk], clock.today()).get(pk))
    return row


def _reader(request: SchoolRequest, pk: int, decision_id: int, reader_id: int) -> DecisionReader:
    rows = DecisionReader.objects.select_related("decision__student", "member")
    lookup = {"decision__student": pk, "decision": decision_id, "pk": reader_id}
    return get_visible_or_404(rows, request, Can.KEEP_MEETINGS, **lookup)


def _with_student(row: Decision, student: Student, held_until: date | None) -> None:
    """So that a reader without a name at home is called as the student, without asking for each."""
    row.student, row.home_held_until = student, held_until
    for reader in row.readers.all():
        reader.decision = row


def _form(
    request: SchoolRequest,
    row: Decision,
    form: KeyworkForm,
    title: str,
    page_title: str,
    reader: DecisionReader | None = None,
    *,
    notifies_home: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {
        "notifies_home": notifies_home,
        "decision": row,
        "reader": reader,
        "form": form,
        "title": title,
        "page_title": page_title,
        "back_url": reverse("care:decision", args=[row.student_id, row.pk]),
    }
    context |= meeting_context(request, row.student, "decisions")
    return render(request, "care/decision_form.html", context, status=form.status)


def _history(row: Decision) -> list[tuple[Any, str]]:
    """What came before of each answer, oldest first: an answer that was changed stays to be read."""
    events = DecisionReader.pgh_event_model.objects.filter(pgh_obj__decision=row, answered_at__isnull=False)
    names = {reader.pk: reader.name for reader in row.readers.all()}
    latest = {(reader.pk, reader.answered_at) for reader in row.readers.all()}
    found: dict[tuple[int, Any], tuple[Any, str]] = {}
    for event in events.order_by("answered_at", "pgh_id"):
        key = (event.pgh_obj_id, event.answered_at)
        if key not in latest:
            label = str(DecisionReader.Given(event.answer).label)
            words = f": “{event.words}”" if event.words else ""
            found[key] = (event.answered_at, f"{names[event.pgh_obj_id]}: {label}{words}")
    return list(found.values())


def _said(made: Decision, student_id: int) -> str:
    readers = list(made.readers.select_related("member__user", "decision__student__user"))
    if not readers:
        return "The decision is kept. Nobody at home may be told just now."
    told = [one for one in readers if one.has_account]
    away = [one.name for one in readers if not one.has_account]
    said = "The decision is kept."
    if told:
        said = f"The decision is announced to {'1 person' if len(told) == 1 else f'{len(told)} people'}."
    if away:
        said += f" {listed(away)} {'has' if len(away) == 1 else 'have'} no account: tell them at the next contact."
    return and_later(said, student_id) if any(one.member_id for one in told) else said

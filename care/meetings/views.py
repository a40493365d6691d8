"""Meetings about a student: planned, written down, shared; and what was agreed in them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.contact_hold import and_later
from keywork.editing import EditForm, press, save, save_reason
from keywork.form_drafts import keeps_typed
from keywork.forms import ReasonForm
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import Draft
from students.models import Student

from ..decisions.known import who_may_know
from ..earliest import since_birth
from ..models import Action, Attendee, Decision, FiledDocument, Meeting
from ..models.meeting import readable_levels
from ..over import Over, unless_over
from . import actions
from .forms import DONE, DROP, ActionForm, AgreeForm, MeetingForm, MinutesForm, SummaryForm, begun_as
from .frame import meeting_context
from .kinds import KINDS, MeetingKind, kind_of

BEGIN = "begin"  # a button of a new meeting: begin it as one of this kind


def _called_off(request: SchoolRequest, pk: int, meeting_id: int) -> Over | None:
    row = _held(request, pk, meeting_id)
    return _over(row, actions.CALLED_OFF) if row.voided_at is not None else None


def _not_held(request: SchoolRequest, pk: int, meeting_id: int) -> Over | None:
    row = _held(request, pk, meeting_id)
    if row.voided_at is not None:
        return _over(row, actions.CALLED_OFF)
    return _over(row, actions.NOT_HELD) if row.is_ahead else None


def _over(row: Meeting, words: str) -> Over:
    return Over(row.student, words, "See the meeting", _page(row), "meetings")


@permission_required(Can.VIEW_MEETINGS, GET)
def meetings(request: SchoolRequest, pk: int) -> HttpResponse:
    """Those to come, those that were held, and what is still to be done of them."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_MEETINGS, pk=pk)
    opened(request, student, "meetings")
    rows = list(Meeting.objects.readable_by(request.user).filter(student=student))
    standing, today = [one for one in rows if one.voided_at is None], clock.today()
    coming = [one for one in standing if one.on >= today and one.minutes_at is None]
    open_actions = Action.objects.open().readable_by(request.user).filter(student=student)
    context = {
        "coming": coming[::-1],
        "held": [one for one in standing if one not in coming],
        "called_off": [one for one in rows if one.voided_at],
        "actions": list(open_actions.select_related("owner", "meeting")),
        "keeps": allows(request.user, Can.KEEP_MEETINGS, student),
    }
    context |= meeting_context(request, student, "meetings")
    return render(request, "care/meetings.html", context)


@permission_required(Can.VIEW_STUDENT, GET)
def meeting(request: SchoolRequest, pk: int, meeting_id: int) -> HttpResponse:
    """Agenda and minutes, who was there, what was agreed then and the time before."""
    row = _meeting(request, pk, meeting_id)
    opened(request, row.student, "meeting", detail=row.named.name)
    before = (
        Meeting.objects.readable_by(request.user)
        .filter(student=row.student_id, kind=row.kind, on__lt=row.on, voided_at__isnull=True)
        .prefetch_related(Prefetch("actions", Action.objects.select_related("owner")))
        .first()
    )
    levels = readable_levels(request.user, row.student)
    keeps = _keeps(request, row)
    context = {
        "meeting": row,
        "before": before,
        "people": list(row.attendees.all()),
        "agenda": list(row.agenda.all()),
        "actions": list(row.actions.select_related("owner")),
        "decisions": list(Decision.objects.filter(origin="meeting", origin_id=row.pk, student=row.student)),
        "documents": list(FiledDocument.objects.readable_by(request.user).filter(meeting=row).defer("text")),
        "files": keeps and row.level in levels and allows(request.user, Can.LOG, row.student),
        "reads_decisions": allows(request.user, Can.VIEW_MEETINGS, row.student),
        "keeps": keeps,
        "earlier": _earlier(row),
        "summary_names": [
            link.label for link in who_may_know(row.student) if link.member_id in row.summary_for
        ]
        if row.summary_at
        else [],
        "reads_by_level": row.level in levels,
    }
    context |= meeting_context(request, row.student, "meetings")
    return render(request, "care/meeting.html", context)


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@keeps_typed
def add(request: SchoolRequest, pk: int) -> HttpResponse:
    """Plan one, or write one down that was held."""
    student = get_visible_or_404(Student.objects.all(), request, Can.KEEP_MEETINGS, pk=pk)
    sent, offered = posted(request), _offered(request, student)
    told = (request.GET if sent is None else sent).get("kind", "")
    kind = KINDS[told] if told in KINDS else kind_of("core-group")
    begun = KINDS.get(request.POST.get(BEGIN, ""))
    if begun is not None:
        form = _begun_as(request, begun, kind, offered)
    else:
        form = since_birth(MeetingForm(sent, kind=kind, **offered), student)
        made = save(
            request, form, lambda: actions.plan(by=request.user, student=student, **form.facts_told())
        )
        if made is not None:
            messages.success(request, "The meeting is saved.")
            return redirect("care:meeting", pk, made.pk)
    context = {
        "title": "A new meeting",
        "kinds": [(slug, one.name) for slug, one in KINDS.items()],
        "back_url": reverse("care:meetings", args=[pk]),
    }
    return _form(request, student, form, context)


def _begun_as(
    request: SchoolRequest, kind: MeetingKind, before: MeetingKind, offered: dict[str, Any]
) -> MeetingForm:
    """The page once more for another kind: what was typed stands in it, and is kept as what anybody leaves unsent."""
    typed = begun_as(kind, before, request.POST)
    form, drafts = MeetingForm(kind=kind, **offered), request.form_drafts
    with transaction.atomic():
        drafts.end()  # what it was filled from, whose agenda does not stand in this one
        if MeetingForm(typed, kind=kind, **offered).has_changed() and drafts.keep(typed) is not None:
            transaction.set_rollback(True)
    form.fill(Draft(data=dict(typed.lists())))
    drafts.draw(form)
    return form


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@unless_over(_called_off)
@keeps_typed
def edit(request: SchoolRequest, pk: int, meeting_id: int) -> HttpResponse:
    row = _held(request, pk, meeting_id)
    form = MeetingForm(
        posted(request),
        kind=row.named,
        meeting=row,
        **_offered(request, row.student),
    )
    since_birth(form, row.student)
    saved = save(
        request,
        form,
        lambda: actions.change(by=request.user, meeting=row, version=row.version, **form.facts_told()),
    )
    if saved is not None:
        messages.success(request, "The meeting is changed.")
        return redirect("care:meeting", pk, row.pk)
    return _form(request, row.student, form, {"title": "Change the meeting", "back_url": _page(row)})


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@unless_over(_not_held)
@keeps_typed
def minutes(request: SchoolRequest, pk: int, meeting_id: int) -> HttpResponse:
    row = _held(request, pk, meeting_id)
    form = MinutesForm(posted(request), meeting=row)
    saved = save(
        request,
        form,
        lambda: actions.write_minutes(by=request.user, meeting=row, version=row.version, **form.facts_told()),
    )
    if saved is not None:
        messages.success(request, "The minutes are saved.")
        return redirect("care:meeting", pk, row.pk)
    return _form(request, row.student, form, {"title": "Minutes", **_of(row)})


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@unless_over(_called_off)
@keeps_typed
def summary(request: SchoolRequest, pk: int, meeting_id: int) -> HttpResponse:
    """What home reads of it."""
    row = _held(request, pk, meeting_id)
    form = SummaryForm(posted(request), meeting=row, links=list(who_may_know(row.student)))
    saved = save(
        request,
        form,
        lambda: actions.share_summary(
            by=request.user,
            meeting=row,
            version=row.version,
            words=form.cleaned_data["words"],
            members=form.cleaned_data["people"],
        ),
    )
    if saved is not None:
        messages.success(request, and_later("The summary is shared.", pk))
        return redirect("care:meeting", pk, row.pk)
    more = {"title": "A summary for home", **_of(row), "notifies_home": True}
    return _form(request, row.student, form, more)


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@unless_over(_called_off)
@keeps_typed
def call_off(request: SchoolRequest, pk: int, meeting_id: int) -> HttpResponse:
    row = _held(request, pk, meeting_id)
    form, done = save_reason(
        request,
        lambda reason: actions.call_off(by=request.user, meeting=row, reason=reason),
        button="Call it off",
        missing="Say why",
        help_text="It stays here, crossed out. What was agreed in it is asked of nobody any more.",
        back=("Keep it", "back_url"),
    )
    if done is not None:
        messages.success(request, "The meeting is called off.")
        return redirect("care:meeting", pk, row.pk)
    return _form(request, row.student, form, {"title": "Call the meeting off", **_of(row)})


@permission_required(Can.KEEP_MEETINGS, GET_POST)
@unless_over(_called_off)
@keeps_typed
def agree(request: SchoolRequest, pk: int, meeting_id: int) -> HttpResponse:
    """One thing that one person will do by a day."""
    row = _held(request, pk, meeting_id)
    form = AgreeForm(posted(request), staff=actions.owners(row.student))
    made = save(
        request,
        form,
        lambda: actions.agree(by=request.user, student=row.student, meeting=row, **form.facts_told()),
    )
    if made is not None:
        messages.success(request, f"It stands on {made.owner.get_short_name()}’s Today until it is done.")
        return redirect("care:meeting", pk, row.pk)
    return _form(request, row.student, form, {"title": "What was agreed", **_of(row)})


@permission_required(Can.VIEW_STUDENT, GET_POST)
@keeps_typed
def action(request: SchoolRequest, pk: int, action_id: int) -> HttpResponse:
    """One thing that was agreed: done, moved or given up by its owner or by those who hold the meetings."""
    row = _action(request, pk, action_id)
    if request.method != "POST":
        opened(request, row.student, "what was agreed")
    may_act = actions.may_act(request.user, row)
    form = ActionForm(
        posted(request),
        action=row,
        staff=actions.owners(row.student) if may_act else [],
    )
    saved = save(request, form, lambda: _act(request, row, form))
    if saved is not None:
        messages.success(request, "Saved.")
        return redirect("care:action", pk, row.pk)
    context = {
        "action": row,
        "may_act": may_act,
        "back_url": reverse("portal:today"),
        "reads_meeting": row.meeting_id is not None
        and Meeting.objects.readable_by(request.user).filter(pk=row.meeting_id).exists(),
    }
    return _form(request, row.student, form, context, "care/action.html")


def _act(request: SchoolRequest, row: Action, form: ActionForm) -> Action:
    given = form.cleaned_data
    if given["how"] == DONE:
        return actions.do(by=request.user, action=row, note=given["note"])
    if given["how"] == DROP:
        return actions.drop(by=request.user, action=row, reason=given["note"])
    return actions.move(by=request.user, action=row, due_on=given["due_on"], owner=form.staff[given["owner"]])


@permission_required(Can.VIEW_STUDENT, POST)
def action_undo(request: SchoolRequest, pk: int, action_id: int) -> HttpResponse:
    """It is not done after all."""
    row = _action(request, pk, action_id)
    press(request, lambda: actions.undo(by=request.user, action=row), "It is open again.")
    return redirect("care:action", pk, row.pk)


# ------------------------------------------------------------------------------------------- helpers


def _meeting(request: SchoolRequest, pk: int, meeting_id: int) -> Meeting:
    """One that this person reads, by its level or because they were asked to come."""
    people = Prefetch("attendees", Attendee.objects.select_related("user", "member"))
    rows = Meeting.objects.readable_by(request.user).select_related(
        "student", "led_by", "minutes_by", "voided_by"
    )
    row = get_visible_or_404(
        rows.prefetch_related("agenda", people), request, Can.VIEW_STUDENT, student=pk, pk=meeting_id
    )
    for one in row.attendees.all():
        one.meeting = row
    return row


def _held(request: SchoolRequest, pk: int, meeting_id: int) -> Meeting:
    """One that this person changes."""
    row = _meeting(request, pk, meeting_id)
    get_object_or_404(Student.objects.visible_to(request.user, Can.KEEP_MEETINGS), pk=pk)
    return row


def _keeps(request: SchoolRequest, row: Meeting) -> bool:
    return row.voided_at is None and allows(request.user, Can.KEEP_MEETINGS, row.student)


def _action(request: SchoolRequest, pk: int, action_id: int) -> Action:
    rows = Action.objects.readable_by(request.user).select_related("student", "owner", "meeting", "made_by")
    return get_visible_or_404(rows, request, Can.VIEW_STUDENT, student=pk, pk=action_id)


def _offered(request: SchoolRequest, student: Student) -> dict[str, Any]:
    return {
        "student": student,
        "staff": actions.owners(student),
        "links": list(who_may_know(student)),
        "levels": readable_levels(request.user, student),
    }


def _earlier(row: Meeting) -> list[tuple[Any, str, str]]:
    """What the minutes said before they were changed, newest first: when, of which point, the words."""
    titles = {item.pk: item for item in row.agenda.all()}
    events = (
        row.agenda.model.pgh_event_model.objects.filter(pgh_obj__in=titles)
        .exclude(said="")
        .order_by("-pgh_created_at", "-pgh_id")
    )
    found, seen = [], {(item.pk, item.said) for item in titles.values()}
    for event in events:
        if (event.pgh_obj_id, event.said) not in seen:
            seen.add((event.pgh_obj_id, event.said))
            found.append((event.pgh_created_at, titles[event.pgh_obj_id].title, event.said))
    return found


def _page(row: Meeting) -> str:
    return reverse("care:meeting", args=[row.student_id, row.pk])


def _of(row: Meeting) -> dict[str, Any]:
    """Which meeting a form is about, and its page."""
    return {"about": row.in_words, "back_url": _page(row)}


def _form(
    request: SchoolRequest,
    student: Student,
    form: EditForm | ReasonForm,
    more: dict[str, Any],
    template: str = "care/meeting_form.html",
) -> HttpResponse:
    context = {"form": form, **more, **meeting_context(request, student, "meetings")}
    return render(request, template, context, status=form.status)

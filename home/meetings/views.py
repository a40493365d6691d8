"""Meetings: a parent's and a student's pages, and those of who answers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from care.reviews.at_home import reviews_at_home
from contacts.actions import contacts, sessions
from contacts.models import HomeContact
from contacts.views.write import KINDS, EntryKind, log_as
from keywork import clock
from keywork.access import Can, is_head, of_these, relations
from keywork.audit import looked_up, opened, opened_each
from keywork.contact_hold import and_later
from keywork.dates import LONDON
from keywork.editing import press, save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import User
from keywork.numbers import number_in
from students.models import FamilyMember, Student
from students.record import record_context

from ..mails import to_ask
from ..models import Appointment, OfferedTime
from ..views.parent import child_of, child_page
from ..views.student import me_of, own_page
from . import actions, ics, lines
from .forms import ChatForm, ChooseForm, MoveForm, OfferForm, OffForm, SetTimeForm, WordsForm

POSTS = frozenset({"keyworker", "deputy"})
GONE = "It is called off."


# --------------------------------------------------------------------------------- at home


@permission_required(Can.VIEW_FAMILY_HOME, GET_POST)
def meet(request: SchoolRequest, pk: int) -> HttpResponse:
    """The times that are offered, and the meetings of this parent about this child."""
    student, member = child_of(request, pk)
    may_ask = student.is_on_roll(clock.today()) and actions.may_be_met(student, member)
    times = lines.free_times(student) if may_ask else []
    form = ChooseForm(posted(request), times=times)
    if (made := _ask(request, form, student, member)) is not None:
        messages.success(request, lines.said(made, clock.today()))
        return redirect("home:meet", student.pk)
    context = {
        "title": "Meetings",
        "form": form,
        "back_url": reverse("portal:family_child", args=[student.pk]),
        "may_ask": may_ask,
        "feed": None if hasattr(request, "previewed_by") else ics.address(request.user),  # it is a secret
        "reviews": reviews_at_home(request.user, student),
        **_theirs(request, student, member),
    }
    return child_page(request, "home/meet.html", student, context, status=form.status)


def _ask(
    request: SchoolRequest, form: ChooseForm, student: Student, member: FamilyMember | None
) -> Appointment | None:

    def ask() -> Appointment:
        told = {"offered": form.chosen, "words": form.cleaned_data["words"]}
        return actions.ask(by=request.user, student=student, member=member, **told)

    return save(request, form, ask)


def _theirs(request: SchoolRequest, student: Student, member: FamilyMember | None) -> dict[str, Any]:
    """What stands on the page of whoever asked: what is open, what was, and who has it."""
    today = clock.today()
    rows = [(one, lines.said(one, today)) for one in lines.of_home(student, member)]
    person = to_ask(student)
    return {
        "open": [row for row in rows if row[0].state in ("asked", "offered", "settled")],
        "before": [row for row in rows if row[0].state in ("over", "had", "off")],
        "waits": any(one.state in ("asked", "offered") for one, _ in rows),
        "to_ask": person,
        "answers": lines.answer_words(request.school, today, person.get_short_name()) if person else "",
    }


@permission_required(Can.VIEW_FAMILY_HOME, GET_POST)
def my_meeting(request: SchoolRequest, pk: int, meeting_pk: int) -> HttpResponse:
    """One meeting: say yes, ask for another time, call it off."""
    student, member = child_of(request, pk)
    rows = Appointment.objects.select_related("user", "answered_by")
    row = get_object_or_404(rows, student=student, member=member, pk=meeting_pk)
    back = reverse("home:meet", args=[student.pk])
    return _one_of_home(request, row, lines.free_times(student), back, child_page, "home/my_meeting.html")


def _one_of_home(
    request: SchoolRequest,
    row: Appointment,
    times: list[OfferedTime],
    back: str,
    page: Callable[..., HttpResponse],
    template: str,
) -> HttpResponse:
    sent = posted(request)
    do = request.POST.get("do", "")
    move = MoveForm(sent if do == "move" else None, meeting=row, times=times)
    off = OffForm(sent if do == "off" else None, meeting=row)
    if do == "yes":
        version, said = number_in(request.POST.get("version", "")) or 0, "Thank you. The time is agreed."
        press(request, lambda: actions.say_yes(by=request.user, meeting=row, version=version), said)
        return redirect(back)
    moved = (move, actions.choose_another, "Your school has it. It stands here.")
    if _is_saved(request, row, moved, (off, actions.call_off, GONE)):
        return redirect(back)
    context = {
        "title": "A meeting",
        "meeting": row,
        "said": lines.said(row, clock.today()),
        "move": move,
        "off": off,
        "back_url": back,
    }
    return page(request, template, row.student, context, status=max(move.status, off.status))


def _is_saved(
    request: SchoolRequest, row: Appointment, *acts: tuple[Any, Callable[..., Appointment], str]
) -> bool:
    """Whether one of the forms of a page was sent and is saved: each with its action, and what is said then."""

    def deed(form: Any, act: Callable[..., Appointment]) -> Callable[[], Appointment]:
        return lambda: act(by=request.user, meeting=row, **form.told())

    for form, act, words in acts:
        if save(request, form, deed(form, act)) is not None:
            messages.success(request, words)
            return True
    return False


# ------------------------------------------------------------------------------- the student


@permission_required(Can.VIEW_MY_PAGE, GET_POST)
def chat(request: SchoolRequest) -> HttpResponse:
    """I would like a chat, and what became of it."""
    me = me_of(request)
    here = me.is_on_roll(clock.today())
    times = lines.free_times(me, at_school=True) if here else []
    begins = {"words": "Can you help me with a sheet?"} if request.GET.get("help") == "sheet" else None
    form = ChatForm(posted(request), times=times, initial=begins)
    if (made := _ask(request, form, me, None)) is not None:
        messages.success(request, lines.said(made, clock.today()))
        return redirect("home:chat")
    context = {
        "title": "A chat",
        "form": form,
        "here": here,
        "back_url": reverse("portal:my_page"),
        **_theirs(request, me, None),
    }
    return own_page(request, "home/chat.html", me, context, status=form.status)


@permission_required(Can.VIEW_MY_PAGE, GET_POST)
def my_chat(request: SchoolRequest, pk: int) -> HttpResponse:
    rows = Appointment.objects.visible_to(request.user, Can.VIEW_MY_PAGE).filter(member__isnull=True)
    row = get_object_or_404(rows.select_related("student", "user", "answered_by"), pk=pk)
    times = lines.free_times(row.student, at_school=True)
    return _one_of_home(request, row, times, reverse("home:chat"), own_page, "home/my_chat.html")


# ------------------------------------------------------------------------------------ at school


@permission_required(Can.ANSWER_HOME, GET_POST)
@keeps_typed
def waiting(request: SchoolRequest) -> HttpResponse:
    """What families and students wait for, and the times one offers; posting offers some."""
    students = _students_of(request.user)
    form = OfferForm(posted(request), students=[(one.pk, one.name) for one in students.values()])
    made = save(request, form, lambda: _offer(request, form, students))
    if made is not None:
        messages.success(request, "Offered. Families see it on their page.")
        return redirect("home:waiting")
    meetings = lines.of_school(request.user, list(students))
    opened_each(request, {one.student_id for one in meetings}, "meetings")
    context = {
        "form": form,
        "waits": lines.from_home(list(students)).now(),
        "asked": [one for one in meetings if one.state == "asked"],
        "offered_to": [one for one in meetings if one.state == "offered"],
        "settled": [one for one in meetings if one.state == "settled"],
        "over": [one for one in meetings if one.state == "over"],
        "offered": lines.offered_by(request.user),
        "feed": ics.address(request.user),
    }
    return render(request, "home/waiting.html", context, status=form.status)


def _students_of(user: User) -> dict[int, Student]:
    """Those one answers for by a post; of the Head besides those who wait and have nobody else."""
    today = clock.today()
    related = relations(user, today).related
    mine = {pk for pk, names in related.items() if not names.isdisjoint(POSTS)}
    theirs = Q(pk__in=of_these(user, Can.ANSWER_HOME, mine, today))
    if is_head(user):
        theirs |= Q(pk__in=lines.waiting_for_nobody().visible_to(user, Can.ANSWER_HOME).values("pk"))
    found = Student.objects.on_roll(today).filter(theirs)
    return {one.pk: one for one in found.order_by("in_order", "pk")}


def _offer(request: SchoolRequest, form: OfferForm, students: dict[int, Student]) -> list[OfferedTime]:
    told = dict(form.cleaned_data)
    chosen = told.pop("student")
    return actions.offer_times(by=request.user, student=students.get(chosen) if chosen else None, **told)


@permission_required(Can.ANSWER_HOME, POST)
def take_time_back(request: SchoolRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(OfferedTime, user=request.user, pk=pk)
    press(request, lambda: actions.take_time_back(by=request.user, offered=one), "It is no longer offered.")
    return redirect("home:waiting")


@permission_required(Can.ANSWER_HOME, GET_POST)
def meeting(request: SchoolRequest, pk: int) -> HttpResponse:
    """One meeting, for who answers: offer a time, answer in words, call it off."""
    row = _of_school(request, pk)
    sent = posted(request)
    do = request.POST.get("do", "time") if sent is not None else ""
    time = SetTimeForm(sent if do == "time" else None, meeting=row)
    words = WordsForm(sent if do == "answer" else None, meeting=row)
    off = OffForm(sent if do == "off" else None, meeting=row)

    whom = row.member.forename if row.member else row.student.known_as
    acts = (
        (time, actions.set_time, f"{whom} is told, and sees the time."),
        (words, actions.answer, f"{whom} reads it on their page."),
        (off, actions.call_off, GONE if row.is_chat else and_later(GONE, row.student_id)),
    )
    if _is_saved(request, row, *acts):
        return redirect("home:meeting", row.pk)
    if request.method != "POST":
        opened(request, row.student, "meetings", str(row.pk))
    context = {
        **record_context(request, row.student, "timeline"),
        "meeting": row,
        "barred": row.member is not None and not actions.may_be_met(row.student, row.member),
        "time_form": time,
        "words_form": words,
        "off_form": off,
        "is_open": row.state in ("asked", "offered", "settled"),
    }
    return render(request, "home/meeting.html", context, status=max(time.status, words.status, off.status))


def _of_school(request: SchoolRequest, pk: int) -> Appointment:
    rows = Appointment.objects.select_related("student", "member", "user", "answered_by", "called_off_by")
    found: Appointment = get_visible_or_404(rows, request, Can.ANSWER_HOME, pk=pk)
    return found


@permission_required(Can.ANSWER_HOME)
def log(request: SchoolRequest, pk: int) -> HttpResponse:
    """It was had: the form of the log, filled in as it was agreed."""
    row = _of_school(request, pk)
    if row.state in ("had", "off") or row.starts_at is None or row.starts_at > clock.now():
        messages.info(request, "There is nothing to write down of this meeting just now.")
        return redirect("home:meeting", row.pk)
    how = KINDS["session" if row.is_chat else "contact"]
    return log_as(request, _as_had(request, how, row), row.student, begins_anew=True)


def _as_had(request: SchoolRequest, how: EntryKind, row: Appointment) -> EntryKind:
    make = sessions.log_session if row.is_chat else contacts.log_contact
    return replace(
        how,
        title=f"Write down a {'chat' if row.is_chat else 'meeting with home'}",
        log=lambda **told: actions.log_had(by=request.user, meeting=row, make=lambda: make(**told)),
        begin=lambda form: {**how.begin(form), **_begins(row, form)},
    )


CHANNELS = {
    "school": HomeContact.Channel.MEETING,
    "phone": HomeContact.Channel.PHONE,
    "video": HomeContact.Channel.VIDEO,
}


def _begins(row: Appointment, form: Any) -> dict[str, Any]:
    assert row.starts_at is not None
    at = row.starts_at.astimezone(LONDON)
    begins: dict[str, Any] = {"happened_on": at.date(), "happened_time": at.time()}
    if row.is_chat:
        return begins
    link = next((one for one in form.links if one.member_id == row.member_id), None)
    begins |= {
        "reached": HomeContact.Reached.SPOKE,
        "channel": CHANNELS[row.how],
        "direction": HomeContact.Direction.IN,
    }
    return begins | ({"person": str(link.pk)} if link else {})


# -------------------------------------------------------------------------------------- calendars


@permission_required(Can.ANSWER, GET)
def meeting_ics(request: SchoolRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(ics.of(request.user), pk=pk)
    looked_up(request, row.student_id, "meetings")
    return ics.answer([row], request.user, "meeting")


@login_not_required
@require_safe
def feed(request: SchoolRequest, token: str) -> HttpResponse:
    """All of one person's: a calendar program cannot sign in, and whoever has the address may read it."""
    user = ics.of_address(token)
    if user is None:
        raise Http404
    return ics.answer(ics.of(user), user, "meetings")

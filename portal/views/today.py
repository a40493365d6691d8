"""Today: a card for each student one keeps watch over, most urgent first.

The forms of the log open inside a card: its links lead to the form's own page, and with script they ask for
the card again, open (`?open=contact`), which fetches the form into itself. A form that was saved answers with
a redirect to the card, closed, where the saved message stands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.contrib.messages import get_messages
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from care.sharing.models import SharedItem
from care.taking_over.models import not_taken_over
from care.to_do import ToDo, to_do
from contacts.calling import Call, usual_calls
from contacts.check_ups.lines import unread
from contacts.letters.receiving import mail_waits
from contacts.mentoring import Load
from contacts.mentoring_loads import read_loads
from goals.gas_scales import goals_to_check
from home.feelings import Prompts, prompts_for
from home.meetings.lines import FromHome, from_home
from keywork import clock, duties, prepared
from keywork.access import Can, holds_for_all, of_these, relations
from keywork.audit import WORRY, opened_each
from keywork.dates import day_in_full
from keywork.duties import DutyState
from keywork.duty_words import listed
from keywork.guards import get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.jobs import LateJob, looked_for_late_job
from keywork.keyworker_history import Holder, read_holders_on
from keywork.models import Assignment
from keywork.sql import any_of
from reports.models import ReportComment, WrittenReport
from reports.writing.models import named_counts
from safety.models import Worry
from safety.worry_audience import read_open_worries
from students.models import HandOverNote, Student
from students.models.student import StudentQuerySet
from tsp.enquiries.waiting import WaitingEnquiry, asked_of

from ..cards import card_of
from ..due_summary import sentence
from ..holiday_today import holiday_of

FORMS = {"contact": "contacts:log_contact", "session": "contacts:log_session"}
SAID_DAYS = 28  # what a family wrote about a report waits on Today so long; it stays beside the report
SHOWN = (
    "legal_forename", "pronouns", "nc_year", "placement", "home_language", "read_first", "joined_on", "left_on", "known_from",
    "known_as", "surname",
)  # fmt: skip


@permission_required(Can.USE_TODAY)
def today(request: SchoolRequest) -> HttpResponse:
    day = clock.today()
    related = relations(request.user, day).related
    mine, covered = _kept_watch_over(related)
    holiday = holiday_of(request, mine | covered, related.keys(), day)
    mine, covered = (
        (mine - holiday.others.keys()) | holiday.own,
        (covered | holiday.others.keys()) - holiday.own,
    )
    logged = of_these(request.user, Can.LOG, mine | covered, day)
    beside = of_these(request.user, Can.VIEW_STUDENT, related.keys() - logged, day) & {
        pk for pk, names in related.items() if not names.isdisjoint({"core", "teacher", "house"})
    }
    rows = prepared.rows(_on_roll, logged | beside, day)
    students = [student for student in rows if student.pk in logged]
    states = duties.states_for(students, day, school=request.school)
    reminders = duties.reminders_for(states, day, school=request.school)
    waits = _what_waits(request, students, mine, covered, related.keys(), day)
    cards = sorted(
        (
            card_of(
                request.user,
                student,
                states[student.pk],
                day,
                reminders.get(student.pk, ()),
                waits.calls.get(student.pk),
            )
            for student in students
        ),
        key=lambda card: card.urgency,
    )
    read = {student.pk for student in students if student.read_first}
    read |= {one.student_id for one in waits.felt.feelings}
    opened_each(request, read, "today")
    opened_each(request, {one.student_id for one in waits.worries}, WORRY)
    covering, covered_now = _covering(
        [card.student for card in cards if card.student.pk in covered], waits.holders, day
    )
    told_of = mine | covered_now
    context = {
        **waits._asdict(),
        "today": day,
        "mine": [card for card in cards if card.student.pk in mine],
        "covered": [card for card in cards if card.student.pk in covered and not card.is_quiet],
        "covered_quiet": [card for card in cards if card.student.pk in covered and card.is_quiet],
        "beside": sorted(
            (student for student in rows if student.pk in beside),
            key=lambda student: (student.surname, student.known_as, student.pk),
        ),
        "sentence": _how_the_day_stands(states, day),
        "covering": covering,
        "open": "",
        "saved": (),
        "holiday": holiday.shown({student.pk: student.known_as for student in rows}),
        "mentoring": _mentoring(request, waits.load.get(request.user.pk), day),
        "from_home": [one for one in waits.from_home if one.pk in told_of],
        "mail_waits": [one for one in waits.mail if one[0] in told_of],
        "told_by_teachers": [one for one in waits.told_by_teachers if one[0] in told_of],
        "asked": waits.asked[0],
        "follow_ups": waits.asked[1],
        "to_read": waits.asked[2],
        "leads_lists": holds_for_all(request.user, Can.KEEP_CHECKLISTS),
        "reports": waits.reports if mine else {},
    }
    return render(request, "portal/today.html", context)


class Waits(NamedTuple):
    """What stands on Today beside the duties, and waits for somebody."""

    calls: Mapping[int, Call]  # whom to ring of each student
    holders: Sequence[Holder]  # of the students one covers
    late_job: LateJob | None
    load: Mapping[int, Load]  # what mentoring takes of one's week
    worries: Sequence[Worry]
    felt: Prompts
    to_check: int  # goals of those around the student; the leaders see all of them under "Goals to check"
    from_home: Sequence[FromHome]  # what homes and students wait for, and whom one meets
    mail: Sequence[tuple[int, str, int]]
    told_by_teachers: Sequence[tuple[int, str, int]]
    asked: tuple[Sequence[date], Sequence[WaitingEnquiry], Sequence[WaitingEnquiry]]
    to_do: Sequence[ToDo]
    home_says: Sequence[tuple[int, str]]  # students of whom home wrote about a report that one has not read
    handed_over: Sequence[Any]  # of whom a hand-over note is to be read, and of whom one is to be written
    reports: Mapping[str, int]
    shown: Sequence[tuple[int, str, str]]  # what a colleague shows to them and they have not read


def _what_waits(
    request: SchoolRequest,
    students: Sequence[Student],
    mine: Collection[int],
    covered: Collection[int],
    related: Collection[int],
    day: date,
) -> Waits:
    """All of it in one query, as nearly always nothing waits."""
    me, shown = request.user.pk, [student.pk for student in students]
    lately = clock.now() - timedelta(days=SAID_DAYS)
    return Waits(
        *prepared.together(
            usual_calls(shown, day),
            read_holders_on([pk for pk in shown if pk in covered], day),
            looked_for_late_job(),
            read_loads(day, [me]),
            read_open_worries(request.user),
            prompts_for(request.user, students, day),
            goals_to_check(request.user, related),
            from_home(of_these(request.user, Can.ANSWER_HOME, {*mine, *covered}, day)),
            mail_waits(shown),
            unread(shown),
            asked_of(request.user),
            to_do(request.user, mine, day),
            prepared.Read(_with_comments, mine, me, lately),
            prepared.Read(_with_notes, mine, me, day),
            prepared.Read(_open_reports, mine, then=named_counts),
            prepared.Read(_shown_to, me, day),
        )
    )


def _shown_to(user_id: Any, day: Any) -> QuerySet:
    """What a colleague shows to them and they have not read."""
    rows = SharedItem.objects.filter(user=user_id, until__gte=day, ended_at=None, read_at=None)
    return rows.order_by("pk").values_list("pk", "student__known_as", "shared_by__name")


def _kept_watch_over(related: Mapping[int, Collection[str]]) -> tuple[set[int], set[int]]:
    """Whom one keyworks, and whom one covers besides; `related` as access.reach has it."""
    mine = {pk for pk, names in related.items() if "keyworker" in names}
    cover = {"deputy", "mentor"}
    return mine, {pk for pk, names in related.items() if pk not in mine and not cover.isdisjoint(names)}


def _mentoring(request: SchoolRequest, load: Load | None, day: date) -> str | None:
    """What mentoring takes of one's week, in words; None in a school that does none, for who has no slot."""
    if load is not None:
        return load.words
    policy = request.school.policy(day)
    return "" if policy.session_window == "week" or policy.drop_in is not None else None


def _how_the_day_stands(states: Mapping[int, Sequence[DutyState]], day: date) -> str:
    """Of all students of Today together; "" where there are none."""
    return sentence((state for those in states.values() for state in those), day) if states else ""


def _shown() -> StudentQuerySet:
    """Students as a card shows them."""
    return Student.objects.only(*SHOWN).with_is_back()


def _on_roll(students: Any, day: date) -> QuerySet:
    return _shown().on_roll(day).filter(any_of("pk", students))


def _open_reports(students: Any) -> QuerySet:
    return WrittenReport.objects.filter(any_of("student", students)).by_state()


def _with_comments(students: Any, user_id: Any, since: Any) -> QuerySet:
    said = ReportComment.objects.filter(report__student=OuterRef("pk"), said_at__gt=since)
    return (
        Student.objects.filter(any_of("pk", students), Exists(said.not_read_by(user_id)))
        .order_by("in_order", "pk")
        .values_list("pk", "known_as")
    )


def _with_notes(students: Any, user_id: Any, day: Any) -> QuerySet:
    """`is_to_read`, `takes_over` with more than that, and `until`: the last day before somebody else is to be the
    keyworker, where nothing is written yet."""
    notes = HandOverNote.objects.filter(student=OuterRef("pk"))
    unread = notes.filter(read_at__isnull=True).exclude(written_by=user_id)
    holders = Assignment.objects.filter(student=OuterRef("pk"), kind=Assignment.Kind.KEYWORKER)
    ends = holders.filter(user=user_id, starts_on__lte=day, ends_on__gte=day)
    return (
        Student.objects.filter(any_of("pk", students))
        .annotate(
            is_to_read=Exists(unread),
            takes_over=Case(When(not_taken_over(OuterRef("pk"), day, user_id), then=True), default=False),
            until=Subquery(ends.values("ends_on")[:1]),
        )
        .filter(
            Q(is_to_read=True)
            | Q(takes_over=True)
            | Q(until__isnull=False)
            & ~Exists(notes.filter(written_by=user_id, read_at__isnull=True))
            & (Q(left_on__isnull=True) | Q(left_on__gt=F("until")))
        )
        .order_by("in_order", "pk")
        .values_list("pk", "known_as", "is_to_read", "until", "takes_over")
    )


def _covering(
    students: list[Student], holders: Sequence[Holder], day: date
) -> tuple[list[tuple[str, str]], set[int]]:
    """Of the students one covers, those whose keyworker is away: "Ros Whitcombe is away until …" and their names; and
    their keys."""
    names, away = {student.pk: student.known_as for student in students}, set()
    whose: dict[tuple[int, str], list[str]] = {}
    for holder in holders:
        if holder.kind == Assignment.Kind.KEYWORKER and holder.away_until is not None:
            said = f"{holder.name} is away until {day_in_full(holder.away_until, day)}"
            whose.setdefault((holder.user_id, said), []).append(names[holder.student_id])
            away.add(holder.student_id)
    return [(said, listed(sorted(those))) for (_, said), those in whose.items()], away


@permission_required(Can.LOG)
def card(request: SchoolRequest, student_id: int) -> HttpResponse:
    """One card, for htmx: closed, or with a form open. Without script it leads to the same on a page."""
    student = get_visible_or_404(_shown(), request, Can.LOG, pk=student_id)
    form = request.GET.get("open", "")
    if not request.htmx:
        if form in FORMS:
            return redirect(FORMS[form], student_id)
        return redirect(f"{reverse('portal:today')}#s-{student_id}")
    day = clock.today()
    school = request.school
    saved = list(get_messages(request))
    students: list[Student] = [student]
    if saved:  # the head of the page follows: it counts what all cards say
        mine, covered = _kept_watch_over(relations(request.user, day).related)
        logged = of_these(request.user, Can.LOG, mine | covered, day)
        students += [one for one in prepared.rows(_on_roll, logged, day) if one.pk != student_id]
    everyone = duties.states_for(students, day, school=school)
    states = {student_id: everyone[student_id]}
    reminders = duties.reminders_for(states, day, school=school)
    context = {
        "cards": [
            card_of(
                request.user,
                student,
                states[student_id],
                day,
                reminders.get(student_id, ()),
                usual_calls([student_id], day).now().get(student_id),
            )
        ],
        "open": form if form in FORMS else "",
        "form_url": _form_url(form, student_id) if form in FORMS else "",
        "saved": saved,
        "sentence": _how_the_day_stands(everyone, day) if saved else "",
    }
    return render(request, "portal/_cards.html", context)


def _form_url(form: str, student_id: int) -> str:
    """The form's page, told which card to bring back once it is saved."""
    there = {"card": reverse("portal:card", args=[student_id]), "next": reverse("portal:today")}
    return f"{reverse(FORMS[form], args=[student_id])}?{urlencode(there)}"

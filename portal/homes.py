"""What a family and a student see of school: the people, what was shared, and what comes next. Plain facts only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from contacts.at_home import household_of, with_household
from contacts.duties import SessionState
from contacts.models import HomeContact
from keywork import duties, prepared
from keywork.absences import away_until, first_here
from keywork.access import Can, heads
from keywork.duties import DutyState, Status
from keywork.models import Assignment, User
from keywork.school import SchoolFacts
from keywork.turns import Turn
from keywork.words import worded
from reports.kinds import TSP_TERMLY
from reports.models import Recipient, Report
from students.models import FamilyLink, Student
from tsp.rating.history import PointScores, points_of

from .due_summary import is_ahead

Kind = Assignment.Kind
SEEN_AT_HOME = (Kind.KEYWORKER, Kind.DEPUTY, Kind.MENTOR)
CONTACTS_A_PAGE = 5
REPORTS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class People:
    """Who stands around a student today as they and their family know them, and what is already known to change."""

    keyworker: User | None
    deputy: User | None
    mentor: User | None
    head: User | None
    away_until: date | None  # the keyworker's, while they are away
    planned: Sequence[Assignment]  # soonest first
    to_ask: User | None  # the first person to turn to who is not away

    @property
    def covers(self) -> User | None:
        """Who is asked in the place of a keyworker who is away; nobody where everyone is."""
        return self.to_ask if self.away_until is not None and self.to_ask != self.keyworker else None


def people_around(student: Student, today: date) -> People:
    """Active staff only: nobody can reach a closed account. Three queries."""
    rows = prepared.rows(_assignments, student.pk, today)
    now = {row.kind: row.user for row in rows if row.starts_on <= today}
    keyworker, deputy, head = now.get(Kind.KEYWORKER), now.get(Kind.DEPUTY), head_of_social_education()
    asked = (keyworker, deputy, head)
    away = away_until(today, [person.pk for person in asked if person is not None])
    return People(
        keyworker=keyworker,
        deputy=deputy,
        mentor=now.get(Kind.MENTOR),
        head=head,
        away_until=away.get(keyworker.pk) if keyworker is not None else None,
        to_ask=first_here(asked, away),
        planned=[row for row in rows if row.starts_on > today],
    )


def _assignments(student: Any, today: date) -> QuerySet:
    assignments = Assignment.objects.filter(student=student, kind__in=SEEN_AT_HOME, user__is_active=True)
    return assignments.exclude(ends_on__lt=today).select_related("user").order_by("starts_on", "pk")


def head_of_social_education() -> User | None:
    return next(iter(prepared.rows(_head)), None)


def _head() -> QuerySet:
    return heads().order_by("in_order", "pk")[:1]


def children_of(user: Any, today: date) -> list[Student]:
    """The children this person may follow: those at school first, then by name."""
    found = Student.objects.visible_to(user, Can.VIEW_FAMILY_HOME).order_by("in_order", "pk")
    return sorted(found, key=lambda student: student.left_on is not None and student.left_on < today)


def my_link(user: Any, student: Student, today: date) -> FamilyLink:
    """What this person is to this child; there is one open link at most."""
    return (
        FamilyLink.objects.of_account(user).unrestricted(today).select_related("member").get(student=student)
    )


def in_touch_with(user: Any, student: Student, link: FamilyLink) -> Any:
    """Contacts and tries with this person or with someone of the same household, newest first.

    Separated parents: what was said to the other household is not theirs to read (DP-13). A household nobody has
    written down is a household of one.
    """
    contacts = HomeContact.objects.visible_to(user, Can.VIEW_FAMILY_HOME).filter(student=student)
    return with_household(contacts, household_of(link))


def released_to(user: Any, student: Student, link: FamilyLink) -> Any:
    """The reports that this person was given."""
    released = Report.objects.released().visible_to(user, Can.READ_RELEASED)
    return released.filter(student=student, recipients__member=link.member_id)


def reports_for(user: Any, student: Student, link: FamilyLink) -> list[Report]:
    """Newest first."""
    return list(released_to(user, student, link).order_by("-released_at", "-pk")[:REPORTS_SHOWN])


def rated_terms(user: Any, student: Student, link: FamilyLink, school: SchoolFacts) -> list[PointScores]:
    """What was rated in the terms whose report went to this person, as it stood then; oldest first. Five queries.

    The report that was given out is what says so: nothing before it, and nothing once it was taken back.
    """
    told: dict[str, date] = {}
    mine = released_to(user, student, link).filter(kind=TSP_TERMLY).order_by("known_on")
    told.update(mine.values_list("term", "known_on"))
    if not told:
        return []
    rated = points_of(student, school.calendar, finished_only=True)
    return [one for one in rated if one.term in told and one.done_on and one.done_on <= told[one.term]]


def to_read(reports: Sequence[Report], link: FamilyLink) -> list[Turn]:
    """The newest of them until this person opened it: the mail about it leads to the top of their page."""
    mine = Recipient.objects.filter(report__in=reports[:1], member=link.member_id, opened_at__isnull=True)
    return [
        Turn(
            worded("A report to read"),
            one.report.title,
            reverse("reports:family_pdf", args=[one.report_id]),
            worded("Open"),
        )
        for one in mine.select_related("report")
    ]


def next_contact_by(student: Student, link: FamilyLink, today: date, school: SchoolFacts) -> date | None:
    """When home hears from the keyworker at the latest, for those they ring; None when there is nothing to promise."""
    if not (link.lives_with and link.may_receive_keywork_contact and student.is_on_roll(today)):
        return None
    state = _state("home_contact", student, today, school)
    if state is None or not is_ahead(state) or state.due_on is None or state.due_on < today:
        return None
    return state.by


@dataclass(frozen=True, slots=True)
class NextTalk:
    """The session of this half-term, as the student is told of it: had, or still to come by a day."""

    had: bool
    by: date | None


def next_talk(student: Student, today: date, school: SchoolFacts) -> NextTalk | None:
    """None in a holiday, and where nothing is asked of this half-term."""
    block = school.calendar.block_on(today)
    state = _state("session", student, today, school)
    if block is None or state is None or not student.is_on_roll(today):
        return None
    if state.status is Status.MISSED:  # of the half-term before: this one's talk is still to come
        assert isinstance(state, SessionState)
        return NextTalk(had=False, by=state.result.next_by)
    if state.due_on is None or state.due_on < today:
        return None
    if state.status in (Status.MET, Status.MET_LATE):
        return NextTalk(had=True, by=None)
    return NextTalk(had=False, by=state.by) if is_ahead(state) else None


def _state(kind: str, student: Student, today: date, school: SchoolFacts) -> DutyState | None:
    """How one duty stands; None where the school has no such duty."""
    provider = next((one for one in duties.providers() if one.kind == kind), None)
    return provider.states([student], today, school=school)[0] if provider else None

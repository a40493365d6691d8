"""Telling people what was missed: one e-mail a person and school day, at least once, initials only.

A keyworker hears of their own students, or who stands in while they are away; a Head of Social Education of the school,
senior leadership of what repeats (`contacts.escalation` says who hears of what), a deputy of whom they cover for (C11),
whoever was asked to follow an entry up of that (`contacts.follow_ups`). Who is several of these gets one mail with all.
A former keyworker gets nothing: today's keyworker does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock, duties, quiet, school
from keywork.absences import away_until
from keywork.access import heads, is_head, seniors, shut_out
from keywork.dates import london_date
from keywork.duties import Status
from keywork.duty_words import inside
from keywork.keyworker_history import reachable
from keywork.models import Assignment, StaffAbsence, User
from outbox import actions as outbox
from outbox.models import Job, Mail
from students.models import Student

from . import escalation
from .duties import HomeContactDuty, home
from .escalation import Line, MissFacts, NotificationKind
from .follow_ups import notifications as follow_ups
from .follow_ups.notifications import FollowUpLine
from .holiday_cover import covered_on
from .misses import deputy_alert_on
from .models import Digest, DigestChoice, Miss, MissAnswer

LISTED = 40  # a longer list is for the page the mail links to
ANYTHING = ("Something", "things")


class NotAllNotified(RuntimeError):
    """Some mails could not be sent; they stay untold and are tried again."""


@dataclass(frozen=True, slots=True)
class MissedLine:
    """One thing missed, as an e-mail may say it."""

    initials: str
    duty: str
    due_on: date
    klass: str
    is_overdue: bool  # still: nothing has been done since
    times: int = 1  # how often it was missed of them this term

    @property
    def what(self) -> str:
        """ "home contact", "TSP baseline"."""
        return inside(duties.miss_names().get(self.duty, "thing"))


@dataclass(slots=True)
class Cover:
    """Somebody's students while they are away: initials and the due dates that fall in it."""

    name: str
    ends_on: date
    due: list[tuple[str, date]] = field(default_factory=list)


@dataclass(slots=True)
class Letter:
    """What one person is to be told today. The two sets are of ids of misses and of staff absences."""

    user: User
    own: list[MissedLine] = field(default_factory=list)
    overdue: int = 0  # home contacts of their students overdue today, told before or not
    school: list[MissedLine] = field(default_factory=list)
    repeated: list[MissedLine] = field(default_factory=list)
    cover: list[Cover] = field(default_factory=list)
    follow_ups: list[FollowUpLine] = field(default_factory=list)
    misses: set[int] = field(default_factory=set)
    absences: set[int] = field(default_factory=set)

    @property
    def subject(self) -> str:
        if self.repeated and not self.own and not self.school:
            return "Something is missed again and again in Keywork"
        lines = self.own or self.school
        if not lines and not self.cover:
            asked = any(line.kind == NotificationKind.ASKED for line in self.follow_ups)
            return (
                "You are asked to follow something up in Keywork"
                if asked
                else "What came of what you asked in Keywork"
            )
        if not lines:
            return "You are covering for a colleague in Keywork"
        overdue = [line for line in lines if line.is_overdue]
        said = overdue or lines
        kinds = {line.duty for line in said}
        one, many = ANYTHING if len(kinds) > 1 else (f"A {said[0].what}", f"{said[0].what}s")
        if len(said) == 1:
            return f"{one} {'is overdue' if overdue else 'was missed'} in Keywork"
        return f"{len(said)} {many} {'are overdue' if overdue else 'were missed'} in Keywork"

    @property
    def body(self) -> str:
        today = reverse("portal:today")
        oversight = reverse("portal:oversight")
        return render_to_string(
            "contacts/email/digest.txt",
            {
                "letter": self,
                "own": self.own[:LISTED],
                "own_more": max(0, len(self.own) - LISTED),
                "school": sorted(self.school, key=lambda line: line.klass != Miss.Class.ATTEMPTED)[:LISTED],
                "school_more": max(0, len(self.school) - LISTED),
                "repeated": self.repeated[:LISTED],
                "repeated_more": max(0, len(self.repeated) - LISTED),
                "asked_url": f"{settings.BASE_URL}{reverse('enquiries:mine')}",
                "follow_ups_url": f"{settings.BASE_URL}{reverse('contacts:follow_ups')}",
                "asked": [line for line in self.follow_ups if line.what in ("asked", "late")],
                "ended": [line for line in self.follow_ups if line.what in ("done", "cannot")],
                "left": [line for line in self.follow_ups if line.what == "left"],
                "today_url": f"{settings.BASE_URL}{today}",
                "oversight_url": f"{settings.BASE_URL}{oversight}",
            },
        )


def notify_of_misses() -> dict[str, int]:
    """Send today's mails that have not gone out yet, here and now. Safe to run at once and again. Raises NotAllTold.

    In quiet hours nothing goes out: what is to be told is told on the next school morning.
    """
    now, today = clock.now(), clock.today()
    if not quiet.is_open(now, school.load().calendar):
        ask(today)
        return {"sent": 0}
    day = today.isoformat()
    before = Digest.objects.filter(day=day).count()
    job = outbox.do_here("contacts.digests", key=day, day=day)
    states = list(job.mails.values_list("state", flat=True))
    failed = len(states) - states.count(Mail.State.SENT) - states.count(Mail.State.NOT_NEEDED)
    if failed or job.state in (Job.State.WAITING, Job.State.FAILED):
        raise NotAllNotified(f"{failed} of {len(states)} e-mails could not be sent.")
    return {"sent": Digest.objects.filter(day=day).count() - before}


def who_rather_not(kind: NotificationKind) -> set[int]:
    return set(DigestChoice.objects.filter(without__contains=[kind.value]).values_list("user", flat=True))


def ask(today: date) -> None:
    """Ask for the mails of a day, for when staff may be written to on it. On any other day nothing is asked for."""
    if london_date(quiet.next_open(clock.now(), school.load().calendar)) == today:
        outbox.do("contacts.digests", key=today.isoformat(), day=today.isoformat())


def letters(today: date) -> Iterator[tuple[Letter, Callable[[], None]]]:
    """Today's mails, for who has not had one yet, each with what writes down that it was sent."""
    if not quiet.is_open(clock.now(), school.load().calendar):
        return
    run = DigestRun(today)
    had = set(Digest.objects.filter(day=today).values_list("user", flat=True))
    for letter in run.letters():
        if letter.user.pk not in had:
            yield letter, partial(run.sent, letter)
    run.mark_notified()


class DigestRun:
    """What is to be told on a day, read once; who was told is read anew whenever it is written down."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.school = school.load()
        self.leaders = list(heads().order_by("pk"))
        self.seniors = [user for user in seniors().order_by("pk") if user.is_written_to]
        self.times = self._times()
        self.repeated_from = self.school.policy(today).misses_before_senior_leadership
        repeated = [pk for pk, times in self.times.items() if times >= (self.repeated_from or times + 1)]
        standing = Miss.objects.standing()
        self.waiting = list(
            standing.filter(keyworker_notified_at__isnull=True).union(
                standing.filter(head_notified_at__isnull=True), standing.filter(pk__in=repeated)
            )
        )
        answered = MissAnswer.objects.filter(miss__in=[miss.pk for miss in self.waiting])
        said = answered.filter(~Q(reason="") | Q(acknowledged_at__isnull=False))
        self.explained = set(said.values_list("miss", flat=True))
        self.students = Student.objects.in_bulk({miss.student_id for miss in self.waiting})
        self.states = duties.states_for(list(self.students.values()), today)
        self.holders = {
            kind: reachable(kind, today, self.students)
            for kind in (Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY, Assignment.Kind.MENTOR)
        }
        self.people = {user.pk: user for users in self.holders.values() for user in users.values()}
        self.people |= {user.pk: user for user in [*self.leaders, *self.seniors]}
        covered = covered_on(
            {(miss.student_id, miss.due_on) for miss in self.waiting if miss.duty == home.KIND}
        )
        self.covered = {
            asked: user.pk
            for asked, user in covered.items()
            if any(users.get(asked[0]) == user for users in self.holders.values())
        }
        self.away = away_until(today, self.people)
        self.lines = {miss.pk: self._line(miss) for miss in self.waiting}

    def _times(self) -> dict[int, int]:
        """Of each miss of this term: how often the same was missed of the student by then, who could be reached."""
        begun = [term.starts_on for term in self.school.calendar.terms if term.starts_on <= self.today]
        missed = Miss.objects.standing().exclude(klass=Miss.Class.ATTEMPTED)
        rows = missed.filter(due_on__gte=max(begun, default=date.min)).order_by("due_on", "pk")
        counted: dict[tuple[int, str], int] = defaultdict(int)
        found = {}
        for pk, student_id, duty in rows.values_list("pk", "student_id", "duty"):
            counted[student_id, duty] += 1
            found[pk] = counted[student_id, duty]
        return found

    def _line(self, miss: Miss) -> MissedLine:
        # Since when what presses has been waited for: a rule changed meanwhile may name another day for the same silence.
        since = min(
            (
                state.since
                for state in self.states[miss.student_id]
                if state.miss_kind == miss.duty
                and state.status in (Status.OVERDUE, Status.MISSED)
                and state.since is not None
            ),
            default=date.max,
        )
        initials = self.students[miss.student_id].initials
        times = self.times.get(miss.pk, 1)
        return MissedLine(initials, miss.duty, miss.due_on, miss.klass, since <= miss.due_on, times)

    def facts(self, miss: Miss) -> MissFacts:
        """What has no clock of its own is withdrawn when it was made up for; a contact made since is no longer owed."""
        line = self.lines[miss.pk]
        left_on = self.students[miss.student_id].left_on
        held = any(
            state.held_until and state.miss_kind == miss.duty for state in self.states[miss.student_id]
        )
        return MissFacts(
            has_left=left_on is not None and left_on < self.today,
            is_done=miss.duty == home.KIND and not line.is_overdue and not held,
            is_explained=miss.pk in self.explained,
            is_held=held,
            times=line.times,
            own_is_notified=miss.keyworker_notified_at is not None,
        )

    def line(self, miss: Miss) -> Line:
        users = [found.get(miss.student_id) for found in self.holders.values()]
        covering = self.covered.get(
            (miss.student_id, miss.due_on)
        )  # in that week of a holiday it was theirs (C16)
        held = [covering, *(user.pk if user else None for user in users)]
        first = tuple(dict.fromkeys(pk for pk in held if pk is not None))
        return Line(first, [one.pk for one in self.leaders], [one.pk for one in self.seniors], self.away)

    def letters(self) -> list[Letter]:
        made: dict[int, Letter] = {}

        def letter_to(user: User) -> Letter:
            return made.setdefault(user.pk, Letter(user))

        notified = self._notified()
        goes = self._choices()
        for miss in sorted(self.waiting, key=lambda miss: (miss.due_on, miss.student_id)):
            before = {pk for pk, misses in notified.items() if miss.pk in misses}
            hearing = escalation.notified_today(
                self.facts(miss),
                self.line(miss),
                is_school_day=True,
                repeated_from=self.repeated_from,
                notified=before,
            )
            for pk, kind in hearing.items():
                if goes(pk, kind):
                    letter = letter_to(self.people[pk])
                    {
                        NotificationKind.OWN: letter.own,
                        NotificationKind.SCHOOL: letter.school,
                        NotificationKind.REPEATED: letter.repeated,
                    }[kind].append(self.lines[miss.pk])
                    letter.misses.add(miss.pk)
        overdue = _overdue_count([pk for pk, letter in made.items() if letter.own], self.today)
        for pk, letter in made.items():
            letter.overdue = overdue.get(pk, 0)
        for deputy, absence, cover in _covers(self.today):
            letter = letter_to(deputy)
            letter.cover.append(cover)
            letter.absences.add(absence.pk)
        for line in follow_ups.lines(self.today):
            if goes(line.user.pk, line.kind):
                letter_to(line.user).follow_ups.append(line)
        return [made[pk] for pk in sorted(made)]

    def _choices(self) -> Callable[[int, NotificationKind], bool]:
        """Whether something is in somebody's mail of today, by what they chose."""
        chosen = {one.user_id: one for one in DigestChoice.objects.all()}
        is_first = quiet.is_first_of_week(self.today, self.school.calendar)

        def goes(user_id: int, kind: NotificationKind) -> bool:
            one = chosen.get(user_id)
            return one is None or escalation.goes_today(
                kind, weekly=one.weekly, off=one.without, is_first_of_week=is_first
            )

        return goes

    def _notified(self) -> dict[int, set[int]]:
        return _notified_of(list(self.people.values()), self.waiting)

    def sent(self, letter: Letter) -> None:
        Digest.objects.create(
            user=letter.user,
            day=self.today,
            sent_at=clock.now(),
            misses=sorted(letter.misses),
            absences=sorted(letter.absences),
            follow_ups=sorted({key for line in letter.follow_ups for key in line.keys}),
        )
        self.mark_notified()

    def mark_notified(self) -> None:
        """A miss is told when everybody who should hear of it has, or nobody is to any more."""
        notified, now = self._notified(), clock.now()
        over, own_notified, head_notified = set(), set(), set()
        for miss in self.waiting:
            first = self.line(miss).first
            if escalation.stopped_by(self.facts(miss)) in escalation.FOR_GOOD:
                over.add(miss.pk)
            if not first or any(miss.pk in notified[pk] for pk in first):
                own_notified.add(miss.pk)
            if self.leaders and all(miss.pk in notified[head.pk] for head in self.leaders):
                head_notified.add(miss.pk)
        Miss.objects.filter(pk__in=own_notified | over, keyworker_notified_at__isnull=True).update(
            keyworker_notified_at=now
        )
        Miss.objects.filter(pk__in=head_notified | over, head_notified_at__isnull=True).update(
            head_notified_at=now
        )


def _overdue_count(users: Sequence[int], today: date) -> dict[int, int]:
    rows = list(
        Assignment.objects.keyworkers(today).filter(user__in=users).values_list("user_id", "student_id")
    )
    students = list(Student.objects.on_roll(today).filter(pk__in=[student_id for _, student_id in rows]))
    late = {
        state.student_id
        for state in HomeContactDuty().states(students, today)
        if state.status is Status.OVERDUE
    }
    counts: dict[int, int] = defaultdict(int)
    for user_id, student_id in rows:
        counts[user_id] += student_id in late
    return counts


def _notified_of(users: Sequence[User], misses: Sequence[Miss]) -> dict[int, set[int]]:
    """Which of these misses each person was told of already, or is never told of: their own child's."""
    notified: dict[int, set[int]] = {user.pk: set() for user in users}
    if misses:
        rows = Digest.objects.filter(user__in=list(users), misses__overlap=[miss.pk for miss in misses])
        alerted = {miss.pk: miss.alerted_from for miss in misses if miss.alerted_from is not None}
        leaders = {user.pk for user in users if is_head(user)}
        for user_id, ids, sent_at in rows.values_list("user_id", "misses", "sent_at"):
            again = {pk for pk in ids if user_id in leaders and pk in alerted and sent_at < alerted[pk]}
            notified[user_id].update(set(ids) - again)
        for user_id, student_id in shut_out(users):
            notified[user_id].update(miss.pk for miss in misses if miss.student_id == student_id)
    return notified


def _covers(today: date) -> list[tuple[User, StaffAbsence, Cover]]:
    """C11: from the first day of a keyworker's leave, who stands in for them, with the due dates that fall in it."""
    away = list(StaffAbsence.objects.filter(starts_on__lte=today, ends_on__gte=today).select_related("user"))
    if not away:
        return []
    spans: dict[int, list[StaffAbsence]] = defaultdict(list)
    for absence in away:
        spans[absence.user_id].append(absence)
    assignments = Assignment.objects.keyworkers(today).filter(user__in=list(spans))
    keyworker_of = dict(assignments.values_list("student_id", "user_id"))
    stand_ins = _stand_ins(keyworker_of, spans, today)
    students = {one.pk: one for one in Student.objects.on_roll(today).filter(pk__in=list(stand_ins))}
    notified = {
        (user_id, absence_id)
        for user_id, ids in Digest.objects.filter(absences__overlap=[one.pk for one in away]).values_list(
            "user_id", "absences"
        )
        for absence_id in ids
    }
    found: dict[tuple[int, int], tuple[User, StaffAbsence, Cover]] = {}
    for state in HomeContactDuty().states(list(students.values()), today, school=school.load()):
        deputy = stand_ins[state.student_id]
        for absence in spans[keyworker_of[state.student_id]]:
            key = (deputy.pk, absence.pk)
            span = (absence.starts_on, absence.ends_on)
            if (
                state.due_on is None
                or state.held_until
                or key in notified
                or deputy_alert_on(state.due_on, [span]) is None
            ):
                continue
            made = found.setdefault(key, (deputy, absence, Cover(absence.user.name, absence.ends_on)))
            made[2].due.append((students[state.student_id].initials, state.by or state.due_on))
    return list(found.values())


def _stand_ins(students: Collection[int], away: Collection[int], today: date) -> dict[int, User]:
    """The deputy of each of these students, or the mentor where there is none or they are away themselves."""
    found: dict[int, User] = {}
    for kind in (Assignment.Kind.DEPUTY, Assignment.Kind.MENTOR):
        for student_id, user in reachable(kind, today, students).items():
            if user.pk not in away:
                found.setdefault(student_id, user)
    return found

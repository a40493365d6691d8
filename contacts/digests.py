"""Telling people what was missed: one e-mail a person and day, at least once, initials only.

A keyworker hears of their own students, a Head of Social Education of the school, a deputy of whom they cover
for (C11). Who is both gets one mail with both. A former keyworker gets nothing: today's keyworker does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock, duties, school
from keywork.access import heads, is_head, shut_out
from keywork.duties import Status
from keywork.duty_words import inside
from keywork.keyworker_history import reachable
from keywork.models import Assignment, StaffAbsence, User
from outbox import actions as outbox
from outbox.models import Job, Mail
from students.models import Student

from .duties import HomeContactDuty
from .misses import deputy_alert_on
from .models import Digest, Miss

LISTED = 40  # a longer list is for the page the mail links to
ANYTHING = ("Something", "things")


class NotAllTold(RuntimeError):
    """Some mails could not be sent; they stay untold and are tried again."""


@dataclass(frozen=True, slots=True)
class MissedLine:
    """One thing missed, as an e-mail may say it."""

    initials: str
    duty: str
    due_on: date
    klass: str
    is_overdue: bool  # still: nothing has been done since

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
    cover: list[Cover] = field(default_factory=list)
    misses: set[int] = field(default_factory=set)
    absences: set[int] = field(default_factory=set)

    @property
    def subject(self) -> str:
        lines = self.own or self.school
        if not lines:
            return "You are covering for a colleague in Keywork"
        overdue = [line for line in lines if line.is_overdue]
        told = overdue or lines
        kinds = {line.duty for line in told}
        one, many = ANYTHING if len(kinds) > 1 else (f"A {told[0].what}", f"{told[0].what}s")
        if len(told) == 1:
            return f"{one} {'is overdue' if overdue else 'was missed'} in Keywork"
        return f"{len(told)} {many} {'are overdue' if overdue else 'were missed'} in Keywork"

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
                "today_url": f"{settings.BASE_URL}{today}",
                "oversight_url": f"{settings.BASE_URL}{oversight}",
            },
        )


def tell_misses() -> dict[str, int]:
    """Send today's mails that have not gone out yet, here and now. Safe to run at once and again. Raises NotAllTold."""
    day = clock.today().isoformat()
    before = Digest.objects.filter(day=day).count()
    job = outbox.do_here("contacts.digests", key=day, day=day)
    states = list(job.mails.values_list("state", flat=True))
    failed = len(states) - states.count(Mail.State.SENT) - states.count(Mail.State.NOT_NEEDED)
    if failed or job.state in (Job.State.WAITING, Job.State.FAILED):
        raise NotAllTold(f"{failed} of {len(states)} e-mails could not be sent.")
    return {"sent": Digest.objects.filter(day=day).count() - before}


def letters(today: date) -> Iterator[tuple[Letter, Callable[[], None]]]:
    """Today's mails, for who has not had one yet, each with what writes down that it was sent."""
    untold = list(
        Miss.objects.standing()
        .filter(keyworker_told_at__isnull=True)
        .union(Miss.objects.standing().filter(head_told_at__isnull=True))
    )
    leaders = list(heads().order_by("pk"))
    had = set(Digest.objects.filter(day=today).values_list("user", flat=True))
    for letter in _letters(untold, leaders, today):
        if letter.user.pk not in had:
            yield letter, partial(_sent, letter, today, untold, leaders)
    _mark_told(untold, leaders, today)


def _sent(letter: Letter, today: date, untold: Sequence[Miss], leaders: Sequence[User]) -> None:
    Digest.objects.create(
        user=letter.user,
        day=today,
        sent_at=clock.now(),
        misses=sorted(letter.misses),
        absences=sorted(letter.absences),
    )
    _mark_told(untold, leaders, today)


def _letters(untold: Sequence[Miss], leaders: Sequence[User], today: date) -> list[Letter]:
    letters: dict[int, Letter] = {}

    def letter_to(user: User) -> Letter:
        return letters.setdefault(user.pk, Letter(user))

    students = Student.objects.in_bulk({miss.student_id for miss in untold})
    posts = reachable(Assignment.Kind.KEYWORKER, today, students)
    lines = _lines(untold, students, today)
    for miss in untold:
        keyworker = posts.get(miss.student_id)
        if miss.keyworker_told_at is None and keyworker is not None:
            letter = letter_to(keyworker)
            letter.own.append(lines[miss.pk])
            letter.misses.add(miss.pk)
    overdue = _overdue_count(letters, today)
    for pk, letter in letters.items():
        letter.overdue = overdue.get(pk, 0)
    told = _told_to(leaders, [miss for miss in untold if miss.head_told_at is None])
    for head in leaders:
        for miss in untold:
            if miss.head_told_at is None and miss.pk not in told[head.pk]:
                letter = letter_to(head)
                letter.school.append(lines[miss.pk])
                letter.misses.add(miss.pk)
    for deputy, absence, cover in _covers(today):
        letter = letter_to(deputy)
        letter.cover.append(cover)
        letter.absences.add(absence.pk)
    return [letters[pk] for pk in sorted(letters)]


def _lines(untold: Sequence[Miss], students: Mapping[int, Student], today: date) -> dict[int, MissedLine]:
    states = duties.states_for(list(students.values()), today)
    # Since when what presses has been waited for: a rule changed meanwhile may name another day for the same silence.
    pressing = {
        (student_id, state.miss_kind): state.since
        for student_id, found in states.items()
        for state in found
        if state.status in (Status.OVERDUE, Status.MISSED) and state.since is not None
    }
    return {
        miss.pk: MissedLine(
            students[miss.student_id].initials,
            miss.duty,
            miss.due_on,
            miss.klass,
            pressing.get((miss.student_id, miss.duty), date.max) <= miss.due_on,
        )
        for miss in sorted(untold, key=lambda miss: (miss.due_on, miss.student_id))
    }


def _overdue_count(letters: Mapping[int, Letter], today: date) -> dict[int, int]:
    """How many home contacts each of these keyworkers has overdue today."""
    rows = list(
        Assignment.objects.keyworkers(today)
        .filter(user__in=list(letters))
        .values_list("user_id", "student_id")
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


def _told_to(users: Sequence[User], misses: Sequence[Miss]) -> dict[int, set[int]]:
    """Which of these misses each person was told of already, or is never told of: their own child's."""
    told: dict[int, set[int]] = {user.pk: set() for user in users}
    if misses:
        rows = Digest.objects.filter(user__in=list(users), misses__overlap=[miss.pk for miss in misses])
        alerted = {miss.pk: miss.alerted_from for miss in misses if miss.alerted_from is not None}
        leaders = {user.pk for user in users if is_head(user)}
        for user_id, ids, sent_at in rows.values_list("user_id", "misses", "sent_at"):
            again = {pk for pk in ids if user_id in leaders and pk in alerted and sent_at < alerted[pk]}
            told[user_id].update(set(ids) - again)
        for user_id, student_id in shut_out(users):
            told[user_id].update(miss.pk for miss in misses if miss.student_id == student_id)
    return told


def _covers(today: date) -> list[tuple[User, StaffAbsence, Cover]]:
    """C11: from the first day of a keyworker's leave, their deputies, with the due dates that fall in it."""
    away = list(StaffAbsence.objects.filter(starts_on__lte=today, ends_on__gte=today).select_related("user"))
    if not away:
        return []
    spans: dict[int, list[StaffAbsence]] = defaultdict(list)
    for absence in away:
        spans[absence.user_id].append(absence)
    posts = Assignment.objects.keyworkers(today).filter(user__in=list(spans))
    keyworker_of = dict(posts.values_list("student_id", "user_id"))
    deputies = reachable(Assignment.Kind.DEPUTY, today, keyworker_of)
    students = {one.pk: one for one in Student.objects.on_roll(today).filter(pk__in=list(deputies))}
    told = {
        (user_id, absence_id)
        for user_id, ids in Digest.objects.filter(absences__overlap=[one.pk for one in away]).values_list(
            "user_id", "absences"
        )
        for absence_id in ids
    }
    found: dict[tuple[int, int], tuple[User, StaffAbsence, Cover]] = {}
    for state in HomeContactDuty().states(list(students.values()), today, school=school.load()):
        deputy = deputies[state.student_id]
        for absence in spans[keyworker_of[state.student_id]]:
            key = (deputy.pk, absence.pk)
            span = (absence.starts_on, absence.ends_on)
            if (
                state.due_on is None
                or state.held_until
                or key in told
                or deputy_alert_on(state.due_on, [span]) is None
            ):
                continue
            made = found.setdefault(key, (deputy, absence, Cover(absence.user.name, absence.ends_on)))
            made[2].due.append((students[state.student_id].initials, state.by or state.due_on))
    return list(found.values())


def _mark_told(untold: Sequence[Miss], leaders: Sequence[User], today: date) -> None:
    """A miss is told when everybody who should hear of it has; a keyworker only where there is one."""
    ids = [miss.pk for miss in untold]
    keyworkers = reachable(Assignment.Kind.KEYWORKER, today, {miss.student_id for miss in untold})
    told = _told_to([*leaders, *set(keyworkers.values())], untold)
    now = clock.now()
    keyworker_told = [
        miss.pk
        for miss in untold
        if miss.student_id not in keyworkers or miss.pk in told[keyworkers[miss.student_id].pk]
    ]
    Miss.objects.filter(pk__in=keyworker_told, keyworker_told_at__isnull=True).update(keyworker_told_at=now)
    if leaders:
        head_told = [pk for pk in ids if all(pk in told[head.pk] for head in leaders)]
        Miss.objects.filter(pk__in=head_told, head_told_at__isnull=True).update(head_told_at=now)

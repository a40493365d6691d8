"""What the head may do to assignments, each looked at before it is done.

A preview is the change itself, made and rolled back: what is shown can never differ from what happens. Its `seal`
goes into the form and comes back with the confirmation, so that nobody confirms what they have not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import pghistory
from django.db import transaction

from keywork import clock, duties
from keywork.access import Can
from keywork.actions import assignments as actions
from keywork.actions.assignments import ONE_AT_A_TIME, AssignmentRefused
from keywork.dates import number_of_days
from keywork.models import Assignment, User
from students.models import Student

from . import tasks
from .owed import is_overdue
from .telling import News, What
from .wording import counted, day_words, holder, load_line, post_word, still_overdue, told

Kind = Assignment.Kind
A_DAY = timedelta(days=1)


class NotAsSeen(Exception):
    """Something differs from what was previewed. `by_others`: somebody changed the assignments meanwhile."""

    def __init__(self, by_others: bool) -> None:
        super().__init__()
        self.by_others = by_others


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does, in sentences, and whom it moves (a caseload)."""

    lines: Sequence[str]
    news: News
    students: Sequence[Student] = ()
    seal: str = ""


class Change(Protocol):
    def student_ids(self) -> list[int]: ...

    def asked(self) -> tuple[Any, ...]:
        """Everything that was typed."""
        ...

    def rows(self) -> list[tuple[Any, ...]]:
        """The assignments it builds on, as they are now."""
        ...

    def make(self, by: User) -> Effect:
        """Do it and say what it did. Raises AssignmentRefused."""
        ...


def preview(change: Change, *, by: User) -> Effect:
    """What would happen. Raises AssignmentRefused as the change itself would."""
    with transaction.atomic():
        seal = _seal(change)
        effect = change.make(by)
        transaction.set_rollback(True)
    return Effect(effect.lines, effect.news, effect.students, seal)


@transaction.atomic
def carry_out(change: Change, *, seal: str, by: User) -> Effect:
    """Do what was previewed and tell people after commit. Raises NotAsSeen, AssignmentRefused."""
    asked, _, found = _seal(change, lock=True).partition(".")
    asked_then, _, found_then = seal.partition(".")
    if (asked, found) != (asked_then, found_then):
        raise NotAsSeen(by_others=asked == asked_then)
    effect = change.make(by)
    news = effect.news
    arguments = (
        news.what,
        news.kind,
        news.on.isoformat(),
        list(news.student_ids),
        news.incoming,
        list(news.outgoing),
    )
    transaction.on_commit(lambda: tasks.tell_of_change.delay(*arguments))
    return effect


def _seal(change: Change, *, lock: bool = False) -> str:
    """A fingerprint of what was asked and of the rows it builds on, joined by a dot."""
    if lock:
        list(
            Student.objects.select_for_update()
            .order_by("pk")
            .filter(pk__in=change.student_ids())
            .values_list("pk")
        )
    return ".".join(
        hashlib.sha256(repr(part).encode()).hexdigest()[:16] for part in (change.asked(), change.rows())
    )


@dataclass(slots=True)
class _OfStudent:
    """What the changes to one post of one student share."""

    student: Student

    def student_ids(self) -> list[int]:
        return [self.student.pk]

    def posts(self, kind: str) -> dict[int, Assignment]:
        found = (
            Assignment.objects.filter(student=self.student, kind=kind)
            .select_related("user")
            .order_by("starts_on", "pk")
        )
        return {row.pk: row for row in found}


def _as_rows(posts: Sequence[Assignment]) -> list[tuple[Any, ...]]:
    return [(row.pk, row.user_id, row.starts_on, row.ends_on) for row in posts]


@dataclass(slots=True)
class Assign(_OfStudent):
    """Somebody takes a post of a student."""

    user: User
    kind: str
    starts_on: date
    reason: str
    reason_note: str = ""
    over_cap_reason: str = ""
    ends_on: date | None = None

    def asked(self) -> tuple[Any, ...]:
        return (
            self.student.pk, self.user.pk, self.kind, self.starts_on, self.ends_on,
            self.reason, self.reason_note, self.over_cap_reason,
        )  # fmt: skip

    def rows(self) -> list[tuple[Any, ...]]:
        return _as_rows(list(self.posts(self.kind).values()))

    def make(self, by: User) -> Effect:
        before = self.posts(self.kind)
        made = _within_cap_or_not(self._assign, self.over_cap_reason, by)
        after = self.posts(self.kind)
        closed = [row for row in after.values() if row.pk in before and row.ends_on != before[row.pk].ends_on]
        name, word = self.student.known_as, Kind(self.kind).label.lower()
        lines = [f"{self.user.name} is {name}’s {post_word(self.kind)} from {day_words(made.starts_on)}."]
        if self.kind == Kind.KEYWORKER:
            lines.append(load_line(self.user, made.starts_on))
        lines += [f"{row.user.name}’s time as {word} ends on {day_words(row.ends_on)}." for row in closed]
        if made.ends_on is not None:
            lines.append(f"It ends by itself on {day_words(made.ends_on)}.")
            if self.kind in ONE_AT_A_TIME and not holder(after.values(), made.ends_on + A_DAY):
                lines.append(
                    f"From {day_words(made.ends_on + A_DAY)} {name} has no {word}, unless you name someone."
                )
        today = clock.today()
        if made.starts_on < today:
            lines.append(
                f"It counts from {number_of_days((today - made.starts_on).days)} ago. "
                "What was recorded as missed before stays as it was recorded."
            )
        if self.kind == Kind.KEYWORKER:
            lines += still_overdue(self.student)
        lines.append(told([self.user, *(row.user for row in closed)], self.kind, [self.student]))
        outgoing = tuple(row.user_id for row in closed if row.user_id != self.user.pk)
        news = News(What.BEGINS, self.kind, made.starts_on, (self.student.pk,), self.user.pk, outgoing)
        return Effect(lines, news)

    def _assign(self, over_cap_reason: str, by: User) -> Assignment:
        return actions.assign(
            student=self.student,
            user=self.user,
            kind=self.kind,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            reason=self.reason,
            reason_note=self.reason_note,
            over_cap_reason=over_cap_reason,
            by=by,
        )


@dataclass(slots=True)
class End(_OfStudent):
    """Somebody's post ends; `ends_on` is the last day."""

    post: Assignment
    ends_on: date
    reason: str
    note: str = ""

    def asked(self) -> tuple[Any, ...]:
        return (self.post.pk, self.ends_on, self.reason, self.note)

    def rows(self) -> list[tuple[Any, ...]]:
        return _as_rows(list(self.posts(self.post.kind).values()))

    def make(self, by: User) -> Effect:
        row = actions.end_assignment(
            assignment=self.post, ends_on=self.ends_on, reason=self.reason, note=self.note, by=by
        )
        user, kind, name = self.post.user, row.kind, self.student.known_as
        word, day_after = Kind(kind).label.lower(), self.ends_on + A_DAY
        lines = [f"{user.name}’s last day as {name}’s {post_word(kind)} is {day_words(self.ends_on)}."]
        if kind in ONE_AT_A_TIME:
            posts = list(self.posts(kind).values())
            successor = holder(posts, day_after)
            if successor:
                lines.append(f"{successor.user.name} follows on {day_words(successor.starts_on)}.")
            elif not (self.student.left_on and self.student.left_on < day_after):
                later = next((one for one in posts if one.starts_on > day_after), None)
                gap = (
                    f"until {later.user.name} begins on {day_words(later.starts_on)}"
                    if later
                    else "until you name someone"
                )
                lines.append(f"From {day_words(day_after)} {name} has no {word}, {gap}.")
        if kind == Kind.KEYWORKER:
            lines += still_overdue(self.student)
        lines.append(told([user], kind, [self.student]))
        return Effect(lines, News(What.ENDS, kind, self.ends_on, (self.student.pk,), None, (user.pk,)))


@dataclass(slots=True)
class TakeBack(_OfStudent):
    """A post that has not begun is planned no more; whoever it would have ended goes on."""

    post: Assignment
    reason: str = ""

    def asked(self) -> tuple[Any, ...]:
        return (self.post.pk,)

    def rows(self) -> list[tuple[Any, ...]]:
        return _as_rows(list(self.posts(self.post.kind).values()))

    def make(self, by: User) -> Effect:
        user, kind, starts_on = self.post.user, self.post.kind, self.post.starts_on
        word, name = Kind(kind).label.lower(), self.student.known_as
        with pghistory.context(did="taken back", by=by.pk, reason=self.reason):
            # The row history keeps changes, not deletions: the last change says why it went.
            self.post.end_reason, self.post.end_note, self.post.ended_by = (
                Assignment.Reason.OTHER,
                self.reason,
                by,
            )
            self.post.save(update_fields=["end_reason", "end_note", "ended_by"])
            actions.cancel_planned(assignment=self.post, by=by)
        lines = [f"{user.name} does not become {name}’s {post_word(kind)} on {day_words(starts_on)}."]
        if kind in ONE_AT_A_TIME:
            stays = holder(self.posts(kind).values(), starts_on)
            lines.append(
                f"{stays.user.name} stays {name}’s {word}."
                if stays
                else f"On that day {name} has no {word}, unless you name someone."
            )
        lines.append(told([user], kind, [self.student]))
        return Effect(lines, News(What.TAKEN_BACK, kind, starts_on, (self.student.pk,), user.pk))


@dataclass(slots=True)
class HandOver:
    """One keyworker's whole caseload goes to another."""

    from_user: User
    to_user: User
    starts_on: date
    reason: str
    reason_note: str = ""
    over_cap_reason: str = ""

    def posts(self) -> list[Assignment]:
        return list(
            Assignment.objects.dated(self.starts_on)
            .filter(user=self.from_user, kind=Kind.KEYWORKER)
            .select_related("student")
            .order_by("student__in_order", "student_id")
        )

    def student_ids(self) -> list[int]:
        return [row.student_id for row in self.posts()]

    def asked(self) -> tuple[Any, ...]:
        return (
            self.from_user.pk, self.to_user.pk, self.starts_on, self.reason, self.reason_note, self.over_cap_reason,
        )  # fmt: skip

    def rows(self) -> list[tuple[Any, ...]]:
        return _as_rows(self.posts())

    def make(self, by: User) -> Effect:
        rows = self.posts()
        if not rows:
            raise AssignmentRefused("starts_on", f"{self.from_user.name} is nobody’s keyworker on that day.")
        mine = Student.objects.visible_to(by, Can.ASSIGN).filter(pk__in=[row.student_id for row in rows])
        if mine.count() < len(rows):
            raise AssignmentRefused(
                "user", "You are family of one of these students. Ask someone else to move this caseload."
            )
        try:
            _within_cap_or_not(self._hand_over, self.over_cap_reason, by)
        except AssignmentRefused as refused:
            if refused.field == "over_cap_reason":
                raise AssignmentRefused(refused.field, self._too_many(len(rows))) from refused
            raise self._named(rows, refused, by) from refused
        students = [row.student for row in rows]
        many = f"{counted(len(rows), 'student')} {'moves' if len(rows) == 1 else 'move'}"
        lines = [f"{many} from {self.from_user.name} to {self.to_user.name} on {day_words(self.starts_on)}."]
        lines.append(load_line(self.to_user, self.starts_on))
        overdue = [
            pk
            for pk, states in duties.states_for(students, clock.today()).items()
            if any(map(is_overdue, states))
        ]
        if overdue:
            have = "has" if len(overdue) == 1 else "have"
            lines.append(f"{counted(len(overdue))} of them {have} something overdue; it stays overdue.")
        later = Assignment.objects.filter(
            user=self.from_user, kind=Kind.KEYWORKER, starts_on__gt=self.starts_on
        ).count()
        if later:
            short, are = self.from_user.get_short_name(), "is" if later == 1 else "are"
            lines.append(f"{counted(later, 'student')} planned for {short} after that day {are} not moved.")
        lines.append(told([self.to_user, self.from_user], Kind.KEYWORKER, students))
        ids = tuple(row.student_id for row in rows)
        news = News(What.BEGINS, Kind.KEYWORKER, self.starts_on, ids, self.to_user.pk, (self.from_user.pk,))
        return Effect(lines, news, students)

    def _hand_over(self, over_cap_reason: str, by: User) -> list[Assignment]:
        return actions.hand_over(
            from_user=self.from_user,
            to_user=self.to_user,
            starts_on=self.starts_on,
            reason=self.reason,
            reason_note=self.reason_note,
            over_cap_reason=over_cap_reason,
            by=by,
        )

    def _too_many(self, moving: int) -> str:
        load = actions.load_of(self.to_user, self.starts_on)
        short = self.to_user.get_short_name()
        would = f"{short} would have {load.students + moving} students; the limit is {load.cap}."
        return f"{would} Give a reason to go above it."

    def _named(self, rows: Sequence[Assignment], refused: AssignmentRefused, by: User) -> AssignmentRefused:
        """The same refusal, saying which of the students it is about."""
        for row in rows:
            alone = Assign(
                row.student, self.to_user, Kind.KEYWORKER, self.starts_on, self.reason, over_cap_reason="-"
            )
            try:
                with transaction.atomic():
                    alone._assign("-", by)
                    transaction.set_rollback(True)
            except AssignmentRefused as found:
                return AssignmentRefused(found.field, f"{row.student.name}: {found}")
        return refused


def _within_cap_or_not(do: Any, over_cap_reason: str, by: User) -> Any:
    """Keep a reason for going above the cap only when the cap is passed."""
    try:
        return do("", by)
    except AssignmentRefused as refused:
        if refused.field != "over_cap_reason" or not over_cap_reason.strip():
            raise
    return do(over_cap_reason.strip(), by)

"""What the head may do to assignments, each looked at before it is done (portal.previewed)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, ClassVar

import pghistory

from keywork import clock, contact_hold, duties, school
from keywork.access import Can
from keywork.actions import assignments as actions
from keywork.actions.assignments import A_DAY, ONE_AT_A_TIME
from keywork.attempts import attempt
from keywork.caseload import LoadBar
from keywork.dates import number_of_days
from keywork.errors import Refused, SeveralRefused
from keywork.models import Assignment, User
from keywork.words import worded
from outbox import actions as outbox
from students.models import Student

from .decided import decide
from .due_summary import is_overdue
from .notifications import NOTIFIED_AT_HOME, Notification, What
from .previewed import Change, Effect
from .sharing import ORDER, assignments_to_move, in_order
from .wording import (
    counted,
    day_words,
    hand_over_line,
    holder,
    load_line,
    notified,
    notified_around,
    post_word,
    still_overdue,
)

Kind = Assignment.Kind


@dataclass(frozen=True, slots=True)
class Receives(LoadBar):
    """Whom somebody is given in one kind of post, and how many they have before and after."""

    user: User
    kind: str
    on: date
    students: Sequence[Student]
    before: int
    load: int  # after
    cap: int | None  # of keyworkers alone

    @property
    def word(self) -> str:
        return Kind(self.kind).label.lower()


@dataclass(frozen=True, slots=True)
class AssignmentsEffect(Effect):
    """And who receives whom (a caseload)."""

    notifications: Sequence[Notification]
    receives: Sequence[Receives] = ()


@dataclass(slots=True)
class _OfAssignments(Change[AssignmentsEffect]):
    by_others: ClassVar[str] = (
        "Somebody else changed these assignments while you were looking. "
        "Nothing is done yet: this is how it stands now."
    )
    by_you: ClassVar[str] = (
        "You changed something since you last looked. Nothing is done yet: this is what would happen now."
    )

    def student_ids(self) -> list[int]:
        raise NotImplementedError

    def lock(self) -> None:
        """Hold the students' rows: whoever changes their assignments waits."""
        locked = Student.objects.select_for_update().order_by("pk").filter(pk__in=self.student_ids())
        list(locked.values_list("pk"))

    def notify(self, effect: AssignmentsEffect, by: User) -> None:
        for notification in effect.notifications:
            decide(notification, by)
            if notification.at_home and notification.kind in NOTIFIED_AT_HOME:
                for students in contact_hold.apart(notification.student_ids):
                    outbox.do("portal.change_at_home", **notification.as_order | {"students": students})
        if effect.notifications:
            first, *more = [
                {**one.as_order, "incoming": one.incoming, "outgoing": list(one.outgoing)}
                for one in effect.notifications
            ]
            outbox.do("portal.change", **first, more=more)
        for notification in effect.notifications:
            if notification.makes_known:
                outbox.do(
                    "portal.known",
                    on=notification.on.isoformat(),
                    students=list(notification.student_ids),
                    keyworker=notification.incoming,
                    outgoing=list(notification.outgoing),
                )


@dataclass(slots=True)
class _OfStudent(_OfAssignments):
    """What the changes to one post of one student share."""

    student: Student

    def student_ids(self) -> list[int]:
        return [self.student.pk]

    def assignments(self, kind: str) -> dict[int, Assignment]:
        found = (
            Assignment.objects.filter(student=self.student, kind=kind)
            .select_related("user")
            .order_by("starts_on", "pk")
        )
        return {row.pk: row for row in found}


def _as_rows(assignments: Sequence[Assignment]) -> list[tuple[Any, ...]]:
    return [(row.pk, row.user_id, row.starts_on, row.ends_on) for row in assignments]


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

    def rows(self) -> list[tuple[Any, ...]]:
        return _as_rows(list(self.assignments(self.kind).values()))

    def make(self, by: User) -> AssignmentsEffect:
        before = self.assignments(self.kind)
        made = _within_cap_or_not(self._assign, self.over_cap_reason, by)
        after = self.assignments(self.kind)
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
            lines += hand_over_line(
                [row.user for row in closed if row.user_id != self.user.pk], made.starts_on
            )
        lines.append(notified([self.user, *(row.user for row in closed)], self.kind, [self.student]))
        if self.kind == Kind.KEYWORKER:
            leaving = [row.user for row in closed]
            lines += notified_around([self.student], made.starts_on, [self.user, *leaving])
        outgoing = tuple(row.user_id for row in closed if row.user_id != self.user.pk)
        notification = Notification(
            What.BEGINS, self.kind, made.starts_on, (self.student.pk,), self.user.pk, outgoing
        )
        return AssignmentsEffect(lines, [notification])

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
class _OfAssignment(_OfStudent):
    """What the changes to a post that somebody has share."""

    assignment: Assignment

    def rows(self) -> list[tuple[Any, ...]]:
        return _as_rows(list(self.assignments(self.assignment.kind).values()))


@dataclass(slots=True)
class End(_OfAssignment):
    """Somebody's post ends; `ends_on` is the last day."""

    ends_on: date
    reason: str
    note: str = ""

    def make(self, by: User) -> AssignmentsEffect:
        row = actions.end_assignment(
            assignment=self.assignment, ends_on=self.ends_on, reason=self.reason, note=self.note, by=by
        )
        user, kind, name = self.assignment.user, row.kind, self.student.known_as
        word, day_after = Kind(kind).label.lower(), self.ends_on + A_DAY
        lines = [f"{user.name}’s last day as {name}’s {post_word(kind)} is {day_words(self.ends_on)}."]
        if kind in ONE_AT_A_TIME:
            assignments = list(self.assignments(kind).values())
            successor = holder(assignments, day_after)
            if successor:
                lines.append(f"{successor.user.name} follows on {day_words(successor.starts_on)}.")
            elif not (self.student.left_on and self.student.left_on < day_after):
                later = next((one for one in assignments if one.starts_on > day_after), None)
                gap = (
                    f"until {later.user.name} begins on {day_words(later.starts_on)}"
                    if later
                    else "until you name someone"
                )
                lines.append(f"From {day_words(day_after)} {name} has no {word}, {gap}.")
        if kind == Kind.KEYWORKER:
            lines += still_overdue(self.student)
        lines.append(notified([user], kind, [self.student]))
        return AssignmentsEffect(
            lines, [Notification(What.ENDS, kind, self.ends_on, (self.student.pk,), None, (user.pk,))]
        )


@dataclass(slots=True)
class TakeBack(_OfAssignment):
    """A post that has not begun is planned no more; whoever it would have ended goes on."""

    reason: str = ""

    def asked(self) -> tuple[Any, ...]:
        return (self.assignment.pk,)

    def make(self, by: User) -> AssignmentsEffect:
        user, kind, starts_on = self.assignment.user, self.assignment.kind, self.assignment.starts_on
        word, name = Kind(kind).label.lower(), self.student.known_as
        with pghistory.context(did="taken back", by=by.pk, reason=self.reason):
            # The row history keeps changes, not deletions: the last change says why it went.
            self.assignment.end_reason, self.assignment.end_note, self.assignment.ended_by = (
                Assignment.Reason.OTHER,
                self.reason,
                by,
            )
            self.assignment.save(update_fields=["end_reason", "end_note", "ended_by"])
            actions.cancel_planned(assignment=self.assignment, by=by)
        lines = [f"{user.name} does not become {name}’s {post_word(kind)} on {day_words(starts_on)}."]
        if kind in ONE_AT_A_TIME:
            stays = holder(self.assignments(kind).values(), starts_on)
            lines.append(
                f"{stays.user.name} stays {name}’s {word}."
                if stays
                else f"On that day {name} has no {word}, unless you name someone."
            )
        lines.append(notified([user], kind, [self.student]))
        return AssignmentsEffect(
            lines, [Notification(What.TAKEN_BACK, kind, starts_on, (self.student.pk,), user.pk)]
        )


@dataclass(frozen=True, slots=True)
class Move:
    """Who takes one post, and why above the limit where they would be."""

    user: User
    over_cap_reason: str = ""


@dataclass(slots=True)
class ShareOut(_OfAssignments):
    """What one person holds goes to others, or all to one. `moves` is post id to who takes it; the rest stays.

    With `ends_on` it is a cover: it ends by itself on that day, and the day after each post is the person's again,
    unless the student has left or the post was to end by then. A refusal's field is `to-` or `over-` and the post's id.
    """

    from_user: User
    starts_on: date
    reason: str
    moves: Mapping[int, Move]
    reason_note: str = ""
    ends_on: date | None = None

    def assignments(self) -> list[Assignment]:
        return in_order(assignments_to_move(self.from_user, self.starts_on).filter(pk__in=self.moves))

    def student_ids(self) -> list[int]:
        return [row.student_id for row in self.assignments()]

    def asked(self) -> tuple[Any, ...]:
        moves = sorted((pk, move.user.pk, move.over_cap_reason) for pk, move in self.moves.items())
        return (self.from_user.pk, self.starts_on, self.ends_on, self.reason, self.reason_note, *moves)

    def rows(self) -> list[tuple[Any, ...]]:
        return _as_rows(self.assignments()) + sorted(self._loads(Kind.KEYWORKER).items())

    def make(self, by: User) -> AssignmentsEffect:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise Refused("Choose a last day that is on or after the first", "ends_on")
        assignments = self.assignments()
        if not assignments:
            raise Refused(f"{self.from_user.name} has nobody to move on that day.", "starts_on")
        mine = Student.objects.visible_to(by, Can.ASSIGN).filter(
            pk__in=[row.student_id for row in assignments]
        )
        if mine.count() < len({row.student_id for row in assignments}):
            raise Refused(
                worded("You are family of one of these students. Ask someone else to move them."), "starts_on"
            )
        before: dict[str, dict[int, int]] = {kind: self._loads(kind) for kind in ORDER}
        self._assign_all(assignments, by)
        receives = self._receives(assignments, before)
        lines = [
            self._new(kind, assignments) for kind in ORDER if any(row.kind == kind for row in assignments)
        ]
        lines += self._and_back(assignments)
        lines += self._left_over(assignments)
        lines += self._empty_days(assignments)
        lines += self._at_once(assignments)
        if any(row.kind == Kind.KEYWORKER for row in assignments):
            lines += hand_over_line([self.from_user], self.starts_on)
        lines.append("Due dates do not move.")
        students = list({row.student_id: row.student for row in assignments}.values())
        states = duties.states_for(students, clock.today())
        overdue = sum(any(map(is_overdue, found)) for found in states.values())
        if overdue:
            have = "has" if overdue == 1 else "have"
            lines.append(f"{counted(overdue)} of them {have} something overdue; it stays overdue.")
        lines.append(
            notified([*(one.user for one in receives), self.from_user], assignments[0].kind, students)
        )
        theirs = [one for row in receives if row.kind == Kind.KEYWORKER for one in row.students]
        lines += notified_around(theirs, self.starts_on, [*(one.user for one in receives), self.from_user])
        return AssignmentsEffect(lines, self._notifications(assignments, receives), receives)

    def _assign_all(self, assignments: Sequence[Assignment], by: User) -> None:
        """Raises SeveralRefused with every row that cannot be. Rows with a reason for passing the cap come last."""
        refusals = []
        for row in sorted(assignments, key=lambda row: bool(self.moves[row.pk].over_cap_reason.strip())):
            move = self.moves[row.pk]
            change = Assign(
                row.student,
                move.user,
                row.kind,
                max(self.starts_on, row.starts_on + A_DAY),
                self.reason,
                self.reason_note,
                ends_on=self._cover_ends(row),
            )
            _, no = attempt(partial(_within_cap_or_not, change._assign, move.over_cap_reason, by))
            if no is None and self._comes_back(row):
                _, no = attempt(partial(self._give_back, row, by))
            if no is not None:
                field = "over" if no.field == "over_cap_reason" else "to"
                refusals.append(Refused(f"{row.student.name}: {no}", f"{field}-{row.pk}"))
        if refusals:
            raise SeveralRefused(refusals)

    def _cover_ends(self, row: Assignment) -> date | None:
        """A post that was to end during the cover ends then all the same."""
        if self.ends_on is None or row.ends_on is None or row.ends_on < self.starts_on:
            return self.ends_on
        return min(self.ends_on, row.ends_on)

    def _comes_back(self, row: Assignment) -> bool:
        if self.ends_on is None:
            return False
        left_on = row.student.left_on
        return all(day is None or day > self.ends_on for day in (row.ends_on, left_on))

    def _give_back(self, row: Assignment, by: User) -> None:
        assert self.ends_on is not None
        actions.assign(
            student=row.student,
            user=self.from_user,
            kind=row.kind,
            starts_on=self.ends_on + A_DAY,
            ends_on=row.ends_on,
            reason=self.reason,
            reason_note="Back after the cover",
            over_cap_reason=row.over_cap_reason or "It was theirs before the cover",
            by=by,
        )

    def _and_back(self, assignments: Sequence[Assignment]) -> list[str]:
        """When it ends: by itself, or not before somebody ends it."""
        short = self.from_user.get_short_name()
        if self.ends_on is None:
            return [f"It has no end: they come back to {short} only when you move them back."]
        back = sum(map(self._comes_back, assignments))
        lines = [f"It ends by itself on {day_words(self.ends_on)}."]
        if back:
            are = "is" if back == 1 else "are"
            lines.append(f"{counted(back, 'post')} {are} {short}’s again from the day after.")
        if len(assignments) > back:
            lines.append(f"{counted(len(assignments) - back, 'post')} would have ended by then.")
        return lines

    def _loads(self, kind: str) -> dict[int, int]:
        takers = {move.user.pk for move in self.moves.values()}
        loads = actions.caseloads(self.starts_on, takers, kind)
        return {pk: loads.get(pk, 0) for pk in takers}

    def _receives(
        self, assignments: Sequence[Assignment], before: Mapping[str, Mapping[int, int]]
    ) -> list[Receives]:
        cap = school.load().policy(self.starts_on).caseload_cap
        people = {move.user.pk: move.user for move in self.moves.values()}
        found = []
        for kind in ORDER:
            after = self._loads(kind)
            for pk, user in sorted(people.items(), key=lambda one: (one[1].name, one[0])):
                given = [
                    row.student
                    for row in assignments
                    if row.kind == kind and self.moves[row.pk].user.pk == pk
                ]
                if given:
                    limit = user.own_cap(cap) if kind == Kind.KEYWORKER else None
                    found.append(
                        Receives(user, kind, self.starts_on, given, before[kind][pk], after[pk], limit)
                    )
        return found

    def _new(self, kind: str, assignments: Sequence[Assignment]) -> str:
        count = sum(row.kind == kind for row in assignments)
        get = "gets" if count == 1 else "get"
        return f"{counted(count, 'student')} {get} a new {Kind(kind).label.lower()} on {day_words(self.starts_on)}."

    def _left_over(self, assignments: Sequence[Assignment]) -> list[str]:
        """What is left in the person's name: not decided yet, or to begin later."""
        moved, short = [row.pk for row in assignments], self.from_user.get_short_name()
        stay = assignments_to_move(self.from_user, self.starts_on).exclude(pk__in=moved).count()
        later = Assignment.objects.filter(
            user=self.from_user, kind__in=ONE_AT_A_TIME, starts_on__gt=self.starts_on
        ).count()
        lines = []
        if stay:
            lines.append(f"{counted(stay, 'post')} {'stays' if stay == 1 else 'stay'} in {short}’s name.")
        if later:
            are = "is" if later == 1 else "are"
            lines.append(f"{counted(later, 'post')} planned for {short} after that day {are} not moved.")
        return lines

    def _empty_days(self, assignments: Sequence[Assignment]) -> list[str]:
        """Posts that end some days before somebody follows."""
        ends = [row.ends_on for row in assignments if row.ends_on and row.ends_on < self.starts_on - A_DAY]
        if not ends:
            return []
        said = f"{counted(len(ends), 'post')} {'is' if len(ends) == 1 else 'are'}"
        return [f"{said} empty from {day_words(min(ends) + A_DAY)} until then."]

    def _at_once(self, assignments: Sequence[Assignment]) -> list[str]:
        """Whoever is then a student's keyworker and deputy at once."""
        both = Assignment.objects.current(self.starts_on).filter(
            student__in=[row.student_id for row in assignments], kind__in=[Kind.KEYWORKER, Kind.DEPUTY]
        )
        held: dict[tuple[int, int], list[Assignment]] = {}
        for row in both.select_related("student", "user").order_by("student_id", "pk"):
            held.setdefault((row.student_id, row.user_id), []).append(row)
        return [
            f"{rows[0].user.get_short_name()} is then {rows[0].student.known_as}’s {worded('keyworker')} and deputy {worded('keyworker')} at once. "
            "Choose another deputy after."
            for rows in held.values()
            if len(rows) > 1
        ]

    def _notifications(
        self, assignments: Sequence[Assignment], receives: Sequence[Receives]
    ) -> list[Notification]:
        """One for the families and the person who gives, for each kind of post; one for each who receives."""
        notifications = []
        for kind in ORDER:
            ids = tuple(row.student_id for row in assignments if row.kind == kind)
            if ids:
                notifications.append(
                    Notification(What.BEGINS, kind, self.starts_on, ids, None, (self.from_user.pk,))
                )
        return notifications + [
            Notification(
                What.BEGINS, one.kind, one.on, tuple(s.pk for s in one.students), one.user.pk, at_home=False
            )
            for one in receives
        ]


def _within_cap_or_not(do: Any, over_cap_reason: str, by: User) -> Any:
    """Keep a reason for going above the cap only when the cap is passed."""
    made, no = attempt(lambda: do("", by))
    if no is None:
        return made
    if no.field != "over_cap_reason" or not over_cap_reason.strip():
        raise no
    return do(over_cap_reason.strip(), by)

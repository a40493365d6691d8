"""Sharing out what one person holds: the posts, and whom each could go to, with the reason (domain 5.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from keywork import clock
from keywork.absences import away_until
from keywork.actions.assignments import A_DAY, ONE_AT_A_TIME, caseloads
from keywork.dates import day_in_full
from keywork.models import Assignment, User
from keywork.words import worded
from students.models import FamilyLink

from .board import keyworkers

Kind = Assignment.Kind
# Keyworkers are placed first: whoever becomes a student's keyworker is not suggested as their deputy.
ORDER = {Kind.KEYWORKER: 0, Kind.DEPUTY: 1, Kind.MENTOR: 2}
# Who of a student's own people is asked first, for each post.
KNOWN = {
    Kind.KEYWORKER: (Kind.DEPUTY, Kind.MENTOR, Kind.CORE),
    Kind.DEPUTY: (Kind.MENTOR, Kind.CORE),
    Kind.MENTOR: (),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody for one post, and why; nobody where nobody has room."""

    user: User | None
    why: str


def posts_to_move(person: User, on: date) -> QuerySet[Assignment]:
    """What the person holds as the only one, and would leave empty on a day: keyworker, deputy, mentor.

    A post that ends before that day counts too, while nobody follows. Those of closed accounts are included.
    """
    followed = Assignment.objects.filter(
        student=OuterRef("student"), kind=OuterRef("kind"), starts_on__gt=OuterRef("starts_on")
    )
    return (
        Assignment.objects.filter(user=person, kind__in=ONE_AT_A_TIME, starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=min(on, clock.today())))
        .filter(Q(student__left_on__isnull=True) | Q(student__left_on__gte=on))
        .filter(~Exists(followed.filter(starts_on__lte=on)))
        .select_related("student", "user")
        .order_by("student__in_order", "student_id")
    )


def covered_words(person: User) -> str:
    """ " Two of their students are covered until …", of somebody whose cover goes on, with what to do; "" otherwise."""
    back = Assignment.objects.filter(
        user=person, reason=Assignment.Reason.STAFF_ABSENCE, starts_on__gt=clock.today()
    )
    days = list(back.values_list("starts_on", "student").distinct().order_by("starts_on"))
    if not days:
        return ""
    count, last = len({student for _, student in days}), day_in_full(days[-1][0] - A_DAY, clock.today())
    number = "One" if count == 1 else str(count)
    return (
        f" {number} of their {worded('students')} {'is' if count == 1 else 'are'} covered until {last}. "
        "If they are back sooner, take back those plans under Assignments and name them again."
    )


def in_order(posts: Iterable[Assignment]) -> list[Assignment]:
    """Keyworker posts first, then deputy's, then mentor's; by name within each."""
    return sorted(posts, key=lambda post: ORDER[Kind(post.kind)])


def suggest(posts: Sequence[Assignment], person: User, on: date, cap: int | None) -> Mapping[int, Suggestion]:
    """Post id to a suggestion: someone the student knows, then who has most room, never above the limit.

    Nobody who is away that day, and nobody of the student's family. In a fixed number of queries.
    """
    return _Suggesting(posts, person, on, cap).all()


class _Suggesting:
    def __init__(self, posts: Sequence[Assignment], person: User, on: date, cap: int | None) -> None:
        self.posts, self.on, self.cap = in_order(posts), on, cap
        students = {post.student_id for post in posts}
        self.load: dict[str, dict[int, int]] = {kind: dict(caseloads(on, kind=kind)) for kind in ORDER}
        self.team: dict[int, list[Assignment]] = defaultdict(list)
        around = Assignment.objects.current(on).filter(student__in=students).select_related("user")
        for row in around.order_by("starts_on", "pk"):
            self.team[row.student_id].append(row)
        working = {row.pk: row for row in keyworkers() if row.is_active and row.pk != person.pk}
        mentors = User.objects.filter(pk__in=self.load[Kind.MENTOR], is_active=True).exclude(pk=person.pk)
        kept = [row for row in working.values() if row.was_keyworker]
        self.others = {
            Kind.KEYWORKER: kept,
            Kind.DEPUTY: kept,
            Kind.MENTOR: list(mentors.order_by("in_order", "pk")),
        }
        family = FamilyLink.objects.filter(
            student__in=students, ended_on__isnull=True, member__user__isnull=False
        )
        self.family = set(family.values_list("student_id", "member__user_id"))
        self.never = {person.pk, *away_until(on)}
        self.found: dict[int, Suggestion] = {}

    def all(self) -> Mapping[int, Suggestion]:
        for kind in ORDER:
            of_kind = [post for post in self.posts if post.kind == kind]
            for post in of_kind:
                self._someone_known(post)
            for post in of_kind:
                if post.pk not in self.found:
                    self._most_room(post)
        return self.found

    def _someone_known(self, post: Assignment) -> None:
        for kind in KNOWN[Kind(post.kind)]:
            for row in self.team[post.student_id]:
                if row.kind == kind and row.user.is_school_staff and self._may(post, row.user):
                    since = day_in_full(row.starts_on, clock.today())
                    word = "core team" if kind == Kind.CORE else kind.label.lower()
                    return self._take(post, row.user, f"{word} since {since}")
        return None

    def _most_room(self, post: Assignment) -> None:
        may = [user for user in self.others[Kind(post.kind)] if self._may(post, user)]
        if not may:
            self.found[post.pk] = Suggestion(None, "Nobody has room")
            return
        held = self.load[post.kind]
        user = min(may, key=lambda one: held.get(one.pk, 0))
        why = {
            Kind.KEYWORKER: worded("fewest students") if self.cap is None else "most room",
            Kind.DEPUTY: "deputy for the fewest",
            Kind.MENTOR: "mentor of the fewest",
        }
        self._take(post, user, why[Kind(post.kind)])

    def _may(self, post: Assignment, user: User) -> bool:
        if user.pk in self.never or (post.student_id, user.pk) in self.family:
            return False
        if post.kind == Kind.KEYWORKER:
            return self.cap is None or self.load[Kind.KEYWORKER].get(user.pk, 0) < self.cap
        return user.pk not in self._keyworkers(post.student_id)

    def _keyworkers(self, student_id: int) -> Collection[int]:
        """Whoever is the student's keyworker, and whoever is suggested to become it."""
        found = {row.user_id for row in self.team[student_id] if row.kind == Kind.KEYWORKER}
        for post in self.posts:
            if post.student_id == student_id and post.kind == Kind.KEYWORKER and post.pk in self.found:
                found |= {user.pk for user in [self.found[post.pk].user] if user}
        return found

    def _take(self, post: Assignment, user: User, why: str) -> None:
        held = self.load[post.kind]
        held[user.pk] = held.get(user.pk, 0) + 1
        self.found[post.pk] = Suggestion(user, why)

"""Who sees that a student does not feel safe: the one place that decides it.

Who leads safeguarding (the role `dsl`: the lead and their deputies) sees every worry, whenever they were given
the role. Where nobody has it, the headteacher stands in, and where there is none the Head of Social Education:
a worry always reaches somebody. So does one that the student keeps from everybody who leads: it may be about them.
The keyworker (where there is none, or while they are away, the deputy) sees what was shown to them by name, as
long as they are that.
A worry about an adult who works at the school goes to those who lead and to the headteacher alone.
An open one that none of those can answer any more, as they left or lost the role, is for whoever would have to answer
a new one of its kind today (`stand_ins`).
Nobody sees what the student kept from them by name, and nobody sees a worry of their own child.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from keywork import clock, prepared
from keywork.access import GRANTS, WORRY_LINE, Can, holds_for_all, relations, scope_q, shut_out
from keywork.models import Assignment, StaffAbsence, User
from keywork.names import ended
from keywork.words import all_of, worded
from students.models import FamilyLink, Student

from .models import Worry, WorryReader

if TYPE_CHECKING:
    from .models import WorryQuerySet

Why = WorryReader.Why


@dataclass(frozen=True, slots=True)
class Audience:
    """Who would see a worry said now, before anybody is left out."""

    leads: tuple[User, ...]
    headteachers: tuple[User, ...]
    near: tuple[User, ...]  # the keyworker, or the deputy in their place
    # In whose place, soonest first, where the student keeps it from all who lead.
    instead: tuple[User, ...] = ()

    def readers(self, *, about_staff: bool, out: Collection[int] = ()) -> list[tuple[User, str]]:
        """Everyone with the reason, each once, those who lead first; `out` are ids it is kept from.

        Where that leaves nobody who may say what was done, the first of `instead` sees it.
        """
        found = [one for one in self._all(about_staff) if one[0].pk not in out]
        if any(why != Why.KEYWORKER for _, why in found):
            return found
        standing_in = [user for user in self.instead if user.pk not in out][:1]
        return [*((user, str(Why.LEAD)) for user in standing_in), *found]

    def _all(self, about_staff: bool) -> list[tuple[User, str]]:
        found = {user: Why.LEAD for user in self.leads}
        others = ((self.headteachers, Why.HEADTEACHER),) if about_staff else ((self.near, Why.KEYWORKER),)
        for users, why in others:
            for user in users:
                found.setdefault(user, why)
        return [(user, str(why)) for user, why in found.items()]

    @property
    def names(self) -> str:
        """ "Harriet, Marguerite and Ros": who sees it, as the student is told before they send; "" for nobody."""
        return _names(user for user, _ in self.readers(about_staff=False))

    @property
    def names_about_staff(self) -> str:
        return _names(user for user, _ in self.readers(about_staff=True))

    @property
    def first(self) -> User | None:
        return next(iter(self.leads), None)

    @property
    def everyone(self) -> list[User]:
        """All whom the student may be told of, each once."""
        return list(dict.fromkeys((*self.leads, *self.near, *self.headteachers, *self.instead)))

    @property
    def names_of_leads(self) -> str:
        return _names(self.leads)

    @property
    def name_instead(self) -> str:
        """Who sees it where the student keeps it from all who lead; "" for nobody."""
        return _names(self.instead[:1])


def _names(users: Iterable[User]) -> str:
    return all_of([user.get_short_name() for user in users])


def audience(student: Student) -> Audience:
    """Who would see it. At most four queries, however many people there are."""
    staff, near = _staff(), _near(student)
    return _of(student.pk, staff, near, shut_out([*staff, *near]))


def _staff() -> list[User]:
    able = User.objects.filter(is_active=True, roles__overlap=list(WORRY_LINE))
    return list(able.order_by("in_order", "pk"))


def _of(student: int, staff: list[User], near: list[User], shut: set[tuple[int, int]]) -> Audience:
    def having(role: str) -> tuple[User, ...]:
        return tuple(one for one in staff if role in one.roles and (one.pk, student) not in shut)

    in_line = [having(role) for role in WORRY_LINE]
    leads = next(filter(None, in_line), ())
    return Audience(
        leads=leads,
        headteachers=having("headteacher"),
        instead=tuple(dict.fromkeys(user for group in in_line for user in group if user not in leads)),
        near=tuple(one for one in near if (one.pk, student) not in shut),
    )


def _unanswerable() -> WorryQuerySet:
    """Open worries that nobody who leads, and nobody they were shown to by name, can answer any more."""
    worry = OuterRef(OuterRef("pk"))
    rows = WorryReader.objects.filter(worry=worry, user=OuterRef("pk"))
    shown = rows.filter(left_out=False).exclude(why=Why.KEYWORKER)
    own = FamilyLink.objects.filter(
        member__user=OuterRef("pk"), student=OuterRef(OuterRef("student")), ended_on__isnull=True
    )
    by_name = Q(Exists(shown), roles__overlap=[*GRANTS[Can.VIEW_WORRIES].roles])
    able = User.objects.filter(by_name | Q(roles__contains=["dsl"]), is_active=True)
    able = able.filter(~Exists(rows.filter(left_out=True)), ~Exists(own))
    return Worry.objects.open().filter(~Exists(able))


def stand_ins(of: QuerySet[Worry] | None = None) -> dict[int, list[User]]:
    """Who answers the open worries (or those `of` these) that nobody can answer any more, by the worry's id.

    One query where there is none, else four.
    """
    rows = _unanswerable() if of is None else _unanswerable().filter(pk__in=of.order_by().values("pk"))
    worries = list(rows.prefetch_related("readers"))
    if not worries:
        return {}
    staff = _staff()
    shut = shut_out(staff)
    found = {}
    for worry in worries:
        out = {row.user_id for row in worry.readers.all() if row.left_out}
        readers = _of(worry.student_id, staff, [], shut).readers(about_staff=worry.about_staff, out=out)
        found[worry.pk] = [user for user, _ in readers]
    return found


def thin_cover() -> str:
    """What is wrong where fewer than two people see every worry; "" where nothing is. One query.

    A worry about the one who sees them all has to reach somebody else.
    """
    staff = _staff()
    see_all = [one for one in staff if {"dsl", "headteacher"} & {*one.roles}]
    if len(see_all) > 1:
        return ""
    other = next((one for one in staff if one not in see_all), None)
    to = f"goes to {ended(other.name)}" if other else "reaches nobody."
    if not see_all:
        return f"Nobody leads safeguarding in Keywork: what {worded('a student')} says {to}"
    only = see_all[0].name
    return (
        f"Only {only} hears of it when {worded('a student')} feels unsafe. "
        f"What {worded('a student')} says about {only}, and keeps from them, {to}"
    )


def _near(student: Student) -> list[User]:
    today = clock.today()
    kinds = (Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY)
    rows = Assignment.objects.current(today).filter(student=student, kind__in=kinds, user__is_active=True)
    away = StaffAbsence.objects.filter(user=OuterRef("user"), starts_on__lte=today, ends_on__gte=today)
    rows = rows.select_related("user").annotate(is_away=Exists(away)).order_by("pk")
    keyworkers = [row for row in rows if row.kind == Assignment.Kind.KEYWORKER]
    if any(not row.is_away for row in keyworkers):
        return [row.user for row in keyworkers]
    return [row.user for row in [*keyworkers, *(one for one in rows if one.kind == Assignment.Kind.DEPUTY)]]


def seen_by(user: Any) -> WorryQuerySet:
    if not (user.is_authenticated and user.is_active):
        return Worry.objects.none()
    mine = WorryReader.objects.filter(worry=OuterRef("pk"), user=user.pk, left_out=False)
    by_name = Q(
        Exists(mine.filter(why=Why.KEYWORKER)), student__in=relations(user).students(Can.VIEW_WORRIES)
    )
    if holds_for_all(user, Can.VIEW_WORRIES):
        by_name |= Q(Exists(mine.exclude(why=Why.KEYWORKER)))
        if not holds_for_all(user, Can.LEAD_ON_WORRIES):
            by_name |= Q(pk__in=[pk for pk, users in stand_ins().items() if user in users])
    # Never an empty condition: `Q() | other` would be `other` alone.
    all_of_them = scope_q(user, Can.LEAD_ON_WORRIES, "student_id") & Q(pk__isnull=False)
    rows = Worry.objects.filter(all_of_them | by_name)
    kept_from = WorryReader.objects.filter(worry=OuterRef("pk"), user=user.pk, left_out=True)
    return rows.filter(~Exists(kept_from)).visible_to(user, Can.VIEW_WORRIES)


def answers(user: User, worry: Worry) -> bool:
    """May this person, who sees it, say what was done? Those who lead, the headteacher, and who stands in."""
    if holds_for_all(user, Can.LEAD_ON_WORRIES):
        return True
    if worry.readers.filter(user=user, left_out=False).exclude(why=Why.KEYWORKER).exists():
        return True
    return user in stand_ins(Worry.objects.filter(pk=worry.pk)).get(worry.pk, ())


def open_worries(user: Any) -> list[Worry]:
    """For the top of somebody's home: what waits, oldest first. None is asked for who could never see one."""
    asked = read_open_worries(user)
    found: list[Worry] = asked.now() if isinstance(asked, prepared.Read) else asked
    return found


def read_open_worries(user: Any) -> Any:
    """The same, to be read with others."""
    if not user.is_authenticated:
        return []
    if not holds_for_all(user, Can.VIEW_WORRIES) and not relations(user).holds_any(Can.VIEW_WORRIES):
        return []
    return prepared.Read(_one_open, then=partial(_open_seen_by, user))


def _one_open() -> QuerySet:
    return Worry.objects.open().order_by().values_list("pk")[:1]


def _open_seen_by(user: Any, one_open: list[Any]) -> list[Worry]:
    if not one_open:  # nearly always: whose they are need not be asked
        return []
    return list(seen_by(user).open().select_related("student", "taken_by").order_by("said_at", "pk"))

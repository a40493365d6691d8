"""How one student's home contact stands on a day (rules C1 to C16): the one function everything asks.

Pure. `evaluate` says how it stands at the end of a day. Pages, mails and exports show it; a due date was missed when
it says so on the morning after (`missed`), and a report's figures are its answers of each day (`figures`).

All dates are civil dates in Europe/London; a due date includes its whole day. Attempts never move the clock (C7), and
neither does anyone's absence (C11) or a change of keyworker (C14), so none of them appear here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from contacts.clock import qualifies
from keywork.calendar import SchoolCalendar, Span, merged_spans
from keywork.duties import DutyResult, Status
from keywork.policy import Policy

if TYPE_CHECKING:
    from keywork.school import SchoolFacts

A_DAY = timedelta(days=1)
RUNNING = frozenset({Status.OVERDUE, Status.DUE_SOON, Status.OK})
PRESSING = frozenset({Status.OVERDUE, Status.DUE_SOON})

# What decided when the clock started (C1): the first day on roll, the policy, the school's first day with Keywork, or
# the day Keywork first knew the student.
Began = Literal["joined", "policy", "live", "known"]


class LastContact(NamedTuple):
    """The latest contact that counts, how many counted in the long closure of the day (C16)."""

    on: date
    outcome: str
    in_closure: int = 0
    two_way_on: date | None = (
        None  # the latest that was two-way, where the policy sets a longest gap between those
    )


class LoggedContact(NamedTuple):
    """Any standing contact or attempt. `waiting`: logged so late that it waits for approval (C10)."""

    on: date
    channel: str
    outcome: str
    person_marked: bool
    waiting: bool = False


class HomeFacts(NamedTuple):
    """What is known of one student at the end of a day. `left_on` is the last day on roll, known or planned;
    holds are first and last days, and one without an end ends on `date.max` (C12)."""

    joined_on: date
    left_on: date | None = None
    last: LastContact | None = None
    holds: tuple[Span, ...] = ()
    known_from: date | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class HomeResult(DutyResult):
    """How it stands. `held_until` is the last day of a hold in force: then nothing is asked of anyone, whatever was
    due before (C12), and what was missed stays on record: `has_passed` says that the due date passed unmet, held or not.
    """

    has_passed: bool = False
    began: Began = "joined"
    last_on: date | None = None
    last_outcome: str = ""
    holds: tuple[Span, ...] = ()
    check_in: Span | None = None  # the long closure whose own contact is what is due (C16)
    presses: bool = False
    two_way: bool = False  # what is due is a contact in which both sides spoke or wrote


def start_of(facts: HomeFacts, as_of: date, school: SchoolFacts) -> tuple[date, Began]:
    """C1: when the clock started, and which of the four dates decided it."""
    days: list[tuple[date, Began]] = [
        (facts.joined_on, "joined"),
        (school.went_live_on, "live"),
        (school.policy_effective_on(as_of), "policy"),
    ]
    if facts.known_from is not None:
        days.append((facts.known_from, "known"))
    return max(days, key=lambda one: one[0])  # of several on one day, the first


def evaluate(facts: HomeFacts, as_of: date, school: SchoolFacts) -> HomeResult:
    """How home contact stands at the end of `as_of`, by the policy of that day; `facts` as they were then."""
    policy, calendar = school.policy(as_of), school.calendar
    start_on, began = start_of(facts, as_of, school)
    last = facts.last
    # C2: a contact from before the start makes no backlog.
    since = start_on if last is None or last.on < start_on else last.on
    due_on = _due_on(since, facts.holds, policy, calendar)
    spoken_by = _two_way_by(last, start_on, facts.holds, policy, calendar)
    two_way = due_on is not None and spoken_by is not None and spoken_by < due_on
    if two_way:
        due_on = spoken_by
    status = _status(facts, start_on, due_on, policy, as_of)
    do_by = None
    if due_on is not None:
        do_by = calendar.last_pupil_day_on_or_before(due_on, not_before=since)
        if last is not None and do_by == last.on:
            do_by = None
    check_in = None
    if status in RUNNING and due_on is not None:
        check_in = _check_in(facts, start_on, due_on, policy, calendar, as_of)
        if check_in is not None:
            due_on, do_by, two_way = check_in[1], None, False
            status = _status(facts, start_on, due_on, policy, as_of)
    has_passed = status is Status.OVERDUE
    held_until = _held_until(facts.holds, as_of) if status in RUNNING else None
    if held_until is not None:
        status = Status.OK
    return HomeResult(
        status=status,
        due_on=due_on,
        do_by=do_by,
        since=since,
        first=last is None and status is not Status.NONE,
        held_until=held_until,
        has_passed=has_passed,
        began=began,
        last_on=last.on if last else None,
        last_outcome=last.outcome if last else "",
        holds=facts.holds,
        check_in=check_in,
        presses=status in PRESSING,
        two_way=two_way,
    )


def _due_on(since: date, holds: Sequence[Span], policy: Policy, calendar: SchoolCalendar) -> date | None:
    """C2, C3: the last day in time. None if the policy runs no clock; `date.max` in a hold without end."""
    interval = policy.contact_interval_days
    if interval is None or not policy.runs_contact_clock:
        return None
    return calendar.add_counted_days(since, interval, pause=policy.pauses, holds=holds)


def _two_way_by(
    last: LastContact | None, start_on: date, holds: Sequence[Span], policy: Policy, calendar: SchoolCalendar
) -> date | None:
    """The last day on which the next two-way contact is in time, where the policy asks for one."""
    gap = policy.contact_two_way_max_gap_days
    if gap is None or not policy.runs_contact_clock:
        return None
    spoken_on = last.two_way_on if last is not None else None
    return calendar.add_counted_days(
        max(start_on, spoken_on or start_on), gap, pause=policy.pauses, holds=holds
    )


def _status(facts: HomeFacts, start_on: date, due_on: date | None, policy: Policy, as_of: date) -> Status:
    """C4, C13; none when not on roll or no clock runs."""
    left_on = facts.left_on
    if due_on is None or as_of < start_on or (left_on is not None and as_of > left_on):
        return Status.NONE
    if left_on is not None and due_on >= left_on:
        return Status.NOT_OWED
    if as_of > due_on:
        return Status.OVERDUE
    return Status.DUE_SOON if (due_on - as_of).days <= policy.contact_amber_days else Status.OK


def long_closure(as_of: date, policy: Policy, calendar: SchoolCalendar) -> Span | None:
    """The latest closure begun by `as_of` in which the policy asks for contacts (C16)."""
    rule = policy.long_closure_check_in
    if rule is None or not policy.pauses or not policy.runs_contact_clock:
        return None
    long = [
        (first, last)
        for first, last in calendar.closures()
        if first <= as_of and (last - first).days + 1 >= rule.min_days
    ]
    return long[-1] if long else None


def _check_in(
    facts: HomeFacts, start_on: date, due_on: date, policy: Policy, calendar: SchoolCalendar, as_of: date
) -> Span | None:
    """C16: the long closure whose contact is due by its last day, if that is before the clock's own date.

    Asked of who is on roll for the whole of it, and not while home must not be contacted all through it (C12).
    """
    closure, rule, last = long_closure(as_of, policy, calendar), policy.long_closure_check_in, facts.last
    if closure is None or rule is None:
        return None
    first, ends_on = closure
    made = last.in_closure if last is not None else 0
    spoken_since = last is not None and last.on > ends_on
    leaves = facts.left_on is not None and facts.left_on <= ends_on
    if made >= rule.contacts or spoken_since or leaves or start_on > first or due_on <= ends_on:
        return None
    held = any(begins <= first and ends >= ends_on for begins, ends in merged_spans(facts.holds))
    return None if held else closure


def _held_until(holds: Sequence[Span], as_of: date) -> date | None:
    """C12: the last day of the holds, one after another, that are in force on `as_of`."""
    until = None
    for first, last in merged_spans(holds):
        if first <= as_of <= last:
            until = last
    return until


# Looking back: what was missed, and the figures of a period


@dataclass(slots=True)
class HomeHistory:
    """One student's facts of all days: every standing contact and attempt that waits for no approval, oldest first.

    `at` gives the facts of a day.
    """

    joined_on: date
    left_on: date | None
    contacts: Sequence[LoggedContact]
    holds: tuple[Span, ...] = ()
    known_from: date | None = None
    _counting: dict[int, list[tuple[date, str]]] = field(default_factory=dict)

    def counting(self, policy: Policy) -> list[tuple[date, str]]:
        """Day and outcome of the contacts that count under a policy (C6)."""
        found = self._counting.get(id(policy))
        if found is None:
            found = self._counting[id(policy)] = sorted(
                (one.on, one.outcome)
                for one in self.contacts
                if qualifies(one.outcome, one.channel, one.person_marked, policy)
            )
        return found

    def at(self, until: date, as_of: date, school: SchoolFacts) -> HomeFacts:
        """What had been done by the end of `until`, as the policy of `as_of` sees it."""
        policy = school.policy(as_of)
        counting = self.counting(policy)
        place = bisect_right(counting, (until, "~"))
        last = None
        if place:
            on, outcome = counting[place - 1]
            closure = long_closure(as_of, policy, school.calendar)
            made = sum(closure[0] <= day <= closure[1] for day, _ in counting[:place]) if closure else 0
            asks = policy.contact_two_way_max_gap_days is not None
            spoken = [day for day, how in counting[:place] if asks and how == "two_way"]
            last = LastContact(on, outcome, made, spoken[-1] if spoken else None)
        return HomeFacts(self.joined_on, self.left_on, last, self.holds, self.known_from)


class Missed(NamedTuple):
    """A due date that passed unmet; the clock had run `since`, and the policy in force said so."""

    since: date
    due_on: date
    policy: Policy


def missed(history: HomeHistory, first: date, last: date, school: SchoolFacts) -> Iterator[Missed]:
    """What `evaluate` says on the mornings after `first` to `last`: each silence once, by the due date it names first.

    On a morning nothing of that day has been done yet, and the policy is that of the day.
    """
    done: set[date] = set()
    turns = sorted(
        {one.on for one in history.contacts}
        | {effective_on - A_DAY for effective_on, _ in school.policies if effective_on > date.min}
        | {closed_from for closed_from, _ in school.calendar.closures()}
    )
    morning = _running_since(history, first + A_DAY, school) + A_DAY
    while morning <= last + A_DAY:
        day = morning - A_DAY
        now = evaluate(history.at(day, morning, school), morning, school)
        if now.has_passed and now.since is not None and now.due_on is not None:
            if now.since not in done:
                done.add(now.since)
                if day >= first:
                    yield Missed(now.since, now.due_on, school.policy(morning))
            turn = date.max
        else:
            turn = now.due_on if now.due_on is not None and now.due_on >= morning else date.max
        place = bisect_right(turns, day)
        if place < len(turns):
            turn = min(turn, turns[place])
        if turn == date.max:
            return
        morning = turn + A_DAY


def _running_since(history: HomeHistory, morning: date, school: SchoolFacts) -> date:
    """When the silence of this morning began: it may have been missed before."""
    since = evaluate(history.at(morning - A_DAY, morning, school), morning, school).since
    return min(since or morning, morning - A_DAY)


@dataclass(frozen=True, slots=True)
class Figures:
    """Support to one family in a period. They describe support; they are not staff ratings.

    ``in_time_pct`` has one decimal, rounded half up, and is None when no day counted. ``late`` are due dates inside
    the period that passed unmet. ``longest_gap`` is the longest stretch from one contact to the next (or from the
    start, or to the end), of those touching the period.
    """

    counted_days: int = 0
    overdue_days: int = 0
    late: tuple[date, ...] = ()
    longest_gap: Span | None = None

    @property
    def in_time_pct(self) -> Decimal | None:
        if not self.counted_days:
            return None
        share = Decimal(100 * (self.counted_days - self.overdue_days)) / self.counted_days
        return share.quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def longest_gap_days(self) -> int:
        return (self.longest_gap[1] - self.longest_gap[0]).days if self.longest_gap else 0


def figures(
    history: HomeHistory,
    first: date,
    last: date,
    school: SchoolFacts,
    *,
    as_of: date | None = None,
    withdrawn: frozenset[date] = frozenset(),
) -> Figures:
    """The figures for a period, first and last day included: what `evaluate` says on each of its days.

    Only days with a clock running count (on roll, after it started), each by the policy of the day. ``as_of`` is the
    day of asking, by default the last day: a due date that falls on it has not passed yet. ``withdrawn`` are due dates
    whose miss a person took back: they were not late.
    """
    as_of = as_of or last
    counted = overdue = 0
    gaps: list[Span] = []
    for number in range(first.toordinal(), min(last, history.left_on or last).toordinal() + 1):
        day = date.fromordinal(number)
        policy = school.policy(day)
        if not policy.runs_contact_clock:
            continue
        facts = history.at(day, day, school)
        if day < start_of(facts, day, school)[0]:
            continue
        now = evaluate(facts, day, school)
        if now.since is not None:
            before = history.at(day - A_DAY, day, school) if now.since == day else facts
            begun = start_of(before, day, school)[0]
            gaps.append((max(begun, before.last.on) if before.last else begun, day))
        if school.calendar.count_counted_days(day - A_DAY, day, pause=policy.pauses, holds=history.holds):
            counted += 1
            overdue += now.has_passed and now.due_on not in withdrawn
    if not gaps:
        return Figures()
    passed = missed(history, first, min(last, as_of - A_DAY), school)
    late = tuple(one.due_on for one in passed if first <= one.due_on <= last and one.due_on not in withdrawn)
    return Figures(counted, overdue, late, max(gaps, key=lambda gap: (gap[1] - gap[0]).days))

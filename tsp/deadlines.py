"""What of TSP is owed in one term and how it stands on one day (rules T1 to T6).

Pure functions of the calendar, the policy and plain days; keywork.terms holds the periods themselves. One thing
at a time: the baseline until it is done or missed, then quiet until the review period opens, then the review.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from keywork import terms
from keywork.calendar import SchoolCalendar, Span, Term
from keywork.duties import DutyResult, Passed, Status
from keywork.policy import Policy
from keywork.terms import AssessmentPeriod, NewStudentBaseline

if TYPE_CHECKING:
    from keywork.school import SchoolFacts

Kind = Literal["baseline", "review"]
BASELINE: Kind = "baseline"
REVIEW: Kind = "review"

SOON_PUPIL_DAYS = 5
# Who joined longer before the calendar begins than any holiday lasts has been at school before: not new (T2).
LONGEST_HOLIDAY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline owed in a term. `missed_on` is the last day that still serves (T3).

    `new` is set when the 20th pupil day since `counted_from` decides it (T2): the first day on roll, or the day
    the school began with Keywork inside a term.
    """

    period: AssessmentPeriod
    missed_on: date
    counted_from: date | None = None
    new: NewStudentBaseline | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review owed in a term; `closing`: of a leaver, by the last day on roll (T6)."""

    period: AssessmentPeriod
    closing: bool = False


class Done(NamedTuple):
    """The days on which the baseline and review of one term were finished, oldest first; several when one was reopened."""

    baseline: tuple[date, ...] = ()
    review: tuple[date, ...] = ()


NOTHING_DONE = Done()


class TspFacts(NamedTuple):
    """What is known of one student in the term shown. `away` is read only of a leaver (T6)."""

    joined_on: date
    left_on: date | None
    known_from: date | None
    done: Done = NOTHING_DONE
    away: tuple[Span, ...] = ()


Why = Literal["", "joins", "left", "not_live", "no_calendar", "beyond"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one student's TSP stands on a day. `kind` says which of the two is meant by period and status.

    `too_early_on` is the day of ratings that cannot be the baseline (T4). `review` is the one still to come
    while the baseline is what is shown.
    """

    status: Status
    kind: Kind = BASELINE
    term: Term | None = None
    period: AssessmentPeriod | None = None
    baseline: Baseline | None = None
    baseline_on: date | None = None
    review: Review | None = None
    done_on: date | None = None
    too_early_on: date | None = None
    why: Why = ""

    @property
    def is_first(self) -> bool:
        """A new student's first baseline, and not done yet."""
        return (
            self.baseline is not None
            and self.baseline.new is not None
            and self.baseline_on is None
            and self.status in (Status.OPEN, Status.DUE_SOON, Status.OVERDUE, Status.MISSED)
        )


def term_shown(as_of: date, calendar: SchoolCalendar) -> Term | None:
    """The latest term whose first pupil day has come; None before the first."""
    for term in reversed(calendar.terms):
        if term.starts_on <= as_of:
            first = calendar.nth_pupil_day(term.starts_on, 1)
            if first is not None and first <= min(as_of, term.ends_on):
                return term
    return None


def joined_long_ago(term: Term | None, as_of: date, policy: Policy, calendar: SchoolCalendar) -> date:
    """How long before this day somebody joined makes no difference to the term shown.

    Whoever has been here for a new student's school days before the term is not new in it (T2).
    """
    day = (
        calendar.pupil_day_before(term.starts_on, policy.tsp_baseline_new_student_pupil_day) if term else None
    )
    if day is None:
        day = calendar.blocks[0].starts_on - LONGEST_HOLIDAY if calendar.blocks else date.min
    return min(day, as_of)


def baseline_owed(
    term: Term, joined_on: date, live_on: date, policy: Policy, calendar: SchoolCalendar
) -> Baseline | None:
    """T1 and T2: None where none is owed, such as for the part-term in which somebody joined late.

    A school that begins with Keywork inside a term (`live_on`) is as new to it as its students are.
    """
    ordinary = terms.baseline_period(term, policy, calendar)
    missed_on = terms.baseline_missed_on(term, calendar)
    if ordinary is None or missed_on is None:
        return None
    opens_on, due_on = ordinary.opens_on, ordinary.due_on
    counted_from: date | None = None
    new: NewStudentBaseline | None = None
    for day in _counted_from(joined_on, live_on, calendar):
        found = terms.new_student_baseline(day, policy, calendar)
        if found is None or found.term.starts_on > term.starts_on:
            return None
        if found.term.id == term.id:
            opens_on = max(opens_on, day)
            if new is None or found.due_on > due_on:
                counted_from, new, due_on = day, found, max(due_on, found.due_on)
    return Baseline(AssessmentPeriod(opens_on, due_on), max(missed_on, due_on), counted_from, new)


def _counted_from(joined_on: date, live_on: date, calendar: SchoolCalendar) -> list[date]:
    known_from = calendar.blocks[0].starts_on if calendar.blocks else date.max
    found = [joined_on] if joined_on > known_from - LONGEST_HOLIDAY else []
    if joined_on < live_on:
        term = calendar.term_on(live_on)
        first = calendar.nth_pupil_day(term.starts_on, 1) if term else None
        if first is not None and live_on > first:
            found.append(live_on)
    return found


def review_owed(
    facts: TspFacts, term: Term, baseline_on: date | None, policy: Policy, calendar: SchoolCalendar
) -> Review | None:
    """T5, and T6 for a leaver, where a baseline was owed: else there is nothing to compare with."""
    period, left_on = terms.review_period(term, policy, calendar), facts.left_on
    if period is None:
        return None
    if left_on is None or left_on >= period.due_on:
        return Review(period)
    due_on = terms.closing_review_due_on(left_on, baseline_on, facts.away, calendar)
    if due_on is None:
        return None
    last = calendar.last_pupil_day_on_or_before(due_on, not_before=term.starts_on) or due_on
    opens_on = calendar.pupil_day_before(last, policy.tsp_review_window_pupil_days - 1)
    return Review(
        AssessmentPeriod(max(opens_on or term.starts_on, baseline_on or term.starts_on), due_on), True
    )


def period_owed(
    facts: TspFacts, term: Term, kind: str, as_of: date, school: SchoolFacts
) -> AssessmentPeriod | None:
    """When the baseline or review of a term is open and due, by the policy the duty asks; None where none is owed."""
    calendar, shown = school.calendar, term_shown(as_of, school.calendar)
    is_over = shown is not None and shown.starts_on > term.starts_on
    policy = school.policy(term.ends_on if is_over else as_of)
    baseline = baseline_owed(term, facts.joined_on, school.begun_on(facts.known_from), policy, calendar)
    if baseline is None:
        return None
    baseline_on = baseline_done_on(baseline, facts.done, as_of)
    if kind == BASELINE:
        return None if baseline_on is None and _leaves_before(facts.left_on, baseline) else baseline.period
    review = review_owed(facts, term, baseline_on, policy, calendar)
    return review.period if review is not None else None


def _leaves_before(left_on: date | None, baseline: Baseline) -> bool:
    return left_on is not None and left_on < baseline.period.due_on


def baseline_done_on(baseline: Baseline, done: Done, as_of: date) -> date | None:
    """The first day on which it was finished that can be the baseline (T4)."""
    opens_on = baseline.period.opens_on
    return next((day for day in done.baseline if opens_on <= day <= as_of), None)


@dataclass(slots=True, kw_only=True, eq=False)
class TspResult(DutyResult):
    standing: Standing


def evaluate(facts: TspFacts, as_of: date, school: SchoolFacts) -> TspResult:
    """How TSP stands at the end of `as_of`, by the policy of that day."""
    policy, calendar = school.policy(as_of), school.calendar
    live_on = school.begun_on(facts.known_from)
    now = standing(facts, as_of, live_on, policy, calendar)
    due_on = now.period.due_on if now.period else None
    why: str = now.why
    if now.status is Status.NOT_OWED:
        why = f"leaves_{now.kind}"
    return TspResult(
        status=now.status,
        why=why,
        passed=tuple(_passed(facts, now, live_on, as_of, policy, calendar)),
        due_on=due_on,
        do_by=calendar.last_pupil_day_on_or_before(due_on) if due_on else None,
        since=now.period.opens_on if now.period else None,
        first=now.is_first,
        standing=now,
    )


def _passed(
    facts: TspFacts, now: Standing, live_on: date, as_of: date, policy: Policy, calendar: SchoolCalendar
) -> Iterator[Passed]:
    """What of the term shown passed unmet: a baseline with the last day that serves (T3), a review with its due date."""
    term, baseline, baseline_on, review = now.term, now.baseline, now.baseline_on, now.review
    if now.why == "left":  # what they owed may have passed all the same
        term = term_shown(as_of, calendar)
        baseline = baseline_owed(term, facts.joined_on, live_on, policy, calendar) if term else None
        if term is not None and baseline is not None:
            baseline_on = baseline_done_on(baseline, facts.done, as_of)
            review = review_owed(facts, term, baseline_on, policy, calendar)
    if term is None or baseline is None:
        return
    left_on, due_on = facts.left_on or date.max, baseline.period.due_on
    last = min(baseline.missed_on, left_on)
    if due_on <= left_on and last < as_of and (baseline_on is None or baseline_on > last):
        yield Passed("tsp_baseline", term.starts_on, due_on)
    if review is not None and review.period.due_on < as_of and not _in_time(review, facts.done):
        yield Passed("tsp_review", term.starts_on, review.period.due_on)


def _in_time(review: Review, done: Done) -> bool:
    return any(day <= review.period.due_on for day in done.review)


def standing(
    facts: TspFacts, as_of: date, live_on: date, policy: Policy, calendar: SchoolCalendar
) -> Standing:
    """How TSP stands for one student."""
    left_on, done = facts.left_on, facts.done
    why = _not_owed_at_all(facts, as_of, live_on, calendar)
    if why:
        return Standing(Status.NONE, why=why)
    term = term_shown(as_of, calendar)
    baseline = baseline_owed(term, facts.joined_on, live_on, policy, calendar) if term else None
    if term is None or baseline is None:
        return _to_come(facts, as_of, live_on, policy, calendar)
    baseline_on = baseline_done_on(baseline, done, as_of)
    early = next((day for day in reversed(done.baseline) if day < baseline.period.opens_on), None)
    review = review_owed(facts, term, baseline_on, policy, calendar)
    base = Standing(
        Status.MET,
        BASELINE,
        term,
        baseline.period,
        baseline,
        baseline_on,
        review,
        baseline_on,
        early if baseline_on is None and early is not None and early <= as_of else None,
    )
    if baseline_on is None and as_of <= baseline.missed_on:
        if _leaves_before(left_on, baseline):
            return replace(base, status=Status.NOT_OWED)
        return replace(base, status=_pressing(as_of, baseline.period, calendar))
    if review is not None and as_of >= review.period.opens_on:
        return _reviewed(base, review, done, as_of, calendar)
    if baseline_on is None:
        return replace(base, status=Status.MISSED)
    if review is None and left_on is not None:
        return replace(base, kind=REVIEW, status=Status.NOT_OWED, period=None)
    in_time = baseline_on <= baseline.period.due_on
    return replace(base, status=Status.MET if in_time else Status.MET_LATE)


def _reviewed(base: Standing, review: Review, done: Done, as_of: date, calendar: SchoolCalendar) -> Standing:
    done_on = next((day for day in done.review if day <= as_of), None)
    if done_on is None:
        status = _pressing(as_of, review.period, calendar)
    else:
        status = Status.MET if done_on <= review.period.due_on else Status.MET_LATE
    return replace(base, kind=REVIEW, status=status, period=review.period, done_on=done_on)


def _pressing(as_of: date, period: AssessmentPeriod, calendar: SchoolCalendar) -> Status:
    if as_of > period.due_on:
        return Status.OVERDUE
    left = calendar.pupil_days(as_of, period.due_on)
    return Status.DUE_SOON if left <= SOON_PUPIL_DAYS else Status.OPEN


def _to_come(
    facts: TspFacts, as_of: date, live_on: date, policy: Policy, calendar: SchoolCalendar
) -> Standing:
    """Nothing is owed in the term shown: the first baseline that will be."""
    for term in calendar.terms:
        baseline = baseline_owed(term, facts.joined_on, live_on, policy, calendar)
        if baseline is not None and baseline.period.opens_on > as_of:
            status = Status.NOT_OWED if _leaves_before(facts.left_on, baseline) else Status.OK
            return Standing(status, BASELINE, term, baseline.period, baseline)
    return Standing(Status.NONE, why="beyond" if calendar.blocks else "no_calendar")


def _not_owed_at_all(facts: TspFacts, as_of: date, live_on: date, calendar: SchoolCalendar) -> Why:
    if facts.joined_on > as_of:
        return "joins"
    if facts.left_on is not None and facts.left_on < as_of:
        return "left"
    if as_of < live_on:
        return "not_live"
    return "" if calendar.blocks else "no_calendar"

"""When each step of a review is due, counted from its date, and whether the talk before it was one (domain 1.6, 5.5).

Pure. Weeks are seven days, and holidays stop nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from students.rules import academic_year, add_months

WEEK = timedelta(weeks=1)
NOTICE = PAPERS = REPORT = 2 * WEEK
ADVICE = timedelta(days=4)  # before the papers go out: time to put them together
DECISION, FINAL = 4 * WEEK, 12 * WEEK  # after the meeting
AFTER_DECISION = 8 * WEEK
COMMENTS = timedelta(days=15)
SET_DATE = 4 * WEEK  # before the last day on which the meeting can be: two weeks' notice, and time to ask
OPENS = 4 * WEEK  # before a date is to be set
MONTHS_BETWEEN, MONTHS_POST16 = 12, 5

# Whom the law names, and what a review looks at in the meeting (domain 1.6).
REQUIRED: Final = ("parent", "student", "authority", "health", "social_care")
Move = Literal["", "school", "sixth_form", "post16"]
Talk = Literal["met", "too_short", "too_early", "not_before_review"]


class Dates(NamedTuple):
    """What a meeting on one day asks for before and after it."""

    advice_by: date
    notice_by: date
    papers_by: date
    report_by: date
    decision_by: date
    final_by: date


def dates_of(meets_on: date) -> Dates:
    papers = meets_on - PAPERS
    return Dates(
        papers - ADVICE, meets_on - NOTICE, papers, meets_on + REPORT, meets_on + DECISION, meets_on + FINAL
    )


def complete_by(since: date) -> date:
    """The last day for the authority's decision: twelve months after the plan was made or last reviewed."""
    by = add_months(since, MONTHS_BETWEEN)
    return by if by.day == since.day else by - timedelta(days=1)  # 29 February: within, not a day after


def review_by(written: date, since: date) -> date:
    """By when the next review is finished: the day the plan says, and never after the law's twelve months."""
    return min(written, complete_by(since))


def comments_by(told_on: date) -> date:
    """Until when, at least, the family may answer the changes proposed."""
    return told_on + COMMENTS


def final_by(meets_on: date, decided_on: date | None) -> date:
    """Eight weeks after the decision, and never later than twelve after the meeting."""
    latest = meets_on + FINAL
    return latest if decided_on is None else min(latest, decided_on + AFTER_DECISION)


def move_of(nc_year: str) -> Move:
    """The change of phase at the end of this school year, as the year group lets one expect."""
    moves: dict[str, Move] = {"6": "school", "11": "sixth_form"}
    return moves.get(nc_year, "")


def moves_on(as_of: date) -> date:
    """The first day of the next school year."""
    return date(academic_year(as_of) + 1, 9, 1)


def phase_by(move: Move, moves: date) -> date | None:
    """By when the plan is reviewed and amended for a move on that day; None where there is none."""
    if move == "school":
        return date(moves.year, 2, 15)
    if move == "sixth_form":
        return date(moves.year, 3, 31)
    return add_months(moves, -MONTHS_POST16) if move == "post16" else None


def meet_by(review_by: date | None, phase: date | None) -> date | None:
    """The last day for a meeting from which everything can still be in time."""
    ends = [end for end in (review_by and review_by - DECISION, phase and phase - FINAL) if end]
    return min(ends, default=None)


def talk_result(review_at: datetime, begins_at: datetime, minutes: int, *, least: int, within: int) -> Talk:
    """Whether the talk of keyworker and home before a review was long enough, and in its time."""
    if begins_at + timedelta(minutes=minutes) > review_at:
        return "not_before_review"
    if (review_at.date() - begins_at.date()).days > within:
        return "too_early"
    return "too_short" if minutes < least else "met"


# --------------------------------------------------------------------------------------- the steps


class Person(NamedTuple):
    """Who has a part in a review: whom they stand for, when they were invited, and the advice asked of them."""

    role: str
    invited_on: date | None = None
    advice_by: date | None = None
    advice_on: date | None = None


class ReviewFacts(NamedTuple):
    """What is known of one review. `amended_on` is the day of issue of the plan that followed the decision."""

    meets_on: date
    move: Move = ""
    moves_on: date | None = None
    people: tuple[Person, ...] = ()
    taking_part_on: date | None = None
    papers_on: date | None = None
    talk_on: date | None = None
    held_on: date | None = None
    report_on: date | None = None
    decision: str = ""
    decided_on: date | None = None
    amended_on: date | None = None

    @property
    def is_over(self) -> bool:
        """The authority has decided, and where it amends the plan the new one is there."""
        if self.decided_on is None:
            return False
        return self.decision != "amend" or self.amended_on is not None

    @property
    def phase_by(self) -> date | None:
        return phase_by(self.move, self.moves_on or moves_on(self.meets_on))


class Step(NamedTuple):
    """One step: by when, when it was done, from when it can be done, and whether it is to be done at all."""

    slug: str
    due_on: date
    done_on: date | None = None
    opens_on: date | None = None
    needed: bool = True

    @property
    def is_open(self) -> bool:
        return self.needed and self.done_on is None


def invited_on(people: Sequence[Person]) -> date | None:
    """The day on which everybody the law names was invited; None while one is not."""
    first: dict[str, date] = {}
    for one in people:
        if one.role in REQUIRED and one.invited_on is not None:
            first[one.role] = min(one.invited_on, first.get(one.role, one.invited_on))
    return max(first.values()) if len(first) == len(REQUIRED) else None


def advice_out(people: Sequence[Person]) -> list[date]:
    """The days by which advice was asked that has not come."""
    return [one.advice_by for one in people if one.advice_by is not None and one.advice_on is None]


def advice_in_on(people: Sequence[Person]) -> date | None:
    """The day on which the last of it came; None while some is out, or nobody was asked."""
    asked = [one for one in people if one.advice_by is not None]
    return (
        None if advice_out(people) else max((one.advice_on for one in asked if one.advice_on), default=None)
    )


def advice_by(people: Sequence[Person], usual: date) -> date:
    """By when advice is due: the first day asked for that is not kept, or the last of all once each came by its own."""
    asked = [(one.advice_by, one.advice_on) for one in people if one.advice_by is not None]
    late = [by for by, came_on in asked if came_on is not None and came_on > by]
    return min(advice_out(people) or late, default=max((by for by, _ in asked), default=usual))


def steps_of(facts: ReviewFacts, *, talk_within: int | None) -> Iterator[Step]:
    """Every step in its order. `talk_within` is how many days before the review home may be met; None: no such talk."""
    meets, dates = facts.meets_on, dates_of(facts.meets_on)
    before = facts.held_on is None
    yield Step("invite", dates.notice_by, invited_on(facts.people), needed=before)
    yield Step("taking_part", dates.papers_by, facts.taking_part_on, needed=before)
    due_on = advice_by(facts.people, dates.advice_by)
    yield Step("advice", due_on, advice_in_on(facts.people), needed=before)
    yield Step("papers", dates.papers_by, facts.papers_on, needed=before)
    if talk_within is not None:
        yield Step("talk", meets, facts.talk_on, meets - timedelta(days=talk_within), needed=before)
    yield Step("meeting", meets, facts.held_on, meets)
    yield Step("report", dates.report_by, facts.report_on, meets)
    yield Step("decision", dates.decision_by, facts.decided_on, meets)
    amends = facts.decision in ("", "amend")
    final = final_by(meets, facts.decided_on)
    if (phase := facts.phase_by) is not None:
        final = min(final, phase)
    yield Step("plan", final, facts.amended_on, facts.decided_on or meets, needed=amends)


def next_step(facts: ReviewFacts, as_of: date, *, talk_within: int | None) -> Step | None:
    """What is to be done now: of the steps that are open by this day the one due first, else the one that opens next."""
    left = [step for step in steps_of(facts, talk_within=talk_within) if step.is_open]
    if facts.decided_on is None:
        left = [step for step in left if step.slug != "plan"]
    ready = [step for step in left if step.opens_on is None or step.opens_on <= as_of]
    return min(ready or left, key=lambda step: step.due_on, default=None)

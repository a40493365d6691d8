"""What the first pages count: overdue, due this week, nothing yet. The same on Today and on Oversight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from keywork.duties import DutyResult, DutyState, Status, providers
from keywork.duty_words import inside
from keywork.numbers import in_words

NOTHING_OWED = (99, 1, 0)  # how urgent it is, where there is no duty
# States in which something is still to be done, or will be on its day.
AHEAD = frozenset({Status.DUE_SOON, Status.OPEN, Status.OK})


def week_ends_on(today: date) -> date:
    """The last day of "due this week": seven days ahead, also on a Saturday."""
    return today + timedelta(days=7)


def is_overdue(state: DutyState | DutyResult) -> bool:
    return state.status is Status.OVERDUE


def is_ahead(state: DutyState | DutyResult) -> bool:
    """Something will be due, on a day that is known; not while a hold keeps it off (C12)."""
    return state.status in AHEAD and state.due_on is not None and not state.held_until


def is_due_by(state: DutyState, day: date) -> bool:
    """Still ahead, and the date it is named with is `day` or earlier."""
    return result_due_by(state.result, state.as_of, day)


def result_due_by(result: DutyResult, as_of: date, day: date) -> bool:
    return is_ahead(result) and (by := result.by(as_of)) is not None and by <= day


def sentence(states: Iterable[DutyState], today: date) -> str:
    """How the day stands: "One home contact is overdue and three things are due this week"."""
    states = list(states)
    week = week_ends_on(today)
    late = Counter(state.kind for state in states if is_overdue(state))
    due = Counter(state.kind for state in states if is_due_by(state, week))
    if not late and not due:
        return "Nothing is overdue and nothing is due this week."
    first = f"{_counted(late)} overdue" if late else "nothing is overdue"
    second = f"{_counted(due)} due this week" if due else "nothing is due this week"
    words = f"{first} and {second}."
    return words[0].upper() + words[1:]


def _counted(kinds: Counter[str]) -> str:
    """Named when all are of one kind, "things" otherwise."""
    count = kinds.total()
    names = {provider.kind: provider.name for provider in providers()}
    name = inside(names[next(iter(kinds))]) if len(kinds) == 1 else "thing"
    if name.endswith("s"):  # many by its name: of how many students
        return f"{name} of {in_words(count)} {'student' if count == 1 else 'students'} are"
    return f"{in_words(count)} {name}{'' if count == 1 else 's'} {'is' if count == 1 else 'are'}"

"""That the plans a keyworker keeps are looked at again in time, as a duty (domain 1.12).

It stands for the plan that comes first; its words also say what is still to be read by whom. Plans that only the core
team and the safeguarding lead know of are not in it: whoever reads duties would learn of them. Its keyworker has a line on Today (care.to_do), the safeguarding lead on their own page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from keywork.access import Can
from keywork.addresses import numbered
from keywork.duties import DutyContext, DutyResult, DutyState, Status, Words, owed_once, words_once
from keywork.duty_words import listed
from keywork.numbers import in_words
from keywork.prepared import Read
from keywork.providers import Duty
from keywork.school import SchoolFacts

from .kinds import GUARDED, KINDS, kind_of, slugs_of
from .standing import firsts, read_all

KIND = "plans"
OPENS = timedelta(weeks=4)
SOON_DAYS = 14


class PlansFacts(NamedTuple):
    """Of the plan that comes first: the day its version was written, and by when it is looked at again."""

    joined_on: date
    left_on: date | None
    known_from: date | None
    since: date | None = None
    review_by: date | None = None


def evaluate(facts: PlansFacts, as_of: date, school: SchoolFacts) -> DutyResult:
    """How the plans stand at the end of a day. Pure."""
    due = facts.review_by if facts.since is not None and facts.since <= as_of else None
    is_open = due is not None and as_of >= due - OPENS
    return owed_once(facts, due, as_of, school, is_open=is_open, soon_days=SOON_DAYS, since=facts.since)


_DUE = ("{s.first_plan} is {s.due_in_words} to be looked at again", "{s.by_day}, {s.by_away}. {s.unread}")
_WHY = ("{s.rule}", "{s.unread}", "{s.two_days}")


class Beside(NamedTuple):
    """The kind that comes first, the readings that are missing, and whether a new keyworker has still to take over."""

    first: str = ""
    unread: int = 0
    takes_over: bool = False


class PlansState(DutyState):
    kind = KIND
    name = "Plans"
    has_page = True
    page_needs = Can.VIEW_KEPT_PLANS
    links = ("See the plans", "See the plans")
    words = words_once(
        be="are",
        done="",
        more="{s.unread}",
        why=_WHY[:2],
        why_not="",
    ) | {
        # The same to everybody, of every student: a plan that few know of may be in force.
        Status.NOT_REQUIRED: Words(
            "None counted here",
            "{s.name} are not counted here",
            "",
            ("{s.known_as} has no plan in force that is counted here. {s.uncounted}",),
        ),
        Status.OVERDUE: Words(
            "{s.over}", "{s.first_plan} was to be looked at again", "By {s.due}. {s.unread}", _WHY
        ),
        Status.DUE_SOON: Words("{s.due_in_short}", *_DUE, _WHY),
        Status.OPEN: Words("{s.due_in_short}", *_DUE, _WHY),
    }

    @property
    def address(self) -> str:
        return numbered("care:kept_list").format(self.student_id)

    @property
    def plans(self) -> Beside:
        return self.beside or Beside()

    @property
    def first_plan(self) -> str:
        return str(kind_of(self.plans.first).name) if self.plans.first else self.name

    @property
    def unread(self) -> str:
        """ "Two readings by the team are missing."."""
        missing = self.plans.unread
        if not missing:
            return ""
        if missing == 1:
            return "One reading by the team is missing."
        return f"{in_words(missing).capitalize()} readings by the team are missing."

    @property
    def uncounted(self) -> str:
        few = [str(KINDS[slug].name) for slug in slugs_of(GUARDED)]
        return f"A {listed(few, 'or')} never is: who may read one finds it under Plans."

    @property
    def rule(self) -> str:
        return f"The {self.first_plan} says by when it is looked at again: {self.due}. A new version sets another day."


class PlansDuty(Duty):
    kind, name = KIND, PlansState.name
    state, fact = PlansState, PlansFacts
    evaluate = staticmethod(evaluate)

    def reads(self, context: DutyContext) -> Sequence[Read]:
        """Of a whole school the plan that comes first alone; the words, of the few shown, need all (`explain`)."""
        if context.is_page:
            return [read_all(context.ids, context.as_of, context.known_on)]
        return [Read(firsts, context.ids, known_on=context.known_on)]

    def known(self, context: DutyContext, *reads: Any) -> Mapping[int, Sequence[Any]]:
        [rows] = reads
        if context.is_page:
            context.beside = _beside(rows)
        found: dict[int, Sequence[Any]] = {}
        for student_id, _, since, review_by, *_ in rows:
            if review_by is not None:
                found.setdefault(student_id, (since, review_by))
        return found

    def explain(self, context: DutyContext, states: Sequence[Any]) -> None:
        if states and not context.is_page:
            ids = [one.student_id for one in states]
            context.beside = _beside(read_all(ids, context.as_of, context.known_on).now())

    def reminders(
        self, states: Sequence[Any], as_of: date, *, school: SchoolFacts | None = None
    ) -> dict[int, str]:
        """No query."""
        return {one.student_id: one.policy.worded(TAKES_OVER) for one in states if one.plans.takes_over}


TAKES_OVER = "The keyworker has still to read the plans and the hand-over note, and to say so."


def _beside(rows: Sequence[tuple[Any, ...]]) -> dict[int, Beside]:
    found: dict[int, Beside] = {}
    for student_id, kind, _, review_by, unread in rows:
        so_far = found.get(student_id, Beside())
        if review_by is None:
            found[student_id] = so_far._replace(takes_over=True)
        else:
            found[student_id] = so_far._replace(first=so_far.first or kind, unread=so_far.unread + unread)
    return found

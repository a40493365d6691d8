"""How one student's TSP stands, in words: the baseline or the review of the term (T1 to T6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from keywork.addresses import numbered
from keywork.calendar import Term
from keywork.dates import day_in_full, day_short, days_from_today, number_of_days
from keywork.duties import DutyState, Ground, Reading, Status
from keywork.duty_words import sentences
from keywork.names import ended
from keywork.terms import BASELINE_MISSED_AFTER_PUPIL_DAY, CLOSING_REVIEW_PUPIL_DAYS

from .. import dues, templates
from ..dues import BASELINE, REVIEW
from .facts import TermFacts, WindowFact

KIND = "tsp"
_AHEAD = frozenset({Status.OPEN, Status.DUE_SOON})
_TO_DO = frozenset({*_AHEAD, Status.OVERDUE, Status.MISSED})


@dataclass(slots=True, kw_only=True, eq=False)
class TspReading(Reading):
    standing: dues.Standing


class TspState(DutyState):
    """`standing` is the pure rule's answer, `facts` the windows of its term."""

    __slots__ = ("facts",)

    kind = KIND
    reading: TspReading

    def __init__(self, ground: Ground, student: Any, reading: TspReading, facts: TermFacts) -> None:
        super().__init__(ground, student, reading)
        self.facts = facts

    @property
    def standing(self) -> dues.Standing:
        return self.reading.standing

    @property
    def miss_kind(self) -> str:
        return f"tsp_{self.standing.kind}"

    @property
    def window_fact(self) -> WindowFact | None:
        """The window that is meant, if anybody has opened it."""
        if self.standing.term is None or self.status is Status.OK:
            return None
        return self.facts.baseline if self.standing.kind == BASELINE else self.facts.review

    @property
    def answered(self) -> int:
        return self.window_fact.answered if self.window_fact else 0

    @property
    def of(self) -> int:
        """How many statements the form of an unfinished window has."""
        fact = self.window_fact
        if fact is None or fact.digest is None:
            return 0
        return len(templates.published(fact.template_id, fact.digest).in_use)

    @property
    def open_again(self) -> bool:
        """It was finished, and opened again: what is owed is met, and somebody has yet to finish it again."""
        fact = self.window_fact
        return fact is not None and fact.is_open and fact.reopened and bool(fact.done)

    @property
    def name(self) -> str:
        if self.standing.kind == BASELINE:
            return "TSP baseline"
        return "TSP closing review" if self._closing else "TSP review"

    @property
    def label(self) -> str:
        match self.status:
            case Status.OVERDUE:
                return f"{number_of_days(self.days_over)} over"
            case Status.DUE_SOON:
                return self.due_in_short
            case Status.OPEN:
                return "Part done" if self.answered else "Not started"
            case Status.OK if self.since:
                return f"From {day_short(self.since, self.as_of)}"
            case Status.MISSED:
                return "Missed"
            case Status.MET:
                return "Done"
            case Status.MET_LATE:
                return "Done late"
            case Status.NOT_OWED:
                return "Leaving"
        return "Not required"

    @property
    def note(self) -> str:
        """Which of the two; the column of Oversight says only "TSP"."""
        if self.status in (Status.NONE, Status.NOT_OWED):
            return ""
        what = (
            "Baseline" if self.standing.kind == BASELINE else "Closing review" if self._closing else "Review"
        )
        return f"{what}, open again" if self.open_again else what

    @property
    def headline(self) -> str:
        match self.status:
            case Status.OVERDUE:
                return f"{self.name} is overdue"
            case Status.OPEN | Status.DUE_SOON:
                return f"{self.name} is {self.due_in_words}"
            case Status.OK if self.since:
                return f"{self.name} opens {self._day(self.since)}"
            case Status.MISSED:
                return f"{self.name} was missed this term"
            case Status.MET | Status.MET_LATE:
                return f"{self.name} is {self.label.lower()}"
            case Status.NOT_OWED:
                return f"No {self.name} is owed before the last day"
        return "TSP is not required"

    @property
    def when(self) -> str:
        match self.status:
            case Status.OVERDUE if self.due_on:
                still = ""
                if self.standing.baseline and self.standing.kind == BASELINE:
                    still = f"Still counts until {self._day(self.standing.baseline.missed_on)}."
                due = f"Due {self._day(self.due_on)}, {days_from_today(self.due_on, self.as_of)}."
                return sentences(due, self._progress, still)
            case Status.OPEN | Status.DUE_SOON if self.by:
                due = f"{self._day(self.by)}, {days_from_today(self.by, self.as_of)}."
                return sentences(due, self._progress)
            case Status.OK if self.by:
                return f"Due {self._day(self.by)}."
            case Status.MISSED if self.due_on:
                return sentences(f"Was due {self._day(self.due_on)}.", self._progress, _FIRST_RATINGS)
            case Status.MET | Status.MET_LATE if self.finished_on:
                again = "Open again: finish it once more." if self.open_again else ""
                return sentences(f"Finished {self._day(self.finished_on)}.", again, self._next)
        return ""

    @property
    def reasons(self) -> list[str]:
        if self.status is Status.NONE:
            return [self._why_none]
        if self.status is Status.NOT_OWED:
            return [self._why_leaving]
        if self.status in (Status.MET, Status.MET_LATE):
            done = [f"Finished {self._day(self.finished_on)}."] if self.finished_on else []
            found = [sentences(*done, self._rule), self._open_again_words, self._next]
        else:
            found = [
                self._rule,
                self._late_rule,
                self._too_early,
                self._progress_in_full,
            ]
        return [one for one in found if one]

    @property
    def action_url(self) -> str:
        """The workspace of the window, while there is something to do in it."""
        term = self.standing.term
        if term is None or not (self.status in _TO_DO or self.open_again):
            return ""
        return numbered("tsp:workspace", term.id, self.standing.kind).format(self.student_id)

    @property
    def page_url(self) -> str:
        return self.action_url

    @property
    def page_label(self) -> str:
        what = self.name.removeprefix("TSP ")
        return f"Go on with the {what}" if self.answered or self.open_again else f"Start the {what}"

    @property
    def finished_on(self) -> date | None:
        return self.standing.done_on

    # The pieces of the sentences

    def _day(self, day: date) -> str:
        return day_in_full(day, self.as_of)

    @property
    def _term(self) -> Term:
        assert self.standing.term is not None
        return self.standing.term

    @property
    def _closing(self) -> bool:
        review = self.standing.review
        return self.standing.kind == REVIEW and review is not None and review.closing

    @property
    def _progress(self) -> str:
        fact = self.window_fact
        if fact is None or not fact.is_open or not fact.answered:
            return ""
        return f"{fact.answered} of {self.of} statements rated."

    @property
    def _progress_in_full(self) -> str:
        if self._progress:
            return f"{self.answered} of {self.of} statements are rated."
        return "Nothing is rated yet." if self.status is not Status.OK else ""

    @property
    def _rule(self) -> str:
        assert self.due_on is not None
        tense = "was" if self.due_on < self.as_of else "is"
        if self._closing:
            start = self._day(self.standing.baseline_on) if self.standing.baseline_on else ""
            return (
                f"{self.student.known_as}’s last day is {self._day(self.due_on)}, and at least"
                f" {CLOSING_REVIEW_PUPIL_DAYS} school days were attended since the baseline of {start}:"
                f" a closing review {tense} due by the last day."
            )
        if self.standing.kind == REVIEW:
            days = number_of_days(self.policy.tsp_review_window_pupil_days).replace(" day", " school day")
            opened = "opened" if self.since and self.since <= self.as_of else "opens"
            return (
                f"The review belongs to the last {days} of the term. It {opened} {self._day_of(self.since)}"
                f" and {tense} due on the last, {self._day(self.due_on)}."
            )
        if self.standing.baseline is not None and self.standing.baseline.new is not None:
            return self._rule_for_the_new
        nth = _ordinal(self.policy.tsp_baseline_due_pupil_day)
        return (
            f"The baseline is due on the {nth} school day of the term."
            f" {_name_of(self._term)} began for students on {self._day_of(self.since)}, so it {tense} due"
            f" {self._day(self.due_on)}."
        )

    @property
    def _rule_for_the_new(self) -> str:
        baseline = self.standing.baseline
        assert baseline is not None and baseline.new is not None
        assert baseline.counted_from is not None and self.due_on is not None
        nth, twentieth = (
            _ordinal(self.policy.tsp_baseline_new_student_pupil_day),
            baseline.new.nth_pupil_day_on,
        )
        tense = "was" if self.due_on < self.as_of else "is"
        began = f"{self.student.known_as} joined on {self._day(baseline.counted_from)}."
        if baseline.counted_from != self.student.joined_on:
            began = f"{self.school.name} began with Keywork on {self._day(baseline.counted_from)}."
            if baseline.counted_from == self.student.known_from:
                began = f"{self.student.known_as} was added to Keywork on {self._day(baseline.counted_from)}."
        if twentieth == self.due_on:
            rule = f"The first baseline {tense} due on the {nth} school day, {self._day(twentieth)}."
        else:
            falls = "fell" if twentieth < self.as_of else "falls"
            rule = (
                f"The {nth} school day {falls} on {self._day(twentieth)}, inside {_name_of(self._term)[:1].lower()}"
                f"{_name_of(self._term)[1:]}, whose baselines are due {self._day(self.due_on)}."
            )
        return sentences(began, rule, "Holidays do not count.")

    @property
    def _late_rule(self) -> str:
        baseline = self.standing.baseline
        if self.standing.kind != BASELINE or baseline is None:
            return ""
        last = self._day(baseline.missed_on)
        nth = f"the {_ordinal(BASELINE_MISSED_AFTER_PUPIL_DAY)} school day of the term"
        if baseline.missed_on == baseline.window.due_on:
            nth = "its due date"
        if self.status is Status.OVERDUE:
            return (
                f"Done by {last}, {nth}, it is late and still the baseline. After that it is missed, and change is"
                " measured from the first ratings of the term."
            )
        if self.status is Status.MISSED:
            return f"It was not done by {last}, {nth}. {_FIRST_RATINGS}"
        return ""

    @property
    def _too_early(self) -> str:
        early = self.standing.too_early_on
        if early is None:
            return ""
        return (
            f"The ratings finished on {self._day(early)} were made before the window opened, so they cannot be the"
            " baseline. They can be carried in and confirmed."
        )

    @property
    def _next(self) -> str:
        """While a baseline is done: when the review opens."""
        review = self.standing.review
        if self.standing.kind == REVIEW or review is None:
            return ""
        what = "closing review" if review.closing else "review"
        return f"The {what} opens {self._day(review.window.opens_on)}."

    @property
    def _open_again_words(self) -> str:
        if not self.open_again:
            return ""
        return "It was opened again since; it counts from the day it was first finished."

    @property
    def _why_leaving(self) -> str:
        known_as, left_on = self.student.known_as, self._day_of(self.student.left_on)
        if self.standing.kind == REVIEW:
            return (
                f"{known_as}’s last day is {left_on}, fewer than {CLOSING_REVIEW_PUPIL_DAYS} attended school days"
                " after the baseline, so no closing review is owed."
            )
        return f"The baseline would be due {self._day_of(self.due_on)}; {known_as}’s last day is {left_on}."

    @property
    def _why_none(self) -> str:
        known_as = self.student.known_as
        match self.standing.why:
            case "left":
                return f"{known_as} left on {self._day_of(self.student.left_on)}."
            case "joins":
                return f"{known_as} joins on {self._day(self.student.joined_on)}."
            case "not_live":
                if self.as_of >= self.school.went_live_on:
                    return f"Nothing was counted yet: {known_as} was not in Keywork."
                return "Nothing was counted yet: the school had not begun with Keywork."
            case "no_calendar":
                return "The school has no term dates yet, so nothing can fall due."
        return f"The term dates known so far end before a baseline falls due for {ended(known_as)}"

    def _day_of(self, day: date | None) -> str:
        return self._day(day) if day is not None else ""


_FIRST_RATINGS = "Change is measured from the first ratings of this term."


def _ordinal(number: int) -> str:
    """ "1st", "10th", "22nd"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _name_of(term: Term) -> str:
    return f"The {term.name[:1].lower()}{term.name[1:]}"

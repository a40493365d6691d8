"""How one student's TSP stands, in words: the baseline or the review of the term (T1 to T6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from keywork.addresses import numbered
from keywork.calendar import Term
from keywork.dates import day_short, number_of_days
from keywork.duties import DutyContext, DutyState, Status, Words
from keywork.duty_words import sentences
from keywork.names import ended
from keywork.terms import BASELINE_MISSED_AFTER_PUPIL_DAY, CLOSING_REVIEW_PUPIL_DAYS

from .. import deadlines
from ..deadlines import BASELINE, REVIEW, TspResult
from ..questions import templates
from .facts import PointFact, Points, Rated

KIND = "tsp"
_DUE = ("{s.name} is {s.due_in_words}", "{s.by_day}, {s.by_away}. {s.progress}")
_WHY = ("{s.rule}", "{s.two_days}", "{s.late_rule}", "{s.too_early}", "{s.progress_in_full}")
_DONE = (
    "Finished {s.finished}. {s.again} {s.next}",
    ("Finished {s.finished}. {s.rule}", "{s.why_again}", "{s.next}"),
)
_LEAVING = ("Leaving", "No {s.name} is owed before the last day", "")
_NOT = ("Not required", "TSP is not required", "")
_FIRST_RATINGS = "Change is measured from the first ratings of this term."


@dataclass(slots=True, eq=False)
class TspContext(DutyContext):
    """The points of the term shown; `rated` knows how far the unfinished ones are."""

    points: Points = field(default_factory=lambda: {BASELINE: {}, REVIEW: {}})
    rated: Rated | None = None


class TspState(DutyState):
    """`result.standing` is the pure rule's answer."""

    kind = KIND
    has_page = True
    context: TspContext
    result: TspResult
    facts: deadlines.TspFacts
    words = {
        Status.OVERDUE: Words(
            "{s.over}",
            "{s.name} is overdue",
            "Due {s.due}, {s.due_away}. {s.progress} {s.still}",
            _WHY,
        ),
        Status.DUE_SOON: Words("{s.due_in_short}", *_DUE, _WHY),
        Status.OPEN: Words("{s.begun}", *_DUE, _WHY),
        Status.OK: Words("From {s.opens_short}", "{s.name} opens {s.opens}", "Due {s.by_day}.", _WHY),
        Status.MISSED: Words(
            "Missed",
            "{s.name} was missed this term",
            f"Was due {{s.due}}. {{s.progress}} {_FIRST_RATINGS}",
            _WHY,
        ),
        Status.MET: Words("Done", "{s.name} is done", *_DONE),
        Status.MET_LATE: Words("Done late", "{s.name} is done late", *_DONE),
        "leaves_baseline": Words(
            *_LEAVING, ("The baseline would be due {s.due}; {s.known_as}’s last day is {s.left}.",)
        ),
        "leaves_review": Words(
            *_LEAVING,
            (
                "{s.known_as}’s last day is {s.left}, fewer than "
                f"{CLOSING_REVIEW_PUPIL_DAYS} attended school days after the baseline,"
                " so no closing review is owed.",
            ),
        ),
        Status.NONE: Words(*_NOT, ("{s.why_none}",)),
        "beyond": Words(
            *_NOT, ("The term dates known so far end before a baseline falls due for {s.student_ended}",)
        ),
    }

    @property
    def standing(self) -> deadlines.Standing:
        return self.result.standing

    @property
    def miss_kind(self) -> str:
        return f"tsp_{self.standing.kind}"

    @property
    def point_fact(self) -> PointFact | None:
        """The point that is meant, if anybody has opened it."""
        if self.standing.term is None or self.status is Status.OK:
            return None
        row = self.context.points[self.standing.kind].get(self.student_id)
        return PointFact(*row) if row else None

    @property
    def answered(self) -> int:
        fact, rated = self.point_fact, self.context.rated
        return rated.counts.get(fact.pk, 0) if fact and fact.is_open and rated else 0

    @property
    def of(self) -> int:
        """How many statements the form of an unfinished point has."""
        fact = self.point_fact
        if fact is None or fact.digest is None:
            return 0
        return len(templates.published(fact.template_id, fact.digest).in_use)

    @property
    def open_again(self) -> bool:
        """It was finished, and opened again: what is owed is met, and somebody has yet to finish it again."""
        fact, done = self.point_fact, getattr(self.facts.done, self.standing.kind)
        return fact is not None and fact.is_open and bool(fact.reopened_reason and done)

    @property
    def name(self) -> str:
        if self.standing.kind == BASELINE:
            return "TSP baseline"
        return "TSP closing review" if self._closing else "TSP review"

    @property
    def is_to_do(self) -> bool:
        return super().is_to_do or self.open_again

    @property
    def address(self) -> str:
        """The workspace of the point."""
        term = self.standing.term
        return numbered("tsp:workspace", term.id, self.standing.kind).format(self.student_id) if term else ""

    @property
    def page_label(self) -> str:
        what = self.name.removeprefix("TSP ")
        return f"Go on with the {what}" if self.answered or self.open_again else f"Start the {what}"

    @property
    def finished_on(self) -> date | None:
        return self.standing.done_on

    # The pieces of the sentences

    @property
    def _term(self) -> Term:
        assert self.standing.term is not None
        return self.standing.term

    @property
    def _closing(self) -> bool:
        review = self.standing.review
        return self.standing.kind == REVIEW and review is not None and review.closing

    @property
    def progress(self) -> str:
        return f"{self.answered} of {self.of} statements rated." if self.answered else ""

    @property
    def progress_in_full(self) -> str:
        if self.progress:
            return f"{self.answered} of {self.of} statements are rated."
        return "Nothing is rated yet." if self.status is not Status.OK else ""

    @property
    def rule(self) -> str:
        assert self.due_on is not None
        tense = "was" if self.due_on < self.as_of else "is"
        if self._closing:
            start = self.day(self.standing.baseline_on) if self.standing.baseline_on else ""
            return (
                f"{self.student.known_as}’s last day is {self.day(self.due_on)}, and at least"
                f" {CLOSING_REVIEW_PUPIL_DAYS} school days were attended since the baseline of {start}:"
                f" a closing review {tense} due by the last day."
            )
        if self.standing.kind == REVIEW:
            days = number_of_days(self.policy.tsp_review_window_pupil_days).replace(" day", " school day")
            opened = "opened" if self.since and self.since <= self.as_of else "opens"
            return (
                f"The review belongs to the last {days} of the term. It {opened} {self.day(self.since)}"
                f" and {tense} due on the last, {self.day(self.due_on)}."
            )
        if self.standing.baseline is not None and self.standing.baseline.new is not None:
            return self._rule_for_the_new
        nth = _ordinal(self.policy.tsp_baseline_due_pupil_day)
        return (
            f"The baseline is due on the {nth} school day of the term."
            f" {_name_of(self._term)} began for {self.policy.worded('students')} on {self.day(self.since)}, so it {tense} due"
            f" {self.day(self.due_on)}."
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
        began = f"{self.student.known_as} joined on {self.day(baseline.counted_from)}."
        if baseline.counted_from != self.student.joined_on:
            began = f"{self.school.name} began with Keywork on {self.day(baseline.counted_from)}."
            if baseline.counted_from == self.student.known_from:
                began = f"{self.student.known_as} was added to Keywork on {self.day(baseline.counted_from)}."
        if twentieth == self.due_on:
            rule = f"The first baseline {tense} due on the {nth} school day, {self.day(twentieth)}."
        else:
            falls = "fell" if twentieth < self.as_of else "falls"
            rule = (
                f"The {nth} school day {falls} on {self.day(twentieth)}, inside {_name_of(self._term)[:1].lower()}"
                f"{_name_of(self._term)[1:]}, whose baselines are due {self.day(self.due_on)}."
            )
        return sentences(began, rule, "Holidays do not count.")

    @property
    def late_rule(self) -> str:
        baseline = self.standing.baseline
        if self.standing.kind != BASELINE or baseline is None:
            return ""
        last = self.day(baseline.missed_on)
        nth = f"the {_ordinal(BASELINE_MISSED_AFTER_PUPIL_DAY)} school day of the term"
        if baseline.missed_on == baseline.period.due_on:
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
    def too_early(self) -> str:
        early = self.standing.too_early_on
        if early is None:
            return ""
        return (
            f"The ratings finished on {self.day(early)} were made before the baseline opened, so they do not count"
            " as one. They can be carried in and confirmed."
        )

    @property
    def next(self) -> str:
        """While a baseline is done: when the review opens."""
        review = self.standing.review
        if self.standing.kind == REVIEW or review is None:
            return ""
        what = "closing review" if review.closing else "review"
        return f"The {what} opens {self.day(review.period.opens_on)}."

    @property
    def note(self) -> str:
        """Which of the two; the column of Oversight says only "TSP"."""
        if self.status in (Status.NONE, Status.NOT_OWED):
            return ""
        review = "Closing review" if self._closing else "Review"
        what = "Baseline" if self.standing.kind == BASELINE else review
        return f"{what}, open again" if self.open_again else what

    @property
    def begun(self) -> str:
        return "Part done" if self.answered else "Not started"

    @property
    def still(self) -> str:
        if self.standing.baseline is None or self.standing.kind != BASELINE:
            return ""
        return f"Still counts until {self.day(self.standing.baseline.missed_on)}."

    @property
    def opens(self) -> str:
        return self.day(self.since)

    @property
    def opens_short(self) -> str:
        return day_short(self.since, self.as_of) if self.since else ""

    @property
    def finished(self) -> str:
        return self.day(self.finished_on)

    @property
    def again(self) -> str:
        return "Open again: finish it once more." if self.open_again else ""

    @property
    def why_again(self) -> str:
        if not self.open_again:
            return ""
        return "It was opened again since; it counts from the day it was first finished."

    @property
    def student_ended(self) -> str:
        return ended(self.known_as)


def _ordinal(number: int) -> str:
    """ "1st", "10th", "22nd"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _name_of(term: Term) -> str:
    return f"The {term.name[:1].lower()}{term.name[1:]}"

"""The duty contract: what is owed to a student, as of any date, in words.

A provider answers for many students at once in a fixed number of queries. Pages, badges, digests, the nightly
job and exports know only this contract, which is why two pages can never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from .dates import day_in_full, day_short, days_from_today, number_of_days

if TYPE_CHECKING:
    from .access import Can
    from .policy import Policy
    from .providers import Duty
    from .school import SchoolFacts


class Status(StrEnum):
    """Every state a duty can be in. Order in URGENCY, look in LEVELS."""

    OVERDUE = "overdue"
    MISSED = "missed"
    DUE_SOON = "due_soon"
    OPEN = "open"
    OK = "ok"
    MET = "met"
    MET_LATE = "met_late"
    DECLINED = "declined"
    NOT_REQUIRED = "not_required"
    NOT_OWED = "not_owed"
    NONE = "none"


URGENCY: dict[Status, int] = {status: place for place, status in enumerate(Status)}

# How loud each state looks (look.md, States): the CSS class is `is-<level>`.
LEVELS: dict[Status, str] = {
    Status.OVERDUE: "overdue",
    Status.MISSED: "missed",
    Status.DUE_SOON: "soon",
    Status.OPEN: "open",
    Status.OK: "ok",
    Status.MET: "ok",
    Status.MET_LATE: "ok",
    Status.DECLINED: "none",
    Status.NOT_REQUIRED: "none",
    Status.NOT_OWED: "none",
    Status.NONE: "none",
}


A_DAY = timedelta(days=1)
TO_DO = frozenset({Status.OPEN, Status.DUE_SOON, Status.OVERDUE, Status.MISSED})


def by_its_day(
    done_on: date | None,
    due_on: date,
    as_of: date,
    *,
    soon_days: int,
    is_open: bool,
    late: Status = Status.OVERDUE,
) -> Status:
    """How something stands that is done once, by its day; `late` is what it is from the day after."""
    if done_on is not None and done_on <= as_of:
        return Status.MET if done_on <= due_on else Status.MET_LATE
    if as_of > due_on:
        return late
    if (due_on - as_of).days <= soon_days:
        return Status.DUE_SOON
    return Status.OPEN if is_open else Status.OK


def owed_once(
    facts: Any,
    due_on: date | None,
    as_of: date,
    school: SchoolFacts,
    *,
    done_on: date | None = None,
    is_open: bool,
    soon_days: int,
    since: date | None = None,
    is_asked: Callable[[date], bool] = lambda on: True,
    kind: str = "",
) -> DutyResult:
    """How something stands at the end of a day that a student owes once, by its day; not required where that is None.

    `facts` knows the stay on roll, as every Duty.fact does. `is_asked` says whether the school's rules want it on a day.
    With `kind`, its day gone by unmet is a miss of that kind, by the rules of the morning after.
    """
    late = Status.MISSED if kind else Status.OVERDUE
    begun_on = school.begun_on(facts.known_from)
    is_done = done_on is not None and done_on <= as_of
    found = DutyResult(status=Status.NONE, since=since)
    if is_asked(as_of) and school.counts(facts, as_of):
        if due_on is None:
            found.status = Status.MET if is_done else Status.NOT_REQUIRED
        elif is_done or due_on >= begun_on:
            found.status = by_its_day(done_on, due_on, as_of, soon_days=soon_days, is_open=is_open, late=late)
            found.due_on, not_before = due_on, facts.joined_on
            found.do_by = school.calendar.last_pupil_day_on_or_before(due_on, not_before=not_before) or due_on
    in_time = done_on is not None and due_on is not None and done_on <= due_on
    if (
        kind
        and due_on is not None
        and begun_on <= due_on < as_of
        and not in_time
        and is_asked(due_on + A_DAY)
    ):
        found.passed = (Passed(kind, since or due_on, due_on),)
    return found


def named_date(due_on: date | None, do_by: date | None, as_of: date) -> date | None:
    """The one date named everywhere: the last school day to do it on (C5) while it lasts, else the due date."""
    return do_by if do_by is not None and do_by >= as_of else due_on


class Passed(NamedTuple):
    """A due date that passed unmet: the kind of its miss, when what was owed began, and the date itself."""

    kind: str
    since: date
    due_on: date


@dataclass(slots=True, kw_only=True, eq=False)
class DutyResult:
    """How a duty stands under its rule. Students alike share one within an answer, so it is never changed.

    `due_on` is the last day in time, `do_by` the last pupil day to do it on, `since` the day the clock began. Dates
    are civil dates in London. A result is known by what it is: two students of one result are equally urgent.
    `why` names its words where the status alone does not; `passed` is what was missed, whatever is shown now.
    """

    status: Status
    why: str = ""
    passed: tuple[Passed, ...] = ()
    due_on: date | None = None
    do_by: date | None = None
    since: date | None = None
    first: bool = False  # nothing has been done yet at all: the most visible of its urgency
    held_until: date | None = None  # the last day of a hold in force: nothing is asked of anyone (C12)
    facts: Any = None  # what it was read from

    def by(self, as_of: date) -> date | None:
        return named_date(self.due_on, self.do_by, as_of)

    @property
    def level(self) -> str:
        return "info" if self.held_until else LEVELS[self.status]

    @property
    def urgency(self) -> tuple[int, int, int]:
        """Sort key: most urgent first; then never-done before done; then the earliest due date."""
        return URGENCY[self.status], 0 if self.first else 1, (self.due_on or date.max).toordinal()


@dataclass(slots=True, eq=False)
class DutyContext:
    """What the states of one answer have in common: the day and the school, and the policy of that day.

    `beside` is what the words need of each student, by id, beside the facts of the rule. `is_page` says that it is of the
    few students of one page, which tells everything of them; `known_on` asks for what was known then (keywork.known).
    """

    as_of: date
    school: SchoolFacts
    policy: Policy
    students: Sequence[Any] = ()
    ids: Sequence[int] = ()
    known_on: date | None = None
    beside: Mapping[int, Any] = field(default_factory=dict)
    is_page: bool = False


class Words(NamedTuple):
    """What is said of one state. Each is a text with attributes of the state in braces: "Held {s.met_day}".

    `reasons` are paragraphs; those that come out empty are left out.
    """

    label: str  # the badge: two or three words
    headline: str  # the duty and its state in one short sentence
    when: str = ""  # the line under the headline: the date, the distance, what was done last
    reasons: Sequence[str] = ()


def words_once(
    *,
    done: str,
    more: str,
    why: Sequence[str],
    why_not: str,
    why_done: Sequence[str] = (),
    be: str = "is",
    of: str = "",
) -> dict[Any, Words]:
    """The table of what is owed once (`owed_once`): when it was `done`, what `more` there is to say while it is due, why.

    `be` is "are" where its name is of more than one thing, `of` what it was missed in: "this year". A duty puts what it
    says otherwise behind it.
    """
    both = (*why, "{s.two_days}")
    was, is_due = "Were" if be == "are" else "Was", f"{{s.name}} {be} {{s.due_in_words}}"
    when, not_owed = (
        f"{{s.by_day}}, {{s.by_away}}. {more}",
        ("Not required", f"{{s.name}} {be} not required", ""),
    )
    return {
        Status.MET: Words("Done", f"{{s.name}} {be} done", done, why_done or why),
        Status.MET_LATE: Words("Done late", f"{{s.name}} {be} done late", done, why_done or why),
        Status.OVERDUE: Words("{s.over}", f"{{s.name}} {be} late", f"{was} due {{s.due}}. {more}", why),
        Status.MISSED: Words("Missed", f"{{s.name}} {was.lower()} missed {of}", f"{was} due {{s.due}}.", why),
        Status.DUE_SOON: Words("{s.due_in_short}", is_due, when, both),
        Status.OPEN: Words("{s.begun}", is_due, when, both),
        Status.OK: Words("By {s.due_in_short}", is_due, when, both),
        Status.NOT_REQUIRED: Words(*not_owed, (why_not,)),
        Status.NONE: Words(*not_owed, ("{s.why_none}",)),
    }


def _at(path: str) -> Any:
    """A property: what stands at the end of this path."""
    return property(attrgetter(path))


class DutyState:
    """One duty of one student as of one day: a result, and words for it. Providers subclass it.

    Words are worked out when asked for: a page about a whole school makes thousands of these and shows fifty.
    """

    __slots__ = ("context", "result", "student")

    kind: ClassVar[str]
    # By `result.why` or the status: the one table of a duty's words.
    words: ClassVar[Mapping[Any, Words]] = {}
    has_page: ClassVar[bool] = False  # what is to do is a page to work on for a while, not a form
    page_needs: ClassVar[Can | None] = None  # what opens it, where reading the log is not enough
    begun_words: ClassVar[tuple[str, str]] = ("Not begun", "Begun")
    links: ClassVar[tuple[str, str]] = ("", "")  # the link to it before it is begun, and after: "Start the …"
    context: DutyContext
    result: DutyResult

    # What every duty answers
    facts: Any = _at("result.facts")
    student_id: int = _at("student.pk")
    as_of: date = _at("context.as_of")
    school: SchoolFacts = _at("context.school")
    policy: Policy = _at("context.policy")
    status: Status = _at("result.status")
    due_on: date | None = _at("result.due_on")
    do_by: date | None = _at("result.do_by")
    since: date | None = _at("result.since")
    first: bool = _at("result.first")
    held_until: date | None = _at("result.held_until")
    level: str = _at("result.level")
    urgency: tuple[int, int, int] = _at("result.urgency")
    known_as: str = _at("student.known_as")

    def __init__(self, context: DutyContext, student: Any, result: DutyResult) -> None:
        self.context, self.student, self.result = context, student, result

    # Pieces for the table

    def day(self, day: date | None) -> str:
        """A date in full, as seen from the day asked about; nothing for none."""
        return "" if day is None else day_in_full(day, self.as_of)

    @property
    def due(self) -> str:
        return self.day(self.due_on)

    @property
    def due_away(self) -> str:
        """ "in 3 days", "2 days ago"."""
        return days_from_today(self.due_on, self.as_of) if self.due_on else ""

    @property
    def by_day(self) -> str:
        return self.day(self.by)

    @property
    def by_away(self) -> str:
        return days_from_today(self.by, self.as_of) if self.by else ""

    @property
    def over(self) -> str:
        """ "3 days over"."""
        return f"{number_of_days(self.days_over)} over"

    @property
    def left(self) -> str:
        return self.day(self.student.left_on)

    @property
    def why_none(self) -> str:
        """Why nothing can be owed to a student at all: not on roll, or nothing known here yet (C1)."""
        live_on, begun_on = self.school.went_live_on, self.school.begun_on(self.student.known_from)
        if self.student.left_on is not None and self.student.left_on < self.as_of:
            return f"{self.known_as} left on {self.left}."
        if self.student.joined_on > self.as_of:
            return f"{self.known_as} joins on {self.day(self.student.joined_on)}."
        if self.as_of >= begun_on and not self.school.calendar.blocks:
            return "The school has no term dates yet, so nothing can fall due."
        if self.as_of >= live_on and begun_on > live_on:
            return f"Nothing was counted yet: {self.known_as} was not in Keywork."
        return "Nothing was counted yet: the school had not begun with Keywork."

    @property
    def begun(self) -> str:
        return self.begun_words[self.is_begun]

    @property
    def done_day(self) -> str:
        """Of what its facts know as `done_on`."""
        return self.day(self.facts.done_on)

    @property
    def by(self) -> date | None:
        return self.result.by(self.as_of)

    @property
    def is_in_time_until(self) -> bool:
        """The last school day to do it on has gone, and the due date has not."""
        return self.do_by is not None and self.due_on is not None and self.do_by < self.as_of <= self.due_on

    @property
    def two_days(self) -> str:
        """Of a due date with no school on it: that day, and the one that is named everywhere else (C5)."""
        if (
            self.do_by is None
            or self.due_on is None
            or not self.do_by < self.due_on
            or self.due_on < self.as_of
        ):
            return ""
        return f"In time until {self.due}, with {self.day(self.do_by)} the last school day before it."

    @property
    def due_in_words(self) -> str:
        """ "due today", "due Friday 11 December"; once the last school day has gone "in time until Saturday …"."""
        assert self.by is not None
        if self.is_in_time_until:
            return f"in time until {day_in_full(self.by, self.as_of)}"
        return "due today" if self.by == self.as_of else f"due {day_in_full(self.by, self.as_of)}"

    @property
    def due_in_short(self) -> str:
        """The same for a badge: "Due today", "Fri 11 Dec", "Until Sat 12 Dec"."""
        assert self.by is not None
        if self.is_in_time_until:
            return f"Until {day_short(self.by, self.as_of)}"
        return "Due today" if self.by == self.as_of else day_short(self.by, self.as_of)

    @property
    def state(self) -> Status:
        return self.status

    @property
    def miss_kind(self) -> str:
        """What its miss would be recorded as; one duty may know several (`Duty.miss_names`)."""
        return self.kind

    @property
    def is_plain(self) -> bool:
        """In time, done or not required: a badge that needs no "why?"."""
        return self.level == "ok" or self.status in (Status.NOT_REQUIRED, Status.NONE)

    @property
    def days_over(self) -> int:
        """Whole days past the due date; 0 when not overdue."""
        if self.status is not Status.OVERDUE or self.due_on is None:
            return 0
        return (self.as_of - self.due_on).days

    @property
    def name(self) -> str:
        """The duty in words, as a row's name: "Home contact"."""
        raise NotImplementedError

    @property
    def said(self) -> Words:
        """The row of the table that fits."""
        return self.words.get(self.result.why) or self.words[self.status]

    @property
    def label(self) -> str:
        return self._filled(self.said.label)

    @property
    def note(self) -> str:
        """A word or two beside the badge, such as which half-term; often empty."""
        return ""

    @property
    def when(self) -> str:
        return self._filled(self.said.when)

    @property
    def headline(self) -> str:
        return self._filled(self.said.headline)

    @property
    def reasons(self) -> list[str]:
        """Why, a paragraph each: cause and rule, what did not count, what else bears on it."""
        return [filled for text in self.said.reasons if (filled := self._filled(text))]

    def _filled(self, text: str) -> str:
        filled = self.policy.filled(text, s=self)
        return " ".join(filter(None, filled.split(" "))) if "  " in f" {filled} " else filled

    @property
    def reason(self) -> str:
        """Why, in one piece."""
        return " ".join(self.reasons)

    @property
    def beside(self) -> Any:
        """What the words need beside the facts of the rule, as it lies on the context; () for nothing."""
        return self.context.beside.get(self.student_id, ())

    @property
    def is_to_do(self) -> bool:
        return self.status in TO_DO

    @property
    def address(self) -> str:
        """Where it is done; empty where there is no such page."""
        raise NotImplementedError

    @property
    def action_url(self) -> str:
        """The address where it can be done; empty when nothing is to do."""
        return self.address if self.is_to_do else ""

    @property
    def page_url(self) -> str:
        """The same where that is a page to work on for a while, not a form to fill in on the spot; or empty."""
        return self.action_url if self.has_page else ""

    @property
    def is_begun(self) -> bool:
        """Whether somebody works on it already."""
        return False

    @property
    def page_label(self) -> str:
        """The link to it: "Start the baseline"."""
        return self.links[self.is_begun]


@dataclass(frozen=True, slots=True)
class MissFact:
    """A due date that passed unmet, derived from the facts (never stored by a provider)."""

    kind: str
    student_id: int
    due_on: date
    klass: str  # missed, attempted, handover, unassigned
    keyworker_id: int | None


@dataclass(frozen=True, slots=True)
class DutyResults:
    """How one duty stands for each student of the context, in their order."""

    duty: Duty
    context: DutyContext
    of: Sequence[DutyResult]

    def state(self, place: int) -> Any:
        """The state of the student at that place, to look at but not to put in words."""
        return self.duty.state(self.context, self.context.students[place], self.of[place])

    def states(self, places: Sequence[int]) -> list[Any]:
        """The states of the students at these places, ready to be put in words."""
        found = [self.state(place) for place in places]
        self.duty.explain(self.context, found)
        return found


_providers: dict[str, Duty] = {}


def register(provider: Duty) -> None:
    """Called from AppConfig.ready(); the order of INSTALLED_APPS is the order on the page."""
    if provider.kind in _providers and type(_providers[provider.kind]) is not type(provider):
        raise ValueError(f"Two providers for the duty {provider.kind}.")
    _providers[provider.kind] = provider


def providers() -> tuple[Duty, ...]:
    return tuple(_providers.values())


def miss_names() -> dict[str, str]:
    """Every kind of miss there can be, as people say it: "Home contact"."""
    return {kind: name for provider in providers() for kind, name in provider.miss_names.items()}


def states_for(
    students: Sequence[Any], as_of: date, known_on: date | None = None, *, school: SchoolFacts | None = None
) -> dict[int, tuple[Any, ...]]:
    """Student id to its states (DutyState), one per duty, in the order of the providers.

    Of somebody with several stays on roll, by the one nearest the day. With `known_on`, from what was known at the end
    of that day: students, calendar and policies too, whatever `school` is.
    """
    from .known import students_at  # not above: the rules stand on this module, and know no Django
    from .prepared import few_together, together
    from .school import load
    from .sql import A_PAGE

    school = load(known_on) if school is None or known_on is not None else school.itself
    students = students_at(students, as_of, known_on)
    is_page = known_on is None and len(students) <= A_PAGE
    begun = [provider.begin(students, as_of, known_on, school, is_page=is_page) for provider in providers()]
    asked = [read for one in begun for read in one.reads]
    rows = iter(together(*asked) if is_page else few_together(asked))
    found = [one.of([next(rows) for _ in one.reads]).states(range(len(students))) for one in begun]
    return dict(zip([student.pk for student in students], zip(*found, strict=True), strict=True))


def reminders_for(
    states: Mapping[int, Sequence[Any]], as_of: date, *, school: SchoolFacts | None = None
) -> dict[int, list[str]]:
    """Student id to reminders, for the few that have any. `states` is what `states_for` gave on the same day."""
    found: dict[int, list[str]] = {}
    for provider in providers():
        own = [state for owed in states.values() for state in owed if state.kind == provider.kind]
        for student_id, words in provider.reminders(own, as_of, school=school).items():
            found.setdefault(student_id, []).append(words)
    return found

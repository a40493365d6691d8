"""Every field that can be placed in a local authority's form: one list for the page, the checker and the filler; and
what stands behind its mark: words, or a tick that can be written in each of the ways forms tick.

A field with a `function` comes from the record (reports/authority/facts.py); one without is typed by hand before the
form is filled, until Keywork holds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from care.models import Outcome
from keywork.typed import for_word
from students.models import Student

if TYPE_CHECKING:
    from .facts import Facts

TICK, BOX, TICKED_BOX = "✓", "☐", "☒"


class Value:
    """Words with named parts: `{{ it }}` is the words, `{{ it.part }}` a part. False where there are no words."""

    __slots__ = ("_held", "_parts", "_words")

    def __init__(
        self, words: str = "", parts: Mapping[str, Any] | None = None, holds: bool | None = None
    ) -> None:
        self._words = plain(words)
        self._parts = parts or {}
        self._held = bool(self._words) if holds is None else holds

    def __str__(self) -> str:
        return self._words

    def __bool__(self) -> bool:
        return self._held

    def __getattr__(self, name: str) -> Any:
        try:
            return self._parts[name]
        except KeyError:
            raise AttributeError(name) from None


class Rows(list[Value]):
    """Rows of a table, each a Value of its columns; a row that is not there is empty."""

    def __init__(self, rows: Iterable[Value], columns: Mapping[str, Value]) -> None:
        super().__init__(rows)
        self.empty = Value(parts=columns)

    def __getitem__(self, place: Any) -> Any:
        return super().__getitem__(place) if 0 <= place < len(self) else self.empty


def plain(words: str) -> str:
    """As a form takes it: line breaks kept, no sign that a Word file cannot hold, and nothing that looks like a mark."""
    kept = for_word(str(words)).replace("\t", " ")
    return re.sub(r"\{(?=[_{%#])|(?<=[_}%#])\}", lambda found: f"{found[0]}\u200a", kept)


def tick(ticked: bool) -> Value:
    """A sign in an empty cell; `.box` is a box with or without a cross, `.checked` 1 or 0 for Word's own boxes."""
    parts = {
        "box": Value(TICKED_BOX if ticked else BOX, holds=ticked),
        "checked": Value("1" if ticked else "0"),
    }
    return Value(TICK if ticked else "", parts, ticked)


def yes_no(answer: bool | None) -> Value:
    """Yes or No in words, Y or N, or two cells; nothing is ticked where it is not known."""
    yes, no = tick(answer is True), tick(answer is False)
    words = {True: "Yes", False: "No", None: ""}[answer]
    parts = {
        "yes": yes,
        "no": no,
        "y_n": Value(words[:1]),
        "box": yes.box,
        "checked": yes.checked,
        "tick": yes,
    }
    return Value(words, parts, answer is True)


def one_of(chosen: str, options: Mapping[str, str]) -> Value:
    return some_of([chosen] if chosen else [], options)


def some_of(chosen: Iterable[str], options: Mapping[str, str]) -> Value:
    """The chosen in words, and a tick for each of the options."""
    given = list(chosen)
    words = ", ".join(label for key, label in options.items() if key in given)
    return Value(words, {key: tick(key in given) for key in options})


# What may follow the name of a field of each kind.
TICK_PARTS = ("", ".box")
YES_NO_PARTS = ("", ".yes", ".no", ".y_n", ".tick", ".box", ".yes.box", ".no.box", ".tick.box")


Kind = Literal["text", "long", "day", "number", "yes_no", "one_of", "some_of", "rows"]


@dataclass(frozen=True, slots=True)
class Field:
    """`name` stands between {{ and }}; `function` gives text, a date, True, False or None, keys of `options`, or rows."""

    name: str
    words: str
    example: str
    kind: Kind = "text"
    function: Callable[[Facts], Any] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Field, ...] = ()

    @property
    def typed(self) -> bool:
        return self.function is None

    @property
    def box(self) -> str:
        """The name of its input on the page where it is typed."""
        return self.name.replace(".", "_")

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]

    def paths(self) -> Iterator[str]:
        """Each way it can be written, without rows' columns."""
        if self.kind == "yes_no":
            yield from (f"{self.name}{part}" for part in YES_NO_PARTS)
        else:
            yield self.name
        for key in self.options:
            yield from (f"{self.name}.{key}{part}" for part in TICK_PARTS)

    def value(self, given: Any) -> Any:
        """What `function` gave, or what was typed, as it is put into the form."""
        if self.kind == "rows":
            names = {column.name: column for column in self.columns}
            return Rows(
                (
                    Value(parts={name: column.value(row.get(name)) for name, column in names.items()})
                    for row in given or ()
                ),
                {name: column.value(None) for name, column in names.items()},
            )
        if self.kind == "yes_no":
            return yes_no({"yes": True, "no": False}.get(given) if isinstance(given, str) else given)
        if self.kind == "one_of":
            return one_of(given or "", self.options)
        if self.kind == "some_of":
            return some_of(given or (), self.options)
        return Value(in_words(given))


def in_words(given: Any) -> str:
    if isinstance(given, date):
        return f"{given.day} {given:%B %Y}"
    return "" if given is None else str(given)


def _t(name: str, words: str, example: str, function: Any = None, kind: Kind = "text", **more: Any) -> Field:
    return Field(name, words, example, kind, function, **more)


SEX = {"male": "Male", "female": "Female"}
_REVIEWS = {
    "annual": "Annual review",
    "interim": "Interim review",
    "early": "Early review",
    "year_9": "Year 9 review",
    "transfer": "Transfer to another phase",
}
_RECOMMENDED = {"keep": "Keep the plan as it is", "amend": "Change the plan", "end": "End the plan"}
SECTIONS = {letter.lower(): letter for letter in "ABCDEFGHIJK"}

FIELDS: tuple[Field, ...] = (
    _t("student.name", "Whole legal name", "Halina Dziedzic", lambda f: f.legal_name),
    _t("student.forename", "Legal forename", "Halina", lambda f: f.student.legal_forename),
    _t("student.surname", "Legal surname", "Dziedzic", lambda f: f.student.legal_surname),
    _t("student.known_as", "Name they use", "Hal Dziedzic", lambda f: f.student.name),
    _t("student.born", "Date of birth", "17 May 2013", lambda f: f.student.born_on, "day"),
    _t("student.age", "Age today, in years", "13", lambda f: f.age, "number"),
    _t("student.sex", "Sex", "Female", lambda f: f.sex, "one_of", options=SEX),
    _t("student.pronouns", "Pronouns", "she/her", lambda f: f.student.pronouns),
    _t("student.year", "Year group", "Year 9", lambda f: f.student.year_label),
    _t("student.form", "Form or class", "9 Elm", lambda f: f.student.reg_group),
    _t("student.out_of_year", "Taught outside their year by age", "No", lambda f: f.out_of_year, "yes_no"),
    _t("student.joined", "First day at the school", "3 September 2024", lambda f: f.student.joined_on, "day"),
    _t("student.placement", "Day or residential", "Day", lambda f: f.student.placement_label),
    _t("student.upn", "UPN", "P207000016049", lambda f: f.student.upn),
    _t("student.language", "Home language", "Polish", lambda f: f.student.home_language),
    _t("student.ethnicity", "Ethnicity", "White British", lambda f: f.student.ethnicity),
    _t("student.looked_after", "Looked after by an authority", "No", lambda f: f.student.looked_after, "yes_no"),
    _t("student.pupil_premium", "Pupil premium", "Yes", lambda f: f.student.pupil_premium, "yes_no"),
    _t("student.needs", "Areas of need", "Communication and interaction", lambda f: f.student.needs, "some_of", options=dict(Student.Need.choices)),
    _t("student.address", "Student’s own address", "3 Mill Row, Aldermere", lambda f: f.own("address"), "long"),
    _t("student.phone", "Student’s own phone", "07700 900123", lambda f: f.own("phone")),
    _t("student.email", "Student’s own e-mail", "hal@students.example", lambda f: f.own("email")),
    _t("student.social_worker", "Social worker", "Bryony Castle", lambda f: f.student.social_worker),
    _t("student.social_worker_reach", "How to reach the social worker", "01632 960123", lambda f: f.student.social_worker_reach),
    _t("student.nhs_number", "NHS number", "999 000 0018"),
    _t("student.religion", "Religion", "None"),
    _t("authority.name", "Authority that maintains the plan", "Aldershire", lambda f: f.student.maintained_by),
    _t("school.name", "Name of the school", "Aldermere School", lambda f: f.school.name),
    _t("school.reach", "How to reach the school", "01632 960001", lambda f: f.school_reach),
    _t("school.keyworker", "Keyworker", "Ros Whitfield", lambda f: f.keyworker),
    _t("school.head", "Headteacher", "Anthea Mbeki"),
    _t("school.type", "Kind of school", "Special school"),
    _t("plan.case_number", "Authority’s own case number", "EHC/0413", lambda f: f.plan and f.plan.la_reference),
    _t("plan.issued", "Date of the plan in force", "14 March 2025", lambda f: f.plan and f.plan.issued_on, "day"),
    _t("plan.first_issued", "Date of the first plan", "2 May 2021", lambda f: f.first_issued, "day"),
    _t("plan.last_review", "Date of the last review", "4 December 2025", lambda f: f.plan and f.plan.reviewed_on, "day"),
    _t("plan.next_review", "Date by which the next review is due", "4 December 2026", lambda f: f.plan and f.plan.next_review_on, "day"),
    _t("attendance.percent", "Attendance this school year, per cent", "92.5", lambda f: f.attendance.percent, "number"),
    _t("attendance.possible", "Sessions possible this school year", "120", lambda f: f.attendance.possible, "number"),
    _t("attendance.attended", "Sessions attended", "111", lambda f: f.attendance.attended, "number"),
    _t("attendance.authorised", "Sessions missed, authorised", "6", lambda f: f.attendance.authorised, "number"),
    _t("attendance.unauthorised", "Sessions missed, unauthorised", "3", lambda f: f.attendance.unauthorised, "number"),
    _t("attendance.suspended_days", "Days suspended this school year", "0", lambda f: f.attendance.suspended_days, "number"),
    _t(
        "outcomes", "Outcomes of the plan, a row or a page each", "", lambda f: f.outcomes, "rows",
        columns=(
            _t("number", "Number of the outcome", "1"),
            _t("text", "The outcome, as the plan words it", "Asks an adult for help in three lessons of four.", kind="long"),
            _t("area", "Area of need", "Communication and interaction", kind="one_of", options=dict(Student.Need.choices)),
            _t("pfa", "Preparing for adulthood", "Independent living", kind="some_of", options=dict(Outcome.Pfa.choices)),
            _t("target", "To be reached by", "14 March 2027", kind="day"),
            _t("progress", "Progress in one word", "On track"),
            _t("why", "Why, in the keyworker’s words", "Asked in 9 of 12 lessons watched.", kind="long"),
            _t("judged", "Day progress was judged", "12 November 2026", kind="day"),
            _t("achieved", "Reached", "No", kind="yes_no"),
            _t("goals", "Goals towards it, each with where they are", "Asks with a card: more than expected", kind="long"),
        ),
    ),
    _t(
        "parents", "Parents and carers, a row each", "", lambda f: f.parents, "rows",
        columns=(
            _t("name", "Name", "Zofia Dziedzic"),
            _t("relationship", "Relationship", "mum"),
            _t("responsibility", "Parental responsibility, in words", "Yes"),
            _t("has_responsibility", "Parental responsibility, to tick", "Yes", kind="yes_no"),
            _t("lives_with", "The student lives with them", "Yes", kind="yes_no"),
            _t("address", "Address", "3 Mill Row, Aldermere", kind="long"),
            _t("phone", "Phone", "07700 900104"),
            _t("email", "E-mail", "zofia@home.example"),
            _t("language", "Language", "Polish"),
        ),
    ),
    _t("review.kind", "Kind of review", "Annual review", kind="one_of", options=_REVIEWS),
    _t("review.held", "Date of the meeting", "1 December 2026", kind="day"),
    _t("review.place", "Where the meeting is", "Aldermere School"),
    _t("review.chaired_by", "Who chaired", "Imogen Tarrant-Osei"),
    _t("review.written_by", "Who wrote the form", "Ros Whitfield"),
    _t(
        "people", "People at the review, a row each: invited, present, advice", "", None, "rows",
        columns=(
            _t("name", "Name", "Dan Coyle"),
            _t("role", "Role", "Mentor"),
            _t("invited", "Invited", "Yes", kind="yes_no"),
            _t("present", "Present", "Yes", kind="yes_no"),
            _t("advice", "Advice received", "No", kind="yes_no"),
        ),
    ),
    _t("review.reports", "Reports sent with the form", "Speech and language, 3 November 2026", kind="long"),
    _t("review.last_actions", "Actions of the last review and what came of them", "Card for help: in use.", kind="long"),
    _t("views.student", "Views of the student", "I like cooking on Tuesdays.", kind="long"),
    _t("views.parents", "Views of the parents", "She is happier on Sundays.", kind="long"),
    _t("views.school", "Views of the school", "A settled term.", kind="long"),
    _t("views.works", "What works", "A list beside her.", kind="long"),
    _t("views.works_not", "What does not work", "Many words at once.", kind="long"),
    _t("views.disagreements", "Disagreements", "None.", kind="long"),
    _t("adulthood.employment", "Preparing for adulthood: employment", "Works in the café.", kind="long"),
    _t("adulthood.living", "Preparing for adulthood: independent living", "Cooks once a week.", kind="long"),
    _t("adulthood.community", "Preparing for adulthood: friends and community", "Art club.", kind="long"),
    _t("adulthood.health", "Preparing for adulthood: health", "Swims.", kind="long"),
    _t("adulthood.destination", "After 16: where they go", "Aldermere College"),
    _t("review.attainment", "Attainment", "Reading age 9 years 4 months", kind="long"),
    _t("review.recommendation", "Recommendation", "Change the plan", kind="one_of", options=_RECOMMENDED),
    _t("review.sections", "Sections of the plan that should change", "B, F", kind="some_of", options=SECTIONS),
    _t("review.changes", "What should change", "Section F: a card for help.", kind="long"),
    _t("review.health_changed", "Health needs have changed", "No", kind="yes_no"),
    _t("review.care_changed", "Social care needs have changed", "No", kind="yes_no"),
    _t("review.placement", "Placement asked for", "To stay", kind="long"),
    _t("review.budget", "Personal budget asked about", "No", kind="yes_no"),
    _t("review.top_up", "Top-up funding", "£4,200"),
    _t("review.signed", "Date of signature", "3 December 2026", kind="day"),
    _t("paper.day", "The day the form is filled", "30 November 2026", lambda f: f.today, "day"),
)  # fmt: skip

BY_NAME: Mapping[str, Field] = {one.name: one for one in FIELDS}
ROWS: Mapping[str, Field] = {one.name: one for one in FIELDS if one.kind == "rows"}
# The same label for two parents: parent1.name beside parents[0].name.
NUMBERED: Mapping[str, tuple[str, int]] = {"parent1": ("parents", 0), "parent2": ("parents", 1)}
GROUPS = frozenset({one.group for one in FIELDS} | NUMBERED.keys())
TITLES: Mapping[str, str] = {
    "student": "The student",
    "authority": "The authority",
    "school": "The school",
    "plan": "The EHC plan",
    "attendance": "Attendance",
    "outcomes": "Outcomes: a row or a page each",
    "parents": "Parents and carers: a row each",
    "people": "People at the review: a row each",
    "review": "The review",
    "views": "Views",
    "adulthood": "Preparing for adulthood",
    "paper": "The form itself",
}

# Each way a field can be written, and the field: "student.looked_after.yes" to student.looked_after.
PATHS: Mapping[str, Field] = {path: one for one in FIELDS if one.kind != "rows" for path in one.paths()}
# The same of the columns of rows, by the rows' name.
COLUMNS: Mapping[str, Mapping[str, Field]] = {
    name: {path: column for column in rows.columns for path in column.paths()} for name, rows in ROWS.items()
}

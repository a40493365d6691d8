"""The school's policy: 49 parameters as one typed, immutable value, and the presets schools start from.

A parameter may be off (``None``) only where its meaning allows. What each one means is written in
``fixtures/policies.json`` too. Rules take a ``Policy``; they never read rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

_FIXTURE = Path(__file__).parent / "fixtures" / "policies.json"
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class PolicyError(ValueError):
    """A value the policy cannot take. ``parameter`` names it; the message is fit for a person."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class AttemptRule:
    """How many unanswered attempts turn a miss into ``attempted`` (C7)."""

    attempts: int = 3
    distinct_days: int = 2
    distinct_channels: int = 2


@dataclass(frozen=True, slots=True)
class CheckInRule:
    """With ``pause``: contacts owed in a closure of at least ``min_days`` calendar days (C16)."""

    min_days: int
    contacts: int = 1


@dataclass(frozen=True, slots=True)
class DropIn:
    """Published drop-in times; ``after_school`` is a first and last time of day such as 15:15."""

    times: tuple[str, ...]
    after_school: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FirstYearRole:
    """Who supports keyworkers during a student's first ``months`` months."""

    role: str
    months: int = 12


@dataclass(frozen=True, slots=True)
class Post16Liaison:
    """From how many months before sixth form, and by whom, the move is prepared."""

    nc_year: int = 11
    months_before_sixth_form: int = 6
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordLabels:
    """What the school calls its logs; empty where it has no word of its own."""

    contact: str = ""
    session: str = ""

    def of(self, log: str) -> str:
        """The log of contacts, of sessions, or of both ("key worker"), where both have one name."""
        both = self.contact if self.contact == self.session else ""
        return {"contact": self.contact, "session": self.session}.get(log, both)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words shown on screen, as they begin a label. Where one is empty it is Keywork's own."""

    student: str = "student"
    keyworker: str = "Keyworker"
    senco: str | None = "SENCo"


_OUR_VOCABULARY = Vocabulary()
# What Keywork's own texts say, with an article before it, which another word may change; no part of an address, nor
# the name of a value that stands in braces.
OUR_WORDS = re.compile(
    r"(?<![@/._{-])\b(?:([Aa])\s+)?(students?|keyworkers?|SENCos?|Head\s+of\s+Social\s+Education"
    r"|(?:key\s+worker|contact|session)\s+log)\b(?![@/_-])(’(?!s))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _in_words_of(
    vocabulary: Vocabulary, logs: RecordLabels, assigned_by: str, text: str, to_fill: bool = False
) -> str:
    """`to_fill`: the text goes through str.format, where a brace of the school's is to stay one."""

    def other(found: re.Match[str]) -> str:
        article, ours, apostrophe = found.groups()
        name = " ".join(ours.lower().split()).removesuffix("s")
        if name == "head of social education":
            # "…, with key staff" is no part of a sentence.
            theirs = assigned_by.partition(",")[0].strip() or "Head of Social Education"
        elif name.endswith(" log"):
            theirs = logs.of(name.removesuffix(" log")) or "key worker log"
            theirs = (theirs[0].upper() if ours[0].isupper() else theirs[0]) + theirs[1:]
        elif name == "senco":
            theirs = vocabulary.senco or "SENCo"
        else:
            said = vocabulary.student if name == "student" else vocabulary.keyworker
            theirs = said or getattr(_OUR_VOCABULARY, name)
            # "Key worker" begins a label and is "key worker" in a sentence; "Key Worker" is a name wherever it stands.
            begins = ours[0].isupper()
            if begins or theirs[1:] == theirs[1:].lower():
                theirs = (theirs[0].upper() if begins else theirs[0].lower()) + theirs[1:]
        if ours.lower().endswith("s"):
            theirs = plural(theirs)
        if apostrophe is not None:
            theirs += "’" if theirs.endswith("s") else "’s"
        if article is not None:
            theirs = f"{article}{'n' if theirs[0].lower() in 'aeio' else ''} {theirs}"
        return theirs.replace("{", "{{").replace("}", "}}") if to_fill else theirs

    return OUR_WORDS.sub(other, text)


def plural(word: str) -> str:
    for one, many in (("person", "people"), ("child", "children")):
        if word.lower().endswith(one):
            return word[: -len(one)] + many
    return f"{word[:-1]}ies" if re.search("[^aeiou]y$", word) else f"{word}s"


# Parameters that nothing reads yet, and the capability that will. The page of the policy says so beside each.
COMING: Mapping[str, str] = {
    "target_review_cadence": "Plans that are looked at again",
    "conflict_resolution_first_contact": "Putting things right after a conflict",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Every parameter with its default. Intervals are in calendar days unless the name says otherwise."""

    contact_required: bool = True
    contact_interval_days: int | None = 14
    contact_amber_days: int = 3
    contact_channels: tuple[str, ...] = ("phone", "text", "email")
    contact_one_way_counts: bool = True
    contact_voicemail_counts: bool = False
    contact_two_way_max_gap_days: int | None = None
    contact_attempts_for_escalation: AttemptRule = field(default_factory=AttemptRule)
    misses_before_senior_leadership: int | None = 3
    contact_late_log_days: int = 3
    contact_backdate_limit_days: int = 14
    holiday_rule: Literal["count", "pause"] | None = "count"
    long_closure_check_in: CheckInRule | None = None
    session_window: Literal["half_term", "week", "term", "none"] = "half_term"
    session_min_per_window: int = 1
    session_max_per_week: int | None = None
    session_lengths_minutes: tuple[int, ...] = ()
    session_required_topics: tuple[str, ...] = ("attendance", "engagement", "social_progress")
    session_min_available_pupil_days: int = 10
    session_declines_for_declined_status: int = 2
    drop_in: DropIn | None = None
    staff_check_up_interval_days: int | None = None
    caseload_cap: int | None = 5
    eligibility: tuple[str, ...] | None = ("all_students",)
    assigned_by: str = "Head of Social Education"
    keyworker_change_reasons: tuple[str, ...] = (
        "student_request",
        "relationship_settled_elsewhere",
        "staff_left",
        "staff_absence",
        "workload",
        "other",
    )
    handover_grace_days: int = 7
    tsp_baseline_due_pupil_day: int = 10
    tsp_baseline_new_student_pupil_day: int = 20
    tsp_review_window_pupil_days: int = 15
    tsp_goal_weights: bool = False
    tsp_report_cadence: tuple[str, ...] = ("termly", "on_request_for_review")
    ilsa_cadence: Literal["annual", "none"] = "annual"
    ilsa_headline_source: Literal["keyworker", "agreed"] = "keyworker"
    ilsa_parents_see_each_other: bool = False
    ilsa_raters: tuple[str, ...] = ("keyworker", "parent_carer", "pupil")
    review_pre_meeting_minutes: int | None = 30
    review_pre_meeting_agenda: tuple[str, ...] = (
        "ehcp_outcomes",
        "safeguarding_plans",
        "ihp_updates",
        "tsp_targets",
        "agreed_strategies",
    )
    review_pre_meeting_within_days: int = 14
    review_attendance: Literal["required", "as_required"] = "as_required"
    target_review_cadence: Literal["termly", "half_termly", "annual"] = "termly"
    plans_maintained_by_keyworker: tuple[str, ...] = ()
    first_year_contact_role: FirstYearRole | None = None
    post16_liaison: Post16Liaison | None = None
    conflict_resolution_first_contact: tuple[str, ...] | None = None
    worry_answer_minutes: int = 30
    message_answer_days: int = 1
    records_location_labels: RecordLabels = field(default_factory=RecordLabels)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def __post_init__(self) -> None:
        _check_sense(self)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Build from plain JSON values; what is not given takes its default.

        Raises ``PolicyError`` for an unknown parameter, a value of the wrong kind, or values that make
        no sense together.
        """
        return cls(**_read_values(values))

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """This policy with plain JSON values put over it; only the result must make sense as a whole.

        Raises ``PolicyError`` as ``from_values`` does.
        """
        return replace(self, **_read_values(values))

    def worded(self, text: str) -> str:
        """A text of Keywork's own, which says student, keyworker, SENCo, Head of Social Education and key worker log,
        as the school calls them (`vocabulary`, `assigned_by`, `records_location_labels`)."""
        return _in_words_of(self.vocabulary, self.records_location_labels, self.assigned_by, text)

    def filled(self, text: str, *values: object, **named: object) -> str:
        """`worded`, with the values where the text has {…}; one that the school writes in a word is no such place."""
        words = _in_words_of(self.vocabulary, self.records_location_labels, self.assigned_by, text, True)
        return words.format(*values, **named) if "{" in words or "}" in words else words

    @property
    def runs_contact_clock(self) -> bool:
        """Whether home contacts fall due at all: they are required and an interval is set."""
        return self.contact_required and self.contact_interval_days is not None

    def gives_keyworker(self, sen_status: str) -> bool:
        """Whether a student with an EHC plan ("E"), SEN support ("K") or no SEN ("N") is to have a keyworker.

        Everyone, until the school has chosen; and who has no status yet, who may be one of those chosen.
        """
        if self.eligibility is None or "all_students" in self.eligibility or not sen_status:
            return True
        return {"E": "ehcp_or_statement", "K": "additional_needs"}.get(sen_status) in self.eligibility

    @property
    def pauses(self) -> bool:
        """Whether days outside half-term blocks stand still."""
        return self.holiday_rule == "pause"


@cache
def presets() -> dict[str, Policy]:
    """The policies schools start from, by slug.

    A parameter whose document says nothing (``not_stated``) takes the default; a null that the document
    does mean stays null.
    """
    return {
        preset["slug"]: Policy.from_values(
            {
                name: entry["value"]
                for name, entry in preset["parameters"].items()
                if entry["basis"] != "not_stated"
            }
        )
        for preset in _fixture()["presets"]
    }


@cache
def _fixture() -> dict[str, Any]:
    return json.loads(_FIXTURE.read_text(encoding="utf-8"))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


# Reading plain values into the annotated types


def value_of(name: str, value: Any) -> Any:
    """A plain JSON value of a parameter as the policy holds it. Raises ``PolicyError`` for one of the wrong kind."""
    return _read_values({name: value})[name]


def _read_values(values: Mapping[str, Any]) -> dict[str, Any]:
    hints = _hints(Policy)
    unknown = next((name for name in values if name not in hints), None)
    if unknown is not None:
        raise PolicyError(unknown, f"There is no policy parameter called {unknown}.")
    return {name: _read(name, hints[name], value) for name, value in values.items()}


def _read(parameter: str, hint: Any, value: Any) -> Any:
    if get_origin(hint) is UnionType or type(None) in get_args(hint):
        if value is None:
            return None
        hint = next(arm for arm in get_args(hint) if arm is not type(None))
    if value is None:
        raise PolicyError(parameter, f"{_title(parameter)} needs a value.")
    if get_origin(hint) is tuple:
        return _read_list(parameter, get_args(hint)[0], value)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            choices = ", ".join(str(choice) for choice in get_args(hint))
            raise PolicyError(parameter, f"{_title(parameter)} must be one of: {choices}.")
        return value
    if hint in (bool, int, str):
        # bool is an int to Python, never to a school.
        if type(value) is not hint:
            kind = {bool: "yes or no", int: "a whole number", str: "text"}[hint]
            raise PolicyError(parameter, f"{_title(parameter)} must be {kind}.")
        return value
    return _read_group(parameter, hint, value)


def _read_list(parameter: str, item: type, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise PolicyError(parameter, f"{_title(parameter)} must be a list.")
    items = tuple(_read(parameter, item, one) for one in value)
    if len(set(items)) < len(items):
        raise PolicyError(parameter, f"{_title(parameter)} names the same thing twice.")
    if any(one == "" for one in items):
        raise PolicyError(parameter, f"{_title(parameter)} has an empty entry.")
    return items


def _read_group(parameter: str, kind: type, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise PolicyError(parameter, f"{_title(parameter)} must be a group of named values.")
    hints = _hints(kind)
    unknown = next((name for name in value if name not in hints), None)
    if unknown is not None:
        raise PolicyError(parameter, f"{_title(parameter)} has no part called {unknown}.")
    parts = {name: _read(parameter, hints[name], part) for name, part in value.items()}
    try:
        return kind(**parts)
    except TypeError as error:
        raise PolicyError(parameter, f"{_title(parameter)} is not complete.") from error


# What values must mean

_AT_LEAST: dict[str, int] = {
    "contact_interval_days": 1,
    "contact_amber_days": 0,
    "contact_two_way_max_gap_days": 1,
    "misses_before_senior_leadership": 2,
    "contact_late_log_days": 0,
    "contact_backdate_limit_days": 0,
    "session_min_per_window": 1,
    "session_max_per_week": 1,
    "session_min_available_pupil_days": 0,
    "session_declines_for_declined_status": 1,
    "staff_check_up_interval_days": 1,
    "caseload_cap": 1,
    "handover_grace_days": 0,
    "tsp_baseline_due_pupil_day": 1,
    "tsp_baseline_new_student_pupil_day": 1,
    "tsp_review_window_pupil_days": 1,
    "review_pre_meeting_minutes": 1,
    "review_pre_meeting_within_days": 0,
    "worry_answer_minutes": 1,
    "message_answer_days": 1,
}


def _check_sense(policy: Policy) -> None:
    for name, least in _AT_LEAST.items():
        value = getattr(policy, name)
        if value is not None and value < least:
            raise PolicyError(name, f"{_title(name)} must be {least} or more.")
    for name in ("contact_attempts_for_escalation", "long_closure_check_in"):
        group = getattr(policy, name)
        if group is not None and any(getattr(group, part.name) < 1 for part in fields(group)):
            raise PolicyError(name, f"{_title(name)} must be made of numbers of 1 or more.")
    if any(minutes < 1 for minutes in policy.session_lengths_minutes):
        raise PolicyError("session_lengths_minutes", "Session lengths must be 1 minute or more.")
    _check_contact(policy)
    if policy.drop_in is not None and any(not _TIME.fullmatch(at) for at in policy.drop_in.after_school):
        raise PolicyError("drop_in", "After-school times must look like 15:15.")
    if policy.first_year_contact_role is not None and policy.first_year_contact_role.months < 1:
        raise PolicyError("first_year_contact_role", "The first year must last 1 month or more.")
    if policy.post16_liaison is not None and not 1 <= policy.post16_liaison.months_before_sixth_form <= 12:
        raise PolicyError("post16_liaison", "Post-16 liaison must start 1 to 12 months before sixth form.")


def _check_contact(policy: Policy) -> None:
    if policy.runs_contact_clock and policy.holiday_rule is None:
        raise PolicyError("holiday_rule", "Choose whether holidays count before setting an interval.")
    interval = policy.contact_interval_days
    if interval is not None and policy.contact_amber_days >= interval:
        raise PolicyError("contact_amber_days", "The warning must be shorter than the contact interval.")
    if policy.contact_late_log_days > policy.contact_backdate_limit_days:
        raise PolicyError(
            "contact_late_log_days", "The flag for late logging cannot come after the limit for back-dating."
        )


def _title(parameter: str) -> str:
    return parameter.replace("_", " ").capitalize()

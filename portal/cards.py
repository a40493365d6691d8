"""A student's card on Today: one band for what is next, at most three rows that need somebody now, the rest folded.

What is done, in time or not due this week stands behind one line, so that fourteen cards can be read on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contacts.calling import Call
from keywork.addresses import numbered
from keywork.dates import day_in_full
from keywork.duties import DutyState, Status
from keywork.duty_words import inside
from keywork.templatetags.kw import counted
from students.models import Student

from .due_summary import AHEAD, is_ahead, is_due_by, week_ends_on

ROWS = 3
NEW_FOR = timedelta(days=42)


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the template of a card shows of one student."""

    student: Student
    meta: str
    level: str
    headline: str
    text: str
    rows: Sequence[DutyState]
    folded: str
    folded_rows: Sequence[DutyState]
    urgency: tuple[int, int, int]
    reminders: Sequence[str] = ()
    call: Call | None = None  # the usual person's number
    lead: DutyState | None = None  # what the band is about, where it is done on a page of its own
    is_quiet: bool = False  # nothing needs anybody this week

    @property
    def anchor(self) -> str:
        return f"s-{self.student.pk}"

    @property
    def url(self) -> str:
        return numbered("portal:card").format(self.student.pk)

    @property
    def contact_url(self) -> str:
        return numbered("contacts:log_contact").format(self.student.pk)

    @property
    def session_url(self) -> str:
        return numbered("contacts:log_session").format(self.student.pk)


def card_of(
    student: Student,
    states: Sequence[DutyState],
    today: date,
    reminders: Sequence[str] = (),
    call: Call | None = None,
) -> Card:
    """`states` and `reminders` (duties.reminders_for) are the student's own; no number while home is on hold."""
    if any(state.held_until for state in states):
        call = None
    if not states:
        return Card(
            student,
            meta_of(student, today),
            "ok",
            "Nothing is owed",
            "",
            (),
            "",
            (),
            (99, 1, 0),
            call=call,
            is_quiet=True,
        )
    by_urgency = sorted(states, key=lambda state: state.urgency)
    first = lead = by_urgency[0]
    if lead.status in AHEAD and lead.status is not Status.DUE_SOON:
        lead = min((state for state in states if is_ahead(state)), key=_due, default=lead)
    if first.status in AHEAD and first.status is not Status.DUE_SOON and is_ahead(lead):
        level, headline = "ok", f"Nothing is owed before {day_in_full(_due(lead), today)}"
        text = f"Next is a {inside(lead.name)}."
    else:
        level, headline, text = lead.level, lead.headline, lead.when
    others = [state for state in by_urgency if state is not lead]
    week = week_ends_on(today)
    needed = [state for state in others if _needs_somebody(state, week)]
    rows = needed[:ROWS]
    folded = [state for state in others if state not in rows]
    return Card(
        student,
        meta_of(student, today),
        level,
        headline,
        text,
        rows,
        _folded(folded, is_calm=len(rows) == len(needed)),
        folded,
        first.urgency,
        reminders,
        call,
        lead if lead.page_url else None,
        level == "ok" and not rows and not reminders and not is_due_by(lead, week),
    )


def _due(state: DutyState) -> date:
    return state.by or date.max


def meta_of(student: Student, today: date) -> str:
    """ "Year 9 · Weekly residential · She/her"; in its place the first day of who is new or back (`is_back`)."""
    parts = [student.year_label, student.placement_label]
    if today - student.joined_on <= NEW_FOR:
        since = "Back since" if student.is_back else "Joined"
        parts.append(f"{since} {day_in_full(student.joined_on, today)}")
    elif student.pronouns:
        parts.append(student.pronouns)
    elif student.home_language and student.home_language.lower() != "english":
        parts.append(f"Home language {student.home_language}")
    return " · ".join(parts)


def _needs_somebody(state: DutyState, week_ends_on: date) -> bool:
    """Overdue, missed or on hold; or due within the week."""
    return state.level not in ("ok", "none", "open") or is_due_by(state, week_ends_on)


def _folded(rows: Sequence[DutyState], *, is_calm: bool) -> str:
    """ "Four things are up to date", of what is folded away; "" where nothing is. Calm: none of it needs somebody."""
    if not rows:
        return ""
    verb = "is" if len(rows) == 1 else "are"
    if all(row.level in ("ok", "none") for row in rows):
        return f"{counted(len(rows), 'thing')} {verb} up to date"
    if is_calm:
        return f"{counted(len(rows), 'thing')} not due this week"
    return f"{counted(len(rows), 'more thing')} {verb} less urgent"

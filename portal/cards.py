"""A student's card on Today: one band for what is next, at most three rows that need somebody now, the rest folded.

What is done, in time or not due this week stands behind one line, so that fourteen cards can be read on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from contacts.calling import Call
from keywork.addresses import numbered
from keywork.dates import day_in_full
from keywork.duties import DutyState, Status
from keywork.duty_words import inside
from keywork.guards import page_of
from keywork.models import User
from keywork.templatetags.kw import badge, counted
from students.models import Student

from .due_summary import AHEAD, NOTHING_OWED, is_ahead, is_due_by, week_ends_on

ROWS = 3
NEW_FOR = timedelta(days=42)


# The rows are drawn by a function, as fourteen students have a hundred: what it buys stands in bench/README.md.
NAME = {False: "{1}", True: '<a href="{0}">{1}<span class="visually-hidden"> of {2}</span></a>'}
WHEN = {False: "", True: '<span class="kw-when">{3}</span>'}
ROWS_OF = {
    (leads, says): f'<li class="kw-duty"><div>{NAME[leads]}{WHEN[says]}</div>{{4}}</li>'
    for leads in NAME
    for says in WHEN
}


class Card(NamedTuple):
    """Everything the template of a card shows of one student, in the order in which it unpacks it."""

    student: Student
    whose: SafeString  # the student's name, escaped once for the many places where it stands
    anchor: SafeString
    meta: str
    level: str
    headline: str
    text: str
    page_url: str  # where what the band is about is done, if that is a page of its own
    page_label: str
    reminders: Sequence[str]
    call: Call | None  # the usual person's number
    rows: SafeString  # duties, drawn
    folded: str
    folded_rows: SafeString
    url: SafeString
    contact_url: SafeString
    session_url: SafeString
    urgency: tuple[int, int, int]
    is_quiet: bool  # nothing needs anybody this week


def card_of(
    user: User,
    student: Student,
    states: Sequence[DutyState],
    today: date,
    reminders: Sequence[str] = (),
    call: Call | None = None,
) -> Card:
    """For `user`. `states` and `reminders` (duties.reminders_for) are the student's own; no number while home is on
    hold."""
    by_urgency = sorted(states, key=lambda state: state.urgency)
    lead, level, headline, text = _first(by_urgency, today)
    others = [state for state in by_urgency if state is not lead]
    week = week_ends_on(today)
    needed = [state for state in others if _needs_somebody(state, week)]
    rows = needed[:ROWS]
    folded = [state for state in others if state not in rows]
    page_url = page_of(lead, user) if lead else ""
    whose = conditional_escape(student.name)
    return Card(
        student=student,
        whose=whose,
        anchor=SafeString(f"s-{student.pk:d}"),
        meta=meta_of(student, today),
        level=level,
        headline=headline,
        text=text,
        page_url=page_url,
        page_label=lead.page_label if lead and page_url else "",
        reminders=reminders,
        call=None if any(state.held_until for state in states) else call,
        rows=_drawn(rows, whose, user),
        folded=_folded(folded, is_calm=len(rows) == len(needed)),
        folded_rows=_drawn(folded, whose, user),
        url=numbered("portal:card").format(student.pk),
        contact_url=numbered("contacts:log_contact").format(student.pk),
        session_url=numbered("contacts:log_session").format(student.pk),
        urgency=by_urgency[0].urgency if by_urgency else NOTHING_OWED,
        is_quiet=level == "ok" and not rows and not reminders and not (lead and is_due_by(lead, week)),
    )


def _first(states: Sequence[DutyState], today: date) -> tuple[DutyState | None, str, str, str]:
    """What the band is about, how loud it is and its words; `states` are the most urgent first."""
    if not states:
        return None, "ok", "Nothing is owed", ""
    first = lead = states[0]
    is_calm = first.status in AHEAD and first.status is not Status.DUE_SOON
    if is_calm:
        lead = min((state for state in states if is_ahead(state)), key=_due, default=lead)
        if is_ahead(lead):
            headline = f"Nothing is owed before {day_in_full(_due(lead), today)}"
            return lead, "ok", headline, f"Next: {inside(lead.name)}."
    return lead, lead.level, lead.headline, lead.when


def _drawn(states: Sequence[DutyState], whose: SafeString, user: User) -> SafeString:
    """A row for each duty; `whose` is the student's name."""
    rows = []
    for state in states:
        url, when = page_of(state, user), state.when
        shape = ROWS_OF[bool(url), bool(when)]
        rows.append(format_html(shape, url, state.name, whose, when, badge(state.level, state.label)))
    return SafeString("".join(rows))


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

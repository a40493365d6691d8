"""A student's whole log on one page, for reading through and for paper."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.calendar import Term
from keywork.dates import day_in_full
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.templatetags.kw import clock_time
from keywork.timeline import Entry
from students.lookup import find_student
from students.record import record_context

from ..timeline import whole_log

KINDS = {
    "": "Contacts, sessions and mentoring",
    "contact": "Home contacts",
    "session": "Sessions",
    "mentoring": "Mentoring",
}


@permission_required(Can.VIEW_LOG, GET)
def log(request: SchoolRequest, student_id: int) -> HttpResponse:
    """Every contact and session this reader may read, newest first; `kind` and `term` narrow it."""
    student = find_student(request, Can.VIEW_LOG, student_id)
    opened(request, student, "log")
    calendar = request.school.calendar
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    of_record = record_context(request, student, "timeline")
    today, came_on = clock.today(), of_record["stays"][0].joined_on
    terms = [term for term in reversed(calendar.terms) if term.starts_on <= today and term.ends_on >= came_on]
    term: Term | None = next((t for t in terms if t.id == request.GET.get("term")), None)
    entries = whole_log(
        student,
        request.user,
        kinds=frozenset({kind} if kind else KINDS),
        since=term.starts_on if term else None,
        until=calendar.until_next_term(term) if term else None,
        policy=request.school.policy(today),
    )
    context = {
        **of_record,
        "rows": [_row(entry) for entry in entries],
        "kinds": KINDS,
        "kind": kind,
        "terms": terms,
        "term": term,
        "may_log": allows(request.user, Can.LOG, student),
        "as_known_on": today,
    }
    return render(request, "contacts/log.html", context)


class LogRow(NamedTuple):
    """One row of the table, in few pieces, which the template unpacks: there may be hundreds.

    Day, time and address are made of numbers and of our own words, and so need no escaping.
    """

    day: SafeString
    at: SafeString
    title: str
    url: SafeString
    under: str
    crossed_out: bool
    words: str
    agreed: str
    tags: str


def _row(entry: Entry) -> LogRow:
    seen_by = entry.seen_by if entry.restricted else ""
    return LogRow(
        SafeString(day_in_full(entry.on)),
        SafeString(clock_time(entry.at)),
        entry.title,
        SafeString(entry.url),
        " · ".join(filter(None, (entry.under, str(seen_by)))),
        bool(entry.voided),
        f"Crossed out: {entry.voided}" if entry.voided else entry.text,
        "" if entry.voided else entry.agreed,
        "" if entry.voided else ", ".join(entry.tags),
    )

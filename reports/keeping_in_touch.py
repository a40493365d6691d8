"""Keeping in touch: a term's contacts with home and keywork sessions, with the in-time figure.

Written for families: it says when, how and about what, never what was said and never with whom, so that one
household's words do not reach another (DP-13). Restricted and safeguarding entries are not listed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q

from contacts import facts
from contacts.breaches import in_time_figures
from contacts.clock import clock_start_on
from contacts.models import HomeContact, KeyworkSession
from keywork.calendar import Term
from keywork.levels import Level
from keywork.models import Assignment
from keywork.school import SchoolFacts

REACHED = {"two_way", "delivered"}
CONTACT_TOPICS = dict(HomeContact.Topic.choices)
SESSION_TOPICS = dict(KeyworkSession.Topic.choices)


class Line(NamedTuple):
    """One row of a table of the report, in words."""

    on: date
    how: str
    about: str


def build(
    students: Sequence[Any], term: Term, known_on: date, school: SchoolFacts
) -> Mapping[int, dict[str, Any]]:
    """For each student, everything its page says, with only what was known on `known_on`. Six queries."""
    ids = [student.pk for student in students]
    last = min(term.ends_on, known_on)
    policy = school.policy(last)
    contacts = _entries(HomeContact, ids, term.starts_on, last, known_on, "channel", "direction", "outcome")
    sessions = _entries(KeyworkSession, ids, term.starts_on, last, known_on, "status")
    counting = facts.counting_dates(ids, last, policy, known_on)
    holds = facts.holds(ids, None, known_on)()
    people = _people(ids, last)
    built = {}
    for student in students:
        figures = in_time_figures(
            counting.get(student.pk, []),
            clock_start_on(student.joined_on, school.policy_effective_on(last), school.went_live_on),
            student.left_on,
            term.starts_on,
            last,
            policy,
            school.calendar,
            holds.get(student.pk, ()),
            as_of=known_on,
        )
        logged = contacts[student.pk]
        reached = [entry for entry in logged if entry["outcome"] in REACHED]
        built[student.pk] = {
            "school": school,
            "student": student,
            "term": term,
            "last": last,
            "known_on": known_on,
            "running": last < term.ends_on,
            "interval": policy.contact_interval_days,
            "figures": figures,
            "contacts": [_contact_line(entry) for entry in reached],
            "tries": len(logged) - len(reached),
            "ways": _ways(reached),
            "sessions": [_session_line(entry, student) for entry in sessions[student.pk]],
            "held": sum(entry["status"] == "held" for entry in sessions[student.pk]),
            "keyworker": people.get((student.pk, "keyworker")),
            "mentor": people.get((student.pk, "mentor")),
        }
    return built


def _entries(
    model: Any, ids: list[int], first: date, last: date, known_on: date, *names: str
) -> Mapping[int, list[dict[str, Any]]]:
    """What stood on `known_on`, oldest first; restricted entries and everything typed are left behind."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    standing = model.objects.filter(
        Q(voided_on__isnull=True) | Q(voided_on__gt=known_on),
        Q(needs_approval=False) | Q(approved_on__lte=known_on),
        student__in=ids,
        happened_on__range=(first, last),
        logged_on__lte=known_on,
        level=Level.GENERAL,
    )
    for entry in standing.order_by("happened_on", "pk").values("student_id", "happened_on", "topics", *names):
        found[entry["student_id"]].append(entry)
    return found


def _contact_line(entry: Mapping[str, Any]) -> Line:
    how = HomeContact.Channel(entry["channel"]).label
    if entry["direction"] == HomeContact.Direction.IN:
        how += ", from home"
    return Line(entry["happened_on"], how, _about(entry["topics"], CONTACT_TOPICS))


def _session_line(entry: Mapping[str, Any], student: Any) -> Line:
    words = {
        "held": "Sat down together",
        "declined": f"{student.known_as} said not this time",
        "cancelled": "Had to be cancelled",
        "no_show": "Did not come about",
    }
    return Line(entry["happened_on"], words[entry["status"]], _about(entry["topics"], SESSION_TOPICS))


def _about(topics: Sequence[str], words: Mapping[str, str]) -> str:
    said = ", ".join(words.get(topic, topic).lower() for topic in topics)
    return said[:1].upper() + said[1:] or "–"


def _people(ids: list[int], on: date) -> Mapping[tuple[int, str], Any]:
    rows = (
        Assignment.objects.current(on)
        .filter(student__in=ids, kind__in=["keyworker", "mentor"])
        .select_related("user")
    )
    return {(row.student_id, row.kind): row.user for row in rows}


def _ways(contacts: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """How often by which way, most used first."""
    return [
        (HomeContact.Channel(channel).label.lower(), count)
        for channel, count in Counter(entry["channel"] for entry in contacts).most_common()
    ]

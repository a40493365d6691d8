"""Keeping in touch: a term's contacts with home and keywork sessions, with the in-time figure.

Written for one household: it lists the contacts and tries that stand on that household's page, in the same words,
and never those with another (DP-13); of what was said, only what somebody chose to share. Restricted, safeguarding
and withheld entries are not listed. Sessions and figures are the student's, and the same for all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q

from contacts import facts
from contacts.at_home import HomeLine, home_lines, household_key
from contacts.duties.home import KIND as HOME_CONTACT
from contacts.home_contact import Figures, HomeHistory, figures
from contacts.models import HomeContact, KeyworkSession, Miss
from keywork import clock
from keywork.calendar import Term
from keywork.grouped import grouped
from keywork.known import students_known
from keywork.levels import Level
from keywork.models import Assignment
from keywork.policy import Policy
from keywork.school import SchoolFacts, load
from students.models import EarlierStay, FamilyLink
from students.models.student import all_stays

from .term_line import term_line

REACHED = {"two_way", "delivered"}
SESSION_TOPICS = dict(KeyworkSession.Topic.choices)


# The household of a report that is written for nobody: to proof, and never sent.
NOBODY = "#"


@dataclass(slots=True)
class Home:
    """One household of a student: `names` are of those who get reports, `readers` their keys."""

    key: str
    members: set[int] = field(default_factory=set)
    readers: set[int] = field(default_factory=set)
    names: list[str] = field(default_factory=list)


class ContactLine(NamedTuple):
    on: date
    how: str
    about: str


def build(
    students: Sequence[Any], term: Term, known_on: date, school: SchoolFacts
) -> Mapping[int, list[dict[str, Any]]]:
    """For each student and household, everything its page says, with only what was known on `known_on`. Eight queries.

    A term's report runs to the day before the next term begins, as the Missed page does: no due date of a holiday
    falls between two.
    A household is written for where somebody in it gets reports; with nobody to write for there is one to proof.
    """
    if known_on < clock.today():
        school, students = load(known_on), students_known(students, known_on)
    ids = [student.pk for student in students]
    last = min(school.calendar.until_next_term(term), known_on)
    policy = school.policy(last)
    contacts = _contacts(ids, term.starts_on, last, known_on)
    homes = households_of(ids, known_on)
    sessions = _sessions(ids, term.starts_on, last, known_on)
    counted_of = figures_of(students, term.starts_on, last, known_on, school)
    people = people_of(ids, last)
    built = {}
    for student in students:
        found, history, taken_back = counted_of[student.pk]
        common = {
            "school": school,
            "student": student,
            "term": term,
            "last": last,
            "known_on": known_on,
            "running": known_on < term.ends_on,
            "interval": policy.contact_interval_days,
            "runs_clock": policy.runs_contact_clock,
            "figures": found,
            "in_time": on_paper(found),
            "ever_reached": bool(history.counting(policy)),
            "reached_in_term": any(term.starts_on <= on <= last for on, _ in history.counting(policy)),
            # The days of it are not said: they may be those of a contact with another household.
            "before_term": found.longest_gap and max(0, (term.starts_on - found.longest_gap[0]).days),
            "not_counted": _not_counted(found, history, taken_back, school, policy),
            "sessions": [_session_line(entry, student) for entry in sessions[student.pk]],
            "held": sum(entry["status"] == "held" for entry in sessions[student.pk]),
            "keyworker": people.get((student.pk, "keyworker")),
            "mentor": people.get((student.pk, "mentor")),
        }
        editions = homes.get(student.pk) or [Home(NOBODY)]
        built[student.pk] = [
            {**common, **_in_touch(contacts[student.pk], home, term, last), **_written_for(home, editions)}
            for home in editions
        ]
    return built


class Reckoned(NamedTuple):
    """One student's figures of some days, what they are worked out from, and due dates that were taken back."""

    figures: Figures
    history: HomeHistory
    taken_back: Sequence[date]


def figures_of(
    students: Sequence[Any], first: date, last: date, known_on: date, school: SchoolFacts
) -> Mapping[int, Reckoned]:
    """Of each student the figures of these days (contacts.home_contact), all their stays together. Four queries."""
    ids = [student.pk for student in students]
    histories = facts.histories(students, last, known_on)
    withdrawn = _withdrawn(ids, known_on)
    before = EarlierStay.objects.of(ids, known_on)
    found = {}
    for student in students:
        history, taken_back = histories[student.pk], withdrawn[student.pk]
        stays = [
            figures(
                replace(history, joined_on=stay.joined_on, left_on=stay.left_on),
                first,
                last,
                school,
                as_of=known_on,
                withdrawn=frozenset(taken_back),
            )
            for stay in all_stays(before.get(student.pk, ()), student)
            if stay.touches(first, last)
        ]
        found[student.pk] = Reckoned(together(stays), history, taken_back)
    return found


def counted(student: Any, first: date, last: date, known_on: date) -> dict[str, Any]:
    """How often school spoke with home and how the sessions went, of days rather than a term: numbers, without whom."""
    contacts = _contacts([student.pk], first, last, known_on)[student.pk]
    reached = [one for one in contacts if one.outcome in REACHED]
    sessions = _sessions([student.pk], first, last, known_on)[student.pk]
    came = Counter(entry["status"] for entry in sessions)
    return {
        "count": len(reached),
        "ways": [list(way) for way in _ways(reached)],
        "tries": len(contacts) - len(reached),
        "held": came["held"],
        "declined": came["declined"],
    }


def on_paper(found: Figures) -> int | None:
    """The share of days in time as whole per cent, rounded down: a hundred only where nothing was late.

    Contact on the day after it was due is late, and no whole day was.
    """
    if not found.counted_days:
        return None
    share = 100 * (found.counted_days - found.overdue_days) // found.counted_days
    return min(share, 99) if found.late else share


def together(stays: Sequence[Figures]) -> Figures:
    """The figures of the stays on roll in one term, of which there is one as a rule; of many students, their days."""
    gaps = [one.longest_gap for one in stays if one.longest_gap]
    return Figures(
        sum(one.counted_days for one in stays),
        sum(one.overdue_days for one in stays),
        tuple(day for one in stays for day in one.late),
        max(gaps, key=lambda gap: gap[1] - gap[0], default=None),
    )


def _withdrawn(ids: list[int], known_on: date) -> Mapping[int, list[date]]:
    """Due dates of home contacts whose miss a person had taken back by `known_on`."""
    rows = Miss.objects.filter(
        student__in=ids, duty=HOME_CONTACT, withdrawn_by__isnull=False, withdrawn_at__date__lte=known_on
    )
    found: dict[int, list[date]] = defaultdict(list)
    for student_id, due_on in rows.values_list("student_id", "due_on"):
        found[student_id].append(due_on)
    return found


def _not_counted(
    found: Figures, history: HomeHistory, withdrawn: Sequence[date], school: SchoolFacts, policy: Policy
) -> int:
    """How many days of the longest time without contact do not count.

    Those of a holiday or a hold (C3, C12), and those after a due date whose miss a person took back.
    """
    if found.longest_gap is None:
        return 0
    first, last = found.longest_gap
    last = min([last, *(day for day in withdrawn if day > first)])
    counted = school.calendar.count_counted_days(first, last, pause=policy.pauses, holds=history.holds)
    return found.longest_gap_days - counted


def _contacts(ids: list[int], first: date, last: date, known_on: date) -> Mapping[int, list[HomeContact]]:
    """What home may know of, oldest first; a call with somebody who is not on file is on nobody's page."""
    seen = HomeContact.objects.seen_at_home(known_on).filter(
        student__in=ids, happened_on__range=(first, last), member__isnull=False
    )
    rows = seen.select_related("member", "made_by").order_by("happened_on", "happened_time", "pk")
    return grouped(rows, lambda contact: contact.student_id)


def households_of(ids: Sequence[int], on: date) -> Mapping[int, list[Home]]:
    """The households in which somebody gets reports, those rung first in front."""
    found: dict[int, dict[str, Home]] = {}
    links = FamilyLink.objects.filter(student__in=ids, ended_on__isnull=True).select_related("member")
    for link in links.defer("court_restriction").order_by("priority", "pk"):
        key = household_key(link.pk, link.household)
        home = found.setdefault(link.student_id, {}).setdefault(key, Home(key))
        home.members.add(link.member_id)
        if link.may_receive_reports and not link.is_restricted(on):
            home.names.append(link.member.name)
            home.readers.add(link.member_id)
    return {student: [home for home in homes.values() if home.names] for student, homes in found.items()}


def _in_touch(contacts: Sequence[HomeContact], home: Home, term: Term, last: date) -> dict[str, Any]:
    """`contacts` are those in which they reached each other, `listed` these and the tries."""
    theirs = [one for one in contacts if one.member_id in home.members]
    reached = [one for one in theirs if one.outcome in REACHED]
    return {
        "contacts": [_contact_line(line) for line in home_lines(reached)],
        "listed": [_contact_line(line) for line in home_lines(theirs)],
        "tries": len(theirs) - len(reached),
        "ways": _ways(reached),
        "line": term_line([(one.happened_on, one.outcome in REACHED) for one in theirs], term, last),
    }


def _written_for(home: Home, homes: Sequence[Home]) -> dict[str, Any]:
    several = len(homes) > 1
    return {
        "for_somebody": home.key != NOBODY,
        "household": home.key,
        "readers": home.readers,
        "written_for": " and ".join(home.names) if several else "",
        "several_homes": several,
    }


def _sessions(ids: list[int], first: date, last: date, known_on: date) -> Mapping[int, list[Any]]:
    """What stood on `known_on`, oldest first; restricted entries and everything typed are left behind."""
    standing = KeyworkSession.objects.filter(
        Q(voided_on__isnull=True) | Q(voided_on__gt=known_on),
        Q(needs_approval=False) | Q(approved_on__lte=known_on),
        student__in=ids,
        happened_on__range=(first, last),
        logged_on__lte=known_on,
        level=Level.GENERAL,
    )
    rows = standing.order_by("happened_on", "pk").values("student_id", "happened_on", "topics", "status")
    return grouped(rows, lambda entry: entry["student_id"])


def _contact_line(line: HomeLine) -> ContactLine:
    how = line.line if line.how in line.line else f"{line.line}, {line.how.removeprefix('message ')}"
    return ContactLine(line.on, how, line.about or "–")


def _session_line(entry: Mapping[str, Any], student: Any) -> ContactLine:
    words = {
        "held": "Sat down together",
        "declined": f"{student.known_as} said not this time",
        "cancelled": "Had to be cancelled",
        "no_show": "Did not come about",
    }
    return ContactLine(entry["happened_on"], words[entry["status"]], _about(entry["topics"], SESSION_TOPICS))


def _about(topics: Sequence[str], words: Mapping[str, str]) -> str:
    said = ", ".join(words.get(topic, topic).lower() for topic in topics)
    return said[:1].upper() + said[1:] or "–"


def people_of(ids: Collection[int], on: date) -> Mapping[tuple[int, str], Any]:
    """Who is keyworker, deputy and mentor of each student on a day, by student and kind; one query."""
    rows = Assignment.objects.current(on).filter(student__in=ids, kind__in=["keyworker", "deputy", "mentor"])
    return {(row.student_id, row.kind): row.user for row in rows.select_related("user")}


def _ways(contacts: Sequence[HomeContact]) -> list[tuple[str, int]]:
    """How often by which way, most used first."""
    most = Counter(one.channel for one in contacts).most_common()
    return [(HomeContact.Channel(channel).label.lower(), count) for channel, count in most]

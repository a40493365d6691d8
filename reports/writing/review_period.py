"""By itself: when the reviews of a term open, every report for home is begun, and those who write them are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from django.conf import settings
from django.urls import reverse

from keywork import clock, school
from keywork.calendar import Term
from keywork.duty_words import listed
from keywork.models import Assignment, User
from keywork.school import SchoolFacts
from keywork.terms import review_period
from keywork.words import worded
from outbox import actions as outbox
from outbox import kinds as outbox_kinds
from outbox.kinds import Letter

from ..kinds import KINDS
from . import actions
from .models import WrittenReport

TOLD = "reports.to_write"
SUBJECT = "Reports for home are begun"
TO_WRITER = (
    "{count} for {term} {wait} for your words in Keywork, filled from the record so far. {missing}\n\nThey are due to be"
    " checked by the last day of the review, {due}.\n\nWrite them: {link}\n"
)
TO_COORDINATOR = (
    "{count} for {term} {wait} for words{alone}. {missing}\n\nNothing leaves without your approval.\n\n"
    "See how far they are: {link}\n"
)


def open_term(facts: SchoolFacts, today: date) -> tuple[Term, date] | None:
    """The term whose reviews are open today, and the last day of them; None outside."""
    term = facts.calendar.term_on(today)
    period = review_period(term, facts.policy(today), facts.calendar) if term else None
    if term is None or period is None or not period.opens_on <= today <= period.due_on:
        return None
    return term, period.due_on


def begin_reports() -> int:
    """Begin what is not begun of each termly kind, and tell once a term; how many were begun. Safe to run twice."""
    facts, today = school.load(), clock.today()
    found = open_term(facts, today)
    if found is None or "termly" not in facts.policy(today).tsp_report_cadence:
        return 0
    term, due = found
    count = 0
    for kind in KINDS.values():
        if kind.each_term:
            count += len(actions.begin_all(kind, term, facts))
            key = f"{kind.slug}-{term.id}"
            if outbox.latest(TOLD, key) is None:
                outbox.do(TOLD, key=key, report=kind.slug, term=term.id, due=due.isoformat())
    return count


@outbox_kinds.mail(TOLD, outbox_kinds.STAFF_MAIL, waits=True)
def notify_writers(report: str, term: str, due: str) -> Iterator[Letter]:
    """Each keyworker theirs, the coordinators all: numbers and a link, no student's name."""
    facts, today = school.load(), clock.today()
    name, last = facts.calendar.term(term).name, date.fromisoformat(due)
    rows = {one.student_id: one for one in WrittenReport.objects.filter(kind=report, term=term).open()}
    assignments = Assignment.objects.keyworkers(today).filter(student__in=list(rows))
    theirs: dict[int, list[WrittenReport]] = defaultdict(list)
    for user_id, student_id in assignments.filter(user__is_active=True).values_list("user", "student"):
        theirs[user_id].append(rows[student_id])
    link = settings.BASE_URL.rstrip("/") + reverse("reports:written_list")
    said = {"term": name, "due": f"{last:%A} {last.day} {last:%B}", "link": link}
    for user in User.objects.filter(pk__in=list(theirs)).order_by("pk"):
        yield Letter(user, SUBJECT, TO_WRITER.format(**_counted(theirs[user.pk]), **said))
    alone = len(rows) - sum(map(len, theirs.values()))
    for user in User.objects.filter(roles__contains=["coordinator"], is_active=True).order_by("pk"):
        words = (
            f"; {alone} of them {'has' if alone == 1 else 'have'} no {worded('keyworker')}" if alone else ""
        )
        yield Letter(user, SUBJECT, TO_COORDINATOR.format(alone=words, **_counted(rows.values()), **said))


def _counted(rows: Collection[WrittenReport]) -> dict[str, str]:
    """How many they are and what they still need, in the words of the mail: no student, and nothing of the record."""
    one, needs = len(rows) == 1, actions.missing_in_all(rows)
    named = listed([f"“{title}”" if one else f"“{title}” in {count}" for title, count in needs])
    return {
        "count": "1 report" if one else f"{len(rows)} reports",
        "wait": "is begun and waits" if one else "are begun and wait",
        "missing": f"Still missing: {named}." if needs else "Every section says something already.",
    }

"""By itself: when the reviews of a term open, every report for home is begun, and those who write them are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.urls import reverse

from keywork import clock, school
from keywork.calendar import Term
from keywork.models import Assignment, User
from keywork.school import SchoolFacts
from keywork.terms import review_window
from outbox import actions as outbox
from outbox import kinds as outbox_kinds
from outbox.kinds import Letter

from ..kinds import KINDS
from . import actions
from .models import WrittenReport

TOLD = "reports.to_write"
SUBJECT = "Reports for home are begun"
TO_WRITER = (
    "{count} for {term} wait for your words in Keywork, filled from the record so far. They are due to be checked by"
    " the last day of the review, {due}.\n\nWrite them: {link}\n"
)
TO_COORDINATOR = (
    "{count} for {term} are begun and wait for their keyworkers{alone}. Nothing leaves without your approval.\n\n"
    "See how far they are: {link}\n"
)


def open_term(facts: SchoolFacts, today: date) -> tuple[Term, date] | None:
    """The term whose reviews are open today, and the last day of them; None outside."""
    term = facts.calendar.term_on(today)
    window = review_window(term, facts.policy(today), facts.calendar) if term else None
    if term is None or window is None or not window.opens_on <= today <= window.due_on:
        return None
    return term, window.due_on


def begin_reports() -> int:
    """Begin what is not begun of each termly kind, and tell once a term; how many were begun. Safe to run twice."""
    facts, today = school.load(), clock.today()
    found = open_term(facts, today)
    if found is None:
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


@outbox_kinds.mail(TOLD, outbox_kinds.STAFF_MAIL)
def tell_writers(report: str, term: str, due: str) -> Iterator[Letter]:
    """Each keyworker theirs, the coordinators all: numbers and a link, no student's name."""
    facts, today = school.load(), clock.today()
    name, last = facts.calendar.term(term).name, date.fromisoformat(due)
    rows = WrittenReport.objects.filter(kind=report, term=term).open()
    students = list(rows.values_list("student_id", flat=True))
    posts = Assignment.objects.current(today).filter(student__in=students, kind=Assignment.Kind.KEYWORKER)
    writers = Counter(posts.filter(user__is_active=True).values_list("user", flat=True))
    link = settings.BASE_URL.rstrip("/") + reverse("reports:written_list")
    said = {"term": name, "due": f"{last:%A} {last.day} {last:%B}", "link": link}
    for user in User.objects.filter(pk__in=list(writers)).order_by("pk"):
        yield Letter(user, SUBJECT, TO_WRITER.format(count=_reports(writers[user.pk]), **said))
    alone = len(students) - writers.total()
    for user in User.objects.filter(roles__contains=["coordinator"], is_active=True).order_by("pk"):
        words = f"; {alone} of them have none" if alone else ""
        yield Letter(user, SUBJECT, TO_COORDINATOR.format(count=_reports(len(students)), alone=words, **said))


def _reports(count: int) -> str:
    return "1 report" if count == 1 else f"{count} reports"

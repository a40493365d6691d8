"""What contacts and sessions share: dating, late approval, amending with versions, voiding, undoing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F

from keywork import access, clock, school
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.school import SchoolFacts
from students.models import Student

from .. import clock as rules
from ..dating import problem_with_day
from ..models import HomeContact
from ..models.entry import LogEntry, readable_levels

SAVED_BY_MISTAKE = "Saved by mistake"
UNDO_REFUSED = "Only the person who saved it can undo it, on the same day. Cross it out instead"


def first_facts(
    *, by: User, student: Student, happened_on: date, level: str, facts: SchoolFacts | None
) -> dict[str, Any]:
    """The fields of a new entry that say when and by whom it was written. Raises Refused."""
    now, today = clock.now(), clock.today()
    check_day(student=student, happened_on=happened_on, latest=today)
    check_level(by=by, student=student, level=level)
    policy = (facts or school.load()).policy(today)
    return {
        "student": student,
        "happened_on": happened_on,
        "level": level,
        "made_by": by,
        "logged_by": by,
        "logged_at": now,
        "logged_on": today,
        "needs_approval": rules.late(happened_on, today, policy) == "needs_approval",
    }


def problem_of(student: Student, happened_on: date, *, latest: date) -> str:
    stays = student.stays_near(happened_on)
    return problem_with_day(
        happened_on, latest=latest, stays=stays, known_as=student.known_as, today=clock.today()
    )


def check_day(*, student: Student, happened_on: date, latest: date) -> None:
    if problem := problem_of(student, happened_on, latest=latest):
        raise Refused(problem, "happened_on")


def check_level(*, by: User, student: Student, level: str) -> None:
    if level not in readable_levels(by, student):
        raise Refused("Choose a group you belong to yourself", "level")


def amend(
    *, by: User, entry: LogEntry, version: int, changes: dict[str, Any], facts: SchoolFacts | None = None
) -> LogEntry:
    """Write `changes` over version `version` of the entry. The versions before stay in the row history.

    A change that makes it count, or count for another day, is judged by the day of the change (C10).

    Raises Refused for a day or level that cannot be, ChangedMeanwhile when the entry has moved on.
    """
    happened_on = changes.get("happened_on", entry.happened_on)
    check_day(student=entry.student, happened_on=happened_on, latest=entry.logged_on)
    if changes.get("level", entry.level) != entry.level:
        check_level(by=by, student=entry.student, level=changes["level"])
    facts = facts or school.load()
    if entry.counts_more(changes, [policy for _, policy in facts.policies]):
        # Judged as if it were written down now: an old "no answer" does not become a contact by itself.
        today = clock.today()
        changes = {
            **changes,
            "changed_on": today,
            "needs_approval": rules.late(happened_on, today, facts.policy(today)) == "needs_approval",
            # An approval was of what it said then.
            "approved_on": None,
            "approved_by": None,
            "approval_reason": "",
        }
    written = _write(entry, changes, version=version)
    current = type(entry).objects.select_related("student", "made_by").get(pk=entry.pk)
    if not written:
        raise ChangedMeanwhile(current)
    return current


@transaction.atomic
def _write(entry: LogEntry, columns: dict[str, Any], **as_it_is: Any) -> bool:
    """Whether the entry still stood, and was `as_it_is`; then it has these columns."""
    rows = type(entry).objects.filter(pk=entry.pk, voided_on__isnull=True, **as_it_is)
    return bool(rows.update(**columns, version=F("version") + 1))


def approve_late(*, by: User, entry: LogEntry, reason: str) -> None:
    """Let an entry written down past the limit count from today (C10). Raises Refused."""
    if not reason.strip():
        raise Refused("Say why it should count", "reason")
    columns = {"approved_on": clock.today(), "approved_by": by, "approval_reason": reason.strip()}
    if not _write(entry, columns, needs_approval=True, approved_on__isnull=True):
        raise Refused("This entry is not waiting for approval any more")


def void(*, by: User, entry: LogEntry, reason: str) -> None:
    """Cross the entry out, with a reason; it stays readable and counts no more (C17). Raises Refused."""
    if not reason.strip():
        raise Refused("Say why it is crossed out", "reason")
    columns = {"voided_on": clock.today(), "voided_by": by, "void_reason": reason.strip()}
    if not _write(entry, columns):
        raise Refused("This entry has already been crossed out")


@transaction.atomic
def undo(*, by: User, entry: LogEntry) -> int:
    """Cross out what was saved a moment ago, siblings' rows of the same call too. How many rows.

    Only by the person who saved it, on the same day; later it is voided with a reason. Raises Refused.
    """
    if not can_undo(by, entry):
        raise Refused(UNDO_REFUSED)
    rows: list[LogEntry] = [entry]
    call = getattr(entry, "call", None)
    if call is not None:
        rows = list(HomeContact.objects.filter(call=call, logged_by=by, voided_on__isnull=True))
    for row in rows:
        void(by=by, entry=row, reason=SAVED_BY_MISTAKE)
    return len(rows)


def can_undo(user: User, entry: LogEntry) -> bool:
    return entry.logged_by_id == user.pk and entry.logged_on == clock.today() and entry.voided_on is None


def may_change(user: User, entry: LogEntry) -> bool:
    """The record's own rule: whoever made or wrote the entry, and the Head of Social Education."""
    return user.pk in (entry.made_by_id, entry.logged_by_id) or access.is_head(user)

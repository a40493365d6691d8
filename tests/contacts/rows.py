"""Rows of the log as tests need them: any day, written down any day, approved or voided or not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from contacts import clock
from contacts.models import ContactHold, HomeContact, KeyworkSession
from keywork.policy import Policy

ALL_TOPICS = ("attendance", "engagement", "social_progress")


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _entry(student, on: date, by, logged: date | None, approved: date | None, voided: date | None) -> dict:
    logged = logged or on
    return {
        "student": student,
        "happened_on": on,
        "made_by": by,
        "logged_by": by,
        "logged_on": logged,
        "logged_at": at(logged),
        "needs_approval": clock.late(on, logged, Policy()) == "needs_approval",
        **({"approved_on": approved, "approved_by": by, "approval_reason": "It was."} if approved else {}),
        **({"voided_on": voided, "voided_by": by, "void_reason": "Wrong student."} if voided else {}),
    }


def contact(
    student,
    on: date,
    by,
    reached="spoke",
    channel="phone",
    *,
    logged=None,
    approved=None,
    voided=None,
    **fields,
):
    """An unsaved contact; `contact(...).save()` or bulk_create them."""
    return HomeContact(
        **_entry(student, on, by, logged, approved, voided),
        channel=channel,
        reached=reached,
        outcome=clock.outcome(reached, channel),
        with_name="Folake (mum)",
        **{"person_marked": True, **fields},
    )


def session(
    student,
    on: date,
    by,
    status="held",
    topics=ALL_TOPICS,
    *,
    logged=None,
    approved=None,
    voided=None,
    **fields,
):
    return KeyworkSession(
        **_entry(student, on, by, logged, approved, voided), status=status, topics=list(topics), **fields
    )


def hold(student, first: date, last: date, by, placed: date | None = None) -> ContactHold:
    return ContactHold(
        student=student,
        starts_on=first,
        ends_on=last,
        reason="Court hearing.",
        placed_by=by,
        placed_at=at(placed or first),
    )


def days_ago(today: date, days: int) -> date:
    return today - timedelta(days=days)

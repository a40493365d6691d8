"""What the key worker log shows on a student's timeline: contacts, sessions, holds and what was missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from keywork import school
from keywork.access import Can, allows
from keywork.dates import day_in_full
from keywork.levels import Level
from keywork.policy import Policy
from keywork.timeline import Entry

from .dating import late_note
from .duties import home, session
from .models import ContactHold, HomeContact, KeyworkSession, Miss
from .models.entry import LogEntry

DUTY_NAMES = {home.KIND: "Home contact", session.KIND: "Keywork session"}
_CHANNEL_ICONS = {
    "phone": "phone",
    "text": "chat-bubble-left-right",
    "email": "envelope",
    "letter": "envelope",
    "meeting": "user-group",
    "video": "video-camera",
    "planner": "book-open",
    "postcard": "envelope",
}
_SESSION_TITLES = {
    "declined": "Keywork session declined",
    "cancelled": "Keywork session cancelled",
    "no_show": "Keywork session: did not come",
}
_CONTACT_TOPICS = dict(HomeContact.Topic.choices)
_SESSION_TOPICS = dict(KeyworkSession.Topic.choices)
_CHANNELS = dict(HomeContact.Channel.choices)
_LEVELS = dict(Level.choices)


def contact_title(contact: HomeContact) -> str:
    """ "Spoke with Folake Oluwaseun (mum)", "No answer from …": the way people say it."""
    whom = contact.with_name
    if contact.reached == HomeContact.Reached.SPOKE:
        return f"Met {whom}" if contact.channel == HomeContact.Channel.MEETING else f"Spoke with {whom}"
    if contact.reached == HomeContact.Reached.REPLIED:
        return f"{whom} replied"
    if contact.reached == HomeContact.Reached.MESSAGE:
        return f"Message left for {whom}"
    if contact.reached == HomeContact.Reached.NO_ANSWER:
        return f"No answer from {whom}"
    return f"Could not get through to {whom}"


def entry_of(row: LogEntry, policy: Policy) -> Entry:
    """A contact or session as an entry. The row's `made_by` must be loaded with it."""
    return _contact(row, policy) if isinstance(row, HomeContact) else _session(row, policy)


def _shared_fields(row: LogEntry, policy: Policy) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "on": row.happened_on,
        "at": row.happened_time,
        "text": row.notes,
        "restricted": row.level != Level.GENERAL,
        "voided": row.void_reason,
        "note": late_note(
            row.logged_days_late,
            needs_approval=row.needs_approval,
            approved=row.approved_on is not None,
            late_log_days=policy.contact_late_log_days,
        ),
    }


def _contact(row: Any, policy: Policy) -> Entry:
    way = _CHANNELS[row.channel].lower()
    seen_by = "Family and core team: summary shared" if row.shared else _LEVELS[row.level]
    return Entry(
        kind="contact",
        title=contact_title(row),
        who=f"{row.made_by.name} · {'from home, ' if row.direction == 'in' else ''}{way}",
        tags=tuple(_CONTACT_TOPICS.get(topic, topic) for topic in row.topics),
        seen_by=seen_by,
        icon=_CHANNEL_ICONS[row.channel],
        url=reverse("contacts:contact", args=[row.pk]),
        level="ok" if row.outcome in ("two_way", "delivered") else "none",
        shared=row.shared_summary,
        **_shared_fields(row, policy),
    )


def _session(row: Any, policy: Policy) -> Entry:
    held = row.status == KeyworkSession.Status.HELD
    title = "Keywork session" if held else _SESSION_TITLES[row.status]
    if held and row.minutes:
        title = f"Keywork session, {row.minutes} minutes"
    if row.catch_up_for:
        title += " (catching up)"
    return Entry(
        kind="session",
        title=title,
        who=row.made_by.name + (" · by phone or video" if row.how == KeyworkSession.How.REMOTE else ""),
        agreed=row.agreed,
        tags=tuple(_SESSION_TOPICS.get(topic, topic) for topic in row.topics),
        seen_by=_LEVELS[row.level],
        icon="users",
        url=reverse("contacts:session", args=[row.pk]),
        level="ok" if held else "none",
        **_shared_fields(row, policy),
    )


def duty_name(kind: str) -> str:
    """ "Home contact": a kind of duty as people say it."""
    return DUTY_NAMES.get(kind, kind.replace("_", " ").capitalize())


def miss_entry(row: Miss, *, may_withdraw: bool) -> Entry:
    """What was missed. The row's `keyworker` and `withdrawn_by` must be loaded with it."""
    in_post = f" · {row.keyworker.name} in post" if row.keyworker else ""
    offered = may_withdraw and row.withdrawn_at is None
    return Entry(
        kind="miss",
        pk=row.pk,
        on=row.due_on,
        title=f"{duty_name(row.duty)} missed: was due {day_in_full(row.due_on)}",
        who=f"Recorded by Keywork overnight{in_post}",
        text="" if row.klass == Miss.Class.MISSED else f"{row.get_klass_display()}.",
        seen_by=_LEVELS[Level.GENERAL],
        icon="x-mark",
        level="missed",
        voided=row.withdrawal_reason,
        voided_as=f"Withdrawn by {row.withdrawn_by.name if row.withdrawn_by else 'Keywork'}",
        act_url=reverse("contacts:withdraw_miss", args=[row.pk]) if offered else "",
        act="This is wrong" if offered else "",
    )


def _hold(row: ContactHold, *, with_reason: bool) -> Entry:
    return Entry(
        kind="hold",
        pk=row.pk,
        on=row.starts_on,
        title=f"Contact with home on hold until {day_in_full(row.ends_on)}",
        who=row.placed_by.name,
        text=row.reason if with_reason else "Ask the Head of Social Education before you contact home.",
        seen_by=_LEVELS[Level.GENERAL],
        icon="pause-circle",
        level="info",
        url=reverse("contacts:holds", args=[row.student_id]) if with_reason else "",
    )


class LogTimeline:
    """The timeline provider of this app (keywork.timeline.TimelineProvider)."""

    kinds = {"contact": "Home contacts", "session": "Sessions", "miss": "Missed", "hold": "Holds"}

    def entries(
        self,
        student: Any,
        reader: Any,
        *,
        kinds: frozenset[str],
        search: str,
        before: tuple | None,
        limit: int,
    ) -> list[Entry]:
        """One query a kind. A search looks in what was written, and only in what this reader may read."""
        policy = school.load().policy(date.max)
        with_reason = allows(reader, Can.PLACE_HOLD, student)
        may_withdraw = allows(reader, Can.WITHDRAW_MISS, student)
        search = search.strip()
        # For each kind: its rows, the day it stands under, the fields a search looks in, and how it is told.
        sources: dict[str, tuple[QuerySet, str, tuple[str, ...], Callable[[Any], Entry]]] = {
            "contact": (
                HomeContact.objects.readable_by(reader).select_related("made_by"),
                "happened_on",
                ("notes", "with_name", "shared_summary"),
                lambda row: _contact(row, policy),
            ),
            "session": (
                KeyworkSession.objects.readable_by(reader).select_related("made_by"),
                "happened_on",
                ("notes", "agreed"),
                lambda row: _session(row, policy),
            ),
            "miss": (
                Miss.objects.visible_to(reader, Can.VIEW_LOG).select_related("keyworker", "withdrawn_by"),
                "due_on",
                (),
                lambda row: miss_entry(row, may_withdraw=may_withdraw),
            ),
            "hold": (
                ContactHold.objects.visible_to(reader, Can.VIEW_LOG).select_related("placed_by"),
                "starts_on",
                ("reason",) if with_reason else (),
                lambda row: _hold(row, with_reason=with_reason),
            ),
        }
        found: list[Entry] = []
        for kind, (rows, day, fields, tell) in sources.items():
            if (kinds and kind not in kinds) or (search and not fields):
                continue
            rows = (
                rows.filter(student=student)
                .filter(_older(kind, day, before))
                .filter(_matching(fields, search))
            )
            found += [tell(row) for row in rows.order_by(f"-{day}", "-pk")[:limit]]
        found.sort(key=lambda entry: (entry.on, entry.kind, entry.pk), reverse=True)
        return found[:limit]


def _older(kind: str, day: str, before: tuple | None) -> Q:
    """Rows of one kind that come after `before` when all kinds are read newest first by (on, kind, pk)."""
    if before is None:
        return Q()
    on, before_kind, pk = before
    older = Q(**{f"{day}__lt": on})
    if kind < before_kind:
        return older | Q(**{day: on})
    if kind == before_kind:
        return older | Q(**{day: on, "pk__lt": pk})
    return older


def _matching(fields: Iterable[str], search: str) -> Q:
    found = Q()
    if search:
        for field in fields:
            found |= Q(**{f"{field}__icontains": search})
    return found


def whole_log(
    student: Any,
    reader: Any,
    *,
    kinds: frozenset[str],
    since: date | None,
    until: date | None,
    policy: Policy,
) -> list[Entry]:
    """Every contact and session this reader may read between two days (inclusive), newest first."""
    between = Q()
    if since is not None:
        between &= Q(happened_on__gte=since)
    if until is not None:
        between &= Q(happened_on__lte=until)
    found: list[Entry] = []
    models: tuple[tuple[str, type[LogEntry]], ...] = (("contact", HomeContact), ("session", KeyworkSession))
    for kind, model in models:
        if kind in kinds:
            rows = (
                model.objects.readable_by(reader).filter(between, student=student).select_related("made_by")
            )
            found += [entry_of(row, policy) for row in rows]
    found.sort(key=lambda entry: (entry.on, entry.kind, entry.pk), reverse=True)
    return found

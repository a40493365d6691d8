"""What the key worker log shows on a student's timeline: contacts, sessions, holds and what was missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.dates import day_in_full
from keywork.duties import miss_names
from keywork.finding import containing
from keywork.levels import Level
from keywork.policy import Policy
from keywork.timeline import NEWEST, Asked, Entry, Found, Rows, TimelineProvider
from keywork.words import worded

from . import mentoring_timeline
from .channels import CHANNELS
from .dating import late_note
from .models import ContactHold, HomeContact, KeyworkSession, Miss
from .models.entry import LogEntry, readable_levels

_SESSION_TITLES = {
    "declined": "Keywork session declined",
    "cancelled": "Keywork session cancelled",
    "no_show": "Keywork session: did not come",
}
_CONTACT_TOPICS = dict(HomeContact.Topic.choices)
_SESSION_TOPICS = dict(KeyworkSession.Topic.choices)
_CHANNELS = dict(HomeContact.Channel.choices)
_LEVELS = dict(Level.choices)


# A page of the timeline reads plain rows: of four kinds at once, model instances would be half of its time.
_ENTRY = (
    "pk", "happened_on", "happened_time", "topics", "notes", "level", "void_reason", "logged_on", "changed_on",
    "needs_approval", "approved_on",
)  # fmt: skip
_FIELDS: dict[str, tuple[str, ...]] = {
    "contact": (
        *_ENTRY, "direction", "channel", "reached", "outcome", "with_name", "shared", "shared_summary",
        "withheld_reason", "member_id",
    ),
    "session": (*_ENTRY, "status", "how", "minutes", "agreed", "catch_up_for"),
    "miss": ("pk", "due_on", "duty", "klass", "withdrawn_at", "withdrawal_reason"),
    "hold": ("pk", "starts_on", "ends_on", "reason", "student_id"),
}  # fmt: skip
# Whose names stand beside them, each under what an entry calls it.
_NAMES: dict[str, dict[str, F]] = {
    "contact": {"made_by_name": F("made_by__name")},
    "session": {"made_by_name": F("made_by__name")},
    "miss": {
        "keyworker_name": F("keyworker__name"),
        "withdrawn_by_name": F("withdrawn_by__name"),
        "said": F("answer__reason"),
        "said_by": F("answer__given_by__name"),
    },
    "hold": {"placed_by_name": F("placed_by__name")},
}


SPOKEN = (HomeContact.Channel.PHONE, HomeContact.Channel.VIDEO, HomeContact.Channel.MEETING)


def channel_words(channel: str, into: Callable[[str], str] = str) -> str:
    """ "phone call", "message in Keywork": a channel within a sentence. `into` the reader's language."""
    return into(_CHANNELS[channel].lower()).replace("keywork", "Keywork")


def contact_title(contact: Any) -> str:
    """ "Spoke with Folake Oluwaseun (mum)", "No answer from …": the way people say it."""
    whom, is_from_home = contact.with_name, contact.direction == HomeContact.Direction.IN
    if contact.channel == HomeContact.Channel.MESSAGE:
        return f"Message {'from' if is_from_home else 'to'} {whom}"
    if contact.reached == HomeContact.Reached.SPOKE:
        return f"Met {whom}" if contact.channel == HomeContact.Channel.MEETING else f"Spoke with {whom}"
    if contact.reached == HomeContact.Reached.REPLIED:
        return f"{whom} replied"
    if contact.reached == HomeContact.Reached.MESSAGE:
        way = "from" if is_from_home else "left for" if contact.channel in SPOKEN else "to"
        return f"Message {way} {whom}"
    if contact.reached == HomeContact.Reached.NO_ANSWER:
        return f"No answer from {whom}"
    return f"Could not get through to {whom}"


def entry_of(row: LogEntry, policy: Policy) -> Entry:
    """A contact or session as an entry. The row's `made_by` should be loaded with it."""
    return _contact(row, policy) if isinstance(row, HomeContact) else _session(row, policy)


def _shared_fields(row: Any, policy: Policy) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "on": row.happened_on,
        "at": row.happened_time,
        "text": row.notes,
        "restricted": row.level != Level.GENERAL,
        "voided": row.void_reason,
        "note": late_note(
            ((row.changed_on or row.logged_on) - row.happened_on).days,
            needs_approval=row.needs_approval,
            approved=row.approved_on is not None,
            late_log_days=policy.contact_late_log_days,
            changed=row.changed_on is not None,
        ),
    }


def _contact(row: Any, policy: Policy) -> Entry:
    way = channel_words(row.channel)
    return Entry(
        kind="contact",
        title=contact_title(row),
        who=f"{row.made_by_name} · {'from home, ' if row.direction == 'in' else ''}{way}",
        tags=tuple(_CONTACT_TOPICS.get(topic, topic) for topic in row.topics),
        seen_by=_contact_seen_by(row),
        icon=CHANNELS[row.channel].icon,
        url=numbered("contacts:contact").format(row.pk),
        level="ok" if row.outcome in ("two_way", "delivered") else "none",
        shared=row.shared_summary,
        is_try=row.reached not in (HomeContact.Reached.SPOKE, HomeContact.Reached.REPLIED),
        **_shared_fields(row, policy),
    )


def _contact_seen_by(row: Any) -> str:
    if row.shared:
        return "Family and core team: summary shared"
    if row.withheld_reason:
        return f"{_LEVELS[row.level]}. Kept from home: {row.withheld_reason}"
    if row.level == Level.GENERAL and row.member_id is not None:
        return f"{_LEVELS[row.level]}. Home sees when and how"
    return str(_LEVELS[row.level])


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
        who=row.made_by_name + (" · by phone or video" if row.how == KeyworkSession.How.REMOTE else ""),
        agreed=row.agreed,
        tags=tuple(_SESSION_TOPICS.get(topic, topic) for topic in row.topics),
        seen_by=str(_LEVELS[row.level]),
        icon="users",
        url=numbered("contacts:session").format(row.pk),
        level="ok" if held else "none",
        **_shared_fields(row, policy),
    )


def duty_name(kind: str) -> str:
    """ "Home contact": a kind of duty as people say it."""
    return miss_names().get(kind, kind.replace("_", " ").capitalize())


def miss_entry(row: Any, *, may_withdraw: bool, may_say: bool = False) -> Entry:
    """What was missed, and what was said to it. The row's `keyworker`, `withdrawn_by` and `answer` come with it."""
    in_post = f" · {row.keyworker_name} in post" if row.keyworker_name else ""
    act_url = act = ""
    if row.withdrawn_at is None and may_withdraw:
        act_url, act = reverse("contacts:withdraw_miss", args=[row.pk]), "This is wrong"
    elif row.withdrawn_at is None and may_say:
        act_url = reverse("contacts:explain_miss", args=[row.pk])
        act = "Change the reason" if row.said else "Say why"
    klass = "" if row.klass == Miss.Class.MISSED else f"{Miss.Class(row.klass).label}."
    said = f"{row.said_by}: {row.said}" if row.said else ""
    return Entry(
        kind="miss",
        pk=row.pk,
        on=row.due_on,
        title=f"{duty_name(row.duty)} missed: was due {day_in_full(row.due_on)}",
        who=f"Recorded by Keywork overnight{in_post}",
        text=" ".join(filter(None, (klass, said))),
        seen_by=str(_LEVELS[Level.GENERAL]),
        icon="x-mark",
        level="missed",
        voided=row.withdrawal_reason,
        voided_as=f"Withdrawn by {row.withdrawn_by_name or 'Keywork'}",
        act_url=act_url,
        act=act,
    )


def _hold(row: Any, *, with_reason: bool) -> Entry:
    return Entry(
        kind="hold",
        pk=row.pk,
        on=row.starts_on,
        title=f"Contact with home on hold until {day_in_full(row.ends_on)}",
        who=row.placed_by_name,
        text=row.reason
        if with_reason
        else worded("Ask the Head of Social Education before you contact home."),
        seen_by=str(_LEVELS[Level.GENERAL]),
        icon="pause-circle",
        level="info",
        url=reverse("contacts:holds", args=[row.student_id]) if with_reason else "",
    )


class LogTimeline(TimelineProvider):
    kinds = {"contact": "Home contacts", "session": "Sessions", "miss": "Missed", "hold": "Holds"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        """A search looks in what was written, and only in what this reader may read."""
        student, reader = asked.student, asked.reader
        levels = tuple(readable_levels(reader, student))
        if Level.GENERAL not in levels:  # the log is shut, and with it what is said of it
            return ()
        policy = asked.school.policy(date.max)
        with_reason = allows(reader, Can.PLACE_HOLD, student)
        tell: dict[str, Callable[[Any], Entry]] = {
            "contact": partial(_contact, policy=policy),
            "session": partial(_session, policy=policy),
            "miss": partial(
                miss_entry,
                may_withdraw=allows(reader, Can.WITHDRAW_MISS, student),
                may_say=allows(reader, Can.LOG, student),
            ),
            "hold": partial(_hold, with_reason=with_reason),
        }
        sought = SEARCHED if with_reason else {**SEARCHED, "hold": ()}
        return [
            Rows(
                kind,
                _rows,
                partial(_found, kind, tell[kind]),
                values=levels if kind in _LOGGED else (),
                fixed=(("what", kind),),
                matching=partial(containing, sought[kind]) if sought[kind] else None,
                day=_STORED[kind][1],
            )
            for kind in self.kinds
            if kind in asked.kinds
        ]


# For each kind: the fields a search looks in.
SEARCHED: dict[str, tuple[str, ...]] = {
    "contact": ("notes", "with_name", "shared_summary"),
    "session": ("notes", "agreed"),
    "miss": (),
    "hold": ("reason",),
}


def _found(kind: str, tell: Callable[[Any], Entry], row: Any) -> Found:
    # The key and the day come first in each of _FIELDS.
    return Found(row[1], kind, row[0], partial(tell, row))


# Kind to the model it is stored as and the day it stands under.
_STORED: dict[str, tuple[Any, str]] = {
    "contact": (HomeContact, "happened_on"),
    "session": (KeyworkSession, "happened_on"),
    "miss": (Miss, "due_on"),
    "hold": (ContactHold, "starts_on"),
}

_LOGGED = frozenset({"contact", "session"})


def _rows(student_id: int, *levels: str, what: str) -> QuerySet:
    """Rows of one kind, newest first: of the log only these levels, the rest whole."""
    model, day = _STORED[what]
    rows = model.objects.filter(student_id=student_id)
    if what in _LOGGED:
        rows = rows.filter(level__in=levels)
    return (
        rows.order_by(f"-{day}", "-pk")
        .annotate(**_NAMES[what])
        .values_list(*_FIELDS[what], *_NAMES[what], named=True)
    )


def whole_log(
    student: Any,
    reader: Any,
    *,
    kinds: frozenset[str],
    since: date | None,
    until: date | None,
    policy: Policy,
) -> list[Entry]:
    """Every contact and session this reader may read between two days (inclusive), and mentoring; newest first."""
    found: list[Found] = []
    levels = readable_levels(reader, student)
    first, last = since or date.min, until or date.max
    for kind in kinds & _LOGGED if levels else ():
        tell = partial(_contact if kind == "contact" else _session, policy=policy)
        rows = _rows(student.pk, *levels, what=kind).filter(happened_on__range=(first, last))
        found += [_found(kind, tell, row) for row in rows]
    if mentoring_timeline.KIND in kinds:
        found += mentoring_timeline.between(student, reader, first, last)
    found.sort(key=NEWEST, reverse=True)
    return [one.tell() for one in found]

"""Dated examples beside a rating: an entry of the timeline, or words; offered, put there and taken away, never lost.

Entries come from the timeline's own providers, so a reader is only ever offered what they may read; those that are
restricted or crossed out are not offered at all, as evidence is read by the whole team."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction

from keywork import clock, timeline
from keywork.errors import Refused
from keywork.models import User
from keywork.school import SchoolFacts
from students import chronicle

from ..models import AssessmentPoint, Evidence, Setting
from ..questions import templates
from .actions import locked

# Of no use as evidence: what did not happen, what is a decision, and what the team does not read (what home says of
# a report).
NOT_EVIDENCE = frozenset({"miss", "hold", "comment"})
LOOKED_THROUGH = 40  # beside those offered, for what is restricted, crossed out, or a try that reached nobody
LOOK_BACK = timedelta(days=120)
OFFERED = 6
USUAL_SETTING = {"contact": Setting.HOME, "session": Setting.KEYWORK}


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry and the setting it most likely shows; `key` names it in a form."""

    entry: timeline.Entry
    setting: str

    @property
    def key(self) -> str:
        return f"{self.entry.kind}.{self.entry.pk}"


def kinds() -> dict[str, str]:
    """Kinds of entries that may be evidence, each with its plural name."""
    return {kind: name for kind, name in chronicle.kinds().items() if kind not in NOT_EVIDENCE}


def offers(
    student: Any, reader: Any, school: SchoolFacts, *, without: Collection[str] = (), limit: int = OFFERED
) -> list[Offer]:
    """The newest entries this reader may use, none older than 120 days; `without` are keys already beside it."""
    today = clock.today()
    found = timeline.newest(
        student, reader, kinds=frozenset(kinds()), limit=limit + len(without) + LOOKED_THROUGH, school=school
    )
    near = (one for one in found if one.on <= today and f"{one.kind}.{one.pk}" not in without)
    usable = timeline.usable(near, since=today - LOOK_BACK)
    return [Offer(entry, usual_setting(entry)) for entry in islice(usable, limit)]


def usual_setting(entry: timeline.Entry) -> str:
    """Where it was, by its own tags if they say, or by what it is."""
    labels = {str(label).lower(): value for value, label in Setting.choices}
    for tag in entry.tags:
        if tag.lower() in labels:
            return labels[tag.lower()]
    return USUAL_SETTING.get(entry.kind, Setting.LESSON)


def offered(student: Any, reader: Any, school: SchoolFacts, key: str) -> Offer | None:
    """The entry that `key` names, if this reader is offered it: the only way it can become evidence."""
    return next((one for one in offers(student, reader, school, limit=40) if one.key == key), None)


@transaction.atomic
def add_evidence(
    *,
    by: User,
    point: AssessmentPoint,
    statement: str,
    on: date,
    setting: str,
    words: str = "",
    source_kind: str = "",
    source_pk: int | None = None,
) -> Evidence:
    """Put an example beside a statement. The caller has made sure that `by` may read the entry it names.

    Raises Refused when the point is finished, or the example is of no day that has been or of no place.
    """
    point = locked(point)
    if statement not in {one.slug for one in templates.version(point.template_id).in_use}:
        raise Refused("This statement is not part of the form any more")
    if setting not in Setting.values:
        raise Refused("Choose where it was seen", "setting")
    if on > clock.today():
        raise Refused("Choose today or a day before", "on")
    words = words.strip()
    if source_pk is None and not words:
        raise Refused("Write what you saw", "words")
    try:
        with transaction.atomic():
            return Evidence.objects.create(
                point=point,
                statement=statement,
                on=on,
                setting=setting,
                words=words,
                source_kind=source_kind,
                source_pk=source_pk,
                by=by,
                at=clock.now(),
            )
    except IntegrityError:
        raise Refused("This entry is beside the statement already") from None


@transaction.atomic
def remove_evidence(*, by: User, evidence: Evidence) -> None:
    """Take an example away; the row stays, with who took it. Raises Refused when the point is finished."""
    locked(evidence.point)
    Evidence.objects.filter(pk=evidence.pk, removed_at__isnull=True).update(
        removed_at=clock.now(), removed_by=by
    )

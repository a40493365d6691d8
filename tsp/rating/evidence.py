"""Dated examples beside a rating: an entry of the timeline, or words; put there and taken away, never lost."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from keywork import clock
from keywork.errors import Refused
from keywork.models import User

from ..models import AssessmentPoint, Evidence, Setting
from ..questions import templates
from .point_actions import locked


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

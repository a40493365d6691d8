"""What the people agreed when they talked over a difference: kept beside the originals, which never change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from keywork import clock
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User

from .. import rules, templates
from ..models import Agreement, Assessment, RaterForm


@transaction.atomic
def agree(
    *,
    by: User,
    assessment: Assessment,
    item: str,
    score: int,
    tags: Sequence[str],
    note: str,
    agreed_on: date,
    seen: int,
) -> Agreement:
    """One agreed value, or a new one in its place; `seen` is the version last seen, 0 for none.

    Raises Refused for a value off the scale, a tag unknown, a day to come, or before any two raters are in;
    ChangedMeanwhile when somebody agreed it since.
    """
    if score not in rules.SCORES:
        raise Refused("Choose one of the five", "score")
    if not set(tags) <= set(rules.EXPLANATIONS):
        raise Refused("Choose from the list", "tags")
    if agreed_on > clock.today():
        raise Refused("This date is still to come", "agreed_on")
    if item not in templates.version(assessment.template_id).items:
        raise Refused("This question is not on the form")
    Assessment.objects.select_for_update().get(pk=assessment.pk)
    if RaterForm.objects.submitted().filter(assessment=assessment).count() < 2:
        raise Refused("There is nothing to compare yet: only one person’s answers are in")
    row = Agreement.objects.filter(assessment=assessment, item=item).first()
    if (row.version if row else 0) != seen:
        raise ChangedMeanwhile(row)
    values = {
        "score": score,
        "tags": list(tags),
        "note": note.strip(),
        "agreed_on": agreed_on,
        "by": by,
        "at": clock.now(),
    }
    if row is None:
        return Agreement.objects.create(assessment=assessment, item=item, **values)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    return row

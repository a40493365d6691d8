"""Saving a point field by field: ratings, words and contexts, however many people write in it at once.

Fields are named `rating:<statement>` (0 to 4, "no", or nothing to clear it), `confirm:<statement>` ("1": what was
carried over still holds), `narrative:<part>` and `contexts`. Each is decided on its own (keywork.saving); writers of one
point wait for each other, so that no two of them are told the same version.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db import transaction

from keywork import clock
from keywork.attempts import attempt
from keywork.models import User
from keywork.saving import NOTHING, Current, Saving, Typed, name_for

from ..models import AssessmentPoint, Narrative, Rating
from ..questions import templates
from . import rules
from .assessment_points import CONTEXT, NEXT_STEPS, SUMMARY, area_part
from .point_actions import confirm, locked

LONGEST = 5000
KINDS = ("rating", "confirm", "narrative")


def value_of(text: str) -> int | None:
    """What a rating of this answer is stored as. Raises ValueError for what is no answer."""
    if text == rules.NO_OPPORTUNITY:
        return None
    if text in ("0", "1", "2", "3", "4"):
        return int(text)
    raise ValueError(text)


def answer_of(rating: Rating) -> tuple[str, ...]:
    """What the form's input holds for a stored rating."""
    return (str(rating.rating),)


@transaction.atomic
def save_fields(*, by: User, point: AssessmentPoint, typed: Sequence[Typed]) -> Saving:
    """Write what may be written; what somebody else changed meanwhile, or what is wrong, is said for each field."""
    saving = Saving()
    held, no = attempt(lambda: locked(point))
    if held is None:
        saving.refused = str(no)
        return saving
    work = _Work(by, held, typed, saving)
    for one in typed:
        kind, _, name = one.field.partition(":")
        if one.field == "contexts":
            work.contexts(one)
        elif kind == "rating" and name in work.slugs:
            work.rating(one, name)
        elif kind == "confirm" and name in work.slugs:
            work.confirm(one, name)
        elif kind == "narrative" and name in work.parts:
            work.narrative(one, name)
        else:
            saving.wrong(one, "This is not part of the form any more. Load the page again")
    return saving


class _Work:
    """One save: the rows it touches are read once."""

    def __init__(self, by: User, point: AssessmentPoint, typed: Sequence[Typed], saving: Saving) -> None:
        self.by, self.point, self.typed, self.saving = by, point, typed, saving
        self.now = clock.now()
        self.form = templates.version(point.template_id)

    @cached_property
    def slugs(self) -> frozenset[str]:
        return frozenset(one.slug for one in self.form.in_use)

    @cached_property
    def parts(self) -> frozenset[str]:
        return frozenset({SUMMARY, NEXT_STEPS, CONTEXT, *(area_part(area.slug) for area in self.form.areas)})

    def _names(self, *kinds: str) -> list[str]:
        split = [one.field.partition(":") for one in self.typed]
        return [name for kind, _, name in split if kind in kinds]

    @cached_property
    def ratings(self) -> dict[str, Rating]:
        rows = self.point.ratings.filter(statement__in=self._names("rating", "confirm")).select_related("by")
        return {row.statement: row for row in rows}

    @cached_property
    def narratives(self) -> dict[str, Narrative]:
        rows = self.point.narratives.filter(part__in=self._names("narrative")).select_related("by")
        return {row.part: row for row in rows}

    # -------------------------------------------------------------------------------- ratings

    def rating(self, typed: Typed, slug: str) -> None:
        row = self.ratings.get(slug)
        current = self._rating_now(typed, slug, row)
        if len(typed.values) > 1:
            return self.saving.wrong(typed, "Choose one answer")
        try:
            value = value_of(typed.text) if typed.values else None
        except ValueError:
            return self.saving.wrong(typed, "Choose one of the answers")
        if not self.saving.to_write(typed, current):
            return
        if not typed.values and row is not None:
            self._clear(typed, row)
        else:
            self._rate(typed, slug, row, value, current.version)

    def _rating_now(self, typed: Typed, slug: str, row: Rating | None) -> Current:
        if row is not None:
            return Current(row.version, answer_of(row), name_for(row.by, self.by), row.at)
        last = self._cleared(slug) if typed.version else None  # who saw it rated is told who took it away
        return NOTHING if last is None else Current(last.version, (), name_for(last.by, self.by), last.at)

    def _cleared(self, slug: str) -> Any:
        """The last line of a rating's history, for one that is no more."""
        return (
            Rating.pgh_event_model.objects.filter(point=self.point, statement=slug)
            .select_related("by")
            .order_by("-pgh_id")
            .first()
        )

    def _rate(self, typed: Typed, slug: str, row: Rating | None, value: int | None, before: int) -> None:
        if row is None:
            row = Rating(point=self.point, statement=slug)
            last = self._cleared(slug)
            before = last.version if last is not None else 0  # no number is ever used twice
        row.value, row.by, row.at, row.version = value, self.by, self.now, before + 1
        row.confirmed_at = self.now  # rated here is confirmed
        row.save()
        self.ratings[slug] = row
        self.saving.wrote(typed.field, row.version, answer_of(row))

    def _clear(self, typed: Typed, row: Rating) -> None:
        """Nobody has answered any more. The last line of its history says who took it away."""
        row.by, row.at, row.version = self.by, self.now, row.version + 1
        row.save(update_fields=["by", "at", "version"])
        self.saving.wrote(typed.field, row.version, ())
        self.ratings.pop(row.statement)
        row.delete()

    def confirm(self, typed: Typed, slug: str) -> None:
        row = self.ratings.get(slug)
        if typed.values and row is not None and not row.counts:
            confirm(row, self.by)
            self.saving.wrote(f"rating:{slug}", row.version, answer_of(row))
        self.saving.wrote(typed.field, 0, typed.values)

    # ---------------------------------------------------------------------------------- words

    def narrative(self, typed: Typed, part: str) -> None:
        row = self.narratives.get(part)
        values = (row.text,) if row is not None and row.text else ()
        current = NOTHING if row is None else Current(row.version, values, name_for(row.by, self.by), row.at)
        if len(typed.text) > LONGEST:
            return self.saving.wrong(typed, f"This is longer than {LONGEST:,} characters. Shorten it")
        if self.saving.to_write(typed, current):
            row = row or Narrative(point=self.point, part=part)
            row.text, row.by, row.at = typed.text, self.by, self.now
            row.version = current.version + 1
            row.save()
            self.saving.wrote(typed.field, row.version, typed.values)

    def contexts(self, typed: Typed) -> None:
        point = self.point
        chosen = tuple(code for code in rules.CONTEXTS if code in typed.values)
        if set(typed.values) - set(chosen):
            return self.saving.wrong(typed, "Choose from the list")
        current = Current(point.version, tuple(point.contexts))

        def theirs() -> Current:
            return Current(point.version, current.values, _last_writer(point, self.by))

        if self.saving.to_write(typed, current, theirs=theirs):
            point.contexts, point.version = list(chosen), point.version + 1
            point.save(update_fields=["contexts", "version"])
            self.saving.wrote(typed.field, point.version, chosen)


def _last_writer(point: AssessmentPoint, reader: User) -> str:
    event = (
        point.pgh_event_model.objects.filter(pgh_obj_id=point.pk)
        .select_related("pgh_context")
        .order_by("-pgh_id")
        .first()
    )
    if event is None or event.pgh_context is None:
        return ""
    return name_for(User.objects.filter(pk=event.pgh_context.metadata.get("user")).first(), reader)

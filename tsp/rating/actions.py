"""Opening a baseline or review, finishing it, opening it again; and saving it field by field: ratings, words and
contexts, however many people write in it at once.

Fields are named `rating:<statement>` (0 to 4, "no", or nothing to clear it), `confirm:<statement>` ("1": what was
carried over still holds), `narrative:<part>` and `contexts`. Each is decided on its own (keywork.saving); writers of
one point wait for each other, so that no two of them are told the same version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.db import transaction

from keywork import clock, school
from keywork.attempts import attempt
from keywork.calendar import Term
from keywork.dates import day_in_full
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.saving import NOTHING, Current, Saving, Typed, name_for
from keywork.school import SchoolFacts
from keywork.terms import review_period

from .. import deadlines
from ..duties.facts import due_summary_of
from ..models import AssessmentPoint, Narrative, Rating
from ..questions import templates
from . import rules
from .assessment_points import CONTEXT, NEXT_STEPS, SUMMARY, area_part, read

NAMES = {AssessmentPoint.Kind.BASELINE.value: "baseline", AssessmentPoint.Kind.REVIEW.value: "review"}


def last_review(student: Any, term: Term, facts: SchoolFacts) -> AssessmentPoint | None:
    """The finished review of the last term before this one that has one: what a baseline may begin from."""
    order = {one.id: place for place, one in enumerate(facts.calendar.terms)}
    reviews = AssessmentPoint.objects.finished().filter(student=student, kind=AssessmentPoint.Kind.REVIEW)
    before = [one for one in reviews if order.get(one.term, len(order)) < order[term.id]]
    return max(before, key=lambda one: order[one.term], default=None)


@transaction.atomic
def open_point(
    *, by: User, student: Any, term: str, kind: str, carry: bool = True, facts: SchoolFacts | None = None
) -> AssessmentPoint:
    """Begin a point with the form published now; the one there is, if somebody has begun it.

    With `carry`, a baseline starts from the ratings of the last finished review, over the statements still in
    use, each waiting to be confirmed; "no opportunity" is left behind, as it was about another time.
    Raises Refused before the point opens (T1, T4, T5), KeyError for an unknown term.
    """
    there = AssessmentPoint.objects.filter(student=student, term=term, kind=kind).first()
    if there is not None:
        return there
    facts = facts or school.load()
    during = facts.calendar.term(term)
    _refuse_too_early(student, during, kind, facts)
    form = templates.current()
    point, created = AssessmentPoint.objects.get_or_create(
        student=student,
        term=term,
        kind=kind,
        defaults={"template_id": form.version_id, "opened_at": clock.now(), "opened_by": by},
    )
    if created and carry and kind == AssessmentPoint.Kind.BASELINE:
        _carry_over(point, form, last_review(student, during, facts), by)
    return point


def opens(student: Any, term: Term, kind: str, facts: SchoolFacts) -> tuple[date | None, str]:
    """The day from which it may be opened, or None and why it may not be at all."""
    joined_on, left_on = student.stay_on(term.ends_on)
    if joined_on > term.ends_on or (left_on is not None and left_on < term.starts_on):
        return None, f"{student.known_as} is not on roll in the {term.name.lower()}"
    due = due_summary_of(student, term, kind, facts)
    if due is not None:
        return due.opens_on, ""
    # Not owed, and no harm: it opens when those of others do.
    policy, calendar = facts.policy(term.starts_on), facts.calendar
    if kind == AssessmentPoint.Kind.REVIEW:
        usual = review_period(term, policy, calendar)
        return (usual.opens_on if usual else term.starts_on), ""
    baseline = deadlines.baseline_owed(term, joined_on, facts.went_live_on, policy, calendar)
    if baseline is not None:
        return baseline.period.opens_on, ""
    return (
        None,
        f"{student.known_as} joins late in the {term.name.lower()}: the first baseline is the next term’s",
    )


def _refuse_too_early(student: Any, term: Term, kind: str, facts: SchoolFacts) -> None:
    opens_on, why = opens(student, term, kind, facts)
    if opens_on is None:
        raise Refused(why)
    if clock.today() < opens_on:
        raise Refused(f"The {NAMES[kind]} opens on {day_in_full(opens_on, clock.today())}")


def _carry_over(
    point: AssessmentPoint, form: templates.Template, review: AssessmentPoint | None, by: User
) -> None:
    if review is None:
        return
    in_use = {one.slug for one in form.in_use}
    now = clock.now()
    Rating.objects.bulk_create(
        Rating(point=point, statement=old.statement, value=old.value, carried_from=review, by=by, at=now)
        for old in review.ratings.filter(value__isnull=False, confirmed_at__isnull=False)
        if old.statement in in_use
    )


def locked(point: AssessmentPoint) -> AssessmentPoint:
    """The point, with everybody else who writes in it waiting. Raises Refused when it is finished."""
    now = (
        AssessmentPoint.objects.select_for_update(of=("self",)).select_related("finished_by").get(pk=point.pk)
    )
    if now.is_finished:
        who = now.finished_by.name if now.finished_by else "Somebody"
        raise Refused(f"{who} has finished this {NAMES[now.kind]}, so it stays as it is")
    return now


@transaction.atomic
def confirm_area(*, by: User, point: AssessmentPoint, area: str) -> int:
    """Everything carried over in this area still holds; how many ratings that were. Raises Refused, KeyError."""
    point = locked(point)
    slugs = [one.slug for one in templates.version(point.template_id).area(area).statements]
    waiting = point.ratings.filter(statement__in=slugs, confirmed_at__isnull=True)
    count = 0
    for rating in waiting:
        confirm(rating, by)
        count += 1
    return count


def confirm(rating: Rating, by: User) -> None:
    """One carried rating still holds."""
    rating.confirmed_at = rating.at = clock.now()
    rating.by = by
    rating.version += 1
    rating.save(update_fields=["confirmed_at", "at", "by", "version"])


@transaction.atomic
def finish_point(*, by: User, point: AssessmentPoint) -> AssessmentPoint:
    """Done today: every statement answered and every carried area confirmed, or Refused in words."""
    point = locked(point)
    missing = read(point).missing
    if missing:
        things = "1 thing is" if len(missing) == 1 else f"{len(missing)} things are"
        raise Refused(f"{things} still to do before this {NAMES[point.kind]} can be finished")
    point.done_on, point.finished_at, point.finished_by = clock.today(), clock.now(), by
    point.version += 1
    point.save(update_fields=["done_on", "finished_at", "finished_by", "version"])
    return point


@transaction.atomic
def reopen_point(*, by: User, point: AssessmentPoint, reason: str) -> AssessmentPoint:
    """Open a finished point again; who, when and why stay in its history. Raises Refused, ChangedMeanwhile."""
    reason = reason.strip()
    if not reason:
        raise Refused("Say why it is opened again", "reason")
    now = AssessmentPoint.objects.select_for_update().get(pk=point.pk)
    if not now.is_finished:
        raise ChangedMeanwhile(now)
    now.done_on = now.finished_at = now.finished_by = None
    now.reopened_reason = reason
    now.version += 1
    now.save(update_fields=["done_on", "finished_at", "finished_by", "reopened_reason", "version"])
    return now


LONGEST = 5000


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

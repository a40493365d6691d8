"""One rater's answers, saved one by one, and submitted when nothing is blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from django.db import transaction

from keywork import clock
from keywork.attempts import attempt
from keywork.errors import NotWhole, Refused
from keywork.models import User
from keywork.saving import Current, Saving, Typed, as_values, name_for
from keywork.words import filled

from .. import enquiries, rules, templates
from ..models import Answer, RaterForm

NOTE: Final = "note:"
LONGEST_NOTE: Final = 500
# What an input holds for each answer.
ANSWERS: Final[Mapping[str, rules.Answer]] = {
    **{str(score): score for score in rules.SCORES},
    rules.NOT_APPLICABLE: rules.NOT_APPLICABLE,
    rules.NOT_SEEN: rules.NOT_SEEN,
}


def kind_of(answer: rules.Answer) -> tuple[str, int | None]:
    """An answer of the rules as the two columns it is kept in. Raises ValueError for what is none."""
    if rules.is_score(answer):
        return Answer.Kind.SCORE.value, answer
    return str(answer or ""), None


def _open_form(form_id: int) -> RaterForm:
    """Locked against being submitted while it is written in. Raises Refused when it is in."""
    form = RaterForm.objects.select_for_update().get(pk=form_id)
    if form.is_submitted:
        raise Refused("These answers were sent already, so they stay as they are")
    return form


@transaction.atomic
def save_fields(*, by: User, form: RaterForm, typed: Sequence[Typed]) -> Saving:
    """Write what may be written of `<item>` (0 to 4, "na", "no" or nothing) and `note:<item>`.

    What was answered on another device meanwhile, or is wrong, is said for each field; `Saving.refused` when the
    form was sent already.
    """
    saving = Saving()
    held, no = attempt(lambda: _open_form(form.pk))
    if held is None:
        saving.refused = str(no)
        return saving
    known = templates.version(form.assessment.template_id).items
    slugs = {one.field.removeprefix(NOTE) for one in typed}
    rows = {row.item: row for row in Answer.objects.filter(form=held, item__in=slugs).select_related("by")}
    wrote = False
    for one in typed:
        slug = one.field.removeprefix(NOTE)
        if slug not in known:
            saving.wrong(one, "This question is not on the form any more. Load the page again")
            continue
        row = rows.get(slug) or Answer(form=held, item=slug, by=by)
        is_note = one.field.startswith(NOTE)
        current = _now(row, is_note, by)
        if (trouble := _wrong(one, is_note)) is not None:
            saving.wrong(one, trouble)
            continue
        if saving.to_write(one, current):
            rows[slug] = _write(row, one, is_note, by)
            saving.wrote(one.field, row.note_version if is_note else row.version, one.values)
            wrote = True
    if wrote and (held.started_at is None or held.missing):
        # Who answers after all takes part.
        held.started_at = held.started_at or clock.now()
        held.missing = held.missing_words = ""
        held.missing_noted_at = held.missing_noted_by = None
        held.version += 1
        held.save()
        enquiries.stands(held)
    return saving


def _now(row: Answer, is_note: bool, reader: User) -> Current:
    name = name_for(row.by, reader)
    if is_note:
        return Current(row.note_version, as_values(row.note), name, row.at)
    return Current(row.version, as_values(row.answer), name, row.at)


def _wrong(typed: Typed, is_note: bool) -> str | None:
    if is_note:
        return (
            filled("Use {most} characters at most", most=LONGEST_NOTE)
            if len(typed.text) > LONGEST_NOTE
            else None
        )
    if len(typed.values) > 1 or (typed.values and typed.text not in ANSWERS):
        return "Choose one of the answers"
    return None


def _write(row: Answer, typed: Typed, is_note: bool, by: User) -> Answer:
    if is_note:
        row.note = typed.text
        row.note_version += 1
    else:
        row.kind, row.score = kind_of(ANSWERS[typed.text] if typed.values else None)
        row.suggested = False
        row.version += 1
    row.at, row.by = clock.now(), by
    row.save()
    return row


def suggested(template: templates.Template, nc_year: str) -> frozenset[str]:
    """Items the form answers with "does not apply" in this year group, until the rater says otherwise."""
    return frozenset(item.slug for item in template.in_use if not item.usual_for(nc_year))


@transaction.atomic
def submit(
    *,
    by: User,
    form: RaterForm,
    nc_year: str,
    answered_on: date | None = None,
    from_paper: bool = False,
    helped_by: str = "",
) -> RaterForm:
    """Send the form for good. Raises NotWhole while anything is blank, Refused when it is in already.

    What the form suggested and the rater left standing is written down as such. `answered_on` is the date on the
    paper; today otherwise.
    """
    held = _open_form(form.pk)
    template = templates.version(form.assessment.template_id)
    rows = {row.item: row for row in Answer.objects.filter(form=held)}
    usual = suggested(template, nc_year)
    blank = []
    now = clock.now()
    for item in template.in_use:
        row = rows.get(item.slug)
        if row is not None and row.kind:
            continue
        if item.slug not in usual:
            blank.append(item.slug)
        elif row is None:
            Answer.objects.create(
                form=held, item=item.slug, kind=rules.NOT_APPLICABLE, suggested=True, at=now, by=by, version=1
            )
        else:
            row.kind, row.suggested = rules.NOT_APPLICABLE, True
            row.version += 1
            row.save()
    if blank:
        count = len(blank)
        raise NotWhole(
            blank,
            "One question still needs an answer"
            if count == 1
            else filled("{count} questions still need an answer", count=count),
        )
    today = clock.today()
    if answered_on is not None and answered_on > today:
        raise Refused("This date is still to come", "answered_on")
    held.submitted_at, held.answered_on = now, answered_on or today
    held.from_paper = from_paper
    held.rater, held.typed_by = (None, by) if from_paper else (by, None)
    held.helped_by = helped_by
    held.started_at = held.started_at or now
    held.missing = held.missing_words = ""
    held.missing_noted_at = held.missing_noted_by = None
    held.version += 1
    held.save()
    enquiries.stands(held)
    return held

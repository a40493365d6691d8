"""Small assessments for tests, made through the real actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ilsa import actions, rules, templates
from ilsa.actions import save_fields, submit
from ilsa.models import Answer, Assessment, RaterForm, Round
from keywork import clock
from keywork.models import User
from keywork.saving import Saving, Typed, as_values

YEAR = "2026-27"


def opened(by: User, year: str = YEAR) -> Round:
    today = clock.today()
    return actions.open_round(by=by, year=year, opens_on=today, closes_on=today + timedelta(days=28))


def form_of(student, role: str, member=None, year: str = YEAR) -> RaterForm:
    forms = RaterForm.objects.filter(assessment__student=student, assessment__round__year=year, role=role)
    return (forms.filter(member=member) if member else forms).select_related("assessment").get()


def assessment_of(student, year: str = YEAR) -> Assessment:
    return Assessment.objects.select_related("round", "student").get(student=student, round__year=year)


def answer(form: RaterForm, by: User, item: str, value: rules.Answer, note: str | None = None) -> Saving:
    """As a page just loaded would send it."""
    row = Answer.objects.filter(form=form, item=item).first()
    typed = [Typed(item, as_values(value), row.version if row else 0, "")]
    if note is not None:
        typed.append(Typed(f"note:{item}", as_values(note), row.note_version if row else 0, ""))
    return save_fields(by=by, form=form, typed=typed)


def filled(
    form: RaterForm,
    by: User,
    default: rules.Answer = 2,
    other: Mapping[str, rules.Answer] | None = None,
    on: date | None = None,
) -> RaterForm:
    """Every item answered `default` but those named, and submitted."""
    other = other or {}
    now = clock.now()
    rows = []
    for item in templates.version(form.assessment.template_id).in_use:
        value = other.get(item.slug, default)
        scored = rules.is_score(value)
        kind = "score" if scored else value
        rows.append(
            Answer(form=form, item=item.slug, kind=kind, score=value if scored else None, at=now, by=by)
        )
    Answer.objects.bulk_create(rows)
    return submit(by=by, form=form, nc_year="14", answered_on=on)

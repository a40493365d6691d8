"""Opening a year's round for the whole school in one act, looking after who is asked, and what was agreed in the
talk after; and one rater's answers, saved one by one, and submitted when nothing is blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction

from keywork import clock, school
from keywork.attempts import attempt
from keywork.errors import ChangedMeanwhile, NotWhole, Refused
from keywork.models import User
from keywork.saving import Current, Saving, Typed, as_values, name_for
from keywork.words import filled, marked
from students.models import FamilyLink, Student

from . import enquiries, rules, templates
from .models import Agreement, Answer, Assessment, RaterForm, Role, Round

BATCH = 1000


@transaction.atomic
def open_round(*, by: User, year: str, opens_on: date, closes_on: date) -> Round:
    """Open the round of an academic year for everyone on roll when it opens. Raises Refused.

    Each student gets one form for each rater the policy names; the form is the one published now.
    """
    if closes_on < opens_on:
        raise Refused("The last day comes before the first", "closes_on")
    if Round.objects.filter(year=year).exists():
        raise Refused(f"The round of {year} is open already", "year")
    now = clock.now()
    made = Round(
        year=year,
        template_id=templates.current().version_id,
        opens_on=opens_on,
        closes_on=closes_on,
        opened_at=now,
        opened_by=by,
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:  # somebody opened it a moment ago
        raise Refused(f"The round of {year} is open already", "year") from error
    _fill(made, now)
    return made


@transaction.atomic
def add_newcomers(*, by: User, round: Round) -> int:
    """Students and parents who came since it was opened get their forms too; how many forms were made.

    Late additions to a round are the head's own act, so that nobody is asked twice by accident.
    """
    Round.objects.select_for_update().get(pk=round.pk)
    return _fill(round, clock.now())


def _fill(round: Round, now: datetime) -> int:
    """Assessments and forms that are not there yet; a fixed number of queries for each thousand students."""
    asked = school.load().policy(round.opens_on).ilsa_raters
    on = max(round.opens_on, clock.today())
    there = Assessment.objects.filter(round=round).values("student")
    Assessment.objects.bulk_create(
        (
            Assessment(round=round, student_id=pk, template_id=round.template_id, opened_at=now)
            for pk in Student.objects.on_roll(on)
            .exclude(pk__in=there)
            .order_by("pk")
            .values_list("pk", flat=True)
        ),
        batch_size=BATCH,
    )
    assessments = dict(Assessment.objects.filter(round=round).values_list("student", "pk"))
    known = set(RaterForm.objects.filter(assessment__round=round).values_list("assessment", "role", "member"))
    wanted: list[tuple[int, str, int | None]] = []
    for role in (Role.KEYWORKER, Role.PUPIL):
        if role in asked:
            wanted += [(pk, role.value, None) for pk in assessments.values()]
    if Role.PARENT in asked:
        links = FamilyLink.objects.for_reports(on).filter(student__in=list(assessments))
        wanted += [
            (assessments[student], Role.PARENT.value, member)
            for student, member in links.order_by("student", "priority", "pk").values_list(
                "student", "member"
            )
        ]
    missing = [key for key in wanted if key not in known]
    made = RaterForm.objects.bulk_create(
        (
            RaterForm(assessment_id=assessment, role=role, member_id=member, invited_at=now)
            for assessment, role, member in missing
        ),
        batch_size=BATCH,
    )
    enquiries.ask(round, made, {assessment: student for student, assessment in assessments.items()})
    return len(missing)


@transaction.atomic
def note_missing(*, by: User, form: RaterForm, reason: str, words: str, seen: int) -> RaterForm:
    """This rater takes no part, and why; an empty reason takes it back. Raises ChangedMeanwhile, Refused."""
    form = RaterForm.objects.select_for_update().get(pk=form.pk)
    if form.version != seen:
        raise ChangedMeanwhile(form)
    if form.is_submitted:
        raise Refused("This form is in already")
    if reason and reason not in rules.NOT_TAKING_PART:
        raise Refused("Choose why", "reason")
    form.missing, form.missing_words = reason, words.strip() if reason else ""
    form.missing_noted_by = by if reason else None
    form.missing_noted_at = clock.now() if reason else None
    form.version += 1
    form.save()
    enquiries.stands(form)
    return form


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
    which = {"assessment": assessment, "item": item}
    row = Agreement.objects.filter(**which).first() or Agreement(**which, version=0)
    if row.version != seen:
        raise ChangedMeanwhile(row if row.pk else None)
    row.score, row.tags, row.note = score, list(tags), note.strip()
    row.agreed_on, row.by, row.at = agreed_on, by, clock.now()
    row.version += 1
    row.save()
    return row


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
        raise Refused(marked("These answers were sent already, so they stay as they are"))
    return form


@transaction.atomic
def save_fields(*, by: User, form: RaterForm, typed: Sequence[Typed]) -> Saving:
    """Write what may be written of `<item>` (0 to 4, "na", "no" or nothing) and `note:<item>`.

    What was answered on another device meanwhile, or is wrong, is said for each field; `Saving.refused` when the
    form was sent already.
    """
    saving = Saving()
    locked, no = attempt(lambda: _open_form(form.pk))
    if locked is None:
        saving.refused = str(no)
        return saving
    known = templates.version(form.assessment.template_id).items
    slugs = {one.field.removeprefix(NOTE) for one in typed}
    rows = {row.item: row for row in Answer.objects.filter(form=locked, item__in=slugs).select_related("by")}
    wrote = False
    for one in typed:
        slug = one.field.removeprefix(NOTE)
        if slug not in known:
            saving.wrong(one, marked("This question is not on the form any more. Load the page again"))
            continue
        row = rows.get(slug) or Answer(form=locked, item=slug, by=by)
        is_note = one.field.startswith(NOTE)
        current = _now(row, is_note, by)
        if (trouble := _wrong(one, is_note)) is not None:
            saving.wrong(one, trouble)
            continue
        if saving.to_write(one, current):
            rows[slug] = _write(row, one, is_note, by)
            saving.wrote(one.field, row.note_version if is_note else row.version, one.values)
            wrote = True
    if wrote and (locked.started_at is None or locked.missing):
        _save_answered(locked)
    return saving


def _save_answered(form: RaterForm) -> None:
    """Who answers after all takes part."""
    form.started_at = form.started_at or clock.now()
    form.missing = form.missing_words = ""
    form.missing_noted_at = form.missing_noted_by = None
    form.version += 1
    form.save()
    enquiries.stands(form)


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
        return marked("Choose one of the answers")
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
    locked = _open_form(form.pk)
    template = templates.version(form.assessment.template_id)
    rows = {row.item: row for row in Answer.objects.filter(form=locked)}
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
                form=locked,
                item=item.slug,
                kind=rules.NOT_APPLICABLE,
                suggested=True,
                at=now,
                by=by,
                version=1,
            )
        else:
            row.kind, row.suggested = rules.NOT_APPLICABLE, True
            row.version += 1
            row.save()
    if blank:
        count = len(blank)
        raise NotWhole(
            blank,
            marked("One question still needs an answer")
            if count == 1
            else filled("{count} questions still need an answer", count=count),
        )
    today = clock.today()
    if answered_on is not None and answered_on > today:
        raise Refused(marked("This date is still to come"), "answered_on")
    locked.submitted_at, locked.answered_on = now, answered_on or today
    locked.from_paper = from_paper
    locked.rater, locked.typed_by = (None, by) if from_paper else (by, None)
    locked.helped_by = helped_by
    _save_answered(locked)
    return locked

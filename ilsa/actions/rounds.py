"""Opening a year's round for the whole school in one act, looking after who is asked, and what was agreed in the talk after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from keywork import clock, school
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from students.models import FamilyLink, Student

from .. import enquiries, rules, templates
from ..models import Agreement, Assessment, RaterForm, Role, Round

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

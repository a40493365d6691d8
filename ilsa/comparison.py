"""One year's assessment as its reader may see it: the raters side by side, their differences, what was agreed; and
the years of a student, levels as they were and change like for like (domain 3.6).

Four queries whatever the number of raters, items and years. Nobody's answers are averaged with another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from keywork.words import worded

from . import rules, templates
from .models import Agreement, Answer, Assessment, RaterForm, Role, answer_of

AGREED = "agreed"
ROLE_ORDER = {Role.KEYWORKER: 0, Role.PUPIL: 1, Role.PARENT: 2}


@dataclass(frozen=True, slots=True)
class Given:
    """One answer with what was written beside it, which only staff and who wrote it ever read."""

    answer: rules.Answer
    note: str = ""


@dataclass(frozen=True)
class Column:
    form: RaterForm
    label: str
    given: Mapping[str, Given]

    @property
    def role(self) -> str:
        return self.form.role

    @cached_property
    def answers(self) -> dict[str, rules.Answer]:
        return {slug: given.answer for slug, given in self.given.items()}

    def figure(self, domain: templates.Domain) -> rules.DomainFigure:
        return rules.domain_figure(self.answers.get(item.slug) for item in domain.items)


@dataclass(frozen=True, slots=True)
class DomainRow:
    """One domain, a figure for each column."""

    domain: templates.Domain
    figures: tuple[rules.DomainFigure, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item, an answer for each column, and what was agreed about it."""

    item: templates.Item
    given: tuple[Given | None, ...]
    agreed: Agreement | None

    @property
    def answers(self) -> tuple[rules.Answer, ...]:
        return tuple(one.answer if one else None for one in self.given)

    @property
    def flagged(self) -> bool:
        return rules.flagged(*self.answers)

    @property
    def one_place(self) -> bool:
        return rules.seen_in_one_place(*self.answers)


@dataclass(frozen=True)
class Comparison:
    """Everything of one assessment. `absent` are the raters whose answers are not in, with the reason if one is known."""

    assessment: Assessment
    template: templates.Template
    columns: Sequence[Column]
    absent: Sequence[RaterForm]
    agreed: Mapping[str, Agreement]

    @cached_property
    def domains(self) -> list[DomainRow]:
        return [
            DomainRow(domain, tuple(column.figure(domain) for column in self.columns))
            for domain in self.template.domains
        ]

    @cached_property
    def items(self) -> list[ItemRow]:
        return [
            ItemRow(
                item,
                tuple(column.given.get(item.slug) for column in self.columns),
                self.agreed.get(item.slug),
            )
            for item in self.template.in_use
        ]

    @cached_property
    def overall(self) -> list[rules.Overall]:
        """One for each column."""
        return [
            rules.overall(row.figures[place] for row in self.domains) for place in range(len(self.columns))
        ]

    @property
    def agenda(self) -> list[ItemRow]:
        """What to talk over: two steps or more between two people, the widest first (domain 3.5)."""
        return sorted((row for row in self.items if row.flagged), key=lambda row: -_width(row.answers))

    @property
    def seen_in_one_place(self) -> list[ItemRow]:
        return [row for row in self.items if row.one_place and not row.flagged]

    @property
    def submitted_on(self) -> list[date]:
        return [column.form.answered_on for column in self.columns if column.form.answered_on]

    @property
    def days_apart(self) -> int:
        return rules.days_apart(self.submitted_on)

    @property
    def is_one_assessment(self) -> bool:
        return rules.one_assessment(self.submitted_on)

    def pairs(self) -> list[tuple[Column, Column, rules.Pair]]:
        """For staff: each other rater less the keyworker, then the student less each parent."""
        found = []
        for place, base in enumerate(self.columns):
            for other in self.columns[place + 1 :]:
                found.append((other, base, rules.compare_pair(other.answers, base.answers)))
        return found

    def agreed_answers(self, base: Column) -> dict[str, rules.Answer]:
        """The fourth set: one rater's answers with the agreed values in their place."""
        return {**base.answers, **{slug: row.score for slug, row in self.agreed.items()}}


def _width(answers: Iterable[rules.Answer]) -> int:
    scores = [answer for answer in answers if rules.is_score(answer)]
    return max(scores) - min(scores)


def label_of(
    form: RaterForm, student_name: str, relationships: Mapping[int, str], *, to_student: bool
) -> str:
    """How a column is headed: "Keyworker", the student's name, "Yasmin (mother)"; to the student, "Me"."""
    if form.role == Role.KEYWORKER:
        return worded("My keyworker") if to_student else worded("Keyworker")
    if form.role == Role.PUPIL:
        return "Me" if to_student else student_name
    assert form.member is not None  # the table has it so (ilsa_form_has_parent)
    said = relationships.get(form.member.pk, "")
    name = form.member.forename or form.member.name
    return f"{name} ({said.lower()})" if said else name


def load(
    assessment: Assessment, forms: Iterable[RaterForm] | None = None, *, to_student: bool = False
) -> Comparison:
    """The comparison over all raters, or over the `forms` its reader may see (with `member` loaded).

    `assessment.student` should be loaded. `to_student`: the student reads it.
    """
    if forms is None:
        forms = RaterForm.objects.filter(assessment=assessment).select_related("member")
    ordered = sorted(forms, key=lambda form: (ROLE_ORDER[Role(form.role)], form.pk))
    given = _given([form.pk for form in ordered if form.is_submitted])
    links = assessment.student.family_links.filter(ended_on__isnull=True).order_by()
    said = dict(links.values_list("member", "relationship"))
    name = assessment.student.known_as
    return Comparison(
        assessment=assessment,
        template=templates.version(assessment.template_id),
        columns=[
            Column(form, label_of(form, name, said, to_student=to_student), given[form.pk])
            for form in ordered
            if form.is_submitted
        ],
        absent=[form for form in ordered if not form.is_submitted],
        agreed={
            row.item: row for row in Agreement.objects.filter(assessment=assessment).select_related("by")
        },
    )


def _given(form_ids: Sequence[int]) -> dict[int, dict[str, Given]]:
    found: dict[int, dict[str, Given]] = {pk: {} for pk in form_ids}
    rows = Answer.objects.filter(form__in=form_ids).order_by()
    for form, item, kind, score, note in rows.values_list("form", "item", "kind", "score", "note"):
        found[form][item] = Given(answer_of(kind, score), note)
    return found


Answers = Mapping[str, rules.Answer]


@dataclass(frozen=True)
class Year:
    """One year: for each series (role, or "agreed") the answers and the figures reckoned of them.

    Where several parents answered, the parents' series is the first one's by priority of their form; no figure is
    ever made of two people's answers.
    """

    assessment: Assessment
    template: templates.Template
    answers: Mapping[str, Answers]

    @property
    def label(self) -> str:
        return self.assessment.round.year

    @cached_property
    def _figures(self) -> dict[str, dict[str, rules.DomainFigure]]:
        return {
            series: {
                domain.slug: rules.domain_figure(given.get(item.slug) for item in domain.items)
                for domain in self.template.domains
            }
            for series, given in self.answers.items()
        }

    def figure(self, series: str, domain: str) -> rules.DomainFigure | None:
        return self._figures.get(series, {}).get(domain)

    def overall(self, series: str) -> rules.Overall | None:
        figures = self._figures.get(series)
        return rules.overall(figures.values()) if figures else None


@dataclass(frozen=True, slots=True)
class YearStep:
    """From one year to the next for one series: domain by domain, and over all of them."""

    before: Year
    after: Year
    domains: Mapping[str, rules.ScoreChange]

    @property
    def overall(self) -> Fraction | None:
        return rules.overall_change(self.domains.values())

    @property
    def newly_in_scope(self) -> list[str]:
        return [slug for change in self.domains.values() for slug in change.newly_in_scope]


def years_of(assessments: Sequence[Assessment], forms: Sequence[RaterForm]) -> list[Year]:
    """Oldest first, of what the reader may see. `assessments` come with their round; `forms` are submitted ones."""
    versions = templates.versions({one.template_id for one in assessments})
    series: dict[int, dict[str, int]] = {one.pk: {} for one in assessments}
    for form in sorted(forms, key=lambda form: form.pk):
        series[form.assessment_id].setdefault(form.role, form.pk)
    wanted = {pk: (assessment, role) for assessment, roles in series.items() for role, pk in roles.items()}
    given: dict[tuple[int, str], dict[str, rules.Answer]] = {key: {} for key in wanted.values()}
    rows = Answer.objects.filter(form__in=list(wanted)).order_by()
    for pk, item, kind, score in rows.values_list("form", "item", "kind", "score"):
        given[wanted[pk]][item] = answer_of(kind, score)
    agreed: dict[int, dict[str, int]] = {}
    for assessment, item, score in (
        Agreement.objects.filter(assessment__in=list(series))
        .order_by()
        .values_list("assessment", "item", "score")
    ):
        agreed.setdefault(assessment, {})[item] = score
    found = []
    for one in sorted(assessments, key=lambda one: one.round.year):
        answers: dict[str, Answers] = {role: given[(one.pk, role)] for role in series[one.pk]}
        if one.pk in agreed and Role.KEYWORKER in answers:
            answers["agreed"] = {**answers[Role.KEYWORKER], **agreed[one.pk]}
        found.append(Year(one, versions[one.template_id], answers))
    return found


def steps(years: Sequence[Year], series: str) -> list[YearStep]:
    """Each year against the one before in which the same role answered."""
    known = [year for year in years if series in year.answers]
    return [step(before, after, series) for before, after in pairwise(known)]


def step(before: Year, after: Year, series: str) -> YearStep:
    """Two years of one series, like for like."""
    then, now = before.answers[series], after.answers[series]
    changes = {}
    for domain in after.template.domains:
        slugs = [item.slug for item in domain.items]
        old = _items_of(before, domain.slug)
        changes[domain.slug] = rules.like_for_like(
            {slug: then[slug] for slug in old if slug in then},
            {slug: now[slug] for slug in slugs if slug in now},
            after.template.equivalents,
        )
    return YearStep(before, after, changes)


def _items_of(year: Year, domain: str) -> list[str]:
    try:
        return [item.slug for item in year.template.domain(domain).items]
    except KeyError:  # a domain this version of the form did not have
        return []

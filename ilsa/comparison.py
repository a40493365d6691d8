"""One year's assessment as its reader may see it: the raters side by side, their differences, what was agreed.

Four queries whatever the number of raters and items. Nobody's answers are averaged with another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from keywork.words import worded

from . import rules, templates
from .models import Agreement, Answer, Assessment, RaterForm
from .models.assessment import Role, answer_of

AGREED = "agreed"
ROLE_ORDER = {Role.KEYWORKER: 0, Role.PUPIL: 1, Role.PARENT: 2}


@dataclass(frozen=True, slots=True)
class Given:
    """One answer with what was written beside it, which only staff and who wrote it ever read."""

    answer: rules.Answer
    note: str = ""
    suggested: bool = False


@dataclass(frozen=True)
class Column:
    """One rater whose answers are in."""

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
    """One domain, a figure for each column; `spread` in whole points between the farthest valid two."""

    domain: templates.Domain
    figures: tuple[rules.DomainFigure, ...]

    @property
    def spread(self) -> int | None:
        shown = [figure.per_cent for figure in self.figures if figure.valid and figure.per_cent is not None]
        return int(rules.rounded(max(shown) - min(shown))) if len(shown) > 1 else None


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
    for form, item, kind, score, note, suggested in rows.values_list(
        "form", "item", "kind", "score", "note", "suggested"
    ):
        found[form][item] = Given(answer_of(kind, score), note, suggested)
    return found

"""A student's assessments over their years at the school: levels as they were, change like for like (domain 3.6).

Four queries, for one year or ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from . import rules, templates
from .models import Agreement, Answer, Assessment, RaterForm
from .models.assessment import Role, answer_of

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

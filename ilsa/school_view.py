"""Independence across the school for the head: domains and PfA strands, small groups left out (domain 3.4).

The figure of a group is the mean of its students' own valid figures by the keyworker, and says of how many. A group
of fewer than five says nothing: in a small school anyone would know who is meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from . import rules, templates
from .models import Answer, RaterForm, Role, Round, answer_of

SMALL_GROUP = 5


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """`shown` is None where fewer than five students have a valid figure; `students` is then not told either."""

    shown: Decimal | None
    exported: Decimal | None
    students: int | None


NOT_TOLD = GroupFigure(None, None, None)


@dataclass(frozen=True, slots=True)
class SchoolRow:
    slug: str
    title: str
    whole: GroupFigure
    groups: tuple[GroupFigure, ...]


def group_figure(values: Iterable[Fraction]) -> GroupFigure:
    found = list(values)
    if len(found) < SMALL_GROUP:
        return NOT_TOLD
    mean = sum(found, Fraction(0)) / len(found)
    return GroupFigure(rules.rounded(mean), rules.rounded(mean, 1), len(found))


@dataclass(frozen=True)
class _Shown:
    """One student's answers by the keyworker, and the group they stand in."""

    group: str
    template: templates.Template
    answers: dict[str, rules.Answer]


def _all(round: Round, students: Iterable[int], group_of: Callable[[str, str], str]) -> list[_Shown]:
    """Every submitted keyworker's form of the round over these students; three queries."""
    rows = list(
        RaterForm.objects.submitted()
        .filter(assessment__round=round, role=Role.KEYWORKER, assessment__student__in=students)
        .order_by()
        .values_list(
            "pk", "assessment__template", "assessment__student__nc_year", "assessment__student__placement"
        )
    )
    forms = templates.versions({template for _, template, _, _ in rows})
    answers: dict[int, dict[str, rules.Answer]] = defaultdict(dict)
    for form, item, kind, score in (
        Answer.objects.filter(form__in=[row[0] for row in rows])
        .order_by()
        .values_list("form", "item", "kind", "score")
    ):
        answers[form][item] = answer_of(kind, score)
    return [
        _Shown(group_of(year, placement), forms[template], answers[pk])
        for pk, template, year, placement in rows
    ]


def table(
    round: Round,
    students: Iterable[int],
    *,
    by: str = "domain",
    group_of: Callable[[str, str], str],
    groups: tuple[str, ...],
) -> list[SchoolRow]:
    """By "domain" or by "pfa" strand, lowest first; a column for each group."""
    everyone = _all(round, list(students), group_of)
    template = templates.version(round.template_id)
    rows = []
    for slug, title in _strands(template, by):
        values: dict[str, list[Fraction]] = defaultdict(list)
        for seen in everyone:
            items = _items(seen.template, by, slug)
            figure = rules.domain_figure(seen.answers.get(item.slug) for item in items)
            if figure.valid and figure.per_cent is not None:
                values[seen.group].append(figure.per_cent)
        per_group = [group_figure(values[group]) for group in groups]
        rows.append(
            SchoolRow(
                slug,
                title,
                group_figure(chain.from_iterable(values.values())),
                _guarded(per_group, values, groups),
            )
        )
    rows.sort(key=lambda row: (row.whole.exported is None, row.whole.exported or 0, row.title))
    return rows


def _guarded(
    figures: list[GroupFigure], values: dict[str, list[Fraction]], groups: tuple[str, ...]
) -> tuple[GroupFigure, ...]:
    """What is left out could be reckoned from the whole and the groups told: so more are, fewest first, until those
    left out together are no small group, and more than one."""
    sizes = [len(values[group]) for group in groups]
    out = left_out(sizes, [place for place, figure in enumerate(figures) if figure.students])
    return tuple(NOT_TOLD if place in out else figure for place, figure in enumerate(figures))


def left_out(sizes: Sequence[int], may_tell: Iterable[int]) -> set[int]:
    """Which groups, by their place, are not told where the whole is; of those that may be, the smallest go first."""
    told = sorted((place for place in may_tell if sizes[place]), key=lambda place: -sizes[place])
    out = {place for place, size in enumerate(sizes) if size and place not in told}
    while out and told and (len(out) < 2 or sum(sizes[place] for place in out) < SMALL_GROUP):
        out.add(told.pop())
    return out


def _strands(template: templates.Template, by: str) -> list[tuple[str, str]]:
    if by == "pfa":
        return list(template.pfa_outcomes.items())
    return [(domain.slug, domain.title) for domain in template.domains]


def _items(template: templates.Template, by: str, slug: str) -> list[templates.Item]:
    if by == "pfa":
        return [item for item in template.in_use if item.pfa == slug]
    return [item for item in template.in_use if item.domain == slug]

"""From item to goal (domain 3.7): what stands at 1 or 2, and the lowest domains, offered as goals; the link is kept.

A ref is "ilsa:<assessment>:<item>". The goals themselves are kept by another app (keywork.goal_links).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from keywork import goal_links
from keywork.dates import academic_year
from keywork.goal_links import GoalOrigin, LinkedGoal
from keywork.numbers import number_in

from . import rules, templates
from .comparison import Comparison
from .models import Assessment, Role

KIND: Final = "ilsa"
OFFERED_SCORES: Final = (1, 2)
LOWEST_DOMAINS: Final = 3
MOST_OFFERED: Final = 8


def ref_of(assessment: Assessment, item: str) -> str:
    return f"{KIND}:{assessment.pk}:{item}"


def link_source(item: str, year: str) -> str:
    """ "“Asks for help when unsure”, independence 2025/26": an item and the academic year it was rated in."""
    return f"“{item.rstrip().removesuffix('.')}”, independence {academic_year(year)}"


class ItemSource:
    """Tells whoever keeps goals what a ref stands for."""

    kind = KIND

    def origin(self, ref: str, student_id: int) -> GoalOrigin | None:
        _, _, rest = ref.partition(":")
        key, _, slug = rest.partition(":")
        if (pk := number_in(key)) is None:
            return None
        assessment = Assessment.objects.filter(pk=pk, student_id=student_id).select_related("round").first()
        if assessment is None:
            return None
        template = templates.version(assessment.template_id)
        item = template.items.get(slug)
        if item is None:
            return None
        areas = template.domain(item.domain).tsp_areas
        return GoalOrigin(
            ref=ref,
            words=link_source(item.staff, assessment.round.year),
            url=reverse("ilsa:compare", args=[student_id, assessment.round.year]),
            area=areas[0] if areas else "",
            need=item.need,
            pfa=item.pfa,
        )


@dataclass(frozen=True, slots=True)
class GoalStart:
    """One item a goal could grow from, or has. `words` say where it stands."""

    item: templates.Item
    domain: str
    words: str
    in_low_domain: bool
    goals: tuple[LinkedGoal, ...]
    new_url: str


def goal_starts(found: Comparison) -> Sequence[GoalStart]:
    """Items with a goal first, then those at 1 or 2 of the lowest valid domains, then the other 1s and 2s.

    The figure is what was agreed, or else the keyworker's.
    """
    column = next((one for one in found.columns if one.role == Role.KEYWORKER), None)
    if column is None:
        return ()
    answers = found.agreed_answers(column)
    linked_goals = _by_item(found)
    low = _lowest(found, answers)
    offered = []
    for item in found.template.in_use:
        answer, goals = answers.get(item.slug), linked_goals.get(item.slug, ())
        if not goals and answer not in OFFERED_SCORES:
            continue
        words = found.template.choice(answer).staff if answer is not None else "Not answered"
        offered.append(
            GoalStart(
                item,
                found.template.domain(item.domain).title,
                f"{answer} {words}" if rules.is_score(answer) else words,
                item.domain in low,
                goals,
                goal_links.goals().new_url(found.assessment.student_id, ref_of(found.assessment, item.slug)),
            )
        )
    offered.sort(key=lambda one: (not one.goals, not one.in_low_domain))
    return offered[: max(MOST_OFFERED, sum(bool(one.goals) for one in offered))]


def _by_item(found: Comparison) -> Mapping[str, tuple[LinkedGoal, ...]]:
    """Goals that grew from any year's answer to the same item: next year's rating shows what became of them."""
    by_item: dict[str, tuple[LinkedGoal, ...]] = {}
    for goal in goal_links.goals().linked_goals(found.assessment.student, KIND):
        slug = goal.ref.rpartition(":")[2]
        by_item[slug] = (*by_item.get(slug, ()), goal)
    return by_item


def _lowest(found: Comparison, answers: Mapping[str, rules.Answer]) -> frozenset[str]:
    figures = [
        (figure.per_cent, domain.slug)
        for domain in found.template.domains
        if (figure := rules.domain_figure(answers.get(item.slug) for item in domain.items)).valid
        and figure.per_cent is not None
    ]
    return frozenset(slug for _, slug in sorted(figures)[:LOWEST_DOMAINS])

"""The versions of the form of the assessment, and a published one as code reads it: typed, immutable, the same
object as long as it stands.

`current()` costs one small query; the document itself is read from the database once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from keywork.access import Can, has_capability
from keywork.models import User
from keywork.words import translated
from questionnaires.checks import Doc
from questionnaires.typed import AUDIENCES as AUDIENCES
from questionnaires.typed import Audience, Published, Question, Section, of_question, of_section
from questionnaires.versions import Versions

from . import rules
from .models import TemplateVersion
from .questionnaire import ILSA

# In whose words each rater is asked.
AUDIENCE_OF: Mapping[str, Audience] = {"keyworker": "staff", "parent_carer": "parent", "pupil": "student"}
YEARS = ("N1", "N2", "R", *(str(year) for year in range(1, 15)))


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible answer: `value` is 0 to 4, "na" or "no"."""

    value: rules.Answer
    staff: str
    student: str
    parent: str
    descriptor: str

    def wording(self, audience: Audience) -> str:
        return translated({"staff": self.staff, "student": self.student, "parent": self.parent}[audience])


@dataclass(frozen=True, slots=True)
class Item(Question):
    """One thing to rate. `from_year` is the school year from which it usually applies, None for always."""

    from_year: int | None

    @property
    def domain(self) -> str:
        return self.section

    def usual_for(self, nc_year: str) -> bool:
        """Does it usually apply in this year group ("7", "R", "X")? Where the year says nothing, it does."""
        if self.from_year is None or nc_year not in YEARS:
            return True
        return YEARS.index(nc_year) >= YEARS.index(str(self.from_year))


@dataclass(frozen=True, slots=True)
class Domain(Section):
    tsp_areas: tuple[str, ...]
    items: tuple[Item, ...]
    retired: tuple[Item, ...]


@dataclass(frozen=True)
class Template:
    """A whole form. `version_id` is what an assessment keeps; `number` what people say."""

    version_id: int
    number: int
    student_title: str
    domains: tuple[Domain, ...]
    scale: tuple[Choice, ...]
    not_seen: Choice
    not_applicable: Choice
    pfa_outcomes: Mapping[str, str]

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """Every possible answer in the order of the form: the scale, then the two that are no score."""
        return (*self.scale, self.not_seen, self.not_applicable)

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item by slug, retired ones among them."""
        return {one.slug: one for domain in self.domains for one in (*domain.items, *domain.retired)}

    @cached_property
    def in_use(self) -> tuple[Item, ...]:
        return tuple(one for domain in self.domains for one in domain.items)

    @cached_property
    def equivalents(self) -> Mapping[str, str]:
        """New slug to the old one it is declared interchangeable with (domain 3.6)."""
        return {one.slug: one.equivalent_to for one in self.items.values() if one.equivalent_to}

    def domain(self, slug: str) -> Domain:
        """Raises KeyError."""
        return self._domains[slug]

    @cached_property
    def _domains(self) -> dict[str, Domain]:
        return {domain.slug: domain for domain in self.domains}

    def choice(self, answer: rules.Answer) -> Choice:
        """Raises KeyError for None."""
        return self._choices[answer]

    @cached_property
    def _choices(self) -> dict[rules.Answer, Choice]:
        return {choice.value: choice for choice in self.choices}


def read(row: TemplateVersion) -> Template:
    """Any version, a draft too, as a typed form; not cached."""
    doc = row.content
    others = {one["code"]: one for one in doc["non_scores"]}
    return Template(
        version_id=row.pk,
        number=row.number,
        student_title=doc["pupil_title"],
        domains=tuple(_domain(domain, number) for number, domain in enumerate(doc["domains"], 1)),
        scale=tuple(_choice(point["value"], point) for point in doc["scale"]),
        not_seen=_choice(rules.NOT_SEEN, others[rules.NOT_SEEN]),
        not_applicable=_choice(rules.NOT_APPLICABLE, others[rules.NOT_APPLICABLE]),
        pfa_outcomes=dict(doc["vocabularies"]["pfa_outcome"]),
    )


def _choice(value: rules.Answer, doc: Doc) -> Choice:
    parent = doc["parent_label"] if "parent_label" in doc else doc["label"]
    return Choice(value, doc["label"], doc["pupil_label"], parent, doc["descriptor"])


def _domain(doc: Doc, number: int) -> Domain:
    items = [
        Item(**of_question(item, doc), from_year=item["suggested_from_nc_year"]) for item in doc["items"]
    ]
    return Domain(
        **of_section(doc, number),
        tsp_areas=tuple(doc.get("related_tsp_areas", ())),
        items=tuple(one for one in items if one.active),
        retired=tuple(one for one in items if not one.active),
    )


def _runs(user: User) -> dict[str, Any]:
    return {"runs": has_capability(user, Can.RUN_ILSA)}


FORM = Versions(ILSA, TemplateVersion, beside=_runs)
_PUBLISHED = Published(FORM, read)
current, version, versions = _PUBLISHED.current, _PUBLISHED.version, _PUBLISHED.versions

"""The versions of the TSP form, and a published one as code reads it: typed, immutable, the same object as long as
it stands.

    form = current()
    for area in form.areas:
        for statement in area.statements:      # those in use; area.retired holds the others
            statement.wording("student")

`current()` costs one small query; the document itself is read from the database once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from keywork.models import User
from keywork.words import translated
from questionnaires.checks import Doc, in_use
from questionnaires.fields import Field, of_field
from questionnaires.typed import Audience, Published, Question, Section, of_question, of_section
from questionnaires.versions import Versions

from ..models import Proposal, TemplateVersion
from .questionnaire import TSP, short_label


@dataclass(frozen=True, slots=True)
class ScalePoint:
    value: int
    label: str
    student_label: str

    @property
    def short_label(self) -> str:
        return short_label(self.label)


class Statement(Question):
    __slots__ = ()

    @property
    def area(self) -> str:
        return self.section


@dataclass(frozen=True, slots=True)
class Area(Section):
    """One of the nine. `anchors` are five descriptors, from 0 to 4. A retired area has no statement in use."""

    anchors: tuple[str, ...]
    statements: tuple[Statement, ...]
    retired: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A soft tool (domain 2.4). `when` are codes."""

    slug: str
    title: str
    student_title: str
    when: tuple[str, ...]
    fields: tuple[Field, ...]
    retired: tuple[Field, ...]

    def title_for(self, audience: Audience) -> str:
        return translated(self.student_title or self.title if audience == "student" else self.title)


@dataclass(frozen=True)
class Template:
    """A whole form. `version_id` is what a record keeps; `number` what people say. `areas` are those in use."""

    version_id: int
    number: int
    areas: tuple[Area, ...]
    scale: tuple[ScalePoint, ...]
    no_opportunity: ScalePoint
    tools: tuple[Tool, ...]
    retired_areas: tuple[Area, ...] = ()

    @cached_property
    def statements(self) -> Mapping[str, Statement]:
        """Every statement by slug, retired ones among them: what an old record names is found here."""
        areas = (*self.areas, *self.retired_areas)
        return {one.slug: one for area in areas for one in (*area.statements, *area.retired)}

    @cached_property
    def in_use(self) -> tuple[Statement, ...]:
        return tuple(one for area in self.areas for one in area.statements)

    def area(self, slug: str) -> Area:
        """Raises KeyError."""
        return self._areas[slug]

    def tool(self, slug: str) -> Tool:
        """Raises KeyError."""
        return self._tools[slug]

    def has(self, slug: str) -> bool:
        """Not of a tool that came with newer code, until `migrate` has brought its sheet."""
        return slug in self._tools

    @cached_property
    def _areas(self) -> dict[str, Area]:
        return {area.slug: area for area in (*self.areas, *self.retired_areas)}

    @cached_property
    def _tools(self) -> dict[str, Tool]:
        return {tool.slug: tool for tool in self.tools}


def read(row: TemplateVersion) -> Template:
    """Any version, a draft too, as a typed form; not cached."""
    doc = row.content
    unseen = doc["non_scores"][0]
    areas = [_area(area, number) for number, area in enumerate(in_use(doc["areas"]), 1)]
    retired = [area for area in doc["areas"] if not area.get("active", True)]
    return Template(
        version_id=row.pk,
        number=row.number,
        areas=tuple(areas),
        retired_areas=tuple(_area(area, number) for number, area in enumerate(retired, len(areas) + 1)),
        scale=tuple(
            ScalePoint(point["value"], point["label"], point["pupil_label"]) for point in doc["scale"]
        ),
        no_opportunity=ScalePoint(-1, unseen["label"], unseen["pupil_label"]),
        tools=tuple(_tool(tool) for tool in doc["soft_tools"]),
    )


def _area(doc: Doc, number: int) -> Area:
    statements = [Statement(**of_question(item, doc)) for item in doc["items"]]
    return Area(
        **of_section(doc, number),
        anchors=tuple(anchor["descriptor"] for anchor in doc["anchors"]),
        statements=tuple(one for one in statements if one.active),
        retired=tuple(one for one in statements if not one.active),
    )


def _tool(doc: Doc) -> Tool:
    fields = [of_field(field) for field in doc["fields"]]
    return Tool(
        slug=doc["slug"],
        title=doc["title"],
        student_title=doc.get("pupil_title") or "",
        when=tuple(doc["when"]),
        fields=tuple(one for one in fields if one.active),
        retired=tuple(one for one in fields if not one.active),
    )


def _waiting(user: User) -> dict[str, Any]:
    return {"waiting": Proposal.objects.filter(status=Proposal.Status.OPEN).count()}


FORM = Versions(TSP, TemplateVersion, beside=_waiting)
_PUBLISHED = Published(FORM, read)
current, version, versions, published = (
    _PUBLISHED.current,
    _PUBLISHED.version,
    _PUBLISHED.versions,
    _PUBLISHED.published,
)

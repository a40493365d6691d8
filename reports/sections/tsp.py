"""Sections of the social progress record: the nine areas, goals, examples, the student's own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.urls import reverse

from goals import lines as goal_lines
from keywork.dates import day_in_full, london_date
from questionnaires import fields
from tsp.models import Answer, Evidence, GasScale, Sheet, Tool
from tsp.models.sheet import SheetQuerySet
from tsp.questions import templates
from tsp.rating import history, pictures

from ..masking import Masker, names_around
from . import Offer, Source, Span

# Examples to choose from, and of them in the report: "two dated examples" (domain 7.3).
OFFERED, CHOSEN = 12, 2
# Of the voice sheet, what is said to be read by others; "How safe I feel" and how it was given are not.
OWN_WORDS = ("going-well", "proud-of", "hopes", "people-who-help", "want-to-change", "find-hard")


def own_words(span: Span) -> list[Offer]:
    """What the student said on a voice sheet of these days, and for whom: those they chose, by name (DP-13)."""
    return _said(span, share_with_home=True)


def all_own_words(span: Span) -> list[Offer]:
    """The same for a report that only professionals and whoever is named in it read: every voice sheet."""
    return [replace(one, shared_with=None) for one in _said(span)]


def _said(span: Span, **shared: bool) -> list[Offer]:
    sheets = sheets_of(span, Tool.VOICE).filter(**shared).order_by("-happened_on", "-pk")
    return [
        Offer(
            f"sheet-{sheet.pk}-{field.slug}",
            _one_line(words),
            source=f"Voice sheet, {day_in_full(sheet.happened_on, span.known_on)}: {field.label}",
            url=reverse("tsp:sheet", args=[sheet.pk]),
            about=field.wording("student"),  # an answer without its question says something else
            shared_with=sheet.shared_with,
        )
        for sheet, field, words in answers_of(sheets, OWN_WORDS)
    ]


def sheets_of(span: Span, tool: str) -> SheetQuerySet:
    """Those of a tool that were done in these days."""
    return Sheet.objects.done().filter(
        student=span.student, tool=tool, happened_on__range=(span.first, span.last)
    )


def answers_of(
    sheets: Iterable[Sheet], names: Sequence[str]
) -> Iterator[tuple[Sheet, fields.Field, list[str]]]:
    """The answers of these sheets to fields of these names, each in words. Two queries."""
    rows = list(sheets)
    forms = templates.versions({sheet.template_id for sheet in rows})
    given = Answer.objects.filter(sheet__in=rows, field__in=names)
    values = {(sheet, name): value for sheet, name, value in given.values_list("sheet", "field", "value")}
    for sheet in rows:
        form = forms[sheet.template_id]
        asked = {one.slug: one for one in form.tool(sheet.tool).fields}
        for name in names:
            value = values.get((sheet.pk, name))
            if name in asked and value:
                words = [" ".join(one.split()) for one in fields.in_words(asked[name], value, form)]
                if any(words):
                    yield sheet, asked[name], words


def examples(span: Span) -> list[Offer]:
    """What was seen and written down as an example of progress, oldest first: the newest stand in the report."""
    rows = Evidence.objects.filter(
        point__student=span.student, on__range=(span.first, span.last), removed_at__isnull=True
    ).exclude(words="")
    found = [
        Offer(
            f"evidence-{row.pk}",
            row.words,
            on=row.on,
            source=f"Example written down by {row.by.get_short_name()}, {row.get_setting_display().lower()}",
            url=reverse("tsp:workspace", args=[span.student.pk, row.point.term, row.point.kind]),
        )
        for row in rows.select_related("by", "point").order_by("on", "pk")
    ]
    in_order = sorted([*found, *_observed(span)], key=lambda one: (one.on or date.min, one.key))[-OFFERED:]
    masker = Masker(names_around(span.student))
    masked = [masker.mask(one.words) for one in in_order]
    # Where somebody of another family is named, or may be, the writer decides whether it goes in at all.
    alone = [one for one, words in zip(in_order, masked, strict=True) if not (words.covered or words.marked)]
    return [
        replace(one, words=words.text, chosen=one in alone[-CHOSEN:])
        for one, words in zip(in_order, masked, strict=True)
    ]


def _observed(span: Span) -> list[Offer]:
    sheets = list(sheets_of(span, Tool.OBSERVATION).select_related("author"))
    answers = Answer.objects.filter(sheet__in=sheets, field="what-happened").order_by()
    said = dict(answers.values_list("sheet", "value"))
    return [
        Offer(
            f"sheet-{sheet.pk}-what-happened",
            _one_line([str(said[sheet.pk])]),
            on=sheet.happened_on,
            source=f"Observation by {sheet.author.get_short_name() if sheet.author else sheet.author_words}",
            url=reverse("tsp:sheet", args=[sheet.pk]),
        )
        for sheet in sheets
        if said.get(sheet.pk)
    ]


def _points(span: Span) -> list[history.PointScores]:
    """What was finished by the last day of the span."""
    found = history.points_of(span.student, span.school.calendar, finished_only=True)
    return [one for one in found if one.done_on is not None and one.done_on <= span.last]


def areas(span: Span) -> dict[str, Any]:
    """The nine areas, at the beginning of the school year and now, in the words of parents."""
    points = _points(span)
    start = pictures.usual_start(points)
    if start is None:
        return {"rows": []}
    return drawn_areas(points, start, span.known_on, audience="parent")


def rated_in(span: Span) -> list[Source]:
    """The baseline or review that the areas are from, and the one they are compared with."""
    points = _points(span)
    start = pictures.usual_start(points)
    return ratings_of(span, [start, points[-1]]) if start is not None else []


def ratings_of(span: Span, points: Sequence[history.PointScores]) -> list[Source]:
    """Each point once."""
    found = {one.pk: one for one in points}.values()
    return [
        Source(
            f"{pictures.NAMES[one.kind]}, {pictures.term_in_short(one.term).lower()}",
            reverse("tsp:workspace", args=[span.student.pk, one.term, one.kind]),
        )
        for one in found
    ]


def goals_of(span: Span) -> list[Source]:
    return [Source(f"“{one.words}”", reverse("goals:goal", args=[one.pk])) for one in _goals(span)]


def drawn_areas(
    points: Sequence[history.PointScores],
    start: history.PointScores,
    known_on: date,
    *,
    audience: templates.Audience,
) -> dict[str, Any]:
    """From `start` to the newest of `points`; for staff with the figures and how long a change has held."""
    drawn = pictures.profile(points, start, known_on, audience=audience)
    return {
        "then": drawn.start_label,
        "now": drawn.now_label,
        "scale": [drawn.start.form.scale[place].short_label for place in range(5)],
        "rows": [_area(row, held=audience == "staff") for row in drawn.rows],
    }


def _area(row: pictures.ProfileRow, *, held: bool) -> dict[str, Any]:
    then, now = _along(row.then), _along(row.now)
    return {
        "slug": row.slug,
        "title": row.title,
        "then": then,
        "now": now,
        "then_words": row.then_words,
        "now_words": row.now_words,
        "moved": row.moved,
        "fell": row.fell and row.moved,
        "told": row.in_a_sentence,
        "held": row.change_words if held and row.now is not None else "",
    }


def _along(score: Any) -> float | None:
    """Place in the picture, 216 wide, that begins at 10."""
    return None if score is None else round(10 + float(score) / 4 * 216, 1)


def why_harder(span: Span) -> list[Offer]:
    """A line to be written for each area that fell by half a step or more: home is told why (domain 2.3)."""
    return why_harder_of(areas(span))


def why_harder_of(facts: dict[str, Any]) -> list[Offer]:
    return [
        Offer(f"area-{row['slug']}", prompt=f"Why “{row['title']}” was harder", about=row["slug"])
        for row in facts["rows"]
        if row["fell"]
    ]


def _goals(span: Span) -> list[goal_lines.GoalLine]:
    """The agreed goals worked on in these days, in the words that are shared with home."""
    rows = [
        goal
        for goal in goal_lines.goal_rows(span.student.pk)
        if goal.agreed_at is not None
        and london_date(goal.agreed_at) <= span.last
        and goal.withdrawn_at is None
        and (goal.closed_at is None or london_date(goal.closed_at) >= span.first)
    ]
    column = goal_lines.column(span.student, span.term.id, None, "parent", rows)
    return list(column.shown)


def goals(span: Span) -> dict[str, Any]:
    """Each goal in the student's words: what was hoped for, and where they are."""
    return {"goals": [_goal(one) for one in _goals(span)]}


def _goal(line: goal_lines.GoalLine) -> dict[str, Any]:
    hoped = next((step.words for step in line.steps if step.is_expected), "")
    return {
        "key": str(line.pk),
        "words": line.words,
        "hoped": hoped,
        "level": line.level_words,
        "where": line.where,
        "area": line.area_title,
        "active": line.is_active,
        "outcomes": [f"Outcome {one.number}" for one in line.outcomes],
        "steps": [
            {
                "label": step.label,
                "name": step.name,
                "words": step.words,
                "now": step.is_now,
                "then": step.value == line.baseline,
                "hoped": step.is_expected,
            }
            for step in line.steps
        ],
    }


def what_helped(span: Span) -> list[Offer]:
    """For each goal, what adults were to do, to be told as what helped."""
    lines = _goals(span)
    agreed = GasScale.objects.filter(goal__in=[one.pk for one in lines], agreed_at__isnull=False)
    support = dict(agreed.order_by("number").values_list("goal", "support"))  # of each the newest
    return [
        Offer(
            f"goal-{one.pk}",
            _one_line([support.get(one.pk, "")]),
            source="What adults agreed to do" if support.get(one.pk) else "",
            url=reverse("goals:goal", args=[one.pk]),
            prompt=f"What helped with “{one.words}”",
            about=str(one.pk),
        )
        for one in lines
    ]


def next_goals(span: Span) -> list[Offer]:
    source = "A goal that goes on"
    return [
        Offer(f"next-{one.pk}", one.words, source=source, url=reverse("goals:goal", args=[one.pk]))
        for one in _goals(span)
        if one.is_active
    ]


def _one_line(parts: Sequence[str]) -> str:
    return " ".join(" ".join(parts).split())


def goals_in_words(facts: Any) -> str:
    count = len(facts.get("goals", ()))
    return f"{count} goal{'' if count == 1 else 's'}" if count else "No goal agreed"


def areas_in_words(facts: Any) -> str:
    rows = facts.get("rows", ())
    said = sum(row["then"] is not None for row in rows)
    return f"{said} of {len(rows)}, picture and words" if rows else "Not rated yet"

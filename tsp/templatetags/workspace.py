"""Words and values of the workspace: `{% load workspace %}`."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import template

from keywork import saving
from keywork.addresses import numbered
from keywork.dates import day_in_full
from keywork.numbers import in_words
from students.models import Student
from tsp.models import Evidence, Setting
from tsp.questions.templates import Template
from tsp.rating import rules
from tsp.rating.assessment_points import AreaState, StatementState, area_part
from tsp.rating.evidence import kinds
from tsp.rating.pictures import score_in_words
from tsp.sheets.lines import Ticks

register = template.Library()

NO_CHANCE = "No chance to see"
_SETTINGS = dict(Setting.choices)


def answers(form: Template) -> tuple[tuple[str, str], ...]:
    """What can be answered, in order: ("2", "2 Developing"), at the end ("no", "No chance to see")."""
    points = tuple((str(point.value), f"{point.value} {point.short_label}") for point in form.scale)
    return (*points, (rules.NO_OPPORTUNITY, NO_CHANCE))


def answer_words(form: Template) -> dict[str, str]:
    return dict(answers(form))


@register.inclusion_tag("tsp/_ws_scale.html")
def scale(
    state: StatementState, form: Template, mine: dict[str, saving.Values] | None = None
) -> dict[str, object]:
    """Six radio buttons and their hidden partner. `mine` are answers typed and not saved, by field."""
    held = (str(state.shown),) if state.shown is not None else ()
    return {
        "slug": state.slug,
        "answers": answers(form),
        "shown": held if mine is None else mine.get(f"rating:{state.slug}", held),
        "base": saving.base(state.version, held),
    }


@register.simple_tag
def answer(state: StatementState, form: Template) -> str:
    return answer_words(form).get(str(state.shown), "") if state.shown is not None else ""


def setting_name(code: str) -> str:
    return str(_SETTINGS.get(code, code))


@register.simple_tag
def area_words(score: Any, form: Template) -> str:
    return score_in_words(score, form)


class Gap(NamedTuple):
    """“Mostly” needs two dated examples from two places. There is one so far."""

    needs: str
    so_far: str


@register.simple_tag
def gap_of(state: StatementState, form: Template) -> Gap | None:
    """What an answer of 3 or 4 still wants; None when nothing."""
    gap = state.gap
    if gap is None or state.rating is None:
        return None
    label = form.scale[int(state.rating)].short_label
    needs = f"“{label}” needs {in_words(gap.pieces_wanted)} dated examples from {in_words(gap.settings_wanted)} places."
    if not gap.pieces:
        return Gap(needs, "There is none yet.")
    places = "one place" if gap.settings == 1 else f"{in_words(gap.settings)} places"
    there = "There is one" if gap.pieces == 1 else f"There are {in_words(gap.pieces)}"
    return Gap(needs, f"{there} so far." if gap.pieces == 1 else f"{there} so far, from {places}.")


@register.filter
def slugged(field: str) -> str:
    return field.replace(":", "-")


@register.filter
def of(told: dict[str, object] | None, field: str) -> object:
    """What is told of one field; nothing for most."""
    return (told or {}).get(field, {})


@register.simple_tag
def ticks_words(ticks: dict[str, Ticks], state: StatementState, student: Student) -> str:
    """BJ says “sometimes”. Home says “yes”. Never reckoned in."""
    told = ticks.get(state.slug)
    if told is None:
        return ""
    words = []
    if told.student_words:
        words.append(f"{student.known_as} says “{told.student_words}”.")
    if told.home_words:
        words.append(f"Home says “{told.home_words}”.")
    return " ".join(words)


@register.simple_tag
def note_of(area: AreaState, mine: dict[str, saving.Values] | None = None) -> dict[str, object]:
    """The note of an area as its box shows it."""
    field = f"narrative:{area_part(area.slug)}"
    stored = area.note.text if area.note else ""
    typed = (mine or {}).get(field)
    return {
        "field": field,
        "stored": stored,
        "version": area.note.version if area.note else 0,
        "text": stored if typed is None else "".join(typed[:1]),
    }


@register.filter
def source_name(piece: Evidence) -> str:
    """ "from the sessions": what kind of entry it is; its words stay where they may be read."""
    return f"from {kinds().get(piece.source_kind, 'the timeline').lower()}"


@register.simple_tag
def source_url(student: Student, piece: Evidence) -> str:
    """The timeline from this entry on: who may not read it there does not find it."""
    after = f"{piece.on.isoformat()}.{piece.source_kind}.{(piece.source_pk or 0) + 1}"
    query = urlencode({"kind": piece.source_kind, "before": after})
    return f"{numbered('students:record').format(student.pk)}?{query}"


@register.simple_tag
def examples_url(place: Any, state: StatementState) -> str:
    return place.url("ws_examples", state.slug)


@register.simple_tag
def piece_words(piece: Evidence, today: date) -> str:
    told = f"{day_in_full(piece.on, today)}, {setting_name(piece.setting).lower()}"
    return f"{told}: {piece.words}" if piece.words else told

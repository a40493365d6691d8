"""What stands in the workspace fifty times, written by functions: `{% load workspace %}`."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from keywork import saving
from keywork.addresses import numbered
from keywork.dates import day_in_full
from keywork.templatetags.kw import icon_svg
from students.models import Student
from tsp import rules
from tsp.examples import kinds
from tsp.models import Evidence, Setting
from tsp.sheet_lines import Ticks
from tsp.templates import Template
from tsp.windows import AreaState, StatementState, area_part, score_words

register = template.Library()

NO_CHANCE = "No chance to see"
_SETTINGS = dict(Setting.choices)


def answers(form: Template) -> tuple[tuple[str, str], ...]:
    """What can be answered, in order: ("2", "2 Developing"), at the end ("no", "No chance to see")."""
    points = tuple((str(point.value), f"{point.value} {point.short_label}") for point in form.scale)
    return (*points, (rules.NO_OPPORTUNITY, NO_CHANCE))


def answer_words(form: Template) -> dict[str, str]:
    return dict(answers(form))


@register.simple_tag
def scale(state: StatementState, form: Template, mine: dict[str, saving.Values] | None = None) -> SafeString:
    """Six radio buttons and their hidden partner. `mine` are answers typed and not saved, by field."""
    slug = escape(state.slug)
    held = (str(state.shown),) if state.shown is not None else ()
    shown = held if mine is None else mine.get(f"rating:{state.slug}", held)
    cells = "".join(
        f'<div class="form-check"><input class="form-check-input" type="radio" name="rating:{slug}" '
        f'id="r-{slug}-{value}" value="{value}" form="ws"{" checked" if value in shown else ""}>'
        f'<label class="form-check-label" for="r-{slug}-{value}">{escape(label)}</label></div>'
        for value, label in answers(form)
    )
    partner = saving.base(state.version, held)
    return mark_safe(
        f'<div class="kw-choices kw-scale">{cells}</div>'
        f'<input type="hidden" name="base:rating:{slug}" value="{partner}" form="ws">'
    )


@register.simple_tag
def answer(state: StatementState, form: Template) -> str:
    """ "2 Developing"; "" while nobody has answered."""
    return answer_words(form).get(str(state.shown), "") if state.shown is not None else ""


def setting_name(code: str) -> str:
    """ "In a lesson"."""
    return str(_SETTINGS.get(code, code))


@register.simple_tag
def area_words(score: object, form: Template) -> str:
    """ "Developing (2.2)", "Too few rated to say yet"."""
    return score_words(score, form)  # type: ignore[arg-type]


_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


def gap_words(state: StatementState, form: Template) -> SafeString:
    """“Mostly” needs two dated examples from two places. There is one so far."""
    gap = state.gap
    if gap is None:
        return mark_safe("")
    label = escape(form.scale[int(state.rating)].short_label)  # type: ignore[arg-type]
    wanted = f"{_word(gap.pieces_wanted)} dated examples from {_word(gap.settings_wanted)} places"
    if not gap.pieces:
        so_far = "There is none yet."
    else:
        places = "one place" if gap.settings == 1 else f"{_word(gap.settings)} places"
        there = "There is one" if gap.pieces == 1 else f"There are {_word(gap.pieces)}"
        so_far = f"{there} so far." if gap.pieces == 1 else f"{there} so far, from {places}."
    return mark_safe(f"<strong>“{label}” needs {wanted}.</strong> {so_far}")


def _word(number: int) -> str:
    return _NUMBERS.get(number, str(number))


@register.filter
def slugged(field: str) -> str:
    """A field's name as part of an id."""
    return field.replace(":", "-")


@register.filter
def of(told: dict[str, object] | None, field: str) -> object:
    """What is told of one field; nothing for most."""
    return (told or {}).get(field, {})


@register.simple_tag
def ticks_words(ticks: dict[str, Ticks], state: StatementState, student: Student) -> SafeString:
    """BJ says “sometimes”. Home says “yes”. Never reckoned in."""
    told = ticks.get(state.slug)
    if told is None:
        return mark_safe("")
    words = []
    if told.student_words:
        words.append(f"{student.known_as} says “{told.student_words}”.")
    if told.home_words:
        words.append(f"Home says “{told.home_words}”.")
    return mark_safe(f'<p class="form-text">{escape(" ".join(words))}</p>')


@register.simple_tag
def note_of(area: AreaState, mine: dict[str, saving.Values] | None = None) -> dict[str, object]:
    """The note of an area as its box shows it."""
    field = f"passage:{area_part(area.slug)}"
    stored = area.note.text if area.note else ""
    typed = (mine or {}).get(field)
    return {
        "field": field,
        "stored": stored,
        "version": area.note.version if area.note else 0,
        "text": stored if typed is None else "".join(typed[:1]),
    }


def source_name(piece: Evidence) -> str:
    """ "from the sessions": what kind of entry it is; its words stay where they may be read."""
    return f"from {kinds().get(piece.source_kind, 'the timeline').lower()}"


def source_url(student: Student, piece: Evidence) -> str:
    """The timeline from this entry on: who may not read it there does not find it."""
    after = f"{piece.on.isoformat()}.{piece.source_kind}.{(piece.source_pk or 0) + 1}"
    query = urlencode({"kind": piece.source_kind, "before": after})
    return f"{numbered('students:record').format(student.pk)}?{query}"


# ---------------------------------------------------------------------------- beside a statement


@register.simple_tag(takes_context=True)
def side(context: Context, state: StatementState) -> SafeString:
    """What stands under a statement's answers: its examples, what a 3 or 4 still wants, and how to add one.

    `tsp/_ws_side.html` is this alone, for a piece of the page; the page has it fifty times.
    """
    slug, edits = escape(state.slug), context["edits"]
    gap = gap_words(state, context["form"])
    parts = [f'<div class="kw-side-note kw-small" id="ws-side-{slug}">']
    if state.evidence:
        rows = "".join(_piece(context, piece, slug) for piece in state.evidence)
        parts.append(f'<ul class="kw-evidence">{rows}</ul>')
    if edits:
        there = escape(context["place"].url("ws_examples", state.slug))
        staff = escape(state.statement.staff)
        focus = " data-focus" if context.get("focus") else ""
        add = (
            f'href="{there}" hx-get="{there}" hx-target="#ws-examples-{slug}"{focus}>Add an example'
            f'<span class="visually-hidden"> of: {staff}</span></a>'
        )
        if gap:
            parts.append(
                f'<div class="kw-message is-soon">{icon_svg("light-bulb")}<div class="kw-small">'
                f"<p>{gap} <a {add}</p></div></div>"
            )
        else:
            parts.append(f'<p class="kw-side-acts"><a class="kw-act" {add}</p>')
        if state.row is not None:
            parts.append(
                f'<noscript><button class="btn btn-quiet" type="submit" form="ws" name="clear" value="{slug}">'
                f'Take the answer away<span class="visually-hidden">: {staff}</span></button></noscript>'
            )
        parts.append(f'<div id="ws-examples-{slug}"></div>')
    elif gap:
        parts.append(f'<p class="kw-soft">{gap}</p>')
    parts.append("</div>")
    return mark_safe("".join(parts))


def _piece(context: Context, piece: Evidence, slug: str) -> str:
    """One example: when, where, what; and a button to take it away."""
    day = day_in_full(piece.on, context["today"])
    told = f"{day}, {setting_name(piece.setting).lower()}"
    if piece.words:
        told += f": {piece.words}"
    said = escape(told)
    if piece.source_kind:
        link = escape(source_url(context["student"], piece))
        said += mark_safe(f': <a href="{link}">{escape(source_name(piece))}</a>')
    if not context["edits"]:
        return f"<li><span hx-disable>{said}</span></li>"
    away = numbered("tsp:ws_example_remove").format(piece.pk)
    return (
        f'<li><span hx-disable>{said}</span> <form method="post" action="{away}" hx-post="{away}" '
        f'hx-target="#ws-side-{slug}" hx-swap="outerHTML">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{context["csrf_token"]}">'
        f'<button class="btn btn-quiet" type="submit">Take away'
        f'<span class="visually-hidden">: example of {day}</span></button></form></li>'
    )

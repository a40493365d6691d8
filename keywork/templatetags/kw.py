"""Dates in words, icons and state badges for every page: `{% load kw %}`.

Icons and badges are plain strings, never rendered templates: an oversight page may hold two hundred of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from functools import cache, lru_cache
from html import escape
from typing import Any, NamedTuple

from django import template
from django.forms import BaseForm
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Parser,
    TextNode,
    Token,
    VariableNode,
    token_kwargs,
)
from django.template.context import Context
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags.heroicons import heroicon_mini

from keywork import clock, contact_hold, dates, http, languages, names, rewording
from keywork.numbers import figures, in_words
from keywork.policy import plural
from keywork.words import counted as in_numbers
from keywork.words import translated, worded

register = template.Library()

# The icon of each level of `keywork.duties.LEVELS`; `info` is for states of no duty (nobody, on hold).
LEVEL_ICONS = {
    "none": "minus",
    "open": "ellipsis-horizontal-circle",
    "ok": "check",
    "info": "information-circle",
    "soon": "clock",
    "missed": "x-circle",
    "overdue": "exclamation-triangle",
}
MESSAGE_ICONS = {
    "ok": "check-circle",
    "soon": "exclamation-circle",
    "first": "bell-alert",
    "info": "information-circle",
}


# Icons that point along the line: where lines begin on the right, they point the other way.
TURNING = frozenset(
    {
        "arrow-left",
        "arrow-right",
        "arrow-right-start-on-rectangle",
        "arrow-uturn-left",
        "chevron-left",
        "chevron-right",
    }
)


def _civil(value: date | datetime) -> date:
    """The date in London of a date or an aware datetime."""
    if isinstance(value, datetime):
        return dates.london_date(value)
    return value


def _clock(value: time | datetime) -> time:
    if isinstance(value, datetime):
        return value.astimezone(dates.LONDON).time()
    return value


@register.filter
def full_date(value: date | datetime | None) -> str:
    """ "Thursday 26 November"; with the year when it is not this one: "Thursday 4 March 2027"."""
    return dates.day_in_full(_civil(value), clock.today()) if value else ""


@register.filter
def full_date_year(value: date | datetime | None) -> str:
    """ "Thursday 26 November 2026": for headings, records and anything printed."""
    return dates.day_in_full(_civil(value)) if value else ""


@register.filter
def academic_year(value: str) -> str:
    """ "2026/27" of the calendar's "2026-27"."""
    return dates.academic_year(value)


@register.filter
def from_now(value: date | datetime | None) -> str:
    """The distance from today: "today", "tomorrow", "in 3 days", "yesterday", "3 days ago"."""
    return dates.days_from_today(_civil(value), clock.today()) if value else ""


@register.filter
def clock_time(value: time | datetime | None) -> str:
    """ "3.15 pm", "2 pm": when something happens or happened."""
    if value is None or value == "":
        return ""
    return dates.time_of_day(_clock(value))


@cache
def icon_svg(name: str, extra_class: str = "") -> SafeString:
    """The mini heroicon `name` as inline SVG, hidden from screen readers. An unknown name raises."""
    turns = "kw-turns" if name in TURNING else ""
    css = " ".join(filter(None, ("kw-icon", turns, extra_class)))
    svg = heroicon_mini(str(name), size=None, **{"class": css})
    return mark_safe("".join(line.strip() for line in svg.splitlines()))


class IconNode(Node):
    def __init__(self, name: FilterExpression, extra_class: FilterExpression | None) -> None:
        self.name, self.extra_class = name, extra_class

    def render(self, context: Context) -> SafeString:
        extra = self.extra_class.resolve(context) if self.extra_class else ""
        return icon_svg(self.name.resolve(context), extra or "")


@register.tag
def icon(parser: Parser, token: Token) -> Node:
    """`{% icon "phone" %}`, `{% icon entry.icon "is-lg" %}`. Quoted, it is drawn once, when compiled."""
    bits = token.split_contents()[1:]
    if len(bits) not in (1, 2):
        raise template.TemplateSyntaxError('icon takes a name, perhaps a class: {% icon "phone" "is-lg" %}')
    arguments = [parser.compile_filter(bit) for bit in bits]
    if not any(argument.is_var or argument.filters for argument in arguments):
        return TextNode(icon_svg(*(argument.resolve(Context()) for argument in arguments)))
    return IconNode(arguments[0], arguments[1] if len(arguments) == 2 else None)


@register.simple_tag
def message_icon(level: str) -> SafeString:
    """The icon of a message: a level, or "first" for what to read first."""
    return icon_svg(MESSAGE_ICONS[level])


@register.simple_tag
def band_icon(level: str) -> SafeString:
    """The icon of a "next" band: filled shapes, as the band is larger than a badge."""
    return icon_svg("check-circle" if level == "ok" else LEVEL_ICONS[level])


def badge(level: str, label: str) -> SafeString:
    """A state as icon and word. `label` is escaped; an unknown level raises."""
    # A lazy text is another one for each reader, and would be kept as the first.
    return _badge(level, str(label))


@lru_cache(maxsize=1000)
def _badge(level: str, label: str) -> SafeString:
    return mark_safe(
        f'<span class="kw-state is-{level}">{icon_svg(LEVEL_ICONS[level])}{escape(label)}</span>'
    )


SELECTED = mark_safe(" selected")


@register.filter
def drawn_options(options: Iterable[tuple[str, Any, bool]]) -> SafeString:
    """The options of a select: value, words, and whether it is chosen. By a function, as a school has hundreds of names."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if chosen else "", words) for value, words, chosen in options),
    )


@register.simple_tag
def state_badge(state: Any) -> SafeString:
    """`{% state_badge duty %}`: anything with `level` and `label` (keywork.duties.DutyState)."""
    return badge(state.level, state.label)


@register.simple_tag(name="badge")
def badge_tag(level: str, label: str) -> SafeString:
    """`{% badge "info" "Nobody" %}`: a state in place, with no object behind it."""
    return badge(level, translated(label))


@register.simple_tag
def table_head(*titles: str) -> SafeString:
    """`{% table_head "Student" "State" %}`: the head of a table, a column for each title."""
    return _table_head(*map(str, titles))


@lru_cache(maxsize=500)
def _table_head(*titles: str) -> SafeString:
    cells = format_html_join(
        "", '<th role="columnheader" scope="col">{}</th>', ((title,) for title in titles)
    )
    return format_html('<thead role="rowgroup"><tr role="row">{}</tr></thead>', cells)


@register.filter
def message_level(message: object) -> str:
    """The look of a Django message: debug and info bare, success ok, warning and error soon."""
    return {"success": "ok", "warning": "soon", "error": "soon"}.get(
        getattr(message, "level_tag", ""), "info"
    )


@register.filter
def initials(name: str) -> str:
    """ "RW" of "Ros Whitcombe": first and last word, for the round face."""
    words = [word for word in str(name).replace("(", " ").split() if word[0].isalpha()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else ""


@register.filter(is_safe=True)
@stringfilter
def ended(text: str) -> str:
    """`{{ student.known_as|ended }}`: what a person typed at the end of a sentence, with one full stop."""
    return names.ended(text)


register.filter(figures)


@register.filter
def counted(count: int, thing: str) -> str:
    """ "One thing", "Two things", "12 things": a count that begins a sentence."""
    if languages.spoken() != languages.ENGLISH:
        return in_numbers(f"{{count}} {thing}", f"{{count}} {plural(thing)}", count)
    return f"{in_words(count).capitalize()} {worded(thing) if count == 1 else worded(plural(thing))}"


class Problem(NamedTuple):
    text: str
    target: str  # id of the control; empty when the problem is of no one field


@register.simple_tag
def form_problems(form: BaseForm) -> list[Problem]:
    """What the error summary lists: first what is wrong with the whole, then field by field as they stand."""
    if not form.is_bound:
        return []
    problems = [Problem(str(text), "") for text in form.non_field_errors()]
    for bound in form:
        if not bound.errors:
            continue
        target = bound.id_for_label
        if bound.is_hidden:
            target = ""
        elif not target:  # a group of radios or checkboxes: its first answer
            target = next((option.id_for_label for option in bound.subwidgets), "")
        problems += [Problem(str(text), target) for text in bound.errors]
    return problems


@register.simple_tag(takes_context=True)
def page_query(context: Context, key: str, value: object) -> str:
    """The present query with one key changed: `{% page_query "page" 3 %}`. The key may be a variable."""
    query = context["request"].GET.copy()
    query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def sort_state(column: Any) -> str:
    """The aria-sort of a column of django-tables2: ascending, descending, or empty."""
    if not (column.orderable and column.is_ordered):
        return ""
    return "descending" if column.order_by_alias.is_descending else "ascending"


@register.inclusion_tag("components/home_on_hold.html")
def home_on_hold(student_id: int) -> dict[str, str]:
    """`{% home_on_hold student.pk %}`: on a page that tells home something, why nobody is told now, and when."""
    return {"words": contact_hold.hears_later(student_id)}


@register.inclusion_tag("components/reworded.html")
def reworded(before: str, after: str, side: str = "") -> dict[str, Any]:
    """The words that were taken out and put in; of one `side`, "before" or "after", only what stood or stands there."""
    hidden = {"before": "in", "after": "out"}.get(side)
    return {"stretches": [one for one in rewording.reworded(before, after) if one.kept != hidden]}


@register.tag
def component(parser: Parser, token: Token) -> Node:
    """`{% component "message" level="soon" %}…{% endcomponent %}`: components/message.html, around what stands between.

    The template knows that as `body`, and what is given by name; of the page it knows nothing.
    """
    bits = token.split_contents()[1:]
    name = bits.pop(0) if bits else ""
    given = token_kwargs(bits, parser)
    if bits or name[:1] not in ('"', "'"):
        raise template.TemplateSyntaxError(
            'component takes a quoted name, then names with values: {% component "message" level="soon" %}'
        )
    body = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return ComponentNode(f"components/{name[1:-1]}.html", given, body)


class Given(Context):
    """What a component was given. The rest is empty: Django looks long for a name that is nowhere."""

    def __getitem__(self, key: Any) -> Any:
        return self.get(key, "")


class ComponentNode(Node):
    def __init__(self, name: str, given: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.name, self.given, self.nodelist = name, given, nodelist

    def render(self, context: Context) -> SafeString:
        assert context.template  # that which holds this, being drawn
        around = context.template.engine.get_template(self.name)
        given = {name: value.resolve(context) for name, value in self.given.items()}
        given["body"] = mark_safe(self.nodelist.render(context).strip())
        return around.render(Given(given, autoescape=context.autoescape))


@register.tag
def captured(parser: Parser, token: Token) -> Node:
    """`{% captured as name %}…{% endcaptured %}`: a piece of markup to hand to a component."""
    try:
        _, _, name = token.split_contents()
    except ValueError as error:
        raise template.TemplateSyntaxError("captured needs: {% captured as name %}") from error
    body = parser.parse(("endcaptured",))
    parser.delete_first_token()
    return CapturedNode(body, name)


class CapturedNode(Node):
    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: Context) -> str:
        context[self.name] = self.nodelist.render(context)
        return ""


@register.tag
def lasting(parser: Parser, token: Token) -> Node:
    """`{% lasting %}…{% endlasting %}`: what is the same on every page, drawn once a process in each language.

    Nothing of a request can be in it: a variable is refused, and it is drawn of an empty context.
    """
    body = parser.parse(("endlasting",))
    parser.delete_first_token()
    if variables := body.get_nodes_by_type(VariableNode):
        raise template.TemplateSyntaxError(
            f"What lasts is the same for everybody: {variables[0]} cannot be in it."
        )
    return LastingNode(body)


class LastingNode(Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.drawn: dict[str, SafeString] = {}  # by language

    def render(self, context: Context) -> SafeString:
        language = languages.spoken()
        if language not in self.drawn:
            self.drawn[language] = self.nodelist.render(Context())
        return self.drawn[language]


@register.simple_tag(takes_context=True, name="page_before")
def _page_before(context: Context) -> str:
    return http.page_before(context["request"])


@register.filter
def unbroken(words: str, name: str = "kp-nowrap") -> str:
    """Words in which “e-mail” is never broken at its hyphen: on paper, or with the class of a page in a narrow column."""
    parts = re.split(r"(e-mails?)", words, flags=re.IGNORECASE)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="{}">{}</span>', name, part) if n % 2 else part,)
            for n, part in enumerate(parts)
        ),
    )

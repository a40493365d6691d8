"""Dates, icons and badges as pages ask for them."""

import re
from datetime import UTC, date, datetime, time

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from heroicons import IconDoesNotExist

from keywork.dates import days_from_today, number_of_days
from keywork.duties import LEVELS
from keywork.numbers import in_words
from keywork.templatetags import kw
from keywork.words import translated
from tests.reading import as_read

pytestmark = pytest.mark.django_db  # Keywork's own words are said as the school's policy has them


def render(source: str, **context) -> str:
    return Template("{% load kw %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 26), "Thursday 26 November"),
        (date(2027, 3, 4), "Thursday 4 March 2027"),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "Thursday 2 July"),  # past midnight in London
        (None, ""),
    ],
)
def test_full_date(today, day, words):
    assert kw.full_date(day) == words


def test_full_date_year(today):
    assert kw.full_date_year(date(2026, 11, 26)) == "Thursday 26 November 2026"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 23), "today"),
        (date(2026, 11, 24), "tomorrow"),
        (date(2026, 11, 26), "in 3 days"),
        (date(2026, 11, 22), "yesterday"),
        (date(2026, 11, 20), "3 days ago"),
    ],
)
def test_from_now(today, day, words):
    assert kw.from_now(day) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(15, 15), "3.15 pm"),
        (time(14), "2 pm"),
        (time(0, 5), "12.05 am"),
        (time(12), "12 pm"),
        (datetime(2026, 7, 1, 8, 20, tzinfo=UTC), "9.20 am"),
    ],
)
def test_clock_time(at, words):
    assert kw.clock_time(at) == words


def test_thousands_have_a_comma_and_published_forms_their_apostrophes():
    assert (number_of_days(4895), in_words(4895)) == ("4,895 days", "4,895")
    assert render("{{ count|figures }} of {{ 12|figures }}", count=4895) == "4,895 of 12"
    assert days_from_today(date(2026, 11, 23), date(2040, 4, 17)) == "4,894 days ago"
    assert translated("I can't do this yet") == "I can’t do this yet"


def test_icon_is_hidden_from_screen_readers_and_carries_its_class():
    drawn = render('{% icon "phone" "is-lg" %}')
    assert 'class="kw-icon is-lg"' in drawn
    assert 'aria-hidden="true"' in drawn


def test_icon_by_variable_is_the_same_as_by_name():
    assert render("{% icon name %}", name="phone") == render('{% icon "phone" %}')


def test_unknown_icon_is_refused_when_the_page_is_compiled():
    with pytest.raises(IconDoesNotExist):
        Template('{% load kw %}{% icon "no-such-icon" %}')


def test_icon_needs_a_name():
    with pytest.raises(TemplateSyntaxError):
        Template("{% load kw %}{% icon %}")


@pytest.mark.parametrize("level", sorted({*LEVELS.values(), "info"}))
def test_every_level_has_a_badge_with_icon_and_word(level):
    drawn = kw.badge(level, "Part done")
    assert drawn.startswith(f'<span class="kw-state is-{level}"><svg')
    assert drawn.endswith("</svg>Part done</span>")


def test_badge_escapes_its_words():
    assert "&lt;b&gt;" in render('{% badge "ok" words %}', words="<b>")


def test_unknown_level_is_a_mistake():
    with pytest.raises(KeyError):
        kw.badge("loud", "x")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ros Whitcombe", "RW"), ("BJ (Bartholomew) Featherstone", "BF"), ("Otto", "O"), ("", "")],
)
def test_initials(name, letters):
    assert kw.initials(name) == letters


@pytest.mark.parametrize(("count", "words"), [(1, "One thing"), (2, "Two things"), (12, "12 things")])
def test_counted(count, words):
    assert kw.counted(count, "thing") == words


def test_what_lasts_is_of_nobody():
    page = Template("{% load kw %}{% lasting %}<b>{% icon 'key' %}</b>{% endlasting %}{{ name }}")
    assert [page.render(Context({"name": name})) for name in ("Mina", "Otto")] == [
        f"<b>{kw.icon_svg('key')}</b>{name}" for name in ("Mina", "Otto")
    ]
    with pytest.raises(TemplateSyntaxError, match="name"):
        render("{% lasting %}{% if 1 %}{{ name }}{% endif %}{% endlasting %}")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("Mo", "Mo."), ("Mo.", "Mo."), ("Who? ", "Who?"), ("", ""), ("<b>", "&lt;b&gt;."), (None, "None.")],
)
def test_what_was_typed_ends_a_sentence_with_one_full_stop(typed, said):
    assert render("{{ typed|ended }}", typed=typed) == said


def test_a_component_stands_around_what_is_between_and_knows_nothing_of_the_page():
    page = '{% component "message" level=how role="alert" %} <p>{{ name }} wrote.</p> {% endcomponent %}'
    said = as_read(render(page, how="soon", name="<Mina>", stack=True, typed=True))
    assert f'<div class="kw-message is-soon" role="alert">{kw.message_icon("soon")}' in said
    assert "<div><p>&lt;Mina&gt; wrote.</p></div>" in said
    assert "hx-disable" not in said
    plain = render('{% component "message" %}<p>Said.</p>{% endcomponent %}')
    assert kw.message_icon("info") in plain and '<div class="kw-message"' in plain


def test_an_empty_place_leads_on_only_where_it_is_told_to():
    first = '{% component "empty" title="No goals yet" url=url action="Add one" %}{% endcomponent %}'
    assert '<a class="btn btn-secondary" href="/new/">Add one</a>' in render(first, url="/new/")
    assert "<p><strong>No goals yet</strong></p>" in render(first) and "<a" not in render(first)
    assert "<p>Write one.</p>" in render(
        '{% component "empty" title="None" %}Write one.{% endcomponent %}', url="/of-the-page/"
    )


@pytest.mark.parametrize("asked", ["", "message", '"message" "soon"'])
def test_a_component_needs_a_quoted_name_and_values_by_name(asked):
    with pytest.raises(TemplateSyntaxError):
        render(f"{{% component {asked} %}}{{% endcomponent %}}")


def test_a_card_has_its_heading_for_a_name():
    card = render(
        '{% component "card" id="more" title=title level=3 %}<p>Words.</p>{% endcomponent %}', title="A & B"
    )
    assert '<section class="kw-card kw-stack" aria-labelledby="more">' in card
    assert '<h3 id="more">A &amp; B</h3>' in card and "<p>Words.</p>" in card


def test_what_is_folded_is_open_where_it_is_told_to():
    more = '{% component "more" summary="Earlier" open=wanted %}<p>Words.</p>{% endcomponent %}'
    assert '<details class="kw-more">' in render(more) and "<span>Earlier</span>" in render(more)
    assert '<details class="kw-more" open>' in render(more, wanted=True)


def test_a_table_head_has_a_column_for_each_title():
    head = render('{% table_head "Student" last %}', last="<State>")
    assert head.count('<th role="columnheader" scope="col">') == 2
    assert ">Student</th>" in head and ">&lt;State&gt;</th>" in head


def test_a_page_goes_out_without_the_indents_of_its_template():
    drawn = render_to_string(
        "components/empty.html", {"title": "None", "body": mark_safe("<pre>\n  Kept\n</pre>")}
    )
    assert re.findall(r"\n +\S+", drawn) == ["\n  Kept"]

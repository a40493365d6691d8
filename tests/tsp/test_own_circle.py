"""The social circle map as a drawing and as a list: the same people, whichever way they were put there."""

from __future__ import annotations

import re
from itertools import combinations
from math import hypot

import pytest
from django.template.loader import render_to_string

from questionnaires import circle, fields
from questionnaires.bound_questions import Stored, bind_question
from tsp.models import Tool
from tsp.questions.templates import current

LABELS = (
    "who (initials or first name)",
    "circle (closest / friends / people I do things with / people who are paid to help)",
    "where",
    "how it feels (good / mixed / worried)",
)


def row(who: str, ring: str = "friends", where: str = "", feels: str = "", **more) -> dict:
    return {"who": who, "circle": ring, "where": where, "how-it-feels": feels, **more}


def radius(person: circle.Person) -> float:
    return hypot(person.x - circle.MIDDLE, person.y - circle.MIDDLE)


def test_a_column_is_a_name_and_options_or_a_hint():
    assert circle.column(LABELS[0]) == circle.Column("who", "Who", "initials or first name", ())
    assert circle.column(LABELS[3]) == circle.Column(
        "how-it-feels", "How it feels", "", ("good", "mixed", "worried")
    )
    assert circle.column("where") == circle.Column("where", "Where", "", ())


def test_everybody_stands_inside_their_own_ring():
    rows = [
        row(f"P{n}", word) for n, word in enumerate(word for word in circle.column(LABELS[1]).options * 3)
    ]
    map_ = circle.draw(rows, LABELS)
    assert [one.word for one in map_.rings] == list(circle.column(LABELS[1]).options)
    assert len(map_.people) == 12
    for one in map_.people:
        assert one.ring.inner < radius(one) < one.ring.outer
    assert map_.rings[-1].outer <= circle.SIZE / 2


def test_twenty_people_do_not_stand_on_one_another():
    rows = [row(f"P{n}", circle.column(LABELS[1]).options[n % 4]) for n in range(20)]
    people = circle.draw(rows, LABELS).people
    nearest = min(hypot(one.x - other.x, one.y - other.y) for one, other in combinations(people, 2))
    assert nearest > 28  # a shape is as wide


def test_names_lie_on_nobody_and_on_no_word():
    who = (
        "Mum",
        "Grandad Joe",
        "Auntie Bev",
        "Oluwaseun",
        "Ros Whitcombe",
        "Marguerite",
        "Miss Adeyemi",
        "Theo",
    )
    for turn in range(3):
        rows = [row(name, circle.column(LABELS[1]).options[(n + n * turn) % 4]) for n, name in enumerate(who)]
        map_ = circle.draw(rows, LABELS)
        for one, other in combinations(map_.people, 2):
            assert one.boxes[1].shares(other.boxes[1]) < 20, (turn, one.who, other.who)
        assert not any(one.boxes[1].shares(ring.label) for one in map_.people for ring in map_.rings)


def test_who_was_moved_stays_where_they_were_put():
    map_ = circle.draw([row("Ana", angle=40), row("Bo"), row("Cy")], LABELS)
    ana, *others = map_.people
    assert (ana.angle, ana.placed) == (40, True)
    assert not any(one.placed for one in others)
    assert len({one.angle for one in map_.people}) == 3
    assert map_.lines[0].angle == "40" and map_.lines[1].angle == ""


@pytest.mark.parametrize("angle", ["", "x", None, "1e5", "²"])
def test_an_angle_that_is_none_is_laid_out(angle):
    (ana,) = circle.draw([row("Ana", angle=angle)], LABELS).people
    assert not ana.placed


def test_a_feeling_is_a_shape_and_a_word():
    people = circle.draw(
        [row("Ana", feels="good"), row("Bo", feels="mixed"), row("Cy", feels="worried"), row("Di")], LABELS
    ).people
    assert len({one.shape for one in people}) == 4
    assert people[1].words == "Bo, friends, mixed"


def test_a_line_without_a_name_is_nobody_and_is_kept():
    map_ = circle.draw([row(""), row("Bo")], LABELS)
    assert [one.who for one in map_.people] == ["Bo"]
    assert [line.who for line in map_.lines] == ["", "Bo", *[""] * circle.BLANK_LINES]
    assert map_.lines[0].ring == "friends"


@pytest.mark.parametrize(
    ("who", "lines"),
    [
        ("Ana", ("Ana",)),
        ("Wilhelmina-Augusta", ("Wilhelmina-", "Augusta")),
        ("My cousin Theodora", ("My cousin", "Theodora")),
        ("Bartholomewson", ("Barthol-", "omewson")),
        ("Maximiliana-Constance-Theodora", ("Maximiliana-", "Constance-T…")),
    ],
)
def test_a_long_name_stands_on_two_lines_of_the_drawing(people, who, lines):
    (one,) = circle.draw([row(who)], LABELS).people
    assert one.name_lines == lines and one.words.startswith(who)
    page = render_to_string(
        "questionnaires/_circle.html",
        {"question": {"circle": circle.draw([row(who)], LABELS)}, "words": "staff"},
    )
    assert re.findall(r"<tspan[^>]*>([^<]*)</tspan>", page) == list(lines)


# ------------------------------------------------------------------ what the form saves


@pytest.fixture
def people(world):
    form = current()
    return form, next(one for one in form.tool(Tool.CIRCLE).fields if one.slug == circle.PEOPLE)


def test_what_was_typed_comes_back_with_its_angles(people):
    form, question = people
    typed = [
        "Ana",
        "friends",
        "school",
        "good",
        "-20",
        "",
        "closest",
        "",
        "",
        "",
        "Bo",
        "",
        "",
        "worried",
        "x",
    ]
    value = fields.parse(question, typed, form)
    assert value == [
        row("Ana", "friends", "school", "good", angle=340),
        row("", "closest"),
        row("Bo", "", "", "worried"),
    ]
    assert fields.parse(question, fields.inputs(question, value), form) == value
    assert fields.in_words(question, value, form)[0] == "Ana, friends, school, good"


def test_a_ring_that_is_none_is_refused(people):
    form, question = people
    with pytest.raises(fields.Wrong, match="Choose one"):
        fields.parse(question, ["Ana", "enemies", "", "", ""], form)


def test_the_form_holds_a_drawing_and_a_list_that_say_the_same(people):
    form, question = people
    stored = Stored([row("Ana", "closest", "home", "good"), row("Bo", "friends", feels="worried")], 1)
    page = render_to_string(
        "questionnaires/_question.html", {"question": bind_question(question, form, "student", stored)}
    )
    drawn = re.findall(r'<g class="kw-circle-person"[^>]*>\s*<title>([^<]*)</title>', page)
    assert drawn == ["Ana, closest, home, good", "Bo, friends, worried"]
    assert len(re.findall(r'name="people"', page)) == 5 * 4  # two people and two empty lines
    assert 'value="Ana"' in page and '<option value="closest" selected>' in page
    assert "style=" not in page and "<script" not in page


def test_to_read_there_is_a_table_behind_the_drawing(people):
    page = render_to_string(
        "questionnaires/_circle.html",
        {
            "question": {"circle": circle.draw([row("Ana", "closest", "home", "good")], LABELS)},
            "words": "staff",
        },
    )
    assert 'role="img"' in page and "<table" in page and "<input" not in page
    assert re.search(r'<th scope="row"[^>]*>Ana</th>', page) and "closest" in page
    assert "Nobody is on the map yet." in render_to_string(
        "questionnaires/_circle.html", {"answer": None, "words": "staff"}
    )

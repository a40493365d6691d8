"""The TSP tab: what it shows, its pictures, and that it asks no more for ten terms than for one."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from keywork import school
from tests import world as cast
from tests.tsp.factories import (
    LEVELS,
    TERMS,
    area_of,
    make_goal,
    make_history,
    make_point,
    make_review,
    make_score,
    make_sheet,
    rate_all,
)
from tsp.models import Tool
from tsp.questions.templates import current
from tsp.rating import history, pictures

TODAY = cast.TODAY
DAY = timedelta(days=1)


def url(student):
    return f"/tsp/students/{student.pk}/"


@pytest.fixture
def mina(world):
    return world.mina


@pytest.fixture
def by(world):
    return world.u_keyworker


@pytest.fixture
def page(world, mina, as_user):
    def read(who="keyworker", query=""):
        response = as_user(world.users[who]).get(url(mina) + query)
        assert response.status_code == 200
        return response.content.decode()

    return read


def profile_of(student, **options):
    points = history.points_of(student, school.load().calendar)
    start = options.pop("start", None) or pictures.usual_start(points)
    return pictures.profile(points, start, TODAY, **options)


def rated(student, by, values, **fields):
    """A finished point with each area rated alike: area number to value."""
    form = current()
    ratings = {one.slug: values.get(area.number, 1) for area in form.areas for one in area.statements}
    return make_point(student, by, ratings=ratings, finished=True, **fields)


# ------------------------------------------------------------------------------------ the page


def test_before_anything_is_rated(page):
    html = page()
    assert "No ratings yet" in html
    assert "TSP</a>" in html or 'aria-current="page">TSP' in html  # the tab of the record
    assert "Missed" in html  # the baseline of this autumn: no ratings by the 30th school day


def test_the_points_of_the_term_and_the_way_in(page, mina, by):
    make_point(mina, by, ratings=dict(list(rate_all(2).items())[:31]))
    html = page()
    assert "31 of 54 statements rated." in html
    assert f'href="/tsp/students/{mina.pk}/2026-27-autumn/baseline/"> Go on' in html
    assert "Not open yet" in html and "30 November to Friday 18 December" in html


def test_who_only_reads_is_not_told_to_go_on(page, mina, by):
    make_point(mina, by, ratings=rate_all(2))
    html = page("senco")
    assert ">Go on" not in html and "Read it" in html


def test_what_stands_beside_the_ratings(page, mina, by, world):
    make_history(mina, by, terms=TERMS[3:6])
    make_point(mina, by, ratings=rate_all(2), done_on=date(2026, 9, 18))
    make_sheet(mina, by, Tool.VOICE)
    make_goal(mina, by, checker=world.u_mentor)
    html = page()
    assert "What people told us" in html and "Student voice" in html
    assert "I show my card before I go." in html
    assert "Earlier terms" in html and "Summer term 2025/26" in html
    assert f"/tsp/students/{mina.pk}/2025-26-spring/review/" in html
    assert f"/tsp/students/{mina.pk}/outcomes/" in html


def test_the_same_queries_for_one_term_and_for_seven(
    world, mina, by, as_user, django_assert_num_queries, django_assert_max_num_queries
):
    client = as_user(by)
    make_point(mina, by, ratings=rate_all(1), done_on=date(2026, 9, 18))
    make_review(mina, by, value=2, contexts=["illness"])
    goal = make_goal(mina, by, checker=world.u_mentor)
    client.get(url(mina))
    with django_assert_max_num_queries(36) as one:
        client.get(url(mina))
    make_history(mina, by)
    for number in range(3):
        make_score(make_goal(mina, by, checker=world.u_mentor, student_words=f"Goal {number}"), by, 1)
    make_score(goal, by, 0)
    with django_assert_num_queries(len(one)):
        assert "Autumn 2024/25" in client.get(url(mina)).content.decode()


# --------------------------------------------------------------------------------- the profile


class TestProfile:
    def test_only_a_baseline_is_shown_as_it_stands(self, mina, by):
        make_point(mina, by, ratings=area_of("communicating", 2, 2, 2, 3, None, None), finished=True)
        found = profile_of(mina)
        assert found.now is None
        communicating, friends = found.rows[:2]
        assert (communicating.then, communicating.then_words) == (Decimal("2.3"), "Developing (2.3)")
        assert (friends.then, friends.then_words, friends.then_at) == (None, "Too few rated to say yet", "")

    def test_rises_and_falls_are_said_alike(self, mina, by):
        rated(mina, by, {1: 1, 2: 3, 3: 2})
        rated(mina, by, {1: 3, 2: 1, 3: 2}, kind="review", contexts=["bereavement"])
        rise, fall, same = profile_of(mina).rows[:3]
        assert rise.change_words == "Up 2.0 at one review so far"
        assert fall.change_words == "Down 2.0 at one review so far"
        assert same.change_words == "About the same"
        assert (rise.then_at, rise.now_at, rise.moved, rise.fell) == ("25%", "75%", True, False)
        assert (fall.fell, fall.contexts, rise.contexts) == (True, ("A bereavement",), ())

    def test_held_at_two_reviews_in_a_row(self, mina, by):
        spring, summer = "2025-26-spring", "2025-26-summer"
        rated(mina, by, {1: 1, 2: 1}, term=spring)
        rated(mina, by, {1: 2, 2: 2}, term=spring, kind="review")
        rated(mina, by, {1: 2, 2: 1}, term=summer)
        rated(mina, by, {1: 2, 2: 1}, term=summer, kind="review")
        held, lost = profile_of(mina).rows[:2]
        assert held.change_words == "Up 1.0, held at two reviews"
        assert lost.change_words == "About the same"

    def test_it_begins_at_the_first_baseline_of_the_school_year(self, mina, by):
        make_history(mina, by, terms=TERMS[2:6])
        assert profile_of(mina).start.term == "2025-26-autumn"
        make_point(mina, by, ratings=rate_all(2), finished=True)
        found = profile_of(mina)
        # Nothing to compare it with in this school year: the last review, and the baseline of now.
        assert (found.start.term, found.start.kind) == ("2025-26-summer", "review")
        assert (found.now.term, found.now.kind) == ("2026-27-autumn", "baseline")
        assert {row.change_words for row in found.rows} == {"Down 1.0 since then"}
        assert found.now_label.startswith("Baseline, autumn 2026/27")
        make_review(mina, by, value=3)
        found = profile_of(mina)
        assert (found.start.term, found.start.kind, found.now.kind) == (
            "2026-27-autumn",
            "baseline",
            "review",
        )

    def test_two_baselines_without_a_review_are_compared(self, mina, by):
        rated(mina, by, {1: 1}, term="2025-26-autumn")
        rated(mina, by, {1: 2})
        found = profile_of(mina)
        assert (found.start.term, found.now.term) == ("2025-26-autumn", "2026-27-autumn")

    def test_the_first_baseline_of_all_stands_alone(self, mina, by):
        make_point(mina, by, ratings=rate_all(2))
        assert (profile_of(mina).start.term, profile_of(mina).now) == ("2026-27-autumn", None)

    def test_statements_that_changed_and_held(self, page, mina, by):
        first, second, third = (one.slug for one in current().areas[0].statements[:3])
        spring, summer = "2025-26-spring", "2025-26-summer"
        make_point(mina, by, term=spring, ratings=rate_all(1), finished=True)
        make_review(mina, by, term=spring, ratings={**rate_all(1), first: 2, second: 0, third: 3})
        assert "changed and held" not in page()
        make_review(mina, by, term=summer, ratings={**rate_all(1), first: 3, second: 0, third: 1})
        words = [one.staff for one in current().areas[0].statements]
        (row,) = profile_of(mina).lasting
        assert row.lasting == ((words[0], "Up 2, from 1 to 3"), (words[1], "Down 1, from 1 to 0"))
        assert "changed and held at two reviews" in page()

    def test_a_baseline_in_hand_waits_to_be_the_start(self, mina, by):
        make_history(mina, by, terms=TERMS[5:6])
        make_point(mina, by, ratings=rate_all(2))
        found = profile_of(mina)
        assert (found.start.term, found.now.term) == ("2025-26-summer", "2025-26-summer")

    def test_another_start_may_be_chosen(self, page, mina, by):
        points = make_history(mina, by, terms=TERMS[3:6])
        html = page(query=f"?from={points[2].pk}")
        assert re.search(rf'<option value="{points[2].pk}" selected>', html)
        assert "selected" in page(query="?from=nonsense")

    def test_too_few_shared_to_compare(self, mina, by):
        make_point(mina, by, ratings=area_of("communicating", 2, 2, 2, 2, None, None), finished=True)
        make_review(mina, by, ratings=area_of("communicating", None, 2, 2, 3, 3, 3))
        row = profile_of(mina).rows[0]
        assert (row.now, row.change_words) == (None, "Too few statements rated both times to compare")

    def test_no_figure_for_all_areas(self, mina, by):
        rated(mina, by, {})
        rated(mina, by, {}, kind="review")
        assert not {"total", "overall", "mean", "average", "score"} & set(dir(profile_of(mina)))

    def test_at_home_in_words_without_figures(self, mina, by):
        rated(mina, by, {1: 1})
        rated(mina, by, {1: 3}, kind="review")
        row = profile_of(mina, audience="student").rows[0]
        assert row.title == current().areas[0].student_title
        assert (row.then_words, row.now_words) == ("With a lot of help", "Most of the time")
        assert row.change_words == "Up at one review so far"


# ------------------------------------------------------------------------------ over the terms


class TestOverTerms:
    def read(self, student):
        return pictures.over_terms(history.points_of(student, school.load().calendar), TODAY)

    def test_one_point_is_no_line(self, mina, by):
        assert self.read(mina) is None
        make_point(mina, by, ratings=rate_all(1), finished=True)
        assert self.read(mina) is None

    def test_places_and_gaps(self, mina, by):
        spring = "2025-26-spring"
        make_point(mina, by, term=spring, ratings=rate_all(0), finished=True)
        few = {**rate_all(2), **area_of("communicating", 4, None, None, None, None, None)}
        few = {slug: value for slug, value in few.items() if value is not None}
        make_review(mina, by, term=spring, ratings=few)
        make_point(mina, by, ratings=rate_all(4), finished=True)
        found = self.read(mina)
        first, second = found.areas[:2]
        assert [dot.score for dot in first.dots] == [Decimal("0.0"), None, Decimal("4.0")]
        assert first.segments == ()  # nothing is drawn across what nobody could say
        assert [(mark.x, mark.y) for mark in second.marks] == [("0%", "100%"), ("50%", "50%"), ("100%", "0%")]
        assert len(second.segments) == 2
        assert (found.first, found.last) == ("Spring 2025/26", "Autumn 2026/27")
        assert found.rows[1][1][0] == "too few"


# --------------------------------------------------------------------------------------- goals


def test_goals_began_and_now(mina, by, world):
    from goals.lines import goal_lines

    scored = make_goal(mina, by, checker=world.u_mentor)
    make_score(scored, by, 1)
    make_goal(mina, by, checker=world.u_mentor, student_words="I eat in the hall.")
    make_goal(mina, by, student_words="Only a draft.")
    up, waiting = goal_lines(mina, "2026-27-autumn", by).picture
    assert (up.start_at, up.level_at, up.moved, up.fell) == ("25%", "75%", True, False)
    assert up.level_words == "Somewhat more than expected"
    assert "has not been scored yet" in waiting.in_a_sentence and waiting.level_at == ""
    assert LEVELS["plus_1"]


# -------------------------------------------------------------------- what the markup keeps to


class Svg(HTMLParser):
    def __init__(self):
        super().__init__()
        self.pictures, self.ids, self.styled = [], set(), []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "svg" and attrs.get("role") == "img":
            self.pictures.append(attrs)
        if "id" in attrs:
            assert attrs["id"] not in self.ids, attrs["id"]
            self.ids.add(attrs["id"])
        if "style" in attrs:
            self.styled.append(tag)


def test_each_picture_has_a_name_and_words_and_no_style(page, mina, by, world):
    make_history(mina, by, terms=TERMS[4:6])
    make_score(make_goal(mina, by, checker=world.u_mentor), by, -2)
    html = page()
    read = Svg()
    read.feed(html)
    assert len(read.pictures) == 9 + 9 + 1
    for picture in read.pictures:
        assert set(picture["aria-labelledby"].split()) <= read.ids
    assert read.styled == []
    assert html.count("Show as a table") == 3

"""Independence across the school: small groups say nothing, on the page and in the file, not even by subtraction."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from ilsa import actions, school_view, templates
from ilsa.models import TemplateVersion
from ilsa.school_view import NOT_TOLD, SMALL_GROUP, group_figure
from students.models import Student
from tests.world import make_student

from .factories import filled, form_of, opened
from .pages import YEAR, words

pytestmark = pytest.mark.django_db

PAGE = "/independence/school/"
FILE = f"{PAGE}{YEAR}.csv"


@pytest.fixture
def head(world, as_user):
    return as_user(world.u_head)


@pytest.fixture
def school(world):
    """Six of Years 7 to 9 at 50 %, five of Year 12 at 75 %, four in primary at 0 %: 15 in all, and nobody rated Mina."""
    for number in range(6):
        make_student(f"L{number}", "Lower", nc_year="8")
    for number in range(5):
        make_student(f"U{number}", "Upper", nc_year="12")
    small = [make_student(f"P{number}", "Primary", nc_year="4") for number in range(4)]
    opened(world.u_head)
    for student in Student.objects.filter(legal_surname__in=["Lower", "Upper", "Primary"]):
        score = {"Lower": 2, "Upper": 3, "Primary": 0}[student.legal_surname]
        filled(form_of(student, "keyworker"), world.u_keyworker, score)
    return small


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(response.content.decode("utf-8-sig").splitlines()))


def test_before_any_round(head):
    page = words(head.get(PAGE))
    assert "No round has been opened yet." in page
    assert 'href="/independence/rounds/"' in page


def test_a_small_group_says_nothing_nor_can_it_be_reckoned(head, school):
    page = words(head.get(PAGE))
    assert "<strong>45%</strong>" in page and "of 15 students" in page
    # Primary is four students; Year 12 is left out with it, or 15 × 45 less the others would say primary's.
    assert "50%" in page and "75%" not in page and ">0%" not in page and "Too few" in page
    head_row, first, *_ = rows_of(head.get(FILE))
    assert head_row == [
        "Domains",
        "Whole school",
        "Students",
        "Up to Year 6",
        "Years 7 to 9",
        "Years 10 and 11",
        "Year 12 and on",
    ]
    assert first[1:] == ["45.0", "15", "", "50.0", "", ""]


def test_by_placement_and_by_strand(head, school):
    page = words(head.get(PAGE + "?by=pfa&groups=placement"))
    assert "Strand" in page and "45%" in page
    rows = rows_of(head.get(FILE + "?by=pfa&groups=placement"))
    assert rows[0][0] == "Preparing for adulthood" and len(rows) == 5
    assert words(head.get(PAGE + "?by=nonsense&groups=nonsense&year=nonsense")).count("45%")


def test_a_whole_school_below_five_says_nothing(world, head):
    opened(world.u_head)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 4)
    page = words(head.get(PAGE))
    assert "100%" not in page and "Too few" in page
    assert all(set(row[1:]) == {""} for row in rows_of(head.get(FILE))[1:])


def test_no_cell_of_the_file_is_a_formula(head, school, monkeypatch):
    row = TemplateVersion.objects.get()
    row.content["domains"][0]["title"] = '=HYPERLINK("https://bad.example")'
    # A published form cannot be changed: this one is as if it had been published so.
    changed = templates.read(row)
    monkeypatch.setattr(templates._PUBLISHED, "published", lambda pk, digest: changed)
    titles = [cells[0] for cells in rows_of(head.get(FILE))[1:]]
    assert any("HYPERLINK" in title for title in titles)
    assert not any(title.startswith(("=", "+", "-", "@")) for title in titles)


SIZES = st.lists(st.integers(0, 9), min_size=2, max_size=5)


@given(SIZES)
def test_what_is_left_out_together_is_never_a_small_group(sizes: Sequence[int]):
    groups = tuple(map(str, range(len(sizes))))
    values = {group: [Fraction(50)] * size for group, size in zip(groups, sizes, strict=True)}
    told = school_view._guarded([group_figure(values[group]) for group in groups], values, groups)
    out = [size for size, figure in zip(sizes, told, strict=True) if figure is NOT_TOLD and size]
    if sum(sizes) >= SMALL_GROUP:
        # The whole is told: less the groups told, what remains must be nobody, or two groups or more of enough people.
        assert (
            not out
            or len(out) == len([size for size in sizes if size])
            or (len(out) > 1 and sum(out) >= SMALL_GROUP)
        )
    assert all(figure is NOT_TOLD or figure.students >= SMALL_GROUP for figure in told)


def test_queries_do_not_grow_with_the_students(world, head):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert head.get(PAGE).status_code == 200
        return len(queries)

    made = opened(world.u_head)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker)
    count()
    few = count()
    more = [make_student(f"S{number}", "Many") for number in range(8)]
    actions.add_newcomers(by=world.u_head, round=made)
    for student in more:
        filled(form_of(student, "keyworker"), world.u_keyworker)
    assert count() == few


def test_each_figure_says_its_column_where_the_table_stacks(head, school):
    page = words(head.get(PAGE))
    for column in ("Whole school", "Up to Year 6", "Years 7 to 9", "Years 10 and 11", "Year 12 and on"):
        assert page.count(f'data-label="{column}"') == len(templates.current().domains)

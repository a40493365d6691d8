"""The picture of the three views: three marks on one spot are told apart."""

from __future__ import annotations

import re

from django.template.loader import render_to_string

from ilsa.comparison import Column
from ilsa.models import RaterForm, Role
from ilsa.pictures import Mark, PictureRow, shapes_of


def test_three_marks_on_one_spot_are_all_seen():
    marks = tuple(Mark(shape, shape, 50) for shape in ("parent", "student", "keyworker"))
    page = render_to_string(
        "ilsa/_chart.html", {"rows": [PictureRow("Money", marks, False)], "heads": [], "caption": "x"}
    )
    drawn = re.findall(r"<circle[^>]*>|<rect[^>]*>|<path[^>]*kw-svg-parent[^>]*>", page)
    circle, square, triangle = drawn  # each on top of the one before
    assert 'r="7"' in circle
    assert 'width="8" height="8"' in square  # inside the circle
    assert "is-outline" in triangle  # nothing under it is hidden


def test_the_marks_of_two_parents_differ():
    roles = (Role.KEYWORKER, Role.PARENT, Role.PARENT)
    shapes = shapes_of([Column(RaterForm(role=role), role, {}) for role in roles])
    assert shapes == ["keyworker", "parent", "parent-2"]
    marks = tuple(Mark(shape, shape, 50) for shape in shapes)
    page = render_to_string(
        "ilsa/_chart.html", {"rows": [PictureRow("Money", marks, False)], "heads": [], "caption": "x"}
    )
    assert len(set(re.findall(r"kw-svg-parent[^>]*>", page))) == 2

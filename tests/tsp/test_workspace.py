"""The workspace of a baseline or review: rated, confirmed, finished, opened again, by whom and when."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from tsp import saving, templates, windows
from tsp.actions.errors import Refused
from tsp.actions.ratings import save_fields
from tsp.actions.windows import confirm_area, finish_window, open_window, reopen_window
from tsp.history import area_changes, compare, windows_of
from tsp.models import Evidence, Passage, Rating, Window
from tsp.saving import Typed

TERM = "2026-27-autumn"
SUMMER = "2025-26-summer"
HX = {"HX-Request": "true"}


def url(student, name="workspace", term=TERM, kind="baseline", *more):
    return reverse(f"tsp:{name}", args=[student.pk, term, kind, *more])


def typed(field, *values, version=0, was=""):
    return Typed(field, tuple(str(value) for value in values), version, was)


def rate_all(window, by, value=2, **special):
    slugs = [one.slug for one in templates.version(window.template_id).in_use]
    fields = [
        typed(f"rating:{slug}", special.get(slug.replace("-", "_"), value)) for slug in slugs
    ]
    told = save_fields(by=by, window=window, typed=fields)
    assert told.status == 200, told
    return window


@pytest.fixture
def baseline(world):
    return open_window(by=world.u_keyworker, student=world.mina, term=TERM, kind="baseline")


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


@pytest.fixture
def summer_review(world):
    """Finished in July: all 2, one 4, one that could not be seen."""
    with clock.frozen(date(2026, 7, 15)):
        window = open_window(by=world.u_keyworker, student=world.mina, term=SUMMER, kind="review")
        rate_all(window, world.u_keyworker, comm_ask_help=4, emo_recover="no")
        return finish_window(by=world.u_keyworker, window=window)


def test_page(keyworker, world):
    page = keyworker.get(url(world.mina))
    assert page.status_code == 200
    text = page.content.decode()
    assert "0 of 54 statements rated" in text
    assert text.count("<fieldset") == 55
    print(len(text))

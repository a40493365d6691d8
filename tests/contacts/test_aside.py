"""What the record's aside and Oversight say of each state: the words, the way to a hold, and why."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests import world as cast
from tests.contacts import rows


def ago(days: int) -> date:
    return cast.TODAY - timedelta(days=days)


def record(world) -> str:
    return reverse("students:record", args=[world.mina.pk])


def duty(page: str, name: str) -> str:
    """The row of the aside that begins with this name."""
    found = [
        row for row in re.findall(r'<li class="kw-duty">.*?</li>', page, re.DOTALL) if f"<div>{name}" in row
    ]
    assert len(found) == 1, page
    return found[0]


def test_the_head_places_a_hold_from_the_record_and_everyone_reads_until_when(world, as_user):
    head = as_user(world.u_head)
    rows.contact(world.mina, ago(3), world.u_keyworker).save()
    holds = reverse("contacts:holds", args=[world.mina.pk])
    assert f'href="{holds}"' in head.get(record(world)).content.decode()
    assert holds not in as_user(world.u_keyworker).get(record(world)).content.decode()

    asked = {"starts_on": "2026-11-23", "ends_on": "2026-11-27", "reason": "The family asked for quiet"}
    assert head.post(holds, asked).status_code == 302

    row = duty(as_user(world.u_keyworker).get(record(world)).content.decode(), "Home contact")
    assert "On hold" in row and "Until Friday 27 November" in row
    assert "told not to contact home until Friday 27 November" in row
    assert "asked for quiet" not in row
    table = head.get("/oversight/", {"show": "everyone"}).content.decode()
    assert '<span class="kw-when">until 27 November</span>' in table
    assert "Until Friday 27 November" in as_user(world.u_keyworker).get("/today/").content.decode()


@pytest.mark.parametrize(
    ("make", "name", "badge", "why"),
    [
        (lambda w: [], "First home contact", "days over", "no contact that counts has been logged"),
        (
            lambda w: [rows.contact(w.mina, ago(13), w.u_keyworker)],
            "Home contact",
            "24 November",
            "every 14 days",
        ),
        (lambda w: [rows.contact(w.mina, ago(1), w.u_keyworker)], "Home contact", "In time", None),
        (lambda w: [], "Keywork session", "Missed", "rule is a session on"),
        (
            lambda w: (
                [rows.session(w.mina, ago(days), w.u_keyworker, "declined") for days in (3, 6)]
                + [rows.session(w.mina, ago(40), w.u_keyworker)]
            ),
            "Keywork session",
            "Declined",
            "A student’s refusal is respected",
        ),
        (lambda w: [rows.session(w.mina, ago(3), w.u_keyworker)], "Keywork session", "Done", None),
    ],
)
def test_each_state_but_in_time_and_not_required_says_why(world, as_user, make, name, badge, why):
    for entry in make(world):
        entry.save()
    row = duty(as_user(world.u_keyworker).get(record(world)).content.decode(), name)
    assert badge in row
    assert ("<strong>Why?</strong>" in row) is (why is not None)
    assert why is None or why in row

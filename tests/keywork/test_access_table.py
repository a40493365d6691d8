"""The table for governors says what the code does, in words."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from keywork import who_may
from keywork.access import EXCEPTIONS, GRANTS, Can
from keywork.roles import ROLES

pytestmark = pytest.mark.django_db  # Keywork's own words are said as the school's policy has them


def table(**options) -> str:
    out = StringIO()
    call_command("access_table", stdout=out, **options)
    return out.getvalue()


def row_of(text: str, what: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {what} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_markdown_says_who_in_words():
    text = table(markdown=True)
    assert row_of(text, "Read the key worker log") == [
        "Read the key worker log",
        "Head of Social Education, TSP coordinator, Designated safeguarding lead, SENCo, Senior leadership",
        "Their keyworker, their deputy keyworker, their academic mentor, their core team, someone given a named exception",
    ]
    assert row_of(text, "Read restricted entries")[1:] == [
        "Designated safeguarding lead",
        "Their keyworker, their deputy keyworker",
    ]
    assert row_of(text, "Follow their child")[1:] == ["–", "Their parents and carers"]
    assert row_of(text, "Manage accounts")[1:] == ["Administrator"]


@pytest.mark.parametrize("options", [{}, {"markdown": True}])
def test_everything_is_in_it(options):
    text = " ".join(table(**options).split())
    for can in Can:
        # Narrow columns fold a long name over two lines; its first two words stay together.
        assert " ".join(can.value.split()[:2]).lower() in text.lower(), can
    for role in ROLES.values():
        assert role.description in text
    for name, _ in who_may.STANDING_ABOVE:
        assert name in text


def test_no_line_is_too_wide_for_a_page():
    assert max(map(len, table().splitlines())) <= 110


def test_every_word_has_its_grant_and_every_grant_its_word():
    assert set(who_may.EXCEPTION_WORDS) == set(EXCEPTIONS)
    assert set(who_may.RELATIONS) == {name for grant in GRANTS.values() for name in grant.relations}
    assert all(who_may.holders(can) for can in Can)

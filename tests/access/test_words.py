"""A school with other words for a student, a keyworker, a SENCo and who assigns reads its own on every page."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from keywork.actions.school import set_policy
from keywork.models import User
from tests import world as cast

from .expectations import TABLE
from .stage import ask

pytestmark = pytest.mark.django_db

WORDS = {
    "vocabulary": {"student": "apprentice", "keyworker": "Link worker", "senco": "Inclusion lead"},
    "assigned_by": "Assistant Head",
}
OURS = re.compile(r"\b(students?|keyworkers?|SENCos?|Head of Social Education)\b(?![@/_-])", re.IGNORECASE)
READERS = ("keyworker", "head", "admin", "parent", "student")
# Pages on which other words stand too, and why.
OTHERS = {
    **dict.fromkeys(
        (
            *("ilsa:part", "ilsa:preview", "ilsa:template"),
            *(
                "tsp:preview",
                "tsp:template",
                "tsp:workspace",
                "tsp:sheet",
                "tsp:sheet_fill",
                "tsp:sheet_void",
            ),
        ),
        "the words of a form, which are its versions'",
    ),
    **dict.fromkeys(("portal:policy", "portal:policy_preset"), "what the preset says"),
    **dict.fromkeys(
        (
            "reports:authority_fields",
            "reports:authority_fill",
            "reports:authority_form",
            "reports:authority_forms",
        ),
        "the names that fields have in every authority's form",
    ),
    **dict.fromkeys(
        ("students:import_preview", "students:import_result"), "what was written down at the import"
    ),
    "ilsa:round": "the job title of an account",
    **dict.fromkeys(
        ("portal:coordinator", "tsp:propose", "tsp:sheet_declined"), "a sheet by its title in the form"
    ),
}
READ_OUT = re.compile(r'\b(?:alt|aria-label|data-label|label|placeholder|title)="([^"]*)"')


def read(content: str) -> list[str]:
    """What is read on a page, or read out, piece by piece."""
    without = re.sub(r"<(script|style|textarea)\b.*?</\1>", " ", content, flags=re.S)
    return [unescape(piece) for piece in (*READ_OUT.findall(without), *re.split(r"<[^>]*>", without))]


@pytest.fixture(scope="module")
def reworded(house):
    """The house with other words, and no job in the name of anybody."""
    set_policy(effective_on=cast.TODAY, preset="breckenbrough", overrides=WORDS, by=None)
    for user in house.users.values():
        User.objects.filter(pk=user.pk).update(name=f"Person {user.pk}")
    return house


@pytest.mark.parametrize(
    "name", sorted(name for name, row in TABLE.items() if 200 in row.get and name not in OTHERS)
)
def test_every_page_says_the_schools_words(reworded, name):
    row, found = TABLE[name], []
    for actor in READERS:
        if actor in row.may_mine:
            answer = ask(reworded, actor, "get", reverse(name, kwargs=row.args(reworded, reworded.mina)))
            if answer.headers["Content-Type"].startswith("text/html"):
                pieces = read(answer.content.decode())
                found += [f"{actor}: {piece.strip()[:160]}" for piece in pieces if OURS.search(piece)]
    assert not found, "\n".join([name, *dict.fromkeys(found)])

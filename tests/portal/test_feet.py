"""The foot of a page: a worried parent finds whom to ring on each of theirs."""

from __future__ import annotations

import pytest

WORRIED = "Worried about your child’s safety right now?"


@pytest.mark.parametrize("path", ["/home/", "/me/", "/help/", "/privacy/", "/accounts/password/change/"])
def test_each_page_of_a_parent_says_what_to_do_when_worried(world, as_user, path):
    assert WORRIED in as_user(world.u_parent).get(path, follow=True).content.decode()


def test_a_page_of_staff_does_not(world, as_user):
    assert WORRIED not in as_user(world.u_keyworker).get("/me/").content.decode()

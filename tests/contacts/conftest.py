"""What the tests of the log share: a signed-in keyworker and a form filled in as people fill it in."""

from __future__ import annotations

import pytest
from django.urls import reverse


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


@pytest.fixture
def log_url(world):
    return reverse("contacts:log_contact", args=[world.mina.pk])


@pytest.fixture
def spoke(world):
    """A whole contact, as the form posts it; keywords change it."""

    def fill(**changes):
        data = {
            "reached": "spoke",
            "person": str(world.mina_mum.pk),
            "channel": "phone",
            "direction": "out",
            "happened_on": "2026-11-23",
            "happened_time": "10:42",
            "notes": "Home is pleased with the climbing wall.",
            "topics": ["going_well"],
        } | changes
        return {name: value for name, value in data.items() if value is not None}

    return fill


@pytest.fixture
def met(world):
    def fill(**changes):
        data = {
            "status": "held",
            "topics": ["attendance", "social_progress"],
            "how": "in_person",
            "happened_on": "2026-11-23",
            "happened_time": "09:10",
            "notes": "Talked about mornings.",
            "agreed": "Meet at the gate.",
            "minutes": "20",
        } | changes
        return {name: value for name, value in data.items() if value is not None}

    return fill

"""The demo school as tests read it: built once for a module, in a transaction that is undone at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction
from django.test import override_settings

from keywork import clock, duties
from portal.demo.build import Built, build
from students.models import Student
from tests.world import QUICK_HASHERS

MONDAY = date(2026, 11, 23)


def state_counts(as_of: date) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for states in duties.states_for(list(Student.objects.all()), as_of).values():
        for state in states:
            found.setdefault(state.kind, Counter())[state.status] += 1
            if state.first:
                found[state.kind]["first " + state.status] += 1
    return found


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def _standing(blocker, **size: int) -> Iterator[Built]:
    quick = override_settings(DEMO=True, PASSWORD_HASHERS=QUICK_HASHERS)
    with quick, blocker.unblock(), transaction.atomic():
        with clock.frozen(MONDAY):
            made = build(**size)
        yield made
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _sixty(django_db_setup, django_db_blocker):
    yield from _standing(django_db_blocker)


@pytest.fixture(scope="module")
def _twelve(django_db_setup, django_db_blocker):
    yield from _standing(django_db_blocker, students=12, years=1)


@pytest.fixture
def sixty(_sixty, django_db_blocker):
    """Only to be read, as is `twelve`; a module has one of them, and none that builds its own beside it."""
    with django_db_blocker.unblock(), clock.frozen(MONDAY):
        yield _sixty


@pytest.fixture
def twelve(_twelve, django_db_blocker):
    with django_db_blocker.unblock(), clock.frozen(MONDAY):
        yield _twelve

"""What waits on the page "unsent" is named in words, whatever page it is of."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.urls import reverse

from keywork import clock
from keywork.models import PendingSubmission
from portal.unsent import PAGES, page_words
from tests.access.expectations import TABLE

LEADS_ON = {"portal:home", "portal:card", "portal:unsent"}  # nothing is sent there


def test_every_page_that_takes_a_form_has_its_words():
    """Of the matrix of access, which names every address: those that do something when they are sent to."""
    takes = {name for name, row in TABLE.items() if set(row.post) - {200, 204, 405}}
    assert not sorted(takes - LEADS_ON - set(PAGES))
    named_in_vain = set(PAGES) - set(TABLE)
    assert not sorted(named_in_vain)


@pytest.mark.django_db
@pytest.mark.parametrize("model", sorted({model for _, model in PAGES.values() if model}))
def test_every_row_that_an_address_names_leads_to_its_student(model):
    rows = apps.get_model(model)._default_manager.filter(pk=0)
    assert list(rows.values_list(getattr(rows, "student_path", "student_id"))) == []


@pytest.mark.django_db
def test_a_number_that_is_no_students_names_nobody(world):
    for name in ("students:import_columns", "portal:account"):
        path = reverse(name, args=[world.mina.pk])
        one = PendingSubmission(user=world.u_head, path=path, fields=[], at=clock.now())
        assert world.mina.surname[:1] + "." not in page_words(one, world.u_head)
    path = reverse("students:edit", args=[world.mina.pk])
    one = PendingSubmission(user=world.u_head, path=path, fields=[], at=clock.now())
    assert page_words(one, world.u_head).startswith(f"Student’s details, {world.mina.known_as}")

"""Pages of one form keep what is typed until it is saved: each window its own, found again, gone once it is saved."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from keywork.models import Draft
from students.models import FamilyLink
from tests.forms import form_of


@pytest.fixture
def pages(world_with_records):
    """Who writes where, and a field of free words of it."""
    w = world_with_records
    link = FamilyLink.objects.filter(student=w.mina, ended_on=None).first()
    return {
        "family_edit": (w.u_admin, reverse("students:family_edit", args=[w.mina.pk, link.pk]), "address"),
        "family_add": (w.u_admin, reverse("students:family_add", args=[w.mina.pk]), "address"),
        "edit": (w.u_admin, reverse("students:edit", args=[w.mina.pk]), "read_first"),
        "read_first": (w.u_keyworker, reverse("students:read_first", args=[w.mina.pk]), "read_first"),
        "outcome": (w.u_keyworker, reverse("care:outcome_add", args=[w.mina.pk]), "text"),
    }


def kept_at(page: str) -> str:
    return re.search(r'data-draft-url="([^"]+)"', page)[1]


@pytest.mark.parametrize("which", ["family_edit", "family_add", "edit", "read_first", "outcome"])
def test_what_is_typed_is_found_again_in_each_window(pages, as_user, which):
    user, url, field = pages[which]
    client = as_user(user)
    first, second = (client.get(url).content.decode() for _ in range(2))
    for page, words in ((first, "Ring in the evening only."), (second, "The side door, not the bell.")):
        assert client.post(kept_at(page), form_of(page, field) | {field: words}).status_code == 204
    again = client.get(url).content.decode()
    assert form_of(again, field)[field] == ["The side door, not the bell."]
    assert "One other draft of this form left unsent" in again and "“Ring in the evening only.”" in again
    nobody_else = Draft.objects.exclude(user=user)
    assert not nobody_else.exists()


def test_it_is_gone_once_it_is_saved_and_discarded_when_asked(pages, as_user):
    user, url, field = pages["read_first"]
    client = as_user(user)
    page = client.get(url).content.decode()
    client.post(kept_at(page), form_of(page, field) | {field: "Sit to the left."})
    assert client.post(url, form_of(client.get(url).content.decode(), field)).status_code == 302
    assert not Draft.objects.exists() and b"Discard draft" not in client.get(url).content
    page = client.get(url).content.decode()
    client.post(kept_at(page), form_of(page, field) | {field: "Something else."})
    again = client.get(url).content.decode()
    assert "Discard draft" in again
    client.post(url, form_of(again, field) | {"discard": "this"})
    assert not Draft.objects.exists()


def test_without_script_what_is_refused_is_kept_too(pages, as_user):
    user, url, field = pages["family_add"]
    client = as_user(user)
    page = client.get(url).content.decode()
    refused = client.post(url, form_of(page, field) | {field: "12 The Row", "surname": ""})
    assert refused.status_code == 422
    assert form_of(client.get(url).content.decode(), field)[field] == ["12 The Row"]


def test_without_script_a_draft_is_kept_by_its_button(pages, as_user):
    user, url, field = pages["outcome"]
    client = as_user(user)
    page = client.get(url).content.decode()
    kept = client.post(url, form_of(page, field) | {field: "Asks in class.", "draft": "1"}, follow=True)
    assert "<noscript><button" in page and "Draft saved. It waits for you here" in kept.content.decode()
    assert form_of(kept.content.decode(), field)[field] == ["Asks in class."]


@pytest.mark.parametrize("who", ["parent", "student", "nobody"])
def test_only_staff_have_drafts_of_pages(world, as_user, who):
    kept = as_user(world.users[who]).post(reverse("keywork:form_draft", args=["students-edit-1"]), {"a": "b"})
    assert kept.status_code == 403 and not Draft.objects.exists()


def test_signed_out_a_draft_waits_for_whom_the_page_was_made(pages, as_user):
    user, url, field = pages["read_first"]
    client = as_user(user)
    page = client.get(url).content.decode()
    client.logout()
    client.post(kept_at(page), form_of(page, field) | {field: "Sit to the left."})
    assert Draft.objects.get().user == user
    assert form_of(as_user(user).get(url).content.decode(), field)[field] == ["Sit to the left."]

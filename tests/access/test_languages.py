"""Every page of families and students in a language that nobody speaks: nothing of ours is left in English."""

from __future__ import annotations

import json
import re

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, TextField
from django.urls import reverse

from keywork.models import User
from tests import languages
from tests.reading_age import reading_age

from .expectations import PUBLIC_ARGS, TABLE
from .stage import ask

pytestmark = pytest.mark.django_db

# Pages before sign-in, and one's own sign-in.
BEFORE = (
    "account_login",
    "account_card",
    "account_inactive",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "portal:help",
    "portal:join",
    "portal:offline",
    "portal:privacy",
)
OWN = ("account_change_password", "account_logout", "mfa_index", "portal:help", "portal:privacy")
# Words that are the same in every language.
SAME = frozenset({"Keywork", "English", "Cymraeg", "Polski", "Childline", "TSP", "PDF", "e-mail"})


NAMING = ("name", "forename", "surname", "known_as", "relationship", "title", "email", "label")


def typed() -> tuple[str, set[str]]:
    """All that people have typed, which a page may show as it stands, and the words of names."""
    found: list[str] = []
    names: set[str] = set()
    for model in (one for one in apps.get_models() if one._meta.app_label != "pghistory"):
        if model._meta.model_name.endswith(("templateversion", "event", "policyversion", "job")):
            continue
        columns = [f.name for f in model._meta.fields if isinstance(f, CharField | TextField | JSONField)]
        for row in model._base_manager.values_list(*columns) if columns else ():
            for column, value in zip(columns, row, strict=True):
                text = value if isinstance(value, str) else json.dumps(value, default=str)
                found.append(" ".join(text.split()))
                if column.endswith(NAMING):
                    names.update(re.findall(r"[\w’-]+", text))
    return "\n".join(found), names


def is_typed(text: str, known: tuple[str, set[str]]) -> bool:
    text = re.sub(r"https?:\S+", "", text).strip(" .,:;“”()–-·…")
    words = set(re.findall(r"[\w’-]+", text))
    return (len(text) > 3 and text in known[0]) or words <= known[1] | SAME


def test_no_page_of_a_family_or_student_has_english_of_ours_or_is_hard_to_read(house, tmp_path):
    """Within its brackets each text is the English one."""
    left: dict[str, list[str]] = {}
    ages: dict[tuple[str, str], float] = {}
    words = typed()
    with languages.spoken(tmp_path) as code:
        User.objects.filter(pk__in=[house.users[one].pk for one in ("parent", "student")]).update(
            language=code
        )
        for name, actor, method in pages(house):
            url = reverse(name, kwargs=TABLE[name].args(house, house.mina) if name in TABLE else {})
            answer = ask(house, actor, method, url, accept_language=code)
            if answer.status_code in (200, 422) and answer.headers["Content-Type"].startswith("text/html"):
                page = answer.content.decode()
                ages[actor, f"{method} {name}"] = reading_age(re.sub("[⟦⟧]", "", page))
                assert 'lang="en-xr" dir="rtl"' in page, name
                assert actor == "anonymous" or WORRIES[actor].search(page), f"no way to say it on {name}"
                for text in languages.outside(page):
                    if not is_typed(text, words):
                        left.setdefault(text, []).append(f"{actor} {method} {name}")
    assert not left, "\n".join(
        f"{text!r}: {', '.join(sorted(set(where)))[:120]}" for text, where in left.items()
    )


# "This worries me" and "I do not feel safe", on every page.
WORRIES = {
    "parent": re.compile(r'href="/child/(\d+/)?worry/"'), "student": re.compile(r'href="/my-page/not-safe/"'),
}  # fmt: skip


def pages(house):
    for name in BEFORE:
        yield name, "anonymous", "get"
    for actor in ("parent", "student"):
        yield from ((name, actor, "get") for name in OWN)
        for name, row in TABLE.items():
            if actor in row.may_mine and name not in PUBLIC_ARGS:
                if 200 in row.get:
                    yield name, actor, "get"
                if {200, 422} & set(row.post):
                    yield name, actor, "post"

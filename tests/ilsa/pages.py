"""What page tests share: the words of a page, and a form sent as a browser without script sends it."""

from __future__ import annotations

import re

from ilsa import templates
from ilsa.models import Answer, RaterForm
from keywork import clock

YEAR = "2026-27"


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def held(page, name: str) -> str:
    """The hidden partner of a field as the page drew it."""
    return re.search(rf'name="base:{re.escape(name)}" value="([^"]*)"', page.content.decode()).group(1)


def chosen(page, item: str) -> str | None:
    found = re.search(rf'name="{item}" id="{item}-(\w+)" value="\w+" checked', page.content.decode())
    return found.group(1) if found else None


def save(client, path: str, page=None, **typed):
    """Without script: every named field with what the page held of it; `stop="1"` is a button."""
    page = page or client.get(path)
    buttons = {"stop": typed.pop("stop")} if "stop" in typed else {}
    names = {name.replace("__", ":", 1).replace("_", "-"): value for name, value in typed.items()}
    bases = {f"base:{name}": held(page, name) for name in names}
    return client.post(path, bases | names | buttons)


def autosave(client, path: str, page, **typed):
    names = {name.replace("__", ":", 1).replace("_", "-"): value for name, value in typed.items()}
    bases = {f"base:{name}": held(page, name) for name in names}
    return client.post(path, {"autosave": "1", **bases, **names})


def complete(form: RaterForm, by, default=2, but: tuple[str, ...] = ()) -> None:
    """Every question answered but some, and nothing sent."""
    known = set(Answer.objects.filter(form=form).values_list("item", flat=True))
    Answer.objects.bulk_create(
        Answer(form=form, item=item.slug, kind="score", score=default, at=clock.now(), by=by, version=1)
        for item in templates.version(form.assessment.template_id).in_use
        if item.slug not in but and item.slug not in known
    )

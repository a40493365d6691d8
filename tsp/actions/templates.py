"""Writing the TSP form: the first version, one draft at a time, publishing it for good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.apps import apps as installed
from django.db import transaction

from keywork import clock
from keywork.models import User

from .. import template_doc, template_edit, template_schema
from ..models import TemplateVersion
from ..template_doc import Doc
from .errors import ChangedMeanwhile, Refused

FIRST_NOTE = "The form supplied with Keywork."


def digest_of(content: Doc) -> str:
    return hashlib.sha256(template_doc.in_bytes(content)).hexdigest()


def version_name(number: int) -> str:
    """How a document names a version of ours."""
    return f"{number}.0.0"


def ensure_first_version(model: Any = TemplateVersion) -> bool:
    """Publish the form supplied with Keywork as version 1 if there is no version at all; True if it was needed.

    `model` may be a migration's own state of the table.
    """
    if model.objects.exists():
        return False
    content = template_doc.whole(template_doc.shipped())
    now = clock.now()
    model.objects.create(
        number=1,
        status="published",
        content=content,
        digest=digest_of(content),
        note=FIRST_NOTE,
        started_at=now,
        changed_at=now,
        published_at=now,
    )
    return True


def after_migrate(*, apps: Any = installed, **kwargs: Any) -> None:
    """Receiver of post_migrate; does nothing where the migrations just run leave no such table.

    `flush` sends the signal without `apps`: then the table is there as installed.
    """
    try:
        model = apps.get_model("tsp", "TemplateVersion")
    except LookupError:
        return
    ensure_first_version(model)


def latest_published() -> TemplateVersion:
    """Raises TemplateVersion.DoesNotExist."""
    return TemplateVersion.objects.published().select_related("published_by").latest("number")


def kept_fields(content: Doc, tool: str) -> frozenset[str]:
    """Slugs of one tool's fields in a published version."""
    return frozenset(field["slug"] for field in template_edit.tool_of(content, tool)["fields"])


def kept_areas(content: Doc) -> frozenset[str]:
    """Slugs of the areas of a published version."""
    return frozenset(area["slug"] for area in content["areas"])


def kept_items(content: Doc) -> frozenset[str]:
    """Slugs of the statements of a published version."""
    return frozenset(item["slug"] for area in content["areas"] for item in area["items"])


# ------------------------------------------------------------------------------------ the draft


@transaction.atomic
def start_draft(*, by: User) -> TemplateVersion:
    """A draft like the latest published version; the one there is, if somebody has begun."""
    latest = TemplateVersion.objects.select_for_update().published().latest("number")
    draft = TemplateVersion.objects.drafts().first()
    if draft is not None:
        return draft
    now = clock.now()
    number = latest.number + 1
    content = latest.content
    content["version"] = version_name(number)
    return TemplateVersion.objects.create(
        number=number, content=content, started_at=now, started_by=by, changed_at=now, changed_by=by
    )


def _locked_draft() -> TemplateVersion:
    """Raises Refused when there is none: published or thrown away a moment ago."""
    draft = (
        TemplateVersion.objects.select_for_update(of=("self",)).select_related("changed_by").drafts().first()
    )
    if draft is None:
        raise Refused("There is no draft any more: it was published or thrown away a moment ago")
    return draft


def _write(draft: TemplateVersion, content: Doc, by: User) -> None:
    draft.content = content
    draft.lock += 1
    draft.changed_at, draft.changed_by = clock.now(), by
    draft.save(update_fields=["content", "lock", "changed_at", "changed_by"])


@transaction.atomic
def change_draft(
    *,
    by: User,
    change: Callable[[Doc], Doc],
    part: Callable[[Doc], Any] | None = None,
    seen: str = "",
) -> TemplateVersion:
    """Apply one change of `template_edit` to the draft; editors wait for each other, and each change is kept.

    With `part` and `seen` (its fingerprint when the form was opened) the change is refused if somebody else has
    changed that very part since; changes to other parts stand side by side. Raises ChangedMeanwhile, Refused.
    """
    draft = _locked_draft()
    name = draft.changed_by.name if draft.changed_by else ""
    try:
        if part is not None:
            now = part(draft.content)
            if template_edit.fingerprint(now) != seen:
                raise ChangedMeanwhile(now, name)
        content = change(draft.content)
    except template_edit.NotThere as gone:
        raise Refused("Somebody has taken this away since you opened it") from gone
    except template_edit.CannotEdit as refused:
        raise Refused(str(refused), refused.field) from refused
    wrong = template_schema.problems(content)
    if wrong:
        raise Refused(str(wrong[0]))
    if content != draft.content:
        _write(draft, content, by)
    return draft


@transaction.atomic
def replace_draft(*, by: User, content: Doc, seen_lock: int | None) -> TemplateVersion:
    """An imported document becomes the draft. `seen_lock` is the draft's lock the person saw, None for no draft.

    Raises ChangedMeanwhile when the draft is another by now, NotATemplate when it breaks with the latest version.
    """
    latest = TemplateVersion.objects.select_for_update().published().latest("number")
    wrong = template_schema.unlike_before(latest.content, content)
    if wrong:
        raise template_doc.NotATemplate(wrong)
    draft = TemplateVersion.objects.select_for_update().drafts().first()
    if (draft.lock if draft else None) != seen_lock:
        raise ChangedMeanwhile(draft, draft.changed_by.name if draft and draft.changed_by else "")
    draft = draft or start_draft(by=by)
    content["version"] = version_name(draft.number)
    _write(draft, content, by)
    return draft


@transaction.atomic
def discard_draft(*, by: User, seen_lock: int) -> None:
    """Throw the draft away. Raises ChangedMeanwhile if somebody changed it since it was seen, Refused if gone."""
    draft = _locked_draft()
    if draft.lock != seen_lock:
        raise ChangedMeanwhile(draft, draft.changed_by.name if draft.changed_by else "")
    draft.delete()


@transaction.atomic
def publish(*, by: User, note: str, seen_lock: int) -> TemplateVersion:
    """The draft becomes the form in use, for good; `note` says what changed.

    Raises ChangedMeanwhile if the draft is not the one that was looked through, Refused for no note, for no
    change at all, or for a document that breaks with the version before.
    """
    if not note.strip():
        raise Refused("Say what changed and why", "note")
    draft = _locked_draft()
    if draft.lock != seen_lock:
        raise ChangedMeanwhile(draft, draft.changed_by.name if draft.changed_by else "")
    latest = TemplateVersion.objects.published().latest("number")
    wrong = template_schema.problems(draft.content) or template_schema.unlike_before(
        latest.content, draft.content
    )
    if wrong:
        raise Refused(str(wrong[0]))
    if {**draft.content, "version": ""} == {**latest.content, "version": ""}:
        raise Refused("Nothing has changed since the last version")
    draft.status = TemplateVersion.Status.PUBLISHED
    draft.note = note.strip()
    draft.digest = digest_of(draft.content)
    draft.published_at, draft.published_by = clock.now(), by
    draft.save(update_fields=["status", "note", "digest", "published_at", "published_by"])
    return draft

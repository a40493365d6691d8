"""The versions of one form: the first, one draft at a time, publishing it for good.

An app puts its description and its table together once, and pages and actions take the forms from there:

    FORM = Versions(TSP, TemplateVersion)
    FORM.start(by=user)

It is the database that holds a published row unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed
from django.db import transaction

from keywork import clock
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User

from .checks import Doc, NotATemplate, NotThere, Problem, fingerprint
from .description import Questionnaire
from .schema import in_bytes, problems, unlike_before

FIRST_NOTE = "The form supplied with Keywork."
LATER_NOTE = "Supplied with Keywork since: {}. What was asked before is the same."
PLAINER_NOTE = "Plainer words for students and families, supplied with Keywork. What is asked is the same."


def version_name(number: int) -> str:
    """How a document names a version of ours."""
    return f"{number}.0.0"


def _changed(draft: Any, current: Any) -> ChangedMeanwhile:
    """Who changed the draft last is said; what is there now is `current`."""
    name = draft.changed_by.name if draft and draft.changed_by else ""
    words = f"{name or 'Somebody'} changed the draft while you were looking. Nothing was done: look at it again first"
    return ChangedMeanwhile(current, name, words)


@dataclass(frozen=True)
class Versions:
    form: Questionnaire
    model: Any  # of questionnaires.models.Version
    beside: Callable[[User], Mapping[str, Any]] = lambda user: {}  # what else the page of all versions shows

    def problems(self, content: Any) -> list[Problem]:
        return problems(self.form, content)

    def unlike_before(self, before: Doc, content: Doc) -> list[Problem]:
        return unlike_before(self.form, before, content)

    def digest_of(self, content: Doc) -> str:
        return hashlib.sha256(in_bytes(self.form, content)).hexdigest()

    def after_migrate(self, *, apps: Any = installed, **kwargs: Any) -> None:
        """Receiver of post_migrate: there is always a form to work with. Does nothing where the migrations just run
        leave no such table.

        `flush` sends the signal without `apps`: then the table is there as installed.
        """
        try:
            model = apps.get_model(self.model._meta.app_label, self.model.__name__)
        except LookupError:
            return
        if not self.ensure_first_version(model):
            self.ensure_plainer_words(model)
            self.ensure_later_sections(model)

    def ensure_first_version(self, model: Any = None) -> bool:
        """Publish the form supplied with Keywork as version 1 if there is no version at all; True if it was needed.

        `model` may be a migration's own state of the table.
        """
        model = model or self.model
        if model.objects.exists():
            return False
        self._supply(model, 1, self.form.supplied.newest, FIRST_NOTE)
        return True

    def ensure_plainer_words(self, model: Any = None) -> bool:
        """Publish the words of today where the form is still as it was first supplied; True if it was needed.

        What was begun with the version before keeps it. A school that has changed the form, or has begun to, is only
        offered them (`plainer_left`, `start_plainer`).
        """
        model = model or self.model
        newest = model.objects.order_by("-number").first()
        if newest is None or newest.digest != self.digest_of(
            self.form.whole(deepcopy(self.form.supplied.first))
        ):
            return False
        self._supply(
            model, newest.number + 1, self.form.supplied.plainer(self.form.supplied.first), PLAINER_NOTE
        )
        return True

    @transaction.atomic
    def ensure_later_sections(self, model: Any = None) -> bool:
        """Publish the form in use with the sections supplied since; True if it was needed.

        Keywork works with these, so they are not only offered. A draft gets them too and is the version after that.
        """
        model, supplied = model or self.model, self.form.supplied
        rows = model.objects.select_for_update().order_by("-number")
        latest = rows.filter(status="published").first()
        missing = supplied.missing(latest.content) if latest else []
        if not missing:
            return False
        number = latest.number + 1
        draft = rows.filter(status="draft").first()
        if draft is not None:
            self._renumber(draft, number + 1, supplied.with_later(draft.content))
        titles = ", ".join(section["title"] for _, section in missing)
        note = LATER_NOTE.format(titles if len(titles) < 400 else f"{len(missing)} sections")
        self._supply(model, number, supplied.with_later(latest.content), note)
        return True

    def _renumber(self, draft: Any, number: int, content: Doc) -> None:
        """Nobody's own change: whoever was about to publish is told that the draft is another now."""
        was, now = version_name(draft.number), version_name(number)
        for kind in self.form.sections:
            for question in (one for section in kind.of(content) for one in section[kind.questions]):
                if question.get("since_version") == was:
                    question["since_version"] = now
        draft.number, draft.content = number, self.form.whole({**content, "version": now})
        draft.lock += 1
        draft.changed_at, draft.changed_by = clock.now(), None
        draft.save(update_fields=["number", "content", "lock", "changed_at", "changed_by"])

    def _supply(self, model: Any, number: int, content: Doc, note: str) -> None:
        content = self.form.whole({**deepcopy(content), "version": version_name(number)})
        now = clock.now()
        model.objects.create(
            number=number,
            status="published",
            content=content,
            digest=self.digest_of(content),
            note=note,
            started_at=now,
            changed_at=now,
            published_at=now,
        )

    def plainer_left(self, content: Doc) -> int:
        """How many parts of a version could have plainer words that are supplied with Keywork."""
        return self.form.supplied.open(content)

    @transaction.atomic
    def start_plainer(self, *, by: User) -> Any:
        """The draft, begun if there is none, with the plainer words wherever it does not have words of its own."""
        self.start(by=by)
        return self.change(by=by, change=self.form.supplied.plainer)

    def latest_published(self) -> Any:
        """Raises the model's DoesNotExist."""
        return self.model.objects.published().select_related("published_by").latest("number")

    def the_draft(self) -> Any:
        """The one there is, or None."""
        return self.model.objects.drafts().select_related("changed_by").first()

    @transaction.atomic
    def start(self, *, by: User) -> Any:
        """A draft like the latest published version; the one there is, if somebody has begun."""
        latest = self.model.objects.select_for_update().published().latest("number")
        draft = self.model.objects.drafts().first()
        if draft is not None:
            return draft
        now = clock.now()
        number = latest.number + 1
        content = latest.content
        content["version"] = version_name(number)
        return self.model.objects.create(
            number=number, content=content, started_at=now, started_by=by, changed_at=now, changed_by=by
        )

    def _locked(self) -> Any:
        """Raises Refused when there is none: published or thrown away a moment ago."""
        rows = self.model.objects.select_for_update(of=("self",)).select_related("changed_by")
        draft = rows.drafts().first()
        if draft is None:
            raise Refused("There is no draft any more: it was published or thrown away a moment ago")
        return draft

    def _write(self, draft: Any, content: Doc, by: User) -> None:
        draft.content = content
        draft.lock += 1
        draft.changed_at, draft.changed_by = clock.now(), by
        draft.save(update_fields=["content", "lock", "changed_at", "changed_by"])

    @transaction.atomic
    def change(
        self,
        *,
        by: User,
        change: Callable[[Doc], Doc],
        part: Callable[[Doc], Any] | None = None,
        seen: str = "",
    ) -> Any:
        """Apply one change to the draft; editors wait for each other, and each change is kept.

        With `part` and `seen` (its fingerprint when the form was opened) the change is refused if somebody else has
        changed that very part since; changes to other parts stand side by side. Raises ChangedMeanwhile, Refused.
        """
        draft = self._locked()
        try:
            if part is not None:
                now = part(draft.content)
                if fingerprint(now) != seen:
                    raise ChangedMeanwhile(now)
            content = change(draft.content)
        except NotThere as gone:
            raise Refused("Somebody has taken this away since you opened it") from gone
        wrong = self.problems(content)
        if wrong:
            raise Refused(str(wrong[0]))
        if content != draft.content:
            self._write(draft, content, by)
        return draft

    @transaction.atomic
    def replace(self, *, by: User, content: Doc, seen_lock: int | None) -> Any:
        """An imported document becomes the draft. `seen_lock` is the draft's lock the person saw, None for no draft.

        Raises ChangedMeanwhile when the draft is another by now, NotATemplate when it breaks with the latest version.
        """
        latest = self.model.objects.select_for_update().published().latest("number")
        wrong = self.unlike_before(latest.content, content)
        if wrong:
            raise NotATemplate(wrong)
        draft = self.model.objects.select_for_update().drafts().first()
        if (draft.lock if draft else None) != seen_lock:
            raise _changed(draft, draft)
        draft = draft or self.start(by=by)
        content["version"] = version_name(draft.number)
        self._write(draft, content, by)
        return draft

    @transaction.atomic
    def discard(self, *, by: User, seen_lock: int) -> None:
        """Throw the draft away. Raises ChangedMeanwhile if somebody changed it since it was seen, Refused if gone."""
        draft = self._locked()
        if draft.lock != seen_lock:
            raise _changed(draft, draft)
        draft.delete()

    @transaction.atomic
    def publish(self, *, by: User, note: str, seen_lock: int) -> Any:
        """The draft becomes the form in use, for good; `note` says what changed.

        Raises ChangedMeanwhile if the draft is not the one that was looked through, Refused for no note, for no
        change at all, or for a document that breaks with the version before.
        """
        if not note.strip():
            raise Refused("Say what changed and why", "note")
        draft = self._locked()
        if draft.lock != seen_lock:
            raise _changed(draft, draft)
        latest = self.model.objects.published().latest("number")
        wrong = self.problems(draft.content) or self.unlike_before(latest.content, draft.content)
        if wrong:
            raise Refused(str(wrong[0]))
        if {**draft.content, "version": ""} == {**latest.content, "version": ""}:
            raise Refused("Nothing has changed since the last version")
        draft.status = "published"
        draft.note = note.strip()
        draft.digest = self.digest_of(draft.content)
        draft.published_at, draft.published_by = clock.now(), by
        draft.save(update_fields=["status", "note", "digest", "published_at", "published_by"])
        return draft

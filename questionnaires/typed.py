"""Published forms as code reads them: typed, immutable, the same object as long as the version stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar, get_args

from django.db.models import QuerySet

from keywork import prepared
from keywork.sql import any_of
from keywork.words import translated

from .checks import Doc
from .versions import Versions

Form = TypeVar("Form")
Audience = Literal["staff", "student", "parent"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)


@dataclass(frozen=True, slots=True)
class Question:
    """One question in three wordings. `need` and `pfa` are codes of the vocabularies; `equivalent_to` a retired slug of
    before that it is declared interchangeable with, or ""."""

    slug: str
    section: str
    staff: str
    student: str
    parent: str
    need: str
    pfa: str
    since: str
    active: bool
    equivalent_to: str

    def wording(self, audience: Audience) -> str:
        return translated({"staff": self.staff, "student": self.student, "parent": self.parent}[audience])


def of_question(question: Doc, section: Doc) -> dict[str, Any]:
    """The values of a Question. Where a section is retired, so are its questions."""
    return {
        "slug": question["slug"],
        "section": section["slug"],
        "staff": question["statement"],
        "student": question["pupil_wording"],
        "parent": question["parent_wording"],
        "need": question["ehcp_area_of_need"],
        "pfa": question["pfa_outcome"],
        "since": question["since_version"],
        "active": section.get("active", True) and question.get("active", True),
        "equivalent_to": question.get("equivalent_to") or "",
    }


@dataclass(frozen=True, slots=True)
class Section:
    slug: str
    number: int
    title: str
    student_title: str
    purpose: str
    need: str
    pfa: str

    def title_for(self, audience: Audience) -> str:
        return translated(self.student_title if audience == "student" else self.title)


def of_section(section: Doc, number: int) -> dict[str, Any]:
    return {
        "slug": section["slug"],
        "number": number,
        "title": section["title"],
        "student_title": section["pupil_title"],
        "purpose": section["purpose"],
        "need": section["ehcp_area_of_need"],
        "pfa": section["pfa_outcome"],
    }


class Published(Generic[Form]):
    """`read` makes a typed form of any row. The document is read from the database once a process."""

    def __init__(self, versions: Versions, read: Callable[[Any], Form]) -> None:
        self.form, self.model = versions.form, versions.model

        @lru_cache(maxsize=32)
        def published(pk: int, digest: str) -> Form:
            return read(self.model.objects.get(pk=pk, digest=digest))

        # By key and digest: a database that was emptied and filled again may use a key twice. Raises DoesNotExist.
        self.published: Callable[[int, str], Form] = published

    def current(self) -> Form:
        """The form now in use; one small query. Raises DoesNotExist before the first is loaded."""
        row = self.model.objects.published().order_by("-number").values_list("pk", "digest").first()
        if row is None:
            raise self.model.DoesNotExist(f"No {self.form.name} is published. Run manage.py load_templates.")
        return self.published(*row)

    def version(self, pk: int) -> Form:
        """The form as it was when a record was made. Raises DoesNotExist."""
        found = self.versions((pk,))
        if not found:
            raise self.model.DoesNotExist(f"No version {pk} of the {self.form.name} is published.")
        return found[pk]

    def versions(self, pks: Iterable[int]) -> dict[int, Form]:
        """Published versions by key, as records of several terms name them; one query however many."""
        wanted = set(pks)
        rows = prepared.rows(_digests, wanted, model=self.model) if wanted else ()
        return {pk: self.published(pk, digest) for pk, digest in rows}


def _digests(pks: Any, *, model: Any) -> QuerySet:
    return model.objects.published().filter(any_of("pk", pks)).order_by().values_list("pk", "digest")

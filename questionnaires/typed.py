"""Published forms as code reads them: typed, immutable, the same object as long as the version stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Generic, TypeVar

from .versions import Versions

Form = TypeVar("Form")


class Published(Generic[Form]):
    """`read` makes a typed form of any row. The document is read from the database once a process."""

    def __init__(self, versions: Versions, read: Callable[[Any], Form]) -> None:
        self.form, self.model = versions.form, versions.model

        @lru_cache(maxsize=32)
        def published(pk: int, digest: str) -> Form:
            return read(self.model.objects.get(pk=pk, digest=digest))

        self._published = published

    def published(self, pk: int, digest: str) -> Form:
        """By key and digest: a database that was emptied and filled again may use a key twice. Raises DoesNotExist."""
        return self._published(pk, digest)

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
        rows = self.model.objects.published().filter(pk__in=wanted).order_by().values_list("pk", "digest")
        return {pk: self.published(pk, digest) for pk, digest in (rows if wanted else ())}

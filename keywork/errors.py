"""Why something was not done, in words for the person who tried. Anything that is refused raises one of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class Refused(ValueError):
    """It cannot be done so; `field` names the input to put right, "" when it is none."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field

    def each(self) -> Sequence[Refused]:
        """One for each field that is to be put right."""
        return [self]


class SeveralRefused(Refused):
    """More than one part of it cannot be done; each names its own field."""

    def __init__(self, refusals: Sequence[Refused]) -> None:
        super().__init__(str(refusals[0]), refusals[0].field)
        self.refusals = refusals

    def each(self) -> Sequence[Refused]:
        return self.refusals


class NotWhole(Refused):
    """Something is still missing; `missing` says what: field to sentence, where there is one."""

    def __init__(
        self, missing: Mapping[str, str] | Iterable[str], text: str = "Something is still missing"
    ) -> None:
        super().__init__(text)
        self.missing = dict(missing) if isinstance(missing, Mapping) else dict.fromkeys(missing, "")


class ChangedMeanwhile(Refused):
    """Someone else changed the same thing; `current` is it as it is now, `by` their name ("" if unknown).

    `words` are those to say where a page does not say it better.
    """

    def __init__(self, current: Any = None, by: str = "", words: str = "") -> None:
        super().__init__(
            words or f"{by or 'Somebody'} changed this while you were looking. Look at it again first"
        )
        self.current = current
        self.by = by
        self.words = words


class SchoolNotSetUp(RuntimeError):
    """There is no School row yet; says which command makes one."""

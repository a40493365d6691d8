"""Invented names of varied origin, and a way to draw them without two people sharing one."""

from __future__ import annotations

import random
import re
import unicodedata

from .texts import texts

_TEXTS = texts("names")
GIRLS = _TEXTS["girls"]
BOYS = _TEXTS["boys"]
WOMEN = _TEXTS["women"]
MEN = _TEXTS["men"]
# Two of these make a surname, so that it is nobody's in particular.
FIRST_HALVES = _TEXTS["first-halves"]
SECOND_HALVES = _TEXTS["second-halves"]


class Names:
    """Draws names; no two it gives are the same, and none is in `taken`."""

    def __init__(self, rng: random.Random, taken: set[str]) -> None:
        self._rng = rng
        self._taken = set(taken)

    def surname(self) -> str:
        return f"{self._rng.choice(FIRST_HALVES)}-{self._rng.choice(SECOND_HALVES)}"

    def fresh(self, forenames: tuple[str, ...], surname: str = "") -> tuple[str, str]:
        """A forename of the list and a surname that together nobody has yet."""
        while True:
            found = (self._rng.choice(forenames), surname or self.surname())
            if " ".join(found) not in self._taken:
                self._taken.add(" ".join(found))
                return found


def address_part(name: str) -> str:
    """ "Aoife Ní Dhomhnaill" as "aoife.ni-dhomhnaill", for the part before the @."""
    plain = (
        unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    first, _, rest = plain.partition(" ")
    return ".".join(part for part in (_slug(first), _slug(rest)) if part)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")

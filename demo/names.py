"""Invented names of varied origin, and a way to draw them without two people sharing one."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Sequence

from .texts import texts

# Forenames; and surnames, of which two halves make one, so that it is nobody's in particular.
NAMES = texts("names")


class Names:
    """Draws names; no two it gives are the same, and none is in `taken`."""

    def __init__(self, rng: random.Random, taken: set[str]) -> None:
        self._rng = rng
        self._taken = set(taken)

    def fresh(self, forenames: Sequence[str]) -> tuple[str, str]:
        """A forename of the list and a surname that together nobody has yet."""
        while True:
            halves = (self._rng.choice(NAMES[half]) for half in ("first-halves", "second-halves"))
            found = (self._rng.choice(forenames), "-".join(halves))
            if " ".join(found) not in self._taken:
                self._taken.add(" ".join(found))
                return found


def address_part(name: str) -> str:
    """ "Aoife Ní Dhomhnaill" as "aoife.ni-dhomhnaill", for the part before the @."""
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
    first, _, rest = plain.encode("ascii", "ignore").decode().lower().partition(" ")
    parts = (re.sub(r"[^a-z0-9]+", "-", part).strip("-") for part in (first, rest))
    return ".".join(part for part in parts if part)

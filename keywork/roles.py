"""What an account may be in the school. A role describes itself; it never ranks (see access.GRANTS)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .words import worded, worded_lazy


@dataclass(frozen=True, slots=True)
class Role:
    slug: str
    title: str
    what: str
    staff: bool = True

    @property
    def name(self) -> str:
        """In the school's words; where the SENCo assigns, that role and the one of whoever does are still two."""
        said = worded(self.title)
        return f"{said} who assigns" if self.slug == "head" and said == ROLES["senco"].name else said

    @property
    def description(self) -> str:
        return worded(self.what)


ROLES: dict[str, Role] = {
    row["slug"]: Role(**row)
    for row in json.loads((Path(__file__).parent / "fixtures" / "roles.json").read_text(encoding="utf-8"))
}

# Who has one of these can read what is worst, or make others: giving and taking them is looked at twice.
GUARDED_ROLES = frozenset({"dsl", "headteacher", "head", "admin"})
STAFF_ROLES = frozenset(slug for slug, role in ROLES.items() if role.staff)
ROLE_CHOICES = [(role.slug, worded_lazy(role.title)) for role in ROLES.values()]

"""What an account may be in the school. A role describes itself; it never ranks (see access.GRANTS)."""

from __future__ import annotations

from dataclasses import dataclass

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
    role.slug: role
    for role in (
        Role(
            "staff",
            "Member of staff",
            "Sees the students they are named for: as keyworker, deputy, mentor, core team or teacher.",
        ),
        Role(
            "head",
            "Head of Social Education",
            "Assigns keyworkers, imports people, sees who has been forgotten, reads every general record.",
        ),
        Role(
            "coordinator",
            "TSP coordinator",
            "Keeps the TSP, produces and releases reports, reads every general record.",
        ),
        Role(
            "dsl",
            "Designated safeguarding lead",
            "Reads every record at every level, places holds on contact, is told at once when a student does not "
            "feel safe. Deputies have this role too.",
        ),
        Role(
            "headteacher",
            "Headteacher",
            "Told with the safeguarding lead when a student’s worry is about an adult at school; stands in where "
            "there is no safeguarding lead.",
        ),
        Role("senco", "SENCo", "Reads every general record."),
        Role("slt", "Senior leadership", "Reads every general record and the oversight page."),
        Role(
            "transition",
            "Transition Manager",
            "First contact for keywork in a student’s first year; sees students they are named for.",
        ),
        Role(
            "post16",
            "Post-16 coordinator",
            "Works with keyworkers of Year 11; sees students they are named for.",
        ),
        Role(
            "house_leader",
            "House leader",
            "Is told who the keyworker of a student of their house is, and opens the front of that student’s record; "
            "reads no keywork.",
        ),
        Role(
            "admin",
            "Administrator",
            "Imports people, keeps their details, invites and closes accounts. Reads no keywork record.",
        ),
        Role(
            "family", "Parent or carer", "Sees what the school shares about their own children.", staff=False
        ),
        Role("student", "Student", "Sees their own page.", staff=False),
    )
}

# Who has one of these can read what is worst, or make others: giving and taking them is looked at twice.
GUARDED_ROLES = frozenset({"dsl", "headteacher", "head", "admin"})
STAFF_ROLES = frozenset(slug for slug, role in ROLES.items() if role.staff)
ROLE_CHOICES = [(role.slug, worded_lazy(role.title)) for role in ROLES.values()]

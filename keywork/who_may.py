"""The access table in words, for people: read from `access.GRANTS` itself, so that it cannot say anything else."""

from __future__ import annotations

from django.utils.functional import lazy

from .access import EXCEPTIONS, GRANTS, Can
from .models import Assignment
from .roles import ROLES
from .words import worded

# In the school's words, which are not known when this is imported.
_their = lazy(lambda kind: f"Their {kind.label.lower()}", str)
# How a dated relation is named.
RELATIONS: dict[str, str] = {
    **{str(kind): _their(kind) for kind in Assignment.Kind},
    "core": "Their core team",
    "teacher": "Their teachers",
    "parent": "Their parents and carers",
    "reader": "Parents and carers whom it was sent to",
    "self": "The student",
}
EXCEPTION_WORDS: dict[str, str] = {
    "view_student": "the front page of one record",
    "view_log": "one record and its key worker log",
    "cover": "one record as if they were its keyworker, for cover",
}
# About no student in particular: shown apart.
ABOUT_NO_STUDENT: tuple[Can, ...] = tuple(Can)[: tuple(Can).index(Can.VIEW_STUDENT)]

STANDING_ABOVE: tuple[tuple[str, str], ...] = (
    (
        "Staff who are parents",
        "A member of staff is shut out of their own child's record, whatever their role or post. "
        "They follow their child as any parent does.",
    ),
    (
        "Court restrictions",
        "A parent or carer under a court restriction sees nothing of that child while it is in force. "
        "It beats every other entry in this table.",
    ),
    (
        "Young people and leavers",
        "From 16 on a student may decide that somebody at home sees less, or nothing; the school writes it down. "
        "Once a student has left, neither they nor their family see their pages.",
    ),
    (
        "Named exceptions",
        "A named member of staff may be given "
        + ", or ".join(EXCEPTION_WORDS[name] for name in EXCEPTIONS)
        + ". Each has a reason, the name of who gave it, and a last day, after which it closes by itself.",
    ),
)


def by_role(can: Can) -> list[str]:
    """Names of the roles that hold `can` over every student."""
    return [role.name for slug, role in ROLES.items() if slug in GRANTS[can].roles]


def by_relation(can: Can) -> list[str]:
    """The relations, in words, that hold `can` over one student."""
    return [worded(str(words)) for name, words in RELATIONS.items() if name in GRANTS[can].relations]


def by_exception(can: Can) -> bool:
    """Can a named exception open this for one student?"""
    return any(can in opened for opened in EXCEPTIONS.values())


def holders(can: Can) -> list[str]:
    """Everyone the table names for this, roles first."""
    return by_role(can) + by_relation(can)

"""The language that the school has recorded for a parent, or for a student at home."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from keywork.languages import code_of
from keywork.models import User

from .models import FamilyLink, FamilyMember, Student


def recorded_language(who: Any) -> str:
    """The code of one that Keywork speaks; "" of none. Of several children the first that says one."""
    said: Any
    links = FamilyLink.objects.filter(ended_on=None)
    if isinstance(who, User) and "student" in who.roles:
        said = Student.objects.filter(user=who).values_list("home_language", flat=True)
    elif isinstance(who, User):
        said = links.filter(member__user=who).values_list("language", flat=True)
    elif isinstance(who, FamilyMember):
        said = links.filter(member=who).values_list("language", flat=True)
    else:
        return ""
    return next(filter(None, map(code_of, said)), "")


def recorded_of(members: Iterable[int]) -> dict[int, str]:
    """The same of adults by their keys, one query; of others than English none is named."""
    found: dict[int, str] = {}
    links = FamilyLink.objects.filter(ended_on=None, member__in=list(members)).exclude(language="")
    for member_id, said in links.values_list("member_id", "language"):
        if code := code_of(said):
            found.setdefault(member_id, code)
    return found

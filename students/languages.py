"""The language that the school has recorded for a parent, or for a student at home."""

from __future__ import annotations

from keywork.languages import code_of
from keywork.models import User

from .models import FamilyLink, Student


def recorded_language(user: User) -> str:
    """The code of one that Keywork speaks; "" of none. Of several children the first that says one."""
    said = FamilyLink.objects.filter(member__user=user, ended_on=None).values_list("language", flat=True)
    if "student" in user.roles:
        said = Student.objects.filter(user=user).values_list("home_language", flat=True)
    return next(filter(None, map(code_of, said)), "")

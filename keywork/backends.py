"""Who is signed in; and `user.has_perm("students.view_student", student)`, the same answer as `keywork.access`."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.db.models import QuerySet

from . import prepared
from .access import EXCEPTIONS, allows
from .models import User
from .production import DEMO_DOMAIN


def _user(pk: int) -> QuerySet:
    return User.objects.filter(pk=pk).order_by()


class SignInBackend(AuthenticationBackend):
    """allauth's; the person of a session, whom every request asks for, is one prepared query."""

    def get_user(self, user_id: int) -> User | None:
        user = next(iter(prepared.rows(_user, user_id)), None)
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User) -> bool:
        return super().user_can_authenticate(user) and may_come_in(user)


def may_come_in(user: User) -> bool:
    """Everybody knows the password of the demo accounts: they open only where KEYWORK_DEMO=1 is set."""
    return user.is_active and (settings.DEMO or not user.email.endswith(f"@{DEMO_DOMAIN}"))


class AccessBackend:
    """Object permissions only: signing in is allauth's business."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def has_perm(self, user: Any, perm: str, obj: Any = None) -> bool:
        app, _, codename = perm.partition(".")
        if obj is None or app != "students" or codename not in EXCEPTIONS:
            return False
        return all(allows(user, can, obj) for can in EXCEPTIONS[codename])

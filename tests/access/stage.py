"""The cast with something to find: one of each record for Mina (mine) and for Otto (other)."""

from __future__ import annotations

from types import SimpleNamespace

from django.test import Client

from keywork.models import User
from tests import world as cast

# In the order of the issue. `nobody` has an account without a role; `anonymous` has none.
ACTORS = (
    "keyworker",
    "keyworker_other",
    "former",
    "future",
    "deputy",
    "mentor",
    "member",
    "teacher",
    "staff_parent",
    "head",
    "coordinator",
    "dsl",
    "senco",
    "slt",
    "admin",
    "parent",
    "parent_other",
    "parent_restricted",
    "parent_former",
    "student",
    "student_other",
    "nobody",
    "inactive",
    "anonymous",
)
STAFF = frozenset(name for name, roles in cast.STAFF.items() if roles and name != "inactive")
FAMILY = frozenset({"parent", "parent_other", "parent_restricted", "parent_former", "staff_parent"})
STUDENTS = frozenset({"student", "student_other"})
NOT_SIGNED_IN = frozenset({"inactive", "anonymous"})


def clients(w: SimpleNamespace) -> dict[str, Client]:
    """One signed-in client each; a mistake in a view is a 500 to be counted, not the end of the sweep."""
    found = {}
    for actor in ACTORS:
        client = Client(raise_request_exception=False)
        if actor != "anonymous":
            user: User = w.users[actor]
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        found[actor] = client
    return found

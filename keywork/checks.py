"""A view without a permission does not start: every route declares its capability or is public on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.urls import URLPattern, URLResolver, get_resolver

# Routes of allauth: signing in and managing one's own sign-in, guarded by allauth itself.
ALLAUTH_PREFIXES = ("account_", "mfa_", "socialaccount_", "openid_connect_")


def routes(patterns: Any = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every routed pattern with its full name; unnamed ones come with an empty name."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else "", pattern


@register()
def every_route_has_a_permission(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for name, pattern in routes():
        if not name:
            problems.append(Error(f"The route {pattern.pattern} has no name.", id="keywork.E001"))
            continue
        if name.startswith(ALLAUTH_PREFIXES):
            continue
        guarded = getattr(pattern.callback, "can", None) is not None
        public = getattr(pattern.callback, "login_required", True) is False
        if not guarded and not public:
            problems.append(
                Error(
                    f"The view of {name} declares no capability.",
                    hint="Use keywork.guards.permission_required.",
                    id="keywork.E002",
                )
            )
    return problems


@register(Tags.database)
def the_database_role_is_no_superuser(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """In production, before anything is migrated: a superuser reads files and runs programs on the server."""
    if not settings.IN_PRODUCTION or "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
    if not is_superuser:
        return []
    return [
        Error(
            "The account of the database is a superuser. Keywork needs one that owns its database and no more.",
            hint="docs/operations.md, An older installation.",
            id="keywork.E003",
        )
    ]

"""What stands before every view: signed in, then the capability (403), then the lookup that is the permission (404)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from .access import Can, allows, has_capability
from .audit import looked_up
from .http import SchoolRequest
from .scoped import ScopedQuerySet

View = Callable[..., HttpResponseBase]


GET, POST, GET_POST = ["GET", "HEAD"], ["POST"], ["GET", "HEAD", "POST"]


def permission_required(can: Can, methods: list[str] | None = None) -> Callable[[View], View]:
    """Only people who could ever do `can` come in, by these methods. Sign-in itself is LoginRequiredMiddleware's."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: SchoolRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not has_capability(request.user, can):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        page: Any = guarded if methods is None else require_http_methods(methods)(guarded)
        page.can = can  # read by the system check and the access matrix
        return page

    return wrap


def get_visible_or_404(queryset: ScopedQuerySet, request: SchoolRequest, can: Can, **lookup: Any) -> Any:
    """The object, if this person may; otherwise the same 404 as if it did not exist."""
    found = get_object_or_404(queryset.visible_to(request.user, can), **lookup)
    looked_up(request, _student_of(found, queryset), str(found._meta.verbose_name))
    return found


def page_of(state: Any, user: Any) -> str:
    """Where a duty (keywork.duties.DutyState) is done, if that is a page and this person may open it; or "".

    For whoever reads the log of the student: nobody else is told of duties.
    """
    url: str = state.page_url
    return url if not url or state.page_needs is None or allows(user, state.page_needs, state.student) else ""


def _student_of(found: Any, queryset: Any) -> int:
    """The student's id, along the path that the queryset knows."""
    for name in getattr(queryset, "all", queryset)().student_path.split("__"):
        found = getattr(found, name)
    return found

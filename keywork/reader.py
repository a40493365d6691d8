"""In which language somebody reads Keywork.

Staff read English. A parent or student reads what they have chosen, else what the school has recorded for them: an app
that records languages registers here how it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils import translation

from .languages import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from .http import NotedRequest
    from .models import User

KEPT = "keywork_language"  # in the session: asked for once

_recorded: list[Callable[[User], str]] = []


def recorded_by(asker: Callable[[User], str]) -> None:
    """Register what answers with the code of somebody's recorded language, or ""."""
    if asker not in _recorded:
        _recorded.append(asker)


def language_of(user: User) -> str:
    """Also of whoever is written to."""
    if user.is_school_staff:
        return ENGLISH
    if user.language in LANGUAGES:
        return user.language
    return next(filter(None, (asker(user) for asker in _recorded)), ENGLISH)


def language_for(request: NotedRequest) -> str:
    """Of a page. Before sign-in it is what was chosen in this browser, else what the browser asks for."""
    user: Any = request.user
    if not user.is_authenticated:
        found = translation.get_language_from_request(request)
        return found if found in LANGUAGES else ENGLISH
    if user.is_school_staff:
        return ENGLISH
    kept = request.session.get(KEPT)
    if kept not in LANGUAGES:
        kept = request.session[KEPT] = language_of(user)
    return kept

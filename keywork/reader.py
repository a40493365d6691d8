"""In which language somebody reads Keywork.

Staff read English. A parent or student reads what they have chosen, else what the school has recorded for them: an app
that records languages registers here how it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation

from .languages import ENGLISH, LANGUAGES
from .words import speaking

if TYPE_CHECKING:
    from .http import NotedRequest

KEPT = "keywork_language"  # in the session: asked for once

_recorded: list[Callable[[Any], str]] = []


def recorded_by(asker: Callable[[Any], str]) -> None:
    """Register what answers with the code of somebody's recorded language, or "": of an account, or of an adult of a
    family who has none."""
    if asker not in _recorded:
        _recorded.append(asker)


def language_of(who: Any) -> str:
    """Of an account, or of somebody without one who is written to."""
    if getattr(who, "is_school_staff", False):
        return ENGLISH
    if getattr(who, "language", "") in LANGUAGES:
        return who.language
    return next(filter(None, (asker(who) for asker in _recorded)), ENGLISH)


def writing_to(who: Any) -> AbstractContextManager[None]:
    """Within it texts are in the language of who gets them: a letter is made there, and never sent from there."""
    return speaking(language_of(who))


def answering(request: NotedRequest, who: Any) -> AbstractContextManager[None]:
    """Of a page behind a link that was sent to `who`: in their language, unless another was chosen in this browser."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    return nullcontext() if who is None or chosen else writing_to(who)


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

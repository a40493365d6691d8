"""What someone sent after their session had ended: held until they are back, so that nothing typed is lost.

Or after they had signed out in another tab. Each form travels with the sign-in page's own session, marked with the
person whose page it was. Whoever else signs in there never sees it; signing out leaves what waits. A draft is put
where drafts are; anything else waits on the page "unsent".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.crypto import get_random_string

from . import clock
from .actions.drafts import CONTINUES, NOT_TYPED, keep_draft, stamp
from .attempts import attempt
from .models import Draft, User
from .saving import is_autosave

HELD = "keywork_held"  # a list: what was sent first, drafts after it
ENDED = "keywork_ended"  # whose session ended: what they send after the first answer said so is theirs too
MAX_BYTES = 200_000  # of one form
MOST = 10  # forms
NOT_KEPT = (
    "What you sent last is not kept: it is too long, or too much waits already. Go back to its page, copy what you "
    "wrote, and save it once you have signed in."
)
# Passwords and codes are typed again, never held.
NEVER = ("account_", "mfa_")


def owner_of(request: HttpRequest) -> str | None:
    """The id of the person whose session this browser's cookie named, also when it has run out."""
    if (owner := getattr(request, "signed_out_user", None)) is not None:  # ended in this very request
        return owner
    if HELD in request.session:
        return _waiting(request)[-1]["user"]
    if ENDED in request.session:
        return request.session[ENDED]["user"]
    if not request.session.is_empty():
        return None
    row = Session.objects.filter(pk=request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")).first()
    return row.get_decoded().get(SESSION_KEY) if row else None


def hold(request: HttpRequest, owner: str | None, saved_before: str = "") -> bool:
    """Hold the posted fields of this request for its owner, no files; says whether they wait on the page "unsent".

    `saved_before`: where what was saved of the same form a moment ago stands.
    """
    match = request.resolver_match
    if request.method != "POST" or owner is None or match is None or (match.url_name or "").startswith(NEVER):
        return False
    fields = [
        [name, value] for name, values in request.POST.lists() if name not in NOT_TYPED for value in values
    ]
    if not fields:
        return False
    from .open_forms import key_of  # whose forms are sent twice is asked of this module

    key = key_of(request)
    open_form = key.form if key is not None and key.user == owner else ""
    kept = {
        "id": get_random_string(14),
        "at": clock.now().isoformat(),
        "user": owner,
        "path": request.get_full_path(),
        "fields": fields,
        "is_draft": match.view_name == "keywork:draft",
        "open_form": open_form,
        "saved_before": saved_before,
        "had_files": bool(request.FILES),
        # Which part this is of a page whose script sends each field alone.
        "part": sorted({name for name, _ in fields}) if is_autosave(request) else [],
    }
    waiting = _waiting(request)
    if kept["is_draft"] and any(_is_sent_of(one, kept) for one in waiting):
        return False  # what was sent is newer than any draft of it
    others = [one for one in waiting if not _is_older(one, kept)]
    if len(others) == MOST or sum(len(name) + len(value) for name, value in fields) > MAX_BYTES:
        messages.warning(request, NOT_KEPT)
        return False
    draft = Draft.objects.filter(user_id=owner, open_form=open_form).first() if open_form else None
    if draft is not None:  # it goes when this is saved
        fields.append([CONTINUES, stamp(draft)])
    _put(request, sorted([*others, kept], key=lambda one: one["is_draft"]))
    if not request.user.is_authenticated:
        request.session.set_expiry(settings.SESSION_LONGEST_SECONDS)
    return not kept["is_draft"]


def revive(request: HttpRequest) -> None:
    """What waited in a session whose row has run out waits on, in the browser's next one."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key or HELD in request.session or not request.session.is_empty():
        return
    row = Session.objects.filter(pk=key).first()
    waiting = row.get_decoded().get(HELD) if row else None
    if waiting:
        row.delete()
        _put(request, waiting if isinstance(waiting, list) else [{"id": "first", "part": [], **waiting}])
        request.session[ENDED] = {"user": _waiting(request)[-1]["user"]}
        request.session.set_expiry(settings.SESSION_LONGEST_SECONDS)


def claim(request: HttpRequest, user: User) -> None:
    """On signing in: drafts go where drafts are; what belongs to someone else is dropped."""
    if HELD not in request.session:
        return
    theirs = [one for one in _waiting(request) if one["user"] == str(user.pk)]
    _put(request, [one for one in theirs if not one["is_draft"]])
    for one in theirs:
        if one["is_draft"]:
            _keep_draft(one, user)


def keep_over(request: HttpRequest, leave: Callable[[], Any]) -> Any:
    """What `leave` gives, which ends the session: what waits in it goes on waiting for the same person."""
    waiting = _waiting(request)
    left = leave()
    if waiting and not request.user.is_authenticated:
        _put(request, waiting)
        request.session.set_expiry(settings.SESSION_LONGEST_SECONDS)
    return left


def let_go(request: HttpRequest) -> None:
    """What this request sends again, or throws away: the one it names, and what came of the same open form."""
    from .open_forms import key_of

    key, named = key_of(request), request.POST.get("held", "")
    _put(
        request,
        [
            one
            for one in _waiting(request)
            if not (named and one.get("id") == named)
            and not (key and one["open_form"] == key.form and one["path"] == request.get_full_path())
        ],
    )


def held(request: HttpRequest) -> list[dict[str, Any]]:
    """What waits for the signed-in person: each has `id`, `path` and `fields`."""
    return [one for one in _waiting(request) if one["user"] == str(request.user.pk)]


def _waiting(request: HttpRequest) -> list[dict[str, Any]]:
    found = request.session.get(HELD, [])
    return found if isinstance(found, list) else [{"id": "first", "part": [], **found}]  # of before: only one


def _put(request: HttpRequest, waiting: list[dict[str, Any]]) -> None:
    if waiting:
        request.session[HELD] = waiting
    else:
        request.session.pop(HELD, None)


def _is_sent_of(one: dict[str, Any], draft: dict[str, Any]) -> bool:
    return not one["is_draft"] and bool(draft["open_form"]) and one["open_form"] == draft["open_form"]


def _is_older(one: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Is it what the same open form held before?"""
    if one["user"] != kept["user"] or one["open_form"] != kept["open_form"]:
        return False
    if one["is_draft"] and kept["open_form"]:
        return True
    return one["path"] == kept["path"] and one["part"] == kept["part"]


def _keep_draft(kept: dict[str, Any], user: User) -> None:
    data: dict[str, list[str]] = {}
    for name, value in kept["fields"]:
        data.setdefault(name, []).append(value)
    try:
        about = resolve(kept["path"].partition("?")[0]).kwargs
    except Resolver404:
        return
    attempt(  # one that is far too long is not kept
        lambda: keep_draft(
            by=user,
            form=about["form"],
            student_id=about["student_id"],
            data=data,
            open_form=kept["open_form"],
        )
    )

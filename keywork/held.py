"""What someone sent after their session had ended: held until they are back, so that nothing typed is lost.

The form travels with the sign-in page's own session, marked with the person whose session had ended. Whoever
else signs in there never sees it. A draft is put where drafts are; anything else waits on the page "unsent".
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from .actions.drafts import CONTINUES, NOT_TYPED, keep_draft, stamp
from .errors import Refused
from .models import Draft, User

HELD = "keywork_held"
ENDED = "keywork_ended"  # whose session ended: what they send after the first answer said so is theirs too
MAX_BYTES = 200_000
# Passwords and codes are typed again, never held.
NEVER = ("account_", "mfa_")


def owner_of(request: HttpRequest) -> str | None:
    """The id of the person whose session this browser's cookie named, also when it has run out."""
    if (owner := getattr(request, "signed_out_user", None)) is not None:  # ended in this very request
        return owner
    if HELD in request.session:
        return request.session[HELD]["user"]
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
    if not fields or sum(len(name) + len(value) for name, value in fields) > MAX_BYTES:
        return False
    is_draft = match.view_name == "keywork:draft"
    if is_draft and not request.session.get(HELD, {}).get("is_draft", True):
        return False  # what was sent is newer than any draft of it
    from .open_forms import key_of  # whose forms are sent twice is asked of this module

    key = key_of(request)
    open_form = key.form if key is not None and key.user == owner else ""
    draft = Draft.objects.filter(user_id=owner, open_form=open_form).first() if open_form else None
    if draft is not None:  # it goes when this is saved
        fields.append([CONTINUES, stamp(draft)])
    request.session[HELD] = {
        "user": owner,
        "path": request.get_full_path(),
        "fields": fields,
        "is_draft": is_draft,
        "open_form": open_form,
        "saved_before": saved_before,
        "had_files": bool(request.FILES),
    }
    request.session.set_expiry(settings.SESSION_LONGEST_SECONDS)
    return not is_draft


def claim(request: HttpRequest, user: User) -> None:
    """On signing in: drafts go where drafts are; what belongs to someone else is dropped."""
    kept = request.session.get(HELD)
    if kept is None:
        return
    if kept["user"] != str(user.pk):
        del request.session[HELD]
    elif kept["is_draft"]:
        del request.session[HELD]
        data: dict[str, list[str]] = {}
        for name, value in kept["fields"]:
            data.setdefault(name, []).append(value)
        try:
            match = resolve(kept["path"].partition("?")[0])
            keep_draft(
                by=user,
                form=match.kwargs["form"],
                student_id=match.kwargs["student_id"],
                data=data,
                open_form=kept.get("open_form", ""),
            )
        except (Resolver404, Refused):
            return


def let_go(request: HttpRequest) -> None:
    """It was sent again, or thrown away."""
    request.session.pop(HELD, None)


def held(request: HttpRequest) -> dict[str, Any] | None:
    """What waits for the signed-in person: `path` and `fields`."""
    kept = request.session.get(HELD)
    return kept if kept is not None and kept["user"] == str(request.user.pk) else None

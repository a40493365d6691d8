"""The key of an open form: whose page it stands on, and which of their open forms it is (keywork.open_forms).

Every form that posts carries one beside its CSRF token (templatetags/open_forms.py), signed here for a week.
"""

from __future__ import annotations

from secrets import token_urlsafe
from typing import NamedTuple

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, UnreadablePostError

FIELD = "form_key"
GOOD_FOR_SECONDS = 7 * 24 * 60 * 60
_SIGNER = TimestampSigner(salt="keywork.open_forms", algorithm="sha1")  # as HMAC it is good enough, and short


class FormKey(NamedTuple):
    """`user` is the id of whom the page was made for; `form` is like no other form's."""

    user: str
    form: str


def make(user_id: int) -> str:
    """The key of a form that is drawn now."""
    return _SIGNER.sign(f"{user_id}.{token_urlsafe(10)}")


def key_of(request: HttpRequest) -> FormKey | None:
    """The key that came with a form; None where none came, or none of ours."""
    if request.method != "POST":
        return None
    try:
        return key_in(request.POST.get(FIELD, ""))
    except UnreadablePostError:
        return None


def key_in(text: str) -> FormKey | None:
    """The key that a field holds, if it is one of ours and still good."""
    try:
        signed = _SIGNER.unsign(text, max_age=GOOD_FOR_SECONDS)
    except BadSignature:
        return None
    return FormKey(*signed.split(".", 1))

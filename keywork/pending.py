"""What someone sent while they were not signed in: held until they are back, so that nothing typed is lost.

Their session had ended, or they had signed out in another tab, or somebody else had signed in there, or every cookie
was gone. Each form is a row of whoever the page was made for, which its key says (keywork.form_keys), so it is there
in every browser; nobody else ever sees it, and signing out leaves it. A draft is put where drafts are; anything else
waits on the page "unsent".
"""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any, Literal

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from . import clock
from .access import Can, has_capability
from .actions.drafts import CONTINUES, NOT_TYPED, keep_draft, stamp
from .attempts import attempt
from .form_keys import key_of
from .http import NotedRequest
from .models import Draft, PendingSubmission, User
from .numbers import number_in
from .saving import BASE, is_autosave
from .sessions import RENEWED
from .typed import break_once

Pairs = list[list[str]]

# In the session: whose before it ended, and what is kept of it ("", "draft" or "form").
ENDED = "keywork_ended"
LEFT = "keywork_left"  # and who signed out: what they send from a page that was open is still theirs
MAX_BYTES = 200_000  # of one form
MOST = 10  # forms
NOT_KEPT = (
    "What you sent last is not kept: it is too long, or too much waits already. Go back to its page, copy what you "
    "wrote, and save it once you have signed in."
)
# Passwords and codes are typed again, never held.
NEVER = ("account_", "mfa_", "openid_connect_")
DRAFTS = ("keywork:draft", "keywork:form_draft")
OF_ITS_PAGE = frozenset({"seen", "version"})
TIME = re.compile(r"\d\d:\d\d(:\d\d)?")
BY_SCRIPT = frozenset({"autosave"})  # a person who sends it again gets a page for an answer


def owner_of(request: HttpRequest) -> str | None:
    """The id of the person whose session this browser's cookie named, also when it has run out."""
    if (owner := getattr(request, "signed_out_user", None)) is not None:  # ended in this very request
        return owner
    if (owner := _owner_in(request.session)) is not None or not request.session.is_empty():
        return owner
    found = _named(request)
    return found.get(SESSION_KEY) or _owner_in(found)


def _named(request: HttpRequest) -> dict[str, Any]:
    """What the session held that the browser's cookie names, also when it has run out."""
    row = Session.objects.filter(pk=request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")).first()
    return row.get_decoded() if row else {}


def _owner_in(session: SessionBase | dict[str, Any]) -> str | None:
    return session.get(ENDED, {}).get("user") or session.get(LEFT)


def has_ended(request: HttpRequest) -> bool:
    """Does the browser name a session that is no more?"""
    return request.session.is_empty() and settings.SESSION_COOKIE_NAME in request.COOKIES


def note_end(request: HttpRequest, owner: str | None = None, kept: str = "") -> None:
    """For the sign-in page, which says that their session has ended, and as what the last they sent is kept."""
    owner = owner or owner_of(request)
    kept = kept or request.session.get(ENDED, {}).get("kept", "")
    if not kept and owner is not None and request.method != "POST":
        kept = _kept_of(request, owner)
    request.session[ENDED] = {"user": owner, "kept": kept}


def _kept_of(request: HttpRequest, owner: str) -> Literal["", "draft", "form"]:
    """Their page may have sent it by itself before they came to sign in: since they were last seen, and not long ago."""
    seen = getattr(request, "last_seen", None) or _named(request).get(RENEWED)
    if seen is None:
        return ""
    since = clock.now() - timedelta(seconds=time.time() - seen)  # sessions end by the machine's own time
    if PendingSubmission.objects.filter(user_id=owner, at__gte=since).exists():
        return "form"
    return "draft" if Draft.objects.filter(user_id=owner, updated_at__gte=since).exists() else ""


def hold(request: HttpRequest, owner: str | None, saved_before: str = "") -> Literal["", "draft", "form"]:
    """Hold the posted fields of this request for its owner, no files; says as what they are kept, "" for not.

    `saved_before`: where what was saved of the same form a moment ago stands.
    """
    match = request.resolver_match
    if request.method != "POST" or owner is None or match is None or (match.url_name or "").startswith(NEVER):
        return ""
    fields = [
        [name.replace("\x00", ""), value.replace("\x00", "")]
        for name, values in request.POST.lists()
        if name not in NOT_TYPED | BY_SCRIPT
        for value in values
    ]
    user = User.objects.filter(pk=owner, is_active=True).first()
    if not fields or user is None:
        return ""
    key = key_of(request)
    open_form = key.form if key is not None and key.user == owner else ""
    if match.view_name in DRAFTS:
        if open_form and PendingSubmission.objects.filter(user=user, open_form=open_form).exists():
            return "form"  # what was sent is newer than any draft of it
        return "draft" if _keep_draft(request, user, open_form, **match.kwargs) else ""
    if _keep(request, user, open_form, fields, saved_before):
        return "form"
    if request.user.is_anonymous or str(request.user.pk) == owner:
        messages.warning(request, NOT_KEPT)
    return ""


def _keep(request: HttpRequest, user: User, open_form: str, fields: Pairs, saved_before: str) -> bool:
    """One row for one open form: what is sent again takes its place, a field that script sends alone its own."""
    path, alone = request.get_full_path(), is_autosave(request)
    part = " ".join(sorted({name for name, _ in fields})) if alone and not open_form else ""
    same = Q(open_form=open_form) if open_form else Q(open_form="", path=path, part=part)
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
        waiting = PendingSubmission.objects.filter(user=user)
        row = waiting.filter(same).first() or PendingSubmission(
            user=user, open_form=open_form, path=path, part=part
        )
        if alone:
            fields = _with(row.fields or [], fields)
        else:
            row.path = path
            fields = _with(fields, _continued(request, user, open_form))
        if (row.pk is None and waiting.count() >= MOST) or _bytes(fields) > MAX_BYTES:
            return False
        row.fields, row.at, row.had_files = fields, clock.now(), bool(request.FILES)
        row.saved_before = saved_before or row.saved_before
        row.save()
    return True


def _with(before: Pairs, newer: Pairs) -> Pairs:
    """What was typed before, and over it the fields that came now; one that came empty says so by its base only."""
    named = {name for name, _ in newer}
    named |= {name.removeprefix(BASE) for name in named}
    return [pair for pair in before if pair[0] not in named] + newer


def _continued(request: HttpRequest, user: User, open_form: str) -> Pairs:
    """The drafts that go when this is saved: its own, and those it was filled from."""
    found = request.POST.getlist(CONTINUES)
    draft = Draft.objects.filter(user=user, open_form=open_form).first() if open_form else None
    return [[CONTINUES, told] for told in dict.fromkeys([*found, *([stamp(draft)] if draft else [])]) if told]


def _bytes(fields: Pairs) -> int:
    return sum(len(name) + len(value) for name, value in fields)


def _keep_draft(
    request: HttpRequest, user: User, open_form: str, form: str, student_id: int | None = None
) -> bool:
    """Only of what they may write."""
    if student_id is None:
        may = has_capability(user, Can.KEEP_DRAFTS)
    else:
        students = apps.get_model("students", "Student").objects
        may = students.visible_to(user, Can.LOG).filter(pk=student_id).exists()
    if not may:
        return False
    data = dict(request.POST.lists())
    _, no = attempt(
        lambda: keep_draft(by=user, form=form, student_id=student_id, data=data, open_form=open_form)
    )
    return no is None


def sent_again(request: HttpRequest) -> list[PendingSubmission]:
    """What this request sends again, or throws away: the one it names, and what came of the same open form.

    It waits until the request has saved it; a page that shows the form again names it again (templatetags).
    """
    key, told = key_of(request), [number_in(one, digits=18) for one in request.POST.getlist("pending")]
    named = [pk for pk in told if pk is not None]
    asked = Q(pk__in=named) if named else Q()
    if key is not None:
        asked |= Q(open_form=key.form, path=request.get_full_path())
    return list(pending_submissions(request).filter(asked)) if asked else []


def keep_waiting(request: NotedRequest) -> None:
    """For a view that saved nothing of what was sent, and leads somewhere all the same."""
    request.keeps_waiting = True


def settle(request: HttpRequest) -> None:
    """What was sent is saved: what it sends again waits no more, nor what says the same to the same page."""
    if getattr(request, "keeps_waiting", False):
        return
    unsent = reverse("portal:unsent")
    again = [
        one
        for one in getattr(request, "sent_again", [])
        if request.path in (one.path.partition("?")[0], unsent)  # the page's other forms name it too
    ]
    posted = [[name, value] for name, values in request.POST.lists() for value in values]
    same = [
        one
        for one in pending_submissions(request).filter(
            Q(path=request.path) | Q(path__startswith=f"{request.path}?")
        )
        if _says(posted, one.fields)
    ]
    PendingSubmission.objects.filter(pk__in={one.pk for one in [*again, *same]}).delete()


def _says(posted: Pairs, waits: Pairs) -> bool:
    """Whether what waits stands in what was posted: all of it, but for a time beside words, which is that of writing.

    Where both come from one draft, more may have been written since: then all its sentences are enough.
    """
    new, old = _answers(posted), _answers(waits)
    sentences = {pair for pair in old if len(pair[1].split()) > 1}
    if _stamps(posted) & _stamps(waits) and sentences:
        return all(any(name == at and value in one for at, one in new) for name, value in sentences)
    if not sentences:
        return bool(old) and new == old
    return {pair for pair in new if not TIME.fullmatch(pair[1])} == {
        pair for pair in old if not TIME.fullmatch(pair[1])
    }


def _answers(fields: Pairs) -> set[tuple[str, str]]:
    """What is answered in a form, without what its page carries for itself; empty boxes say nothing."""
    return {
        (name, break_once(value).strip())
        for name, value in fields
        if value.strip() and name not in NOT_TYPED | BY_SCRIPT | OF_ITS_PAGE and not name.startswith(BASE)
    }


def _stamps(fields: Pairs) -> set[str]:
    return {value for name, value in fields if name == CONTINUES}


def pending_submissions(request: HttpRequest) -> QuerySet[PendingSubmission]:
    """What waits for the signed-in person."""
    return PendingSubmission.objects.filter(user_id=request.user.pk or 0)


def remind(request: HttpRequest, user: User) -> None:
    """Whoever comes in is told on their next page what waits, unless that says so already."""
    count = PendingSubmission.objects.filter(user=user).count()
    if not count:
        return
    words = (
        "One form you sent is not saved yet." if count == 1 else f"{count} forms you sent are not saved yet."
    )
    said = format_html(
        '{} <a href="{}">Look at {}</a>.', words, reverse("portal:unsent"), "it" if count == 1 else "them"
    )
    if said not in unread_messages(request):
        messages.info(request, said)


def unread_messages(request: HttpRequest) -> set[str]:
    """What is to be said on their next page; looking at it here leaves it there."""
    waiting: Any = messages.get_messages(request)
    words = {str(one) for one in waiting}
    waiting.used = False
    return words

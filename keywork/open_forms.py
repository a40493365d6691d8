"""The key of an open form: whose page it stands on, and which of their open forms it is.

Every form that posts carries one beside its CSRF token (templatetags/open_forms.py), signed here for a week. By it

* a form sent twice is saved once (`SentOnceMiddleware`),
* who signed in again in another tab goes on, and nobody sends what another person typed (`CsrfMiddleware`),
* each open form has a draft of its own (keywork/actions/drafts.py).
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.middleware.csrf import CsrfViewMiddleware, RejectRequest
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.crypto import salted_hmac

from . import pending
from .form_keys import FIELD, FormKey, key_of
from .http import Middleware, NotedRequest
from .models import SentForm, User
from .saving import is_autosave


def done(request: NotedRequest, leads_to: str, said: str = "") -> None:
    """For a view that saved a form and answers with a page, not by leading somewhere.

    `leads_to`: the address for a form that is sent again, and what is `said` there.
    """
    request.form_leads_to, request.form_said = leads_to, said


def undone(by_id: int, undo_url: str, said: str) -> None:
    """What offered `undo_url` to whoever saved it was undone there: sent again, its form says so."""
    for sent in SentForm.objects.filter(user_id=by_id, said__icontains=undo_url):
        if any(f'href="{undo_url}?' in str(one) for one in sent.said):
            sent.said = [Message(messages.WARNING, said)]
            sent.save(update_fields=["said"])


class CsrfMiddleware(CsrfViewMiddleware):
    """Signing in gives the browser another CSRF token: pages that were open keep the old one.

    A form whose key was made for the person who is signed in now comes from a page of theirs all the same. And where
    nobody is signed in, also not by any cookie, nothing is done with a form but to hold it for whom its key names
    (keywork.pending).
    """

    def _check_token(self, request: HttpRequest) -> None:
        try:
            super()._check_token(request)  # type: ignore[misc]  # not in the stubs
        except RejectRequest:
            key = key_of(request)
            if key is None or not (self._is_theirs(request, key) or _signs_out(request)):
                raise

    def _is_theirs(self, request: HttpRequest, key: FormKey) -> bool:
        if request.user.is_authenticated:
            return str(request.user.pk) == key.user
        view = request.resolver_match.func if request.resolver_match else None
        return getattr(view, "login_required", True)


class SentOnceMiddleware(Middleware):
    """A form that is sent again leads where it led the first time, with the same words: nothing is done twice.

    Key and save are one transaction: neither is there without the other, and of two sent at the same moment the
    second waits for the first. A form that was refused may be sent again. If the second differs from the first,
    what was typed waits on the page "unsent".
    """

    def __call__(self, request: NotedRequest) -> HttpResponseBase:
        user = request.user
        key = key_of(request) if request.method == "POST" and user.is_authenticated else None
        if key is None or not isinstance(user, User):
            return self.get_response(request)
        try:
            match = request.resolver_match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        if key.user != str(user.pk) and not _signs_out(request):
            # Somebody else has signed in: what the first typed is not theirs to send, nor to see.
            return _another_person(request, match.view_name, key)
        view = match.view_name
        saves_nothing = "preview" in request.POST or view in pending.DRAFTS
        if saves_nothing or view.startswith(pending.NEVER):
            return self.get_response(request)
        if is_autosave(request):
            response = self.get_response(request)
            if response.status_code == 200:
                pending.settle(request)
            return response
        return self._once(request, user, key)

    def process_view(self, request: NotedRequest, *view: object) -> None:
        request.reached_view = True

    def _once(self, request: NotedRequest, user: User, key: FormKey) -> HttpResponseBase:
        body = _digest(request)
        with transaction.atomic():
            try:
                sent = SentForm.objects.create(key=key.form, user=user, body=body)
            except IntegrityError:
                pass  # sent before: this transaction comes to nothing
            else:
                return self._first(request, sent)
        sent = SentForm.objects.get(key=key.form)
        return _again(request, sent) if sent.body == body else _differs(request, sent)

    def _first(self, request: NotedRequest, sent: SentForm) -> HttpResponseBase:
        response = self.get_response(request)
        shown = getattr(request, "form_leads_to", None)
        leads_to = shown or response.get("HX-Redirect") or response.get("Location")
        if response.status_code >= 500:
            transaction.set_rollback(True)
        elif leads_to and hasattr(request, "reached_view") and not _asks_who(leads_to):
            sent.leads_to = leads_to
            sent.by_script = "HX-Redirect" in response or bool(shown and request.htmx)
            told: Any = messages.get_messages(request)
            sent.said = list(told._queued_messages)
            if shown and request.form_said:
                sent.said = [Message(messages.WARNING, request.form_said)]
            sent.save(update_fields=["leads_to", "by_script", "said"])
            pending.settle(request)
        else:
            sent.delete()
        return response


ANOTHER = "Somebody else has signed in in this browser."
KEPT = f"{ANOTHER} What you typed is kept for you alone: sign in as yourself, and it is there."
NOT_KEPT = f"{ANOTHER} What you typed is not saved: copy it from its page, then sign in as yourself."


def _another_person(request: HttpRequest, view: str, key: FormKey) -> HttpResponseBase:
    """What they typed waits for whom the page was made; whoever is signed in now is shown none of it."""
    words = KEPT if pending.hold(request, key.user) else NOT_KEPT
    if is_autosave(request) or view in pending.DRAFTS:
        return JsonResponse({"words": words}, status=403)
    return render(request, "403_csrf.html", {"another_person": words}, status=403)


def _signs_out(request: HttpRequest) -> bool:
    """Whose page it was does not matter then: whoever presses it is signed out."""
    return request.resolver_match is not None and request.resolver_match.view_name == "account_logout"


def _asks_who(url: str) -> bool:
    """Whether an address asks who sits there, before anything is done."""
    try:
        return resolve(urlsplit(url).path).view_name.startswith(pending.NEVER)
    except Resolver404:
        return False


def _digest(request: HttpRequest) -> str:
    """Says whether two forms say the same. It is keyed: nobody finds out by trying what was typed."""
    fields = [(name, request.POST.getlist(name)) for name in sorted(request.POST)]
    typed = [one for one in fields if one[0] not in (FIELD, "csrfmiddlewaretoken")]
    files = sorted(
        (name, file.name, _digest_of(file)) for name in request.FILES for file in request.FILES.getlist(name)
    )
    return salted_hmac(
        "keywork.open_forms", repr((request.path, typed, files)), algorithm="sha256"
    ).hexdigest()


def _digest_of(file: UploadedFile) -> str:
    """Of its content, which is read again from the start afterwards."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _again(request: HttpRequest, sent: SentForm) -> HttpResponseBase:
    unread = pending.unread_messages(request)
    for one in sent.said:
        if str(one) not in unread:
            messages.add_message(request, one.level, one.message, one.extra_tags)
    if sent.by_script:
        here = urlsplit(request.headers.get("HX-Current-URL", "")).path
        if here == urlsplit(sent.leads_to).path:  # to go to a "#place" of the same page draws nothing anew
            return HttpResponse(headers={"HX-Refresh": "true"})
        return HttpResponse(headers={"HX-Redirect": sent.leads_to})
    return HttpResponseRedirect(sent.leads_to)


def _differs(request: HttpRequest, sent: SentForm) -> HttpResponseBase:
    if pending.hold(request, str(request.user.pk), saved_before=sent.leads_to) != "form":
        return _again(request, sent)
    unsent = reverse("portal:unsent")
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": unsent})
    return HttpResponseRedirect(unsent)

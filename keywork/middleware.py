"""What happens around every request: its sender, session and sign-in, the history context, the school."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import pghistory.middleware
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html

from . import pending, school, words
from .form_keys import key_of
from .http import POLL_HEADER, Middleware, NotedRequest, is_by_itself, page_before
from .reader import language_for
from .school import SchoolFacts, SchoolNotSetUp
from .sessions import BEGAN, RENEWED, SessionStore

RENEW_AFTER_SECONDS = 5 * 60
CLOCK_SECONDS = 2 * 60  # two machines may differ by as much; a session that begins later has ended

# RFC 2046, and longer ones are sent.
BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,199}[0-9A-Za-z'()+_,./:=?-]")


class AddressMiddleware(Middleware):
    """Behind our own proxies the sender is who the outermost of them saw: for rate limits and the audit log.

    KEYWORK_PROXIES counts the proxies that are ours; what a client writes further left is not believed.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.PROXIES:
            passed_on = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            if len(passed_on) >= settings.PROXIES and passed_on[-settings.PROXIES]:
                request.META["REMOTE_ADDR"] = passed_on[-settings.PROXIES]
        return self.get_response(request)


class NoNulMiddleware(Middleware):
    """A NUL in an address is nobody's typing, and no text for Postgres: 400, rather than an error of ours."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("NUL in the query")
        return self.get_response(request)


class FormMiddleware(Middleware):
    """A form that says it comes in letters or parts that cannot be read: 400, and nobody tries to read it again."""

    URLENCODED, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        kind, told = request.content_type, request.content_params or {}
        if kind in (self.URLENCODED, self.PARTS):
            try:
                readable = codecs.lookup(told.get("charset", "utf-8")).name == "utf-8"
            except (LookupError, ValueError):
                readable = False
            if kind == self.PARTS:
                readable = readable and BOUNDARY.fullmatch(told.get("boundary", "")) is not None
            if not readable:
                unread: Any = request
                unread._mark_post_parse_error()  # the page that says so reads no fields
                raise BadRequest("A form that cannot be read")
        return self.get_response(request)


class PrivateMiddleware(Middleware):
    """No page is ever kept: after signing out, Back asks again. Static files pass before this and are kept."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["Cache-Control"] = "no-store, private"
        return response


class CompressMiddleware(GZipMiddleware):
    """Text is sent compressed, with random padding against guessing by its length (BREACH); files go as they are."""

    KINDS = ("text/", "application/json", "image/svg+xml")

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith(self.KINDS):
            return response
        return super().process_response(request, response)


def stamp_session(request: HttpRequest) -> None:
    """A session begins (keywork.signin)."""
    request.session[BEGAN] = request.session[RENEWED] = int(time.time())


def seconds_left(request: HttpRequest) -> tuple[int, bool]:
    """Until the session ends if nothing more is done, and whether staying signed in would put that off."""
    session, now = request.session, int(time.time())
    if BEGAN not in session:
        return settings.SESSION_COOKIE_AGE, True
    idle = session[RENEWED] + settings.SESSION_COOKIE_AGE - now
    longest = session[BEGAN] + settings.SESSION_LONGEST_SECONDS - now
    return max(0, min(idle, longest)), idle < longest


def renew_session(request: HttpRequest) -> None:
    """Somebody says that they are still there."""
    request.session[RENEWED] = int(time.time())


class SessionMiddleware(DjangoSessionMiddleware):
    """What a page asks or saves by itself while nobody is signed in leaves the browser's cookie as it is: in another
    tab they may be signing in again at this moment, and an answer that comes later would sign them out.

    The session that their cookie names is still saved: it counts the tries at a code, and anybody can send the header.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not is_by_itself(request) or SESSION_KEY in request.session:
            return super().process_response(request, response)
        if request.session.session_key is not None:
            with suppress(SessionInterrupted):  # they have just signed in: what it held is in the new one
                response = super().process_response(request, response)
            response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return response


class SlidingSessionMiddleware(Middleware):
    """An idle session ends (SESSION_COOKIE_AGE); one in use goes on, for half a day at most.

    Renewing writes the session, so it is done every five minutes and not with each request. Sessions end by
    the machine's own time, as Django's do, whatever `keywork.clock` says.
    """

    def __call__(self, request: NotedRequest) -> HttpResponseBase:
        session = request.session
        if SESSION_KEY in session:
            now = int(time.time())
            if BEGAN not in session:
                stamp_session(request)
            elif (
                not -CLOCK_SECONDS <= now - session[BEGAN] < settings.SESSION_LONGEST_SECONDS
                or not -CLOCK_SECONDS <= now - session[RENEWED] < settings.SESSION_COOKIE_AGE
            ):
                request.signed_out_user, request.last_seen = session[SESSION_KEY], session[RENEWED]
                if is_by_itself(request):
                    # The row stays: whose it was is asked for when they come to sign in.
                    request.session, request.user = SessionStore(), AnonymousUser()
                else:
                    logout(request)
            elif POLL_HEADER not in request.headers and (
                now - session[RENEWED] >= min(RENEW_AFTER_SECONDS, settings.SESSION_COOKIE_AGE // 6)
            ):
                session[RENEWED] = now
        return self.get_response(request)


class LanguageMiddleware(Middleware):
    """The page is in the language of who reads it."""

    def __call__(self, request: NotedRequest) -> HttpResponseBase:
        code = language_for(request)
        with words.speaking(code):
            response = self.get_response(request)
        response.setdefault("Content-Language", code)
        return response


class SignedInMiddleware(LoginRequiredMiddleware):
    """Every view needs sign-in unless marked `login_not_required`; then people are back where they were.

    What they had sent is held for them (`keywork.pending`).
    An htmx request gets `HX-Redirect`: a plain redirect would put the sign-in page into a card.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        response = super().process_view(request, view_func, view_args, view_kwargs)
        if pending.has_ended(request) and request.path == reverse(settings.LOGIN_URL):
            pending.note_end(request)
        if response is None and request.method == "POST" and request.user.is_authenticated:
            again = cast(NotedRequest, request).sent_again = pending.sent_again(request)
            unsent = reverse("portal:unsent")
            others = pending.pending_submissions(request).exclude(pk__in=[one.pk for one in again])
            if request.path != unsent and "pending" in request.POST and others.exists():
                words = '<a href="{}">More of what you sent</a> is not saved yet.'
                messages.info(request, format_html(words, unsent))
        return response

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> Any:
        ended = pending.has_ended(request)
        key = key_of(request)  # of a page that may have been open when they signed out in another tab
        owner = key.user if key is not None else None
        if key is None and (ended or request.method == "POST"):
            owner = pending.owner_of(request)
        kept = pending.hold(request, owner)
        if ended or kept or pending.ENDED in request.session:
            pending.note_end(request, owner, kept)
        response = redirect_to_login(
            reverse("portal:unsent") if kept == "form" else _page_they_were_on(request),
            self.get_login_url(view_func),
            self.get_redirect_field_name(view_func),
        )
        if getattr(request, "htmx", False):
            return HttpResponse(status=200, headers={"HX-Redirect": response["Location"]})
        return response


def _page_they_were_on(request: HttpRequest) -> str:
    """A page to come back to: never a fragment, never an address that only takes a POST."""
    if getattr(request, "htmx", False):
        page = cast(NotedRequest, request).htmx.current_url_abs_path
        return page or request.get_full_path()
    return page_before(request) or request.get_full_path()


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Row history carries who did it and by which request."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_context(request), "address": request.META.get("REMOTE_ADDR")}


class SchoolMiddleware(Middleware):
    """`request.school`, read when first asked for; a page that says what to do while there is none."""

    def __call__(self, request: NotedRequest) -> HttpResponseBase:
        request.school = cast(SchoolFacts, SimpleLazyObject(school.load))
        with words.of(request.school):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Before the school is set up every page that needs it says how that is done."""
        return render(request, "no_school.html", status=503) if isinstance(error, SchoolNotSetUp) else None

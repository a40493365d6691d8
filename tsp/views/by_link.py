"""The page of somebody outside who was asked: a link, a code, a few questions, and nothing else of the school.

A professional gives their part of the team input; a parent or carer their own conversation sheet, in their words.

Whoever knows the address and the code comes in for two hours at a time; the cookie that says so belongs to this one
ask and this one address. An address that works no longer, was taken back, was used, or never was, answers the same.
"""

from __future__ import annotations

from typing import Any

import pghistory
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from keywork import clock, saving
from keywork.attempts import attempt
from keywork.http import SchoolRequest

from .. import asking
from ..actions.asks import by_link, excuse, try_code, used_link
from ..actions.asks_home import rather_not
from ..actions.inputs import hand_in
from ..asked_form import AskedForm
from ..forms.asks import CannotForm, CodeForm, RatherNotForm
from ..models import Ask
from ..own import keyworker_of

COOKIE = "keywork_asked"
TICKS = "ticks"  # in the address of a parent's or carer's link: the statements, on a page of their own
STAYS_SECONDS = 2 * 60 * 60  # from the last time something was sent
DEAD = "This page cannot be used any more. Copy what you typed"
CODE_AGAIN = "The code is asked for again. Copy what you typed, then open the link once more"


# No token against forged requests, and none needed: the address itself is the secret that a forger would have to
# know. Browsers that are told to send no referrer send no origin either, which Django takes for a forgery.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def asked_by_link(request: SchoolRequest, token: str) -> HttpResponse:
    """GET shows the code or the form; POST takes either. Nothing here says why a link does not work."""
    # The row history keeps the address of a request: of this one it must not, as only a digest may be kept.
    with pghistory.context(url="/tsp/asked/"):
        return _private(_answer(request, token))


def _answer(request: SchoolRequest, token: str) -> HttpResponse:
    ask = by_link(token)
    if ask is not None and _is_in(request, ask):
        if request.method == "POST":
            return _take(request, ask, token)
        return _stay(_page(request, ask, AskedForm.of(ask)), request, ask)
    if ask is None and (done := _again(request, token)):
        return done
    # Whoever is in saves as they type; trying codes and addresses is what is limited.
    if not ratelimit.consume(request, app="allauth.account", action="tsp_asked", limit_get=True):
        return render(request, "tsp/ask_link_wait.html", status=429)
    return _gone(request) if ask is None else _ask_code(request, ask, token)


def _gone(request: SchoolRequest, words: str = DEAD) -> HttpResponse:
    if saving.is_autosave(request):
        return saving.Saving(refused=words).response()
    return render(request, "tsp/ask_link_gone.html", status=404)


# ------------------------------------------------------------------------------------------ the code


def _ask_code(request: SchoolRequest, ask: Ask, token: str) -> HttpResponse:
    if saving.is_autosave(request):
        return saving.Saving(refused=CODE_AGAIN).response()
    form = CodeForm(request.POST if "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        if try_code(ask=ask, code=form.cleaned_data["code"]):
            ask.refresh_from_db()
            # Not to a page of its own: reloaded, this address is the form.
            return _stay(HttpResponseRedirect(request.path), request, ask)
        left = asking.MOST_TRIES - Ask.objects.values_list("tries", flat=True).get(pk=ask.pk)
        if left <= 0 or by_link(token) is None:
            return _gone(request)
        tries = "1 try" if left == 1 else f"{left} tries"
        form.add_error("code", f"This is not the code. You have {tries} left; then the link is closed")
    status = 422 if form.errors else 200
    return render(request, "tsp/ask_link_code.html", {"form": form}, status=status)


def _salt(ask: Ask) -> str:
    """A new code, or a new link, makes what is in the browser worth nothing."""
    return f"tsp.asked.{ask.pk}.{ask.code_digest}.{ask.link_digest}"


def _is_in(request: SchoolRequest, ask: Ask) -> bool:
    found = request.get_signed_cookie(COOKIE, default=None, salt=_salt(ask), max_age=STAYS_SECONDS)
    return found == str(ask.pk)


def _stay(response: HttpResponse, request: SchoolRequest, ask: Ask) -> HttpResponse:
    response.set_signed_cookie(
        COOKIE,
        str(ask.pk),
        salt=_salt(ask),
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # the link is opened from a mail: then "Strict" would ask for the code each time
    )
    return response


# ------------------------------------------------------------------------------------------ the form


def _take(request: SchoolRequest, ask: Ask, token: str) -> HttpResponse:
    made, no = attempt(lambda: _taken(request, ask))
    if no is not None:  # somebody was quicker: taken back, ended, or handed in in another window
        return _again(request, token) or _gone(request)
    return made


def _taken(request: SchoolRequest, ask: Ask) -> HttpResponse:
    """Raises Refused."""
    form = AskedForm.of(ask)
    if "cannot" in request.POST:
        words = _cannot(ask, request.POST)
        if not words.is_valid():
            return _stay(_page(request, ask, form, cannot=words, status=422), request, ask)
        say = excuse if ask.member_id is None else rather_not
        say(ask=ask, words=words.cleaned_data["words"])
        return _done(request, ask, could=False)
    form.save(request.POST)
    if saving.is_autosave(request):
        return _stay(form.saved.response(), request, ask)
    if request.POST.get("do") == "hand-in" and form.saved.status == 200:
        form.check_whole()
        if form.status == 200 and not form.is_sure(request.POST):
            return _stay(_check(request, ask, form), request, ask)
        if form.status == 200:
            hand_in(ask=ask)
            return _done(request, ask, could=True)
    if form.status == 200:
        stays = TICKS in request.GET and request.POST.get("do") != "back"
        return _stay(HttpResponseRedirect(f"{request.path}?{TICKS if stays else 'kept'}"), request, ask)
    return _stay(_page(request, ask, form, status=form.status), request, ask)


def _again(request: SchoolRequest, token: str) -> HttpResponse | None:
    """The button of the check page pressed twice by who is in: it was sent once, and is answered alike."""
    if "sure" not in request.POST or any(saving.typed_fields(request.POST)):
        return None
    ask = used_link(token)
    return _done(request, ask, could=True) if ask is not None and _is_in(request, ask) else None


def _cannot(ask: Ask, data: QueryDict | None = None) -> CannotForm:
    return CannotForm(data) if ask.member_id is None else RatherNotForm(data)


def _done(request: SchoolRequest, ask: Ask, *, could: bool) -> HttpResponse:
    context = {"could": could, "home": ask.member_id is not None, "first_name": ask.student.known_as}
    return render(request, "tsp/ask_link_done.html", context | {"gentle": context["home"]})


def _page(
    request: SchoolRequest, ask: Ask, form: AskedForm, cannot: CannotForm | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "ask": ask,
        "first_name": ask.student.known_as,
        "form": form,
        "cannot": cannot or _cannot(ask),
        "kept": "kept" in request.GET,
        "saved_at": max((one.at for one in form.stored.values()), default=None),
        "now": clock.now(),
    }
    if ask.member_id is None:
        return render(request, "tsp/ask_link.html", context, status=status)
    context |= {"gentle": True, "keyworker": keyworker_of(ask.student)}
    page = "ticks" if TICKS in request.GET and not form.by_staff else "home"
    return render(request, f"tsp/ask_link_{page}.html", context, status=status)


def _check(request: SchoolRequest, ask: Ask, form: AskedForm) -> HttpResponse:
    """What they say on one page, before it goes."""
    context: dict[str, Any] = {"form": form, "here": request.path, "gentle": ask.member_id is not None}
    context |= {"seal": form.seal, "changed": saving.CHANGED_SINCE if "sure" in request.POST else ""}
    if context["gentle"]:
        context["keyworker"] = keyworker_of(ask.student)
    return render(request, "tsp/ask_link_check.html", context)


def _private(response: HttpResponse) -> HttpResponse:
    """Kept nowhere, found by no search engine, told to no other site; and no log is given the address."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would write the path beside a 4xx
    return response

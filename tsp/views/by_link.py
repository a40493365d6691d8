"""The page of somebody outside who was asked: a link, a code, a few questions, and nothing else of the school.

A professional gives their part of the team input; a parent or carer their own conversation sheet, in their words.

How they come in, and stay, says keywork.views.outside.
"""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from keywork import clock, saving
from keywork.attempts import attempt
from keywork.http import SchoolRequest
from keywork.views import outside

from ..actions.ask_mails import ASKED
from ..actions.asks import by_link, excuse, try_code, used_link
from ..actions.asks_home import rather_not
from ..actions.inputs import hand_in
from ..asked_form import AskedForm
from ..forms.asks import CannotForm, RatherNotForm
from ..models import Ask
from ..own import keyworker_of

TICKS = "ticks"  # in the address of a parent's or carer's link: the statements, on a page of their own
DEAD = "This page cannot be used any more. Copy what you typed"
CODE_AGAIN = "The code is asked for again. Copy what you typed, then open the link once more"


# No token against forged requests, and none needed: the address itself is the secret that a forger would have to
# know. Browsers that are told to send no referrer send no origin either, which Django takes for a forgery.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def asked_by_link(request: SchoolRequest, token: str) -> HttpResponseBase:
    """GET shows the code or the form; POST takes either. Nothing here says why a link does not work."""
    # The row history keeps the address of a request: of this one it must not, as only a digest may be kept.
    with pghistory.context(url="/tsp/asked/"):
        return outside.private(_answer(request, token))


def _answer(request: SchoolRequest, token: str) -> HttpResponse:
    ask = by_link(token)
    if ask is not None and _is_in(request, ask):
        if request.method == "POST":
            return _take(request, ask, token)
        return _stay(_page(request, ask, AskedForm.of(ask)), request, ask)
    if ask is None and (done := _again(request, token)):
        return done
    # Whoever is in saves as they type; trying codes and addresses is what is limited.
    if told := outside.wait(request):
        return told
    return _gone(request) if ask is None else _ask_code(request, ask, token)


def _gone(request: SchoolRequest, words: str = DEAD) -> HttpResponse:
    if saving.is_autosave(request):
        return saving.Saving(refused=words).response()
    return render(request, "tsp/ask_link_gone.html", status=404)


# ------------------------------------------------------------------------------------------ the code


def _ask_code(request: SchoolRequest, ask: Ask, token: str) -> HttpResponse:
    if saving.is_autosave(request):
        return saving.Saving(refused=CODE_AGAIN).response()
    return outside.ask_code(
        ASKED,
        request,
        ask,
        heading="Your view is asked for",
        opens=lambda code: try_code(ask=ask, code=code),
        works=lambda: by_link(token) is not None,
        gone=lambda: _gone(request),
    )


def _is_in(request: SchoolRequest, ask: Ask) -> bool:
    return outside.is_in(ASKED, request, ask)


def _stay(response: HttpResponse, request: SchoolRequest, ask: Ask) -> HttpResponse:
    return outside.stay(ASKED, response, request, ask)


# ------------------------------------------------------------------------------------------ the form


def _take(request: SchoolRequest, ask: Ask, token: str) -> HttpResponse:
    made, _ = attempt(lambda: _taken(request, ask))
    if made is None:  # somebody was quicker: taken back, ended, or handed in in another window
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

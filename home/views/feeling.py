"""How I feel today (optional): said in one word or a few, changed or taken back that day, read in words."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from keywork import clock
from keywork.absences import keyworker_of
from keywork.access import Can
from keywork.editing import press, save
from keywork.guards import GET_POST, POST, permission_required
from keywork.http import SchoolRequest
from safety import worry_audience as safety
from students.models import Student
from students.people_at_home import AtHome, people_at_home, usual
from tsp.models import Feeling
from tsp.rating import rules

from .. import feelings
from ..actions import say_feeling, take_back
from ..forms import FeelingForm
from .student import me_of, own_page


@permission_required(Can.VIEW_MY_PAGE, GET_POST)
def feeling(request: SchoolRequest) -> HttpResponse:
    """Five faces, and my last two weeks. `?word=` is the face that was tapped on my page; nothing is said yet."""
    me = me_of(request)
    choices: dict[str, Any] = {
        "audience": safety.audience(me),
        "people": people_at_home(me, clock.today()),
    }
    if request.method != "POST":
        initial = _initial(request, me, choices["people"])
        return _page(request, me, FeelingForm(initial=initial, **choices), choices)
    form = FeelingForm(request.POST, **choices)
    if "check" in request.POST:  # Enter in a box: what is chosen stands there, and nothing is said yet
        return _page(request, me, form, choices, status=200 if form.is_valid() else 422)
    said = save(request, form, lambda: say_feeling(by=request.user, student=me, **form.cleaned_data))
    if said is not None:
        if said.not_safe:
            return redirect("safety:told")
        messages.success(request, "Saved.")
        helps = rules.asks_for_a_talk(said.word)
        return redirect("home:feeling" if helps else "portal:my_page")
    return _page(request, me, form, choices, status=form.status)


def _initial(request: SchoolRequest, me: Student, people: list[AtHome]) -> dict[str, Any]:
    said = feelings.said_on(me, clock.today())
    initial: dict[str, Any] = {"share": usual(people)}
    if said is not None:
        initial = {
            "word": said.word,
            "words": said.words,
            "share": usual(people) if said.not_safe else said.shared_with,
        }
    tapped = request.GET.get("word", "")
    return {**initial, "word": tapped} if tapped in Feeling.Word.values else initial


def _page(
    request: SchoolRequest, me: Student, form: FeelingForm, choices: dict[str, Any], status: int = 200
) -> HttpResponse:
    today = clock.today()
    audience: safety.Audience = choices["audience"]
    chosen = {str(one) for one in (form["left_out"].value() or [])}
    shared = {str(one) for one in (form["share"].value() or [])}
    lately = feelings.lately(me, today)
    said = lately[0] if lately and lately[0].on == today else None
    context = {
        "title": "How I feel",
        "form": form,
        "here": me.is_on_roll(today),
        "said": said,
        "helps": said is not None and rules.asks_for_a_talk(said.word),
        "audience": audience,
        "choices": [(user, str(user.pk) in chosen) for user in audience.everyone],
        "people": [(one, str(one.member_id) in shared) for one in choices["people"]],
        "lately": lately,
        "keyworker": keyworker_of(me),
    }
    return own_page(request, "home/feeling.html", me, context, status=status)


@permission_required(Can.VIEW_MY_PAGE, POST)
def feeling_back(request: SchoolRequest) -> HttpResponse:
    """Taken back the same day: nobody reads it any more."""
    press(request, lambda: take_back(by=request.user, student=me_of(request)), "It is taken back.")
    return redirect("home:feeling")

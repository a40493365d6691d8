"""How I feel today (optional): said in one word or a few, changed or taken back that day, read in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from keywork import clock
from keywork.absences import keyworker_of
from keywork.access import Can
from keywork.editing import press, save
from keywork.forms import KeyworkForm
from keywork.guards import GET_POST, POST, permission_required
from keywork.http import SchoolRequest
from safety import worry_audience as safety
from students.models import Student
from students.people_at_home import AtHome, people_at_home, usual
from tsp.models import Feeling
from tsp.rating import rules

from .. import feelings
from ..actions import say_feeling, take_back
from .student import me_of, own_page


class FeelingForm(KeyworkForm):
    word = forms.ChoiceField(label="Today I feel", choices=Feeling.Word.choices, widget=forms.RadioSelect)
    words = forms.CharField(label="I want to say more", max_length=200, required=False)
    not_safe = forms.BooleanField(label="I do not feel safe", required=False)
    about_staff = forms.BooleanField(label="It is about an adult who works at school", required=False)
    left_out = forms.TypedMultipleChoiceField(label="Do not show it to", required=False, coerce=int)
    share = forms.TypedMultipleChoiceField(label="Who at home can see it?", required=False, coerce=int)

    def __init__(
        self, *args: Any, audience: safety.Audience, people: Sequence[AtHome], **kwargs: Any
    ) -> None:
        """`audience`: who sees it when they do not feel safe; `people`: whom at home they may choose."""
        super().__init__(*args, **kwargs)
        self.offer("share", [(one.member_id, one.words) for one in people])
        self.offer("left_out", [(user.pk, user.get_short_name()) for user in audience.everyone])

    missing = {"word": "Choose a face"}


@permission_required(Can.VIEW_MY_PAGE, GET_POST)
def feeling(request: SchoolRequest) -> HttpResponse:
    """Five faces, and my last two weeks. `?word=` is the face that was tapped on my page; nothing is said yet."""
    me = me_of(request)
    choices: dict[str, Any] = {"audience": safety.audience(me), "people": people_at_home(me, clock.today())}
    if request.method != "POST":
        initial = _initial(request, me, choices["people"])
        return _page(request, me, FeelingForm(initial=initial, **choices), choices)
    form = FeelingForm(request.POST, **choices)
    if "check" in request.POST:  # Enter in a box: what is chosen stands there, and nothing is said yet
        return _page(request, me, form, choices, status=200 if form.is_valid() else 422)
    said = save(request, form, lambda: say_feeling(by=request.user, student=me, **form.cleaned_data))
    if said is not None:
        if said.not_safe:
            return redirect("safety:sent")
        messages.success(request, "Saved.")
        helps = rules.asks_for_a_talk(said.word)
        return redirect("home:feeling" if helps else "portal:my_page")
    return _page(request, me, form, choices, status=form.status)


def _initial(request: SchoolRequest, me: Student, people: list[AtHome]) -> dict[str, Any]:
    said = feelings.said_on(me, clock.today())
    initial: dict[str, Any] = {"share": usual(people)}
    if said is not None:
        share = usual(people) if said.not_safe else said.shared_with
        initial = {"word": said.word, "words": said.words, "share": share}
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

"""Evidence beside a rating: an entry of the timeline in two clicks, or words of one's own."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from keywork import clock, open_forms
from keywork.access import Can
from keywork.attempts import attempt
from keywork.editing import press, save
from keywork.errors import Refused
from keywork.forms import Actions, DateBox, KeyworkForm, primary, text_box
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.pending import keep_waiting
from students.record import record_page

from ...models import Evidence, Setting
from ...questions import templates
from ..actions import open_point
from ..assessment_points import PointState, unopened
from ..evidence import add_evidence, offered, offers, remove_evidence
from .workspace import Place, place, situation


class ExampleForm(KeyworkForm):
    """What was seen, when and where. `side`: what of the workspace around it the answer takes the place of."""

    missing = {"words": "Write what you saw", "on": "Say when it was", "setting": "Choose where it was seen"}

    words = text_box("What you saw", 500)
    on = forms.DateField(label="When", widget=DateBox())
    setting = forms.ChoiceField(label="Where", choices=[("", "Choose"), *Setting.choices])

    def __init__(self, *args: Any, statement: str, post_to: str, side: str = "", **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"ex-{statement}", **kwargs)
        self.post_to, self.side = post_to, side
        self.fields["on"].initial = clock.today()

    def layout(self) -> Layout:
        self.helper.form_action = self.post_to
        if self.side:
            self.helper.attrs |= {
                "hx-post": self.post_to,
                "hx-target": f"#{self.side}",
                "hx-swap": "outerHTML",
            }
        return Layout("words", Field("on"), Field("setting"), Actions(primary("Add this example")))

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > clock.today():
            raise forms.ValidationError("Choose today or a day before")
        return on


@permission_required(Can.RATE, GET_POST)
def examples(request: SchoolRequest, pk: int, term: str, kind: str, statement: str) -> HttpResponse:
    """The last entries that may stand beside a statement; a POST puts one there, or words."""
    here = place(request, Can.RATE, pk, term, kind)
    state = here.state or unopened(templates.current())
    if statement not in {one.slug for one in state.form.in_use}:
        raise Http404
    if state.is_finished:
        keep_waiting(request)
        messages.warning(request, f"This {here.name} is finished, so it stays as it is.")
        return redirect(here.url())
    chosen = "source" in request.POST
    form = _form(request, here, statement, request.POST if request.method == "POST" and not chosen else None)
    no = None
    if chosen:
        _, no = attempt(lambda: _add(request, here, statement, _chosen(request, here)))
        if no is None:
            return _beside(request, here, statement)
    elif save(request, form, lambda: _add(request, here, statement, form.cleaned_data)):
        return _beside(request, here, statement)
    return _panel(request, here, state, statement, form, str(no or ""))


def _form(request: SchoolRequest, here: Place, statement: str, data: Any) -> ExampleForm:
    """On a page of its own it is a plain form."""
    side = f"ws-side-{statement}" if request.htmx else ""
    return ExampleForm(data, statement=statement, post_to=here.url("ws_examples", statement), side=side)


def _chosen(request: SchoolRequest, here: Place) -> dict[str, Any]:
    """Raises Refused for an entry that this person is not offered, whether or not there is one."""
    found = offered(here.student, request.user, request.school.itself, request.POST["source"])
    if found is None:
        raise Refused("This entry cannot be used here. Choose another")
    return {
        "on": found.entry.on,
        "setting": request.POST.get("setting", ""),
        "source_kind": found.entry.kind,
        "source_pk": found.entry.pk,
    }


def _add(request: SchoolRequest, here: Place, statement: str, told: dict[str, Any]) -> None:
    """The first example opens the point, as the first rating does."""
    by: Any = request.user
    point = open_point(
        by=by,
        student=here.student,
        term=here.term.id,
        kind=here.kind,
        facts=request.school.itself,
    )
    add_evidence(by=by, point=point, statement=statement, **told)


def _beside(request: SchoolRequest, here: Place, statement: str) -> HttpResponse:
    """What stands beside the statement now; a page without script goes back to it."""
    back = f"{here.url()}#statement-{statement}"
    if request.htmx:
        open_forms.done(request, back)
        here = here.again()
        assert here.state is not None
        context = {
            **situation(request, here, here.state),
            "one": here.state.statement(statement),
            "focus": True,
        }
        return render(request, "tsp/_ws_side.html", context)
    messages.success(request, "The examples are saved.")
    return redirect(back)


def _panel(
    request: SchoolRequest, here: Place, whole: PointState, statement: str, form: ExampleForm, refused: str
) -> HttpResponse:
    state = whole.statement(statement)
    there = {f"{one.source_kind}.{one.source_pk}" for one in state.evidence if one.source_kind}
    context = {
        "place": here,
        "one": state,
        "statement": state.statement,
        "example_form": form,
        "refused": refused,
        "settings": Setting.choices,
        "offers": offers(here.student, request.user, request.school.itself, without=there),
        "post_to": here.url("ws_examples", statement),
        "back_url": f"{here.url()}?area={state.statement.area}#statement-{statement}",
    }
    status = 422 if refused or form.errors else 200
    if request.htmx:
        response = render(request, "tsp/_ws_examples.html", {**context, "fragment": True}, status=status)
        if request.method == "POST":  # the panel again in its own place, not in that of the side
            response["HX-Retarget"] = f"#ws-examples-{statement}"
            response["HX-Reswap"] = "innerHTML"
        return response
    return record_page(request, here.student, "tsp", "tsp/ws_examples.html", context, status)


@permission_required(Can.RATE, POST)
def remove(request: SchoolRequest, pk: int) -> HttpResponse:
    """Take an example away from beside its statement."""
    found = get_visible_or_404(
        Evidence.objects.select_related("point__student").filter(removed_at__isnull=True),
        request,
        Can.RATE,
        pk=pk,
    )
    point = found.point
    here = place(request, Can.RATE, point.student_id, point.term, point.kind)
    if not press(request, lambda: remove_evidence(by=request.user, evidence=found)):
        return redirect(here.url())
    return _beside(request, here, found.statement)

"""Finishing a point, and opening a finished one again with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from keywork.access import Can
from keywork.attempts import attempt
from keywork.editing import save_reason
from keywork.guards import GET_POST, POST, permission_required
from keywork.http import SchoolRequest
from students.record import record_page

from ..actions import finish_point, reopen_point
from .workspace import page, place


@permission_required(Can.RATE, POST)
def finish(request: SchoolRequest, pk: int, term: str, kind: str) -> HttpResponse:
    """Done today; or the workspace again with what is still to do, each thing a link."""
    here = place(request, Can.RATE, pk, term, kind)
    if here.state is None or here.state.point is None:
        messages.warning(request, f"Nobody has begun this {here.name} yet.")
        return redirect(here.url())
    if here.state.is_finished:
        return redirect(here.url())
    point = here.state.point
    _, no = attempt(lambda: finish_point(by=request.user, point=point))
    if no is not None:
        return page(request, here.again(), status=409, missing=True)
    messages.success(request, f"The {here.name} is finished. It stays as it is from here on.")
    return redirect(here.url())


@permission_required(Can.REOPEN_TSP, GET_POST)
def reopen(request: SchoolRequest, pk: int, term: str, kind: str) -> HttpResponse:
    """Why it is opened again; nothing that was written is lost either way."""
    here = place(request, Can.REOPEN_TSP, pk, term, kind)
    if here.state is None or here.state.point is None:
        raise Http404
    if not here.state.is_finished:
        messages.info(request, f"This {here.name} is open already.")
        return redirect(here.url())
    point = here.state.point
    form, done = save_reason(
        request,
        lambda reason: reopen_point(by=request.user, point=point, reason=reason),
        label="Why it is opened again",
        help_text="The day it was finished, by whom, and this reason stay in its history.",
        button="Open it again",
        missing="Say why it is opened again",
        rows=3,
        back=("Go back", "back_url"),
        beside="reason",
    )
    if done is not None:
        messages.success(request, f"The {here.name} is open again.")
        return redirect(here.url())
    if form.is_overtaken:
        messages.info(request, f"This {here.name} is open already.")
        return redirect(here.url())
    context = {
        "form": form,
        "place": here,
        "point": here.state.point,
        "back_url": here.url(),
    }
    return record_page(request, here.student, "tsp", "tsp/ws_reopen.html", context, form.status)

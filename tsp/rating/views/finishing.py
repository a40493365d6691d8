"""Finishing a window, and opening a finished one again with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from keywork.access import Can
from keywork.attempts import attempt
from keywork.editing import save_reason
from keywork.guards import GET_POST, POST, permission_required
from keywork.http import SchoolRequest
from students.record import record_context

from ..window_actions import finish_window, reopen_window
from .workspace import page, place


@permission_required(Can.RATE, POST)
def finish(request: SchoolRequest, pk: int, term: str, kind: str) -> HttpResponse:
    """Done today; or the workspace again with what is still to do, each thing a link."""
    here = place(request, Can.RATE, pk, term, kind)
    if here.state is None or here.state.window is None:
        messages.warning(request, f"Nobody has begun this {here.name} yet.")
        return redirect(here.url())
    if here.state.is_finished:
        return redirect(here.url())
    window = here.state.window
    _, no = attempt(lambda: finish_window(by=request.user, window=window))
    if no is not None:
        return page(request, here.again(), status=409, missing=True)
    messages.success(request, f"The {here.name} is finished. It stays as it is from here on.")
    return redirect(here.url())


@permission_required(Can.REOPEN_TSP, GET_POST)
def reopen(request: SchoolRequest, pk: int, term: str, kind: str) -> HttpResponse:
    """Why it is opened again; nothing that was written is lost either way."""
    here = place(request, Can.REOPEN_TSP, pk, term, kind)
    if here.state is None or here.state.window is None:
        raise Http404
    if not here.state.is_finished:
        messages.info(request, f"This {here.name} is open already.")
        return redirect(here.url())
    window = here.state.window
    form, done = save_reason(
        request,
        lambda reason: reopen_window(by=request.user, window=window, reason=reason),
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
        "window": here.state.window,
        "back_url": here.url(),
        **record_context(request, here.student, "tsp"),
    }
    return render(request, "tsp/ws_reopen.html", context, status=form.status)

"""Health, for administrators: what failed, waits or was refused, and what is wrong with Keywork itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keywork import clock
from keywork.access import Can
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from outbox import actions as outbox

from .. import health


@permission_required(Can.KEEP_RUNNING)
def health_page(request: SchoolRequest) -> HttpResponse:
    """GET shows; POST tries one thing again (`again`) or gives it up (`stop`): "job-12", "mail-3", "kind-Invitations"."""
    if request.method == "POST":
        _do(request)
        return redirect("portal:health")
    parts = [(part, part.facts(request.user)) for part in health.PARTS]
    need = sum(facts.get("need", 0) for _, facts in parts)
    context = {
        "now": clock.now(),
        "need": need,
        "main": [(part.template, facts) for part, facts in parts if not part.aside],
        "aside": [(part.template, facts) for part, facts in parts if part.aside],
    }
    return render(request, "portal/health.html", context)


def _do(request: SchoolRequest) -> None:
    stop = "stop" in request.POST
    what, _, which = request.POST.get("stop" if stop else "again", "").partition("-")
    chosen = health.chosen(request.user, what, which)
    if not chosen["jobs"] and not chosen["mails"]:
        messages.info(request, "Nothing was changed: it is done, or tried, already.")
    elif stop:
        outbox.give_up(**chosen, by=request.user)
        messages.success(request, "Given up. It stands below with your name.")
    else:
        outbox.try_again(**chosen, by=request.user)
        messages.success(request, "It is tried again now.")

"""Paper that is asked for page by page: drawn by the worker, once for each content, and kept for some minutes.

A page of WeasyPrint takes seconds of a processor, so none is drawn inside a request. Whoever asks sees a page that says
so and looks again by itself; the file is kept under a digest of all that is printed, so that paper asked for after
somebody's data changed is never the old one. One person has AT_ONCE papers in the making; what they ask for beyond
that waits its turn, so that nobody else waits behind it.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRefresh

from keywork.http import SchoolRequest
from outbox import actions as outbox
from outbox.models import Job

from . import rendering
from .signs import missing_in_words

PRINT = "reports.paper"
KEPT_SECONDS = 600  # a printed paper, for whoever asks next
ASKED_SECONDS = 60  # until paper that did not come is asked for again
POLL_SECONDS = 2
AT_ONCE = 3  # papers in the making for one person


def _draw(html: str) -> rendering.Pdf:
    return rendering.pdf(html)


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed: `html`, and digests of the files that `draw` puts beside it unchanged."""

    html: str
    draw: Callable[[str], rendering.Pdf] = _draw
    files: tuple[str, ...] = ()

    @property
    def slot(self) -> str:
        digest = hashlib.sha256("\0".join((self.html, *self.files)).encode())
        return f"paper:{digest.hexdigest()}"


def print_paper(paper: Paper) -> None:
    """Draw it and keep it for KEPT_SECONDS. For the worker, never inside a request."""
    made = paper.draw(paper.html)
    kept = {"pdf": b64encode(made.content).decode(), "missing": made.missing}
    cache.set(paper.slot, kept, KEPT_SECONDS)


def give_back(place: str) -> None:
    """The paper of this place is printed, or never will be: another may be."""
    cache.delete(place)


def _place(user_id: Any) -> str:
    """One of the person's places among what is in the making; "" while all are taken."""
    places = (f"paper-place:{user_id}:{number}" for number in range(AT_ONCE))
    return next((one for one in places if cache.add(one, True, ASKED_SECONDS)), "")


def _order(request: SchoolRequest, slot: str, kind: str, args: list[Any]) -> None:
    asked = f"{slot}:asked"
    if cache.get(asked):
        return
    place = _place(request.user.pk)
    if not place:
        return
    if cache.add(asked, True, ASKED_SECONDS):
        outbox.do(PRINT, key=slot, paper=kind, args=args, place=place)
    else:  # somebody else was quicker
        give_back(place)


def _asked_for(request: SchoolRequest) -> str:
    """The address, without asking once more."""
    query = request.GET.copy()
    query.pop("again", None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def answer(
    request: SchoolRequest,
    paper: Paper,
    *,
    kind: str,
    args: list[Any],
    filename: str,
    log: Callable[[], None],
) -> HttpResponse:
    """The paper once it is there; until then a page that says so, or why it could not be printed (`?again=1` asks once
    more). Of signs that no font shows a page names them first (`?anyway=1`).

    `kind` and `args` (row ids and plain words) are what the worker makes the same paper of (reports.tasks.PAPERS).
    `log` is called when the paper itself is given out.
    """
    kept = cache.get(paper.slot)
    context: dict[str, Any] = {"poll_seconds": POLL_SECONDS, "here": _asked_for(request)}
    if kept is None:
        asked = outbox.latest(PRINT, paper.slot)
        if asked is not None and asked.state == Job.State.FAILED and "again" not in request.GET:
            context["failed"] = asked.error
        else:
            _order(request, paper.slot, kind, args)
        return render(request, "reports/paper_waiting.html", context)
    if request.headers.get("HX-Request"):  # the waiting page: the document itself cannot be swapped in
        return HttpResponseClientRefresh()
    if kept["missing"] and "anyway" not in request.GET:
        context["missing"] = missing_in_words(kept["missing"])
        return render(request, "reports/paper_waiting.html", context)
    log()
    return HttpResponse(
        b64decode(kept["pdf"]),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{filename}.pdf"',
            "X-Content-Type-Options": "nosniff",
        },
    )

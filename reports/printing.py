"""Paper that is asked for page by page: drawn by the worker, once for each content, and kept for some minutes.

A page of WeasyPrint takes seconds of a processor, so none is drawn inside a request. Whoever asks sees a page that says
so and looks again by itself; the file is kept under a digest of all that is printed, so that paper asked for after
somebody's data changed is never the old one. Paper that is all worked out by the worker (Unread) may be a minute old.
It is a PDF, and where it says so one in large print or a Word file. One person has AT_ONCE papers in the making; what they ask for beyond
that waits its turn, so that nobody else waits behind it.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django_htmx.http import HttpResponseClientRefresh

from keywork import clock
from keywork.audit import exported
from keywork.dates import LONDON
from keywork.http import SchoolRequest, attachment
from outbox import actions as outbox
from outbox.models import Job
from students.models import Student

from . import rendering, word
from .files import file_name, missing_in_words

PRINT = "reports.paper"
KEPT_SECONDS = 600  # a printed paper, for whoever asks next
NEW_SECONDS = 60  # one that is known by what it was asked with
ASKED_SECONDS = 60  # until paper that did not come is asked for again
POLL_SECONDS = 2
AT_ONCE = 3  # papers in the making for one person

LARGE, WORD = "large", "word"
FORMS = (LARGE, WORD)  # of paper, beside the PDF it is: as the address asks for them


def _draw(html: str) -> rendering.Pdf:
    return rendering.pdf(html)


def _draw_large(html: str) -> rendering.Pdf:
    return rendering.large_pdf(html)


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed: `html`, and digests of the files that `draw` puts beside it unchanged.

    `forms` are those of FORMS it is to be had in; a Word file is of the day `known_on`.
    """

    html: str
    draw: Callable[[str], rendering.Pdf] = _draw
    files: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    draw_large: Callable[[str], rendering.Pdf] = _draw_large
    known_on: date | None = None

    def slot(self, form: str) -> str:
        digest = hashlib.sha256("\0".join((form, self.html, *self.files)).encode())
        return f"paper:{digest.hexdigest()}"

    def made(self, form: str) -> rendering.Pdf:
        """In one of FORMS, or as the PDF it is without; of a Word file the pages are not counted."""
        if form == LARGE:
            return self.draw_large(rendering.in_large_print(self.html))
        if form == WORD:
            day = datetime.combine(self.known_on or clock.today(), time(), LONDON)
            return rendering.Pdf(word.word(self.html, made_at=day), 0)
        return self.draw(self.html)


@dataclass(frozen=True, slots=True)
class Unread:
    """Paper whose words the worker alone works out: it is known by what it was asked with, on a day."""

    kind: str
    args: Sequence[Any]
    forms: tuple[str, ...] = ()

    def slot(self, form: str) -> str:
        digest = hashlib.sha256(repr((form, self.kind, list(self.args), clock.today())).encode())
        return f"paper:{digest.hexdigest()}"


def print_paper(paper: Paper, form: str = "", awaited: Unread | None = None) -> None:
    """Draw it and keep it for KEPT_SECONDS; as what is `awaited` for NEW_SECONDS. For the worker, never in a request."""
    made = paper.made(form)
    kept = {"content": b64encode(made.content).decode(), "missing": made.missing}
    cache.set((awaited or paper).slot(form), kept, NEW_SECONDS if awaited else KEPT_SECONDS)


def give_back(place: str) -> None:
    """The paper of this place is printed, or never will be: another may be."""
    cache.delete(place)


def _place(user_id: Any) -> str:
    """One of the person's places among what is in the making; "" while all are taken."""
    places = (f"paper-place:{user_id}:{number}" for number in range(AT_ONCE))
    return next((one for one in places if cache.add(one, True, ASKED_SECONDS)), "")


def _order(request: SchoolRequest, paper: Paper | Unread, form: str, kind: str, args: list[Any]) -> None:
    slot = paper.slot(form)
    asked = f"{slot}:asked"
    if cache.get(asked):
        return
    place = _place(request.user.pk)
    if not place:
        return
    if cache.add(asked, True, ASKED_SECONDS):
        unread = isinstance(paper, Unread)
        outbox.do(PRINT, key=slot, paper=kind, args=args, place=place, form=form, unread=unread)
    else:  # somebody else was quicker
        give_back(place)


def _asked_for(request: SchoolRequest) -> str:
    """The address, without asking once more."""
    query = request.GET.copy()
    query.pop("again", None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def answer(
    request: SchoolRequest,
    paper: Paper | Unread,
    *,
    kind: str,
    args: list[Any],
    filename: str,
    about: Student | None = None,
    log: Callable[[], None],
) -> HttpResponse:
    """The paper once it is there; until then a page that says so, or why it could not be printed (`?again=1` asks once
    more). Of signs that no font shows a page names them first (`?anyway=1`). A Word file is kept, not opened: a page
    leads to it (`?take=1`). The file's name begins with the student it is `about`.

    `kind` and `args` (row ids and plain words) are what the worker makes the same paper of (reports.tasks.PAPERS).
    `log` is called when the paper itself is given out; of a Word file it is written down that the student's facts left
    Keywork in one.
    """
    called = file_name(about, filename) if about is not None else filename
    form = next((one for one in paper.forms if one in request.GET), "")
    slot = paper.slot(form)
    kept = cache.get(slot)
    context: dict[str, Any] = {"poll_seconds": POLL_SECONDS, "here": _asked_for(request)}
    if kept is None:
        asked = outbox.latest(PRINT, slot)
        if asked is not None and asked.state == Job.State.FAILED and "again" not in request.GET:
            context["failed"] = asked.error
        else:
            _order(request, paper, form, kind, args)
        return render(request, "reports/paper_waiting.html", context)
    if request.headers.get("HX-Request"):  # the waiting page: the document itself cannot be swapped in
        return HttpResponseClientRefresh()
    if kept["missing"] and "anyway" not in request.GET:
        context["missing"] = missing_in_words(kept["missing"])
        return render(request, "reports/paper_waiting.html", context)
    content = b64decode(kept["content"])
    if form == WORD:
        if "take" not in request.GET:
            return render(request, "reports/paper_waiting.html", {**context, "word": True})
        exported(request, [about.pk] if about else [], f"{filename} as a Word file")
        return attachment(content, word.CONTENT_TYPE, f"{called}.docx")
    log()
    headers = {"Content-Disposition": str(content_disposition_header(False, f"{called}.pdf"))}
    return HttpResponse(content, content_type="application/pdf", headers=headers)

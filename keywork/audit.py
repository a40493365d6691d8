"""Reading is recorded as well as writing (architecture, Access; DP-2).

A page says what was opened (`opened`, `opened_each`). A page that says nothing is caught all the same: `looked_up`
notes every record that a request found (keywork.guards), and OpeningsMiddleware leaves the row once it is answered.

The list of who opened what is told as its reader may know it now, whatever a row was named when it was left. Of a kind
of row that names what not every reader of the list knows of, its app says what may be told: `register`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection
from django.http import HttpResponseBase

from . import clock
from .http import Middleware, SchoolRequest
from .models import RecordOpening

AGAIN_AFTER = timedelta(minutes=10)  # what is sent or asked for again and again is one reading for so long
# A page, a piece of a file, a form refused; and, of what is sent, another's change meanwhile: a 409 to a GET says no.
SHOWS_WORDS = {"GET": (200, 206, 422), "HEAD": (200, 206, 422), "POST": (200, 409, 422)}

# Once on most pages: one statement without a transaction of its own, which bulk_create would begin and end.
LEAVE = """
INSERT INTO keywork_recordopening (at, user_id, user_name, address, student_id, what, detail, reason)
SELECT %s, %s, %s, %s::inet, unnest(%s::bigint[]), %s, %s, %s
"""
NOBODYS = 0  # the number of no account
WORRY = "safeguarding page"  # an opening that the list of openings does not show


def opened(request: SchoolRequest, student: Any, what: str, detail: str = "", reason: str = "") -> None:
    """Leave a row saying that the signed-in person opened `what` of this student now."""
    opened_each(request, [student.pk], what, detail, reason)


def opened_each(
    request: SchoolRequest, student_ids: Iterable[int], what: str, detail: str = "", reason: str = ""
) -> None:
    """Leave one row for each student whose words stand on a page; one query however many."""
    ids = list(student_ids)
    if not ids:
        return
    address = request.META.get("REMOTE_ADDR") or None
    who = clock.now(), request.user.pk, request.user.name, address
    with connection.cursor() as cursor:
        cursor.execute(LEAVE, [*who, ids, what[:40], detail[:200], reason[:200]])
    _of(request, "openings_left").update(dict.fromkeys(ids))


def opened_outside(request: SchoolRequest, student_id: int, who: str, what: str, detail: str = "") -> None:
    """Leave a row saying that somebody without an account opened `what` of this student, by a link and a code."""
    RecordOpening.objects.create(
        at=clock.now(),
        user_id=NOBODYS,
        user_name=f"{who} (outside)"[:150],
        student_id=student_id,
        what=what[:40],
        detail=detail[:200],
        address=request.META.get("REMOTE_ADDR") or None,
    )


def exported(request: SchoolRequest, student_ids: Iterable[int], detail: str) -> None:
    """Leave one row for each student whose facts leave Keywork in a file; one query however many."""
    opened_each(request, student_ids, "export", detail)


def looked_up(request: SchoolRequest, student_id: int, what: str) -> None:
    """The request found a record of this student's, of the kind `what`."""
    _of(request, "records_found").setdefault(student_id, what)


def shows_nothing(request: SchoolRequest) -> None:
    """What the request found stands nowhere in its answer."""
    _of(request, "records_found").clear()


def _of(request: SchoolRequest, name: str) -> dict[int, Any]:
    """By student: what this request found, or left a row of."""
    kept = getattr(request, name, None)
    if kept is None:
        kept = {}
        setattr(request, name, kept)
    return kept


class OpeningsMiddleware(Middleware):
    """A page of records that a view found, and said nothing of, leaves its rows here.

    Innermost, so that only answers of views pass. A page that asks again by itself, and a form that is sent again,
    leave one row in ten minutes; a photo and the later pieces of a recording leave none beside another row.
    """

    def __call__(self, request: SchoolRequest) -> HttpResponseBase:
        response = self.get_response(request)
        found = getattr(request, "records_found", None)
        if not found or not request.user.is_authenticated:
            return response
        if response.status_code not in SHOWS_WORDS.get(request.method or "", ()):
            return response
        left = _of(request, "openings_left")
        page = (request.resolver_match.url_name or "").replace("_", " ") if request.resolver_match else ""
        for student_id, what in found.items():
            if student_id not in left and not self._is_again(request, response, student_id, what, page):
                opened_each(request, [student_id], what, page)
        return response

    def _is_again(
        self, request: SchoolRequest, response: HttpResponseBase, student_id: int, what: str, page: str
    ) -> bool:
        beside = response.status_code == 206 or page == "photo"
        if not beside and request.method in ("GET", "HEAD") and "X-Keywork-Poll" not in request.headers:
            return False
        rows = RecordOpening.objects.filter(
            user_id=request.user.pk, at__gt=clock.now() - AGAIN_AFTER, student_id=student_id
        )
        return rows.exists() if beside else rows.filter(what=what[:40], detail=page).exists()


Tell = Callable[[str], str]  # what of a row's `detail` is told
_tellers: dict[str, Callable[[Any, Any], Tell]] = {}
_pages: dict[str, str] = {}


def register(what: str, teller: Callable[[Any, Any], Tell]) -> None:
    """Of rows of this kind: `teller` is given who reads and the student, and may ask one query."""
    _tellers[what] = teller


def name_pages(names: Mapping[str, str]) -> None:
    """How pages that say nothing of themselves are told, by the name of their address with spaces."""
    _pages.update(names)


def details_for(reader: Any, student: Any, rows: Iterable[RecordOpening]) -> list[tuple[RecordOpening, str]]:
    """Each row with its detail as this reader may know it; a query more at most for each kind of row."""
    rows = list(rows)
    tells = {what: _tellers[what](reader, student) for what in {row.what for row in rows} & _tellers.keys()}
    told = [(row, tells.get(row.what, str)(row.detail)) for row in rows]
    return [(row, _pages.get(detail, detail)) for row, detail in told]

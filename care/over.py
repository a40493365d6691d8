"""A form of something that is over, called off, taken back or ended: its page says so before anybody types.

    def _called_off(request, pk, meeting_id):
        row = _held(request, pk, meeting_id)
        return Over(row.student, CALLED_OFF, "See the meeting", _page(row), "meetings") if row.voided_at else None

    @permission_required(Can.KEEP_MEETINGS, GET_POST)
    @unless_over(_called_off)
    @keeps_typed
    def edit(request, pk, meeting_id): ...

What is sent all the same is refused where it is saved, and stays on the page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.http import HttpResponseBase

from keywork.http import SchoolRequest
from keywork.names import ended
from students.models import Student
from students.record import record_page

View = Callable[..., HttpResponseBase]


class Over(NamedTuple):
    """Why there is nothing to write any more, and where to read on: words of a link, and its address."""

    student: Student
    words: str
    see: str
    url: str
    tab: str


def unless_over(look: Callable[..., Over | None]) -> Callable[[View], View]:
    """`look` is asked as the view is, and raises 404 as it does."""

    def around(view: View) -> View:
        @wraps(view)
        def page(request: SchoolRequest, **asked: Any) -> HttpResponseBase:
            over = None if request.method == "POST" else look(request, **asked)
            if over is None:
                return view(request, **asked)
            context = {"words": ended(over.words), "see": over.see, "url": over.url}
            return record_page(request, over.student, over.tab, "care/over.html", context, status=409)

        return page

    return around

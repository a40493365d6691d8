"""The one-page profile: what helps a student, on one sheet for whoever teaches them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from care.profile.page import profile_of
from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.models import Assignment, User
from keywork.school import load
from students.models import Student
from tsp.sheets.what_helps import parts_of

from . import printing, rendering

TEMPLATE = "reports/profile.html"
SMALL = "kp-profile kp-tight kp-tighter"
# From what a usual profile takes to what the fullest does: smaller down to 8.5 points, then less of it.
SIZES = (
    "kp-profile",
    "kp-profile kp-tight",
    SMALL,
    f"{SMALL} kp-short",
    f"{SMALL} kp-short kp-shorter",
    f"{SMALL} kp-short kp-shorter kp-shortest",
    f"{SMALL} kp-short kp-shorter kp-shortest kp-least",
)

SHORTENED = (
    "Not all of it fits on one page: long texts are cut, and some of what was given, tried and written in sheets is left"
    " out. All of it stands in Keywork: open the record, then Profile."
)


def context(student: Student, reader: User) -> dict[str, Any]:
    """Of somebody whose record is shut to the reader, the first name alone and what every member of staff may read."""
    today, may_open = clock.today(), allows(reader, Can.VIEW_STUDENT, student)
    assignment = Assignment.objects.keyworkers(today).filter(student=student).select_related("user").first()
    beside = profile_of(reader, student)
    parts = parts_of(reader, student)
    return {
        "school": load(),
        "student": student,
        "name": student.name if may_open else student.known_as,
        "read_first": student.read_first if may_open else "",
        # A profile says in its own words what is in the sheets: with it, the map alone stands on the sheet of paper.
        "parts": parts[:1] if beside.get("profile") else parts,
        "keyworker": assignment.user if assignment else None,
        "known_on": today,
        "size": SIZES[0],
        **beside,
    }


def paper(student_id: int, reader_id: int) -> printing.Paper:
    student, reader = Student.objects.get(pk=student_id), User.objects.get(pk=reader_id)
    html = rendering.page(TEMPLATE, context(student, reader))
    return printing.Paper(html, _on_one_sheet, forms=printing.FORMS, known_on=clock.today())


def _on_one_sheet(html: str) -> rendering.Pdf:
    """Smaller, then shortened and saying so, where it would be longer than a page. In large print, and in a Word file,
    it is as long as it is.
    """
    for size in SIZES:
        shown = html.replace(SIZES[0], size, 1)
        if "kp-short" in size:
            shown = shown.replace("</main>", f'<p class="kp-key"><strong>{SHORTENED}</strong></p></main>', 1)
        laid_out = rendering.laid_out(shown)
        if len(laid_out.pages) == 1:
            break
    return rendering.written(laid_out)


@permission_required(Can.VIEW_STRATEGIES, GET)
def profile(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_STRATEGIES, pk=pk)
    return printing.answer(
        request,
        paper(pk, request.user.pk),
        kind="profile",
        args=[pk, request.user.pk],
        filename="what-helps",
        about=student,
        log=lambda: opened(request, student, "what helps", detail="on paper"),
    )

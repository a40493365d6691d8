"""What every staff page of a sheet shares: its frame, who sees it in words, and the prompt about a low answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import Can, allows
from keywork.duty_words import listed
from keywork.http import SchoolRequest
from keywork.models import User
from students.models import Student
from students.people_at_home import names_of
from students.record import record_page

from ...models import Sheet, Tool
from ...models.sheet import SheetQuerySet
from ...questions import templates
from .. import permissions as sheet_permissions
from ..lines import alerts_of, author_of, state_of, whose
from ..soft_tools import ASKED_TO_SHARE, readers


def seen_by(sheet: Sheet) -> str:
    """Who can read it, for its page: as tsp.sheets.permissions decides."""
    if sheet.tool == Tool.REGULATION and sheet.wording == Sheet.Wording.PARENT:
        words = f"Every member of staff, {sheet.student.known_as}, and {author_of(sheet)}"
    else:
        member = sheet.member.name if sheet.member else ""
        words = readers(sheet.tool, student=sheet.student.known_as, member=member)
    if sheet.tool in ASKED_TO_SHARE and sheet.share_with_home:
        words += f", and at home {listed(names_of(sheet.shared_with))}: {sheet.student.known_as} chose them"
    if sheet.is_open:
        words += ", once it is done" if not sheet.done_at else ""
    return words


def framed(
    request: SchoolRequest,
    template: str,
    student: Student,
    context: dict[str, Any],
    status: int = 200,
    tab: str = "tsp",
) -> HttpResponse:
    """Inside the record for who may open it; for other staff a page that names the student by first name alone."""
    if allows(request.user, Can.VIEW_STUDENT, student):
        context = {"frame": "students/record_base.html", **context}
        return record_page(request, student, tab, template, context, status)
    context = {"frame": "tsp/sheet_frame.html", "student": student, **context}
    return render(request, template, context, status=status)


def about(request: SchoolRequest, sheet: Sheet) -> dict[str, Any]:
    """What the top of a sheet's page says, and what this reader may do with it."""
    user = request.user
    form = templates.version(sheet.template_id)
    return {
        "sheet": sheet,
        "form_version": form,
        "tool": form.tool(sheet.tool),
        "whose": whose(sheet),
        "state": state_of(sheet),
        "seen_by": seen_by(sheet),
        "reads": sheet_permissions.may_read(user, sheet),
        "fills": sheet_permissions.may_fill(user, sheet),
        "may_void": sheet_permissions.may_void(user, sheet),
        "may_decline": sheet_permissions.may_decline(user, sheet),
    }


def low_answer(request: SchoolRequest, sheet: Sheet) -> dict[str, Any]:
    """That a low answer was given, with the names of those it reached at once (safety.actions.worries)."""
    question = alerts_of([sheet], request.user).get(sheet.pk, "")
    if not question or sheet.voided_at is not None:
        return {"low": "", "leads": []}
    leads = User.objects.filter(is_active=True, roles__contains=["dsl"]).order_by("in_order", "pk")
    return {"low": question, "leads": list(leads.values_list("name", flat=True)), "student": sheet.student}


def together(rows: SheetQuerySet, sheet: Sheet) -> list[Sheet]:
    """Records of the same restorative conversation about other students, of those among `rows`."""
    return list(rows.filter(together=sheet.together).exclude(pk=sheet.pk)) if sheet.together else []

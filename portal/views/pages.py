"""The way to each one's first page, and pages about Keywork itself: help, who can see what, whether all is well."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from keywork import health, pending, school
from keywork.access import EXCEPTIONS, Can, has_capability
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from keywork.models import User
from keywork.nav import first_page
from keywork.roles import ROLES
from keywork.who_may import ABOUT_NO_STUDENT, EXCEPTION_WORDS, holders
from keywork.words import worded


@permission_required(Can.MANAGE_OWN_ACCOUNT)
def home(request: SchoolRequest) -> HttpResponse:
    pending.remind(request, request.user)
    if has_capability(request.user, Can.SET_UP_SCHOOL) and not school.is_open():
        return redirect("portal:setup")
    return redirect(first_page(request.user) or "portal:help")


@login_not_required
def help_page(request: SchoolRequest) -> HttpResponse:
    """How to get in, for everyone; whom to write to, for those who are in. For students in their words."""
    administrators = User.objects.none()
    if request.user.is_authenticated:
        administrators = User.objects.filter(is_active=True, roles__contains=["admin"]).only(
            "name", "email", "phone"
        )
    context = {"administrators": administrators}
    if _own_version(request.user) == "student":
        return render(request, "portal/help_student.html", context | {"gentle": True})
    return render(request, "portal/help.html", context)


# Whom each version of the privacy page is written for.
PRIVACY: Final = {"family": "parents and carers", "student": "students", "staff": "staff"}


@login_not_required
def privacy(request: SchoolRequest) -> HttpResponse:
    """Who can see what: for staff read from the very table that decides it, for families and students in their words.

    It says nothing of anybody, so it is for everyone; `for` names a version, otherwise it is the reader's own.
    """
    reader = request.GET.get("for", "")
    if reader not in PRIVACY:
        reader = _own_version(request.user)
    context: dict[str, Any] = {"versions": PRIVACY, "version": reader}
    if reader != "staff":
        return render(request, f"portal/privacy_{reader}.html", context | {"gentle": True})
    rows = [(worded(can.value), holders(can)) for can in Can if can not in ABOUT_NO_STUDENT]
    context |= {
        "rows": rows,
        "school_rows": [(worded(can.value), holders(can)) for can in ABOUT_NO_STUDENT],
        "roles": list(ROLES.values()),
        "exceptions": [worded(EXCEPTION_WORDS[name]) for name in EXCEPTIONS],
    }
    return render(request, "portal/privacy_staff.html", context)


def _own_version(user: Any) -> str:
    if not user.is_authenticated:
        return "family"
    if user.is_school_staff:
        return "staff"
    return "student" if "student" in user.roles else "family"


@login_not_required
def healthz(request: SchoolRequest) -> JsonResponse:
    """200 when all is well; otherwise 503, and a sentence for each thing that is wrong.

    `serves` says whether pages are answered all the same, for whoever would take this process out of service.
    """
    wrong = health.wrong()
    if not wrong:
        return JsonResponse({"ok": True})
    return JsonResponse({"ok": False, "serves": health.serves(wrong), "wrong": wrong}, status=503)

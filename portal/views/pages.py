"""Pages about Keywork itself: how to get help, who can see what, and whether all is well."""

from __future__ import annotations

from typing import Any

import redis
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from keywork.access import EXCEPTIONS, Can
from keywork.guards import door
from keywork.jobs import late_job
from keywork.models import User
from keywork.roles import ROLES
from keywork.who_may import ABOUT_NO_STUDENT, EXCEPTION_WORDS, holders


@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """How to get in, for everyone; whom to write to, for those who are in."""
    administrators = ()
    if request.user.is_authenticated:
        administrators = User.objects.filter(is_active=True, roles__contains=["admin"]).only(
            "name", "email", "phone"
        )
    return render(request, "portal/help.html", {"administrators": administrators})


@door(Can.MANAGE_OWN_ACCOUNT)
def privacy(request: HttpRequest) -> HttpResponse:
    """Who can see what: for staff read from the very table that decides it, for families and students in their words."""
    if not request.user.is_school_staff:  # type: ignore[union-attr]
        own = "student" if "student" in request.user.roles else "family"  # type: ignore[union-attr]
        return render(request, f"portal/privacy_{own}.html", {"gentle": True})
    rows = [(can.value, holders(can)) for can in Can if can not in ABOUT_NO_STUDENT]
    context = {
        "rows": rows,
        "school_rows": [(can.value, holders(can)) for can in ABOUT_NO_STUDENT],
        "roles": list(ROLES.values()),
        "exceptions": [EXCEPTION_WORDS[name] for name in EXCEPTIONS],
    }
    return render(request, "portal/privacy.html", context)


@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database and Redis answer and the nightly work is on time; else 503 and what is wrong."""
    wrong: dict[str, Any] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        wrong["database"] = "does not answer"
    try:
        cache.set("healthz", "ok", 10)
    except redis.RedisError:
        wrong["redis"] = "does not answer"
    if "database" not in wrong and (late := late_job()):
        wrong["nightly"] = late.words
    return JsonResponse(
        {"ok": not wrong, **({"wrong": wrong} if wrong else {})}, status=503 if wrong else 200
    )

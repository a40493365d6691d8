"""Pages about Keywork itself: how to get help, who can see what, and whether all is well."""

from __future__ import annotations

from typing import Any

import redis
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from keywork.access import EXCEPTIONS, GRANTS, Can
from keywork.guards import door
from keywork.jobs import late_job
from keywork.models import Assignment, User
from keywork.roles import ROLES

# How the table of who can see what names a relation.
RELATIONS = {
    **{str(kind): f"Their {kind.label.lower()}" for kind in Assignment.Kind},
    "core": "Their core team",
    "teacher": "Their teachers",
    "parent": "Their parents and carers",
    "self": "The student",
}
EXCEPTION_WORDS = {
    "view_student": "the front page of one record",
    "view_log": "one record and its key worker log",
    "cover": "one record as if they were its keyworker, for cover",
}
# About no student in particular: shown apart.
ABOUT_NO_STUDENT = tuple(Can)[: tuple(Can).index(Can.VIEW_STUDENT)]


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
    """Who can see what, read from the very table that decides it."""
    rows = [(can.value, _holders(can)) for can in GRANTS if can not in ABOUT_NO_STUDENT]
    context = {
        "rows": rows,
        "school_rows": [(can.value, _holders(can)) for can in ABOUT_NO_STUDENT],
        "roles": list(ROLES.values()),
        "exceptions": [EXCEPTION_WORDS[name] for name in EXCEPTIONS],
    }
    return render(request, "portal/privacy.html", context)


def _holders(can: Can) -> list[str]:
    """Everyone the table names for this, roles first, in words."""
    grant = GRANTS[can]
    everyone = [role.name for slug, role in ROLES.items() if slug in grant.roles]
    return everyone + [words for name, words in RELATIONS.items() if name in grant.relations]


@login_not_required
@never_cache
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

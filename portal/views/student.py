"""A student's own page: my keyworker, how to find them, what comes next. Few words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.guards import door
from students.models import Student

from .. import homes


@require_safe
@door(Can.VIEW_MY_PAGE)
def my_page(request: HttpRequest) -> HttpResponse:
    today = clock.today()
    me = Student.objects.visible_to(request.user, Can.VIEW_MY_PAGE).first()
    context = {"gentle": True, "me": me, "dsl": homes.one_with_role("dsl")}
    if me is not None:
        opened(request, me, "my page")
        people = homes.people_around(me, today)
        context |= {
            "people": people,
            "here": me.is_on_roll(today),
            "next_talk": homes.next_talk(me, today, request.school) if people.keyworker else None,  # type: ignore[attr-defined]
        }
    return render(request, "portal/my_page.html", context)

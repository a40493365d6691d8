"""Search: students by name or number, leavers included, and entries of the log by their words; within rights."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from care.finding import kept_saying
from contacts.finding import entries_saying
from keywork import clock
from keywork.access import Can
from keywork.audit import opened_each
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from keywork.names import folded
from students.finding import matching
from students.models import Student

MOST = 50
MOST_WORDS = 8  # each is looked for in everything that was ever written in the log
SHOWN = ("known_as", "surname", "legal_forename", "nc_year", "placement", "joined_on", "left_on")


@permission_required(Can.LIST_STUDENTS)
def search(request: SchoolRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:100]
    words = dict.fromkeys(folded(typed).split())
    context: dict[str, Any] = {"typed": typed, "today": clock.today()}
    if len(words) > MOST_WORDS:
        context["too_many"] = f"Search for {MOST_WORDS} words at most. You typed {len(words)}"
    elif typed:
        visible = Student.objects.visible_to(request.user, Can.VIEW_STUDENT)
        found = list(matching(visible, typed).only(*SHOWN)[: MOST + 1])
        for student in found:
            student.has_left = student.left_on is not None and student.left_on < context["today"]
        entries = entries_saying(request.user, typed, most=MOST + 1)
        kept = kept_saying(request.user, typed, most=MOST + 1)
        opened_each(request, {entry.student.pk for entry in entries[:MOST]}, "search", "words of the log")
        opened_each(
            request,
            {one.student.pk for one in kept[:MOST]},
            "search",
            "words of plans, meetings and documents",
        )
        context |= {
            "found": found[:MOST],
            "more": len(found) > MOST,
            "kept": kept[:MOST],
            "more_kept": len(kept) > MOST,
            "entries": entries[:MOST],
            "more_entries": len(entries) > MOST,
        }
    return render(request, "portal/search.html", context, status=422 if "too_many" in context else 200)

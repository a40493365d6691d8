"""Oversight: who is overdue, who has nobody, who is overloaded; one table, each state with its reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_tables2 import RequestConfig

from keywork import clock, duties, replica
from keywork.absences import away_until
from keywork.access import Can, has_capability, holds_for_all
from keywork.audit import exported
from keywork.dates import day_in_full
from keywork.editing import save
from keywork.guards import POST, permission_required
from keywork.http import SchoolRequest
from keywork.jobs import late_job
from keywork.models import SavedFilter, User
from keywork.numbers import in_words
from keywork.spreadsheet import harmless, table_answer
from keywork.words import worded
from safety.worry_audience import open_worries, thin_cover
from students.models import ChangeRequest

from ..calendar_changes import next_year_missing
from ..forms.own_choices import SaveFilterForm
from ..oversight_list import OversightFilter, OversightTable, kept, save_filter, saved_by
from ..overview import GROUPS, Overview, cells, overview

PAGE = 30


@permission_required(Can.OVERSEE)
def oversight(request: SchoolRequest) -> HttpResponse:
    return _page(request, request.GET)


def _page(
    request: SchoolRequest, query: QueryDict, form: SaveFilterForm | None = None, status: int = 200
) -> HttpResponse:
    school, asked = _asked(request, query=query)
    rows = asked.rows(school)
    table = OversightTable(rows)
    RequestConfig(request, paginate={"per_page": PAGE}).configure(table)
    chosen = asked.chosen
    show = chosen.get("show", "everyone")
    narrowed = any(chosen.get(name) for name in ("keyworker", "year", "placement"))
    table.caption = _caption(
        len(rows), show, school, narrowed=narrowed, sorted_by="" if table.order_by else "most urgent first"
    )
    table.assigns = has_capability(request.user, Can.ASSIGN)
    today = clock.today()
    away = away_until(today)
    shown = [line.record for line in table.paginated_rows]
    school.add_states(shown)
    table.shown = list(zip(shown, cells(shown), strict=True))
    for row in shown:
        if row.keyworker_id in away:
            row.away = f"Away until {day_in_full(away[row.keyworker_id], today)}"
    context = {
        "today": clock.today(),
        "total": len(school.rows),
        "counters": _counters(school, show),
        "filter": asked,
        "table": table,
        "rows": shown,
        "late_job": late_job(),
        "asked": _waiting_requests(request.user),
        "missing_year": next_year_missing(request.school.calendar, today),
        "worries": open_worries(request.user),
        "cover": thin_cover() if holds_for_all(request.user, Can.VIEW_WORRIES) else "",
        "query": query.urlencode(),
        "saved": saved_by(request.user),
        "this": kept(query),
        "save_form": form or SaveFilterForm(initial={"query": kept(query)}),
        "may_say_away": has_capability(request.user, Can.RECORD_STAFF_ABSENCE),
        "may_approve": has_capability(request.user, Can.APPROVE_LATE),
        "may_run_ilsa": has_capability(request.user, Can.RUN_ILSA),
        "may_see_outcomes": has_capability(request.user, Can.EDIT_PLANS),
        "may_see_school_ilsa": has_capability(request.user, Can.VIEW_SCHOOL_ILSA),
    }
    return render(request, "portal/oversight.html", context, status=status)


def _waiting_requests(user: User) -> list[int]:
    """Of students who ask for another keyworker, and wait for this person's answer (keys)."""
    if not holds_for_all(user, Can.ANSWER_REQUESTS):
        return []
    waiting = ChangeRequest.objects.answered_by(user).filter(answered_at__isnull=True)
    return list(waiting.values_list("pk", flat=True))


@permission_required(Can.OVERSEE, POST)
def save_this(request: SchoolRequest) -> HttpResponse:
    """Keep what is chosen now under a name."""
    form = SaveFilterForm(request.POST)
    made = save(request, form, lambda: save_filter(**form.cleaned_data, by=request.user))
    if made is None:
        return _page(request, QueryDict(kept(QueryDict(request.POST.get("query", "")))), form, form.status)
    messages.success(request, f"Kept as “{made.name}”, above the table.")
    return redirect(f"{reverse('portal:oversight')}?{made.query}")


@permission_required(Can.OVERSEE, POST)
def remove_saved(request: SchoolRequest, pk: int) -> HttpResponse:
    get_object_or_404(SavedFilter, user=request.user, page=SavedFilter.Page.OVERSIGHT, pk=pk).delete()
    messages.success(request, "Removed. The students are still there.")
    return redirect("portal:oversight")


@permission_required(Can.OVERSEE)
def download(request: SchoolRequest, kind: str) -> HttpResponse:
    """The same rows as a file, with the reasons; whose rows they were is kept."""
    school, asked = _asked(request, replica.read)
    rows = asked.rows(school)
    replica.read(lambda: school.add_states(rows))
    today = clock.today()
    exported(request, [row.student.pk for row in rows], "oversight table")
    names = [provider.name for provider in duties.providers()]
    heads = [head for name in names for head in (name, f"{name}: due", f"{name}: why")]
    lines = [[worded("Student"), "Year", "Placement", worded("Keyworker"), *heads]]
    for row in rows:
        student = row.student
        cells = [student.name, student.year_label, student.placement_label, row.keyworker or "Nobody"]
        for state in row.states:
            cells += [state.label, state.by.isoformat() if state.by else "", state.reason]
        lines.append([harmless(cell) for cell in cells])
    return table_answer(kind, f"oversight-{today.isoformat()}", lines)


def _asked(
    request: SchoolRequest, read: replica.Read = replica.directly, query: QueryDict | None = None
) -> tuple[Overview, OversightFilter]:
    school = overview(request.user, clock.today(), request.school, read)
    return school, OversightFilter(request.GET if query is None else query, school)


def _counters(school: Overview, show: str) -> list[dict[str, Any]]:
    counters = []
    for key, (one, more, loud) in GROUPS.items():
        if key == "over_cap" and school.cap is None:
            continue
        count = school.keyworkers_over_cap if key == "over_cap" else school.counts[key]
        words = one if count == 1 else more
        counters.append(
            {
                "key": key,
                "count": count,
                "words": words,
                "loud": loud if count else "",
                "current": key == show,
            }
        )
    return counters


def _caption(count: int, show: str, school: Overview, *, narrowed: bool, sorted_by: str) -> str:
    words = {
        "overdue": "with something overdue",
        "week": "with something due this week",
        "nobody": worded("without a keyworker"),
        "over_cap": worded("whose keyworker is above their limit"),
        "never": "whose home has not heard from us yet",
    }.get(show, "on roll")
    who = f"{in_words(count).capitalize()} {worded('student' if count == 1 else 'students')} {words}"
    parts = [who, *(["of those chosen"] if narrowed else []), *([sorted_by] if sorted_by else [])]
    return f"{', '.join(parts)}. Choose a state to see why."

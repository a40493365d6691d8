"""The class view: how complete every student's TSP is, as a table and a file, and chasing what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from keywork import clock, replica
from keywork.access import Can, has_capability
from keywork.audit import exported
from keywork.dates import london_date
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.names import ended
from keywork.spreadsheet import csv_answer, harmless
from keywork.templatetags.kw import counted
from keywork.words import worded, worded_lazy
from students.filters import year_choices
from students.models import Student

from ..models import AssessmentPoint
from ..questions import templates
from ..questions.templates import Template
from .completeness import (
    AskedPoint,
    CompletenessRow,
    asked_for,
    completeness,
    in_words,
    state_words,
    terms_so_far,
)
from .reminders import Reminded, remind

KEPT = ("term", "kind", "keyworker", "year", "show", "sort")
# What is shown: without a choice, whose ratings are owed now; soft tools of a past point are chased by choice.
OWED, INCOMPLETE, ALL = "", "incomplete", "all"
SHOW = {OWED: "Ratings not finished", INCOMPLETE: "Anything missing", ALL: "Everyone"}
A_PAGE = 20  # on a phone each row is a card
# What each head sorts by; the name breaks ties, as the rows come in its order.
SORTS: Mapping[str, tuple[str, Callable[[CompletenessRow], Any]]] = {
    "student": (worded_lazy("Student"), lambda row: ()),
    "keyworker": (worded_lazy("Keyworker"), lambda row: (not row.keyworker, row.keyworker)),
    "point": ("Ratings", lambda row: (row.done_on is not None, row.answered, row.is_begun)),
    "tools": ("Soft tools", lambda row: row.tools_in),
    "input": ("Team input", lambda row: (row.input_answered, -row.asked)),
    "goals": ("Goals agreed", lambda row: row.goals),
    "missing": ("Missing", lambda row: len(row.missing)),
}


def in_order(rows: Iterable[CompletenessRow], sort: str) -> list[CompletenessRow]:
    """Sorted by one head; "-point" turns it round. An unknown head leaves them by name."""
    found = list(rows)
    head = SORTS.get(sort.removeprefix("-"))
    if head is not None:
        found.sort(key=head[1], reverse=sort.startswith("-"))
        if sort == "-student":
            found.reverse()
    return found


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for; an answer that is none of the choices asks for nothing."""

    keyworker: str
    year: str
    show: str
    sort: str

    @classmethod
    def of(cls, request: SchoolRequest) -> Choice:
        sort = request.GET.get("sort", "")
        return cls(
            keyworker=request.GET.get("keyworker", ""),
            year=request.GET.get("year", ""),
            show=show if (show := request.GET.get("show", OWED)) in SHOW else OWED,
            sort=sort if sort.removeprefix("-") in SORTS else "",
        )

    def matching(self, rows: Sequence[CompletenessRow]) -> list[CompletenessRow]:
        return in_order(
            (
                row
                for row in rows
                if (not self.keyworker or str(row.keyworker_id or "nobody") == self.keyworker)
                and (not self.year or row.student.nc_year == self.year)
                and self._shows(row)
            ),
            self.sort,
        )

    def _shows(self, row: CompletenessRow) -> bool:
        if self.show == OWED:
            return row.owes_ratings
        return self.show == ALL or bool(row.missing)


@permission_required(Can.FOLLOW_TSP, GET)
def class_view(request: SchoolRequest) -> HttpResponse:
    today = clock.today()
    school = request.school.itself
    asked = _asked(request)
    context: dict[str, Any] = {
        "asked": asked,
        "today": today,
        "edits_form": has_capability(request.user, Can.VIEW_TEMPLATES),
        "may_run_ilsa": has_capability(request.user, Can.RUN_ILSA),
        "may_see_school_ilsa": has_capability(request.user, Can.VIEW_SCHOOL_ILSA),
    }
    if asked is None:
        return render(request, "tsp/ask_class.html", context)
    form = templates.current()
    rows = completeness(request.user, school, asked, today)
    choice = Choice.of(request)
    found = choice.matching(rows)
    shown = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    may_remind = _may_remind(request, asked)
    keyworkers = {str(row.keyworker_id): row.keyworker for row in rows if row.keyworker_id}
    if any(row.keyworker_id is None for row in rows):
        keyworkers["nobody"] = "Nobody"
    query = _query(request, "page")
    context |= {
        "terms": terms_so_far(school, today),
        "kinds": AssessmentPoint.Kind.choices,
        "keyworkers": sorted(keyworkers.items(), key=lambda pair: (pair[0] == "nobody", pair[1])),
        "years": year_choices(row.student.nc_year for row in rows),
        "shows": SHOW.items(),
        "choice": choice,
        "count": len(found),
        # Of those on roll: who has left since stays in the table, and is nobody to chase.
        "total": sum(row.on_roll for row in rows),
        "complete": sum(row.on_roll and not row.missing for row in rows),
        "heads": _heads(request, choice),
        "page": shown,
        "cells": [_cell(row, asked, form, today, reminds=may_remind) for row in shown],
        "back": query,
        "asked": asked,
        "query": _query(request),
        "everyone": f"?{urlencode({'term': asked.term.id, 'kind': asked.kind, 'show': ALL})}",
        "to_remind": len(_to_remind(found)) if may_remind else 0,
        "not_open_yet": today < asked.opens_on,
    }
    return render(request, "tsp/ask_class.html", context)


def _cell(
    row: CompletenessRow, asked: AskedPoint, form: Template, today: date, *, reminds: bool
) -> dict[str, Any]:
    """A row with what is worked out of it; `reminds`: the reader may write to keyworkers."""
    level, word, note = state_words(row, today, asked)
    # How many tools are in is counted; what is begun or declined is named. What is missing stands in the last column.
    named = [f"{title}: {state}" for _, title, state in row.tools if state in ("declined", "begun")]
    is_owed = row.due_on is not None or row.is_begun
    return {
        "row": row,
        "level": level,
        "word": word,
        "note": note,
        "tools_named": "; ".join(named),
        "missing_words": ", ".join(in_words(row.missing, form)),
        "may_remind": reminds and row.may_be_reminded(today),
        "is_complete": is_owed and not row.missing and today >= asked.opens_on,
    }


@permission_required(Can.FOLLOW_TSP, GET)
def class_csv(request: SchoolRequest) -> HttpResponse:
    """The same rows as a CSV file; whose rows they were is kept."""
    today, asked = clock.today(), _asked(request)
    rows = completeness(request.user, request.school.itself, asked, today, replica.read) if asked else []
    rows = Choice.of(request).matching(rows)
    exported(request, [row.student.pk for row in rows], "TSP class view")
    tools = [title for _, title, _ in rows[0].tools] if rows else []
    heads = [worded("Student"), "Year", worded("Keyworker"), "State", "Due", "Finished"]
    heads += ["Statements answered", "Statements", "Areas rated", *tools, "Asked for team input", "Answered"]
    lines = [[*heads, "Cannot", "Goals agreed", "Missing", "Chased"]]
    form = templates.current()
    for row in rows:
        _, word, _ = state_words(row, today, asked)  # type: ignore[arg-type]
        cells = [row.student.name, row.student.year_label, row.keyworker or "Nobody", word]
        cells += [one.isoformat() if one else "" for one in (row.by, row.done_on)]
        cells += [str(row.answered), str(row.of), str(row.areas), *(state for _, _, state in row.tools)]
        cells += [str(row.asked), str(row.input_answered), str(row.cannot), str(row.goals)]
        cells += ["; ".join(in_words(row.missing, form))]
        cells += [london_date(row.reminded_at).isoformat() if row.reminded_at else ""]
        lines.append([harmless(cell) for cell in cells])
    return csv_answer(f"tsp-{today.isoformat()}.csv", lines)


@permission_required(Can.FOLLOW_TSP, POST)
def remind_one(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.FOLLOW_TSP, pk=pk)
    asked = _asked(request)
    rows = _remindable(request, asked)
    row = next((one for one in rows if one.student.pk == student.pk), None)
    if asked is None or row is None or not row.missing:
        messages.info(request, f"Nothing is missing for {student.name} that could be chased.")
        return _back(request)
    done = _remind(request, asked, [row])
    if done.sent:
        messages.success(request, f"{row.keyworker} has been written to about {ended(student.name)}")
    elif done.reminded_today:
        messages.info(request, f"{row.keyworker} has been written to about {student.name} today already.")
    else:
        messages.warning(request, f"{student.name} has no keyworker who could be written to.")
    return _back(request)


@permission_required(Can.FOLLOW_TSP, GET_POST)
def remind_all(request: SchoolRequest) -> HttpResponse:
    """Everyone incomplete among those chosen: first how many of whose, then one act."""
    asked = _asked(request)
    rows = _to_remind(Choice.of(request).matching(_remindable(request, asked)))
    if request.method == "POST":
        done = _remind(request, asked, rows) if asked is not None and rows else Reminded((), (), ())
        keyworkers = len({one.keyworker_id for one in done.sent})
        if done.sent:
            words = (
                f"{counted(keyworkers, 'keyworker')} {'has' if keyworkers == 1 else 'have'} been written to "
            )
            words += f"about {counted(len(done.sent), 'student').lower()}."
            messages.success(request, words)
        else:
            messages.info(request, "Nobody was written to: everybody had heard today, or nothing is missing.")
        return _back(request)
    form = templates.current()
    people: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        people.setdefault(row.keyworker, []).append(
            (row.student.name, ", ".join(in_words(row.missing, form)))
        )
    context = {
        "asked": asked,
        "kind_words": _kind_words(asked) if asked else "",
        "count": len(rows),
        "people": sorted(people.items()),
        "query": _query(request),
    }
    return render(request, "tsp/ask_remind.html", context)


def _asked(request: SchoolRequest) -> AskedPoint | None:
    return asked_for(
        request.school.itself,
        clock.today(),
        request.GET.get("term", ""),
        request.GET.get("kind", ""),
    )


def _may_remind(request: SchoolRequest, asked: AskedPoint) -> bool:
    """In the newest term only, and once the point is open: before, nothing is missing yet."""
    newest = terms_so_far(request.school.itself, clock.today())[0]
    return asked.term.id == newest.id and clock.today() >= asked.opens_on


def _remindable(request: SchoolRequest, asked: AskedPoint | None) -> list[CompletenessRow]:
    if asked is None or not _may_remind(request, asked):
        return []
    rows = completeness(request.user, request.school.itself, asked, clock.today())
    return [row for row in rows if row.on_roll]


def _to_remind(rows: Sequence[CompletenessRow]) -> list[CompletenessRow]:
    today = clock.today()
    return [row for row in rows if row.missing and row.may_be_reminded(today)]


def _remind(request: SchoolRequest, asked: AskedPoint, rows: Sequence[CompletenessRow]) -> Reminded:
    return remind(
        by=request.user,
        term=asked.term.id,
        kind_words=_kind_words(asked),
        missing={row.student.pk: row.missing for row in rows},
        due={row.student.pk: row.by for row in rows},
    )


def _kind_words(asked: AskedPoint) -> str:
    """ "baseline of the autumn term 2026/27"; when it is due is each student's own."""
    season, *others = asked.term.name.split(" ")
    name = " ".join([season.lower(), *others])
    return f"{asked.kind} of the {name}"


def _query(request: SchoolRequest, *more: str) -> str:
    return urlencode([(name, request.GET[name]) for name in (*KEPT, *more) if request.GET.get(name)])


def _back(request: SchoolRequest) -> HttpResponse:
    query = _query(request, "page")
    return HttpResponseRedirect(reverse("tsp:class") + (f"?{query}" if query else ""))


def _heads(request: SchoolRequest, choice: Choice) -> list[dict[str, str]]:
    """Each head with the address that sorts by it, or turns it round."""
    heads = []
    for name, (title, _) in SORTS.items():
        present = {name: "ascending", f"-{name}": "descending"}.get(choice.sort, "")
        query = request.GET.copy()
        query.pop("page", None)
        query["sort"] = f"-{name}" if present == "ascending" else name
        heads.append({"title": title, "sorted": present, "url": f"?{query.urlencode()}"})
    return heads

"""The head and the coordinator: opening a year's round, how far it is, reminding, newcomers, who takes no part, and
independence across the school, as a page and as a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from keywork import clock, dates, replica
from keywork.access import Can, has_capability
from keywork.editing import save
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.spreadsheet import csv_answer, harmless
from keywork.words import worded
from students.models import Student

from .. import actions, enquiries, progress, school_view
from ..forms import MissingForm, OpenRoundForm
from ..models import RaterForm, Round

A_PAGE = 50


@permission_required(Can.RUN_ILSA, GET)
def rounds(request: SchoolRequest) -> HttpResponse:
    """All rounds, newest first, and whether another can be opened."""
    context = {
        "rounds": list(Round.objects.select_related("opened_by")),
        "can_open": bool(_years(request)),
        "may_read_form": has_capability(request.user, Can.VIEW_TEMPLATES),
    }
    return render(request, "ilsa/rounds.html", context)


def _years(request: SchoolRequest) -> list[str]:
    """Academic years of the calendar, from the one of today on, that have no round yet."""
    today = clock.today()
    taken = set(Round.objects.values_list("year", flat=True))
    years = request.school.calendar.years
    return [year.id for year in years if year.ends_on >= today and year.id not in taken]


@permission_required(Can.RUN_ILSA, GET_POST)
def open_round(request: SchoolRequest) -> HttpResponse:
    """One act for the whole school; the raters are written to as it opens."""
    form = OpenRoundForm(posted(request), years=_years(request), initial={"opens_on": clock.today()})

    def open_it() -> tuple[Round, int]:
        made = actions.open_round(by=request.user, **form.cleaned_data)
        return made, enquiries.write_to_raters(made, first=True)

    opened = save(request, form, open_it)
    if opened is not None:
        made, letters = opened
        year = dates.academic_year(made.year)
        messages.success(request, f"The round of {year} is open. {_letters(letters)}")
        return redirect("ilsa:round", made.year)
    context = {"form": form, "back_url": reverse("ilsa:rounds")}
    return render(request, "ilsa/open_round.html", context, status=form.status)


def _letters(count: int) -> str:
    return (
        "Nobody was written to."
        if not count
        else f"{count} letter{'s are' if count > 1 else ' is'} on the way."
    )


@permission_required(Can.RUN_ILSA, GET)
def round_page(request: SchoolRequest, year: str) -> HttpResponse:
    """Who has answered, student by student."""
    shown = get_object_or_404(Round.objects.select_related("opened_by"), year=year)
    found = progress.lines(shown, request.user)
    only_open = request.GET.get("show") == "open"
    wanted = [line for line in found if not (only_open and line.complete)]
    page = Paginator(wanted, A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "round": shown,
        "counts": progress.counts(found),
        "complete": sum(line.complete for line in found),
        "of": len(found),
        "page": page,
        "only_open": only_open,
        "roles": ("keyworker", "parent_carer", "pupil"),
    }
    return render(request, "ilsa/round.html", context)


@permission_required(Can.RUN_ILSA, POST)
def remind(request: SchoolRequest, year: str) -> HttpResponse:
    """Everyone whose form is open, once a day at most."""
    shown = get_object_or_404(Round, year=year)
    letters = enquiries.write_to_raters(shown)
    if letters:
        messages.success(request, _letters(letters))
    else:
        messages.info(request, "Everyone with an open form and an account was reminded today already.")
    return redirect("ilsa:round", year)


@permission_required(Can.RUN_ILSA, POST)
def newcomers(request: SchoolRequest, year: str) -> HttpResponse:
    """Students and parents who came since the round was opened."""
    shown = get_object_or_404(Round, year=year)
    made = actions.add_newcomers(by=request.user, round=shown)
    words = (
        f"{made} form{'s were' if made > 1 else ' was'} added."
        if made
        else "Nobody is new: all have their forms."
    )
    messages.success(request, words)
    return redirect("ilsa:round", year)


@permission_required(Can.NOTE_RATER, GET_POST)
def missing(request: SchoolRequest, pk: int) -> HttpResponse:
    """Why a rater takes no part; taken back as easily."""
    forms = RaterForm.objects.select_related("assessment__student", "assessment__round", "member")
    rater = get_visible_or_404(forms, request, Can.NOTE_RATER, pk=pk)
    form = MissingForm(posted(request), rater=rater)
    back = reverse("ilsa:compare", args=[rater.assessment.student_id, rater.assessment.round.year])
    if request.GET.get("back") and url_has_allowed_host_and_scheme(request.GET["back"], None):
        back = request.GET["back"]
    saved = save(
        request,
        form,
        lambda: actions.note_missing(
            by=request.user,
            form=rater,
            reason=form.cleaned_data["reason"],
            words=form.cleaned_data["words"],
            seen=rater.version,
        ),
    )
    if saved is not None:
        messages.success(request, "Kept.")
        return redirect(back)
    context = {
        "form": form,
        "rater": rater,
        "back_url": back,
        "student": rater.assessment.student,
    }
    return render(request, "ilsa/missing.html", context, status=form.status)


STAGES = {
    "primary": "Up to Year 6",
    "lower": "Years 7 to 9",
    "upper": "Years 10 and 11",
    "sixth": "Year 12 and on",
}
KINDS = {"domain": "Domains", "pfa": "Preparing for adulthood"}


def stage(nc_year: str, placement: str) -> str:
    """The part of the school a year group belongs to; "X" and nursery count with the youngest."""
    year = int(nc_year) if nc_year.isdecimal() else 0
    if year >= 12:
        return "sixth"
    if year >= 10:
        return "upper"
    return "lower" if year >= 7 else "primary"


def placing(nc_year: str, placement: str) -> str:
    return placement


GROUPINGS: dict[str, tuple[str, Any, dict[str, str]]] = {
    "stage": ("by age", stage, STAGES),
    "placement": ("by placement", placing, dict(Student.Placement.choices)),
}


@permission_required(Can.VIEW_SCHOOL_ILSA, GET)
def school(request: SchoolRequest) -> HttpResponse:
    rounds = list(Round.objects.order_by("-year"))
    wanted = request.GET.get("year")
    chosen = next((one for one in rounds if one.year == wanted), rounds[0] if rounds else None)
    by, grouping = _asked(request)
    context: dict[str, Any] = {
        "rounds": rounds,
        "round": chosen,
        "by": by,
        "kinds": KINDS,
        "grouping": grouping,
        "groupings": {key: words for key, (words, _, _) in GROUPINGS.items()},
        "least": school_view.SMALL_GROUP,
        "rounds_url": reverse("ilsa:rounds") if has_capability(request.user, Can.RUN_ILSA) else "",
    }
    if chosen is not None:
        rows, heads = _table(request, chosen, by, grouping), list(GROUPINGS[grouping][2].values())
        context |= {
            "heads": heads,
            "rows": [(row, list(zip(heads, row.groups, strict=True))) for row in rows],
            "asked": chosen.assessments.count(),
        }
    return render(request, "ilsa/school.html", context)


def _asked(request: SchoolRequest) -> tuple[str, str]:
    """The rows and the columns of the table: a key of KINDS and one of GROUPINGS."""
    by, grouping = request.GET.get("by", ""), request.GET.get("groups", "")
    return by if by in KINDS else "domain", grouping if grouping in GROUPINGS else "stage"


def _table(
    request: SchoolRequest, chosen: Round, by: str, grouping: str, read: replica.Read = replica.directly
) -> list[school_view.SchoolRow]:
    _, group_of, names = GROUPINGS[grouping]
    students = list(
        Student.objects.visible_to(request.user, Can.VIEW_SCHOOL_ILSA).values_list("pk", flat=True)
    )
    return read(lambda: school_view.table(chosen, students, by=by, group_of=group_of, groups=tuple(names)))


@permission_required(Can.VIEW_SCHOOL_ILSA, GET)
def school_csv(request: SchoolRequest, year: str) -> HttpResponse:
    """The same table with one decimal; small groups are left out here too."""
    chosen = get_object_or_404(Round, year=year)
    by, grouping = _asked(request)
    rows = _table(request, chosen, by, grouping, read=replica.read)
    names = GROUPINGS[grouping][2]
    lines: list[list[Any]] = [[KINDS[by], "Whole school", worded("Students"), *names.values()]]
    for row in rows:
        figures = [row.whole.exported, row.whole.students, *(figure.exported for figure in row.groups)]
        lines.append([harmless(row.title), *("" if value is None else value for value in figures)])
    return csv_answer(f"independence-{year}.csv", lines)

"""The school's calendar: the year at a glance for all staff; days off, term dates and the next year for who keeps it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from keywork import clock, ics, school
from keywork.access import Can, has_capability
from keywork.actions import calendar as actions
from keywork.dates import academic_year, year_slug
from keywork.editing import press
from keywork.guards import GET, GET_POST, POST, permission_required
from keywork.http import SchoolRequest
from keywork.models import AcademicYear, Closure, HalfTerm, InsetDay

from ..calendar_changes import (
    AddClosure,
    AddInset,
    CalendarChange,
    SetHalfTerms,
    TakeBackClosure,
    TakeBackInset,
    days_between,
    next_year_missing,
    span,
)
from ..forms.calendar import CLOSED, DaysOffForm, HalfTermsForm, TakeBackForm
from ..previewed import two_steps
from ..school_tabs import tabs_for
from ..year_picture import KINDS, year_picture

CAN_BE_TAKEN_BACK = "You can take it back later: every date is then as before."


@permission_required(Can.VIEW_CALENDAR, GET)
def calendar(request: SchoolRequest) -> HttpResponse:
    """The year of today, or the one that is asked for."""
    year = _year_asked(request)
    return render(request, "portal/calendar.html", _context(request, year))


@permission_required(Can.KEEP_CALENDAR, GET_POST)
def days_off(request: SchoolRequest) -> HttpResponse:
    """Close the school, or make a day staff-only: what moves is shown before it is saved."""
    added: Collection[date] = ()
    with suppress(ValueError):
        first = date.fromisoformat(request.POST.get("starts_on", ""))
        last = date.fromisoformat(request.POST.get("ends_on", "") or first.isoformat())
        added = days_between(first, min(last, date.fromordinal(first.toordinal() + actions.MOST_DAYS)))
    year = _year_of(min(added)) if added else _year_asked(request)
    starts_on = clock.today()

    def change_of(form: DaysOffForm) -> CalendarChange:
        given = dict(form.cleaned_data)
        return (AddClosure if given.pop("kind") == CLOSED else AddInset)(**given)

    def label(form: DaysOffForm) -> str:
        given = form.cleaned_data
        days = span(given["starts_on"], given["ends_on"])
        return f"Close the school {days}" if given["kind"] == CLOSED else f"Only staff come {days}"

    return two_steps(
        request,
        "portal/calendar_days_off.html",
        _context(request, year, adding=added),
        lambda data, no: DaysOffForm(data, initial={"starts_on": starts_on}),
        change_of,
        label=label,
    )


@permission_required(Can.KEEP_CALENDAR, GET_POST)
def take_back_closure(request: SchoolRequest, pk: int) -> HttpResponse:
    closure = get_object_or_404(Closure, pk=pk)
    days = span(closure.starts_on, closure.ends_on)
    today = clock.today()
    closed = (
        "was closed"
        if closure.ends_on < today
        else "is closed"
        if closure.starts_on <= today
        else "is to close"
    )
    return _take_back(
        request, TakeBackClosure(closure=closure), f"Take back: the school {closed} {days}", closure.starts_on
    )


@permission_required(Can.KEEP_CALENDAR, GET_POST)
def take_back_inset(request: SchoolRequest, pk: int) -> HttpResponse:
    inset = get_object_or_404(InsetDay, pk=pk)
    days = span(inset.day, inset.day)
    return _take_back(
        request,
        TakeBackInset(inset=inset),
        f"Take back: only staff {'came' if inset.day < clock.today() else 'come'} {days}",
        inset.day,
    )


@permission_required(Can.KEEP_CALENDAR, GET_POST)
def half_terms(request: SchoolRequest, slug: str) -> HttpResponse:
    """First and last day of each half-term of a year."""
    year = get_object_or_404(AcademicYear, slug=slug)
    context = {
        "year": year,
        "year_name": academic_year(year.slug),
        "is_checked": year.status == actions.CHECKED,
    }
    return two_steps(
        request,
        "portal/calendar_half_terms.html",
        _context(request, year) | context,
        lambda data, no: HalfTermsForm(data, year=year),
        lambda form: SetHalfTerms(year=year, dates=form.dates()),
        label=lambda form: "Save these term dates",
    )


@permission_required(Can.KEEP_CALENDAR, POST)
def copy_year(request: SchoolRequest) -> HttpResponse:
    """The year after the last, on the same days of the week; then its dates are put right."""
    made: list[AcademicYear] = []
    if press(request, lambda: made.append(actions.copy_year(by=request.user))):
        name = academic_year(made[0].slug)
        messages.success(
            request, f"{name} is there, copied from the year before. Put its dates right and save them."
        )
        return redirect("portal:calendar_half_terms", made[0].slug)
    return redirect("portal:calendar")


@require_safe
@login_not_required
def feed(request: SchoolRequest, token: str) -> HttpResponse:
    """Term dates for a calendar program, which cannot sign in: whoever has the address may read it. Nothing of people."""
    try:
        _signer().unsign(f"{FEED}:{token}")
    except signing.BadSignature as error:
        raise Http404 from error
    return ics.answer(f"{request.school.name}: term dates", _feed_events(), FEED)


# ------------------------------------------------------------------ shared


def _take_back(request: SchoolRequest, change: CalendarChange, what: str, day: date) -> HttpResponse:
    context = _context(request, _year_of(day)) | {
        "what": what,
        "is_inset": isinstance(change, TakeBackInset),
        "afterwards": "",
    }
    return two_steps(
        request,
        "portal/calendar_take_back.html",
        context,
        lambda data, no: TakeBackForm(data),
        lambda form: change,
        label=lambda form: "Take it back",
    )


def _context(
    request: SchoolRequest, year: AcademicYear | None, adding: Collection[date] = ()
) -> dict[str, Any]:
    today = clock.today()
    years = list(AcademicYear.objects.order_by("starts_on"))
    keeps = has_capability(request.user, Can.KEEP_CALENDAR)
    return {
        "today": today,
        "tabs": tabs_for(request.user, "portal:calendar"),
        "picture": year_picture(year, request.school.calendar, today, adding) if year else None,
        "year_name": academic_year(year.slug) if year else "",
        "kinds": KINDS,
        "adding": bool(adding),
        "years": [(one, academic_year(one.slug)) for one in years],
        "last_name": academic_year(years[-1].slug) if years else "",
        "following": academic_year(year_slug(int(years[-1].slug[:4]) + 1)) if years else "",
        "missing_year": next_year_missing(request.school.calendar, today),
        "keeps": keeps,
        "sets_up": has_capability(request.user, Can.SET_UP_SCHOOL) and not school.is_open(),
        "feed_url": _feed_address(),
        "back_url": reverse("portal:calendar") + (f"?year={year.slug}" if year else ""),
        "afterwards": CAN_BE_TAKEN_BACK,
    }


def _year_asked(request: SchoolRequest) -> AcademicYear | None:
    asked = AcademicYear.objects.filter(slug=request.GET.get("year", "")[:7]).first()
    return asked or _year_of(clock.today())


def _year_of(day: date) -> AcademicYear | None:
    """The school year that a day lies in; else the last there is."""
    begins = day.year if day.month >= 9 else day.year - 1
    found = AcademicYear.objects.filter(slug=year_slug(begins)).first()
    return found or AcademicYear.objects.order_by("starts_on").last()


# ------------------------------------------------------------------ the feed

FEED = "term-dates"


def _signer() -> signing.Signer:
    return signing.Signer(salt="keywork.calendar-feed")


def _feed_address() -> str:
    """The whole address, which nobody guesses; the same as long as the installation keeps its key."""
    token = _signer().sign(FEED).rpartition(":")[2]
    return settings.BASE_URL + reverse("portal:calendar_feed", args=[token])


def _feed_events() -> Iterator[dict[str, Any]]:
    for row in HalfTerm.objects.select_related("year"):
        yield _feed_days(f"half-term-{row.slug}-first", row.starts_on, f"{row.name} {row.year} starts")
        yield _feed_days(f"half-term-{row.slug}-last", row.ends_on, f"{row.name} {row.year}: last day")
    for inset in InsetDay.objects.all():
        yield _feed_days(f"inset-{inset.day}", inset.day, "INSET day: staff only")
    for closure in Closure.objects.all():
        yield _feed_days(f"closed-{closure.pk}", closure.starts_on, "School closed", closure.ends_on)


def _feed_days(uid: str, first: date, summary: str, last: date | None = None) -> dict[str, Any]:
    """An event of days ends on the morning after."""
    return {"uid": uid, "dtstart": first, "dtend": (last or first) + timedelta(days=1), "summary": summary}

"""Asking others: who was asked this term and how it stands, and asking more people (enquiries.views has the rest)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from enquiries.lines import lines_of
from enquiries.models import Enquiry
from enquiries.views.follow import show_code
from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import save
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.mail_words import staff_hear
from keywork.names import ended
from students.models import Student
from students.record import record_page

from ..class_view.completeness import terms_so_far
from ..questions import templates
from . import INPUT, TALK, actions
from .forms import ColleaguesForm, HomeForm, OutsideForm


@permission_required(Can.ASK_FOR_INPUT, GET)
def asks(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)
    opened(request, student, "team input asks")
    rows = Enquiry.objects.visible_to(request.user, Can.ASK_FOR_INPUT).filter(
        student=student, kind__in=(INPUT, TALK), period=_term(request)
    )
    return record_page(request, student, "tsp", "tsp/ask_list.html", {"lines": lines_of(rows, request.user)})


@permission_required(Can.ASK_FOR_INPUT, GET_POST)
def ask_colleagues(request: SchoolRequest, pk: int) -> HttpResponse:
    """Mentor, core team and teachers of today, several at once."""
    student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)
    term = _term(request)
    waiting = set(
        Enquiry.objects.waiting()
        .filter(student=student, kind=INPUT, period=term, user__isnull=False)
        .values_list("user", flat=True)
    )
    colleagues = actions.colleagues(student)
    form = ColleaguesForm(
        posted(request),
        form=templates.current(),
        colleagues=[one for one in colleagues if one.user_id not in waiting],
        initial={"answer_by": _usual_day(request)},
    )
    made = save(
        request,
        form,
        lambda: actions.ask_colleagues(by=request.user, student=student, term=term, **form.facts()),
    )
    if made is not None:
        names = ", ".join(ask.user.name for ask in made if ask.user)
        messages.success(request, f"Asked: {ended(names)} They hear by e-mail {staff_hear()}.")
        return redirect("tsp:asks", pk=student.pk)
    states = {"nobody": not colleagues, "all_asked": not form.colleagues}
    return _form(request, student, form, "Ask colleagues", **states)


def _usual_day(request: SchoolRequest) -> date:
    """Five pupil days from now, where the calendar knows them."""
    calendar = request.school.calendar
    return calendar.nth_pupil_day(clock.today(), 6) or clock.today()


@permission_required(Can.ASK_FOR_INPUT, GET_POST)
def ask_outside(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)
    form = OutsideForm(posted(request), form=templates.current())
    return _ask_by_link(request, student, form, actions.ask_outside, "Ask someone outside")


@permission_required(Can.ASK_FOR_INPUT, GET_POST)
def ask_home(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)
    links = actions.reachable_at_home(student)
    form = HomeForm(posted(request), links=links)
    more = {"home": True, "nobody_home": not links}
    return _ask_by_link(request, student, form, actions.ask_home, "Ask home by link", **more)


def _ask_by_link(
    request: SchoolRequest,
    student: Student,
    form: OutsideForm | HomeForm,
    act: Callable[..., tuple[Enquiry, str]],
    title: str,
    **more: Any,
) -> HttpResponse:
    """What follows shows the code, once."""
    term = _term(request)
    asked = save(request, form, lambda: act(by=request.user, student=student, term=term, **form.facts()))
    if asked is not None:
        ask, code = asked
        return show_code(request, ask, code, f"The link is on its way to {ask.name}")
    return _form(request, student, form, title, **more)


def _term(request: SchoolRequest) -> str:
    """The term that serves: this one, or between two the one that has ended. "" before there is any."""
    terms = terms_so_far(request.school.itself, clock.today())
    return terms[0].id if terms else ""


def _form(request: SchoolRequest, student: Student, form: Any, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "back": reverse("tsp:asks", args=[student.pk]), **more}
    return record_page(request, student, "tsp", "tsp/ask_form.html", context, form.status)

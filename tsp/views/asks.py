"""Asking others: who was asked this term and how it stands, asking more people, reminding, taking back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keywork import clock, open_forms
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import opened
from keywork.dates import day_in_full, london_date
from keywork.editing import press, save
from keywork.errors import Refused
from keywork.guards import get_visible_or_404, permission_required
from keywork.held import keep_waiting
from keywork.http import SchoolRequest
from keywork.mail_words import trouble
from keywork.names import ended
from keywork.outside_forms import LinkForm
from outbox import actions as outbox
from students.models import Student
from students.record import record_context

from .. import asking, templates
from ..actions import asks as actions
from ..actions import asks_home as home
from ..completeness import terms_so_far
from ..forms.asks import ColleaguesForm, HomeForm, OutsideForm
from ..models import Ask

FORM_METHODS = ["GET", "HEAD", "POST"]
AGAIN = "Ask another way, or take it back and ask again with the right address."


@require_safe
@permission_required(Can.ASK_FOR_INPUT)
def asks(request: SchoolRequest, pk: int) -> HttpResponse:
    """Everybody who was asked about this student this term, and how it stands."""
    student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)
    opened(request, student, "team input asks")
    term = _term(request)
    rows = list(
        Ask.objects.visible_to(request.user, Can.ASK_FOR_INPUT)
        .filter(student=student, term=term)
        .select_related("user", "asked_by")
    )
    today = clock.today()
    barred = set(Ask.objects.barred(today).filter(student=student, term=term).values_list("pk", flat=True))
    titles = {area.slug: area.title for area in templates.current().areas}
    mails = outbox.latest_of("tsp.ask", [ask.pk for ask in rows])
    context = {
        "lines": [
            {
                **_line(ask, titles, today, ask.pk in barred),
                "trouble": trouble(mails.get(str(ask.pk)), "The mail", AGAIN),
            }
            for ask in rows
        ],
        **record_context(request, student, "tsp"),
    }
    return render(request, "tsp/ask_list.html", context)


def _line(ask: Ask, titles: dict[str, str], today: date, barred: bool) -> dict[str, Any]:
    state = actions.state_of(ask, barred)
    level, word = asking.BADGES[state]
    reminded = london_date(ask.reminded_at) if ask.reminded_at else None
    outside = ask.user_id is None
    return {
        "ask": ask,
        "name": ask.user.name if ask.user else ", ".join(filter(None, (ask.name, ask.role))),
        "home": ask.member_id is not None,
        "state": state,
        "level": "soon" if asking.is_late(state, ask.answer_by, today) and level == "open" else level,
        "word": word,
        "areas": ", ".join(titles.get(slug, slug) for slug in ask.areas),
        "outside": outside,
        "may_remind": asking.may_remind(state, london_date(ask.asked_at), reminded, today),
        "may_take_back": state in ("waiting", "barred", "ended", "closed"),
        "may_have_code": outside and state in ("waiting", "closed"),
        "may_have_link": outside and state in ("waiting", "ended", "closed"),
    }


@require_http_methods(FORM_METHODS)
@permission_required(Can.ASK_FOR_INPUT)
def ask_colleagues(request: SchoolRequest, pk: int) -> HttpResponse:
    """Mentor, core team and teachers of today, several at once."""
    student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)
    term = _term(request)
    waiting = set(
        Ask.objects.waiting()
        .filter(student=student, term=term, user__isnull=False)
        .values_list("user", flat=True)
    )
    given: dict[str, Any] = {
        "form": templates.current(),
        "posts": actions.colleagues(student),
        "asked": waiting,
    }
    form = ColleaguesForm(initial={"answer_by": _usual_day(request)}, **given)
    if request.method == "POST":
        form = ColleaguesForm(request.POST, **given)
        made = save(
            request,
            form,
            lambda: actions.ask_colleagues(by=request.user, student=student, term=term, **form.facts()),
        )
        if made is not None:
            names = ", ".join(ask.user.name for ask in made if ask.user)
            messages.success(request, f"Asked: {ended(names)} They hear by e-mail now.")
            return redirect("tsp:asks", pk=student.pk)
    return _form(
        request, student, form, "Ask colleagues", nobody=not given["posts"], all_asked=not form.posts
    )


def _usual_day(request: SchoolRequest) -> date:
    """Five pupil days from now, where the calendar knows them."""
    calendar = request.school.calendar
    return calendar.nth_pupil_day(clock.today(), 6) or clock.today()


@require_http_methods(FORM_METHODS)
@permission_required(Can.ASK_FOR_INPUT)
def ask_outside(request: SchoolRequest, pk: int) -> HttpResponse:
    """A professional outside the school; what follows shows the code, once."""
    student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)
    form = OutsideForm(form=templates.current())
    if request.method == "POST":
        form = OutsideForm(request.POST, form=templates.current())
        asked = save(
            request,
            form,
            lambda: actions.ask_outside(
                by=request.user,
                student=student,
                term=_term(request),
                **form.facts(),
            ),
        )
        if asked is not None:
            ask, code = asked
            return _show_code(request, ask, code, f"The link is on its way to {ask.name}")
    return _form(request, student, form, "Ask someone outside")


@require_http_methods(FORM_METHODS)
@permission_required(Can.ASK_FOR_INPUT)
def ask_home(request: SchoolRequest, pk: int) -> HttpResponse:
    """A parent or carer, for the sheet of a talk with home; what follows shows the code, once."""
    student = get_visible_or_404(Student.objects.all(), request, Can.ASK_FOR_INPUT, pk=pk)
    links = home.reachable_at_home(student)
    form = HomeForm(links=links)
    if request.method == "POST":
        form = HomeForm(request.POST, links=links)
        asked = save(
            request,
            form,
            lambda: home.ask_home(
                by=request.user,
                student=student,
                term=_term(request),
                **form.facts(),
            ),
        )
        if asked is not None:
            ask, code = asked
            return _show_code(request, ask, code, f"The link is on its way to {ask.name}")
    return _form(request, student, form, "Ask home by link", home=True, nobody_home=not links)


@require_POST
@permission_required(Can.ASK_FOR_INPUT)
def new_code(request: SchoolRequest, pk: int) -> HttpResponse:
    ask = _find(request, pk)
    code, no = attempt(lambda: actions.new_code(by=request.user, ask=ask))
    if code is None:
        return _refused(request, ask, no)
    return _show_code(request, ask, code, "A new code is made. The old one no longer works")


@require_http_methods(FORM_METHODS)
@permission_required(Can.ASK_FOR_INPUT)
def new_link(request: SchoolRequest, pk: int) -> HttpResponse:
    """Another link for as many days again: for one that ended, or went to the wrong folder."""
    ask = _find(request, pk)
    form = LinkForm(request.POST if request.method == "POST" else None)
    code = save(
        request,
        form,
        lambda: actions.new_link(by=request.user, ask=ask, days=int(form.cleaned_data["days"])),
    )
    if code is not None:
        return _show_code(request, ask, code, f"A new link is on its way to {ask.name}")
    if form.refused is not None:
        return _refused(request, ask, form.refused)
    return _form(request, ask.student, form, f"A new link for {ask.name}")


@require_POST
@permission_required(Can.ASK_FOR_INPUT)
def remind(request: SchoolRequest, pk: int) -> HttpResponse:
    ask = _find(request, pk)
    press(request, lambda: actions.remind(by=request.user, ask=ask), f"{_who(ask)} hears from us again now.")
    return redirect("tsp:asks", pk=ask.student_id)


@require_POST
@permission_required(Can.ASK_FOR_INPUT)
def take_back(request: SchoolRequest, pk: int) -> HttpResponse:
    ask = _find(request, pk)
    said = f"Taken back: {_who(ask)} need not answer any more."
    press(request, lambda: actions.take_back(by=request.user, ask=ask), said)
    return redirect("tsp:asks", pk=ask.student_id)


def _find(request: SchoolRequest, pk: int) -> Ask:
    return get_visible_or_404(
        Ask.objects.select_related("student", "user", "member"), request, Can.ASK_FOR_INPUT, pk=pk
    )


def _who(ask: Ask) -> str:
    return ask.user.name if ask.user else ask.name


def _refused(request: SchoolRequest, ask: Ask, refused: Refused | None) -> HttpResponse:
    """The list as it stands says the rest."""
    keep_waiting(request)
    messages.warning(request, f"{refused}.")
    return redirect("tsp:asks", pk=ask.student_id)


def _term(request: SchoolRequest) -> str:
    """The term that serves: this one, or between two the one that has ended. "" before there is any."""
    terms = terms_so_far(request.school.itself, clock.today())
    return terms[0].id if terms else ""


def _show_code(request: SchoolRequest, ask: Ask, code: str, title: str) -> HttpResponse:
    """The only page that ever shows a code; asked for again, it is not there."""
    ask = Ask.objects.select_related("student").get(pk=ask.pk)
    once = (
        f"You sent this twice: the code for {ask.name} was shown the first time. Not seen? Make a new code."
    )
    open_forms.done(request, f"{reverse('tsp:asks', args=[ask.student_id])}#ask-{ask.pk}", once)
    context = {
        "ask": ask,
        "code": f"{code[:3]} {code[3:]}",
        "title": title,
        "until": day_in_full(ask.answer_by, clock.today()),
        **record_context(request, ask.student, "tsp"),
    }
    return render(request, "tsp/ask_code.html", context)


def _form(request: SchoolRequest, student: Student, form: Any, title: str, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "back": reverse("tsp:asks", args=[student.pk]),
        **more,
        **record_context(request, student, "tsp"),
    }
    return render(request, "tsp/ask_form.html", context, status=form.status)

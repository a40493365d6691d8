"""Whoever outside gets a report: on its release list, with a link and a code; and the page that they open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pghistory
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from keywork import open_forms
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import opened, opened_outside
from keywork.editing import press, save
from keywork.errors import Refused
from keywork.forms import KeyworkForm
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.mail_words import trouble
from keywork.names import ended
from keywork.outside_forms import LinkForm, lasts
from keywork.pending import keep_waiting
from keywork.views import outside
from outbox import actions as outbox
from students.record import record_form, record_page

from ..files import served
from ..models import OutsideCopy, Report
from . import actions
from .actions import BADGES, MAIL, REPORTS

AGAIN = "Take it back and put them on the list again with the right address."


class OutsideForm(KeyworkForm):
    name = forms.CharField(label="Name", max_length=100)
    role = forms.CharField(
        label="Role",
        max_length=100,
        help_text="Such as: SEN officer of the authority, occupational therapist.",
    )
    email = forms.EmailField(label="Work e-mail address", max_length=254)
    days = lasts("The link lasts")
    missing = {"name": "Write their name", "role": "Write their role", "email": "Write their e-mail address"}
    button = "Put them on the list"
    back = ("Go back", "back")
    shapes = {"days": "is-even"}

    def facts(self) -> dict[str, Any]:
        """Keyword arguments of actions.add."""
        return {**self.cleaned_data, "days": int(self.cleaned_data["days"])}


@permission_required(Can.RELEASE_REPORTS, GET_POST)
def copies(request: SchoolRequest, pk: int) -> HttpResponse:
    """Who outside gets this report, and putting one more on its release list."""
    report = get_visible_or_404(Report.objects.select_related("student"), request, Can.RELEASE_REPORTS, pk=pk)
    form = OutsideForm(posted(request))
    added = save(request, form, lambda: actions.add(report=report, by=request.user, **form.facts()))
    if added is not None:
        messages.success(request, f"{added.name} is on the list. Nothing has gone out yet.")
        return redirect("reports:release", pk=pk)
    opened(request, report.student, "report", detail=f"Who outside gets {report.title}")
    rows = list(report.outside_copies.select_related("added_by", "sent_by"))
    mails = outbox.latest_of(MAIL, [row.pk for row in rows])
    context = {
        "report": report,
        "form": form,
        "lines": [_line(row, report, trouble(mails.get(str(row.pk)), "The mail", AGAIN)) for row in rows],
        "back": reverse("reports:release", args=[pk]),
    }
    return record_page(request, report.student, "reports", "reports/outside.html", context, form.status)


def _line(copy: OutsideCopy, report: Report, mail: str) -> dict[str, object]:
    copy.report = report
    state = actions.state_of(copy)
    level, word = BADGES[state]
    return {
        "copy": copy,
        "state": state,
        "level": level,
        "word": word,
        "trouble": mail if state == "works" else "",
        "may_have_code": state in ("works", "closed"),
        "may_have_link": state in ("works", "ended", "closed"),
    }


@permission_required(Can.RELEASE_REPORTS, POST)
def new_code(request: SchoolRequest, pk: int) -> HttpResponse:
    copy = _copy(request, pk)
    code, no = attempt(lambda: actions.new_code(copy=copy, by=request.user))
    if code is None:
        return _refused(request, copy, no)
    return show_codes(request, [(copy, code)], "A new code is made. The old one no longer works", _list(copy))


@permission_required(Can.RELEASE_REPORTS, GET_POST)
def new_link(request: SchoolRequest, pk: int) -> HttpResponse:
    """Another link for as many days again: for one that ended, or went to the wrong folder."""
    copy = _copy(request, pk)
    form = LinkForm(posted(request))
    code = save(
        request,
        form,
        lambda: actions.new_link(copy=copy, by=request.user, days=int(form.cleaned_data["days"])),
    )
    if code is not None:
        return show_codes(request, [(copy, code)], f"A new link is on its way to {copy.name}", _list(copy))
    if form.refused is not None:
        return _refused(request, copy, form.refused)
    said = {"title": f"A new link for {copy.name}", "page": "A new link", "back": _list(copy)}
    return record_form(request, copy.report.student, "reports", form, width="is-narrow", **said)


@permission_required(Can.RELEASE_REPORTS, POST)
def take_back(request: SchoolRequest, pk: int) -> HttpResponse:
    copy = _copy(request, pk)
    said = (
        f"Taken back: the link of {copy.name} opens nothing."
        if copy.sent_at
        else f"{copy.name} is off the list."
    )
    press(request, lambda: actions.take_back(copy=copy, by=request.user), said)
    return redirect("reports:outside", pk=copy.report_id)


def _copy(request: SchoolRequest, pk: int) -> OutsideCopy:
    return get_visible_or_404(
        OutsideCopy.objects.select_related("report__student"), request, Can.RELEASE_REPORTS, pk=pk
    )


def _list(copy: OutsideCopy) -> str:
    return reverse("reports:outside", args=[copy.report_id])


def _refused(request: SchoolRequest, copy: OutsideCopy, refused: Refused | None) -> HttpResponse:
    """The list as it stands says the rest."""
    keep_waiting(request)
    messages.warning(request, ended(str(refused)))
    return redirect(_list(copy))


def show_codes(
    request: SchoolRequest, codes: Sequence[tuple[OutsideCopy, str]], title: str, back: str
) -> HttpResponse:
    """The only page that ever shows these codes; asked for again, they are not there."""
    names = ", ".join(copy.name for copy, _ in codes)
    once = f"You sent this twice: the code for {names} was shown the first time. Not seen? Make a new code."
    open_forms.done(request, back, once)
    rows = OutsideCopy.objects.select_related("report").in_bulk([copy.pk for copy, _ in codes])
    context = {
        "codes": [(rows[copy.pk], f"{code[:3]} {code[3:]}") for copy, code in codes],
        "title": title,
        "back": back,
    }
    return render(request, "reports/outside_codes.html", context)


# As enquiries.views.answer: the address is the secret that a forger would have to know.
@csrf_exempt
@login_not_required
@require_http_methods(GET_POST)
def by_link(request: SchoolRequest, token: str) -> HttpResponseBase:
    """The code, then what there is to open. Looking here opens nothing."""
    with pghistory.context(url="/reports/sent/"):  # the row history may not keep the address
        return outside.private(_code_page(request, token))


def _code_page(request: SchoolRequest, token: str) -> HttpResponse:
    copy = actions.by_link(token)
    if copy is not None and outside.is_in(REPORTS, request, copy):
        return outside.stay(
            REPORTS, render(request, "reports/outside_open.html", {"copy": copy}), request, copy
        )
    if told := outside.wait(request):
        return told
    if copy is None:
        return _gone(request)
    return outside.ask_code(
        REPORTS,
        request,
        copy,
        heading="A document is ready for you",
        opens=lambda code: actions.try_code(copy=copy, code=code),
        works=lambda: actions.by_link(token) is not None,
        gone=lambda: _gone(request),
    )


@login_not_required
@require_GET
def file_by_link(request: SchoolRequest, token: str) -> HttpResponseBase:
    """The frozen file itself, to whoever came in with the code; whole, it is receipt and opening in one."""
    return outside.private(_file(request, token))


def _file(request: SchoolRequest, token: str) -> HttpResponseBase:
    copy = actions.by_link(token)
    if copy is None or not outside.is_in(REPORTS, request, copy):
        if told := outside.wait(request):
            return told
        return _gone(request) if copy is None else redirect("reports:outside_by_link", token=token)

    def after() -> None:
        actions.opened(copy)
        opened_outside(request, copy.report.student_id, copy.who, "report", detail=copy.report.title)

    try:
        return served(copy.report, after)
    except Http404:
        return _gone(request)


def _gone(request: SchoolRequest) -> HttpResponse:
    return render(request, "reports/outside_gone.html", status=404)

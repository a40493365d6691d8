"""For whoever asked: reminding, taking back, a new code, a new link. How all stands is a page of the kind's app."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keywork import clock, open_forms
from keywork.access import Can
from keywork.attempts import attempt
from keywork.dates import day_in_full
from keywork.editing import press, save
from keywork.errors import Refused
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.mail_words import staff_hear
from keywork.outside_forms import LinkForm
from keywork.pending import keep_waiting
from students.record import record_context, record_form

from .. import actions
from ..kinds import in_digest, kind_of, to_read
from ..models import Enquiry


@permission_required(Can.ASK_FOR_INPUT, POST)
def remind(request: SchoolRequest, pk: int) -> HttpResponse:
    enquiry = _find(request, pk)
    when = staff_hear() if actions.mail_of(enquiry) == actions.MAIL_TO_STAFF else "now"
    said = f"{enquiry.respondent} hears from us again {when}."
    press(request, lambda: actions.remind(by=request.user, enquiry=enquiry), said)
    return redirect(kind_of(enquiry).followed_at(enquiry))


@permission_required(Can.ASK_FOR_INPUT, POST)
def withdraw(request: SchoolRequest, pk: int) -> HttpResponse:
    enquiry = _find(request, pk)
    said = f"Taken back: {enquiry.respondent} need not answer any more."
    press(request, lambda: actions.withdraw(by=request.user, enquiry=enquiry), said)
    return redirect(kind_of(enquiry).followed_at(enquiry))


@permission_required(Can.ASK_FOR_INPUT, POST)
def new_code(request: SchoolRequest, pk: int) -> HttpResponse:
    enquiry = _find(request, pk)
    code, no = attempt(lambda: actions.new_code(by=request.user, enquiry=enquiry))
    if code is None:
        return _refused(request, enquiry, no)
    return show_code(request, enquiry, code, "A new code is made. The old one no longer works")


@permission_required(Can.ASK_FOR_INPUT, GET_POST)
def new_link(request: SchoolRequest, pk: int) -> HttpResponse:
    """Another link for as many days again: for one that ended, or went to the wrong folder."""
    enquiry = _find(request, pk)
    form = LinkForm(posted(request))
    code = save(
        request,
        form,
        lambda: actions.new_link(by=request.user, enquiry=enquiry, days=int(form.cleaned_data["days"])),
    )
    if code is not None:
        return show_code(request, enquiry, code, f"A new link is on its way to {enquiry.name}")
    if form.refused is not None:
        return _refused(request, enquiry, form.refused)
    kind, title = kind_of(enquiry), f"A new link for {enquiry.name}"
    said = {"title": title, "page": "A new link", "back": kind.followed_at(enquiry), "width": "is-narrow"}
    return record_form(request, enquiry.student, kind.tab, form, **said)


def show_code(request: SchoolRequest, enquiry: Enquiry, code: str, title: str) -> HttpResponse:
    """The only page that ever shows a code; asked for again, it is not there."""
    enquiry = Enquiry.objects.select_related("student").get(pk=enquiry.pk)
    kind = kind_of(enquiry)
    back = kind.followed_at(enquiry)
    once = f"You sent this twice: the code for {enquiry.name} was shown the first time. Not seen? Make a new code."
    open_forms.done(request, f"{back}#enquiry-{enquiry.pk}", once)
    context = {
        "enquiry": enquiry,
        "code": f"{code[:3]} {code[3:]}",
        "title": title,
        "until": day_in_full(enquiry.answer_by, clock.today()),
        "behind": kind.behind_link(enquiry),
        "back": back,
        **record_context(request, enquiry.student, kind.tab),
    }
    return render(request, "enquiries/code.html", context)


def _find(request: SchoolRequest, pk: int) -> Enquiry:
    rows = Enquiry.objects.exclude(kind__in=[*in_digest(), *to_read()]).select_related(
        "student", "user", "member"
    )
    return get_visible_or_404(rows, request, Can.ASK_FOR_INPUT, pk=pk)


def _refused(request: SchoolRequest, enquiry: Enquiry, refused: Refused | None) -> HttpResponse:
    """The list as it stands says the rest."""
    keep_waiting(request)
    messages.warning(request, f"{refused}.")
    return redirect(kind_of(enquiry).followed_at(enquiry))

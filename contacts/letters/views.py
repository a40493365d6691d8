"""The e-mail of a record: writing home, the student's address, and what waits to be put in the log."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.contact_hold import on_hold
from keywork.editing import press, save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted, stored
from keywork.mail_words import became_of
from keywork.names import ended
from outbox import actions as outbox
from students.lookup import find_student
from students.record import record_context

from ..forms.other import HomeLetterForm
from ..models import HomeContact, HomeLetter, IncomingMail, MailFile
from . import receiving, writing

SHOWN = 30
ADVICE = "Put the address right with the office, or ring"


@permission_required(Can.LOG)
def letters(request: SchoolRequest, student_id: int) -> HttpResponse:
    """What waits to be put in the log, the address of the student, and what was written from here."""
    student = find_student(request, Can.LOG, student_id)
    opened(request, student, "e-mail")
    address = student.log_addresses.filter(ended_at__isnull=True).first()
    # Once it is in the log, it is read by whoever reads the entry.
    readable = HomeContact.objects.readable_by(request.user).filter(student=student)
    letters_home = HomeLetter.objects.filter(
        Q(contact__isnull=True) | Q(contact__in=readable), student=student
    )
    written = list(letters_home.select_related("written_by", "contact")[:SHOWN])
    jobs = outbox.latest_of(writing.MAIL, [row.pk for row in written])
    waiting = IncomingMail.objects.waiting().filter(student=student)
    context = {
        "waiting": waiting.select_related("sender", "member").prefetch_related("files"),
        "thrown_away": IncomingMail.objects.thrown_away().filter(student=student).select_related("ended_by"),
        "takes_mail": bool(settings.LOG_MAIL_DOMAIN),
        "address": f"{address.local}@{settings.LOG_MAIL_DOMAIN}" if address else "",
        "written": [(row, _became_of(row, jobs.get(str(row.pk)))) for row in written],
        **record_context(request, student, "timeline"),
    }
    return render(request, "contacts/letters.html", context)


def _became_of(row: HomeLetter, job: Any) -> str:
    """In a sentence; its place in the log is a link beside it."""
    if row.contact_id:
        return ""
    if row.not_logged:
        return ended(f"It was sent, and is not in the log: {row.not_logged}")
    if job is not None and job.state == "done":
        return "It was not sent: they may not be written to now."
    return became_of(job, "The e-mail", f"{ADVICE}.")


@permission_required(Can.LOG)
@keeps_typed
def write(request: SchoolRequest, student_id: int) -> HttpResponse:
    student = find_student(request, Can.LOG, student_id)
    links = writing.reachable(student)
    form = HomeLetterForm(posted(request), links=links)
    if request.method == "POST":
        made = save(request, form, lambda: writing.write(by=request.user, student=student, **form.facts()))
        if made is not None:
            messages.success(request, f"On its way to {made.with_name}. It is in the log once it is sent.")
            return redirect("contacts:letters", student.pk)
    else:
        opened(request, student, "e-mail")
    context = {
        "form": form,
        "links": links,
        "is_on_hold": on_hold(student.pk, clock.today()),
        "back": reverse("contacts:letters", args=[student.pk]),
        **record_context(request, student, "timeline"),
    }
    return render(request, "contacts/letter_form.html", context, status=form.status)


@permission_required(Can.LOG, POST)
def new_address(request: SchoolRequest, student_id: int) -> HttpResponse:
    student = find_student(request, Can.LOG, student_id)
    press(
        request,
        lambda: receiving.new_address(by=request.user, student=student),
        "Here is the address. One that was there before works no longer.",
    )
    return redirect("contacts:letters", student.pk)


@permission_required(Can.LOG, POST)
def throw_away(request: SchoolRequest, pk: int) -> HttpResponse:
    mail = get_visible_or_404(IncomingMail.objects.all(), request, Can.LOG, pk=pk)
    assert mail.student_id is not None
    press(
        request,
        lambda: receiving.throw_away(by=request.user, mail=mail),
        "Thrown away. Until this time tomorrow it can be put back, below.",
    )
    return redirect("contacts:letters", mail.student_id)


@permission_required(Can.LOG, POST)
def put_back(request: SchoolRequest, pk: int) -> HttpResponse:
    mail = get_visible_or_404(IncomingMail.objects.all(), request, Can.LOG, pk=pk)
    assert mail.student_id is not None
    press(request, lambda: receiving.put_back(mail=mail), "It is back, and waits to be put in the log.")
    return redirect("contacts:letters", mail.student_id)


@permission_required(Can.VIEW_LOG, GET)
def mail_file(request: SchoolRequest, pk: int) -> HttpResponseBase:
    """The file itself; opening it is recorded."""
    rows = MailFile.objects.select_related("mail__student", "mail__contact")
    row = get_visible_or_404(rows, request, Can.VIEW_LOG, pk=pk)
    if not _may_open(request, row):
        raise Http404
    to_keep = row.content_type == "application/pdf"
    answer = stored(row.file, row.content_type, f"file-{row.pk}", to_keep=to_keep)
    opened(request, row.mail.student, "e-mail", f"file {row.pk}")
    return answer


def _may_open(request: SchoolRequest, row: MailFile) -> bool:
    """While it waits, whoever may put it in the log; then whoever may read the entry."""
    if row.mail.contact_id is None:
        return row.mail.state == IncomingMail.State.WAITING and allows(
            request.user, Can.LOG, row.mail.student
        )
    return HomeContact.objects.readable_by(request.user).filter(pk=row.mail.contact_id).exists()

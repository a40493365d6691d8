"""Messages between one person at home and school: a page on each side."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages as told
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock, contact_hold
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.forms import KeyworkForm
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.words import filled
from students.lookup import find_student
from students.models import FamilyLink
from students.record import record_context

from ..mails import to_ask
from ..meetings.actions import may_be_met
from ..meetings.lines import answer_words
from ..views.parent import child_of, child_page
from . import actions, lines


class MessageForm(KeyworkForm):
    words = forms.CharField(max_length=actions.LONGEST, widget=forms.Textarea({"rows": 4}))
    missing = {"words": "Write a few words first"}
    button = "Send"

    def __init__(self, *args: Any, to: str, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = filled("Write to {get_short_name}", get_short_name=to)
        self.fields["words"].help_text = help_text


@permission_required(Can.VIEW_FAMILY_HOME, GET_POST)
def messages(request: SchoolRequest, pk: int) -> HttpResponse:
    """A parent's own thread about this child; nobody else at home reads it."""
    student, member = child_of(request, pk)
    person = to_ask(student)
    may_write = person is not None and student.is_on_roll(clock.today()) and may_be_met(student, member)
    name = person.get_short_name() if person else ""
    help_text = answer_words(request.school, clock.today(), name) if person else ""
    form = MessageForm(posted(request), to=name, help_text=help_text)
    sent = save(
        request,
        form,
        lambda: actions.write_to_school(
            by=request.user, student=student, member=member, words=form.cleaned_data["words"]
        ),
    )
    if sent is not None:
        told.success(request, filled("Sent. {help_text}", help_text=help_text))
        return redirect("home:messages", student.pk)
    if request.method == "GET":
        actions.mark_read(student=student, member=member, by=request.user, from_home=False)
    context = {
        "title": "Messages",
        "form": form,
        "may_write": may_write,
        "to_ask": person,
        "thread": lines.thread(student, member),
    }
    return child_page(request, "home/messages.html", student, context, status=form.status)


@permission_required(Can.ANSWER_HOME, GET)
def threads(request: SchoolRequest, pk: int) -> HttpResponse:
    """Everybody at home who may be written to, and how many messages there are with each."""
    student = find_student(request, Can.ANSWER_HOME, pk)
    opened(request, student, "messages")
    talks = lines.talks(student)
    links = FamilyLink.objects.for_keywork(clock.today()).filter(student=student).select_related("member")
    context = {
        **record_context(request, student, "timeline"),
        "people": [(link, talks.get(link.member_id)) for link in links],
    }
    return render(request, "home/threads.html", context)


@permission_required(Can.ANSWER_HOME, GET_POST)
@keeps_typed
def thread(request: SchoolRequest, pk: int, member_pk: int) -> HttpResponse:
    """The messages with one person at home; opening it reads what waits."""
    links = FamilyLink.objects.for_keywork(clock.today()).select_related("student", "member__user")
    link = get_visible_or_404(links, request, Can.ANSWER_HOME, student=pk, member=member_pk)
    student, member = link.student, link.member
    form = MessageForm(
        posted(request),
        to=member.forename or member.name,
        help_text="It goes into the log as a contact. They read it on their page, and are told by e-mail.",
    )
    sent = save(
        request,
        form,
        lambda: actions.write_home(
            by=request.user, student=student, member=member, words=form.cleaned_data["words"]
        ),
    )
    if sent is not None:
        told.success(request, "Sent, and in the log.")
        return redirect("home:thread", student.pk, member.pk)
    if request.method == "GET":
        actions.mark_read(student=student, member=member, by=request.user, from_home=True)
        opened(request, student, "messages", member.name)
    context = {
        **record_context(request, student, "timeline"),
        "form": form,
        "link": link,
        "thread": lines.thread(student, member),
        "is_on_hold": contact_hold.on_hold(student.pk, clock.today()),
        "has_account": member.opens_pages,
        "back": reverse("home:threads", args=[student.pk]),
    }
    return render(request, "home/thread.html", context, status=form.status)

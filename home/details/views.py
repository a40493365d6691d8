"""A parent's own details, what they ask to have changed, and the page on which school decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.contact_hold import and_later
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.words import translated, worded
from students.models import FamilyLink
from students.record import record_context

from ..models import DetailsProposal
from ..views.parent import child_of, child_page
from . import actions
from .forms import DecideForm, DetailsForm

SHOWN = 5


@permission_required(Can.VIEW_FAMILY_HOME, GET_POST)
def details(request: SchoolRequest, pk: int) -> HttpResponse:
    """What the school has of this parent, what they asked for, and what became of it."""
    student, member = child_of(request, pk)
    links = FamilyLink.objects.unrestricted(clock.today()).filter(student=student, ended_on__isnull=True)
    link = get_object_or_404(links.select_related("member", "student"), member=member)
    form = DetailsForm(posted(request), link=link)
    made = save(request, form, lambda: actions.propose(by=request.user, link=link, fields=form.cleaned_data))
    if made is not None:
        messages.success(request, "School has it. It changes once they have looked at it.")
        return redirect("home:details", student.pk)
    rows = DetailsProposal.objects.filter(link=link, withdrawn_at__isnull=True).select_related("decided_by")
    context = {
        "title": "My details",
        "form": form,
        "asked": [(one, worded_changes(one, form)) for one in rows[:SHOWN]],
        "back_url": reverse("portal:family_child", args=[student.pk]),
    }
    return child_page(request, "home/details.html", student, context, status=form.status)


def worded_changes(proposal: DetailsProposal, form: Any) -> list[tuple[str, str]]:
    """The label of each field, as what is asked for follows it, and that in words."""
    return [
        (_lead(translated(str(form.fields[name].label))), _said(value, form.fields[name]))
        for name, value in proposal.fields.items()
    ]


def _lead(label: str) -> str:
    return label if label.endswith("?") else f"{label}:"


def _said(value: Any, field: Any) -> str:
    if isinstance(value, bool):
        return worded("Yes") if value else worded("No")
    return translated(str(dict(getattr(field, "choices", ())).get(value, value))) or worded("nothing")


@permission_required(Can.CORRECT_DETAILS, GET_POST)
@keeps_typed
def proposal(request: SchoolRequest, pk: int) -> HttpResponse:
    """What was asked for beside what stands; accepted, or answered with why not."""
    rows = DetailsProposal.objects.filter(link__in=FamilyLink.objects.unrestricted(clock.today()))
    rows = rows.select_related("link__member", "link__student", "decided_by", "proposed_by")
    row = get_visible_or_404(rows, request, Can.CORRECT_DETAILS, pk=pk)
    student, link = row.link.student, row.link
    form = DecideForm(posted(request), link=link)
    accepted = request.POST.get("do") == "accept"
    decided = save(
        request,
        form,
        lambda: actions.decide(by=request.user, proposal=row, accepted=accepted, **form.cleaned_data),
    )
    if decided is not None:
        messages.success(request, and_later(f"{link.member.name} is told.", student.pk))
        return redirect("students:people", student.pk)
    if request.method != "POST":
        opened(request, student, "family", link.member.name)
    shown = DetailsForm(link=link)
    asked = {name: _said(value, shown.fields[name]) for name, value in row.fields.items()}
    context = {
        **record_context(request, student, "people"),
        "proposal": row,
        "link": link,
        "changes": [
            (shown.fields[name].label, _said(shown.before[name], shown.fields[name]), words)
            for name, words in asked.items()
        ],
        "form": form,
        "waits": row.decided_at is None and row.withdrawn_at is None,
    }
    return render(request, "home/proposal.html", context, status=form.status)

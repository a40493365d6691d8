"""What staff propose to change in the form, and the answers. No proposal is about a student."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from keywork.access import Can, has_capability
from keywork.editing import save
from keywork.forms import KeyworkForm, text_box
from keywork.guards import permission_required
from keywork.http import SchoolRequest, posted
from keywork.words import worded_lazy

from ..models import Proposal
from .proposals import answer, propose
from .templates import Template, current


def words_about(form: Template, about: str) -> str:
    """How what a proposal is about reads in this form; "" when it is about nothing in it."""
    if about.startswith("tool:"):
        return next((tool.title for tool in form.tools if f"tool:{tool.slug}" == about), "")
    found = form.statements.get(about)
    return found.staff if found else ""


class ProposeForm(KeyworkForm):
    about = forms.ChoiceField(label="What it is about", required=False)
    text = text_box("What should change", 1000, help_text=worded_lazy("Do not name a student."))
    reason = text_box("Why", 1000)
    missing = {"text": "Say what should change", "reason": "Say why"}
    button = "Send to the coordinator"
    back = ("Go back", "back")

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = [(area.title, [(one.slug, one.staff) for one in area.statements]) for area in template.areas]
        tools = [(f"tool:{tool.slug}", tool.title) for tool in template.tools]
        self.offer("about", [("", "Something else, or something new"), *areas, ("Soft tools", tools)])


class AnswerForm(KeyworkForm):
    decision = forms.ChoiceField(
        label="Your answer",
        choices=[("accepted", "Accept"), ("declined", "Decline")],
        widget=forms.RadioSelect,
    )
    answer = text_box("In your words", 1000, help_text="They read this.")
    missing = {"decision": "Choose whether you accept it", "answer": "Say why, so that they know"}
    button = "Answer"
    back = ("Go back", "back")
    shapes = {"decision": "is-even"}


A_PAGE = 30


@permission_required(Can.VIEW_TEMPLATES)
def proposals(request: SchoolRequest) -> HttpResponse:
    """All of them, open ones first: everyone sees what was proposed and how it was answered."""
    rows = Proposal.objects.select_related("made_by", "answered_by")
    waiting = list(rows.filter(status=Proposal.Status.OPEN).order_by("made_at"))
    answered = Paginator(rows.exclude(status=Proposal.Status.OPEN).order_by("-answered_at"), A_PAGE)
    context = {
        "waiting": waiting,
        "page": answered.get_page(request.GET.get("page")),
        "edits": has_capability(request.user, Can.EDIT_TEMPLATES),
    }
    return render(request, "tsp/proposals.html", context)


@permission_required(Can.PROPOSE_TEMPLATE)
def propose_change(request: SchoolRequest) -> HttpResponse:
    """`?about=` a statement's slug, or "tool:" and a soft tool's."""
    template = current()
    about = request.GET.get("about", "")
    form = ProposeForm(posted(request), template=template, initial={"about": about})
    made = save(
        request,
        form,
        lambda: propose(
            by=request.user,
            about_words=words_about(template, form.cleaned_data["about"]),
            **form.cleaned_data,
        ),
    )
    if made is not None:
        messages.success(request, "Sent. The TSP coordinator’s answer will stand here.")
        return redirect("tsp:proposals")
    context = {"form": form, "back": reverse("tsp:template", args=[template.number])}
    return render(request, "tsp/propose.html", context, status=form.status)


@permission_required(Can.EDIT_TEMPLATES)
def answer_one(request: SchoolRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(Proposal.objects.select_related("made_by", "answered_by"), pk=pk)
    form, status = AnswerForm(), 200
    if request.method == "POST" and proposal.is_open:
        form = AnswerForm(request.POST)
        given = save(
            request,
            form,
            lambda: answer(
                by=request.user,
                proposal=proposal,
                accepted=form.cleaned_data["decision"] == "accepted",
                words=form.cleaned_data["answer"],
            ),
        )
        if given is not None:
            if given.status == Proposal.Status.ACCEPTED:
                messages.success(request, "Accepted. The form itself changes when you change the draft.")
            else:
                messages.success(request, "Declined, with your words.")
            return redirect("tsp:proposals")
        proposal, status = form.newer or proposal, form.status
    elif request.method == "POST":
        status = 409
    context = {"proposal": proposal, "form": form, "back": reverse("tsp:proposals")}
    return render(request, "tsp/proposal.html", context, status=status)

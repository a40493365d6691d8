"""What staff propose to change in the form, and the answers. No proposal is about a student."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from keywork.access import Can, has_capability
from keywork.editing import save
from keywork.guards import permission_required
from keywork.http import SchoolRequest

from ..models import Proposal
from .forms import AnswerForm, ProposeForm, words_about
from .proposals import answer, propose
from .templates import current

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
    form = ProposeForm(template=template, initial={"about": request.GET.get("about", "")})
    if request.method == "POST":
        form = ProposeForm(request.POST, template=template)
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
    """Accept or decline, in words; an answer given stands."""
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

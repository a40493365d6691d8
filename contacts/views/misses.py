"""What was recorded as missed: the list of a term, and taking back one that was wrong (C7, C14, C17)."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, has_capability, holds_for_all
from keywork.audit import exported, opened
from keywork.duty_words import inside
from keywork.editing import save, save_reason
from keywork.forms import KeyworkForm
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.spreadsheet import harmless, table_answer
from keywork.words import worded

from ..actions.misses import acknowledge_miss, explain_miss, withdraw_miss
from ..forms.other import ExplainForm
from ..missed import MissFilter
from ..models import Miss
from ..timeline import duty_name, miss_entry
from .places import asked_for, leave

PAGE = 20  # on a phone each row is a card


@permission_required(Can.OVERSEE, GET)
def misses(request: SchoolRequest) -> HttpResponse:
    """Every recorded miss of a term this reader may see, newest first; narrowed by what came of it and duty."""
    calendar = request.school.calendar
    visible = Miss.objects.visible_to(request.user, Can.VIEW_LOG)
    asked = MissFilter(request.GET, visible, calendar, clock.today())
    page = Paginator(asked.found(), PAGE).get_page(request.GET.get("page"))
    withdraws = has_capability(request.user, Can.WITHDRAW_MISS)
    for miss in page:
        miss.duty_name = duty_name(miss.duty)
        miss.duty_inside = inside(miss.duty_name)
    context = {
        "filter": asked,
        "page": page,
        "withdraws": withdraws,
        "explains": holds_for_all(request.user, Can.LOG),
        "caption": asked.caption(page.paginator.count),
        "here": request.get_full_path(),
        "query": request.GET.urlencode(),
    }
    return render(request, "contacts/misses.html", context)


@permission_required(Can.OVERSEE, GET)
def download(request: SchoolRequest, kind: str) -> HttpResponse:
    """The same rows as a file; whose they were is kept."""
    visible = Miss.objects.visible_to(request.user, Can.VIEW_LOG)
    rows = list(MissFilter(request.GET, visible, request.school.calendar, clock.today()).found())
    exported(request, sorted({row.student_id for row in rows}), "missed")
    heads = [worded("Student"), "Year", "Duty", "Was due", "How it came", worded("Keyworker in post")]
    lines = [[*heads, "Reason given", "By", "Acknowledged by", "Withdrawn because"]]
    for row in rows:
        answer = getattr(row, "answer", None)
        seen_by = answer.acknowledged_by.name if answer and answer.acknowledged_by else ""
        cells = [row.student.name, row.student.year_label, duty_name(row.duty), row.due_on.isoformat()]
        cells += [str(Miss.Class(row.klass).label), row.keyworker_name or "Nobody"]
        cells += [row.said, row.said_by, seen_by, row.withdrawal_reason]
        lines.append([harmless(cell) for cell in cells])
    return table_answer(kind, f"missed-{clock.today().isoformat()}", lines)


@permission_required(Can.LOG, GET_POST)
def explain(request: SchoolRequest, pk: int) -> HttpResponse:
    """Say how a miss came. It stays missed; whoever looks at it reads why."""
    miss, back = _miss(request, Can.LOG, pk)
    if miss.withdrawn_at is not None:
        return _gone(request, "This was withdrawn already", back)
    form = ExplainForm(posted(request), miss=miss)
    done = save(
        request, form, lambda: explain_miss(miss=miss, reason=form.cleaned_data["reason"], by=request.user)
    )
    if done is not None:
        messages.success(request, "Kept. It stays missed, and whoever looks at it reads why.")
        return leave(request, back)
    return _form_page(request, "contacts/explain.html", miss, form, back)


@permission_required(Can.WITHDRAW_MISS, POST)
def acknowledge(request: SchoolRequest, pk: int) -> HttpResponse:
    miss = get_visible_or_404(Miss.objects.all(), request, Can.WITHDRAW_MISS, pk=pk)
    acknowledge_miss(miss=miss, by=request.user)
    return leave(request, asked_for(request, "next") or reverse("contacts:misses"))


@permission_required(Can.WITHDRAW_MISS)
def withdraw(request: SchoolRequest, pk: int) -> HttpResponse:
    """Take back one miss with a reason. It stays on the timeline, crossed through; what is owed is untouched."""
    miss, back = _miss(request, Can.WITHDRAW_MISS, pk)
    if miss.withdrawn_at is not None:
        return _gone(request, "This was withdrawn already", back)
    form, done = save_reason(
        request,
        lambda reason: withdraw_miss(by=request.user, miss=miss, reason=reason),
        label="Reason",
        button="Withdraw it",
        missing="Say why it was not missed",
        back=("Go back", "back"),
    )
    if done is not None:
        messages.success(
            request,
            "Withdrawn. It stays on the timeline, crossed through, with your reason, and counts no more.",
        )
        return leave(request, back)
    if form.refused is not None:
        return _gone(request, str(form.refused), back, typed=form.cleaned_data["reason"])
    return _form_page(request, "contacts/withdraw.html", miss, form, back)


def _miss(request: SchoolRequest, can: Can, pk: int) -> tuple[Miss, str]:
    """One miss, and where it is left for."""
    behind = Miss.objects.select_related("student", "keyworker", "withdrawn_by", "answer__given_by")
    miss = get_visible_or_404(behind, request, can, pk=pk)
    return miss, asked_for(request, "next") or reverse("students:record", args=[miss.student_id])


def _form_page(
    request: SchoolRequest, template: str, miss: Miss, form: KeyworkForm, back: str
) -> HttpResponse:
    if request.method != "POST":
        opened(request, miss.student, "miss", str(miss.pk))
    shown = [miss_entry(miss, may_withdraw=False)]
    context = {"form": form, "student": miss.student, "shown": shown, "back": back}
    return render(request, template, context, status=form.status)


def _gone(request: SchoolRequest, words: str, back: str, typed: str = "") -> HttpResponse:
    context = {"words": words, "entry_url": back, "link": "Go back", "typed": typed}
    return render(request, "contacts/refused.html", context, status=409)

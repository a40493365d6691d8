"""What colleagues were asked for: the list "asked of me", the short form, and saying that one cannot."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keywork import clock, saving
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import opened, opened_each
from keywork.editing import press
from keywork.guards import get_visible_or_404, permission_required
from keywork.held import keep_waiting
from keywork.http import SchoolRequest

from .. import templates
from ..actions.asks import excuse
from ..actions.inputs import hand_in
from ..asked_form import AskedForm
from ..forms.asks import CannotForm
from ..models import Ask
from ..models.ask import AskQuerySet

LATELY_DAYS = 120


@require_safe
@permission_required(Can.ADD_INPUT)
def asked(request: SchoolRequest) -> HttpResponse:
    """Everything the signed-in person was asked for: waiting first, then what they answered."""
    rows = list(
        _mine(request)
        .filter(taken_back_at__isnull=True)
        .select_related("student", "asked_by")
        .order_by("answer_by", "pk")
    )
    opened_each(request, {ask.student_id for ask in rows}, "asked of me")
    titles = {area.slug: area.title for area in templates.current().areas}
    context = {
        "waiting": [_line(ask, titles) for ask in rows if ask.answered_at is None and ask.excused_at is None],
        "answered": [
            _line(ask, titles)
            for ask in reversed(rows)
            if (at := ask.answered_at or ask.excused_at) is not None and (clock.now() - at).days < LATELY_DAYS
        ],
        "today": clock.today(),
    }
    return render(request, "tsp/ask_mine.html", context)


def _line(ask: Ask, titles: dict[str, str]) -> dict[str, object]:
    return {"ask": ask, "areas": ", ".join(titles.get(slug, slug) for slug in ask.areas)}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Can.ADD_INPUT)
def answer(request: SchoolRequest, pk: int) -> HttpResponse:
    """The short form, kept as it is typed. Looked at once more and handed in, it is read by the core team."""
    ask = get_visible_or_404(
        _mine(request).select_related("student", "user", "sheet", "asked_by"), request, Can.ADD_INPUT, pk=pk
    )
    if ask not in _mine(request).waiting():
        return _closed(request, ask)
    form = AskedForm.of(ask)
    status = 200
    if request.method == "POST":
        _, no = attempt(lambda: form.save(request.POST))
        if saving.is_autosave(request):
            form.saved.refused = f"{no}. Copy what you typed" if no else ""
            return form.saved.response()
        if no is not None:
            keep_waiting(request)
            messages.warning(request, f"{no}.")
            return redirect("tsp:asked")
        if request.POST.get("do") == "hand-in" and form.saved.status == 200:
            form.check_whole()
            if form.status == 200 and not form.is_sure(request.POST):
                context = {"ask": ask, "student": ask.student, "form": form, "here": request.path}
                context |= {
                    "seal": form.seal,
                    "changed": saving.CHANGED_SINCE if "sure" in request.POST else "",
                }
                return render(request, "tsp/ask_check.html", context)
            if form.status == 200:
                said = f"Thank you. Your view of {ask.student.name} is with the core team."
                press(request, lambda: hand_in(ask=ask), said)
                return redirect("tsp:asked")
        status = form.status
        if status == 200:
            messages.success(request, "Kept. It is sent when you hand it in.")
            return redirect("tsp:ask_answer", pk=pk)
    else:
        opened(request, ask.student, "team input")
    context = {"ask": ask, "student": ask.student, "form": form, "cannot": CannotForm()}
    return render(request, "tsp/ask_answer.html", context, status=status)


@require_POST
@permission_required(Can.ADD_INPUT)
def cannot(request: SchoolRequest, pk: int) -> HttpResponse:
    """They cannot, and say why; nobody waits for them any longer."""
    ask = get_visible_or_404(
        _mine(request).select_related("student", "user", "sheet", "asked_by"), request, Can.ADD_INPUT, pk=pk
    )
    if ask not in _mine(request).waiting():
        return _closed(request, ask)
    form = CannotForm(request.POST)
    if not form.is_valid():
        context = {"ask": ask, "student": ask.student, "form": AskedForm.of(ask), "cannot": form}
        return render(request, "tsp/ask_answer.html", context, status=422)
    words, said = form.cleaned_data["words"], f"{ask.asked_by.name} sees that you cannot, and why."
    press(request, lambda: excuse(ask=ask, words=words, by=request.user), said)
    return redirect("tsp:asked")


def _mine(request: SchoolRequest) -> AskQuerySet:
    return Ask.objects.of(request.user)


def _closed(request: SchoolRequest, ask: Ask) -> HttpResponse:
    """Answered or taken back meanwhile: the list says which; script is told to stop."""
    words = "This was answered already" if ask.answered_at else "This is not asked any more"
    if saving.is_autosave(request):
        return saving.Saving(refused=f"{words}. Copy what you typed").response()
    messages.info(request, f"{words}.")
    return redirect("tsp:asked")

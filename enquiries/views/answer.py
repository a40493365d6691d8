"""The one page on which somebody answers what they were asked: signed in, or by a link and a code.

A colleague, a parent and a student come in by their account, somebody outside by keywork.views.outside; what is asked
and how it is kept says the kind (enquiries.answering).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pghistory
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from keywork import clock, saving
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import looked_up, opened, opened_each
from keywork.guards import GET, GET_POST, permission_required
from keywork.http import SchoolRequest
from keywork.pending import keep_waiting
from keywork.reader import answering
from keywork.views import outside
from keywork.words import filled, translated

from .. import actions
from ..actions import LINKS
from ..answering import Answering, Questions
from ..forms import CannotForm
from ..kinds import abouts, in_rounds, kind_of
from ..models import OPEN, Enquiry

LATELY_DAYS = 120
DEAD = "This page cannot be used any more. Copy what you typed"
CODE_AGAIN = "The code is asked for again. Copy what you typed, then open the link once more"


@permission_required(Can.ADD_INPUT, GET)
def mine(request: SchoolRequest) -> HttpResponse:
    """Everything a colleague was asked for: waiting first, then what they answered; of no round that is over."""
    today = clock.today()
    rows = list(
        Enquiry.objects.of(request.user)
        .filter(withdrawn_at__isnull=True)
        .exclude(OPEN, kind__in=in_rounds(), answer_by__lt=today)
        .select_related("student", "asked_by")
        .order_by("answer_by", "pk")
    )
    opened_each(request, {row.student_id for row in rows}, "asked of me")
    about = abouts(rows)
    lines = [(row, about[row.pk], row.answered_at or row.declined_at) for row in rows]
    context = {
        "waiting": [
            (row, about, row.target_id is not None and kind_of(row).begins_record)
            for row, about, ended_at in lines
            if ended_at is None
        ],
        "answered": [
            row for row, _, at in reversed(lines) if at is not None and (clock.now() - at).days < LATELY_DAYS
        ],
        "today": today,
    }
    return render(request, "enquiries/mine.html", context)


@permission_required(Can.ANSWER, GET_POST)
def answer(request: SchoolRequest, pk: int) -> HttpResponse:
    """For whoever signs in."""
    rows = Enquiry.objects.answered_by(request.user).select_related("student", "user", "member", "asked_by")
    enquiry = get_object_or_404(rows, pk=pk)
    looked_up(request, enquiry.student_id, "enquiry")
    if page := kind_of(enquiry).own_page(enquiry, request.user):
        return redirect(page)
    visit = Visit(request, enquiry)
    if not actions.may_answer(enquiry):
        return visit.closed()
    if request.method != "POST":
        opened(request, enquiry.student, kind_of(enquiry).name)
    return visit.answer()


# No token against forged requests, and none needed: the address itself is the secret that a forger would have to
# know. Browsers that are told to send no referrer send no origin either, which Django takes for a forgery.
@csrf_exempt
@login_not_required
@require_http_methods(GET_POST)
def by_link(request: SchoolRequest, token: str) -> HttpResponseBase:
    """GET shows the code or the form; POST takes either. Nothing here says why a link does not work."""
    # The row history keeps the address of a request: of this one it must not, as only a digest may be kept.
    with pghistory.context(url="/enquiries/link/"):
        return outside.private(_by_link(request, token))


def _by_link(request: SchoolRequest, token: str) -> HttpResponse:
    enquiry = actions.by_link(token)
    with answering(request, enquiry.member if enquiry is not None else None):
        return _opened(request, token, enquiry)


def _opened(request: SchoolRequest, token: str, enquiry: Enquiry | None) -> HttpResponse:
    if enquiry is not None and outside.is_in(LINKS, request, enquiry):
        return ByLink(request, enquiry, token).answer()
    if enquiry is None and (done := sent_again(request, token)):
        return done
    # Whoever is in saves as they type; trying codes and addresses is what is limited.
    if told := outside.wait(request):
        return told
    if enquiry is None:
        return gone(request)
    if saving.is_autosave(request):
        return saving.Saving(refused=CODE_AGAIN).response()
    return outside.ask_code(
        LINKS,
        request,
        enquiry,
        heading="Your view is asked for",
        opens=lambda code: actions.try_code(enquiry=enquiry, code=code),
        works=lambda: actions.by_link(token) is not None,
        gone=lambda: gone(request),
    )


@csrf_exempt  # as by_link
@login_not_required
@require_http_methods(GET_POST)
def signed(request: SchoolRequest, signed: str) -> HttpResponseBase:
    """For whoever was asked in a round, from the mail: GET shows the answer that its link chose, POST sends it."""
    with pghistory.context(url="/enquiries/round/"):
        request.POST  # noqa: B018  as outside.is_in
        enquiry = actions.by_signature(signed)
        if enquiry is None:
            return outside.private(outside.wait(request) or render(request, GONE_ROUND, status=404))
        # Nobody guesses a signature: who has one may send as often as a person does, and no more.
        return outside.private(outside.wait(request, key=signed) or Signed(request, enquiry).answer())


GONE_ROUND = "enquiries/round_over.html"


def gone(request: SchoolRequest) -> HttpResponse:
    if saving.is_autosave(request):
        return saving.Saving(refused=DEAD).response()
    return render(request, "enquiries/gone.html", status=404)


def sent_again(request: SchoolRequest, token: str) -> HttpResponse | None:
    """The last button pressed twice by who is in: it was sent once, and is answered alike."""
    if "sure" not in request.POST or any(saving.typed_fields(request.POST)):
        return None
    enquiry = actions.used_link(token)
    if enquiry is None or not outside.is_in(LINKS, request, enquiry):
        return None
    return ByLink(request, enquiry, token).thank(could=True)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody on the page. This is who signed in; `ByLink` says what is otherwise for who did not."""

    request: SchoolRequest
    enquiry: Enquiry

    base = "base.html"

    @property
    def by(self) -> Any:
        return self.request.user

    def answer(self) -> HttpResponse:
        request, kind = self.request, kind_of(self.enquiry)
        form = kind.answering(self.enquiry) or Questions(self.enquiry, kind.form)
        if request.method != "POST":
            form.begin(request.GET)
            return self.page(form)
        made, no = attempt(lambda: self.taken(form))
        return self.refused(form, no) if made is None else made

    def taken(self, form: Answering) -> HttpResponse:
        """Raises Refused."""
        request = self.request
        if "cannot" in request.POST and not kind_of(self.enquiry).in_rounds:
            words = kind_of(self.enquiry).declining(request.POST)
            if not words.is_valid():
                return self.page(form, words, 422)
            actions.decline(enquiry=self.enquiry, words=words.cleaned_data["words"], by=self.by)
            return self.thank(could=False)
        form.save(request.POST)
        if saving.is_autosave(request):
            return form.saved.response()
        if request.POST.get("do") == "hand-in" and form.status == 200:
            form.check_whole()
            if form.status == 200 and form.check_template and not self.is_sure(form):
                return self.check(form)
            if form.status == 200:
                form.hand_in(self.by)
                return self.thank(could=True)
        if form.status == 200:
            stays = self.part(form) if request.POST.get("do") != "back" else ""
            return HttpResponseRedirect(f"{request.path}?{stays or 'kept'}")
        return self.page(form, status=form.status)

    def is_sure(self, form: Answering) -> bool:
        """Whether the button of the page to look at was pressed, for what stands here now."""
        return "sure" in self.request.POST and not saving.was_changed(self.request.POST, form.shown)

    def part(self, form: Answering) -> str:
        return next((name for name in form.parts if name in self.request.GET), "")

    def page(self, form: Answering, cannot: CannotForm | None = None, status: int = 200) -> HttpResponse:
        part = "" if form.shut else self.part(form)
        template = form.parts[part] if part else "enquiries/answer.html"
        context = {"cannot": cannot or kind_of(self.enquiry).declining(), "kept": "kept" in self.request.GET}
        return self.render(template, {"form": form, **context}, status)

    def check(self, form: Answering) -> HttpResponse:
        """What they say on one page, before it goes."""
        changed = saving.CHANGED_SINCE if "sure" in self.request.POST else ""
        context = {"form": form, "preview_token": saving.preview_token(form.shown), "changed": changed}
        return self.render("enquiries/check.html", context)

    def render(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        kind = kind_of(self.enquiry)
        context |= {
            "base": self.base,
            "is_signed_in": self.base == "base.html",
            "enquiry": self.enquiry,
            "kind": kind,
            "title": kind.title(self.enquiry),
            "readers": kind.readers(self.enquiry),
            "student": self.enquiry.student,
            "first_name": self.enquiry.student.known_as,
            "here": self.request.path,
            "gentle": self.enquiry.user_id is None and (self.enquiry.member_id or self.enquiry.relation),
        }
        return render(self.request, template, context, status=status)

    def refused(self, form: Answering, no: Any) -> HttpResponse:
        """Somebody was quicker: it was taken back, or handed in, in another window."""
        if saving.is_autosave(self.request):
            return saving.Saving(
                refused=filled("{no}. Copy what you typed", no=translated(str(no)))
            ).response()
        keep_waiting(self.request)
        messages.warning(self.request, f"{translated(str(no))}.")
        return redirect(self.home)

    def closed(self) -> HttpResponse:
        """Answered or taken back meanwhile; script is told to stop."""
        words = "This was answered already" if self.enquiry.answered_at else "This is not asked any more"
        if saving.is_autosave(self.request):
            return saving.Saving(refused=filled("{no}. Copy what you typed", no=translated(words))).response()
        messages.info(self.request, f"{translated(words)}.")
        return redirect(self.home)

    def thank(self, *, could: bool) -> HttpResponse:
        self.enquiry.refresh_from_db()  # what they said
        kind, asker = kind_of(self.enquiry), self.enquiry.asked_by.name
        messages.success(
            self.request,
            kind.thanks(self.enquiry)
            if could
            else filled("{asker} sees that you cannot, and why.", asker=asker),
        )
        return redirect(self.home)

    @property
    def home(self) -> str:
        """Where who signed in finds everything that is asked of them."""
        return "enquiries:mine" if self.enquiry.user_id else "portal:home"


@dataclass(frozen=True, slots=True)
class ByLink(Visit):
    """Somebody with the link and the code: in for two hours from the last time that something was sent."""

    token: str

    base = "outside/base.html"
    by = None

    def answer(self) -> HttpResponse:
        return outside.stay(LINKS, Visit.answer(self), self.request, self.enquiry)

    def refused(self, form: Answering, no: Any) -> HttpResponse:
        return sent_again(self.request, self.token) or gone(self.request)

    def thank(self, *, could: bool) -> HttpResponse:
        return self.render("enquiries/done.html", {"could": could})


@dataclass(frozen=True, slots=True)
class Signed(Visit):
    """Somebody with a signed link: they are who was asked, and stay signed out."""

    base = "outside/base.html"

    @property
    def by(self) -> Any:
        return self.enquiry.user

    def refused(self, form: Answering, no: Any) -> HttpResponse:
        return render(self.request, GONE_ROUND, status=404)

    def thank(self, *, could: bool) -> HttpResponse:
        self.enquiry.refresh_from_db()
        return self.render(
            "enquiries/round_done.html", {"thanks": kind_of(self.enquiry).thanks(self.enquiry)}
        )

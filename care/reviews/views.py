"""Reviews of a student's EHC plan: the one with a date, its steps, its people, and those that are over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from enquiries.views.follow import show_code
from keywork import clock
from keywork.access import Can, allows, staff_who
from keywork.attempts import attempt
from keywork.audit import opened
from keywork.contact_hold import and_later
from keywork.dates import day_in_full
from keywork.editing import save, save_reason
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.mail_words import staff_hear
from keywork.models import User
from keywork.outside_forms import LinkForm
from keywork.pending import keep_waiting
from students.models import Student
from students.record import record_context, record_form

from ..earliest import since_birth, since_issued
from ..models import EhcPlan
from ..over import Over, unless_over
from . import actions, inviting, rules
from .forms import (
    ByLetterForm,
    ChangeForm,
    DateForm,
    DecisionForm,
    MeetingForm,
    NewPersonForm,
    PapersForm,
    PersonForm,
    RemindForm,
    ReportForm,
    TakingPartForm,
    TalkForm,
)
from .heads import heads_of
from .kinds import when
from .models import Review, ReviewChange, ReviewPerson
from .page import ReviewPage, why_by


def _over(request: SchoolRequest, pk: int, review_id: int, person_id: int = 0, **asked: Any) -> Over | None:
    """A review that was taken back, or somebody who is off its list."""
    row = _review(request, pk, review_id)
    if row.voided_at is not None:
        return _of(row, actions.TAKEN_BACK)
    is_off = person_id and row.people.filter(pk=person_id, voided_at__isnull=False).exists()
    return _of(row, actions.OFF_THE_LIST) if is_off else None


def _held(request: SchoolRequest, pk: int, review_id: int) -> Over | None:
    """Nobody is invited to a meeting that was held."""
    row = _review(request, pk, review_id)
    return _over(request, pk, review_id) or (_of(row, inviting.HELD) if row.held_on else None)


def _dated(request: SchoolRequest, pk: int, review_id: int) -> Over | None:
    row = _review(request, pk, review_id)
    return _over(request, pk, review_id) or (_of(row, actions.DATE_STAYS) if row.held_on else None)


def _decided(request: SchoolRequest, pk: int, review_id: int) -> Over | None:
    row = _review(request, pk, review_id)
    return _over(request, pk, review_id) or (_of(row, actions.STAYS) if row.decided_on else None)


def _of(row: Review, words: str) -> Over:
    return Over(row.student, words, "See the review", _at(row), "plan")


@permission_required(Can.VIEW_REVIEWS, GET)
def reviews(request: SchoolRequest, pk: int) -> HttpResponse:
    """The review that has a date, those that are over, and by when the next is due."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_REVIEWS, pk=pk)
    opened(request, student, "reviews")
    rows = list(Review.objects.filter(student=student).select_related("plan"))
    plan = EhcPlan.objects.current().filter(student=student).select_related("student").first()
    edits = allows(request.user, Can.EDIT_PLANS, student)
    pages = [_page_of(request, row, edits) for row in rows]
    now = [page for page in pages if not page.is_over and page.review.voided_at is None]
    context = {
        "now": now,
        "before": [page for page in pages if page not in now],
        "plan": plan,
        **_by(now[0] if now else None, plan),
        "edits": edits,
        **record_context(request, student, "plan"),
    }
    return render(request, "care/reviews.html", context)


def _by(dated: ReviewPage | None, plan: EhcPlan | None) -> dict[str, Any]:
    """By when the next is finished, and held: as its own page says it once it has a date."""
    if dated is not None:
        return {"review_by": dated.review_by, "why_by": dated.why_by}
    if plan is None or plan.next_review_on is None:
        return {}
    written, since = plan.next_review_on, plan.since
    by, why, phase = rules.review_by(written, since), why_by(written, since), _phase_by(plan.student)
    meet_by = rules.meet_by(by, phase)
    is_sooner = meet_by != rules.meet_by(by, None)  # for the change of phase
    return {"review_by": by, "why_by": why, "meet_by": meet_by, "phase_by": phase if is_sooner else None}


def _phase_by(student: Student) -> Any:
    return rules.phase_by(rules.move_of(student.nc_year), rules.moves_on(clock.today()))


def _page_of(request: SchoolRequest, review: Review, edits: bool) -> ReviewPage:
    return ReviewPage(review, request.school.policy(clock.today()), edits)


@permission_required(Can.VIEW_REVIEWS, GET)
def review(request: SchoolRequest, pk: int, review_id: int) -> HttpResponse:
    """Every step counted from the date, who is coming, what advice came, the talk before it."""
    row = _review(request, pk, review_id, Can.VIEW_REVIEWS)
    opened(request, row.student, "review", detail=day_in_full(row.meets_on))
    page = _page_of(request, row, allows(request.user, Can.EDIT_PLANS, row.student))
    policy = request.school.policy(clock.today())
    # Of a review that was taken back, only a talk that there was.
    has_talk = policy.review_pre_meeting_minutes and (row.voided_at is None or row.talk_at is not None)
    context = {
        "page": page,
        "review": row,
        "writes": allows(request.user, Can.MAKE_REPORTS, row.student),
        "heads": _heads(request, row) if has_talk else [],
        **record_context(request, row.student, "plan"),
    }
    return render(request, "care/review.html", context)


@permission_required(Can.VIEW_REVIEWS, GET)
def talk(request: SchoolRequest, pk: int, review_id: int) -> HttpResponse:
    """The heads of the talk with home on a page to print."""
    row = _review(request, pk, review_id, Can.VIEW_REVIEWS)
    opened(request, row.student, "review", detail="the talk before it")
    page = _page_of(request, row, allows(request.user, Can.EDIT_PLANS, row.student))
    context = {"page": page, "review": row, "heads": _heads(request, row), "is_paper": True}
    context |= record_context(request, row.student, "plan")
    return render(request, "care/review_talk.html", context)


def _heads(request: SchoolRequest, row: Review) -> Any:
    agenda = request.school.policy(clock.today()).review_pre_meeting_agenda
    return heads_of(row, request.user, request.school.itself, agenda)


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def papers(request: SchoolRequest, pk: int, review_id: int) -> HttpResponse:
    """All advice that came, once the papers went out, for a parent or carer who is invited."""
    them = ReviewPerson.objects.filter(
        member__user=request.user, invited_on__isnull=False, voided_at__isnull=True
    )
    rows = (
        Review.objects.standing().filter(papers_on__isnull=False, people__in=them).select_related("student")
    )
    row = get_visible_or_404(rows, request, Can.VIEW_FAMILY_HOME, student=pk, pk=review_id)
    if not any(link.member.user_id == request.user.pk for link in inviting.at_home(row.student)):
        raise Http404
    opened(request, row.student, "advice for a review", detail=f"{day_in_full(row.meets_on)}, at home")
    came = row.people.filter(voided_at__isnull=True, advice_on__isnull=False)
    came = came.select_related("user", "member", "review__student")
    context = {
        "gentle": True,
        "student": row.student,
        "review": row,
        "people": [one for one in came if one.advice],
        "when": when(row.meets_at),
    }
    return render(request, "care/review_papers.html", context)


# ------------------------------------------------------------------------------------------- its date


@permission_required(Can.EDIT_PLANS, GET_POST)
@keeps_typed
def add(request: SchoolRequest, pk: int) -> HttpResponse:
    """The date of a review: every other day follows from it."""
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PLANS, pk=pk)
    form = since_birth(DateForm(posted(request), **_date_args(student)), student)
    made = save(
        request,
        form,
        lambda: actions.set_date(by=request.user, student=student, fields=form.facts()),
        beside="day",
    )
    if made is not None:
        messages.success(request, f"The review is on {when(made.meets_at)}. Now invite everybody.")
        _warn_without_pupils(request, made)
        return redirect(_at(made))
    back = reverse("care:reviews", args=[pk])
    return _form(request, student, form, "Set the date of the review", back, "Date of a review")


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_dated)
@keeps_typed
def move(request: SchoolRequest, pk: int, review_id: int) -> HttpResponse:
    """Another date moves every step, and tells everybody invited."""
    row = _review(request, pk, review_id)
    form = DateForm(posted(request), review=row, **_date_args(row.student))
    since_issued(form, row.plan)
    saved = save(
        request,
        form,
        lambda: actions.move(by=request.user, review=row, fields=form.facts(), version=row.version),
        beside="day",
    )
    if saved is not None:
        moved = saved.meets_at != row.meets_at
        said = f"The review is on {when(saved.meets_at)}."
        if moved and saved.people.exists():
            said = and_later(f"{said} Everybody invited is told by e-mail.", pk)
        messages.success(request, said)
        if moved:
            _warn_without_pupils(request, saved)
        return redirect(_at(saved))
    intro = and_later("Another date moves every step. Everybody invited is told by e-mail.", pk)
    return _form(request, row.student, form, "Move the review", _at(row), "Moving a review", intro)


def _warn_without_pupils(request: SchoolRequest, review: Review) -> None:
    """Said, not refused: a review may be held on such a day, and a slip of the hand is seen at once."""
    day, calendar = review.meets_on, request.school.calendar
    is_known = bool(calendar.blocks) and calendar.blocks[0].starts_on <= day <= calendar.blocks[-1].ends_on
    if day.weekday() > 4 or (is_known and not calendar.is_pupil_day(day)):
        said = (
            f"{day_in_full(day, clock.today())} is a day without pupils. Move the review if it is another day"
        )
        messages.warning(request, f"{said}.")


def _date_args(student: Student) -> dict[str, Any]:
    return {"leaders": staff_who(Can.EDIT_PLANS, student.pk), "nc_year": student.nc_year}


# ------------------------------------------------------------------------------------------- its steps


class StepPage(NamedTuple):
    """One step to write down: its heading, its form, what saves it, and what is said before and after."""

    title: str
    form: Callable[..., Any]
    act: Callable[..., Any]
    intro: str = ""
    saved: str = "It is written down."


STEPS: Mapping[str, StepPage] = {
    "taking-part": StepPage(
        "The student’s own way of taking part",
        TakingPartForm,
        actions.write_down,
        "Choose it with them, in good time before the papers go out. Any way counts, and so does none.",
    ),
    "papers": StepPage(
        "The papers went to everybody",
        PapersForm,
        actions.write_down,
        "Advice and information of everybody asked, two weeks before the meeting. What is late follows on its own.",
    ),
    "talk": StepPage("The talk with home before the review", TalkForm, actions.write_talk),
    "meeting": StepPage(
        "The review meeting",
        MeetingForm,
        actions.write_meeting,
        saved="The record is saved. The report goes to everybody invited within two weeks.",
    ),
    "report": StepPage("The report went to everybody invited", ReportForm, actions.write_down),
    "decision": StepPage(
        "What the local authority decided",
        DecisionForm,
        actions.decide,
        "Home is told that there is a decision, and reads it. What the letter says stays at school.",
        "It is written down. The next review is counted from the date of the letter.",
    ),
}


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
@keeps_typed
def step(request: SchoolRequest, pk: int, review_id: int, step: str) -> HttpResponse:
    """One of the steps, planned or done."""
    row = _review(request, pk, review_id)
    page = STEPS.get(step)
    if page is None:
        raise Http404
    given = {"policy": request.school.policy(clock.today())} if step == "talk" else {}
    form = since_issued(page.form(posted(request), review=row, **given), row.plan)

    def act() -> Any:
        more = {"came": form.there()} if step == "meeting" else {}
        return page.act(by=request.user, review=row, fields=form.facts(), version=row.version, **more)

    intro, said = page.intro, page.saved
    if step == "decision":
        intro, said = and_later(intro, pk), and_later(said, pk)
    if save(request, form, act) is not None:
        messages.success(request, said)
        return redirect(f"{_at(row)}#step-{step}")
    more = {"review": row, "heads": _heads(request, row) if step == "talk" else []}
    return _form(request, row.student, form, page.title, _at(row), "Step of a review", intro, **more)


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_decided)
def void(request: SchoolRequest, pk: int, review_id: int) -> HttpResponse:
    """It will not take place: nothing of it is asked any more, and it stays among those before."""
    row = _review(request, pk, review_id)
    form, done = save_reason(
        request,
        lambda reason: actions.void(by=request.user, review=row, reason=reason),
        button="Take the review back",
        missing="Say why it will not take place",
    )
    if done is not None:
        messages.success(request, "The review is taken back. Set another date when it is known.")
        return redirect("care:reviews", pk=pk)
    intro = "What was written of it stays. Whoever was asked for something is asked no more."
    return _form(request, row.student, form, "Take the review back", _at(row), "Taking a review back", intro)


# ------------------------------------------------------------------------------------------- its people


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_held)
@keeps_typed
def person_add(request: SchoolRequest, pk: int, review_id: int) -> HttpResponse:
    """Invite somebody, or ask them for advice. What follows shows the code of a link, once."""
    row = _review(request, pk, review_id)
    people = list(row.people.filter(voided_at__isnull=True))
    taken = {f"user-{one.user_id}" for one in people} | {f"member-{one.member_id}" for one in people}
    if any(one.role == "student" for one in people):
        taken.add("student")
    dates, today = rules.dates_of(row.meets_on), clock.today()
    advice_by = dates.advice_by if dates.advice_by > today else max(dates.papers_by, today)
    form = NewPersonForm(
        posted(request),
        initial={"advice_by": advice_by, "who": request.GET.get("who", "")},
        student_name=row.student.known_as,
        links=inviting.at_home(row.student),
        staff=list(User.objects.filter(is_active=True, roles__contains=["staff"])),
        taken=taken,
    )
    made = save(
        request,
        form,
        lambda: inviting.add_person(by=request.user, review=row, **form.facts()),
        beside="who",
    )
    if made is not None:
        person, ask, code = made
        if code:
            return show_code(request, ask, code, f"The link is on its way to {person.called}")
        messages.success(request, _told(person, ask))
        return redirect(f"{_at(row)}#people")
    return _form(request, row.student, form, "Invite or ask somebody", _at(row), "Inviting to a review")


def _told(person: ReviewPerson, ask: Any) -> str:
    if ask is None:
        return f"{person.called} is on the list. Send the letter, and write down here what they answer."
    if ask.relation:
        return f"{person.called} finds it on their own page."
    return f"{person.called} hears by e-mail {'now' if ask.member_id else staff_hear()}."


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
@keeps_typed
def person(request: SchoolRequest, pk: int, review_id: int, person_id: int) -> HttpResponse:
    """What somebody told by phone, by letter or on paper."""
    one = _person(request, pk, review_id, person_id)
    form = since_issued(PersonForm(posted(request), person=one), one.review.plan)
    saved = save(
        request,
        form,
        lambda: actions.edit_person(by=request.user, person=one, fields=form.details(), version=one.version),
    )
    if saved is not None:
        messages.success(request, f"{one.called}: it is written down.")
        return redirect(f"{_at(one.review)}#person-{one.pk}")
    intro, page = "What they told you by phone, by letter or on paper.", "Answers for a review"
    student, back = one.review.student, _at(one.review)
    return _form(request, student, form, one.called, back, page, intro, person=one)


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
def person_again(request: SchoolRequest, pk: int, review_id: int, person_id: int) -> HttpResponse:
    """Ask again: a reminder to who signs in, another link and code to who does not."""
    one = _person(request, pk, review_id, person_id)
    ask = inviting.ask_of(one)
    form_class = ByLetterForm if ask is None else LinkForm if ask.by_link else RemindForm
    form = form_class(posted(request))
    if request.method != "POST" or not form.is_valid():
        title, intro = f"Ask {one.called} again", getattr(form, "intro", "")
        page = "Asking again for a review"
        return _form(request, one.review.student, form, title, _at(one.review), page, intro)
    if ask is None:
        return redirect("care:review_person", pk, review_id, person_id)
    days = int(form.cleaned_data.get("days", 0))
    made, no = attempt(lambda: inviting.ask_again(by=request.user, person=one, days=days))
    if made is None:
        keep_waiting(request)
        messages.warning(request, f"{no}.")
    elif made[1]:
        return show_code(request, *made, f"A new link is on its way to {one.called}")
    else:
        messages.success(request, f"{one.called} hears from us again.")
    return redirect(f"{_at(one.review)}#person-{one.pk}")


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
def person_out(request: SchoolRequest, pk: int, review_id: int, person_id: int) -> HttpResponse:
    """They have no part in it any more."""
    one = _person(request, pk, review_id, person_id)
    form, done = save_reason(
        request,
        lambda reason: actions.take_out(by=request.user, person=one, reason=reason),
        button="Take them off the list",
        missing="Say why they have no part in it",
    )
    if done is not None:
        messages.success(request, f"{one.called} is off the list.")
        return redirect(f"{_at(one.review)}#people")
    title, page = f"Take {one.called} off the list", "Taking somebody off a review"
    return _form(request, one.review.student, form, title, _at(one.review), page)


# -------------------------------------------------------------------------------------- changes asked for


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
@keeps_typed
def change_add(request: SchoolRequest, pk: int, review_id: int) -> HttpResponse:
    """Somebody asks for section A, B, E or F to be changed."""
    row = _review(request, pk, review_id)
    form = since_issued(ChangeForm(posted(request)), row.plan)
    made = save(request, form, lambda: actions.ask_change(by=request.user, review=row, fields=form.details()))
    if made is not None:
        messages.success(request, f"A change to section {made.section} is asked for.")
        return redirect(f"{_at(row)}#changes")
    page = "Asking for a change to the plan"
    return _form(request, row.student, form, "A change asked for", _at(row), page)


@permission_required(Can.EDIT_PLANS, GET_POST)
@unless_over(_over)
@keeps_typed
def change(request: SchoolRequest, pk: int, review_id: int, change_id: int) -> HttpResponse:
    """Its words, and how it is seen."""
    rows = ReviewChange.objects.select_related("review__student", "review__plan")
    lookup = {"review__student": pk, "review": review_id, "pk": change_id}
    one = get_visible_or_404(rows, request, Can.EDIT_PLANS, **lookup)
    form = since_issued(ChangeForm(posted(request), change=one), one.review.plan)
    saved = save(
        request,
        form,
        lambda: actions.edit_change(by=request.user, change=one, fields=form.details(), version=one.version),
    )
    if saved is not None:
        messages.success(request, "It is saved.")
        return redirect(f"{_at(one.review)}#changes")
    title = "A change asked for"
    return _form(request, one.review.student, form, title, _at(one.review), title)


def _review(request: SchoolRequest, pk: int, review_id: int, can: Can = Can.EDIT_PLANS) -> Review:
    rows = Review.objects.select_related("student", "plan", "led_by")
    return get_visible_or_404(rows, request, can, student=pk, pk=review_id)


def _person(request: SchoolRequest, pk: int, review_id: int, person_id: int) -> ReviewPerson:
    rows = ReviewPerson.objects.select_related("review__student", "review__plan", "user", "member")
    lookup = {"review__student": pk, "review": review_id, "pk": person_id}
    return get_visible_or_404(rows, request, Can.EDIT_PLANS, **lookup)


def _at(review: Review) -> str:
    return reverse("care:review", args=[review.student_id, review.pk])


def _form(
    request: SchoolRequest,
    student: Student,
    form: Any,
    title: str,
    back: str,
    page: str,
    intro: str = "",
    **more: Any,
) -> HttpResponse:
    more["template"] = "care/review_form.html"
    return record_form(request, student, "plan", form, title=title, page=page, back=back, intro=intro, **more)

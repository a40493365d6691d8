"""Rating: one domain at a time, for all three raters. What differs is how they come to it (ilsa.rater_pages) and the wording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from keywork.access import Can, allows
from keywork.attempts import attempt
from keywork.audit import opened
from keywork.editing import save
from keywork.errors import NotWhole
from keywork.guards import GET, GET_POST, View, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.saving import CHANGED_SINCE, Saving, is_autosave, preview_token, typed_fields, was_changed
from students.record import record_context

from .. import rater_pages, templates
from ..actions import NOTE, note_missing, save_fields, submit
from ..forms import NotThisYearForm, PaperForm
from ..models import RaterForm
from ..rater_pages import RaterPages
from ..rating import Filling

CANNOT = "cannot"  # the button of enquiries/_cannot.html


@permission_required(Can.RATE_ILSA, GET)
def form(request: SchoolRequest, pk: int) -> HttpResponse:
    """Where every duty leads; who only reads the assessment is shown what is in."""
    forms = RaterForm.objects.select_related("assessment__student", "assessment__round")
    seen = get_visible_or_404(forms, request, Can.VIEW_ILSA, pk=pk).assessment
    if not allows(request.user, Can.RATE_ILSA, seen.student):
        return redirect("ilsa:compare", seen.student_id, seen.round.year)
    return _start(request, rater_pages.by_staff(request, pk))


def _start(request: SchoolRequest, way: RaterPages) -> HttpResponse:
    """Where they left off; the last page once everything is answered or sent."""
    filling = _filling(way)
    if way.form.is_submitted or filling.complete:
        return redirect(way.send_url())
    return redirect(way.part_url(filling.first_open.slug))


def _filling(way: RaterPages) -> Filling:
    return Filling(way.form, way.form.assessment.student.nc_year)


def _part(request: SchoolRequest, way: RaterPages, domain: str) -> HttpResponse:
    filling = _filling(way)
    shown = next((one for one in filling.template.domains if one.slug == domain), None)
    if shown is None:
        raise Http404
    if request.method == "POST":
        return _save(request, way, filling, shown)
    if way.form.is_submitted:
        return redirect(way.send_url())
    opened(request, way.form.assessment.student, "independence")
    return _show(request, way, filling, shown)


def _save(
    request: SchoolRequest, way: RaterPages, filling: Filling, domain: templates.Domain
) -> HttpResponse:
    mine = {item.slug for item in domain.items}
    given_up = request.POST.getlist("keep-theirs")
    typed = [
        one
        for one in typed_fields(request.POST)
        if one.field.removeprefix(NOTE) in mine and one.field not in given_up
    ]
    saving = save_fields(by=request.user, form=way.form, typed=typed)
    filling.refresh()
    if is_autosave(request):
        saving.parts["parts"] = render_to_string("ilsa/_parts.html", _parts(way, filling, domain))
        return saving.response(_words(filling))
    if saving.status != 200 or given_up or "use-mine" in request.POST:
        return _show(request, way, filling, domain, saving)
    if "stop" in request.POST:
        return redirect(way.home)
    after = filling.after(domain)
    return redirect(way.part_url(after.slug) if after else way.send_url())


def _words(filling: Filling) -> dict[str, dict[str, str]]:
    """How a stored answer reads, for what script shows when two devices differ."""
    said = {str(choice.value): choice.wording(filling.audience) for choice in filling.template.choices}
    return {item.slug: said for item in filling.template.in_use}


def _parts(way: RaterPages, filling: Filling, domain: templates.Domain | None) -> dict[str, Any]:
    return {
        "filling": filling,
        "here": domain,
        "parts": [(part, way.part_url(part.domain.slug)) for part in filling.parts],
        "send_url": way.send_url(),
    }


def _show(
    request: SchoolRequest,
    way: RaterPages,
    filling: Filling,
    domain: templates.Domain,
    saving: Saving | None = None,
) -> HttpResponse:
    questions = filling.questions(domain, saving, say_blanks="blanks" in request.GET)
    after = filling.after(domain)
    context = {
        **_frame(request, way),
        **_parts(way, filling, domain),
        "way": way,
        "cannot": _not_this_year(request, way),
        "domain": domain,
        "title": domain.title_for(filling.audience),
        "questions": questions,
        "after": after,
        "after_title": after.title_for(filling.audience) if after else "",
        "wrong": [one for one in questions if one.error or one.note_error or one.theirs or one.note_theirs],
        "refused": saving.refused if saving else "",
    }
    return render(request, "ilsa/rate.html", context, status=saving.status if saving else 200)


def _send(request: SchoolRequest, way: RaterPages) -> HttpResponse:
    filling = _filling(way)
    cannot, paper = _not_this_year(request, way), None
    if way.typing and not way.form.is_submitted:
        paper = PaperForm(posted(request))
    status, refused = 200, ""
    if cannot is not None and cannot.is_bound:
        if _declined(request, way, cannot):
            messages.success(request, "You said that you would rather not. That is fine.")
            return redirect(way.home)
        status = cannot.status
    elif "check" in request.POST:  # Enter in a box: what is typed stands there, and nothing is sent yet
        status = 200 if paper is None or paper.is_valid() else 422
    elif not way.form.is_submitted and was_changed(request.POST, _shown(filling)) and not filling.blanks():
        status, refused = 409, CHANGED_SINCE
    elif request.method == "POST" and (paper is None or paper.is_valid()):
        _, no = attempt(
            lambda: submit(
                by=request.user,
                form=way.form,
                nc_year=way.form.assessment.student.nc_year,
                from_paper=way.typing,
                **(paper.cleaned_data if paper else {}),
            )
        )
        if no is None:
            return _sent(request, way)
        status = 422
        if not isinstance(no, NotWhole):  # the blanks are listed on the page
            way.form.refresh_from_db()
            if request.user in (way.form.rater, way.form.typed_by):  # the button pressed twice
                return _sent(request, way)
            status, refused = 409, str(no)
    elif request.method == "POST":
        status = 422
    blanks = filling.blanks() if not way.form.is_submitted else []
    context = {
        **_frame(request, way),
        **_parts(way, filling, None),
        "way": way,
        "cannot": cannot,
        "paper": paper,
        "refused": refused,
        "preview_token": "" if way.form.is_submitted else preview_token(_shown(filling)),
        "not_seen": filling.template.not_seen.wording(filling.audience),
        "blanks": blanks,
        "blank_parts": _by_part(way, filling, blanks),
        "said": [] if way.form.is_submitted or blanks else _said(way, filling),
    }
    return render(request, "ilsa/send.html", context, status=status)


def _not_this_year(request: SchoolRequest, way: RaterPages) -> NotThisYearForm | None:
    """For whoever answers for themself and is not staff; filled in where they pressed its button."""
    if way.base != "base.html" or way.form.is_submitted or way.form.missing:
        return None
    sent = request.POST if CANNOT in request.POST else None
    return NotThisYearForm(sent, audience=templates.AUDIENCE_OF[way.form.role])


def _declined(request: SchoolRequest, way: RaterPages, cannot: NotThisYearForm) -> bool:
    done = save(
        request,
        cannot,
        lambda: note_missing(
            by=request.user,
            form=way.form,
            reason="declined",
            words=cannot.cleaned_data["words"],
            seen=way.form.version,
        ),
    )
    return done is not None


def _sent(request: SchoolRequest, way: RaterPages) -> HttpResponse:
    messages.success(request, "Sent. Thank you." if not way.typing else "The paper form is in.")
    return redirect(way.send_url())


def _shown(filling: Filling) -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [(domain.slug, lines) for domain, _, lines in filling.said()]


def _said(way: RaterPages, filling: Filling) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """What goes when it is sent: each part's slug, title and address, and its questions with answer and note."""
    return [(domain.slug, title, way.part_url(domain.slug), lines) for domain, title, lines in filling.said()]


def _by_part(
    way: RaterPages, filling: Filling, blanks: list[tuple[templates.Domain, templates.Item]]
) -> list[tuple[str, int, list[tuple[str, str]]]]:
    """Each part with blanks: its title, how many, and each question's words and address."""
    found: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for domain, item in blanks:
        _, items = found.setdefault(domain.slug, (domain.title_for(filling.audience), []))
        url = f"{way.part_url(domain.slug)}?blanks=1#q-{item.slug}"
        items.append((item.wording(filling.audience), url))
    return [(title, len(items), items) for title, items in found.values()]


def _frame(request: SchoolRequest, way: RaterPages) -> dict[str, Any]:
    """What stands around the page: the record's head for staff, the gentle page for home and student."""
    student = way.form.assessment.student
    frame: dict[str, Any] = {
        "base": way.base,
        "student": student,
        "form": way.form,
        "year": way.form.assessment.round.year,
        "gentle": way.base == "base.html",
    }
    if not frame["gentle"]:
        frame |= record_context(request, student, "independence")
    return frame


def _for_each_rater(page: Callable[..., HttpResponse], methods: list[str]) -> tuple[View, View, View]:
    """A page as staff, the student, and a parent or carer come to it."""

    @permission_required(Can.RATE_ILSA, methods)
    def staff(request: SchoolRequest, pk: int, **more: str) -> HttpResponse:
        return page(request, rater_pages.by_staff(request, pk), **more)

    @permission_required(Can.VIEW_MY_PAGE, methods)
    def student(request: SchoolRequest, year: str, **more: str) -> HttpResponse:
        return page(request, rater_pages.by_student(request, year), **more)

    @permission_required(Can.VIEW_FAMILY_HOME, methods)
    def parent(request: SchoolRequest, pk: int, year: str, **more: str) -> HttpResponse:
        return page(request, rater_pages.by_parent(request, pk, year), **more)

    return staff, student, parent


_, my_form, child_form = _for_each_rater(_start, GET)
part, my_part, child_part = _for_each_rater(_part, GET_POST)
send, my_send, child_send = _for_each_rater(_send, GET_POST)

"""Filling a sheet in: saved field by field as it is typed, with a Save button where no script runs. And what becomes
of it: they would rather not, crossed out, checked by the student."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import opened
from keywork.editing import save, save_reason
from keywork.errors import NotWhole
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.saving import Saving, is_autosave
from questionnaires.bound_questions import bind_questions, tick_areas
from questionnaires.fields import Field
from students.people_at_home import chosen, people_at_home

from ...models import Sheet, Tool
from ...questions import templates
from .. import actions, attachments
from .. import permissions as sheet_permissions
from ..answers import save_answers, stored_answers
from ..forms import AttachForm, DeclineForm
from ..soft_tools import ASKED_TO_SHARE, TOOLS
from .pages import about, framed, low_answer, together
from .restorative import agreed_of, asked_for, still_open
from .start import problems


# The widest of what lets staff write one; which sheet is tsp.sheets.permissions's to say.
@permission_required(Can.ADD_INPUT, GET_POST)
def fill(request: SchoolRequest, pk: int) -> HttpResponse:
    """The questions with what is written so far; finishing wants what the form requires."""
    row = _mine(request, pk)
    if not sheet_permissions.may_fill(request.user, row):
        return _not_here(request, row)
    if request.method != "POST":
        opened(request, row.student, "sheet", f"{row.get_tool_display()}, {row.pk}")
        return show_form(request, row)
    saving = save_answers(by=request.user, sheet=row, data=request.POST)
    if is_autosave(request):
        return _answer(request, row, saving)
    if saving.refused:
        return _not_here(request, row)
    if saving.status == 200 and "finish" in request.POST:
        return _finish(request, row, saving)
    if saving.status == 200:
        share = _share(request)
        if share is not None and row.tool in ASKED_TO_SHARE:
            actions.share_with_home(by=request.user, sheet=row, share=share)
        more = request.POST.get("more", "")
        messages.success(request, "Saved.")
        place = f"#q-{more}" if any(one.slug == more for one in _tool(row).fields) else ""
        return redirect(reverse("tsp:sheet_fill", args=[row.pk]) + place)
    return show_form(request, row, saving)


def _tool(row: Sheet) -> templates.Tool:
    return templates.version(row.template_id).tool(row.tool)


NOBODY = "nobody"


def _share(request: SchoolRequest) -> list[str] | None:
    """Family members (ids) the student chose, none for nobody; None where it was not said."""
    said = request.POST.getlist("share")
    return [one for one in said if one != NOBODY] if said else None


def _share_options(request: SchoolRequest, row: Sheet) -> list[tuple[str, str, bool]]:
    """Each adult at home by name, and nobody: value, words, whether it is chosen."""
    if row.tool not in ASKED_TO_SHARE:
        return []
    people = people_at_home(row.student, clock.today())
    said = _share(request)
    now = chosen(people, said) if said is not None else row.shared_with
    nobody = not now and (said is not None or row.share_with_home is False)
    return [
        *((str(one.member_id), one.name, one.member_id in now) for one in people),
        (NOBODY, "Nobody at home", nobody),
    ]


def _answer(request: SchoolRequest, row: Sheet, saving: Saving) -> HttpResponse:
    """To script: what was saved, and the prompt about a low answer in its place."""
    if not saving.refused:
        words = render_to_string("tsp/_sheet_low.html", low_answer(request, row), request=request)
        saving.parts["low-answer"] = words
    return saving.response()


def _finish(request: SchoolRequest, row: Sheet, saving: Saving) -> HttpResponse:
    was_done = row.done_at is not None
    _, no = attempt(lambda: actions.finish(by=request.user, sheet=row, share=_share(request)))
    if isinstance(no, NotWhole):
        saving.errors |= no.missing
        return show_form(request, row, saving)
    if no is not None:
        return _not_here(request, row)
    words = (
        "Changed. What it said before is kept."
        if was_done
        else "Done. Those who may read it can read it now."
    )
    messages.success(request, words)
    return redirect("tsp:sheet", pk=row.pk)


def _not_here(request: SchoolRequest, row: Sheet) -> HttpResponse:
    """409: the sheet is closed, or is somebody else's to write in; it may be read as far as this reader may."""
    return framed(
        request, "tsp/sheet_refused.html", row.student, about(request, row) | {"is_refusal": True}, status=409
    )


def show_form(request: SchoolRequest, row: Sheet, saving: Saving | None = None, **more: Any) -> HttpResponse:
    """The form; after a refused save with what is to be put right, typed words and theirs both on the page."""
    form = templates.version(row.template_id)
    tool = form.tool(row.tool)
    stored = stored_answers(row)
    audience = row.audience
    drawn = bind_questions(tool.fields, form, audience, stored, saving)
    areas = tick_areas(form, audience, stored, saving) if TOOLS[row.tool].ticks else []
    ticked = [one for area in areas for one in area.questions]
    takes_files = TOOLS[row.tool].files
    context = {
        **about(request, row),
        **low_answer(request, row),
        "questions": drawn,
        "areas": areas,
        "ticked": sum(area.ticked for area in areas),
        "problems": problems([*drawn, *ticked], saving),
        "asks_home": row.tool in ASKED_TO_SHARE,
        "share_options": _share_options(request, row),
        "is_restorative": row.tool == Tool.RESTORATIVE,
        "together": together(sheet_permissions.fillable(request.user), row),
        "files": attachments.of_sheet(row) if takes_files else [],
        "labels": {one.slug: one.wording(audience) for one in tool.fields},
        "attach_form": AttachForm(questions=askable(tool), audience=audience) if takes_files else None,
        **more,
    }
    return framed(request, "tsp/sheet_fill.html", row.student, context, saving.status if saving else 200)


def askable(tool: templates.Tool) -> list[Field]:
    """The questions a picture or recording may answer: those answered in words."""
    return [one for one in tool.fields if one.type in ("long_text", "text", "tag_list", "table", "scale_0_4")]


def _mine(request: SchoolRequest, pk: int) -> Sheet:
    """The sheet, if this person fills such sheets; otherwise as if it did not exist."""
    row = get_visible_or_404(sheet_permissions.known(request.user), request, Can.VIEW_STRATEGIES, pk=pk)
    if not sheet_permissions.fills_such(request.user, row):
        raise Http404
    return row


@permission_required(Can.ADD_INPUT, GET_POST)
def decline_one(request: SchoolRequest, pk: int) -> HttpResponse:
    """A sheet that was begun is set aside: they would rather not."""
    row = _mine(request, pk)
    if not sheet_permissions.may_decline(request.user, row):
        return _not_here(request, row)
    form = DeclineForm(posted(request))
    done = save(
        request, form, lambda: actions.decline(by=request.user, sheet=row, words=form.cleaned_data["words"])
    )
    if done is not None:
        messages.success(request, "Written down. It can be asked again whenever it suits them.")
        return redirect("tsp:sheet", pk=row.pk)
    return _ask(request, row, form, "decline")


@permission_required(Can.ADD_INPUT, GET_POST)
def void_one(request: SchoolRequest, pk: int) -> HttpResponse:
    """Crossed out with a reason: a dialog on the sheet's page with script, this page without."""
    row = _mine(request, pk)
    if not sheet_permissions.may_void(request.user, row):
        return _not_here(request, row)
    form, done = save_reason(
        request,
        lambda reason: actions.void(by=request.user, sheet=row, reason=reason),
        label="Reason",
        button="Cross out this sheet",
        missing="Say why it is crossed out",
        back=("Keep it", "back_url"),
    )
    if done is not None:
        messages.success(request, "Crossed out. It stays for the staff who read it, and counts no more.")
        return redirect("tsp:sheet", pk=row.pk)
    return _ask(request, row, form, "void")


@permission_required(Can.FILL_SHEETS, POST)
def checked(request: SchoolRequest, pk: int) -> HttpResponse:
    row = get_visible_or_404(sheet_permissions.known(request.user), request, Can.FILL_SHEETS, pk=pk)
    _, no = attempt(lambda: actions.mark_checked(by=request.user, sheet=row))
    if no is not None:
        return _not_here(request, row)
    messages.success(request, f"Written down: {row.student.known_as} has read it and agrees.")
    return redirect("tsp:sheet", pk=row.pk)


def _ask(request: SchoolRequest, row: Sheet, form: Any, what: str) -> HttpResponse:
    context = {
        **about(request, row),
        "form": form,
        "what": what,
        **(still_open(agreed_of(row), asked_for(row)) if what == "void" else {}),
        "back_url": reverse("tsp:sheet", args=[row.pk]),
    }
    return framed(request, "tsp/sheet_ask.html", row.student, context, form.status)

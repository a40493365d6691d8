"""The TSP workspace: one baseline or review of one student on one page, saved field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from keywork import clock, dates, goal_links, open_forms
from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.attempts import attempt
from keywork.audit import opened
from keywork.calendar import Term
from keywork.editing import press
from keywork.guards import GET, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.models import User
from keywork.pending import keep_waiting
from keywork.saving import Saving, base, conflict, is_autosave, typed_fields
from students.lookup import find_student
from students.models import Student
from students.record import record_page

from ...duties.facts import due_summary_of
from ...models import AssessmentPoint
from ...questions import templates
from ...sheets.lines import sheet_lines, ticks_for
from ...templatetags.workspace import answer_words
from .. import presence, rules
from ..actions import NAMES, confirm_area, last_review, open_point, opens, save_fields
from ..assessment_points import CONTEXT, NEXT_STEPS, SUMMARY, PointState, find_point, load, unopened

FORM = "ws"
NARRATIVES = (
    (SUMMARY, "Summary", "What this term has been like for {name}, in your words."),
    (NEXT_STEPS, "Next steps", "What will be worked on, and who does what."),
)


@dataclass(frozen=True)
class Place:
    """One point's place: whose, when, which; it may not be opened yet."""

    student: Student
    term: Term
    kind: str
    state: PointState | None

    def url(self, name: str = "workspace", *more: str) -> str:
        return numbered(f"tsp:{name}", self.term.id, self.kind, *more).format(self.student.pk)

    @property
    def live_url(self) -> str:
        return self.url("ws_live")

    def again(self) -> Place:
        """The same place as it stands now."""
        return Place(self.student, self.term, self.kind, load(self.student, self.term.id, self.kind))

    @property
    def name(self) -> str:
        """ "baseline", "review"."""
        return NAMES[self.kind]


def place(request: SchoolRequest, can: Can, pk: int, term: str, kind: str, *, reads: bool = True) -> Place:
    """The student through `can`, then the point as it stands; 404 for a term or kind there is not.

    With `reads` off the state is left out, for who only writes in it.
    """
    student = find_student(request, can, pk)
    during = request.school.calendar.known_term(term)
    if kind not in NAMES or during is None:
        raise Http404
    return Place(student, during, kind, load(student, term, kind) if reads else None)


# ------------------------------------------------------------------------------------ the page


@permission_required(Can.VIEW_TSP, GET)
def workspace(request: SchoolRequest, pk: int, term: str, kind: str) -> HttpResponse:
    """The whole point; for those who do not rate, and once it is finished, to read."""
    here = place(request, Can.VIEW_TSP, pk, term, kind)
    opened(request, here.student, "TSP", detail=f"{here.name} of the {here.term.name.lower()}")
    return page(request, here)


def page(
    request: SchoolRequest,
    here: Place,
    *,
    status: int = 200,
    saving: Saving | None = None,
    missing: bool = False,
) -> HttpResponse:
    """`saving`: what could not be saved, shown beside its field with what was typed still in it."""
    rates = allows(request.user, Can.RATE, here.student)
    state = here.state or unopened(templates.current())
    edits = rates and not state.is_finished
    school = request.school
    review, closed = None, ""
    if here.state is None and edits:
        opens_on, closed = opens(here.student, here.term, here.kind, school)
        if opens_on is not None and clock.today() < opens_on:
            closed = f"The {here.name} opens on {dates.day_in_full(opens_on, clock.today())}."
        elif not closed and here.kind == AssessmentPoint.Kind.BASELINE:
            review = last_review(here.student, here.term, school)
    shows_form = here.state is not None or (edits and not closed and review is None)
    context = {
        **situation(request, here, state),
        "rates": rates,
        "edits": edits and shows_form,
        "shows_form": shows_form,
        "closed": closed,
        "review": review,
        "review_term": school.calendar.term(review.term) if review else None,
        "may_reopen": state.is_finished and allows(request.user, Can.REOPEN_TSP, here.student),
        "goals": goal_links.goals().column(here.student, here.term.id, request.user),
        "quiet": goal_links.goals().quiet_outcomes(here.student, school.itself) if edits else [],
        "lines": sheet_lines(here.student, here.term.id, request.user),
        "ticks": ticks_for(here.student, here.term.id, request.user),
        "narratives": _narratives(here, state, saving),
        "contexts": _contexts(state, saving),
        "open_areas": _open_areas(request, state, saving, missing),
        "mine": saving.mine if saving else None,
        "trouble": _trouble(saving, state),
        "missing": state.missing if missing else (),
        "here_too": presence.arrive(request.user, here.student.pk, here.term.id, "") if rates else [],
        "since": _stamp(state),
    }
    return record_page(request, here.student, "tsp", "tsp/ws_page.html", context, status)


def situation(request: SchoolRequest, here: Place, state: PointState) -> dict[str, Any]:
    """What every piece of the page needs."""
    return {
        "student": here.student,
        "term": here.term,
        "kind": here.kind,
        "kind_name": here.name,
        "place": here,
        "state": state,
        "form": state.form,
        "due": due_summary_of(here.student, here.term, here.kind, request.school),
        "today": clock.today(),
        "edits": not state.is_finished and allows(request.user, Can.RATE, here.student),
        "mine": None,
        "trouble": {},
        "save_url": here.url("ws_save"),
        "open_url": here.url("ws_open"),
        "finish_url": here.url("ws_finish"),
        "reopen_url": here.url("ws_reopen"),
    }


def _narratives(here: Place, state: PointState, saving: Saving | None) -> list[dict[str, Any]]:
    return [
        {
            "part": part,
            "label": label,
            "hint": hint.format(name=here.student.known_as),
            **_words(state, part, saving),
        }
        for part, label, hint in NARRATIVES
    ]


def _words(state: PointState, part: str, saving: Saving | None) -> dict[str, Any]:
    row = state.narratives.get(part)
    field = f"narrative:{part}"
    stored = row.text if row else ""
    typed = saving.mine.get(field) if saving else None
    return {
        "field": field,
        "row": row,
        "stored": stored,
        "version": row.version if row else 0,
        "text": stored if typed is None else (typed[0] if typed else ""),
    }


def _contexts(state: PointState, saving: Saving | None) -> dict[str, Any]:
    held = tuple(state.point.contexts) if state.point else ()
    typed = saving.mine.get("contexts") if saving else None
    shown = held if typed is None else typed
    return {
        "version": state.point.version if state.point else 0,
        "held": list(held),
        "choices": [(code, label, code in shown) for code, label in rules.CONTEXTS.items()],
        "labels": [rules.CONTEXTS[code] for code in held],
        "words": _words(state, CONTEXT, saving),
    }


def _open_areas(
    request: SchoolRequest, state: PointState, saving: Saving | None, missing: bool
) -> frozenset[str]:
    """Those asked for, those where something is to be put right, else the first that is not done."""
    asked = request.GET.get("area", "")
    wanted = {asked} if asked in {area.slug for area in state.areas} else set()
    if missing:
        wanted |= {one.area for one in state.missing[:1]}
    if saving is not None:
        slugs = {field.partition(":")[2] for field in saving.mine}
        wanted |= {
            area.slug
            for area in state.areas
            if slugs & {f"area:{area.slug}", *(one.slug for one in area.statements)}
        }
    if not wanted and not state.is_finished:
        first = next((area.slug for area in state.areas if not area.completion.complete), None)
        wanted = {first} if first else set()
    return frozenset(wanted)


def _trouble(saving: Saving | None, state: PointState) -> dict[str, Any]:
    """By field: the error, or what somebody else wrote; each is drawn beside its field."""
    if saving is None:
        return {}
    words = answer_words(state.form)
    return {
        **{field: {"error": text} for field, text in saving.errors.items()},
        **{
            field: {"conflict": conflict(field, current, _readings(field, words))}
            for field, current in saving.conflicts.items()
        },
    }


def _readings(field: str, words: dict[str, str]) -> dict[str, str]:
    return words if field.startswith("rating:") else dict(rules.CONTEXTS) if field == "contexts" else {}


# ------------------------------------------------------------------------------------- saving


@permission_required(Can.RATE, POST)
def save(request: SchoolRequest, pk: int, term: str, kind: str) -> HttpResponseBase:
    """What autosave.js sends, and the Save button of a page without script. The first rating opens the point."""
    here = place(request, Can.RATE, pk, term, kind, reads=False)
    point = find_point(here.student, term, kind)
    typed = list(typed_fields(request.POST))
    if "clear" in request.POST:
        cleared = f"rating:{request.POST['clear']}"
        typed = [type(one)(one.field, (), one.version, "") if one.field == cleared else one for one in typed]
    if "keep-theirs" in request.POST:
        typed = [one for one in typed if one.field != request.POST["keep-theirs"]]
    saving, by = Saving(), cast(User, request.user)
    # Nothing chosen in a point that nobody has begun is nothing at all.
    touched = [one for one in typed if not one.untouched and (point or one.values)]
    if touched:
        point, no = attempt(
            lambda: (
                point
                or open_point(by=by, student=here.student, term=term, kind=kind, facts=request.school.itself)
            )
        )
        saving = save_fields(by=by, point=point, typed=typed) if point else Saving(refused=str(no))
    if not is_autosave(request):
        return _saved_page(request, here, saving, bool(touched))
    if saving.refused:
        return saving.response()
    words: dict[str, dict[str, str]] = {}
    if touched:
        here = here.again()
        assert here.state is not None
        saving.parts = parts(request, here, [one.field for one in typed])
        readable = answer_words(here.state.form)
        words = {field: _readings(field, readable) for field in saving.conflicts}
    return saving.response(words)


def _saved_page(request: SchoolRequest, here: Place, saving: Saving, any_touched: bool) -> HttpResponse:
    if saving.refused:
        keep_waiting(request)
        messages.warning(request, f"{saving.refused}.")
        return redirect(here.url())
    if saving.conflicts or saving.errors:
        return page(request, here.again(), status=saving.status, saving=saving)
    if any_touched:
        messages.success(request, "Saved.")
    area = request.POST.get("area", "")
    back = (
        f"{here.url()}?{urlencode({'area': area})}#area-{area}"
        if area.replace("-", "").isalnum()
        else here.url()
    )
    return redirect(back)


def parts(request: SchoolRequest, here: Place, fields: Iterable[str]) -> dict[str, str]:
    """The pieces of the page that these fields change: counts, an area's score, what stands beside a statement."""
    state = here.state
    assert state is not None
    context = situation(request, here, state)
    found: dict[str, str] = {
        "ws-due": render_to_string("tsp/_ws_due.html", context, request),
        "ws-progress": render_to_string("tsp/_ws_progress.html", context, request),
    }
    slugs = {field.partition(":")[2] for field in fields if field.startswith(("rating:", "confirm:"))}
    for area in state.areas:
        mine = [one for one in area.statements if one.slug in slugs]
        if not mine:
            continue
        of_area = {**context, "area": area}
        found[f"ws-sum-{area.slug}"] = render_to_string("tsp/_ws_summary.html", of_area, request)
        found[f"ws-carried-{area.slug}"] = render_to_string("tsp/_ws_carried.html", of_area, request)
        for one in mine:
            of_statement = {**context, "one": one}
            found[f"ws-side-{one.slug}"] = render_to_string("tsp/_ws_side.html", of_statement, request)
    return found


# ----------------------------------------------------------------------- opening and confirming


@permission_required(Can.RATE, POST)
def open_it(request: SchoolRequest, pk: int, term: str, kind: str) -> HttpResponse:
    """Begin the point, from the last review unless "empty" is asked for."""
    here = place(request, Can.RATE, pk, term, kind)
    press(
        request,
        lambda: open_point(
            by=request.user,
            student=here.student,
            term=term,
            kind=kind,
            carry=request.POST.get("begin") != "empty",
            facts=request.school.itself,
        ),
    )
    return redirect(here.url())


@permission_required(Can.RATE, POST)
def confirm(request: SchoolRequest, pk: int, term: str, kind: str, area: str) -> HttpResponse:
    """Everything carried over in one area still holds."""
    here = place(request, Can.RATE, pk, term, kind)
    if here.state is None or here.state.point is None or area not in here.state.scores:
        raise Http404
    point = here.state.point
    if not press(request, lambda: confirm_area(by=request.user, point=point, area=area)):
        return redirect(here.url())
    leads_to = f"{here.url()}?{urlencode({'area': area})}#area-{area}"
    if not request.htmx:
        return redirect(leads_to)
    open_forms.done(request, leads_to)
    here = here.again()
    assert here.state is not None
    context = {
        **situation(request, here, here.state),
        "area": here.state.area(area),
        "open_areas": frozenset({area}),
        "ticks": ticks_for(here.student, term, request.user),
        "swapped": True,
    }
    return render(request, "tsp/_ws_area.html", context)


# ------------------------------------------------------------------------------- what others do


def _stamp(state: PointState) -> str:
    """Changes with every save: the newest moment, and how much there is, as things are taken away too."""
    moment = state.changed_at
    if moment is None or state.point is None:
        return ""
    return f"{moment.isoformat()} {state.pieces} {state.point.version}"


@permission_required(Can.VIEW_TSP, GET)
def live(request: SchoolRequest, pk: int, term: str, kind: str) -> HttpResponse:
    """Every 20 seconds: who else is here, and what was saved since. Nothing is written down of looking."""
    if not request.htmx:
        get_visible_or_404(Student.objects.only("pk"), request, Can.VIEW_TSP, pk=pk)
        return redirect("tsp:workspace", pk, term, kind)
    here = place(request, Can.VIEW_TSP, pk, term, kind)
    others = presence.arrive(request.user, here.student.pk, term, request.GET.get("where", ""))
    since = request.GET.get("since", "")
    stamp = _stamp(here.state) if here.state else ""
    fresh = _fresh(request, here, since, stamp) if here.state is not None and stamp != since else {}
    context = {
        "place": here,
        "here_too": others,
        "where": request.GET.get("where", "")[:80],
        "since": stamp,
        "fresh": json.dumps(fresh) if fresh else "",
    }
    return render(request, "tsp/_ws_live.html", context)


def _fresh(request: SchoolRequest, here: Place, since: str, stamp: str) -> dict[str, Any]:
    """What was saved since a page was told last: everything, where something was taken away."""
    assert here.state is not None
    moment, _, rest = since.partition(" ")
    fields = _fields(here.state)
    if rest and rest.split()[0] <= stamp.split()[1]:
        recent = here.state.changed_since(moment)
        fields = {name: one for name, one in fields.items() if name in recent or name == "contexts"}
    return {"fields": fields, "parts": parts(request, here, fields)}


def _fields(state: PointState) -> dict[str, Any]:
    """Every field as it stands, by name: a page takes over those it has not touched."""
    found: dict[str, Any] = {}
    for area in state.areas:
        for one in area.statements:
            values = (str(one.shown),) if one.shown is not None else ()
            found[f"rating:{one.slug}"] = {"base": base(one.version, values), "values": values}
    for part, row in state.narratives.items():
        values = (row.text,) if row.text else ()
        found[f"narrative:{part}"] = {"base": base(row.version, values), "values": values}
    if state.point is not None:
        chosen = tuple(state.point.contexts)
        found["contexts"] = {"base": base(state.point.version, chosen), "values": chosen}
    return found

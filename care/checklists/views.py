"""Lists of a student, the board of all that run, and the points of a list as the school wants them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows, has_capability
from keywork.audit import opened
from keywork.editing import EditForm, press, save, save_reason
from keywork.form_drafts import keeps_typed
from keywork.forms import ReasonForm
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student

from ..meetings.actions import owners
from ..meetings.frame import meeting_context
from ..models import Checklist, ListVersion, Point
from ..over import Over, unless_over
from . import actions
from .forms import DONE, SKIP, ListForm, PointForm
from .in_force import in_force
from .kinds import OWNERS
from .ticks import known

A_PAGE = 30  # lists of a kind on the board


@permission_required(Can.VIEW_CHECKLISTS, GET)
def checklists(request: SchoolRequest, pk: int) -> HttpResponse:
    """Those that run, those that are over, and those that can be begun."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_CHECKLISTS, pk=pk)
    opened(request, student, "lists")
    rows = [_counted(one) for one in _lists().filter(student=student)]
    running = {one.slug for one in rows if one.ended_at is None}
    context = {
        "lists": rows,
        "to_begin": [kind for slug, kind in in_force().items() if slug not in running],
        "keeps": allows(request.user, Can.KEEP_CHECKLISTS, student),
    }
    context |= meeting_context(request, student, "lists")
    return render(request, "care/checklists.html", context)


@permission_required(Can.KEEP_CHECKLISTS, POST)
def begin(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.KEEP_CHECKLISTS, pk=pk)
    slug = request.POST.get("list", "")
    press(request, lambda: actions.start(by=request.user, student=student, slug=slug), "The list is begun.")
    return redirect("care:checklists", pk)


def _ended(request: SchoolRequest, pk: int, list_id: int) -> Over | None:
    row = _list(request, Can.KEEP_CHECKLISTS, pk, list_id)
    return _over(row, actions.ENDED) if row.ended_at is not None else None


def _said(request: SchoolRequest, pk: int, point_id: int) -> Over | None:
    point = _point(request, pk, point_id)
    if point.checklist.ended_at is not None:
        return _over(point.checklist, actions.ENDED)
    return None if actions.is_open(point) else _over(point.checklist, actions.SAID)


def _over(row: Checklist, words: str) -> Over:
    url = reverse("care:checklist", args=[row.student_id, row.pk])
    return Over(row.student, words, "See the list", url, "meetings")


@permission_required(Can.VIEW_CHECKLISTS, GET)
def checklist(request: SchoolRequest, pk: int, list_id: int) -> HttpResponse:
    """One list: what is still to do first."""
    row = _list(request, Can.VIEW_CHECKLISTS, pk, list_id)
    opened(request, row.student, "list", detail=row.name)
    points = list(row.points.all())
    done = [one for one in points if one.is_done]
    context = {
        "list": _counted(row),
        "to_do": [one for one in points if one.is_open],
        "done": sorted(done, key=lambda one: one.done_on or one.auto_on, reverse=True),
        "skipped": [one for one in points if one.skipped_at is not None and not one.is_done],
        "keeps": row.ended_at is None and allows(request.user, Can.KEEP_CHECKLISTS, row.student),
        "led_by": OWNERS.get(row.led_by, row.led_by),
    }
    for one in points:
        one.link = _entry(one, row.student)
    context |= meeting_context(request, row.student, "lists")
    return render(request, "care/checklist.html", context)


@permission_required(Can.KEEP_CHECKLISTS, POST)
def tick(request: SchoolRequest, pk: int, point_id: int) -> HttpResponse:
    """A point is done, today; with “back” it is not after all."""
    point = _point(request, pk, point_id)
    if "back" in request.POST:
        press(request, lambda: actions.take_back(by=request.user, point=point), "It is open again.")
    else:
        press(request, lambda: actions.tick(by=request.user, point=point), f"Ticked: {point.what}.")
    return redirect("care:checklist", pk, point.checklist_id)


@permission_required(Can.KEEP_CHECKLISTS, GET_POST)
@unless_over(_said)
@keeps_typed
def point(request: SchoolRequest, pk: int, point_id: int) -> HttpResponse:
    """How one point stands: done, not needed, another day or owner."""
    row = _point(request, pk, point_id)
    form = PointForm(posted(request), point=row, staff=owners(row.checklist.student))
    saved = save(request, form, lambda: _act(request, row, form))
    if saved is not None:
        messages.success(request, "Saved.")
        return redirect("care:checklist", pk, row.checklist_id)
    return _form(request, row.checklist, form, {"title": row.what, "page_title": "A point of a list"})


def _act(request: SchoolRequest, row: Point, form: PointForm) -> Point:
    given = form.cleaned_data
    if given["how"] == DONE:
        return actions.tick(by=request.user, point=row, note=given["note"])
    if given["how"] == SKIP:
        return actions.skip(by=request.user, point=row, reason=given["note"])
    owner = form.staff.get(given["owner"])
    return actions.arrange(by=request.user, point=row, due_on=given["due_on"], owner=owner)


@permission_required(Can.KEEP_CHECKLISTS, GET_POST)
@unless_over(_ended)
@keeps_typed
def end(request: SchoolRequest, pk: int, list_id: int) -> HttpResponse:
    row = _list(request, Can.KEEP_CHECKLISTS, pk, list_id)
    form, done = save_reason(
        request,
        lambda reason: actions.end(by=request.user, checklist=row, reason=reason),
        button="End the list",
        missing="Say why",
        help_text="It stays here to be read. Nothing of it is asked of anybody any more.",
        back=("Keep it", "back_url"),
    )
    if done is not None:
        messages.success(request, "The list is ended.")
        return redirect("care:checklist", pk, row.pk)
    return _form(request, row, form, {"title": "End this list", "page_title": "Ending a list"})


@permission_required(Can.VIEW_CHECKLISTS, GET)
def board(request: SchoolRequest) -> HttpResponse:
    """Every list that runs, of the students whose lists one reads: what is late first."""
    today = clock.today()
    stays = Q(student__left_on__isnull=True) | Q(student__left_on__gte=today)
    rows = _lists().visible_to(request.user, Can.VIEW_CHECKLISTS).filter(stays, ended_at__isnull=True)
    here = rows.select_related("student").order_by("student__in_order", "pk")
    running = [one for one in map(_counted, here) if one.done < one.total]
    running.sort(key=lambda one: (-one.late, one.next.due_on))
    groups = []
    for slug, kind in in_force().items():
        of_kind = Paginator([one for one in running if one.slug == slug], A_PAGE)
        page = of_kind.get_page(request.GET.get(f"page-{slug}"))
        groups.append((kind, OWNERS.get(kind.led_by, kind.led_by), page, f"page-{slug}", f"list-{slug}"))
    edits = has_capability(request.user, Can.EDIT_TEMPLATES)
    return render(request, "care/lists_board.html", {"today": today, "groups": groups, "edits": edits})


@permission_required(Can.EDIT_TEMPLATES, GET_POST)
@keeps_typed
def edit(request: SchoolRequest, slug: str) -> HttpResponse:
    """The points of a list from now on; lists that run keep theirs."""
    kind = in_force().get(slug)
    if kind is None:
        raise Http404
    form = ListForm(posted(request), kind=kind)

    def publish() -> ListVersion:
        seen = form.cleaned_data["seen_number"]
        return actions.publish(by=request.user, slug=slug, seen=seen, points=form.points())

    made = save(request, form, publish)
    if made is not None:
        messages.success(request, f"Version {made.number} is published. Lists that run keep their points.")
        return redirect("care:lists_board")
    context = {"form": form, "kind": kind, "back_url": reverse("care:lists_board")}
    return render(request, "care/list_edit.html", context, status=form.status)


def _lists() -> Any:
    points = Point.objects.with_ticks().select_related("owner", "done_by", "skipped_by")
    return Checklist.objects.prefetch_related(Prefetch("points", points)).select_related("ended_by")


def _counted(row: Checklist) -> Any:
    """With what is done, what is late and what comes next."""
    counted: Any = row
    points = [one for one in row.points.all() if one.is_done or one.skipped_at is None]
    waiting = [one for one in points if one.is_open]
    counted.total, counted.done = len(points), sum(one.is_done for one in points)
    counted.late = sum(one.is_late for one in waiting)
    counted.next = waiting[0] if waiting else None
    return counted


def _list(request: SchoolRequest, can: Can, pk: int, list_id: int) -> Checklist:
    rows = _lists().select_related("student", "ended_by")
    return get_visible_or_404(rows, request, can, student=pk, pk=list_id)


def _point(request: SchoolRequest, pk: int, point_id: int) -> Point:
    rows = Point.objects.with_ticks().select_related("checklist__student", "owner")
    return get_visible_or_404(rows, request, Can.KEEP_CHECKLISTS, checklist__student=pk, pk=point_id)


def _entry(one: Point, student: Student) -> str:
    """The page of what ticked it by itself."""
    tick_kind = known().get(one.ticks)
    if one.auto_on is None or tick_kind is None:
        return ""
    return reverse(tick_kind.address, args=[student.pk if tick_kind.of_student else one.auto_pk])


def _form(
    request: SchoolRequest, row: Checklist, form: EditForm | ReasonForm, more: dict[str, Any]
) -> HttpResponse:
    back = reverse("care:checklist", args=[row.student_id, row.pk])
    context = {"form": form, "back_url": back, "list": row, **more}
    context |= meeting_context(request, row.student, "lists")
    return render(request, "care/checklist_form.html", context, status=form.status)

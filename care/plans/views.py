"""The plans a keyworker keeps: all of a student's, one with who has read it, and writing its next version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.contact_hold import and_later
from keywork.editing import SEEN, save, save_reason
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import Assignment
from keywork.words import worded
from students.models import Student
from students.record import record_context, record_form

from ..over import Over, unless_over
from . import actions, at_home, permissions, reading
from .forms import ReadForm, VersionForm
from .kinds import KINDS, PlanKind
from .models import PlanVersion, StudentPlan

TAB = "plans"


@permission_required(Can.VIEW_KEPT_PLANS, GET)
def kept_list(request: SchoolRequest, pk: int) -> HttpResponse:
    """Every kind that this person reads: what is in force, what is to be looked at, and what is still to be read."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_KEPT_PLANS, pk=pk)
    opened(request, student, "plans")
    newest = list(
        PlanVersion.objects.readable_by(request.user)
        .filter(plan__student=student, is_newest=True)
        .select_related("plan", "written_by")
    )
    of_kind = {version.plan.kind: version for version in newest}
    kinds = {kind.slug: kind for kind in permissions.kinds_read(request.user, student)}
    kinds |= {version.plan.kind: version.plan.of_kind for version in newest}
    unread, today = reading.unread(newest), clock.today()
    wanted = request.school.policy(today).plans_maintained_by_keyworker
    rows = [
        {
            "kind": kind,
            "version": version,
            "in_force": version is not None and version.plan.ended_on is None,
            "unread": unread.get(version.pk, 0) if version else 0,
            "is_late": version is not None and version.plan.ended_on is None and version.review_by < today,
            "keeps": permissions.keeps(request.user, kind, student),
            "is_wanted": kind.rule in wanted,
        }
        for kind in kinds.values()
        for version in [of_kind.get(kind.slug)]
    ]
    context = {
        "in_force": [row for row in rows if row["in_force"]],
        "others": [row for row in rows if not row["in_force"]],
        "reads_documents": allows(request.user, Can.VIEW_LOG, student),
        "reads_ehc_plan": allows(request.user, Can.VIEW_PLANS, student),
    }
    return render(request, "care/plans/list.html", context | record_context(request, student, TAB))


@permission_required(permissions.READ, GET)
def kept(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """The version in force: what changed, what it says, and who has read it."""
    return _show(request, _plan(request, pk, kind), None)


@permission_required(permissions.READ, GET)
def kept_version(request: SchoolRequest, pk: int, kind: str, number: int) -> HttpResponse:
    """One version as it was."""
    return _show(request, _plan(request, pk, kind), number)


def _plan(request: SchoolRequest, pk: int, kind: str) -> StudentPlan:
    plans = StudentPlan.objects.readable_by(request.user).select_related("student", "ended_by")
    found: StudentPlan = get_visible_or_404(plans, request, permissions.READ, student=pk, kind=kind)
    return found


def _show(
    request: SchoolRequest, plan: StudentPlan, number: int | None, form: ReadForm | None = None
) -> HttpResponse:
    versions = list(plan.versions.select_related("written_by").order_by("-number"))
    shown = next((one for one in versions if number in (None, one.number)), None)
    if shown is None:
        raise Http404
    for one in versions:
        one.plan = plan
    newest, student, today = versions[0], plan.student, clock.today()
    before = next((one for one in versions if one.number == shown.number - 1), None)
    opened(request, student, "plan", detail=f"{plan.of_kind.name}, version {shown.number}")
    differs, same = reading.changes(before, shown)
    counts = reading.read_counts(versions)
    is_current = shown is newest and plan.ended_on is None
    read = reading.reading_of(newest, request.user) if is_current else None
    mine = read.mine if read else None
    is_asked = mine is not None and mine.state not in ("read", "wrote")
    context: dict[str, Any] = {
        "plan": plan,
        "kind": plan.of_kind,
        "shown": shown,
        "newest": newest,
        "before": before,
        "is_current": is_current,
        "changes": differs,
        "changed_keys": {one.key for one in differs},
        "new_keys": {one.key for one in differs if not one.before},
        "same": same,
        "versions": [(one, counts[one.pk]) for one in versions],
        "read": read,
        "mine": mine,
        "read_form": (form or ReadForm(number=shown.number, action=_read_url(shown))) if is_asked else None,
        "is_late": is_current and shown.review_by < today,
        "kept_by": reading.kept_by(shown, _holders(student)),
        "keeps": permissions.keeps(request.user, plan.of_kind, student),
        "shows": allows(request.user, Can.SHARE_ITEM, student),
        "seen_by": worded(permissions.seen_by(plan.of_kind)),
    }
    # A teacher, who has no tab of plans, comes from the profile.
    tab = TAB if allows(request.user, Can.VIEW_KEPT_PLANS, student) else "profile"
    context |= record_context(request, student, tab)
    return render(request, "care/plans/plan.html", context, status=form.status if form else 200)


def _read_url(version: PlanVersion) -> str:
    return reverse("care:kept_read", args=[version.plan.student_id, version.plan.kind, version.number])


def _holders(student: Student) -> dict[str, str]:
    rows = Assignment.objects.current(clock.today()).filter(student=student).select_related("user")
    return {row.kind: row.user.name for row in rows.order_by("-starts_on", "-pk")}


@permission_required(permissions.READ, POST)
def kept_read(request: SchoolRequest, pk: int, kind: str, number: int) -> HttpResponse:
    """They say that they have read this version."""
    plan = _plan(request, pk, kind)
    version = plan.versions.filter(number=number).first()
    if version is None:
        raise Http404
    form = ReadForm(request.POST, number=number, action=request.path)
    made = save(
        request,
        form,
        lambda: actions.say_read(version=version, question=form.cleaned_data["question"], by=request.user),
    )
    if made is None and form.refused is None:
        return _show(request, plan, number, form)
    if made is None:
        messages.warning(request, f"{form.refused}.")
    else:
        messages.success(
            request, f"Noted: you have read version {number}. You can read it again at any time."
        )
    return redirect("care:kept", pk, kind)


@permission_required(Can.KEEP_SHARED_PLANS, GET_POST)
@keeps_typed
def kept_write(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """The first version, or the next one, which asks everybody to read it again."""
    of_kind = KINDS.get(kind)
    if of_kind is None:
        raise Http404
    student = get_visible_or_404(Student.objects.all(), request, permissions.keep_with(of_kind), pk=pk)
    if not permissions.keeps(request.user, of_kind, student):
        raise Http404
    before = PlanVersion.objects.filter(plan__student=student, plan__kind=kind, is_newest=True).first()
    given: dict[str, Any] = {"kind": of_kind, "before": before}
    form = VersionForm(posted(request), **given)
    made = save(
        request,
        form,
        lambda: actions.write_version(
            student=student,
            kind=of_kind,
            words=form.words(),
            why=form.cleaned_data["why"],
            review_by=form.cleaned_data["review_by"],
            seen=form.builds_on,
            by=request.user,
        ),
    )
    if made is not None:
        said = _saved(of_kind, made)
        messages.success(request, and_later(said, pk) if of_kind.home else said)
        return redirect("care:kept", pk, kind)
    if form.is_overtaken and not form.says_what_it_showed:
        form.retype(SEEN, form.fields[SEEN].initial)
    back = "care:kept" if before is not None else "care:kept_list"
    context = {
        "form": form,
        "kind": of_kind,
        "before": before,
        "back_url": reverse(back, args=[pk, kind] if before is not None else [pk]),
        **record_context(request, student, TAB),
    }
    return render(request, "care/plans/write.html", context, status=form.status)


def _saved(kind: PlanKind, made: PlanVersion) -> str:
    asked = len(actions.asked_about([made]))
    said = f"Version {made.number} of the {kind.name} is in force."
    if not asked:
        return said
    people = "One colleague is" if asked == 1 else f"{asked} colleagues are"
    return f"{said} {people} asked to read it."


def _ended(request: SchoolRequest, pk: int, kind: str) -> Over | None:
    plan = _plan(request, pk, kind)
    if plan.ended_on is None or not permissions.keeps(request.user, plan.of_kind, plan.student):
        return None
    return Over(plan.student, actions.ENDED, "See the plan", reverse("care:kept", args=[pk, kind]), TAB)


@permission_required(Can.KEEP_SHARED_PLANS, GET_POST)
@unless_over(_ended)
@keeps_typed
def kept_end(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """It is no longer needed: it stays to be read, and nobody is asked any more."""
    plan = _plan(request, pk, kind)
    if not permissions.keeps(request.user, plan.of_kind, plan.student):
        raise Http404
    form, ended = save_reason(
        request,
        lambda reason: actions.end_plan(plan=plan, why=reason, by=request.user),
        button="End the plan",
        missing="Say why it is no longer needed",
        beside="reason",
    )
    if ended:
        said = f"The {plan.of_kind.name} is no longer in force. It stays here to be read."
        messages.success(request, and_later(said, pk) if plan.of_kind.home else said)
        return redirect("care:kept", pk, kind)
    return record_form(
        request,
        plan.student,
        TAB,
        form,
        title=f"Is the {plan.of_kind.name} no longer needed?",
        page=f"End: {plan.of_kind.name}",
        back=reverse("care:kept", args=[pk, kind]),
        intro="Every version stays to be read. Nobody is asked to read it or to look at it again.",
        width="is-narrow",
        template="care/plans/end.html",
        kind=plan.of_kind,
    )


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def kept_home(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """The version in force, as parents and carers read it: only of a kind that says so."""
    rows = at_home.shared().select_related("plan__student", "written_by")
    version = get_visible_or_404(rows, request, Can.VIEW_FAMILY_HOME, plan__student=pk, plan__kind=kind)
    student = version.plan.student
    opened(request, student, "plan", detail=f"{version.plan.of_kind.name}, version {version.number}, at home")
    context = {"gentle": True, "student": student, "kind": version.plan.of_kind, "version": version}
    return render(request, "care/plans/home.html", context)

"""One entry: reading it with its versions, crossing it out, undoing it, approving it late, moving it to another student."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html

from enquiries.lines import lines_of
from keywork import clock, open_forms
from keywork.access import Can, allows
from keywork.audit import opened, opened_each
from keywork.dates import number_of_days
from keywork.editing import save, save_reason
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.numbers import number_in
from students.models import Student

from ..actions import entries as actions
from ..actions.entries import UNDO_REFUSED, approve_late, can_undo, may_change, void
from ..actions.moving import move
from ..agreeing import AgreedAction, answered_in
from ..dating import late_note
from ..follow_ups import actions as follow_ups
from ..forms.other import MoveForm
from ..history import versions
from ..models import HomeContact, KeyworkSession, MailFile
from ..models.entry import LogEntry
from ..timeline import Entry, entry_of
from . import entry_messages
from .places import asked_for, leave
from .write import keep_what_was_typed

MODELS: dict[str, type[LogEntry]] = {"contact": HomeContact, "session": KeyworkSession}
BEHIND = ("student", "made_by", "logged_by", "approved_by", "voided_by", "moved_from__voided_by")


def find_entry(request: SchoolRequest, can: Can, kind: str, pk: int) -> LogEntry:
    found = MODELS[kind].objects.readable_by(request.user).select_related(*BEHIND)
    return get_visible_or_404(found, request, can, pk=pk)


@permission_required(Can.VIEW_LOG, GET)
def detail(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    entry = find_entry(request, Can.VIEW_LOG, kind, pk)
    opened(request, entry.student, kind, str(entry.pk))
    policy = request.school.policy(entry.logged_on)
    may = may_change(request.user, entry) and allows(request.user, Can.LOG, entry.student)
    waiting = entry.needs_approval and entry.approved_on is None and entry.voided_on is None
    context: dict[str, Any] = {
        "entry": entry,
        "kind": kind,
        "shown": entry_of(entry, policy),
        "student": entry.student,
        "late": late_note(
            entry.logged_days_late,
            needs_approval=entry.needs_approval,
            approved=entry.approved_on is not None,
            late_log_days=policy.contact_late_log_days,
            changed=entry.changed_on is not None,
        ),
        "waiting": waiting,
        "may_change": may and entry.voided_on is None,
        "shows": entry.voided_on is None and allows(request.user, Can.SHARE_ITEM, entry.student),
        "may_approve": waiting and allows(request.user, Can.APPROVE_LATE, entry.student),
        "versions": versions(entry, request.user),
        "follow_ups": lines_of(follow_ups.about(entry), request.user),
        "same_call": _same_call(request, entry),
        "answered": _answered(request, entry),
        "makes_up_for": _block_name(request, entry),
        "moved_to": _moved_to(request, entry),
        "files": MailFile.objects.filter(mail__contact=entry.pk) if kind == "contact" else (),
    }
    return render(request, "contacts/entry.html", context)


def _same_call(request: SchoolRequest, entry: LogEntry) -> list[HomeContact]:
    """The other students' rows of the call, as far as this reader may open them (C15)."""
    if not isinstance(entry, HomeContact):
        return []
    rows = HomeContact.objects.readable_by(request.user).filter(call=entry.call).exclude(pk=entry.pk)
    return list(rows.select_related("student"))


def _answered(request: SchoolRequest, entry: LogEntry) -> list[AgreedAction]:
    """How what was agreed before went, as said in this session; each session whose words are read leaves its row."""
    lines = answered_in(entry, request.user) if isinstance(entry, KeyworkSession) else []
    for session in dict.fromkeys(line.session for line in lines):
        opened(request, entry.student, "session", str(session))
    return lines


def _moved_to(request: SchoolRequest, entry: LogEntry) -> LogEntry | None:
    """Where a crossed-out entry stands now, for who may read it there."""
    if entry.voided_on is None:
        return None
    readable: Any = type(entry).objects.readable_by(request.user)
    return readable.filter(moved_from=entry).select_related("student").first()


def _block_name(request: SchoolRequest, entry: LogEntry) -> str:
    slug = getattr(entry, "catch_up_for", "")
    if not slug:
        return ""
    return next((b.name for b in request.school.calendar.blocks if b.id == slug), slug)


@permission_required(Can.LOG)
def void_entry(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """Cross out with a reason: a dialog on the entry's page with script, this page without."""
    entry = find_entry(request, Can.LOG, kind, pk)
    return _not_to_change(request, entry) or _with_reason(
        request,
        entry,
        void,
        title=f"Cross out this {kind}?",
        text="It stays on the timeline, crossed through, with your reason. "
        f"{entry.student.known_as}’s dates are worked out again.",
        button=f"Cross out this {kind}",
        missing="Say why it is crossed out",
        said=f"{kind.capitalize()} crossed out. It stays on the timeline and counts no more.",
        back=entry_messages.entry_url(entry),
    )


def _not_to_change(request: SchoolRequest, entry: LogEntry) -> HttpResponse | None:
    """The page that says why not, where it is another's or crossed out."""
    if not may_change(request.user, entry):
        return entry_messages.refused(request, entry, entry_messages.not_yours(entry), status=403)
    if entry.voided_on is not None:
        return entry_messages.refused(request, entry, "This entry has already been crossed out", status=409)
    return None


def _with_reason(
    request: SchoolRequest,
    entry: LogEntry,
    act: Callable[..., None],
    *,
    button: str,
    missing: str,
    said: str,
    back: str,
    **context: Any,
) -> HttpResponse:
    """Asks why; then `act` is done, `said` is said, and `back` is where it leads."""
    form, done = save_reason(
        request,
        lambda reason: act(by=request.user, entry=entry, reason=reason),
        label="Reason",
        button=button,
        missing=missing,
        back=("Go back", "back"),
    )
    if done is not None:
        messages.success(request, said)
        return leave(request, back)
    if form.refused is not None:
        return entry_messages.refused(request, entry, str(form.refused), status=409)
    context |= {"form": form, "entry": entry, "student": entry.student, "back": back}
    return render(request, "contacts/reason.html", context, status=form.status)


@permission_required(Can.LOG)
def undo(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """Take back what was saved a moment ago: one press with script, one page and a press without."""
    entry = find_entry(request, Can.LOG, kind, pk)
    back = asked_for(request, "next") or reverse("students:record", args=[entry.student_id])
    if not can_undo(request.user, entry):
        status = 409 if may_change(request.user, entry) else 403
        return entry_messages.refused(request, entry, UNDO_REFUSED, status=status)
    if request.method == "POST":
        with transaction.atomic():
            count = actions.undo(by=request.user, entry=entry)
            form_url = keep_what_was_typed(request, entry)
        rows = kind.capitalize() if count == 1 else f"{count} {kind}s"
        again = (
            f"You sent this {kind} before, and then undid it: it is not saved. Log it anew if it did happen."
        )
        open_forms.undone(entry.made_by_id, reverse(f"contacts:undo_{kind}", args=[entry.pk]), again)
        said = format_html(
            "{} undone. It stays on the timeline, crossed through, and counts no more. "
            'What you wrote <a href="{}">stands in the form again</a>.',
            rows,
            form_url,
        )
        messages.success(request, said)
        return leave(request, back)
    context = {"entry": entry, "student": entry.student, "back": back, "kind": kind}
    return render(request, "contacts/undo.html", context)


@permission_required(Can.APPROVE_LATE)
def approve(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """Let an entry written down past the limit count, with a reason (C10)."""
    entry = find_entry(request, Can.APPROVE_LATE, kind, pk)
    if not entry.needs_approval or entry.approved_on is not None or entry.voided_on is not None:
        return entry_messages.refused(request, entry, "This entry is not waiting for approval", status=409)
    return _with_reason(
        request,
        entry,
        approve_late,
        title=f"Let this {kind} count?",
        text=f"It happened {number_of_days(entry.logged_days_late)} before it was "
        f"{'changed to this' if entry.changed_on else 'written down'}. "
        "Reports already issued are not rewritten.",
        button="Let it count",
        missing="Say why it should count",
        said=f"Approved. {entry.student.known_as}’s dates are worked out again from today.",
        back=reverse("contacts:approvals"),
        shown=[entry_of(entry, request.school.policy(entry.logged_on))],
    )


class Waiting(NamedTuple):
    row: LogEntry
    shown: Entry
    url: str


@permission_required(Can.APPROVE_LATE, GET)
def approvals(request: SchoolRequest) -> HttpResponse:
    policy = request.school.policy(request.school.went_live_on)
    waiting = [
        Waiting(row, entry_of(row, policy), reverse(f"contacts:{url}", args=[row.pk]))
        for model, url in ((HomeContact, "approve"), (KeyworkSession, "approve_session"))
        for row in model.objects.readable_by(request.user)
        .visible_to(request.user, Can.APPROVE_LATE)
        .filter(needs_approval=True, approved_on__isnull=True, voided_on__isnull=True)
        .select_related("student", "made_by")
        .order_by("logged_at")
    ]
    waiting.sort(key=lambda item: item.row.logged_at)
    opened_each(request, {item.row.student_id for item in waiting}, "entries to approve")
    return render(request, "contacts/approvals.html", {"waiting": waiting})


@permission_required(Can.LOG)
def move_entry(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """By whoever may change the entry, to a student they may log for; both steps work without script."""
    entry = find_entry(request, Can.LOG, kind, pk)
    if (refused := _not_to_change(request, entry)) is not None:
        return refused
    opened(request, entry.student, kind, str(entry.pk))
    students = (
        Student.objects.visible_to(request.user, Can.LOG)
        .on_roll(clock.today())
        .exclude(pk=entry.student_id)
        .order_by("in_order", "pk")
    )
    posting = request.method == "POST"
    asked = (request.POST if posting else request.GET).get("to", "")
    to = students.filter(pk=number_in(asked)).first()
    form, status = None, 200
    if to is None:
        status = 422 if posting or asked else 200
    else:
        form = MoveForm(request.POST if posting else None, entry=entry, student=to)
        moved = save(request, form, lambda: move(by=request.user, entry=entry, student=to, **form.told()))
        if moved is not None:
            messages.success(
                request,
                f"{kind.capitalize()} moved to {to.name}’s record. In {entry.student.known_as}’s it is crossed out.",
            )
            return leave(request, entry_messages.entry_url(moved))
        status = form.status
    context = {
        "form": form,
        "entry": entry,
        "kind": kind,
        "student": entry.student,
        "to": to,
        "students": list(students.only("pk", "known_as", "surname", "nc_year")) if to is None else [],
        "none_chosen": status == 422 and to is None,
        "shown": [entry_of(entry, request.school.policy(entry.logged_on))],
        "back": entry_messages.entry_url(entry),
    }
    return render(request, "contacts/move.html", context, status=status)

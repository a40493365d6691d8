"""The documents of a record: the list, one of them, its file, filing one, and crossing one out."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import Can, allows
from keywork.audit import opened
from keywork.editing import save, save_reason
from keywork.finding import containing
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, stored
from keywork.levels import no_wider
from keywork.names import ended
from keywork.numbers import number_in
from keywork.opened_by import levels_of
from students.models import Student
from students.record import record_context, record_form

from ..earliest import since_birth
from ..models import Meeting
from ..models.meeting import readable_levels
from ..over import Over, unless_over
from . import actions
from .forms import DocumentForm
from .models import FiledDocument
from .timeline import SEARCHED

TAB = "plans"
A_PAGE = 30


@permission_required(Can.VIEW_LOG, GET)
def documents(request: SchoolRequest, pk: int) -> HttpResponse:
    """What was filed, newest first; of a kind, or with some words."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_LOG, pk=pk)
    opened(request, student, "documents")
    search, kind = request.GET.get("q", "").strip()[:100].replace("\x00", ""), request.GET.get("kind", "")
    rows = FiledDocument.objects.readable_by(request.user).filter(student=student).defer("text")
    if search:
        rows = rows.filter(containing(SEARCHED, search))
    if kind in FiledDocument.Kind.values:
        rows = rows.filter(kind=kind)
    context = {
        "page": Paginator(rows.select_related("filed_by"), A_PAGE).get_page(request.GET.get("page")),
        "kinds": FiledDocument.Kind.choices,
        "kind": kind,
        "search": search,
        "files": allows(request.user, Can.LOG, student),
    }
    return render(request, "care/documents/list.html", context | record_context(request, student, TAB))


@permission_required(Can.LOG, GET_POST)
@keeps_typed
def document_add(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.LOG, pk=pk)
    meeting = _meeting(request, student)
    levels = levels_of(request.user, student, Can.VIEW_LOG)
    if meeting is not None:
        levels = [one for one in levels if one in no_wider(meeting.level)]
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = since_birth(DocumentForm(*given, offered=levels), student)
    made = save(
        request,
        form,
        lambda: actions.file_document(
            student=student,
            fields=form.facts(),
            upload=form.cleaned_data["file"],
            meeting=meeting,
            by=request.user,
        ),
    )
    if made is not None:
        messages.success(request, f"“{made.title}” is filed.")
        if meeting is not None:
            return redirect("care:meeting", pk, meeting.pk)
        return redirect("care:document", pk, made.pk)
    back, intro = reverse("care:documents", args=[pk]), ""
    if meeting is not None:
        back = reverse("care:meeting", args=[pk, meeting.pk])
        intro = (
            f"It stands with the meeting: {ended(meeting.in_words)} No more people read it than read that."
        )
    title = "File a document"
    return record_form(request, student, TAB, form, title=title, page=title, back=back, intro=intro)


def _meeting(request: SchoolRequest, student: Student) -> Meeting | None:
    """The meeting it is filed with, from whose page one comes: one that is read by its level."""
    asked = request.GET.get("meeting")
    if asked is None:
        return None
    rows = Meeting.objects.filter(
        student=student, voided_at=None, level__in=readable_levels(request.user, student)
    )
    number = number_in(asked, digits=18)
    row = rows.filter(pk=number).first() if number is not None else None
    if row is None:
        raise Http404
    return row


def _find(request: SchoolRequest, pk: int, document_id: int, can: Can = Can.VIEW_LOG) -> FiledDocument:
    rows = FiledDocument.objects.readable_by(request.user).select_related(
        "student", "filed_by", "voided_by", "meeting"
    )
    found: FiledDocument = get_visible_or_404(rows.defer("text"), request, can, student=pk, pk=document_id)
    return found


@permission_required(Can.VIEW_LOG, GET)
def document(request: SchoolRequest, pk: int, document_id: int) -> HttpResponse:
    row = _find(request, pk, document_id)
    opened(request, row.student, "document", detail=row.title)
    context = {
        "document": row,
        "reads_meeting": row.meeting_id is not None
        and Meeting.objects.readable_by(request.user).filter(pk=row.meeting_id).exists(),
        "files": allows(request.user, Can.LOG, row.student),
        "shows": allows(request.user, Can.SHARE_ITEM, row.student),
    }
    return render(
        request, "care/documents/document.html", context | record_context(request, row.student, TAB)
    )


@permission_required(Can.VIEW_LOG, GET)
def document_file(request: SchoolRequest, pk: int, document_id: int) -> HttpResponseBase:
    """Opening it is recorded."""
    row = _find(request, pk, document_id)
    if row.voided_at is not None:
        raise Http404
    answer = stored(row.file, row.content_type, f"document-{row.pk}", to_keep=True)
    opened(request, row.student, "document", detail=f"file of {row.title}")
    return answer


def _crossed_out(request: SchoolRequest, pk: int, document_id: int) -> Over | None:
    row = _find(request, pk, document_id, Can.LOG)
    url = reverse("care:document", args=[pk, document_id])
    return Over(row.student, actions.CROSSED_OUT, "See the document", url, TAB) if row.voided_at else None


@permission_required(Can.LOG, GET_POST)
@unless_over(_crossed_out)
@keeps_typed
def document_void(request: SchoolRequest, pk: int, document_id: int) -> HttpResponse:
    """It was filed wrongly: it stays crossed out, and its file is no longer given out."""
    row = _find(request, pk, document_id, Can.LOG)
    form, done = save_reason(
        request,
        lambda reason: actions.void_document(document=row, reason=reason, by=request.user),
        button="Cross it out",
        missing="Say why it is crossed out",
        beside="reason",
    )
    if done:
        messages.success(request, "Crossed out. It stays on the record, without its file.")
        return redirect("care:document", pk, document_id)
    return record_form(
        request,
        row.student,
        TAB,
        form,
        title="Cross this document out?",
        page="Cross out a document",
        back=reverse("care:document", args=[pk, document_id]),
        intro=f"{ended(row.title)} It stays on the record, crossed out; its file is no longer given out.",
        width="is-narrow",
    )

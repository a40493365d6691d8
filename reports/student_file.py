"""A student's whole file: all rows about them as JSON, all documents, and their log to be read, in one archive.

For a request to see what is held (UK GDPR, article 15), for a student who moves to another school, for a court. Which
models are about a student is told by the way their querysets know to one (keywork.scoped), or by FURTHER. Left out is
that a student did not feel safe, which may be kept from whoever takes the file out, what was moved to another's
record, and another student of whom a colleague was asked (care.PartAsked).

What the student wrote when asking for another keyworker was for the Head alone. It is in where the student, or a court,
asked for the file, and who takes it out is none of the student's keyworkers: in a file of its own, to be left behind.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import messages
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.crypto import get_random_string

from contacts.models.entry import LogEntry
from keywork import clock
from keywork.access import Can
from keywork.audit import WORRY, exported, opened
from keywork.editing import save
from keywork.forms import KeyworkForm
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted, stored
from keywork.models import Assignment, Draft, RecordOpening, User
from keywork.scoped import ScopedQuerySet
from keywork.words import worded
from outbox import actions as outbox
from outbox.models import Job
from safety.models import Worry
from students.models import ChangeRequest, FamilyLink, FamilyMember, Student
from students.record import record_page

from . import contact_log, rendering
from .files import file_name
from .models import Recipient, StudentFile

Rows = tuple[type[models.Model], list[Any]]  # a model, and its rows of one student

MAKE = "reports.student_file"
KEPT_DAYS = 7
SHOWN = 20  # on the page where one is asked for
# Of a record, but nothing about anybody: keys of links, and what the program sorts and finds by.
LEFT_OUT = frozenset(
    {"link_seed", "link_digest", "code_digest", "in_order", "found_by", "not_safe", "not_safe_at"}
    | {"whom", "answer_id"}  # of another's record
)
WITHOUT: frozenset[type[models.Model]] = frozenset({StudentFile, Worry, Draft, ChangeRequest})
REQUESTS = "asked-for-another-keyworker.json"
# Models that lead to a student in another way than by a queryset's own, and how.
FURTHER: dict[type[models.Model], str] = {Assignment: "student", Recipient: "report__student"}


def may_hold_requests(user: User, student: Student) -> bool:
    """Whether this person may have what the student wrote when asking for another keyworker: never one of those."""
    theirs = Assignment.objects.filter(student=student, user=user)
    return not theirs.filter(kind__in=(Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY)).exists()


@transaction.atomic
def order_file(*, student: Student, reason: str, by: User, with_requests: bool = False) -> StudentFile:
    """Have it made by the worker. `by` is whoever reads it: it holds what they may read, and the log says why."""
    row = StudentFile.objects.create(
        student=student,
        reason=reason,
        with_requests=with_requests and may_hold_requests(by, student),
        ordered_by=by,
        ordered_at=clock.now(),
    )
    outbox.do(MAKE, key=str(row.pk), file=row.pk)
    return row


def make_file(row: StudentFile) -> None:
    """Make the archive, once."""
    if row.made_at is not None:
        return
    content = archive(row)
    row.archive.save(f"{get_random_string(32)}.zip", ContentFile(content), save=False)
    row.sha256, row.made_at = hashlib.sha256(content).hexdigest(), clock.now()
    row.save(update_fields=["archive", "sha256", "made_at"])


def clear_old() -> int:
    """Delete archives older than KEPT_DAYS; how many."""
    old = StudentFile.objects.filter(made_at__lt=clock.now() - timedelta(days=KEPT_DAYS), deleted_at=None)
    for row in old:
        row.archive.delete(save=False)
        row.deleted_at = clock.now()
        row.save(update_fields=["archive", "deleted_at"])
    return len(old)


def archive(row: StudentFile) -> bytes:
    """The archive: `student.json`, `log.pdf`, `documents/`, and `contents.txt` with the digest of each."""
    found = list(about(row.student))
    parts = {"student.json": _json(row, found), "log.pdf": rendering.pdf(log_page(row)).content}
    if row.with_requests:
        requests = list(ChangeRequest.objects.filter(student=row.student).order_by("pk"))
        parts[REQUESTS] = _json(row, [(ChangeRequest, requests)])
    missing = []
    for name, file in documents(found):
        try:
            with file.open("rb") as opened:
                parts[name] = opened.read()
        except OSError:
            missing.append(name)
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in sorted(parts.items())]
    lines += [f"The file of {name} is lost." for name in missing]
    parts["contents.txt"] = "\n".join([*lines, ""]).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in sorted(parts.items()):
            made.writestr(name, content)
    return out.getvalue()


def _json(row: StudentFile, found: Iterable[Rows]) -> bytes:
    whole = {"made_at": clock.now(), "reason": row.reason, "records": records(found)}
    return json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode()


def log_page(row: StudentFile) -> str:
    """The log as the person who asked may read it, with what was crossed out."""
    return rendering.page(
        contact_log.TEMPLATE, contact_log.context(row.student, row.ordered_by, None, None, whole=True)
    )


def about(student: Student) -> Iterator[Rows]:
    """Each model of a student with the rows of this one, by the way its queryset knows."""
    for model in apps.get_models():
        rows = model._default_manager.all()
        if model in WITHOUT or not isinstance(rows, ScopedQuerySet):
            continue
        rows = rows.filter(**{rows.student_path: student.pk})
        if issubclass(model, LogEntry):
            rows = rows.filter(moved_to__isnull=True)
        yield model, list(rows.order_by("pk"))
    for model, path in FURTHER.items():
        yield model, list(model._default_manager.filter(**{path: student}).order_by("pk"))
    members = FamilyLink.objects.filter(student=student).values("member")
    yield FamilyMember, list(FamilyMember.objects.filter(pk__in=members).order_by("pk"))
    openings = RecordOpening.objects.filter(student_id=student.pk).exclude(what=WORRY)
    yield RecordOpening, list(openings.order_by("pk"))


def records(about: Iterable[Rows]) -> dict[str, Any]:
    """By model, in words: its rows, and the earlier versions of those that changed."""
    people = dict(User.objects.values_list("pk", "name"))
    found = {}
    for model, rows in about:
        if not rows:
            continue
        kind: dict[str, Any] = {"about": str(model._meta.verbose_name), "rows": _in_columns(rows, people)}
        history = getattr(model, "pgh_event_model", None)
        if history is not None:
            before = history._default_manager.filter(
                pgh_obj_id__in=[row.pk for row in rows], pgh_label="update"
            )
            if versions := list(before.order_by("pgh_id")):
                kind["versions"] = _in_columns(versions, people)
        found[model._meta.label_lower] = kind
    return found


def documents(about: Iterable[Rows]) -> Iterator[tuple[str, FieldFile]]:
    """The name in the archive and the file of each document."""
    for model, rows in about:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                for row in rows:
                    file = getattr(row, field.attname)
                    if file:
                        ending = file.name.rpartition(".")[2]
                        yield f"documents/{model._meta.model_name}-{row.pk}.{ending}", file


def _in_columns(rows: Iterable[Any], people: dict[int, str]) -> list[dict[str, Any]]:
    return [
        {
            field.name: _value(row, field, people)
            for field in row._meta.concrete_fields
            if field.name not in LEFT_OUT and not field.name.startswith("pgh_context")
        }
        for row in rows
    ]


def _value(row: Any, field: Any, people: dict[int, str]) -> Any:
    value = getattr(row, field.attname)
    if isinstance(field, models.FileField):
        return value.name or ""
    if value is None:
        return None
    if field.remote_field is not None and field.related_model is User:
        return people.get(value, "")
    return value


class ReasonForm(KeyworkForm):
    reason = forms.CharField(
        label="Why it is taken out",
        max_length=200,
        help_text="Who asked for it and when. It is kept with the list of who opened the record.",
    )
    with_requests = forms.BooleanField(required=False)
    missing = {"reason": "Say why it is taken out"}
    button = "Make the file"

    def __init__(self, *args: Any, student: Student, may_hold_requests: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, name = self.fields["with_requests"], student.known_as
        field.label = worded("Put in what {name} wrote when asking for another keyworker").format(name=name)
        field.help_text = worded(
            "Only where {name} asked for the file, or a court did. {name} chose who reads it: it goes to nobody at home, to"
            " no keyworker and to no other school."
        ).format(name=name)
        if not may_hold_requests:
            del self.fields["with_requests"]


@permission_required(Can.TAKE_OUT_FILE, GET_POST)
def student_file(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.TAKE_OUT_FILE, pk=pk)
    may_hold = may_hold_requests(request.user, student)
    form = ReasonForm(posted(request), student=student, may_hold_requests=may_hold)
    made = save(
        request,
        form,
        lambda: order_file(student=student, by=request.user, **form.cleaned_data),
    )
    if made is not None:
        opened(request, student, "whole file asked for", reason=made.reason)
        messages.success(request, "It is being made. That can take a minute.")
        return redirect("reports:student_file", pk=pk)
    rows = list(StudentFile.objects.filter(student=student).select_related("ordered_by")[:SHOWN])
    jobs = outbox.latest_of(MAKE, [row.pk for row in rows if row.made_at is None])
    context: dict[str, Any] = {
        "form": form,
        "may_hold": may_hold,
        "rows": [
            (row, _failed(jobs.get(str(row.pk))), row.is_whole() and (may_hold or not row.with_requests))
            for row in rows
        ],
        "kept_days": KEPT_DAYS,
        "waits": any(row.made_at is None and not _failed(jobs.get(str(row.pk))) for row in rows),
    }
    return record_page(request, student, "reports", "reports/student_file.html", context, form.status)


def _failed(job: Job | None) -> str:
    return job.error if job is not None and job.state in (Job.State.FAILED, Job.State.GIVEN_UP) else ""


@permission_required(Can.TAKE_OUT_FILE, GET)
def download(request: SchoolRequest, pk: int) -> HttpResponseBase:
    """The archive, to whoever may take such a file out; each time leaves a row."""
    row = get_visible_or_404(StudentFile.objects.select_related("student"), request, Can.TAKE_OUT_FILE, pk=pk)
    if not row.is_whole() or (row.with_requests and not may_hold_requests(request.user, row.student)):
        raise Http404
    exported(request, [row.student_id], "whole file")
    return stored(row.archive, "application/zip", file_name(row.student, "whole-file"), to_keep=True)

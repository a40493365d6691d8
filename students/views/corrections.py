"""Where the core team corrects what they ring with: a family's number, and what to read first. What stood is kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import EditForm, save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted

from ..actions.family import edit_link
from ..actions.students import edit_student
from ..corrections import what_stood
from ..forms.corrections import NumberForm, ReadFirstForm
from ..models import FamilyLink, Student
from ..record import record_context


@permission_required(Can.CORRECT_DETAILS, GET_POST)
@keeps_typed
def read_first(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.CORRECT_DETAILS, pk=pk)
    form = ReadFirstForm(posted(request), student=student)
    saved = save(
        request,
        form,
        lambda: edit_student(
            student=student,
            fields={"read_first": form.cleaned_data["read_first"].strip()},
            version=student.version,
            by=request.user,
        ),
    )
    if saved is not None:
        messages.success(request, "Saved. What stood there before is kept.")
        return redirect("students:people", pk=pk)
    opened(request, student, "details")
    return _page(request, student, form, "Read first", what_stood(student, ["read_first"]))


@permission_required(Can.CORRECT_DETAILS, GET_POST)
def number(request: SchoolRequest, pk: int, link_id: int) -> HttpResponse:
    """Of somebody who may be contacted: the number of a restricted person is nobody's to read here."""
    links = FamilyLink.objects.filter(ended_on__isnull=True).unrestricted(clock.today())
    links = links.select_related("member", "student").defer("court_restriction")
    link = get_visible_or_404(links, request, Can.CORRECT_DETAILS, student=pk, pk=link_id)
    form = NumberForm(posted(request), link=link)
    saved = save(
        request,
        form,
        lambda: edit_link(
            link=link,
            fields={name: form.cleaned_data[name].strip() for name in ("mobile", "phone", "best_time")},
            link_version=link.version,
            member_version=link.member.version,
            by=request.user,
        ),
    )
    if saved is not None:
        messages.success(request, f"{link.member.name}’s number is saved. The one before is kept.")
        return redirect("students:people", pk=pk)
    opened(request, link.student, "family", detail=link.member.name)
    stood = what_stood(link.member, ["mobile", "phone"])
    return _page(request, link.student, form, f"How to ring {link.member.name}", stood)


def _page(
    request: SchoolRequest, student: Student, form: EditForm, title: str, stood: list[Any]
) -> HttpResponse:
    context = {
        **record_context(request, student, "people"),
        "form": form,
        "title": title,
        "stood": stood,
        "back_url": reverse("students:people", args=[student.pk]),
    }
    return render(request, "students/correct.html", context, status=form.status)

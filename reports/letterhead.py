"""The school's name, logo, colour and standing words, on everything it prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string

from keywork.access import Can
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, permission_required
from keywork.http import SchoolRequest, posted, stored
from keywork.models import School
from keywork.pictures import content_type_of
from outbox import actions as outbox
from students.actions.students import save_fields

from .forms import LetterheadForm
from .models import Letterhead


@permission_required(Can.KEEP_LETTERHEAD, GET_POST)
@keeps_typed
def letterhead(request: SchoolRequest) -> HttpResponse:
    """Change them. What was printed before stays as it is."""
    stands = Letterhead.now()
    files = request.FILES if request.method == "POST" else None
    form = LetterheadForm(posted(request), files, letterhead=stands, name=request.school.name)
    saved = save(request, form, lambda: edit_letterhead(given=form.details(), version=stands.version))
    if saved is not None:
        messages.success(request, "Saved. It stands on what is printed from now on.")
        return redirect("reports:letterhead")
    context = {"form": form, "letterhead": stands, "back_url": reverse("portal:home")}
    return render(request, "reports/letterhead.html", context, status=form.status)


@permission_required(Can.KEEP_LETTERHEAD, GET)
def logo(request: SchoolRequest) -> HttpResponseBase:
    file = Letterhead.now().logo
    return stored(file, content_type_of(str(file.name)), "logo")


@transaction.atomic
def edit_letterhead(*, given: Mapping[str, Any], version: int) -> Letterhead:
    """Save the fields of LetterheadForm. Raises ChangedMeanwhile if they were saved since `version`."""
    Letterhead.objects.get_or_create(pk=1)
    row = Letterhead.objects.select_for_update().get(pk=1)
    fields = {name: given[name] for name in ("address", "colour", "opening", "closing")}
    changed = save_fields(row, fields, version)
    if School.objects.exclude(name=given["name"]).update(name=given["name"]) and not changed:
        row.version += 1  # its history says who changed the name
        row.save(update_fields=["version"])
    if given["logo"] is not None or given.get("remove_logo"):
        _set_logo(row, given["logo"])
    return row


@transaction.atomic
def set_logo(*, picture: UploadedFile) -> None:
    """Of a school that is being set up: as LogoField gives it."""
    Letterhead.objects.get_or_create(pk=1)
    _set_logo(Letterhead.objects.select_for_update().get(pk=1), picture)


def _set_logo(row: Letterhead, picture: UploadedFile | None) -> None:
    """Keep the new picture; the old one is deleted once that is sure."""
    old = row.logo.name
    if picture is not None:
        row.logo.save(f"{get_random_string(24)}.{str(picture.name).rpartition('.')[2]}", picture, save=False)
    else:
        row.logo = ""
    row.version += 1
    row.save(update_fields=["logo", "version"])
    if old:
        outbox.do("students.delete_file", name=old)

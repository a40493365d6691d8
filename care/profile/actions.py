"""Giving a student something, saying how it goes, and telling what one tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from keywork import clock
from keywork.errors import Refused
from keywork.models import User
from students.actions.students import save_fields
from students.models import Student

from .models import Resource, Tried


@transaction.atomic
def give(*, student: Student, fields: Mapping[str, Any], by: User) -> Resource:
    return Resource.objects.create(student=student, by=by, at=clock.now(), **fields)


@transaction.atomic
def change(*, resource: Resource, fields: Mapping[str, Any], version: int, by: User) -> Resource:
    """How it goes, or that it is not in use any more. Raises ChangedMeanwhile."""
    row = Resource.objects.select_for_update(of=("self",)).get(pk=resource.pk)
    save_fields(row, fields, version)
    return row


@transaction.atomic
def tell_tried(*, student: Student, what: str, happened: str, helped: str, on: date, by: User) -> Tried:
    return Tried.objects.create(
        student=student, what=what, happened=happened, helped=helped, on=on, by=by, at=clock.now()
    )


@transaction.atomic
def void_tried(*, tried: Tried, reason: str, by: User) -> None:
    """It was wrong, or about another student. Raises Refused."""
    row = Tried.objects.select_for_update(of=("self",)).get(pk=tried.pk)
    if row.voided_at is not None:
        raise Refused("This has been crossed out already")
    row.voided_at, row.voided_by, row.void_reason = clock.now(), by, reason.strip()
    row.save(update_fields=["voided_at", "voided_by", "void_reason"])

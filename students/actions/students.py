"""Adding a student, changing their details, recording that they leave and that they were away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.crypto import get_random_string

from keywork import clock
from keywork.actions.assignments import end_all, take_back_end
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from outbox import actions as outbox

from ..models import Absence, EarlierStay, Student
from ..stays import Stay


def save_fields(row: Any, fields: Mapping[str, Any], version: int) -> list[str]:
    """Save what differs and count the version up; returns the names. The row must be locked by the caller."""
    if row.version != version:
        raise ChangedMeanwhile(row)
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, fields[name])
        row.version += 1
        row.save(update_fields=[*changed, "version"])
    return changed


@transaction.atomic
def add_student(*, fields: Mapping[str, Any], photo: UploadedFile | None = None, by: User) -> Student:
    student = Student.objects.create(**{"known_from": clock.today(), **fields})
    if photo is not None:
        _set_photo(student, photo)
    if student.left_on:
        end_all(student=student, ends_on=student.left_on, by=by)
    student.refresh_from_db(fields=["known_as", "surname"])
    return student


@transaction.atomic
def edit_student(
    *,
    student: Student,
    fields: Mapping[str, Any],
    version: int,
    photo: UploadedFile | None = None,
    remove_photo: bool = False,
    earlier_stays: Sequence[Stay] | None = None,
    by: User,
) -> Student:
    """Change a student's details. Raises ChangedMeanwhile if they were saved since `version`.

    A last day on roll ends the assignments that would go beyond it. `earlier_stays` are all of those before the
    latest, as they are now; None: as they were.
    """
    row = Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    was, before = row.left_on, row.stays[:-1]
    moved = earlier_stays is not None and sorted(earlier_stays) != before
    if moved:  # out of the way of the latest, which may move as well
        row.earlier_stays.all().delete()
    changed = save_fields(row, fields, version)
    if moved:
        EarlierStay.objects.bulk_create(
            EarlierStay(student=row, **one._asdict()) for one in earlier_stays or ()
        )
        if not changed:
            row.version += 1
            row.save(update_fields=["version"])
    if photo is not None or remove_photo:
        _set_photo(row, photo)
    if "left_on" in changed:
        move_last_day(row, was, by=by)
    row.refresh_from_db()
    return row


def move_last_day(student: Student, was: date | None, *, by: User | None) -> None:
    """The student's last day on roll is another than it `was`: assignments end with it.

    What was to end with an earlier last day that is still to come goes on to the new one. A last day that is past
    has ended things for good: who comes back is assigned anew.
    """
    if was is not None and was >= clock.today():
        take_back_end(student=student, ends_on=was)
    if student.left_on is not None:
        end_all(student=student, ends_on=student.left_on, by=by)


@transaction.atomic
def come_back(*, student: Student, joined_on: date, version: int, by: User) -> Student:
    """The student is on roll again from `joined_on`: a new stay. The one that ended stays as it was, and so does all
    that ended with it: who comes back is assigned anew, and no account or relation opens again.

    Raises Refused unless their last day is past and before the new first; ChangedMeanwhile if they were saved since.
    """
    row = Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    if row.left_on is None or row.left_on >= clock.today() or row.left_on >= joined_on:
        raise Refused(
            "They are on roll already, or their last day is another by now: look at the record again"
        )
    ended = EarlierStay(student=row, joined_on=row.joined_on, left_on=row.left_on)
    save_fields(row, {"joined_on": joined_on, "left_on": None}, version)
    ended.save()
    return row


@transaction.atomic
def record_leaving(*, student: Student, last_day: date, by: User | None) -> Student:
    """The student leaves: `last_day` is their last on roll, and assignments end with it."""
    row = Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    was = row.left_on
    save_fields(row, {"left_on": last_day}, row.version)
    move_last_day(row, was, by=by)
    return row


def _set_photo(student: Student, photo: UploadedFile | None) -> None:
    """Keep the new picture under a name that says nothing; the old one is deleted once that is sure."""
    old = student.photo.name
    if photo is not None:
        ending = "png" if photo.content_type == "image/png" else "jpg"
        student.photo.save(f"{get_random_string(24)}.{ending}", photo, save=False)
    else:
        student.photo = ""
    student.save(update_fields=["photo"])
    if old:
        outbox.do("students.delete_file", name=old)


@transaction.atomic
def record_absence(*, student: Student, starts_on: date, ends_on: date, by: User, note: str = "") -> Absence:
    """Keep that the student was away on these full days, both included.

    Raises Refused when the days are out of order, before the student came or after they left, or when
    the same days are there already.
    """
    Student.objects.select_for_update().only("pk").get(pk=student.pk)
    if ends_on < starts_on:
        raise Refused("Choose a last day that is on or after the first", "ends_on")
    stay = student.stay_on(starts_on)
    if starts_on < stay.joined_on:
        raise Refused(
            f"{student.known_as} came on {stay.joined_on:%-d %B %Y}. Choose that day or later", "starts_on"
        )
    if stay.left_on is not None and ends_on > stay.left_on:
        raise Refused(
            f"{student.known_as} left on {stay.left_on:%-d %B %Y}. Choose that day or earlier", "ends_on"
        )
    if Absence.objects.filter(student=student, starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise Refused("Some of these days are in the list already. Remove that line first", "starts_on")
    return Absence.objects.create(
        student=student, starts_on=starts_on, ends_on=ends_on, note=note.strip(), recorded_by=by
    )


@transaction.atomic
def remove_absence(*, absence: Absence, by: User) -> None:
    """Take back an absence that was not one. The row's history keeps who did it and when."""
    absence.delete()

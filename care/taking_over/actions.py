"""What a new keyworker has to read, and that they have."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse

from keywork import clock
from keywork.dates import day_in_full
from keywork.errors import NotWhole, Refused
from keywork.models import Assignment, User
from students.actions.keyworker import note_read
from students.models import HandOverNote, Student

from ..models.ehc_plan import EhcPlan
from ..plans import actions as plans
from ..plans.models import PlanVersion
from .models import TakingOver


class ToRead(NamedTuple):
    """One thing: its `key` stands for this version of it."""

    key: str
    words: str
    url: str


def to_read(student: Student, reader: User, today: date) -> list[ToRead]:
    """What stands there now for the keyworker; three queries."""
    found = []
    plan = EhcPlan.objects.current().filter(student=student).first()
    if plan is not None:
        words = f"{plan.kind.name}, version {plan.number}, issued {day_in_full(plan.issued_on, today)}"
        found.append(ToRead(f"ehc-{plan.pk}", words, reverse("care:plan", args=[student.pk])))
    kept = PlanVersion.objects.readable_by(reader).newest().filter(plan__student=student)
    for version in sorted(kept.select_related("plan"), key=lambda one: str(one.plan.of_kind.name)):
        written_on = day_in_full(version.written_on, today)
        words = f"{version.plan.of_kind.name}, version {version.number}, {written_on}"
        url = reverse("care:kept", args=[student.pk, version.plan.kind])
        found.append(ToRead(f"plan-{version.pk}", words, url))
    for note in _notes(student, reader):
        words = f"Hand-over note of {note.written_by.name}"
        found.append(ToRead(f"note-{note.pk}", words, reverse("students:hand_over", args=[student.pk])))
    return found


def _notes(student: Student, reader: User) -> list[HandOverNote]:
    notes = HandOverNote.objects.filter(student=student).unread_by(reader.pk)
    return list(notes.select_related("written_by").order_by("written_at"))


def post_of(student: Student, user: User, today: date) -> Assignment | None:
    """Their post as keyworker of today, if they hold it."""
    post: Assignment | None = Assignment.objects.keyworkers(today).filter(student=student, user=user).first()
    return post


@transaction.atomic
def take_over(*, student: Student, read: Collection[str], by: User) -> TakingOver:
    """They have read all of it. Raises Refused for who is not the keyworker, NotWhole where something is missing."""
    today = clock.today()
    post = post_of(student, by, today)
    if post is None:
        raise Refused("The keyworker says so")
    Assignment.objects.select_for_update(of=("self",)).get(pk=post.pk)
    done = TakingOver.objects.filter(post=post).first()
    if done is not None:
        return done
    there = to_read(student, by, today)
    missing = [one.words for one in there if one.key not in read]
    if missing:
        raise NotWhole(missing, f"Still to be read: {missing[0]}")
    for version in PlanVersion.objects.readable_by(by).newest().filter(plan__student=student):
        if version.written_by_id != by.pk:
            plans.say_read(version=version, by=by)
    for note in _notes(student, by):
        note_read(note=note, by=by)
    return TakingOver.objects.create(
        student=student, post=post, by=by, at=clock.now(), read=[one.words for one in there]
    )

"""One colleague asked to take part in a restorative conversation with a student of theirs, and what they answer."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q

from keywork import clock
from keywork.access import relations
from keywork.models import Assignment, User
from keywork.scoped import ScopedQuerySet
from students.models import Student

NOT_ANSWERED = Q(answered_at__isnull=True)
NO_MORE = "The record that this was asked for was crossed out"
FIRST_CONTACTS = (Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY, Assignment.Kind.MENTOR)


class PartAskedQuerySet(ScopedQuerySet):
    def asked_of(self, user: User) -> Self:
        """What this person was asked, while they have a student of theirs: never after a conflict of their own child."""
        if not user.signs_in_as("staff"):
            return self.none()
        return self.of(user.pk, clock.today()).exclude(student__in=relations(user).own_children)

    def of(self, user_id: Any, today: Any) -> Self:
        """What was asked of whoever is still first contact of another student; children of their own not left out."""
        posts = Assignment.objects.current(today).filter(user=user_id, kind__in=FIRST_CONTACTS)
        return self.filter(Exists(posts.exclude(student=OuterRef("student"))), asked=user_id)

    def open(self) -> Self:
        return self.filter(NOT_ANSWERED)


@pghistory.track()
class PartAsked(models.Model):
    """`repair_id` is the record (a sheet of `tsp`) of whoever asks, `answer_id` that of whoever takes part.

    `whom` is how the asker calls the colleague's student. The colleague reads neither whose record asks, nor it.
    """

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="parts_asked")
    repair_id = models.BigIntegerField(db_index=True)
    happened_on = models.DateField("day of the conflict")
    asked = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, related_name="+", verbose_name="who is asked"
    )
    whom = models.CharField("their student, by first name", max_length=60)
    due_on = models.DateField("to be answered by")
    asked_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_id = models.BigIntegerField(null=True, blank=True)
    words = models.CharField("why nobody of theirs takes part", max_length=300, blank=True)

    objects = PartAskedQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(whom=""), name="part_asked_has_name"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer_id__isnull=True, words="")
                | Q(answered_at__isnull=False, answer_id__isnull=False, words="")
                | (Q(answered_at__isnull=False, answer_id__isnull=True) & ~Q(words="")),
                name="part_asked_answered_whole",
            ),
            models.UniqueConstraint(
                fields=["repair_id", "asked"], condition=NOT_ANSWERED, name="part_asked_once"
            ),
        ]
        indexes = [models.Index(fields=["asked"], condition=NOT_ANSWERED, name="care_part_asked_open")]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="stays_as_asked",
                fields=["student", "repair_id", "happened_on", "asked", "whom", "asked_by", "asked_at"],
            ),
        ]

    @property
    def is_no_more(self) -> bool:
        """Asked of nobody any more, before it was answered."""
        return self.answered_at is not None and self.words == NO_MORE

    def is_late(self, today: date) -> bool:
        return self.answered_at is None and self.due_on < today

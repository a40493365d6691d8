"""A student asks for another keyworker, in their own words; the Head of Social Education alone reads it and answers.

Where every Head is the student's own family, or none has an account, the headteacher stands in; then who leads on
safeguarding.
"""

from __future__ import annotations

from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from keywork.access import ANSWER_LINE, Can, shut_out
from keywork.final import final_once
from keywork.models import User
from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


class ChangeRequestQuerySet(ScopedQuerySet):
    def answered_by(self, user: User) -> Self:
        """Those that this person reads and answers: where nobody before them in line could."""
        mine = self.visible_to(user, Can.ANSWER_REQUESTS)
        place = next(
            (place for place, role in enumerate(ANSWER_LINE) if role in user.roles), len(ANSWER_LINE)
        )
        if place == 0:
            return mine
        before = User.objects.filter(is_active=True, roles__overlap=list(ANSWER_LINE[:place]))
        ids = set(before.values_list("pk", flat=True))
        if not ids:
            return mine
        family = shut_out(before)
        children = [{student for who, student in family if who == pk} for pk in ids]
        return mine.filter(student__in=set.intersection(*children))


@pghistory.track()
class ChangeRequest(models.Model):
    """`asked_by` is the student, or an adult who passed it on. Words stand as they were written, spelling and all."""

    class Outcome(models.TextChoices):
        CHANGES = "changes", worded_lazy("The keyworker changes")
        TALK = "talk", worded_lazy("We talk about it first")
        STAYS = "stays", worded_lazy("It stays as it is for now")

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="change_requests")
    words = models.TextField()
    asked_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    answer = models.TextField("what the student reads", blank=True)
    answered_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField("the student read the answer at", null=True, blank=True)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=Q(answered_at__isnull=True), name="one_open_change_request"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="what_was_asked_stays", fields=["student", "words", "asked_by", "asked_at"]
            ),
            final_once(
                "answered_at",
                name="the_answer_stays",
                fields=["outcome", "answer", "answered_by", "answered_at"],
            ),
        ]

    @property
    def passed_on(self) -> bool:
        return self.asked_by_id != self.student.user_id

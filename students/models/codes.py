"""Letters by which a parent or carer without an e-mail address makes their account; cards with which students sign in."""

from __future__ import annotations

from datetime import date, timedelta

import pghistory
from django.db import models
from django.db.models import Q

from keywork import clock
from keywork.printed_codes import printed_code
from keywork.scoped import ScopedQuerySet
from keywork.voided import all_or_none

WORKS_FOR = timedelta(days=60)


class EntryLetterQuerySet(models.QuerySet["EntryLetter"]):
    def open(self) -> EntryLetterQuerySet:
        """Those whose code still works: not used, not too old, of somebody who has no account."""
        return self.filter(
            used_at__isnull=True, made_at__gt=clock.now() - WORKS_FOR, member__user__isnull=True
        )


class EntryLetter(models.Model):
    """One printed letter. Its code is nowhere stored: it follows from the row and KEYWORK_SECRET_KEY."""

    member = models.ForeignKey(
        "students.FamilyMember", on_delete=models.CASCADE, related_name="entry_letters"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    posted_on = models.DateField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    language: str  # of the person, where it is printed

    objects = EntryLetterQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    @property
    def code(self) -> str:
        return printed_code(f"keywork entry letter {self.pk} {self.made_at.isoformat()}")


CODE_LENGTH = 8


class SignInCardQuerySet(ScopedQuerySet):
    def valid(self) -> SignInCardQuerySet:
        return self.filter(ended_at__isnull=True)

    def that_open(self, on: date) -> SignInCardQuerySet:
        """Those that let somebody in: a student who has not left, whose account is open and is a student's alone."""
        return (
            self.valid()
            .filter(student__user__is_active=True, student__user__roles=["student"])
            .exclude(student__left_on__lt=on)
        )


@pghistory.track()
class SignInCard(models.Model):
    """One card. Its code is nowhere stored: it follows from the row and KEYWORK_SECRET_KEY."""

    student = models.ForeignKey("students.Student", on_delete=models.CASCADE, related_name="sign_in_cards")
    username = models.CharField(max_length=30)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = SignInCardQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=Q(ended_at__isnull=True), name="one_valid_card"
            ),
            models.UniqueConstraint(
                fields=["username"], condition=Q(ended_at__isnull=True), name="card_username_once"
            ),
            all_or_none("card_ended_by_somebody", "ended_at", "ended_by"),
        ]

    @property
    def code(self) -> str:
        return printed_code(f"keywork card {self.pk} {self.made_at.isoformat()}", CODE_LENGTH)

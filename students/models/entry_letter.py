"""Letters by which a parent or carer without an e-mail address on file makes their account."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from keywork import clock
from keywork.printed_codes import printed_code

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

"""A report for somebody outside the school: by a link that ends, and a code told to them another way."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from keywork.scoped import ScopedQuerySet


class OutsideCopyQuerySet(ScopedQuerySet):
    student_path = "report__student_id"

    def standing(self) -> OutsideCopyQuerySet:
        return self.filter(taken_back_at__isnull=True, report__withdrawn_at__isnull=True)


@pghistory.track()
class OutsideCopy(models.Model):
    """One named person who has no account and gets a report: put on its release list first, sent with the others.

    Only digests of link and code are kept (keywork.outside). `works_until` is the last day of the link, `opened_at`
    when the whole file first went out by it.
    """

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="outside_copies")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=100)
    email = models.EmailField("e-mail")
    days = models.PositiveSmallIntegerField("how many days the link lasts")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    works_until = models.DateField(null=True)
    expires_at = models.DateTimeField(null=True)
    link_seed = models.CharField(max_length=64, blank=True)
    link_digest = models.CharField(max_length=64, blank=True)
    code_digest = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = OutsideCopyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "copy for somebody outside"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "email"],
                condition=Q(taken_back_at__isnull=True),
                name="one_copy_outside_each",
            ),
            models.UniqueConstraint(
                fields=["link_digest"], condition=~Q(link_digest=""), name="outside_copy_link_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    sent_at__isnull=True, expires_at__isnull=True, link_digest="", opened_at__isnull=True
                )
                | (
                    Q(sent_at__isnull=False, sent_by__isnull=False, works_until__isnull=False)
                    & Q(expires_at__gt=F("sent_at"))
                    & ~Q(link_digest="")
                    & ~Q(code_digest="")
                ),
                name="outside_copy_sent_whole",
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    @property
    def who(self) -> str:
        return f"{self.name}, {self.role}"

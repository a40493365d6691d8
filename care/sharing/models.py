"""One thing shown to one person until a day: who said so and why, and when they read it."""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from keywork.access import relations
from keywork.models import User
from keywork.scoped import ScopedQuerySet
from students.models import Student


class SharedItemQuerySet(ScopedQuerySet):
    def open_to(self, user: User, on: date) -> Self:
        """Those that this person reads on a day: never of their own child."""
        if not user.signs_in_as("staff"):
            return self.none()
        mine = self.filter(user=user, until__gte=on, ended_at__isnull=True)
        return mine.exclude(student__in=relations(user).own_children)


@pghistory.track()
class SharedItem(models.Model):
    """`what` names a kind of care.sharing.items, `item_id` its key. It ends by itself after `until`."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="shared_items")
    what = models.CharField(max_length=20)
    item_id = models.BigIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="shared_with_me")
    reason = models.CharField(max_length=300)
    until = models.DateField("can be read until")
    shared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    shared_at = models.DateTimeField()
    shared_on = models.DateField()
    read_at = models.DateTimeField("first read", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = SharedItemQuerySet.as_manager()

    class Meta:
        ordering = ["-shared_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="shared_item_has_reason"),
            models.CheckConstraint(condition=Q(until__gte=F("shared_on")), name="shared_item_ends_after"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="stays_as_shared",
                fields=["student", "what", "item_id", "user", "reason", "until", "shared_by", "shared_at"],
            ),
        ]

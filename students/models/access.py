"""Named exceptions: this person may see this student's record, until a date, for a reason."""

from __future__ import annotations

from datetime import date

import pghistory
from django.db import models
from django.db.models import Q
from guardian.models import UserObjectPermissionBase

from keywork.scoped import ScopedQuerySet


class StudentAccessQuerySet(ScopedQuerySet):
    student_path = "content_object_id"

    def in_force(self, on: date) -> StudentAccessQuerySet:
        return self.filter(starts_on__lte=on, expires_on__gte=on)


@pghistory.track()
class StudentAccess(UserObjectPermissionBase):
    """django-guardian's direct foreign-key permission, with who, why and until when (inclusive)."""

    content_object = models.ForeignKey(
        "students.Student", on_delete=models.CASCADE, related_name="exceptions"
    )
    reason = models.CharField(max_length=300)
    granted_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    expires_on = models.DateField()
    granted_at = models.DateTimeField(auto_now_add=True)

    # In place of guardian's, which gives permissions without a reason or an end.
    objects = StudentAccessQuerySet.as_manager()  # type: ignore[misc,assignment]  # guardian says which class it is

    class Meta(UserObjectPermissionBase.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="access_has_reason"),
        ]

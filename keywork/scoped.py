"""Querysets that know the way to the student, so that permission is the lookup."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from .access import Can, scope_q


class ScopedQuerySet(models.QuerySet):
    """Set `student_path` when the model is not linked to the student by `student_id`."""

    student_path = "student_id"

    def visible_to(self, user: Any, can: Can) -> Self:
        return self.filter(scope_q(user, can, self.student_path))

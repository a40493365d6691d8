"""What a young person decides about home (domain 1.10): from 16 on, where the school has asked them."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


@pghistory.track()
class OwnChoice(models.Model):
    """The latest of a student holds; `replaced_at` is when the next was written down."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="own_choices")
    decided_on = models.DateField()
    speaks_for_self = models.BooleanField(default=False)
    words = models.TextField(blank=True)
    recorded_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=Q(replaced_at__isnull=True), name="one_own_choice_holds"
            ),
        ]


class OwnChoiceAtHomeQuerySet(ScopedQuerySet):
    student_path = "choice__student_id"


@pghistory.track()
class OwnChoiceAtHome(models.Model):
    """What one adult at home keeps seeing. Whoever is not named sees what they saw."""

    class Sees(models.TextChoices):
        ALL = "all", worded_lazy("The student’s page and reports")
        PAGE = "page", worded_lazy("The student’s page, no reports")
        NOTHING = "nothing", "Nothing"

    choice = models.ForeignKey(OwnChoice, on_delete=models.CASCADE, related_name="at_home")
    link = models.ForeignKey("students.FamilyLink", on_delete=models.CASCADE, related_name="own_choices")
    sees = models.CharField(max_length=10, choices=Sees.choices)

    objects = OwnChoiceAtHomeQuerySet.as_manager()

    class Meta:
        ordering = ["link__priority", "link_id"]
        constraints = [models.UniqueConstraint(fields=["choice", "link"], name="own_choice_at_home_once")]

    def __str__(self) -> str:
        return f"{self.link}: {self.get_sees_display()}"

"""The local authorities' own forms: each as it was uploaded, and what was typed to fill it for a student."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet


class AuthorityFormQuerySet(models.QuerySet["AuthorityForm"]):
    def in_use(self) -> AuthorityFormQuerySet:
        return self.filter(retired_at__isnull=True)


@pghistory.track(exclude=["file"])
class AuthorityForm(models.Model):
    """One Word form with marked places. Its file never changes: a newer one is another form."""

    class Part(models.TextChoices):
        WHOLE = "whole", "The whole review"
        BEFORE = "before", "Before the meeting"
        AFTER = "after", "After the meeting"

    authority = models.CharField(max_length=100)
    name = models.CharField(max_length=120)
    year = models.CharField(max_length=7, help_text="The school year it is for: 2026-27")
    part = models.CharField(max_length=6, choices=Part.choices, default=Part.WHOLE)
    file = models.FileField(upload_to="authority-forms/")
    sha256 = models.CharField(max_length=64)
    # Columns of rows too, as "outcomes.why"; forms uploaded before that was kept name the rows alone.
    uses = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text="Fields in its places"
    )
    # Places whose name is no field: {"said": "student.ref", "place": "table 1, row 2, cell 3"}.
    unknown = models.JSONField(default=list, blank=True)
    # What fills these: the name as said to that of a field, or to "" for a place that is left to a pen.
    settled = models.JSONField(default=dict, blank=True)
    uploaded_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = AuthorityFormQuerySet.as_manager()

    class Meta:
        ordering = ["authority", "-year", "part", "name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(authority="") & ~Q(name=""), name="authority_form_named")
        ]

    def __str__(self) -> str:
        return f"{self.authority}: {self.name}"

    @property
    def to_settle(self) -> list[str]:
        """Names in the form that are no field and have nothing put in their place, each once."""
        return list(dict.fromkeys(one["said"] for one in self.unknown if one["said"] not in self.settled))

    @property
    def used(self) -> set[str]:
        """Fields and columns that stand in it, with those that its places were settled to."""
        places = {(one["said"], one["rows"]) for one in self.unknown}
        settled = {(self.settled.get(said, ""), rows) for said, rows in places}
        return {*self.uses, *(f"{rows}.{name}" if rows else name for name, rows in settled if name)}


@pghistory.track()
class AuthorityFilling(models.Model):
    """One form for one student: what somebody typed. All else comes from the record when the paper is made."""

    student = models.ForeignKey(
        "students.Student", on_delete=models.PROTECT, related_name="authority_fillings"
    )
    form = models.ForeignKey(AuthorityForm, on_delete=models.PROTECT, related_name="fillings")
    answers = models.JSONField(default=dict, blank=True)
    saved_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-saved_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["student", "form"], name="authority_form_once_a_student")
        ]

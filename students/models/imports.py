"""Imports of people, and of their weeks: which file, by whom, what became of each row, and how headings were matched."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

# A file waits no longer than this for someone to finish its import; rows keep their values no longer either.
KEEP_FOR = timedelta(days=30)


class ImportBatch(models.Model):
    """One import: the audit entry of domain 8.4. The file itself is deleted once the import ends."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel workbook"
        CTF = "ctf", "Common Transfer File"

    class Holds(models.TextChoices):
        PEOPLE = "people", "Students and families"
        WEEKS = "weeks", "Attendance and points"

    class Status(models.TextChoices):
        WAITING = "waiting", "Columns not matched yet"
        PREVIEWED = "previewed", "Looked through, not imported"
        IMPORTED = "imported", "Imported"
        CANCELLED = "cancelled", "Cancelled"

    holds = models.CharField(max_length=6, choices=Holds.choices, default=Holds.PEOPLE)
    source = models.CharField(max_length=60, blank=True, help_text="of weeks: where the figures come from")
    week = models.DateField(null=True, blank=True, help_text="of weeks: the one of rows that name none")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="bytes")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    upload = models.FileField(upload_to="imports/", blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    columns = models.JSONField(
        default=list, help_text="canonical column of each column of the file, '' to leave out"
    )
    match_names = models.BooleanField(
        default=False, help_text="the same name and date of birth is the same person"
    )
    choices = models.JSONField(
        default=dict, help_text="row number, or contact and row number, to 'new' or the id of who it is"
    )
    leavers = models.JSONField(default=list, help_text="ids of students on roll whom the file does not hold")
    counts = models.JSONField(default=dict)
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=150, help_text="the trail outlives the account")
    at = models.DateTimeField(help_text="when the file came in")
    imported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(imported_at__isnull=False) | ~Q(status="imported"), name="imported_has_time"
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.PREVIEWED)


class ImportRow(models.Model):
    class Outcome(models.TextChoices):
        CREATE = "create", "New"
        UPDATE = "update", "Change"
        SAME = "same", "No change"
        ASK = "ask", "Choose"
        REJECT = "reject", "Left out"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="line of the file, pupil and contact of a CTF")
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    label = models.CharField(max_length=250, blank=True)
    reasons = ArrayField(models.TextField(), default=list, help_text="why it is left out or must be chosen")
    warnings = ArrayField(models.TextField(), default=list)
    changes = ArrayField(models.TextField(), default=list)
    options = models.JSONField(
        default=list, help_text="students, or of a row that goes in adults, it may be: [[id, label], …]"
    )
    values = models.JSONField(default=dict, help_text="of a row left out, for the file of rejected rows")

    class Meta:
        ordering = ["number", "pk"]
        indexes = [models.Index(fields=["batch", "outcome", "number"], name="import_row_outcome")]


class ImportMapping(models.Model):
    """How the columns of one shape of file were matched, remembered for the next time."""

    shape = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the headings")
    columns = models.JSONField(help_text="[[heading, canonical column], …] in the file's order")
    used_at = models.DateTimeField()
    by = models.ForeignKey("keywork.User", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-used_at"]

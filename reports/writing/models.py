"""A report that somebody writes: its lines, filled from the record, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork.access import Can
from keywork.scoped import ScopedQuerySet

from ..reading import WholeQuerySet


class WrittenReportQuerySet(WholeQuerySet):
    whole_for = frozenset({Can.RELEASE_REPORTS})  # who writes sees their sections; who checks reads all of it

    def open(self) -> WrittenReportQuerySet:
        """Still being written or checked."""
        return self.exclude(state=WrittenReport.State.APPROVED)

    def for_another(self, user: Any) -> WrittenReportQuerySet:
        """Without those this person sent to be checked: somebody else approves them."""
        return self.exclude(state=WrittenReport.State.SENT, sent_by=user)

    def by_state(self) -> models.QuerySet[Any]:
        """How many are in each state in which something is to do."""
        return self.open().order_by().values_list("state").annotate(models.Count("pk"))

    def counted(self) -> dict[str, int]:
        """How many are being written or were sent back, and how many wait to be checked. One query."""
        return named_counts(self.by_state())


def named_counts(by_state: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Rows of `by_state` as `counted` says them."""
    found, states = dict(by_state), WrittenReport.State
    return {
        "returned": found.get(states.RETURNED, 0),
        "to_write": found.get(states.DRAFT, 0) + found.get(states.RETURNED, 0),
        "to_check": found.get(states.SENT, 0),
    }


@pghistory.track()
class WrittenReport(models.Model):
    """One report of a student, kind and term, from its first draft until it is approved. Its PDF is a Report."""

    class State(models.TextChoices):
        DRAFT = "draft", "Being written"
        SENT = "sent", "To check"
        RETURNED = "returned", "Sent back"
        APPROVED = "approved", "Approved"

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="written_reports")
    kind = models.CharField(max_length=40)
    term = models.CharField(max_length=20, help_text="2026-27-autumn")
    starts_on = models.DateField("from")
    ends_on = models.DateField("to")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    facts = models.JSONField(
        default=dict, help_text="What the record said of each section when it was last filled"
    )
    filled_on = models.DateField("filled from the record on")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty: by itself"
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    comment = models.TextField("what to change", max_length=2000, blank=True)
    decided_at = models.DateTimeField("sent back or approved", null=True, blank=True)
    decided_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    pgh_event_model: Any  # the versions of the row, by pghistory

    objects = WrittenReportQuerySet.as_manager()

    class Meta:
        ordering = ["student", "-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["student", "kind", "term"], name="one_written_report"),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(comment=""), name="written_report_returned_with_words"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(sent_at__isnull=False), name="written_report_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lte=models.F("ends_on")), name="written_report_days_in_order"
            ),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} of student {self.student_id} for {self.term}"

    @property
    def is_written(self) -> bool:
        """May its words be changed now?"""
        return self.state in (self.State.DRAFT, self.State.RETURNED)

    @property
    def is_approved(self) -> bool:
        return self.state == self.State.APPROVED


class WrittenLineQuerySet(ScopedQuerySet):
    student_path = "report__student_id"

    def standing(self) -> WrittenLineQuerySet:
        """Not left out, and with words."""
        return self.filter(left_out_at__isnull=True).exclude(recorded="", words="")


@pghistory.track()
class WrittenLine(models.Model):
    """One line of a section. What was left out stays, and can be put back."""

    report = models.ForeignKey(WrittenReport, on_delete=models.PROTECT, related_name="lines")
    section = models.SlugField(max_length=40)
    key = models.CharField(max_length=80, help_text="What it was taken from: evidence-12; own-3")
    place = models.PositiveIntegerField(default=0)
    on = models.DateField(null=True, blank=True)
    prompt = models.CharField("what is asked for", max_length=400, blank=True)
    about = models.CharField(max_length=80, blank=True)
    recorded = models.TextField("as in the record", blank=True)
    source = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=200, blank=True)
    shared_with: Any = ArrayField(models.BigIntegerField(), null=True, blank=True)
    words = models.TextField("in the writer’s words", blank=True)
    added_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    left_out_at = models.DateTimeField(null=True, blank=True)
    left_out_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    in_version = models.PositiveIntegerField(
        default=0, help_text="of the report: the one in which it was written last"
    )
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    pgh_event_model: Any  # the versions of the row, by pghistory

    objects = WrittenLineQuerySet.as_manager()

    class Meta:
        ordering = ["report", "section", "place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "section", "key"], name="line_once_in_a_section")
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    @property
    def text(self) -> str:
        """As it goes on paper."""
        return self.words or self.recorded

    @property
    def is_left_out(self) -> bool:
        return self.left_out_at is not None

    @property
    def said_by(self) -> str:
        if self.added_by_id:
            return "added, with nothing in the record behind it"
        if self.prompt and not self.recorded:
            return "to be written"
        return "in your own words" if self.words else "as in the record"

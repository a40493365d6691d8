"""Soft tools filled in: one sheet, its answers field by field, and the pictures and recordings with them."""

from __future__ import annotations

from typing import cast

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet
from keywork.voided import StandingQuerySet, Voidable, all_or_none
from keywork.words import worded_lazy
from questionnaires.typed import Audience

from ..sheets.soft_tools import ONE_AT_A_TIME, Tool
from .template import TemplateVersion

_OPEN = {"done_at__isnull": True, "declined_at__isnull": True, "voided_at__isnull": True}


class SheetQuerySet(StandingQuerySet):
    def done(self) -> SheetQuerySet:
        return self.standing().filter(done_at__isnull=False)


@pghistory.track()
class Sheet(Voidable):
    """One soft tool filled in about one student: begun, then done or declined; crossed out with a reason, never gone.

    `term` is the term's id it serves. `wording` says whose words the questions are in and who answers. `member` is
    the parent or carer whose conversation it is: only they, of the family, ever see it. `together` links the
    records of one restorative conversation, one for each student, each read by that student's own people alone.
    `share_with_home` is what the student answered when asked, None until then; `shared_with` are the family members
    (ids) they chose by name, and nobody else at home reads it. `checked_at` is when the student
    agreed with what an adult wrote for them. A regulation map in a parent's wording is the home view that parent
    adds beside the school's.
    """

    class Wording(models.TextChoices):
        STAFF = "staff", "Staff"
        STUDENT = "student", worded_lazy("Student")
        PARENT = "parent", "Parent or carer"

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="tsp_sheets")
    tool = models.CharField(max_length=30, choices=Tool.choices)
    template = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="+")
    term = models.CharField(max_length=20)
    wording = models.CharField(max_length=8, choices=Wording.choices)
    member = models.ForeignKey(
        "students.FamilyMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    happened_on = models.DateField("day it was about")
    author = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    author_words = models.CharField("name and role of who has no account", max_length=200, blank=True)
    together = models.UUIDField(null=True, blank=True)
    started_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)
    declined_words = models.CharField("in their words", max_length=300, blank=True)
    declined_noted_by = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(worded_lazy("student checked it"), null=True)
    share_with_home = models.BooleanField(null=True)
    shared_with = ArrayField(models.BigIntegerField(), default=list, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = SheetQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "tool"],
                condition=Q(
                    ~Q(wording="parent"),
                    tool__in=[str(tool) for tool in ONE_AT_A_TIME],
                    **_OPEN,
                ),
                name="tsp_one_open_sheet",
            ),
            models.UniqueConstraint(
                fields=["student", "tool", "author"],
                condition=Q(
                    wording="parent",
                    tool__in=[str(tool) for tool in ONE_AT_A_TIME],
                    **_OPEN,
                ),
                name="tsp_one_open_home_view",
            ),
            models.UniqueConstraint(
                fields=["student", "member"],
                condition=Q(
                    tool="parent-conversation",
                    **_OPEN,
                ),
                name="tsp_one_open_conversation",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(declined_at__isnull=True),
                name="tsp_sheet_done_or_declined",
            ),
            models.CheckConstraint(
                condition=(Q(tool="parent-conversation") & Q(member__isnull=False))
                | (~Q(tool="parent-conversation") & Q(member__isnull=True)),
                name="tsp_conversation_has_parent",
            ),
            all_or_none("tsp_sheet_voided_whole", "voided_at", words="void_reason"),
            models.CheckConstraint(
                condition=Q(author__isnull=False) | ~Q(author_words=""), name="tsp_sheet_has_author"
            ),
            models.CheckConstraint(
                condition=Q(shared_with=[]) | Q(share_with_home=True, share_with_home__isnull=False),
                name="tsp_sheet_shared_by_name",
            ),
        ]
        indexes = [models.Index(fields=["student", "tool", "-happened_on"], name="tsp_sheet_of_student")]

    @property
    def audience(self) -> Audience:
        """Its wording, as a form is asked for it."""
        return cast(Audience, self.wording)

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.declined_at is None and self.voided_at is None


class PartOfSheetQuerySet(ScopedQuerySet):
    student_path = "sheet__student_id"


@pghistory.track()
class Answer(models.Model):
    """One field of a sheet. `field` is the field's slug, or "statement:<slug>" for a statement they ticked.

    `value` is text, a number, a list or a list of rows, as the field's type asks; ticks are "not-yet", "sometimes",
    "yes" or "not-sure" and are never averaged into a rating. `version` counts saves.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="answers")
    field = models.CharField(max_length=80)
    value = models.JSONField()
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = PartOfSheetQuerySet.as_manager()

    class Meta:
        ordering = ["sheet", "field"]
        constraints = [models.UniqueConstraint(fields=["sheet", "field"], name="tsp_answer_once")]


@pghistory.track()
class Attachment(models.Model):
    """A drawing, photo or recording in place of words, or beside them."""

    class Kind(models.TextChoices):
        PICTURE = "picture", worded_lazy("Picture")
        SOUND = "sound", worded_lazy("Recording")

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="attachments")
    field = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    file = models.FileField(upload_to="sheets/")
    content_type = models.CharField(max_length=60)
    added_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = PartOfSheetQuerySet.as_manager()

    class Meta:
        ordering = ["sheet", "field", "pk"]

"""Asking someone for their view, inside the school or out, and chasing a form that is not complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from keywork.access import Can
from keywork.scoped import ScopedQuerySet
from students.models import FamilyLink

from .sheet import Sheet

if TYPE_CHECKING:
    from datetime import date

    from keywork.models import User


class AskQuerySet(ScopedQuerySet):
    def waiting(self) -> AskQuerySet:
        return self.filter(answered_at__isnull=True, taken_back_at__isnull=True, excused_at__isnull=True)

    def of_the_team(self) -> AskQuerySet:
        """Those that are about the team input; a parent or carer is asked for their own sheet."""
        return self.filter(member__isnull=True)

    def barred(self, on: date) -> AskQuerySet:
        """Those of a parent or carer who may not be written to about the student on this day.

        A restriction, a link that ended, an objection to contact: each beats whatever was sent before.
        """
        free = FamilyLink.objects.for_keywork(on).filter(
            student=OuterRef("student"), member=OuterRef("member")
        )
        return self.filter(~Exists(free), member__isnull=False)

    def of(self, user: User) -> AskQuerySet:
        """What this colleague was asked for, about students they may still say something about."""
        return self.visible_to(user, Can.ADD_INPUT).filter(user=user)


@pghistory.track()
class Ask(models.Model):
    """One person asked for their part: of the team input of a term, or for the sheet of a talk with home.

    Either a member of staff (`user`) or someone outside, reached by e-mail with a link that ends at `expires_at`
    and a code told to them another way. Only digests of both are kept, and a seed that makes the link with the secret
    key alone (tsp.actions.ask_mails). They see what they are asked about and
    nothing else: `areas` and `question`. `tries` counts wrong codes; the link closes after a few.

    A parent or carer (`member`) is asked by such a link too, for their conversation sheet and nothing else. It is
    theirs wherever they write it, so `sheet` names it only once it was handed in, or declined, by the link.
    """

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="tsp_asks")
    term = models.CharField(max_length=20)
    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="tsp_asks")
    member = models.ForeignKey(
        "students.FamilyMember", on_delete=models.PROTECT, null=True, related_name="tsp_asks"
    )
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=100, blank=True)
    email = models.EmailField("e-mail", blank=True)
    areas = ArrayField(models.SlugField(max_length=60), default=list, blank=True)
    question = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateField("asked for by")
    reminded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    link_seed = models.CharField(max_length=64, blank=True)  # what the worker makes the link from
    link_digest = models.CharField(max_length=64, blank=True)
    code_digest = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    sheet = models.OneToOneField(Sheet, on_delete=models.PROTECT, null=True, related_name="ask")
    answered_at = models.DateTimeField(null=True)
    excused_at = models.DateTimeField("they said they cannot", null=True)
    excused_words = models.CharField(max_length=300, blank=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    user__isnull=False,
                    member__isnull=True,
                    email="",
                    link_digest="",
                    code_digest="",
                    expires_at__isnull=True,
                )
                | (
                    Q(user__isnull=True, expires_at__isnull=False)
                    & ~Q(name="")
                    & ~Q(email="")
                    & ~Q(link_digest="")
                    & ~Q(code_digest="")
                ),
                name="tsp_ask_inside_or_outside",
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=True) | Q(areas=[], question=""), name="tsp_ask_home_one_sheet"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("asked_at")),
                name="tsp_ask_ends_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["student", "term", "user"],
                condition=Q(
                    user__isnull=False,
                    answered_at__isnull=True,
                    taken_back_at__isnull=True,
                    excused_at__isnull=True,
                ),
                name="tsp_one_open_ask",
            ),
            models.UniqueConstraint(
                fields=["student", "term", "member"],
                condition=Q(
                    member__isnull=False,
                    answered_at__isnull=True,
                    taken_back_at__isnull=True,
                    excused_at__isnull=True,
                ),
                name="tsp_one_open_ask_home",
            ),
            models.UniqueConstraint(
                fields=["link_digest"], condition=~Q(link_digest=""), name="tsp_ask_link_once"
            ),
        ]

    def __str__(self) -> str:
        return f"ask {self.pk} about student {self.student_id}"


@pghistory.track()
class Chase(models.Model):
    """A reminder the coordinator sent to a student's keyworker; `missing` says in codes what was not there."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="tsp_chases")
    term = models.CharField(max_length=20)
    keyworker = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    missing = ArrayField(models.CharField(max_length=60), default=list)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"chase of the TSP of student {self.student_id}"

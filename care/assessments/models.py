"""What is asked of a local authority for a student without a plan, and the cycles of support before it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from keywork.voided import NOT_VOID, StandingQuerySet, Voidable, all_or_none, void_is_whole
from students.models import Student

from . import rules


@pghistory.track()
class NeedsAssessment(Voidable):
    """A request for an EHC needs assessment, from its day to the plan or to the answer that there will be none."""

    class By(models.TextChoices):
        SCHOOL = "school", "School"
        PARENT = "parent", "Parent or carer"
        STUDENT = "student", "The young person"
        OTHER = "other", "Somebody else"

    class Decision(models.TextChoices):
        ASSESS = "assess", "It will assess"
        REFUSE = "refuse", "It will not assess"

    class Outcome(models.TextChoices):
        PLAN = "plan", "A plan was made"
        NO_PLAN = "no_plan", "No plan will be made"

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="needs_assessments")
    requested_on = models.DateField("asked for on")
    requested_by = models.CharField("asked for by", max_length=8, choices=By.choices)
    authority = models.CharField("local authority", max_length=100, blank=True)
    needs = models.TextField("why there may be special educational needs", blank=True)
    provision = models.TextField("why a plan may be needed, and what is not enough", blank=True)
    decision = models.CharField(
        "does the authority assess?", max_length=6, choices=Decision.choices, blank=True
    )
    decided_on = models.DateField("its answer came on", null=True)
    draft_on = models.DateField("draft plan came on", null=True)
    outcome = models.CharField("how it ended", max_length=7, choices=Outcome.choices, blank=True)
    ended_on = models.DateField("ended on", null=True)
    words = models.CharField("what the authority says", max_length=500, blank=True)
    created_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="", decided_on__isnull=True)
                | (~Q(decision="") & Q(decided_on__gte=F("requested_on"))),
                name="assessment_decided_with_date",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_on__isnull=True)
                | (Q(decision="assess", ended_on__gte=F("decided_on")) & ~Q(outcome="")),
                name="assessment_ended_with_date",
            ),
            models.UniqueConstraint(
                fields=["student"],
                condition=NOT_VOID & Q(outcome="") & ~Q(decision="refuse"),
                name="assessment_one_open",
            ),
            void_is_whole("assessment_void_whole"),
        ]

    @property
    def facts(self) -> rules.AssessmentFacts:
        return rules.AssessmentFacts(
            self.requested_on, self.decision, self.decided_on, self.draft_on, self.outcome, self.ended_on
        )


@pghistory.track()
class SupportCycle(Voidable):
    """One round of assess, plan, do and review (domain 1.5)."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="support_cycles")
    number = models.PositiveSmallIntegerField()
    starts_on = models.DateField("begins on")
    assess = models.TextField("assess: where the student stands, and what shows it")
    aim = models.TextField("plan: what is to be different by the review")
    provision = models.TextField("do: what is given", blank=True)
    given_by = models.CharField("who gives it", max_length=100, blank=True)
    how_often = models.CharField("how often, and in which group", max_length=100, blank=True)
    agreed_on = models.DateField("agreed with home on", null=True, blank=True)
    review_on = models.DateField("looked at again on")
    reviewed_on = models.DateField("looked at on", null=True, blank=True)
    came_of_it = models.TextField("review: what came of it", blank=True)
    next_step = models.TextField("what follows", blank=True)
    created_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["student", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["student", "number"], name="cycle_number_once"),
            models.CheckConstraint(
                condition=Q(review_on__gt=F("starts_on")), name="cycle_reviewed_after_start"
            ),
            all_or_none("cycle_reviewed_with_words", "reviewed_on", words="came_of_it"),
            void_is_whole("cycle_void_whole"),
        ]

"""EHC plans and the outcomes of their section E (domain 1.2): versions follow each other and stay as they were."""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from keywork.scoped import ScopedQuerySet
from students.models import Student

from ..plan_types import EHCP, PlanType, plan_type


class EhcPlanQuerySet(ScopedQuerySet):
    def current(self) -> Self:
        """The newest version of each student."""
        later = self.model._default_manager.filter(
            student=OuterRef("student"), number__gt=OuterRef("number")
        ).order_by()
        return self.filter(~Exists(later))


@pghistory.track()
class EhcPlan(models.Model):
    """One version of a student's plan. The highest number is in force; those before it never change again."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="plans")
    # A slug of plan_types, without choices: a new kind of plan needs no migration.
    plan_type = models.SlugField(max_length=20, default=EHCP)
    number = models.PositiveSmallIntegerField("version of the plan")
    la_reference = models.CharField("local authority’s reference", max_length=60, blank=True)
    issued_on = models.DateField("date issued")
    # Of this version, once it has been reviewed and goes on as it is; an amended plan is a new version.
    reviewed_on = models.DateField("last reviewed on", null=True, blank=True)
    next_review_on = models.DateField("next review due by", null=True, blank=True)
    pdf = models.FileField(upload_to="plans/", blank=True)
    created_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = EhcPlanQuerySet.as_manager()

    class Meta:
        ordering = ["student", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["student", "number"], name="plan_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="plan_versions_from_one"),
            models.CheckConstraint(condition=~Q(plan_type=""), name="plan_has_type"),
            models.CheckConstraint(
                condition=Q(next_review_on__isnull=True) | Q(next_review_on__gt=F("issued_on")),
                name="plan_reviewed_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_on__isnull=True) | Q(reviewed_on__gte=F("issued_on")),
                name="plan_last_review_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_on__isnull=True)
                | Q(next_review_on__isnull=True)
                | Q(next_review_on__gt=F("reviewed_on")),
                name="plan_reviews_in_order",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="superseded_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (
                        SELECT 1 FROM care_ehcplan later
                        WHERE later.student_id = OLD.student_id AND later.number > OLD.number
                    ) THEN
                        RAISE EXCEPTION 'version % of this plan is superseded and stays as it is', OLD.number
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind.name} of student {self.student_id}, version {self.number}"

    @property
    def since(self) -> date:
        """From when on what happens counts towards the next review: the last one, else the day of issue."""
        return self.reviewed_on or self.issued_on

    @property
    def kind(self) -> PlanType:
        return plan_type(self.plan_type)


class OutcomeQuerySet(ScopedQuerySet):
    student_path = "plan__student_id"

    def in_force(self) -> Self:
        """Outcomes of current versions."""
        return self.filter(plan__in=EhcPlan.objects.current())


@pghistory.track()
class Outcome(models.Model):
    """An outcome sought, as it stands in one version of the plan. A goal links to the one it was set against."""

    class Pfa(models.TextChoices):
        """Preparing for adulthood (domain 1.4)."""

        EMPLOYMENT = "employment", "Employment"
        LIVING = "independent_living", "Independent living"
        COMMUNITY = "community", "Friends, relationships and community"
        HEALTH = "health", "Good health"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ACHIEVED = "achieved", "Achieved"
        CEASED = "ceased", "No longer sought"

    plan = models.ForeignKey(EhcPlan, on_delete=models.PROTECT, related_name="outcomes")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    area_of_need = models.CharField(max_length=30, choices=Student.Need.choices)
    pfa = ArrayField(
        models.CharField(max_length=20, choices=Pfa.choices),
        default=list,
        blank=True,
        verbose_name="preparing for adulthood",
    )
    target_on = models.DateField("to be reached by", null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    closed_on = models.DateField("achieved or ceased on", null=True, blank=True)
    closed_note = models.TextField("how it is known, or why", blank=True)
    same_as = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_on_as"
    )
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="outcome_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="outcomes_from_one"),
            models.CheckConstraint(condition=~Q(text=""), name="outcome_has_words"),
            models.CheckConstraint(
                condition=Q(area_of_need__in=Student.Need.values), name="outcome_area_known"
            ),
            models.CheckConstraint(
                condition=Q(pfa__contained_by=["employment", "independent_living", "community", "health"]),
                name="outcome_pfa_known",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_on__isnull=True, closed_note="")
                | Q(status="achieved", closed_on__isnull=False)
                | (Q(status="ceased", closed_on__isnull=False) & ~Q(closed_note="")),
                name="outcome_closed_with_date",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="superseded_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("mine", "bigint")],
                func="""
                    IF TG_OP = 'INSERT' THEN mine := NEW.plan_id; ELSE mine := OLD.plan_id; END IF;
                    IF EXISTS (
                        SELECT 1 FROM care_ehcplan this
                        JOIN care_ehcplan later
                            ON later.student_id = this.student_id AND later.number > this.number
                        WHERE this.id = mine
                    ) THEN
                        RAISE EXCEPTION 'outcomes of a superseded plan stay as they are'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    IF NEW.plan_id <> mine THEN
                        RAISE EXCEPTION 'an outcome stays in its plan' USING ERRCODE = 'restrict_violation';
                    END IF;
                    IF NEW.same_as_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM care_outcome before
                        JOIN care_ehcplan old_plan ON old_plan.id = before.plan_id
                        JOIN care_ehcplan new_plan ON new_plan.id = NEW.plan_id
                        WHERE before.id = NEW.same_as_id
                            AND old_plan.student_id = new_plan.student_id
                            AND old_plan.number = new_plan.number - 1
                    ) THEN
                        RAISE EXCEPTION 'an outcome continues one of the version before'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    @property
    def pfa_labels(self) -> list[str]:
        """The PfA outcomes in words, in the order of the list."""
        return [choice.label for choice in self.Pfa if choice in self.pfa]

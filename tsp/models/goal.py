"""Goals with Goal Attainment Scaling: five levels written first, agreed, worked towards, scored (domain 2.5, 2.6)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from care.models import Outcome
from keywork.dates import london_date
from keywork.scoped import ScopedQuerySet
from keywork.voided import StandingQuerySet, Voidable, all_or_none
from keywork.words import worded_lazy
from students.models import Student

from .template import TemplateVersion


class GoalQuerySet(ScopedQuerySet):
    def active(self) -> GoalQuerySet:
        return self.filter(withdrawn_at__isnull=True, closed_at__isnull=True)


@pghistory.track()
class Goal(models.Model):
    """One personal goal of one student, in the student's own words.

    It serves the term it was begun in. `need` and `pfa` come from the statement and may be set otherwise; a goal
    without outcomes is an additional need (domain 2.6). Weights are fixed once agreed and never edited after a
    score exists. `agreed_at` is when its first scale was checked by a second adult and agreed; `closed_at` when
    its last score ended it. Withdrawn goals keep their reason and are listed.
    """

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="goals")
    template = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="+")
    term = models.CharField(max_length=20)
    area = models.SlugField(max_length=60)
    statement = models.SlugField(max_length=60, blank=True)
    need = models.CharField("area of need", max_length=30, choices=Student.Need.choices)
    pfa = ArrayField(
        models.CharField(max_length=20, choices=Outcome.Pfa.choices),
        default=list,
        blank=True,
        verbose_name="preparing for adulthood",
    )
    outcomes = models.ManyToManyField("care.Outcome", through="GoalOutcome", related_name="goals")
    student_words = models.CharField(worded_lazy("the goal in the student’s own words"), max_length=300)
    why_it_matters = models.CharField("why it matters to them", max_length=500, blank=True)
    # What it grew from in another app, as keywork.goal_links names it, and how that read then.
    grew_from = models.CharField(max_length=120, blank=True)
    grew_from_words = models.CharField(max_length=300, blank=True)
    importance = models.PositiveSmallIntegerField(default=1)
    difficulty = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["student", "started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(importance__range=(1, 3), difficulty__range=(1, 3)), name="tsp_goal_weights"
            ),
            models.CheckConstraint(condition=~Q(student_words=""), name="tsp_goal_in_own_words"),
            all_or_none("tsp_goal_withdrawn_whole", "withdrawn_at", words="withdrawn_reason"),
        ]
        indexes = [models.Index(fields=["student", "term"], name="tsp_goal_of_student")]
        triggers = [
            pgtrigger.Protect(
                name="weights_fixed_once_agreed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__agreed_at__isnull=False)
                & (
                    pgtrigger.Q(old__importance__df=pgtrigger.F("new__importance"))
                    | pgtrigger.Q(old__difficulty__df=pgtrigger.F("new__difficulty"))
                ),
            )
        ]


class GoalOutcomeQuerySet(ScopedQuerySet):
    student_path = "goal__student_id"


@pghistory.track()
class GoalOutcome(models.Model):
    """A goal works towards an outcome of the EHC plan; the outcome it was set against stays."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="links")
    outcome = models.ForeignKey("care.Outcome", on_delete=models.PROTECT, related_name="goal_links")

    objects = GoalOutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["goal", "outcome"]
        constraints = [models.UniqueConstraint(fields=["goal", "outcome"], name="tsp_goal_outcome_once")]


class GasScaleQuerySet(ScopedQuerySet):
    student_path = "goal__student_id"

    def asked(self) -> GasScaleQuerySet:
        """Those that wait for a second adult."""
        return self.filter(
            asked_at__isnull=False,
            agreed_at__isnull=True,
            goal__withdrawn_at__isnull=True,
            goal__closed_at__isnull=True,
        )

    def with_mine(self, user: Any) -> GasScaleQuerySet:
        """Each with `mine`: did this person ever save its levels? Then they never check them."""
        events = GasScale.pgh_event_model.objects.filter(pgh_obj_id=OuterRef("pk"), written_by=user.pk)
        return self.annotate(mine=Q(written_by=user.pk) | Exists(events.order_by()))


@pghistory.track(meta={"db_table": "tsp_ladderevent"})
class GasScale(models.Model):
    """The five levels of a goal. Once agreed it is locked for good; a change is a new scale with a reason."""

    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="scales")
    number = models.PositiveSmallIntegerField(default=1)
    minus_2 = models.CharField("−2 Much less than expected", max_length=300, blank=True)
    minus_1 = models.CharField("−1 Somewhat less than expected", max_length=300, blank=True)
    zero = models.CharField("0 Expected by the review date", max_length=300, blank=True)
    plus_1 = models.CharField("+1 Somewhat more than expected", max_length=300, blank=True)
    plus_2 = models.CharField("+2 Much more than expected", max_length=300, blank=True)
    measure = models.CharField("what is counted or seen, by whom, where", max_length=300, blank=True)
    baseline = models.SmallIntegerField("level now", default=-1)
    support = models.TextField("what adults will do", blank=True)
    review_on = models.DateField("review date", null=True, blank=True)
    reason = models.CharField("why the levels were changed", max_length=300, blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    sent_back_at = models.DateTimeField(null=True)
    sent_back_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    sent_back_words = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField("a second adult was asked to check", null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    pgh_event_model: Any  # the versions of the row, by pghistory

    objects = GasScaleQuerySet.as_manager()

    class Meta:
        db_table = "tsp_ladder"
        ordering = ["goal", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "number"], name="tsp_ladder_once"),
            models.CheckConstraint(condition=Q(baseline__in=[-1, -2]), name="tsp_ladder_baseline"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="tsp_ladder_changed_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("written_by")),
                name="tsp_ladder_second_adult",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True)
                | (
                    Q(checked_at__isnull=False, review_on__isnull=False)
                    & ~Q(minus_2="")
                    & ~Q(minus_1="")
                    & ~Q(zero="")
                    & ~Q(plus_1="")
                    & ~Q(plus_2="")
                    & ~Q(measure="")
                    & ~Q(support="")
                ),
                name="tsp_ladder_agreed_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="locked_when_agreed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__agreed_at__isnull=False),
            )
        ]

    @property
    def agreed_on(self) -> date:
        """Of one in force."""
        assert self.agreed_at is not None
        return london_date(self.agreed_at)

    @property
    def levels(self) -> dict[int, str]:
        """−2 to +2, the words of each."""
        return {-2: self.minus_2, -1: self.minus_1, 0: self.zero, 1: self.plus_1, 2: self.plus_2}


class GoalScoreQuerySet(StandingQuerySet):
    student_path = "goal__student_id"


@pghistory.track()
class GoalScore(Voidable):
    """Where the student stood on a scale on a day, and how it is known. The newest standing score is the level.

    `partial` is progress within −1: shown, and scored as −1. `second` marks an independent second scorer's view,
    shown beside and never the level. `source_*` name an entry of the timeline as Evidence does.
    """

    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="scores")
    scale = models.ForeignKey(GasScale, on_delete=models.PROTECT, related_name="+", db_column="ladder_id")
    level = models.SmallIntegerField()
    partial = models.BooleanField(default=False)
    second = models.BooleanField("by a second scorer", default=False)
    scored_on = models.DateField()
    evidence = models.TextField("how it is known")
    source_kind = models.CharField(max_length=20, blank=True)
    source_pk = models.BigIntegerField(null=True)
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = GoalScoreQuerySet.as_manager()

    class Meta:
        ordering = ["goal", "-scored_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(level__range=(-2, 2)), name="tsp_score_level"),
            models.CheckConstraint(condition=Q(partial=False) | Q(level=-1), name="tsp_score_partial"),
            models.CheckConstraint(condition=~Q(evidence=""), name="tsp_score_has_evidence"),
            all_or_none("tsp_score_voided_whole", "voided_at", words="void_reason"),
        ]


class JudgementQuerySet(ScopedQuerySet):
    student_path = "outcome__plan__student_id"


@pghistory.track()
class Judgement(models.Model):
    """What the keyworker makes of one EHC outcome on a day (domain 2.6); the newest stands, the others stay."""

    class Word(models.TextChoices):
        ACHIEVED = "achieved", "Achieved"
        ON_TRACK = "on_track", "On track"
        SOME = "some", "Some progress"
        NOT_YET = "not_yet", "Not yet"
        NOT_RIGHT = "not_right", "Outcome no longer right"

    outcome = models.ForeignKey("care.Outcome", on_delete=models.PROTECT, related_name="judgements")
    word = models.CharField("judgement", max_length=10, choices=Word.choices)
    words = models.TextField("why", blank=True)
    made_on = models.DateField()
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = JudgementQuerySet.as_manager()

    class Meta:
        ordering = ["outcome", "-made_on", "-pk"]

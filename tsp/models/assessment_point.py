"""A baseline or a review of one student's term: its ratings, the words beside them and their evidence; and reminding
keyworkers of what is not complete of it."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from keywork.scoped import ScopedQuerySet
from keywork.voided import all_or_none
from keywork.words import worded_lazy

from ..rating import rules
from .template import TemplateVersion


class AssessmentPointQuerySet(ScopedQuerySet):
    def finished(self) -> AssessmentPointQuerySet:
        return self.filter(finished_at__isnull=False)


# A finished assessment point is what a report may rest on: the database itself keeps its parts as they are. Reopening it,
# with a reason, is a change of it and leaves its trace in the history.
_STAYS_WHEN_FINISHED = """
    IF TG_OP = 'INSERT' THEN mine := NEW.point_id; ELSE mine := OLD.point_id; END IF;
    IF EXISTS (SELECT 1 FROM tsp_window WHERE id = mine AND finished_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a finished point stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


def _stays_when_finished() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="stays_when_finished",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("mine", "bigint")],
        func=_STAYS_WHEN_FINISHED,
    )


@pghistory.track(meta={"db_table": "tsp_windowevent"})
class AssessmentPoint(models.Model):
    """One baseline or review (domain 2.3, T1 to T6): best fit over all its weeks, on one version of the form.

    `term` is a term's id in the school calendar ("2026-27-autumn"). A closing review of a leaver (T6) is the
    review of its term. `contexts` are codes of rules.CONTEXTS: what a rise or fall must be read beside.
    """

    class Kind(models.TextChoices):
        BASELINE = "baseline", "Baseline"
        REVIEW = "review", "Review"

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="tsp_points")
    term = models.CharField(max_length=20)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    template = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="+")
    contexts = ArrayField(
        models.CharField(max_length=20, choices=list(rules.CONTEXTS.items())), default=list, blank=True
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    done_on = models.DateField("day it was finished", null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    reopened_reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    pgh_event_model: Any  # the versions of the row, by pghistory

    objects = AssessmentPointQuerySet.as_manager()

    class Meta:
        db_table = "tsp_window"
        ordering = ["student", "term", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["student", "term", "kind"], name="tsp_window_once"),
            all_or_none("tsp_window_finished_whole", "finished_at", "done_on", "finished_by"),
        ]

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


class PartQuerySet(ScopedQuerySet):
    student_path = "point__student_id"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Rating(models.Model):
    """One statement of one point. `value` is None for "no opportunity to see", which is an answer and no score.

    A rating carried over from the last review counts only once its area was confirmed (`confirmed_at`);
    `carried_from` names the point it came from. What was rated in this point is confirmed by being rated.
    `version` counts saves: who writes with an older one is shown what changed.
    """

    point = models.ForeignKey(AssessmentPoint, on_delete=models.PROTECT, related_name="ratings")
    statement = models.SlugField(max_length=60, db_index=False)
    value = models.PositiveSmallIntegerField(null=True)
    carried_from = models.ForeignKey(AssessmentPoint, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    pgh_event_model: Any  # the versions of the row, by pghistory

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["point", "statement"]
        constraints = [
            models.UniqueConstraint(fields=["point", "statement"], name="tsp_rating_once"),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__lte=4), name="tsp_rating_on_the_scale"
            ),
            models.CheckConstraint(
                condition=Q(carried_from__isnull=False) | Q(confirmed_at__isnull=False),
                name="tsp_rating_confirmed_unless_carried",
            ),
        ]
        triggers = [_stays_when_finished()]

    @property
    def rating(self) -> rules.Rating:
        """As tsp.rating.rules reads it."""
        return rules.NO_OPPORTUNITY if self.value is None else self.value

    @property
    def counts(self) -> bool:
        return self.confirmed_at is not None


@pghistory.track(meta={"db_table": "tsp_passageevent"})
class Narrative(models.Model):
    """Words of a point, saved as they are typed: `part` is "summary", "next-steps", "context" or "area:<slug>"."""

    point = models.ForeignKey(AssessmentPoint, on_delete=models.PROTECT, related_name="narratives")
    part = models.CharField(max_length=80)
    text = models.TextField(blank=True)
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = PartQuerySet.as_manager()

    class Meta:
        db_table = "tsp_passage"
        ordering = ["point", "part"]
        constraints = [models.UniqueConstraint(fields=["point", "part"], name="tsp_passage_once")]
        triggers = [_stays_when_finished()]


class Setting(models.TextChoices):
    """Where it was seen: a 3 wants two of them, a 4 three (domain 2.3)."""

    LESSON = "lesson", "In a lesson"
    SOCIAL = "social", "Break, lunch or a club"
    KEYWORK = "keywork", worded_lazy("With the keyworker")
    THERAPY = "therapy", "In therapy or a group"
    RESIDENCE = "residence", "In residence"
    HOME = "home", "At home"
    TRIP = "trip", "On a trip or in the community"
    TRAVEL = "travel", "On the way to or from school"
    WORK = "work", "At work or college"
    OTHER = "other", "Somewhere else"


@pghistory.track()
class Evidence(models.Model):
    """A dated example of one statement in one point: an entry of the timeline, or words written here.

    `source_kind` and `source_pk` name the entry as keywork.timeline does; both empty for words alone. The entry's
    own text is never copied: who may not read it there does not read it here.
    """

    point = models.ForeignKey(AssessmentPoint, on_delete=models.PROTECT, related_name="evidence")
    statement = models.SlugField(max_length=60)
    on = models.DateField()
    setting = models.CharField(max_length=10, choices=Setting.choices)
    words = models.CharField(max_length=500, blank=True)
    source_kind = models.CharField(max_length=20, blank=True)
    source_pk = models.BigIntegerField(null=True)
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["point", "statement", "on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(source_kind="", source_pk__isnull=True) & ~Q(words=""))
                | (~Q(source_kind="") & Q(source_pk__isnull=False)),
                name="tsp_evidence_has_something",
            ),
            models.UniqueConstraint(
                fields=["point", "statement", "source_kind", "source_pk"],
                condition=Q(source_pk__isnull=False, removed_at__isnull=True),
                name="tsp_evidence_source_once",
            ),
        ]
        triggers = [_stays_when_finished()]


@pghistory.track(meta={"db_table": "tsp_chaseevent"})
class Reminder(models.Model):
    """A reminder the coordinator sent to a student's keyworker; `missing` says in codes what was not there."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="tsp_reminders")
    term = models.CharField(max_length=20)
    keyworker = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    missing = ArrayField(models.CharField(max_length=60), default=list)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        db_table = "tsp_chase"
        ordering = ["-sent_at", "-pk"]

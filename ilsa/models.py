"""The form as versioned data; and a year's assessment of each student: who rates, what they answered, and what was
agreed when they talked."""

from __future__ import annotations

from typing import cast

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from keywork.final import final_once
from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy
from questionnaires.models import Version

from . import rules


@pghistory.track(exclude=["content"])
class TemplateVersion(Version):
    content = models.JSONField(help_text="A document of the schema keywork.ilsa-template/1")


# Assessments and answers are made by the thousand, and say themselves who made them and when: the history keeps what
# came after.


@pghistory.track()
class Round(models.Model):
    """One academic year's assessment of the whole school: opened in one act, with a window and one form.

    `year` is the academic year as the school calendar writes it ("2026-27").
    """

    year = models.CharField(max_length=7, unique=True)
    template = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="+")
    opens_on = models.DateField()
    closes_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="ilsa_round_in_order")
        ]


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Assessment(models.Model):
    """One student's assessment in one round. It keeps the form it was opened with."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="assessments")
    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="assessments")
    template = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["student", "-round"]
        constraints = [models.UniqueConstraint(fields=["round", "student"], name="ilsa_assessment_once")]


class Role(models.TextChoices):
    """Who rates (domain 3.5). Codes of the form."""

    KEYWORKER = "keyworker", worded_lazy("Keyworker")
    PARENT = "parent_carer", "Parent or carer"
    PUPIL = "pupil", worded_lazy("Student")


class OfAssessmentQuerySet(ScopedQuerySet):
    student_path = "assessment__student_id"


class RaterFormQuerySet(OfAssessmentQuerySet):
    def submitted(self) -> RaterFormQuerySet:
        return self.filter(submitted_at__isnull=False)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class RaterForm(models.Model):
    """One rater's form. Each parent or carer has their own; nobody's answers are ever averaged with another's.

    `member` is the parent or carer; `rater` the account that submitted it, None when typed in from paper
    (`from_paper`, `typed_by`). `answered_on` is the day the rater gave their answers: the day of submitting, or the
    date on the paper. A rater who takes no part has a reason instead (`missing`, a code of rules.NOT_TAKING_PART).
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="forms")
    role = models.CharField(max_length=12, choices=Role.choices)
    member = models.ForeignKey(
        "students.FamilyMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    invited_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    answered_on = models.DateField("day of the answers", null=True)
    submitted_at = models.DateTimeField(null=True)
    rater = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    helped_by = models.CharField("who helped", max_length=100, blank=True)
    from_paper = models.BooleanField(default=False)
    typed_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    missing = models.CharField(
        "why they take no part", max_length=12, blank=True, choices=list(rules.NOT_TAKING_PART.items())
    )
    missing_words = models.CharField(max_length=300, blank=True)
    missing_noted_by = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    missing_noted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = RaterFormQuerySet.as_manager()

    class Meta:
        ordering = ["assessment", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "role", "member"], name="ilsa_form_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(role="parent_carer", member__isnull=False)
                | (~Q(role="parent_carer") & Q(member__isnull=True)),
                name="ilsa_form_has_parent",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, answered_on__isnull=True, rater__isnull=True)
                | (
                    Q(submitted_at__isnull=False, answered_on__isnull=False, missing="")
                    & (Q(rater__isnull=False, from_paper=False) | Q(from_paper=True, typed_by__isnull=False))
                ),
                name="ilsa_form_submitted_whole",
            ),
            models.CheckConstraint(
                condition=Q(missing="", missing_noted_at__isnull=True)
                | (~Q(missing="") & Q(missing_noted_at__isnull=False)),
                name="ilsa_form_missing_whole",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="submitted_never_deleted",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__submitted_at__isnull=False),
            ),
            final_once(
                "submitted_at",
                name="submitted_stays",
                fields=[
                    "assessment",
                    "role",
                    "member",
                    "answered_on",
                    "submitted_at",
                    "rater",
                    "helped_by",
                    "from_paper",
                    "typed_by",
                ],
            ),
        ]

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None


class AnswerQuerySet(ScopedQuerySet):
    student_path = "form__assessment__student_id"


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Answer(models.Model):
    """One rater's answer to one item: a score, or one of the two answers that are none, and a note.

    `kind` is "score", "na" or "no"; "" while there is only a note, or when an answer was taken back. `suggested` marks
    a "does not apply" that the form chose for a younger student and the rater left standing. `version` counts saves
    of the answer, `note_version` those of the note: two devices may each write one of them.
    """

    class Kind(models.TextChoices):
        SCORE = "score", "Score"
        NOT_APPLICABLE = rules.NOT_APPLICABLE, "Does not apply"
        NOT_SEEN = rules.NOT_SEEN, "Not seen"

    form = models.ForeignKey(RaterForm, on_delete=models.PROTECT, related_name="answers")
    item = models.SlugField(max_length=60, db_index=False)
    kind = models.CharField(max_length=5, choices=Kind.choices, blank=True)
    score = models.PositiveSmallIntegerField(null=True)
    suggested = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=0)
    note_version = models.PositiveIntegerField(default=0)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["form", "item"]
        constraints = [
            models.UniqueConstraint(fields=["form", "item"], name="ilsa_answer_once"),
            models.CheckConstraint(
                condition=Q(kind="score", score__range=(0, 4))
                | (Q(kind__in=["na", "no"], score__isnull=True))
                | Q(kind="", score__isnull=True),
                name="ilsa_answer_on_the_scale",
            ),
        ]
        triggers = [
            # The three originals are never changed (domain 3.5): agreed values stand beside them.
            pgtrigger.Trigger(
                name="stays_when_submitted",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    -- NEW is null in a delete, OLD in an insert; an answer may not be moved to another form either.
                    IF EXISTS (
                        SELECT 1 FROM ilsa_raterform
                        WHERE id IN (OLD.form_id, NEW.form_id) AND submitted_at IS NOT NULL
                    ) THEN
                        RAISE EXCEPTION 'a submitted form stays as it is' USING ERRCODE = 'restrict_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    @property
    def answer(self) -> rules.Answer:
        return answer_of(self.kind, self.score)


def answer_of(kind: str, score: int | None) -> rules.Answer:
    """The two columns an answer is kept in, as ilsa.rules reads them."""
    if kind == Answer.Kind.SCORE:
        return score
    return cast(rules.Answer, kind or None)


@pghistory.track()
class Agreement(models.Model):
    """What the people agreed about one item when they talked: a fourth set, beside the originals (domain 3.5).

    `tags` are codes of rules.EXPLANATIONS. The note is read by the student and their family.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="agreements")
    item = models.SlugField(max_length=60, db_index=False)
    score = models.PositiveSmallIntegerField()
    tags = ArrayField(
        models.CharField(max_length=20, choices=list(rules.EXPLANATIONS.items())), default=list, blank=True
    )
    note = models.CharField(max_length=500, blank=True)
    agreed_on = models.DateField()
    by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = OfAssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["assessment", "item"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "item"], name="ilsa_agreed_once"),
            models.CheckConstraint(condition=Q(score__range=(0, 4)), name="ilsa_agreed_on_the_scale"),
        ]

"""One review of an EHC plan, who has a part in it, and the changes asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pghistory
from django.db import models
from django.db.models import Q

from keywork.dates import london_date
from keywork.policy import Policy
from keywork.voided import NOT_VOID, StandingQuerySet, Voidable, all_or_none, void_is_whole
from keywork.words import marked
from students.models import Student

from . import rules


@pghistory.track()
class Review(Voidable):
    """From the date of its meeting all other days are counted (rules); what was done stands here with its day.

    `talk_at` is the talk of keyworker and home before it, which was held once it has its minutes.
    """

    class Move(models.TextChoices):
        NONE = "", "None"
        SCHOOL = "school", "To another school or phase, by 15 February"
        SIXTH_FORM = "sixth_form", "To sixth form or college, by 31 March"
        POST16 = "post16", "Between sixth form, college or training, five months before"

    class TakingPart(models.TextChoices):
        ALL = "all", "In the meeting from beginning to end"
        PART = "part", "In a part of the meeting"
        BEFORE = "before", "By film, drawing, pictures or words made before"
        SPOKEN_FOR = "spoken_for", "Through somebody who speaks for them"
        NOT = "not", "Would rather not take part"

    class Decision(models.TextChoices):
        KEEP = "keep", "Keep the plan as it is"
        AMEND = "amend", "Change the plan"
        CEASE = "cease", "End the plan"

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="reviews")
    plan = models.ForeignKey("care.EhcPlan", on_delete=models.PROTECT, related_name="reviews")
    meets_at = models.DateTimeField("date and time of the meeting")
    moved_at = models.DateTimeField("date moved last", null=True)
    place = models.CharField(max_length=100, blank=True)
    led_by = models.ForeignKey(
        "keywork.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="led by",
    )
    move = models.CharField("change of phase", max_length=12, choices=Move.choices, blank=True)
    moves_on = models.DateField("first day there", null=True, blank=True)
    taking_part = models.CharField(
        "the student’s way of taking part", max_length=12, choices=TakingPart.choices, blank=True
    )
    taking_part_words = models.TextField("how, in their words", blank=True)
    taking_part_on = models.DateField("chosen on", null=True)
    papers_on = models.DateField("papers sent on", null=True)
    papers_at = models.DateTimeField("written down that they are sent", null=True)
    papers_words = models.CharField("what went, and what was missing", max_length=500, blank=True)
    talk_at = models.DateTimeField("talk before the review", null=True)
    talk_minutes = models.PositiveSmallIntegerField("minutes it lasted", null=True)
    talk_place = models.CharField("where, and with whom", max_length=200, blank=True)
    talk_said = models.JSONField("what was said, by head", default=dict, blank=True)
    held_on = models.DateField("meeting held on", null=True)
    record = models.TextField("what was said in the meeting", blank=True)
    progress = models.TextField("progress towards the outcomes", blank=True)
    differences = models.TextField("where views differ", blank=True)
    report_on = models.DateField("report sent on", null=True)
    decision = models.CharField(max_length=5, choices=Decision.choices, blank=True)
    decided_on = models.DateField("date of the authority’s letter", null=True)
    decision_words = models.CharField("what the letter says", max_length=500, blank=True)
    created_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["-meets_at", "-pk"]
        indexes = [
            # The duty asks for the newest of each student of a whole school.
            models.Index(
                fields=["student", "-meets_at", "-id"],
                condition=Q(voided_at__isnull=True),
                include=["created_at"],
                name="review_newest",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="", decided_on__isnull=True)
                | (~Q(decision="") & Q(decided_on__isnull=False, held_on__isnull=False)),
                name="review_decided_with_date",
            ),
            models.CheckConstraint(
                condition=Q(report_on__isnull=True) | Q(held_on__isnull=False), name="review_report_after_it"
            ),
            models.CheckConstraint(
                condition=Q(talk_minutes__isnull=True) | Q(talk_at__isnull=False), name="review_talk_has_time"
            ),
            models.CheckConstraint(
                condition=Q(taking_part="", taking_part_on__isnull=True)
                | (~Q(taking_part="") & Q(taking_part_on__isnull=False)),
                name="review_part_with_date",
            ),
            void_is_whole("review_void_whole"),
        ]

    @property
    def meets_on(self) -> date:
        return london_date(self.meets_at)

    def talk_result(self, policy: Policy) -> rules.Talk | None:
        """How the talk counts; None while it is not held."""
        if self.talk_at is None or self.talk_minutes is None:
            return None
        return rules.talk_result(
            self.meets_at,
            self.talk_at,
            self.talk_minutes,
            least=policy.review_pre_meeting_minutes or 0,
            within=policy.review_pre_meeting_within_days,
        )

    def facts(self, people: Any, policy: Policy, amended_on: date | None) -> rules.ReviewFacts:
        """What the rule is to know. `amended_on` is when the version after the reviewed one was issued."""
        talk_on = london_date(self.talk_at) if self.talk_at else None
        return rules.ReviewFacts(
            meets_on=self.meets_on,
            move=self.move,  # type: ignore[arg-type]  # its choices are those of the rule
            moves_on=self.moves_on,
            people=tuple(one.as_rule for one in people),
            taking_part_on=self.taking_part_on,
            papers_on=self.papers_on,
            talk_on=talk_on if self.talk_result(policy) == "met" else None,
            held_on=self.held_on,
            report_on=self.report_on,
            decision=self.decision,
            decided_on=self.decided_on,
            amended_on=amended_on,
        )


class _OfReview(StandingQuerySet):
    student_path = "review__student_id"


@pghistory.track()
class ReviewPerson(Voidable):
    """Somebody who is invited, or asked for advice, or both: an account, a parent or carer, the student, or a name.

    What they answer to an enquiry of `kinds` stands here, as does what came by phone, by letter or on paper.
    """

    class Role(models.TextChoices):
        PARENT = "parent", "Parent or carer"
        STUDENT = "student", "Whose plan it is"
        AUTHORITY = "authority", "Local authority"
        HEALTH = "health", "Health"
        SOCIAL_CARE = "social_care", "Social care"
        SCHOOL = "school", "School"
        OTHER = "other", "Somebody else"

    class Reply(models.TextChoices):
        NONE = "", "No answer"
        COMING = "coming", "Coming"
        VIDEO = "video", "By video or phone"
        NOT = "not", "Cannot come"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="people")
    role = models.CharField(max_length=12, choices=Role.choices)
    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey("students.FamilyMember", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=100, blank=True)
    post = models.CharField("their post", max_length=100, blank=True)
    email = models.EmailField("e-mail", blank=True)
    invited_on = models.DateField(null=True)
    reply = models.CharField(max_length=6, choices=Reply.choices, blank=True)
    reply_words = models.CharField("what they added", max_length=300, blank=True)
    replied_at = models.DateTimeField(null=True)
    advice_by = models.DateField("advice asked for by", null=True)
    advice_asked_on = models.DateField(null=True)
    advice_on = models.DateField("advice came on", null=True)
    advice_at = models.DateTimeField("written down that it came", null=True)
    advice_declined_on = models.DateField("said that none will come on", null=True)
    advice_on_paper = models.BooleanField("it came on paper", default=False)
    advice_progress = models.TextField("progress and needs", blank=True)
    advice_help = models.TextField("what helps, and what is provided", blank=True)
    advice_changes = models.TextField("what should change in the plan", blank=True)
    came = models.BooleanField("was at the meeting", null=True)
    beyond_team = models.BooleanField("a colleague who could not open the record when asked", default=False)
    added_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = _OfReview.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "part in a review"
        verbose_name_plural = "parts in a review"
        constraints = [
            models.CheckConstraint(
                condition=(~Q(name="") & Q(user__isnull=True, member__isnull=True))
                | Q(name="", user__isnull=False, member__isnull=True)
                | Q(name="", user__isnull=True, member__isnull=False)
                | Q(name="", user__isnull=True, member__isnull=True, role="student"),
                name="review_person_is_one",
            ),
            models.CheckConstraint(
                condition=Q(invited_on__isnull=False) | Q(advice_by__isnull=False),
                name="review_person_has_a_part",
            ),
            all_or_none("review_advice_asked_by_day", "advice_by", "advice_asked_on"),
            *(
                models.UniqueConstraint(
                    fields=["review", whom],
                    condition=Q(**{f"{whom}__isnull": False}) & NOT_VOID,
                    name=f"review_{whom}_once",
                )
                for whom in ("user", "member")
            ),
            models.UniqueConstraint(
                fields=["review"], condition=Q(role="student") & NOT_VOID, name="review_student_once"
            ),
            void_is_whole("review_person_void_whole"),
        ]

    @property
    def called(self) -> str:
        """Their name, as the review says it."""
        if self.user is not None:
            return self.user.name
        if self.member is not None:
            return self.member.name
        return self.name or self.review.student.known_as

    @property
    def as_who(self) -> str:
        """For whom they stand, or in which post."""
        return self.post or self.get_role_display()

    @property
    def as_rule(self) -> rules.Person:
        return rules.Person(
            self.role, self.invited_on, self.advice_by, self.advice_on or self.advice_declined_on
        )

    @property
    def advice(self) -> list[tuple[str, str]]:
        """What they wrote, by heading."""
        said = (
            (marked("What goes well, and what is hard"), self.advice_progress),
            (marked("What helps"), self.advice_help),
            (marked("What should change in the plan"), self.advice_changes),
        )
        return [(heading, words) for heading, words in said if words]

    @property
    def is_after_papers(self) -> bool:
        """Whoever has had the papers is told of it."""
        papers_on = self.review.papers_on
        if papers_on is None or self.advice_on is None:
            return False
        if self.advice_on != papers_on:
            return self.advice_on > papers_on
        sent_at, came_at = self.review.papers_at, self.advice_at
        return came_at >= sent_at if sent_at and came_at else self.is_late

    @property
    def is_late(self) -> bool:
        """Their advice came after the day it was asked for."""
        return bool(self.advice_by and self.advice_on and self.advice_on > self.advice_by)

    @property
    def answered_before_move(self) -> bool:
        """They answered for a day that is no longer that of the meeting."""
        moved = self.review.moved_at
        return bool(self.replied_at and moved and self.replied_at < moved)


@pghistory.track()
class ReviewChange(models.Model):
    """Somebody asks for section A, B, E or F of the plan to be changed; what the review says to it."""

    class Section(models.TextChoices):
        A = "A", "A: views, interests and hopes"
        B = "B", "B: special educational needs"
        E = "E", "E: outcomes"
        F = "F", "F: help in education"

    class Answer(models.TextChoices):
        OPEN = "", "Not agreed yet"
        AGREED = "agreed", "Everybody agrees"
        DIFFER = "differ", "Views differ"
        DROPPED = "dropped", "No longer asked for"

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="changes")
    section = models.CharField(max_length=1, choices=Section.choices)
    words = models.TextField("what should change, and why")
    asked_by = models.CharField("who asks for it", max_length=100)
    asked_on = models.DateField()
    answer = models.CharField(max_length=7, choices=Answer.choices, blank=True)
    answer_words = models.CharField("who sees it how", max_length=500, blank=True)
    created_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    objects = _OfReview.as_manager()

    class Meta:
        ordering = ["section", "pk"]
        verbose_name = "change asked for"
        verbose_name_plural = "changes asked for"
        constraints = [
            models.CheckConstraint(
                condition=Q(section__in=["A", "B", "E", "F"]), name="review_change_section"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="review_change_has_words"),
        ]

    def __str__(self) -> str:
        return f"change {self.pk} of section {self.section}"

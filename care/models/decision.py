"""What was decided about a student, whom at home it was shared with by name, and what each of them answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar, Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q

from keywork import clock
from keywork.dates import day_in_full, london_date
from keywork.models import User
from keywork.scoped import ScopedQuerySet
from keywork.voided import all_or_none
from keywork.words import marked
from students.models import FamilyMember, OwnChoice, Student

ON_ITS_WAY = timedelta(hours=1)  # how long a letter may take, before home is to be told in another way


@pghistory.track()
class Decision(models.Model):
    """Stands as it was announced; one that is not so any more is withdrawn with a reason, and another announced.

    `origin` is the slug of what made it ("meeting", "keyworker", "plan", …; empty where somebody announced it by
    itself) and `origin_id` its number there.
    """

    class Asks(models.TextChoices):
        READ = "read", "Say that they have read it"
        ANSWER = "answer", "Say whether they agree"

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="decisions")
    what = models.TextField("what was decided")
    why = models.TextField("why", blank=True)
    decided_by = models.CharField("who decided", max_length=200)
    from_on = models.DateField("from when")
    asks = models.CharField("what home is asked", max_length=6, choices=Asks.choices, default=Asks.READ)
    answer_by = models.DateField("to be answered by", null=True, blank=True)
    origin = models.SlugField(max_length=20, blank=True)
    origin_id = models.BigIntegerField(null=True)
    announced_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()
    home_held_until: date | None = None  # while home contact is on hold, as a page has asked

    class Meta:
        ordering = ["-announced_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="decision_has_words"),
            all_or_none("decision_withdrawn_whole", "withdrawn_at", "withdrawn_by", words="withdrawn_reason"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="stays_as_announced",
                fields=[
                    "student", "what", "why", "decided_by", "from_on", "asks", "answer_by", "announced_by",
                    "announced_at",
                ],
            ),
        ]  # fmt: skip

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What home can say to it, with its words."""
        given = DecisionReader.Given
        wanted = (
            (given.READ, given.QUESTION)
            if self.asks == self.Asks.READ
            else (given.AGREE, given.QUESTION, given.DISAGREE)
        )
        return [(one.value, str(one.label)) for one in wanted]


class DecisionReaderQuerySet(ScopedQuerySet):
    student_path = "decision__student_id"

    def standing(self) -> Self:
        return self.filter(decision__withdrawn_at__isnull=True)

    def late(self, as_of: date) -> Self:
        """Asked, not answered, and the day has passed. A parent of somebody who speaks for themselves is told, not asked."""
        speaks = OwnChoice.objects.filter(
            student=OuterRef("decision__student"), replaced_at__isnull=True, speaks_for_self=True
        )
        late = self.standing().filter(answered_at__isnull=True, decision__answer_by__lt=as_of)
        return late.exclude(Exists(speaks), member__isnull=False)

    def asking(self) -> Self:
        """A question, or no agreement, that the school has not said anything to."""
        given = (DecisionReader.Given.QUESTION, DecisionReader.Given.DISAGREE)
        return self.standing().filter(answer__in=given, replied_at__isnull=True)


@pghistory.track()
class DecisionReader(models.Model):
    """One parent or carer whom a decision was shared with, or the student (without `member`); and their answer.

    `answered_by` is whose account it came from: their own, or that of the adult who wrote down what they said.
    """

    class Given(models.TextChoices):
        READ = "read", marked("I have read it")
        AGREE = "agree", marked("I agree")
        QUESTION = "question", marked("I have a question")
        DISAGREE = "disagree", marked("I do not agree")

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="readers")
    member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT, null=True, related_name="+")
    notified_at = models.DateTimeField("told by e-mail", null=True)
    read_at = models.DateTimeField("first opened", null=True)
    answer = models.CharField(max_length=8, choices=Given.choices, blank=True)
    words = models.TextField("in their words", blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    reply = models.TextField("what the school says to it", blank=True)
    replied_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)

    pgh_event_model: ClassVar[Any]  # by pghistory

    objects = DecisionReaderQuerySet.as_manager()

    class Meta:
        ordering = ["decision", models.F("member").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "member"], name="decision_reader_once", nulls_distinct=False
            ),
            all_or_none("decision_answered_whole", "answered_at", "answered_by", words="answer"),
            all_or_none("decision_replied_whole", "replied_at", "replied_by", words="reply"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="shared_by_name", fields=["decision", "member"]),
        ]

    @property
    def name(self) -> str:
        return self.member.name if self.member is not None else self.decision.student.known_as

    @property
    def has_account(self) -> bool:
        """Can they be told here: a parent or carer by e-mail, the student on their own page?"""
        return (self.decision.student if self.member is None else self.member).opens_pages

    @property
    def is_known(self) -> bool:
        """Have they heard of it?"""
        return any((self.notified_at, self.read_at, self.answered_at))

    @property
    def stands(self) -> str:
        """How it stands with them, for staff: "told on Monday 2 November, not opened yet"."""
        asked = self.answer in (self.Given.QUESTION, self.Given.DISAGREE)
        if self.answered_at is not None:
            waits = ", answered by school" if self.replied_at else ", not answered by school yet"
            return f"“{self.get_answer_display()}”{waits if asked else ''}"
        if self.is_late and self.decision.answer_by is not None:
            return f"no answer; it was asked for by {day_in_full(self.decision.answer_by, clock.today())}"
        if self.read_at is not None:
            return "has opened it"
        if self.notified_at is not None:
            return f"told on {day_in_full(london_date(self.notified_at), clock.today())}, not opened yet"
        until = self.decision.home_held_until
        by_mail = self.member is not None and self.has_account
        if by_mail and until is not None:
            return f"not told yet: home contact is on hold until {day_in_full(until, clock.today())}"
        if by_mail and clock.now() < self.decision.announced_at + ON_ITS_WAY:
            return "not told yet: the e-mail is on its way"
        if self.member is None and self.has_account:
            return "not opened yet"
        return "not told by e-mail: tell them at the next contact"

    @property
    def noted_by(self) -> User | None:
        """Who wrote their answer down for them."""
        own = self.member.user_id if self.member is not None else self.decision.student.user_id
        return self.answered_by if self.answered_by_id != own else None

    @property
    def must_answer(self) -> bool:
        """Is an answer asked of this person, and not given yet?"""
        asked = self.answered_at is None and self.decision.answer_by is not None
        if not asked or self.decision.withdrawn_at is not None:
            return False
        return self.member_id is None or not self.decision.student.speaks_for_self

    @property
    def is_late(self) -> bool:
        """Today, as `late` says."""
        by = self.decision.answer_by
        return by is not None and by < clock.today() and self.must_answer

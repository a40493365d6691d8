"""Documents: a batch makes reports, a report is one student's PDF, a release sends it to named people."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from contacts.at_home import household_key
from keywork.final import final_once
from keywork.models import RecordOpening
from keywork.pictures import content_type_of
from keywork.scoped import ScopedQuerySet
from keywork.voided import all_or_none
from students.models import FamilyLink

from .authority.models import AuthorityFilling as AuthorityFilling
from .authority.models import AuthorityForm as AuthorityForm
from .files import has_digest, missing_in_words
from .outside.models import OutsideCopy as OutsideCopy
from .pack.models import EvidencePack as EvidencePack
from .pack.models import PackDocument as PackDocument
from .pack.models import PackReading as PackReading
from .reading import WholeQuerySet
from .writing.models import WrittenLine as WrittenLine
from .writing.models import WrittenReport as WrittenReport

if TYPE_CHECKING:
    from .kinds import Kept


# A student's Reports page, as its readings are noted: what home says of a report stands there.
REPORTS_PAGE = "reports"


class Batch(models.Model):
    """One order for reports of a kind and term. Progress is counted from its reports, never stored."""

    kind = models.CharField(max_length=40)
    term = models.CharField(max_length=20, help_text="2026-27-autumn")
    known_on = models.DateField(help_text="Only what was known on this day is in the reports")
    total = models.PositiveIntegerField()
    whole_school = models.BooleanField(default=False)
    created_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        "keywork.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at"]


class BatchStudent(models.Model):
    """One student of an order, and how far their reports are."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MADE = "made", "Made"
        FAILED = "failed", "Could not be made"
        NOT_ALLOWED = "not_allowed", "No longer theirs to ask for"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="students")
    student = models.ForeignKey(
        "students.Student", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0, help_text="Begun so often, and not finished")
    error = models.CharField(max_length=300, blank=True, help_text="Why it could not be made, in words")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "student"], name="once_in_a_batch")]


class ReportQuerySet(WholeQuerySet):
    def released(self) -> ReportQuerySet:
        return self.filter(released_at__isnull=False, withdrawn_at__isnull=True)

    def releasable(self) -> ReportQuerySet:
        made = self.filter(rendered_at__isnull=False, withdrawn_at__isnull=True, failed="")
        return made.exclude(pdf="")

    def unreleased(self) -> ReportQuerySet:
        """Those that could be released and went to nobody yet; a copy that is for no home waits for nothing."""
        from .kinds import KINDS  # whose sections are made of this app's models

        found = self.releasable().filter(released_at__isnull=True)
        for kind in KINDS.values():
            if kind.kept:
                found = found.exclude(kind=kind.slug, household__in=list(kind.kept))
        return found


@pghistory.track(exclude=["pdf"])
class Report(models.Model):
    """A student's document, frozen when rendered. A newer one of the same kind and term never replaces it."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="reports")
    student = models.ForeignKey(
        "students.Student", on_delete=models.PROTECT, related_name="reports", db_index=False
    )
    household = models.CharField(
        max_length=80,
        blank=True,
        help_text="Whose household it is for (contacts.at_home.household_key); empty: everyone’s",
    )
    only_for: Any = ArrayField(
        models.BigIntegerField(),
        null=True,
        blank=True,
        help_text="Keys of the family members it was written for; empty: whoever is of the household",
    )
    kind = models.CharField(max_length=40)
    term = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    known_on = models.DateField()
    pdf = models.FileField(upload_to="reports/%Y/%m/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)
    printed_with = models.CharField(
        max_length=12, blank=True, help_text="Digest of template and style sheet it was made with"
    )
    missing_signs = models.CharField(
        max_length=100, blank=True, help_text="Signs no font could show: told to who proofs it"
    )
    rendered_at = models.DateTimeField(null=True, blank=True)
    failed = models.CharField(max_length=300, blank=True, help_text="Why it could not be made")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    withdrawal_reason = models.CharField(max_length=300, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-rendered_at", "-pk"]
        constraints = [
            # Two workers given the same student of a batch make one report for each household.
            models.UniqueConstraint(fields=["batch", "student", "household"], name="one_report_per_batch"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(rendered_at__isnull=False),
                name="released_is_rendered",
            ),
            all_or_none("report_withdrawn_whole", "withdrawn_at", words="withdrawal_reason"),
        ]
        indexes = [models.Index(fields=["student", "-rendered_at"], name="report_student")]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            # What was released is what the family holds: its file, and who released it when.
            final_once(
                "released_at",
                name="released_stays",
                fields=[
                    "student",
                    "household",
                    "only_for",
                    "kind",
                    "term",
                    "known_on",
                    "pdf",
                    "sha256",
                    "pages",
                    "printed_with",
                    "rendered_at",
                    "released_at",
                    "released_by",
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_for(self, link: FamilyLink) -> bool:
        """Was it written for this person? What was said with another household is not theirs (DP-13).

        Nor what a student shared with those who lived there then, for somebody who came later.
        """
        if self.household and self.household != household_key(link.pk, link.household):
            return False
        return self.only_for is None or link.member_id in self.only_for

    @property
    def goes_outside(self) -> bool:
        """May somebody outside get it? Only what was written for everybody alike: what one home or the school alone
        reads in a copy goes no further (DP-13).
        """
        return not self.household and self.only_for is None

    @property
    def kept(self) -> Kept | None:
        """What becomes of a copy that goes to nobody; None for any other."""
        from .kinds import KINDS

        return KINDS[self.kind].kept.get(self.household) if self.kind in KINDS else None

    def is_whole(self) -> bool:
        return has_digest(self.pdf, self.sha256)

    @property
    def on_paper(self) -> bool:
        """Does somebody's copy go out on paper? Read from prefetched recipients."""
        return any(one.channel == Recipient.Channel.PAPER for one in self.recipients.all())

    @property
    def missing_in_words(self) -> str:
        return missing_in_words(self.missing_signs)


class Recipient(models.Model):
    """One named person a report was released to, how it reaches them, and when they first opened it."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        PAPER = "paper", "Paper"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="recipients")
    member = models.ForeignKey("students.FamilyMember", on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.EMAIL)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "member"], name="one_envelope_each")]


class ReportCommentQuerySet(ScopedQuerySet):
    student_path = "report__student_id"

    def not_read_by(self, user_id: int) -> ReportCommentQuerySet:
        """Those said since this person last opened the student's reports, where they stand."""
        read = RecordOpening.objects.filter(
            user_id=user_id,
            student_id=OuterRef("report__student_id"),
            what=REPORTS_PAGE,
            at__gt=OuterRef("said_at"),
        )
        return self.filter(~Exists(read))


class ReportComment(models.Model):
    """What somebody of the family said about a report that was released to them: their words, which stay as they are."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="comments")
    member = models.ForeignKey("students.FamilyMember", on_delete=models.PROTECT, related_name="+")
    words = models.TextField(max_length=2000)
    said_at = models.DateTimeField()

    objects = ReportCommentQuerySet.as_manager()

    class Meta:
        ordering = ["said_at", "pk"]
        verbose_name = "comment on a report"
        triggers = [pgtrigger.Protect(name="stays_said", operation=pgtrigger.Update | pgtrigger.Delete)]


@pghistory.track(exclude=["logo"])
class Letterhead(models.Model):
    """How the school stands on everything it prints. One row, made when it is first changed."""

    COLOUR = "#6a3a62"  # --kp-brand of paper.css

    logo = models.FileField(upload_to="school/", blank=True)
    colour = models.CharField(max_length=7, default=COLOUR, help_text="Of headings and rules: #6a3a62")
    address = models.CharField(
        "how to reach the school",
        max_length=200,
        blank=True,
        help_text="One line below the name: address, telephone, website.",
    )
    opening = models.TextField(
        "words at the beginning",
        max_length=600,
        blank=True,
        help_text="They stand first in each report for a family.",
    )
    closing = models.TextField(
        "words at the end",
        max_length=600,
        blank=True,
        help_text="They stand in the letter that goes with a report on paper.",
    )
    version = models.PositiveIntegerField(default=1, help_text="counts saves of this row")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="only_one_letterhead")]

    @classmethod
    def now(cls) -> Letterhead:
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def picture(self) -> str:
        """The logo as an address that holds it whole, for paper; empty without one, or when its file is lost."""
        try:
            with self.logo.open("rb") as file:
                content = base64.b64encode(file.read()).decode()
                return f"data:{content_type_of(str(self.logo.name))};base64,{content}"
        except (OSError, ValueError):
            return ""


class StudentFile(models.Model):
    """Everything Keywork holds about a student, as one archive that somebody asked for. Deleted after some days."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    with_requests = models.BooleanField(
        "with what the student wrote when asking for another keyworker", default=False
    )
    ordered_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    archive = models.FileField(upload_to="files/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-ordered_at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="student_file_has_reason")]

    def is_whole(self) -> bool:
        return has_digest(self.archive, self.sha256)

"""Parents and carers, what each may do for which student (domain 1.10), and what a young person decides about home: from 16
on, where the school has asked them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pghistory
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from keywork import names
from keywork.names import LONGEST_ORDER, KeepsNameKeys, OrderKey
from keywork.phones import tel
from keywork.scoped import ScopedQuerySet
from keywork.words import worded_lazy


@pghistory.track(exclude=["in_order"])
class FamilyMember(KeepsNameKeys, models.Model):
    """A parent, carer or other adult of one or more students."""

    title = models.CharField(max_length=20, blank=True)
    forename = models.CharField(max_length=100, blank=True)
    surname = models.CharField(max_length=100, blank=True)
    email = models.EmailField("e-mail", blank=True)
    mobile = models.CharField(max_length=30, blank=True)
    phone = models.CharField("other phone", max_length=30, blank=True)
    address = models.TextField(blank=True)
    abroad = models.BooleanField("lives abroad", default=False)
    mis_id = models.CharField("MIS number", max_length=40, blank=True)
    user = models.OneToOneField(
        "keywork.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="family_member"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    in_order = OrderKey(max_length=LONGEST_ORDER, blank=True, editable=False)

    class Meta:
        ordering = ["in_order", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}".strip()  # a file may know only one of them

    @property
    def opens_pages(self) -> bool:
        """Whether they have an account for the pages of families that is open."""
        return self.user is not None and self.user.signs_in_as("family")

    @property
    def numbers(self) -> list[str]:
        """The numbers to ring, the mobile first; one written down twice, however it is spelt, stands here once."""
        return list({tel(number): number for number in (self.phone, self.mobile) if number}.values())[::-1]

    name_fields = ("forename", "surname")

    def name_keys(self) -> dict[str, str]:
        return {"in_order": names.in_order(self.surname, self.forename)}


class FamilyLinkQuerySet(ScopedQuerySet):
    def of_account(self, user: Any) -> FamilyLinkQuerySet:
        return self.filter(member__user=user, ended_on__isnull=True)

    def unrestricted(self, on: date) -> FamilyLinkQuerySet:
        """Links with no court restriction in force: a restriction beats every other flag."""
        return self.exclude(
            Q(restricted_until__isnull=True) | Q(restricted_until__gte=on),
            restricted_from__isnull=False,
            restricted_from__lte=on,
        )

    def following(self, on: date) -> FamilyLinkQuerySet:
        """Whose account opens the child's pages today; a child who left stays with what was shared."""
        return self.unrestricted(on).without(OwnChoiceAtHome.Sees.NOTHING)

    def without(self, *sees: str) -> FamilyLinkQuerySet:
        """Less those of whom the young person decided that they see this (OwnChoiceAtHome.Sees)."""
        decided = OwnChoiceAtHome.objects.filter(
            link=OuterRef("pk"), sees__in=sees, choice__replaced_at__isnull=True
        )
        return self.exclude(Exists(decided))

    def for_keywork(self, on: date) -> FamilyLinkQuerySet:
        return self.filter(ended_on__isnull=True, may_receive_keywork_contact=True).unrestricted(on)

    def for_reports(self, on: date) -> FamilyLinkQuerySet:
        free = self.filter(ended_on__isnull=True, may_receive_reports=True).unrestricted(on)
        return free.without(OwnChoiceAtHome.Sees.PAGE, OwnChoiceAtHome.Sees.NOTHING)


@pghistory.track()
class FamilyLink(models.Model):
    """What one adult is to one student. Parental responsibility and care are two different things."""

    class Responsibility(models.TextChoices):
        YES = "yes", "Yes"
        NO = "no", "No"
        UNKNOWN = "unknown", "Not known"
        UNCONFIRMED = "unconfirmed", "Said so elsewhere, not confirmed"

    class Channel(models.TextChoices):
        PHONE = "phone", "Phone"
        TEXT = "text", "Text"
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Letter"

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="family_links")
    member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT, related_name="links")
    relationship = models.CharField(max_length=60, blank=True)
    has_pr = models.CharField(
        "parental responsibility",
        max_length=12,
        choices=Responsibility.choices,
        default=Responsibility.UNKNOWN,
    )
    lives_with = models.BooleanField(worded_lazy("student lives with them"), default=False)
    priority = models.PositiveSmallIntegerField(default=1)
    emergency = models.BooleanField("emergency contact", default=False)
    may_receive_reports = models.BooleanField(default=True)
    may_receive_keywork_contact = models.BooleanField(
        worded_lazy("may be contacted by the keyworker"), default=True
    )
    language = models.CharField(max_length=60, blank=True)
    interpreter = models.BooleanField("interpreter needed", default=False)
    preferred_channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    best_time = models.CharField("best time to ring", max_length=120, blank=True)
    household = models.CharField(
        max_length=60, blank=True, help_text="Same word for people who live together"
    )
    # The text is for the DSL only (access.VIEW_RESTRICTIONS); that there is one is known to all who ring.
    court_restriction = models.TextField(blank=True)
    restricted_from = models.DateField(null=True, blank=True)
    restricted_until = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = FamilyLinkQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "member"], condition=Q(ended_on__isnull=True), name="one_open_family_link"
            ),
            models.CheckConstraint(
                condition=Q(restricted_until__isnull=True) | Q(restricted_until__gte=F("restricted_from")),
                name="restriction_in_order",
            ),
            models.CheckConstraint(
                condition=Q(court_restriction="") | Q(restricted_from__isnull=False),
                name="restriction_has_start",
            ),
        ]

    def is_restricted(self, on: date) -> bool:
        return (
            self.restricted_from is not None
            and self.restricted_from <= on
            and (self.restricted_until is None or on <= self.restricted_until)
        )

    @property
    def label(self) -> str:
        return f"{self.member.name} ({self.relationship})" if self.relationship else self.member.name


@pghistory.track()
class OwnChoice(models.Model):
    """The latest of a student holds; `replaced_at` is when the next was written down."""

    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="own_choices")
    decided_on = models.DateField()
    speaks_for_self = models.BooleanField(default=False)
    words = models.TextField(blank=True)
    recorded_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student"], condition=Q(replaced_at__isnull=True), name="one_own_choice_holds"
            ),
        ]


class OwnChoiceAtHomeQuerySet(ScopedQuerySet):
    student_path = "choice__student_id"


@pghistory.track()
class OwnChoiceAtHome(models.Model):
    """What one adult at home keeps seeing. Whoever is not named sees what they saw."""

    class Sees(models.TextChoices):
        ALL = "all", worded_lazy("The student’s page and reports")
        PAGE = "page", worded_lazy("The student’s page, no reports")
        NOTHING = "nothing", "Nothing"

    choice = models.ForeignKey(OwnChoice, on_delete=models.CASCADE, related_name="at_home")
    link = models.ForeignKey("students.FamilyLink", on_delete=models.CASCADE, related_name="own_choices")
    sees = models.CharField(max_length=10, choices=Sees.choices)

    objects = OwnChoiceAtHomeQuerySet.as_manager()

    class Meta:
        ordering = ["link__priority", "link_id"]
        constraints = [models.UniqueConstraint(fields=["choice", "link"], name="own_choice_at_home_once")]

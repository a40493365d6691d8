"""Accounts: one for each person who signs in, staff, family or student; and what they keep for themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from .. import names
from ..caseload import FULL_WEEK, own_cap
from ..names import LONGEST_ORDER, KeepsNameKeys, OrderKey
from ..roles import ROLE_CHOICES, STAFF_ROLES

if TYPE_CHECKING:
    from ..access import Relations


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


@pghistory.track(exclude=["password", "last_login", "in_order"])
class User(KeepsNameKeys, AbstractBaseUser, PermissionsMixin):
    """Someone who signs in. What they may do is decided by `keywork.access` alone."""

    # Empty for a student who signs in with a card alone.
    email = models.EmailField("e-mail", blank=True)
    name = models.CharField(max_length=150)
    job_title = models.CharField(max_length=100, blank=True)
    phone = models.CharField("how families can ring", max_length=30, blank=True)
    reach_note = models.CharField("best times to reach", max_length=200, blank=True)
    days_a_week = models.DecimalField(
        "days at work in a week", max_digits=2, decimal_places=1, default=FULL_WEEK
    )
    language = models.CharField("language chosen", max_length=10, blank=True)  # a code of keywork.languages
    roles = ArrayField(models.CharField(max_length=20, choices=ROLE_CHOICES), default=list)
    is_active = models.BooleanField(default=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    in_order = OrderKey(max_length=LONGEST_ORDER, blank=True, editable=False)

    events: Any  # the versions of the row, by pghistory
    _keywork_relations: Relations  # kept for one request by keywork.access

    objects = UserManager()
    name_fields = ("name",)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["in_order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=~Q(email=""), name="user_email_once"),
            models.CheckConstraint(condition=~Q(email="") | Q(roles=["student"]), name="user_has_email"),
            # The access table has no row for a superuser, so nobody may be one.
            models.CheckConstraint(condition=Q(is_superuser=False), name="user_never_superuser"),
            models.CheckConstraint(
                condition=Q(is_active=True) | Q(deactivated_at__isnull=False),
                name="user_deactivated_has_date",
            ),
            models.CheckConstraint(
                condition=Q(days_a_week__gte=Decimal("0.5"), days_a_week__lte=FULL_WEEK),
                name="user_days_a_week",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def name_keys(self) -> dict[str, str]:
        return {"in_order": names.in_order(self.name)}

    @property
    def is_invited(self) -> bool:
        """Whether they have never chosen a password, and still may."""
        return self.is_active and not self.has_usable_password()

    @property
    def is_written_to(self) -> bool:
        """Whether news go to them: not before they are invited to an account that was made for them."""
        return self.is_active and not (self.is_invited and self.invited_at is None)

    def signs_in_as(self, role: str) -> bool:
        """Whether the account is open, and has this role."""
        return self.is_active and role in self.roles

    @property
    def is_school_staff(self) -> bool:
        return not STAFF_ROLES.isdisjoint(self.roles)

    @property
    def is_part_time(self) -> bool:
        return self.days_a_week < FULL_WEEK

    def own_cap(self, cap: int | None) -> int | None:
        """The school's limit for one keyworker, pro rata for whoever works part of the week."""
        return own_cap(cap, self.days_a_week)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class EmailedCode(models.Model):
    """Somebody who does not work here chose a code by e-mail as the second step of signing in."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="emailed_code")
    chosen_at = models.DateTimeField(auto_now_add=True)


class StaffAbsence(models.Model):
    """Days a member of staff is away, so that a deputy is told in time (C11)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="staff_absence_in_order")
        ]


class SavedFilter(models.Model):
    """What somebody looks for again and again on a page with filters, under a name of their own.

    `query` is that of the page's address. Nobody else sees it, and it opens nothing that the page would not."""

    class Page(models.TextChoices):
        OVERSIGHT = "oversight", "Oversight"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=20, choices=Page.choices)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="one_saved_filter_of_a_name")
        ]

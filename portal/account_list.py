"""The table of accounts and the filters above it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html

from keywork import clock
from keywork.access import accounts_of_own_children
from keywork.finding import containing
from keywork.models import User
from keywork.roles import ROLES, STAFF_ROLES
from keywork.signin import SECOND_STEPS
from keywork.templatetags.kw import badge, full_date_year
from keywork.words import worded_lazy
from students.filters import Choice

KINDS = {"staff": "Staff", "family": "Parents and carers", "student": worded_lazy("Students")}
STATES = {"open": "In use", "invited": "Not in yet", "closed": "Closed", "all": "All of them"}


def accounts(by: User) -> QuerySet[User]:
    """Every account that this administrator may open, with whether a second step is set up."""
    step = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_STEPS)
    return may_open(by).annotate(second_step=Exists(step))


def may_open(by: User) -> QuerySet[User]:
    """Every account but those of the administrator's own children and their family: a colleague keeps these."""
    return User.objects.exclude(pk__in=User.objects.filter(accounts_of_own_children(by)).values("pk"))


INVITATION_DAYS = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def role_names(user: User) -> str:
    """The roles in words; "member of staff" only where there is nothing more to say."""
    mine = [slug for slug in ROLES if slug in user.roles]
    if len([slug for slug in mine if slug in STAFF_ROLES]) > 1:
        mine.remove("staff")
    return ", ".join(dict.fromkeys(ROLES[slug].name for slug in mine)) or "No role"


class AccountFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Name or e-mail",
        method="by_words",
        widget=forms.TextInput({"class": "form-control", "type": "search", "maxlength": 100}),
    )
    kind = Choice(label="Who", method="by_kind", choices=list(KINDS.items()), empty_label="Everyone")
    role = Choice(
        label="Role",
        method="by_role",
        choices=[
            (role.slug, worded_lazy(role.title))
            for role in ROLES.values()
            if role.staff and role.slug != "staff"
        ],
        empty_label="All roles",
    )
    state = Choice(label="Account", method="by_state", choices=list(STATES.items()), empty_label="Open")

    class Meta:
        model = User
        fields: list[str] = []

    def by_words(self, found: QuerySet[User], name: str, typed: str) -> QuerySet[User]:
        return found.filter(containing(("name", "email"), typed))

    def by_kind(self, found: QuerySet[User], name: str, chosen: str) -> QuerySet[User]:
        return found.filter(roles__overlap=sorted(STAFF_ROLES) if chosen == "staff" else [chosen])

    def by_role(self, found: QuerySet[User], name: str, chosen: str) -> QuerySet[User]:
        return found.filter(roles__contains=[chosen])

    def by_state(self, found: QuerySet[User], name: str, chosen: str) -> QuerySet[User]:
        wanted = {
            "open": Q(is_active=True, last_login__isnull=False),
            "invited": Q(is_active=True, last_login__isnull=True),
            "closed": Q(is_active=False),
            "all": Q(),
        }
        return found.filter(wanted[chosen])

    def filter_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(is_active=True)


class AccountTable(tables.Table):
    name = tables.Column("Name", order_by=("in_order", "pk"), attrs={"th": {"scope": "row"}})
    email = tables.Column("E-mail", order_by=("email",), attrs={"td": {"class": "is-quiet"}})
    roles = tables.Column("Role", orderable=False, empty_values=())
    last_login = tables.Column("Last in", empty_values=())
    second_step = tables.Column("Second step", empty_values=())

    class Meta:
        model = User
        fields = ("name", "email", "roles", "last_login", "second_step")

    def render_name(self, record: User) -> str:
        return format_html('<a href="{}">{}</a>', reverse("portal:account", args=[record.pk]), record.name)

    def render_roles(self, record: User) -> str:
        names = role_names(record)
        if not record.job_title or record.job_title.lower() == names.lower():
            return names
        return format_html('{} <span class="kw-when">{}</span>', names, record.job_title)

    def render_last_login(self, record: User) -> str:
        if not record.is_active:
            return badge("none", "Closed")
        if record.last_login:
            return full_date_year(record.last_login)
        if record.has_usable_password():
            return badge("none", "Not in yet")
        if record.invited_at is None:
            return badge("none", "Not invited yet")
        in_time = clock.now() - record.invited_at <= INVITATION_DAYS
        return badge("open", "Invited") if in_time else badge("soon", "Invitation too old")

    def render_second_step(self, record: Any) -> str:
        return badge("ok", "Set up") if record.second_step else badge("none", "None")

"""Forms about accounts: invite, change, close; and one's own page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .caseload import FULL_WEEK
from .editing import EditForm
from .forms import Actions, DateBox, KeyworkForm, ReasonForm, primary, secondary
from .models import User
from .roles import ROLES
from .words import worded_lazy

TOO_FEW = "Write a number from 0.5 to 5"
SPECIAL_ROLES = [role for role in ROLES.values() if role.staff and role.slug != "staff"]


def _email(help_text: str = "") -> forms.EmailField:
    box = forms.EmailInput({"autocomplete": "off", "inputmode": "email"})
    return forms.EmailField(label="E-mail address", max_length=254, widget=box, help_text=help_text)


def _role_choices() -> list[tuple[str, SafeString]]:
    said = '<span>{}<span class="kw-when">{}</span></span>'
    return [(role.slug, format_html(said, role.name, role.description)) for role in SPECIAL_ROLES]


class RolesField(forms.MultipleChoiceField):
    """The roles beyond "member of staff", each with what it opens."""

    @property
    def names(self) -> dict[str, str]:
        """Without what it opens."""
        return {role.slug: role.name for role in SPECIAL_ROLES}

    def __init__(self) -> None:
        super().__init__(
            label="Roles",
            help_text=worded_lazy(
                "All who work here see the students they are named for. Add what they are besides."
            ),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=_role_choices,
        )


class DaysAWeek(forms.DecimalField):
    """Part of the week gives part of the school's limit of students."""

    def __init__(self) -> None:
        super().__init__(
            label="Days at work in a week",
            required=False,
            min_value=Decimal("0.5"),
            max_value=FULL_WEEK,
            decimal_places=1,
            widget=forms.NumberInput({"class": "kw-input-short", "inputmode": "decimal", "step": "0.5"}),
            help_text=worded_lazy(
                "Leave it empty for full time. Part of the week gives part of the limit of students."
            ),
            error_messages=dict.fromkeys(
                ("min_value", "max_value", "max_decimal_places", "invalid"), TOO_FEW
            ),
        )

    def clean(self, value: Any) -> Decimal:
        given: Decimal | None = super().clean(value)
        return FULL_WEEK if given is None else given


class InviteStaffForm(KeyworkForm):
    name = forms.CharField(label="Name", max_length=150, help_text="As families and colleagues know them.")
    email = _email(help_text="The invitation goes here, and they sign in with it.")
    job_title = forms.CharField(label="Job title", max_length=100, required=False)
    days_a_week = DaysAWeek()
    roles = RolesField()
    missing = {"name": "Write their name", "email": "Write their e-mail address"}
    button = "Send the invitation"
    back = ("Not now", "back")
    shapes = {"roles": "is-rows"}


class InviteOneForm(KeyworkForm):
    """Where the invitation of a parent, carer or student goes; the person was chosen before."""

    email = _email(
        help_text="The invitation goes here, and they sign in with it. Each person needs their own address."
    )
    missing = {"email": "Write their e-mail address"}
    button = "Send the invitation"
    back = ("Choose someone else", "back")


class AccountForm(EditForm):
    """What an administrator may change of an account; roles and title only of staff."""

    name = forms.CharField(label="Name", max_length=150)
    email = _email()
    job_title = forms.CharField(label="Job title", max_length=100, required=False)
    days_a_week = DaysAWeek()
    roles = RolesField()
    missing = {"name": "Write their name", "email": "Write their e-mail address"}

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        self.account = account
        initial = {
            "name": account.name,
            "email": account.email,
            "job_title": account.job_title,
            "days_a_week": f"{account.days_a_week.normalize():f}" if account.is_part_time else "",
            "roles": [role for role in account.roles if role in {one.slug for one in SPECIAL_ROLES}],
        }
        super().__init__(*args, initial=initial, **kwargs)
        if not account.is_school_staff:
            for name in ("job_title", "days_a_week", "roles"):
                del self.fields[name]
        self.edits(account)

    def layout(self) -> Layout:
        of_staff = ["job_title", "days_a_week", Field("roles", wrapper_class="is-rows")]
        staff = of_staff if self.account.is_school_staff else []
        # In this form, so that an address typed here is the one that is written to.
        send = "Save and send the invitation" + (" again" if self.account.invited_at else "")
        again = [secondary(send, name="again", value="1")]
        return Layout(
            "name",
            "email",
            *staff,
            Actions(primary("Save changes"), *(again if self.account.is_invited else [])),
        )


class CloseForm(ReasonForm):
    """Of somebody who has students in their name: whether it can wait until those have somebody else."""

    at_once = forms.BooleanField(
        label="It cannot wait: close it at once",
        required=False,
        help_text=worded_lazy("Their students then have nobody, and the Head of Social Education is told."),
    )


class MyDetailsForm(EditForm):
    """How families reach a member of staff."""

    phone = forms.CharField(
        label="Phone",
        max_length=30,
        required=False,
        help_text=worded_lazy("Families of your students see it."),
    )
    reach_note = forms.CharField(
        label="Best times",
        max_length=200,
        required=False,
        help_text="For example: weekdays 2 pm to 5 pm, not Wednesdays.",
    )
    button = "Save"
    is_secondary = True

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"phone": user.phone, "reach_note": user.reach_note}, **kwargs)
        self.edits(user)


class AwayForm(KeyworkForm):
    """Days somebody is away, both included."""

    starts_on = forms.DateField(label="First day away", widget=DateBox)
    ends_on = forms.DateField(
        label="Last day away", required=False, help_text="Leave empty if it is one day.", widget=DateBox
    )
    missing = {"starts_on": "Choose the first day away"}
    button = "Add these days"
    is_secondary = True
    action = "portal:away"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="away", **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("starts_on") and not cleaned.get("ends_on") and "ends_on" not in self.errors:
            cleaned["ends_on"] = cleaned["starts_on"]
        return cleaned


class StaffAwayForm(AwayForm):
    """Days away of any active member of staff."""

    person = forms.ModelChoiceField(
        label="Who", queryset=User.objects.none(), empty_label="Choose", to_field_name="pk"
    )
    missing = {**AwayForm.missing, "person": "Choose who is away"}
    field_order = ["person", "starts_on", "ends_on"]
    button = "Save"
    is_secondary = False
    action = "portal:staff_away"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, roles__contains=["staff"]).order_by("in_order", "pk")
        self.offer_rows("person", staff)

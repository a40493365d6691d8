"""A parent or carer and what they are to one student (domain 1.10); the restriction has a form of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, primary, quiet_link
from keywork.words import worded, worded_lazy

from ..actions.family import LINK_FIELDS, MEMBER_FIELDS
from ..models import FamilyLink, FamilyMember
from .nobodys import refuse_nobodys
from .student import card

SOMEONE_NEW = "new"


class FamilyForm(EditForm):
    """Used to add and to change. `namesakes`, when adding, are adults here already by the same name."""

    title = forms.CharField(label="Title", max_length=20, required=False)
    forename = forms.CharField(label="Forename", max_length=100, required=False)
    surname = forms.CharField(label="Surname", max_length=100, required=False)
    relationship = forms.CharField(
        label="Relationship", max_length=60, required=False, help_text="Mother, stepfather, social worker …"
    )
    email = forms.EmailField(label="E-mail", required=False)
    mobile = forms.CharField(label="Mobile", max_length=30, required=False)
    phone = forms.CharField(label="Other phone", max_length=30, required=False)
    address = forms.CharField(label="Address", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    abroad = forms.BooleanField(
        label="Lives abroad", required=False, help_text="Said on the release list, before a letter is posted."
    )
    has_pr = forms.ChoiceField(
        label="Parental responsibility",
        choices=FamilyLink.Responsibility.choices,
        initial="unknown",
        help_text="A status in law: not the same as being a parent or living together.",
    )
    lives_with = forms.BooleanField(label=worded_lazy("The student lives with them"), required=False)
    emergency = forms.BooleanField(label="Emergency contact", required=False)
    may_receive_keywork_contact = forms.BooleanField(
        label=worded_lazy("The keyworker may contact them"), required=False, initial=True
    )
    may_receive_reports = forms.BooleanField(label="Gets reports", required=False, initial=True)
    priority = forms.IntegerField(
        label="Priority", min_value=1, max_value=99, initial=1, help_text="1 is rung first."
    )
    preferred_channel = forms.ChoiceField(
        label="Best way to reach them",
        choices=[("", "No wish known"), *FamilyLink.Channel.choices],
        required=False,
    )
    best_time = forms.CharField(
        label="Best time to ring", max_length=120, required=False, help_text="As they said it: after 4 pm."
    )
    language = forms.CharField(label="Language", max_length=60, required=False)
    interpreter = forms.BooleanField(label="Needs an interpreter", required=False)
    household = forms.CharField(
        label="Household",
        max_length=60,
        required=False,
        help_text="The same word for people who live together.",
    )
    missing = {
        "priority": "Write a number, 1 for who is rung first",
    }

    def __init__(
        self,
        *args: Any,
        link: FamilyLink | None = None,
        namesakes: Sequence[tuple[FamilyMember, str]] = (),
        **kwargs: Any,
    ) -> None:
        self.link, self.namesakes = link, namesakes
        if link is not None:
            kwargs["initial"] = {
                **{name: getattr(link.member, name) for name in MEMBER_FIELDS},
                **{name: getattr(link, name) for name in LINK_FIELDS},
            }
        super().__init__(*args, **kwargs)
        if link is not None:
            self.edits(link, link.member)
        if namesakes:
            self.fields["same_as"] = forms.ChoiceField(
                label="Is this one of them?",
                choices=[
                    *(
                        (str(member.pk), f"{member.name}, {words}: the same person")
                        for member, words in namesakes
                    ),
                    (SOMEONE_NEW, "Someone else of the same name"),
                ],
                widget=forms.RadioSelect,
                help_text="One person with two children here is kept once. Their e-mail and phone stay as they are.",
                error_messages={
                    "required": "Someone of this name is here already: say whether it is the same person"
                },
            )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if (
            not given.get("forename")
            and not given.get("surname")
            and not {"forename", "surname"} & set(self.errors)
        ):
            self.add_error("surname", "Write the surname, or the forename of someone who has only that")
        refuse_nobodys(self, given)
        return given

    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*MEMBER_FIELDS, *LINK_FIELDS)}

    def same_as(self) -> FamilyMember | None:
        chosen = self.cleaned_data.get("same_as", SOMEONE_NEW)
        return next((member for member, _ in self.namesakes if str(member.pk) == chosen), None)

    def layout(self) -> Layout:
        parts: list[Any] = []
        if "same_as" in self.fields:
            parts.append(Div(Field("same_as", wrapper_class="is-rows"), css_class="kw-card"))
        return Layout(
            *parts,
            card("Who they are", "title forename surname relationship"),
            card("How to reach them", "email mobile phone best_time preferred_channel address abroad"),
            card(worded("What they are to the student"), "has_pr lives_with emergency priority household"),
            card("What they get", "may_receive_keywork_contact may_receive_reports language interpreter"),
            Actions(primary("Save"), quiet_link("Back", "back_url")),
        )


class EndForm(EditForm):
    ended_on = forms.DateField(label="Last day", widget=DateBox)
    missing = {"ended_on": "Write the last day"}
    button = "End this contact"
    back = ("Keep it", "back_url")

    def clean_ended_on(self) -> Any:
        if self.cleaned_data["ended_on"] > clock.today():
            raise forms.ValidationError("Choose a date that is today or earlier")
        return self.cleaned_data["ended_on"]


class RestrictionForm(EditForm):
    """What a court has said, for the safeguarding lead alone. An empty first day lifts it."""

    court_restriction = forms.CharField(
        label="What the order says",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Only the safeguarding lead reads this. Everyone else sees “Do not contact”.",
    )
    restricted_from = forms.DateField(label="From", required=False, widget=DateBox)
    restricted_until = forms.DateField(
        label="Until", required=False, widget=DateBox, help_text="Leave empty if no end is known."
    )
    lift = forms.BooleanField(label="There is no restriction any more: lift it", required=False)

    def __init__(self, *args: Any, link: FamilyLink, **kwargs: Any) -> None:
        names = ("court_restriction", "restricted_from", "restricted_until")
        super().__init__(*args, initial={name: getattr(link, name) for name in names}, **kwargs)
        if link.restricted_from is None:
            del self.fields["lift"]
        self.edits(link)
        self.helper.show_optional = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("lift"):
            return {**given, "court_restriction": "", "restricted_from": None, "restricted_until": None}
        starts_on, ends_on = given.get("restricted_from"), given.get("restricted_until")
        if not starts_on and "restricted_from" not in self.errors:
            self.add_error("restricted_from", "Write the day from which it holds")
        if not (given.get("court_restriction") or "").strip():
            self.add_error("court_restriction", "Say what the order says")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("restricted_until", "Choose a day on or after the first")
        return given

    def layout(self) -> Layout:
        lift = ["lift"] if "lift" in self.fields else []
        return Layout(
            "court_restriction",
            Div("restricted_from", "restricted_until", css_class="kw-grid is-2"),
            *lift,
            Actions(primary("Save the restriction"), quiet_link("Back", "back_url")),
        )

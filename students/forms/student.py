"""A student's details. What a file may get wrong, a person may not: the check letter of a UPN is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.db.models import QuerySet

from keywork import clock, upn
from keywork.dates import day_in_full, day_short
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, picture_from, primary, quiet_link, text_box
from keywork.words import worded

from ..finding import namesakes
from ..models import Student
from ..rules import FAR_AHEAD, NOT_APPLICABLE, YEAR_GROUPS, is_far_ahead
from ..stays import Stay
from .nobodys import refuse_nobodys

LONGEST_SIDE = 1000  # dots; it is shown small, on screens of up to three for one
OLDEST = 30  # years
YEAR_CHOICES = [
    ("", "Choose a year"),
    ("N1", "Nursery 1"),
    ("N2", "Nursery 2"),
    ("R", "Reception"),
    *((year, f"Year {year}") for year in YEAR_GROUPS[3:]),
    (NOT_APPLICABLE, "Ungraded"),
]
# The form's own fields, which are no columns of Student as they stand.
NOT_COLUMNS = frozenset({"photo", "remove_photo"})


class StudentForm(EditForm):
    """All that the school writes down about a student. `student` is the one being changed, if any.

    Where one is added, it is asked whether `among` them is the same person already.
    """

    legal_forename = forms.CharField(
        label="Legal forename",
        max_length=100,
        required=False,
        help_text="Someone who has one name has it here, and no surname.",
    )
    legal_surname = forms.CharField(label="Legal surname", max_length=100, required=False)
    preferred_forename = forms.CharField(label="Preferred forename", max_length=100, required=False)
    preferred_surname = forms.CharField(label="Preferred surname", max_length=100, required=False)
    pronouns = forms.CharField(label="Pronouns", max_length=30, required=False)
    born_on = forms.DateField(label="Date of birth", widget=DateBox)
    sex = forms.ChoiceField(
        label="Sex", choices=[("", "Not said"), ("F", "Female"), ("M", "Male")], required=False
    )
    nc_year = forms.ChoiceField(
        label="Year group",
        choices=YEAR_CHOICES,
        help_text="The year the school has placed them in, whatever their age.",
    )
    reg_group = forms.CharField(label="Form", max_length=40, required=False)
    placement = forms.ChoiceField(
        label="Day or residential", choices=Student.Placement.choices, initial="day"
    )
    sen_status = forms.ChoiceField(
        label="SEN status", choices=[("", "Not known"), *Student.SenStatus.choices], required=False
    )
    needs = forms.MultipleChoiceField(
        label="Areas of need",
        choices=Student.Need.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    joined_on = forms.DateField(label="First day on roll", widget=DateBox)
    left_on = forms.DateField(
        label="Last day on roll",
        required=False,
        widget=DateBox,
        help_text="When it is known that they leave. You see what ends with it before it is saved.",
    )
    home_language = forms.CharField(label="Home language", max_length=60, required=False)
    looked_after = forms.BooleanField(label="Looked after by a local authority", required=False)
    maintained_by = forms.CharField(
        label="Authority that maintains the plan",
        max_length=100,
        required=False,
        help_text="It decides which authority’s form is filled.",
    )
    pupil_premium = forms.ChoiceField(
        label="Pupil premium", choices=[("", "Not known"), ("yes", "Yes"), ("no", "No")], required=False
    )
    ethnicity = forms.CharField(label="Ethnicity", max_length=80, required=False)
    address = text_box("Own address", 500, rows=2, required=False)
    phone = forms.CharField(label="Own phone", max_length=30, required=False)
    email = forms.EmailField(label="Own e-mail", required=False)
    social_worker = forms.CharField(label="Social worker", max_length=120, required=False)
    social_worker_reach = forms.CharField(
        label="How to reach the social worker", max_length=200, required=False
    )
    read_first = text_box(
        "Read first",
        300,
        rows=2,
        required=False,
        help_text="What anyone must know before they ring or meet. It stands on top of every page of the record.",
    )
    upn = forms.CharField(
        label="UPN", required=False, help_text="13 characters, beginning with a check letter."
    )
    former_upn = forms.CharField(label="Former UPN", max_length=13, required=False)
    mis_id = forms.CharField(
        label="MIS number",
        max_length=40,
        required=False,
        help_text="The number in the school’s own system. Imports match by it.",
    )
    photo = forms.FileField(
        label="Photo",
        required=False,
        help_text="JPEG or PNG, up to 5 MB.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )
    remove_photo = forms.BooleanField(label="Remove the photo", required=False)
    missing = {
        "born_on": "Write the date of birth",
        "nc_year": "Choose the year group",
        "joined_on": "Write the first day on roll",
    }

    def __init__(
        self,
        *args: Any,
        student: Student | None = None,
        among: QuerySet[Student] | None = None,
        **kwargs: Any,
    ) -> None:
        self.student, self.among = student, among
        if student is not None:
            kwargs["initial"] = {
                **{name: getattr(student, name) for name in self.base_fields if name not in NOT_COLUMNS},
            }
        super().__init__(*args, **kwargs)
        if student is None or not student.photo:
            del self.fields["remove_photo"]
        self.before = student.stays[:-1] if student is not None else []
        for place, stay in enumerate(self.before):
            self._add_stay(place, stay)
        if student is not None:
            self.edits(student)

    def _add_stay(self, place: int, stay: Stay) -> None:
        """The days of a stay before the latest, to put right; or to say that there was no break after it."""
        which = "Earlier stay" if len(self.before) == 1 else f"Earlier stay {place + 1}"
        first, last, one = stay_fields(place)
        for name, label, day, missing in (
            (first, f"{which}: first day on roll", stay.joined_on, "Write the first day of this stay"),
            (last, f"{which}: last day on roll", stay.left_on, "Write the last day of this stay"),
        ):
            self.fields[name] = forms.DateField(
                label=label, widget=DateBox, initial=day, error_messages={"required": missing}
            )
        self.fields[one] = forms.BooleanField(
            label=f"{which} and the one after it are one: there was no break",
            required=False,
            help_text="The first day of this stay becomes the first day of the one after it.",
        )

    def clean_joined_on(self) -> date:
        joined_on = self.cleaned_data["joined_on"]
        if self.student is not None and joined_on == self.student.joined_on:
            return joined_on  # one that came from a file does not stop other changes
        return not_far_ahead(joined_on)

    def clean_upn(self) -> str:
        text = self.cleaned_data["upn"]
        number = upn.check(text)
        if not number.number or (self.student and number.number == self.student.upn):
            return number.number  # a bad one that came from a file does not stop other changes
        if number.kind == "invalid_check_letter":
            raise forms.ValidationError(
                f"The check letter does not fit the digits: it would be {number.right_letter}. Look for a slip of the pen"
            )
        if not number.is_valid:
            raise forms.ValidationError(
                "Write a letter and 12 digits, like A123456789012 (a temporary UPN ends in a letter)"
            )
        if self._others().filter(upn=number.number).exists():
            raise forms.ValidationError(worded("Another student has this UPN"))
        return number.number

    def clean_former_upn(self) -> str:
        return upn.check(self.cleaned_data["former_upn"]).number

    def clean_mis_id(self) -> str:
        mis_id = self.cleaned_data["mis_id"].strip()
        if mis_id and self._others().filter(mis_id=mis_id).exists():
            raise forms.ValidationError(worded("Another student has this MIS number"))
        return mis_id

    def clean_born_on(self) -> Any:
        born_on, today = self.cleaned_data["born_on"], clock.today()
        if born_on >= today:
            raise forms.ValidationError("Choose a date in the past")
        if born_on.year < today.year - OLDEST:
            raise forms.ValidationError("Look at the year: that is more than 30 years ago")
        return born_on

    def clean_photo(self) -> Any:
        photo = self.cleaned_data["photo"]
        if not photo:
            return None
        return picture_from(photo, longest_side=LONGEST_SIDE)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not {"legal_forename", "legal_surname"} & set(self.errors):
            if not given["legal_forename"]:
                given |= {"legal_forename": given["legal_surname"], "legal_surname": ""}
            if not given["legal_forename"]:
                self.add_error("legal_forename", "Write the name. Someone who has only one has it here")
        born_on, joined_on, left_on = (given.get(name) for name in ("born_on", "joined_on", "left_on"))
        if born_on and joined_on and joined_on <= born_on:
            self.add_error("joined_on", "Choose a day after the date of birth")
        refuse_nobodys(self, given)
        self._clean_stays(given)
        joined_on = given.get("joined_on")
        if joined_on and left_on and left_on < joined_on:
            self.add_error("left_on", "Choose a day on or after the first")
        named = given.get("legal_forename") and "legal_surname" in given
        if self.among is not None and born_on and named:
            self._ask_of_namesakes(self.among, given)
        return given

    def _ask_of_namesakes(self, among: QuerySet[Student], given: dict[str, Any]) -> None:
        """Once: whoever ticks the box has been told."""
        alike = namesakes(among, given["legal_forename"], given["legal_surname"], given["born_on"])
        if not alike:
            return
        self.fields["all_the_same"] = forms.BooleanField(label="Add all the same", required=False)
        if not self.data.get("all_the_same"):
            names = " and ".join(dict.fromkeys(one.name for one in alike))
            self.add_error(
                "all_the_same",
                f"There is already {names}, born on {day_short(given['born_on'])}. If this is somebody else, tick the box",
            )

    def _clean_stays(self, given: dict[str, Any]) -> None:
        """Stays one after another, each ended before the next begins. Those that are one with the next go into it."""
        today, student = clock.today(), self.student
        was = student.left_on if student is not None else None
        if was is not None and was < today and given.get("joined_on") and given["joined_on"] > was:
            self.add_error(
                "joined_on",
                f"That is after the last day on roll, {day_in_full(was, today)}. For somebody who came back there is "
                "“Back on roll” above, so that the days before stay as they were",
            )
        kept: list[Stay] = []
        begins: date | None = None  # the first day of those that the next stay takes in
        names = [stay_fields(place) for place in range(len(self.before))]
        begin = [*(first for first, _, _ in names), "joined_on"]
        for (first, last, one), following in zip(names, begin[1:], strict=True):
            joined_on, left_on = begins or given.get(first), given.get(last)
            begins = None
            if joined_on and given.get("born_on") and joined_on <= given["born_on"]:
                self.add_error(first, "Choose a day after the date of birth")
            if given.get(one):
                begins = joined_on
                continue
            if not joined_on or not left_on:
                continue
            if left_on < joined_on:
                self.add_error(last, "Choose a day on or after the first")
            elif left_on >= today:
                self.add_error(last, "Choose a day in the past")
            elif (back_on := given.get(following)) and back_on <= left_on:
                self.add_error(
                    last,
                    f"Choose a day before {day_in_full(back_on, today)}, the first day of the stay after it",
                )
            if kept and kept[-1].left_on and joined_on <= kept[-1].left_on:
                self.add_error(first, "Choose a day after the last day of the stay before it")
            kept.append(Stay(joined_on, left_on))
        if begins:
            given["joined_on"] = begins
        self.earlier_stays = kept

    def _others(self) -> Any:
        return Student.objects.exclude(pk=self.student.pk) if self.student else Student.objects.all()

    def columns(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self.base_fields and name not in NOT_COLUMNS
        }

    def layout(self) -> Layout:
        photo = "photo remove_photo" if "remove_photo" in self.fields else "photo"
        return Layout(
            HTML('{% include "students/leaving.html" %}'),
            *([Div("all_the_same", css_class="kw-card")] if "all_the_same" in self.fields else []),
            card("Name", "legal_forename legal_surname preferred_forename preferred_surname pronouns sex"),
            card("At school", "born_on nc_year reg_group placement joined_on left_on"),
            *(
                card(f"Earlier stay {place + 1}", " ".join(stay_fields(place)))
                for place in range(len(self.before))
            ),
            Div("read_first", Field("needs", wrapper_class="is-chips"), css_class="kw-card kw-stack"),
            card("More", "sen_status home_language looked_after"),
            card(
                "For the local authority",
                "maintained_by pupil_premium ethnicity address phone email social_worker social_worker_reach",
            ),
            card("Numbers and photo", f"upn former_upn mis_id {photo}"),
            Actions(primary("Save"), quiet_link("Back", "back_url")),
        )


class ComeBackForm(EditForm):
    joined_on = forms.DateField(label="First day back on roll", widget=DateBox)
    missing = {"joined_on": "Write the first day back"}
    button = "Back on roll"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, student: Student, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.student = student

    def clean_joined_on(self) -> date:
        joined_on, left_on = self.cleaned_data["joined_on"], self.student.left_on
        if left_on is not None and joined_on <= left_on:
            raise forms.ValidationError(
                f"Choose a day after {day_in_full(left_on, clock.today())}, the last day on roll"
            )
        return not_far_ahead(joined_on)


def not_far_ahead(joined_on: date) -> date:
    """A first day on roll, here or in a new stay. Raises ValidationError when it is more than a year ahead."""
    if is_far_ahead(joined_on, clock.today()):
        raise forms.ValidationError(FAR_AHEAD)
    return joined_on


def stay_fields(place: int) -> tuple[str, str, str]:
    """The names of the fields of a stay before the latest: first day, last day, one with the next."""
    return f"stay_{place}_joined_on", f"stay_{place}_left_on", f"stay_{place}_is_one"


def card(title: str, fields: str) -> Div:
    """Fields under a title, by their names with spaces between."""
    return Div(
        Div(*fields.split(), css_class="kw-grid is-2"), css_class="kw-card", aria_label=title, role="group"
    )

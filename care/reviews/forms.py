"""What is written down of a review: its date, its people, each of its steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms

from keywork import clock
from keywork.dates import LONDON
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, KeyworkForm, TimeBox, primary, quiet_link, text_box
from keywork.models import User
from keywork.outside_forms import lasts
from keywork.policy import Policy
from keywork.words import worded, worded_lazy
from students.models import FamilyLink

from .actions import ADVICE_WORDS
from .heads import HEADS
from .inviting import Whom, ask_of
from .models import Review, ReviewChange, ReviewPerson
from .rules import move_of

LATEST = "Choose today or an earlier day"
LONGEST = 20_000
MOST_MINUTES = 300


def area(label: Any, rows: int = 4, most: int = LONGEST, **more: Any) -> forms.CharField:
    """A box for words that may be left out."""
    box = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, required=False, max_length=most, widget=box, **more)


def past_day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateBox, initial=clock.today, **more)


def moment(day: date, at: Any) -> datetime:
    """Day and time as they are told in London."""
    return datetime.combine(day, at, LONDON)


class _StepForm(EditForm):
    """Columns of a review that are written as they stand; `columns` name them."""

    columns: tuple[str, ...] = ()
    button = "Save"

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        kept = {name: getattr(review, name) for name in self.columns}
        kwargs["initial"] = {name: value for name, value in kept.items() if value not in (None, "")}
        super().__init__(*args, **kwargs)
        self.review = review
        self.prepare()
        self.edits(review)

    def prepare(self) -> None:
        """What depends on the review."""

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.columns}

    def layout(self) -> Layout:
        shown = [name for name in self.fields if not self.fields[name].widget.is_hidden]
        return Layout(*shown, "seen", Actions(primary(self.button), quiet_link("Back", "back_url")))


class DateForm(EditForm):
    """When and where, who leads, and whether a change of phase comes with it."""

    day = forms.DateField(label="Date of the meeting", widget=DateBox)
    at = forms.TimeField(label="At", widget=TimeBox)
    place = forms.CharField(label="Place", max_length=100, required=False)
    led_by = forms.ModelChoiceField(
        label="Led by", queryset=User.objects.none(), required=False, empty_label="Not known yet"
    )
    move = forms.ChoiceField(label="Change of phase", required=False, widget=forms.RadioSelect)
    moves_on = forms.DateField(
        label="First day there",
        required=False,
        widget=DateBox,
        help_text="For a move within sixth form, college or training. Otherwise it is the start of the next school year.",
    )
    missing = {"day": "Choose the date of the meeting", "at": "Write the time it begins"}

    def __init__(
        self, *args: Any, leaders: Sequence[User], nc_year: str, review: Review | None = None, **kwargs: Any
    ) -> None:
        initial: dict[str, Any] = {"move": move_of(nc_year)}
        if review is not None:
            begins = review.meets_at.astimezone(LONDON)
            initial = {name: getattr(review, name) for name in ("place", "led_by", "move", "moves_on")}
            initial |= {"day": begins.date(), "at": begins.time()}
        super().__init__(*args, initial=initial, **kwargs)
        self.review = review
        ids = {one.pk for one in leaders} | ({review.led_by_id} if review and review.led_by_id else set())
        self.offer_rows("led_by", User.objects.filter(pk__in=ids))
        self.offer("move", Review.Move.choices)
        if review is not None:
            self.edits(review)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("move") == Review.Move.POST16 and not data.get("moves_on"):
            self.add_error("moves_on", "Write the first day there: the plan is changed five months before it")
        return data

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        found = {name: data[name] for name in ("place", "led_by", "move", "moves_on")}
        return {**found, "meets_at": moment(data["day"], data["at"])}

    def layout(self) -> Layout:
        button = "Save the date" if self.review is None else "Move the review"
        hidden = ["seen"] if "seen" in self.fields else []
        return Layout(
            Div("day", "at", css_class="kw-grid is-2"),
            "place",
            "led_by",
            Field("move", wrapper_class="is-rows"),
            "moves_on",
            *hidden,
            Actions(primary(button), quiet_link("Back", "back_url")),
        )


class TakingPartForm(_StepForm):
    columns = ("taking_part", "taking_part_words", "taking_part_on")
    taking_part = forms.ChoiceField(
        label=worded_lazy("The student’s own way"),
        choices=[one for one in Review.TakingPart.choices if one[0]],
        widget=forms.RadioSelect,
    )
    taking_part_words = area(
        "In their words",
        help_text="What they will show or say, who is beside them, and what they would rather not do.",
    )
    taking_part_on = past_day("Chosen on")
    missing = {"taking_part": "Choose a way", "taking_part_on": "Write the day"}


class PapersForm(_StepForm):
    columns = ("papers_on", "papers_words")
    papers_on = past_day("Sent on")
    papers_words = area("What went, and what is still missing", 3, most=500)
    missing = {"papers_on": "Write the day they were sent"}


class ReportForm(_StepForm):
    columns = ("report_on",)
    report_on = past_day("Sent on", help_text="To everybody who was invited, whether they came or not.")
    missing = {"report_on": "Write the day it was sent"}


class DecisionForm(_StepForm):
    columns = ("decision", "decided_on", "decision_words")
    decision = forms.ChoiceField(
        label="The local authority will",
        choices=[one for one in Review.Decision.choices if one[0]],
        widget=forms.RadioSelect,
    )
    decided_on = past_day("Date of its letter")
    decision_words = area(
        "What the letter says", 3, most=500, help_text="If it changes the plan: which changes it proposes."
    )
    missing = {"decision": "Choose what the authority decided", "decided_on": "Write the date of the letter"}


class MeetingForm(_StepForm):
    columns = ("held_on", "progress", "record", "differences")
    held_on = past_day("Held on")
    came = forms.MultipleChoiceField(
        label="Who was there", required=False, widget=forms.CheckboxSelectMultiple
    )
    progress = area("Progress towards each outcome", 6)
    record = area("What was said, and what was agreed", 8)
    differences = area("Where views differ", help_text="Whose view it is. It goes into the report.")
    missing = {"held_on": "Write the day it was held"}
    button = "Save the record"

    def prepare(self) -> None:
        invited = self.review.people.filter(voided_at__isnull=True, invited_on__isnull=False)
        people = list(invited.select_related("user", "member", "review__student"))
        self.offer("came", [(str(one.pk), f"{one.called}, {one.as_who.lower()}") for one in people])
        was_there = [str(one.pk) for one in people if one.came]
        coming = [str(one.pk) for one in people if one.reply in ("coming", "video")]
        self.initial["came"] = was_there if self.review.held_on else coming
        if self.review.held_on is None:
            self.initial["held_on"] = self.review.meets_on

    def there(self) -> frozenset[int]:
        return frozenset(int(pk) for pk in self.cleaned_data["came"])


class TalkForm(EditForm):
    """When keyworker and home talk before the review; afterwards how long it was, and what was said under each head."""

    day = forms.DateField(label="Date", widget=DateBox)
    at = forms.TimeField(label="At", widget=TimeBox)
    talk_place = forms.CharField(label="Where, and with whom", max_length=200, required=False)
    minutes = forms.IntegerField(
        label="How many minutes it lasted",
        required=False,
        min_value=1,
        max_value=MOST_MINUTES,
        widget=forms.NumberInput({"class": "kw-input-short"}),
        error_messages=dict.fromkeys(("min_value", "max_value"), f"Write 1 to {MOST_MINUTES} minutes"),
        help_text="Leave this empty until it has been held.",
    )
    missing = {"day": "Choose the date", "at": "Write the time it begins"}

    def __init__(self, *args: Any, review: Review, policy: Policy, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"talk_place": review.talk_place, "minutes": review.talk_minutes}
        if review.talk_at is not None:
            begins = review.talk_at.astimezone(LONDON)
            initial |= {"day": begins.date(), "at": begins.time()}
        self.heads = policy.review_pre_meeting_agenda
        initial |= {f"said_{slug}": review.talk_said.get(slug, "") for slug in self.heads}
        super().__init__(*args, initial=initial, **kwargs)
        self.review = review
        for slug in self.heads:
            self.fields[f"said_{slug}"] = area(HEADS.get(slug, slug), 3)
        self.word_plainly()
        self.edits(review)

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        said = {slug: data[f"said_{slug}"].strip() for slug in self.heads}
        others = {slug: words for slug, words in self.review.talk_said.items() if slug not in said}
        return {
            "talk_at": moment(data["day"], data["at"]),
            "talk_place": data["talk_place"],
            "talk_minutes": data["minutes"],
            "talk_said": {**others, **{slug: words for slug, words in said.items() if words}},
        }

    def layout(self) -> Layout:
        return Layout(
            Div("day", "at", css_class="kw-grid is-2"),
            "talk_place",
            "minutes",
            *(f"said_{slug}" for slug in self.heads),
            "seen",
            Actions(primary("Save"), quiet_link("Back", "back_url")),
        )


class ChangeForm(EditForm):
    """A change to section A, B, E or F that somebody asks for, and how it is seen."""

    section = forms.ChoiceField(
        label="Section of the plan", choices=ReviewChange.Section.choices, widget=forms.RadioSelect
    )
    words = text_box("What should change, and why", LONGEST, rows=4)
    asked_by = forms.CharField(label="Who asks for it", max_length=100)
    asked_on = past_day("Asked on")
    answer = forms.ChoiceField(
        label="Do people agree?",
        choices=ReviewChange.Answer.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    answer_words = forms.CharField(label="Who thinks what", max_length=500, required=False)
    missing = {
        "section": "Choose a section",
        "words": "Write what should change",
        "asked_by": "Write who asks for it",
        "asked_on": "Write on which day it was asked",
    }

    def __init__(self, *args: Any, change: ReviewChange | None = None, **kwargs: Any) -> None:
        if change is not None:
            kwargs["initial"] = {name: getattr(change, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if change is not None:
            self.edits(change)

    def clean_asked_on(self) -> date:
        if self.cleaned_data["asked_on"] > clock.today():
            raise forms.ValidationError(LATEST)
        return self.cleaned_data["asked_on"]

    def layout(self) -> Layout:
        hidden = ["seen"] if "seen" in self.fields else []
        return Layout(
            Field("section", wrapper_class="is-rows"),
            "words",
            Div("asked_by", "asked_on", css_class="kw-grid is-2"),
            Field("answer", wrapper_class="is-rows"),
            "answer_words",
            *hidden,
            Actions(primary("Save"), quiet_link("Back", "back_url")),
        )


OUTSIDE = ("authority", "health", "social_care", "other")
INVITE, ADVICE = "invite", "advice"


class NewPersonForm(KeyworkForm):
    """Somebody to be invited, or asked for advice, or both."""

    who = forms.ChoiceField(label="Whom")
    name = forms.CharField(label="Name", max_length=100, required=False)
    post = forms.CharField(
        label="Their post",
        max_length=100,
        required=False,
        help_text="Such as: education officer, school nurse.",
    )
    email = forms.EmailField(label="Work e-mail address", max_length=254, required=False)
    parts = forms.MultipleChoiceField(
        label="What for",
        choices=[(INVITE, "Invite to the meeting"), (ADVICE, "Ask for advice")],
        initial=[INVITE, ADVICE],
        widget=forms.CheckboxSelectMultiple,
    )
    advice_by = forms.DateField(label="Advice by", widget=DateBox, required=False)
    how = forms.ChoiceField(
        label="How",
        choices=[
            ("online", "By e-mail, to answer in Keywork"),
            ("paper", "By letter; I write the answer down"),
        ],
        initial="online",
        widget=forms.RadioSelect,
    )
    days = lasts("A link lasts")
    missing = {"who": "Choose whom", "parts": "Invite them, or ask them for advice"}

    def __init__(
        self,
        *args: Any,
        student_name: str,
        links: Sequence[FamilyLink],
        staff: Sequence[User],
        taken: Collection[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.whom: dict[str, Whom] = {"student": Whom(role="student")}
        labels = {"student": worded("{name} (the student)").format(name=student_name)}
        for link in links:
            key = f"member-{link.member_id}"
            self.whom[key] = Whom(role="parent", member=link.member, post=link.relationship)
            labels[key] = f"At home: {link.label}"
        for role in OUTSIDE:
            self.whom[role] = Whom(role=role)
            labels[role] = f"From outside: {ReviewPerson.Role(role).label.lower()}"
        for user in staff:
            key = f"user-{user.pk}"
            self.whom[key] = Whom(role="school", user=user, post=user.job_title)
            labels[key] = f"School: {user.name}"
        offered = [(key, label) for key, label in labels.items() if key not in taken]
        self.offer("who", [("", "Choose"), *offered])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("who") in OUTSIDE:
            if not data.get("name"):
                self.add_error("name", "Write their name")
            if data.get("how") == "online" and not data.get("email") and "email" not in self.errors:
                self.add_error("email", "Write their e-mail address, or choose the letter")
        if ADVICE in data.get("parts", ()) and not data.get("advice_by") and "advice_by" not in self.errors:
            self.add_error("advice_by", "Write by which day")
        return data

    def facts(self) -> dict[str, Any]:
        """Keyword arguments of inviting.add_person."""
        data = self.cleaned_data
        whom = self.whom[data["who"]]
        if data["who"] in OUTSIDE:
            whom = Whom(role=whom.role, name=data["name"], post=data["post"], email=data["email"])
        return {
            "whom": whom,
            "invited": INVITE in data["parts"],
            "advice_by": data["advice_by"] if ADVICE in data["parts"] else None,
            "days": int(data["days"]),
            "on_paper": data["how"] == "paper",
        }

    def layout(self) -> Layout:
        return Layout(
            "who",
            Div("name", "post", css_class="kw-grid is-2"),
            "email",
            Field("parts", wrapper_class="is-rows"),
            "advice_by",
            Field("how", wrapper_class="is-rows"),
            Field("days", wrapper_class="is-even"),
            Actions(primary("Invite or ask"), quiet_link("Back", "back_url")),
        )


class PersonForm(EditForm):
    """What somebody told by phone, by letter or on paper."""

    button = "Save"
    back = ("Back", "back_url")
    shapes = {"reply": "is-rows"}
    reply = forms.ChoiceField(
        label="Are they coming?", choices=ReviewPerson.Reply.choices, required=False, widget=forms.RadioSelect
    )
    reply_words = forms.CharField(label="What they added", max_length=300, required=False)
    advice_on = forms.DateField(
        label="Advice came on",
        required=False,
        widget=DateBox,
        help_text="Nobody reads it before this day is written.",
    )
    advice_progress = area("What has gone well, and what is hard")
    advice_help = area("What helps")
    advice_changes = area("What should change in the plan")

    def __init__(self, *args: Any, person: ReviewPerson, **kwargs: Any) -> None:
        initial = {name: getattr(person, name) for name in self.base_fields}
        if person.advice_on is None and ask_of(person) is not None:
            initial |= dict.fromkeys(ADVICE_WORDS, "")  # they write it themselves and have not sent it
        super().__init__(*args, initial=initial, **kwargs)
        left_out: tuple[str, ...] = () if person.invited_on else ("reply", "reply_words")
        if person.advice_by is None:
            left_out += ("advice_on", *ADVICE_WORDS)
        for name in left_out:
            del self.fields[name]
        self.edits(person)


class RemindForm(KeyworkForm):
    """Nothing but the button."""

    button = "Remind them"
    back = ("Go back", "back_url")
    intro = "They are sent the e-mail once more."


class ByLetterForm(RemindForm):
    """Of somebody whom no e-mail reaches."""

    button = "Write down what they answer"
    intro = "They were asked by letter, so no reminder can be sent from here. Ring or write to them."

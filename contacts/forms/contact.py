"""The form for a contact with home: three taps and a sentence, everything else already filled in."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from crispy_forms.layout import HTML, Div, Field
from django import forms

from keywork import clock
from keywork.access import Can, allows
from keywork.forms import text_box
from keywork.levels import Level
from students.lookup import links_for_keywork
from students.models import FamilyLink

from ..actions.contacts import Person
from ..calling import Call, calls_to
from ..models import HomeContact
from ..summary import home_line, home_summary
from .entry import LONGEST_NOTE, EntryForm, folded

CALLS_SHOWN = 2
OTHER = "other"
SAME = "same"  # amending: whoever was written down that day
NOBODY_REACHED = (HomeContact.Reached.NO_ANSWER, HomeContact.Reached.FAILED)
WHO_HOW_WHEN = ("person", "other_name", "channel", "direction", "happened_on", "happened_time")


def _channels(entry: HomeContact | None) -> list[tuple[str, str]]:
    """Messages log themselves: they are no choice, but of an entry that is one."""
    message = HomeContact.Channel.MESSAGE
    is_one = entry is not None and entry.channel == message
    return [one for one in HomeContact.Channel.choices if one[0] != message or is_one]


class ContactForm(EntryForm):
    reached = forms.ChoiceField(
        label="Did you reach them?", choices=HomeContact.Reached.choices, widget=forms.RadioSelect
    )
    person = forms.ChoiceField(label="Who")
    other_name = forms.CharField(
        label="Their name, if it is someone else",
        max_length=120,
        required=False,
        help_text="A call with someone who is not down for keywork contact is kept, and does not count.",
    )
    channel = forms.ChoiceField(label="How", choices=HomeContact.Channel.choices)
    direction = forms.ChoiceField(
        label="Who began it", choices=HomeContact.Direction.choices, widget=forms.RadioSelect
    )
    siblings = forms.TypedMultipleChoiceField(
        label="This call was also about", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    notes = text_box("What was said", LONGEST_NOTE, required=False)
    topics = forms.MultipleChoiceField(
        label="What you talked about",
        choices=HomeContact.Topic.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    share = forms.BooleanField(label="Share a summary with home", required=False)
    summary = text_box(
        "Your words for home",
        1000,
        rows=2,
        required=False,
        help_text="Leave this empty to use the words above.",
    )
    withheld = forms.CharField(
        label="Why home must not see it",
        max_length=300,
        required=False,
        help_text="Home sees on their page that you were in touch, when and how. Leave this empty unless that must "
        "be kept from them. The core team can read the reason.",
    )

    missing = {
        **EntryForm.missing,
        "reached": "Say whether you reached them",
        "person": "Choose who it was with",
        "channel": "Choose how",
        "direction": "Say who began it",
    }
    save_label = "Save contact"
    standing = {"direction": HomeContact.Direction.OUT}
    draft_form = "contact-new"
    entry: HomeContact | None

    def __init__(self, **kwargs: Any) -> None:
        entry = kwargs.get("entry")
        if entry is not None:
            self.draft_form = f"contact-{entry.pk}"
        super().__init__(**kwargs)
        self.offer("person", self._people_offered())
        self.offer("channel", _channels(entry))
        if entry is None:
            self.offer("siblings", lambda: [(pk, name) for pk, (name, _) in self.sibling_links.items()])
        else:
            del self.fields["siblings"]
        self.fields["summary"].widget.attrs["data-preview"] = self.preview_id

    # Who

    @cached_property
    def links(self) -> list[FamilyLink]:
        """Whom a keyworker may contact about this student today; a restricted person is never among them."""
        return links_for_keywork(self.student.pk, self.today)

    @cached_property
    def calls(self) -> list[Call]:
        """The numbers to ring, the usual person's first; for whoever may see family details."""
        if self.entry is not None or not allows(self.user, Can.VIEW_FAMILY, self.student):
            return []
        usual = self.shown("person")
        links = sorted(self.links, key=lambda link: str(link.pk) != usual)
        return [call for link in links[:CALLS_SHOWN] for call in calls_to(link)]

    def _people_offered(self) -> list[tuple[str, str]]:
        people = [(str(link.pk), link.label) for link in self.links]
        if self.entry is not None:
            people.insert(0, (SAME, f"{self.entry.with_name}, as written down"))
        return [*people, (OTHER, "Someone else")]

    @cached_property
    def sibling_links(self) -> dict[int, tuple[str, dict[int, FamilyLink]]]:
        """Other students of the same adults for whom this person may log: id to name and links by adult."""
        members = [link.member_id for link in self.links]
        found = (
            FamilyLink.objects.for_keywork(self.today)
            .visible_to(self.user, Can.LOG)
            .filter(member__in=members)
            .exclude(student=self.student)
            .select_related("student", "member")
            .order_by("student__in_order", "pk")
        )
        students: dict[int, tuple[str, dict[int, FamilyLink]]] = {}
        for link in found:
            if link.student.is_on_roll(self.today):
                students.setdefault(link.student_id, (link.student.name, {}))[1][link.member_id] = link
        return students

    def usual(self, last: HomeContact | None) -> dict[str, Any]:
        """What the form begins with: now, the usual person, the last channel used."""
        by_member = {link.member_id: link for link in self.links}
        link = by_member.get(last.member_id) if last is not None and last.member_id else None
        first = link or (self.links[0] if self.links else None)
        return {
            "person": str(first.pk) if first else OTHER,
            "channel": last.channel
            if last is not None and link
            else (first and first.preferred_channel) or "phone",
            "direction": HomeContact.Direction.OUT,
            "happened_on": self.today,
            "happened_time": clock.now().astimezone(clock.LONDON).time().replace(second=0, microsecond=0),
        }

    # Checking

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reached") in NOBODY_REACHED:
            data["topics"] = []  # of nothing that was talked about; the style sheet hides the question
        if data.get("person") == OTHER and not data.get("other_name", "").strip():
            self.add_error("other_name", "Say who it was")
        if data.get("share") and data.get("level") not in (None, Level.GENERAL):
            self.add_error("share", "An entry only some of the core team can read is not shared with home")
        if data.get("share") and data.get("withheld"):
            self.add_error(
                "withheld", "Home cannot read a summary of what is kept from them. Choose one of the two"
            )
        if data.get("siblings") and "person" in data:
            self._check_siblings(data)
        return data

    def _check_siblings(self, data: dict[str, Any]) -> None:
        person = self._person(data)
        member = person.link.member_id if person is not None and person.link is not None else None
        for pk in data["siblings"]:
            name, by_member = self.sibling_links[pk]
            if member not in by_member:
                whom = person.fields["with_name"] if person is not None else "This person"
                self.add_error("siblings", f"{whom or 'This person'} is not down as family of {name}")
                return

    def _person(self, data: dict[str, Any]) -> Person | None:
        if data["person"] == SAME:
            return None
        if data["person"] == OTHER:
            return Person(name=data.get("other_name", "").strip())
        return Person(link=next(link for link in self.links if str(link.pk) == data["person"]))

    def facts_told(self) -> dict[str, Any]:
        """Keyword arguments for actions.log_contact and amend_contact, of a valid form."""
        data = self.cleaned_data
        told = {
            name: data[name]
            for name in (
                "happened_on", "happened_time", "channel", "reached", "direction",
                "topics", "notes", "level", "share", "summary", "withheld",
            )
        }  # fmt: skip
        told["person"] = person = self._person(data)
        if self.entry is None:
            links: list[FamilyLink] = []
            if data["siblings"]:
                assert person is not None and person.link is not None  # _check_siblings
                links = [self.sibling_links[pk][1][person.link.member_id] for pk in data["siblings"]]
            told["siblings"] = links
        return told

    # Showing

    @property
    def preview_id(self) -> str:
        return str(self.auto_id) % "home-sees"

    @property
    def shares(self) -> bool:
        return bool(self.shown("share"))

    @property
    def home_line(self) -> str:
        """What stands on the page of the household with the answers as they stand, as a sentence."""
        if self.shown("level") not in (None, "", Level.GENERAL):
            return "Home sees nothing of an entry that only some of the core team can read."
        if (self.shown("withheld") or "").strip():
            return "Home sees nothing of this contact."
        if self.shown("person") == OTHER:
            return "Home sees nothing of a call with someone who is not on file."
        how = self._how()
        if how is None:
            return "Home sees on their page that you were in touch, when and how."
        line = home_line(**how, from_home=self.shown("direction") == HomeContact.Direction.IN)
        return f"On home’s page: {line}, with the day and how."

    @property
    def home_sees(self) -> str:
        """The words home would see with the answers as they stand; "" while there are too few."""
        own = (self.shown("summary") or "").strip()
        if own:
            return own
        how, on = self._how(), self.shown("happened_on")
        if isinstance(on, str):
            try:
                on = self.fields["happened_on"].clean(on)
            except forms.ValidationError:
                return ""
        if how is None or on is None:
            return ""
        return home_summary(**how, on=on, topics=self.shown("topics") or ())

    def _how(self) -> dict[str, Any] | None:
        """Who reached home and in which way, once both are chosen."""
        reached, channel = self.shown("reached"), self.shown("channel")
        if reached not in HomeContact.Reached.values or channel not in HomeContact.Channel.values:
            return None
        keyworker = (self.entry.made_by if self.entry else self.user).get_short_name()
        return {"keyworker": keyworker, "reached": reached, "channel": channel}

    @property
    def who_line(self) -> str:
        """ "Phone call to Folake Oluwaseun (mum), today at 10.42 am"."""
        channel = dict(HomeContact.Channel.choices).get(self.shown("channel"), "Contact")
        person = self.shown("person")
        whom = dict(self._people_offered()).get(person, "someone else")
        if person == OTHER:
            whom = self.shown("other_name") or "someone else"
        elif person == SAME and self.entry is not None:
            whom = self.entry.with_name
        word = "from" if self.shown("direction") == HomeContact.Direction.IN else "to"
        if channel in ("Meeting", "Video call"):
            word = "with"
        return f"{channel} {word} {whom}, {self.day_in_words()}"

    def pieces(self) -> list[Any]:
        nobody = not self.links and self.entry is None
        who_open = nobody or self.shown("person") == OTHER or self.has_trouble(*WHO_HOW_WHEN)
        offers_siblings = self.entry is None and bool(self.sibling_links)
        return [
            HTML('{% include "contacts/_calls.html" %}'),
            Field("reached", wrapper_class="is-even"),
            HTML('{% include "contacts/_nobody.html" %}') if nobody else HTML(""),
            *folded(
                "Change who, how or when",
                "person",
                "other_name",
                "channel",
                Field("direction", wrapper_class="is-chips"),
                Div("happened_on", "happened_time", css_class="kw-row"),
                is_open=who_open,
                closed_only="{{ form.who_line }}.",
            ),
            *([Field("siblings", wrapper_class="is-chips")] if offers_siblings else []),
            "notes",
            Div(Field("topics", wrapper_class="is-chips"), css_class="kw-if-reached"),
            Field("share", wrapper_class="is-rows"),
            HTML('{% include "contacts/_home_sees.html" %}'),
            *folded(
                "Change these words",
                "summary",
                is_open=self.has_trouble("summary") or bool(self.shown("summary")),
            ),
            *folded(
                "Keep this contact off home’s page",
                "withheld",
                is_open=self.has_trouble("withheld") or bool(self.shown("withheld")),
            ),
            "level",
        ]

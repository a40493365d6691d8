"""The form for a keywork session: what happened, the set heads, what was agreed."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from crispy_forms.layout import HTML, Div, Field
from django import forms

from keywork import clock
from keywork.calendar import Block
from keywork.forms import text_box
from students.figures import Figures, of_half_term

from ..agreeing import AgreedAction, to_ask
from ..dating import catch_up_block
from ..half_term import HalfTerm, Head, half_term
from ..models import KeyworkSession
from ..sessions import CATCH_UP_DAYS
from .entry import LONGEST_NOTE, EntryForm, folded

HOW_AND_WHEN = ("happened_on", "happened_time", "how", "minutes")


class TopicsField(forms.MultipleChoiceField):
    """Asked for of everyone, needed only of a session that was held: the form's `clean` says so."""

    def validate(self, value: list[str]) -> None:
        if value:
            super().validate(value)


class WentField(forms.ChoiceField):
    """How one thing agreed before went; nobody need say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=KeyworkSession.Went.choices, required=False, widget=forms.RadioSelect, **kwargs
        )


class SessionForm(EntryForm):
    status = forms.ChoiceField(
        label="What happened?", choices=KeyworkSession.Status.choices, widget=forms.RadioSelect
    )
    topics = TopicsField(
        label="What you talked about",
        choices=KeyworkSession.Topic.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    notes = text_box("Notes", LONGEST_NOTE, required=False)
    agreed = text_box(
        "What you agree now", LONGEST_NOTE, rows=2, required=False, help_text="You see it here next time."
    )
    how = forms.ChoiceField(label="How", choices=KeyworkSession.How.choices, widget=forms.RadioSelect)
    minutes = forms.IntegerField(
        label="How long, in minutes",
        required=False,
        min_value=1,
        max_value=600,
        error_messages={"min_value": "Write 1 minute or more", "max_value": "Write 600 minutes or fewer"},
        widget=forms.NumberInput(attrs={"class": "kw-input-short", "inputmode": "numeric"}),
    )
    usual_minutes = forms.TypedChoiceField(
        label="How long", coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )
    catch_up = forms.BooleanField(label="This makes up for the half-term just ended", required=False)

    missing = {**EntryForm.missing, "status": "Say what happened", "how": "Say how you met"}
    save_label = "Save session"
    standing = {"how": KeyworkSession.How.IN_PERSON}
    draft_form = "session-new"
    entry: KeyworkSession | None

    def __init__(self, **kwargs: Any) -> None:
        entry = kwargs.get("entry")
        if entry is not None:
            self.draft_form = f"session-{entry.pk}"
        self.asked = to_ask(kwargs["student"], kwargs["user"], before=entry)
        for line in self.asked:
            fields = {**self.base_fields, line.name: WentField(label=line.words)}
            self.base_fields = fields  # type: ignore[misc]  # Django copies those of the form, if it has some
        kwargs["initial"] = {line.name: line.went for line in self.asked} | (kwargs.get("initial") or {})
        super().__init__(**kwargs)
        lengths = self.facts.policy(self.today).session_lengths_minutes
        if lengths:
            self.offer("usual_minutes", [(n, f"{n} minutes") for n in lengths])
            self.fields["minutes"].label = "Or another length, in minutes"
        else:
            del self.fields["usual_minutes"]
        if self.offered_block is None:
            del self.fields["catch_up"]
        else:
            self.fields["catch_up"].label = f"This makes up for {self.offered_block.name}"

    @cached_property
    def half_term(self) -> HalfTerm | None:
        """What is still to talk about in the half-term of the day the form is about."""
        day = self._typed_day() or (self.entry.happened_on if self.entry else self.today)
        return half_term(self.student, min(day, self.today), self.today, self.user, self.facts)

    @cached_property
    def figures(self) -> Figures | None:
        """What the two talk about of the half-term of that day; None in a holiday before the first."""
        day = min(self._typed_day() or (self.entry.happened_on if self.entry else self.today), self.today)
        return of_half_term(self.student, day, self.today, self.facts.calendar)

    @property
    def agreed_before(self) -> list[tuple[AgreedAction, Any]]:
        return [(line, self[line.name]) for line in self.asked]

    @property
    def set_heads(self) -> list[tuple[Head, Any]]:
        """The set heads of the half-term, each with its box of the field `topics`."""
        boxes = {box.data["value"]: box for box in self["topics"].subwidgets}
        heads = self.half_term.heads if self.half_term else ()
        return [(head, boxes[head.topic]) for head in heads if head.topic in boxes]

    @property
    def other_topics(self) -> list[Any]:
        """The boxes of what is talked about besides."""
        set_heads = {head.topic for head in self.half_term.heads} if self.half_term else set()
        return [box for box in self["topics"].subwidgets if box.data["value"] not in set_heads]

    @cached_property
    def offered_block(self) -> Block | None:
        """The half-term a session dated within reach of the form could still make up for (H6)."""
        entry_day = self.entry.happened_on if self.entry else None
        for day in (self._typed_day(), entry_day, self.today):
            if day is not None and (block := catch_up_block(day, self.facts.calendar)):
                return block
        # Term has begun again; a session of the holiday may still be written down, within the limit of C10.
        limit = self.facts.policy(self.today).contact_backdate_limit_days
        ended = self.facts.calendar.block_before(self.today)
        if ended is not None and (self.today - ended.ends_on).days <= CATCH_UP_DAYS + limit:
            return catch_up_block(ended.ends_on + timedelta(days=1), self.facts.calendar)
        return None

    def _typed_day(self) -> date | None:
        typed = self.data.get("happened_on", "") if self.is_bound else ""
        try:
            return date.fromisoformat(typed)
        except ValueError:
            return None

    def usual(self) -> dict[str, Any]:
        return {
            "how": KeyworkSession.How.IN_PERSON,
            "happened_on": self.today,
            "happened_time": clock.now().astimezone(clock.LONDON).time().replace(second=0, microsecond=0),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        held = data.get("status") == KeyworkSession.Status.HELD
        if data.get("status") and not held:
            data["topics"] = []  # nothing was talked about; the style sheet hides the question
        if held and not data.get("topics") and "topics" not in self.errors:
            self.add_error("topics", "Choose what you talked about")
        on = data.get("happened_on")
        if (
            held
            and data.get("catch_up")
            and on is not None
            and catch_up_block(on, self.facts.calendar) is None
        ):
            self.add_error(
                "catch_up",
                "A session makes up for a half-term only in the holiday, within 14 days of its end",
            )
        return data

    def facts_told(self) -> dict[str, Any]:
        """Keyword arguments for actions.log_session and amend_session, of a valid form."""
        data = self.cleaned_data
        told = {
            name: data[name]
            for name in (
                "status", "happened_on", "happened_time", "topics", "how", "notes", "agreed", "level",
            )
        }  # fmt: skip
        return told | {
            "minutes": data["minutes"] or data.get("usual_minutes"),
            "catch_up": data.get("catch_up", False),
            "answered": [
                *self._answered_unseen(),
                *(line.answer(went) for line in self.asked if (went := data.get(line.name))),
            ],
        }

    def _answered_unseen(self) -> list[dict[str, Any]]:
        """What the session that is amended says of lines this editor is not asked about: it stays."""
        asked = {(line.session, line.key) for line in self.asked}
        answered = self.entry.answered if self.entry is not None else []
        return [one for one in answered if (one["session"], one["line"]) not in asked]

    @property
    def who_line(self) -> str:
        how = dict(KeyworkSession.How.choices).get(self.shown("how"), "Session")
        return f"{how}, {self.day_in_words()}"

    def pieces(self) -> list[Any]:
        lengths = [Field("usual_minutes", wrapper_class="is-chips")] if "usual_minutes" in self.fields else []
        return [
            HTML("{% if form.half_term %}<p>{{ form.half_term.before }}</p>{% endif %}"),
            HTML('{% include "students/_figures.html" with figures=form.figures %}'),
            Field("status", wrapper_class="is-even"),
            *folded(
                "Change how, when or how long",
                Field("how", wrapper_class="is-chips"),
                Div("happened_on", "happened_time", css_class="kw-row"),
                *lengths,
                "minutes",
                is_open=self.has_trouble(*HOW_AND_WHEN),
                closed_only="{{ form.who_line }}.",
            ),
            Div(Field("topics", template="contacts/_topics.html"), css_class="kw-if-held"),
            "notes",
            HTML('{% include "contacts/_agreed_before.html" %}'),
            "agreed",
            *([Field("catch_up", wrapper_class="is-rows")] if "catch_up" in self.fields else []),
            "level",
        ]

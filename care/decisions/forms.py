"""Announcing a decision; what home says to it, by themselves or through staff; the school's answer to that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, KeyworkForm, primary, quiet_link, text_box
from keywork.words import marked, translated, worded_lazy
from students.models import FamilyLink, FamilyMember, Student

from ..models import Decision, DecisionReader
from .actions import LONGEST_ANSWER, asked_until

STUDENT = "student"
ANSWER_HINT = marked("Write it here if you have a question or do not agree.")
READ_HINT = marked("Write it here if you have a question.")  # where nobody is asked whether they agree


class DecisionForm(EditForm):
    what = text_box(
        "What was decided",
        1000,
        help_text="In plain words, as you would say it on the phone. Home reads it just so.",
    )
    why = text_box("Why", 2000, required=False)
    decided_by = forms.CharField(
        label="Who decided", max_length=200, help_text="Names, and where: “Ros and Tunde at the core group”."
    )
    from_on = forms.DateField(label="From when", widget=DateBox)
    asks = forms.ChoiceField(
        label="What home is asked", choices=Decision.Asks.choices, widget=forms.RadioSelect
    )
    answer_by = forms.DateField(
        label="Answer by",
        required=False,
        widget=DateBox,
        help_text=worded_lazy(
            "After that day it stands with the keyworker as late. Leave it empty to ask for nothing."
        ),
    )
    people = forms.MultipleChoiceField(
        label="Who is told", required=False, widget=forms.CheckboxSelectMultiple
    )
    missing = {
        "what": "Write what was decided",
        "decided_by": "Write who decided",
        "from_on": "Choose from when",
        "asks": "Choose what home is asked",
        "people": "Choose who is told",
    }

    def __init__(self, *args: Any, student: Student, links: Iterable[FamilyLink], **kwargs: Any) -> None:
        links = list(links)
        kwargs["initial"] = {
            "from_on": clock.today(),
            "asks": Decision.Asks.READ,
            "answer_by": asked_until(student),
            "people": [STUDENT] if student.speaks_for_self else [str(link.member_id) for link in links],
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, **kwargs)
        people = [(str(link.member_id), _told(link.label, link.member)) for link in links]
        self.offer("people", [*people, (STUDENT, _told(student.known_as, student))])
        self.fields["people"].required = bool(links)
        if student.speaks_for_self:
            self.fields["people"].help_text = (
                f"{student.known_as} speaks for themselves and is asked. Whoever at home you choose is told, and need"
                " not answer."
            )
        elif not links:
            self.fields["people"].help_text = "Nobody at home may be told just now."

    def layout(self) -> Layout:
        return Layout(
            "what",
            "why",
            "decided_by",
            Div("from_on", "answer_by", css_class="kw-row"),
            Field("asks", wrapper_class="is-even"),
            "people",
            Actions(primary("Announce it"), quiet_link("Not now", "back_url")),
        )

    def facts_told(self) -> dict[str, Any]:
        facts = self.details()
        people = facts.pop("people")
        members = [int(one) for one in people if one != STUDENT]
        return {**facts, "members": members, "with_student": STUDENT in people}


def _told(name: str, whom: FamilyMember | Student) -> str:
    return name if whom.opens_pages else f"{name}: no account, so tell them yourself"


class AnswerForm(EditForm):
    """Of a parent, a carer or the student. `button` differs for staff who write it down."""

    answer = forms.ChoiceField(label=marked("What do you say?"), widget=forms.RadioSelect)
    words = text_box(marked("Your words"), LONGEST_ANSWER, required=False, help_text=ANSWER_HINT)
    missing = {"answer": marked("Choose one of the answers")}
    button, back = marked("Send"), (marked("Not now"), "back_url")
    shapes = {"answer": "is-rows"}

    def __init__(self, *args: Any, reader: DecisionReader, **kwargs: Any) -> None:
        super().__init__(*args, initial={"answer": reader.answer, "words": reader.words}, **kwargs)
        self.offer("answer", reader.decision.answers)
        if reader.decision.asks == Decision.Asks.READ:
            self.fields["words"].help_text = translated(READ_HINT)


class NoteAnswerForm(AnswerForm):
    """What they said on the phone or face to face."""

    button = "Save what they said"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].label, self.fields["words"].label = "What did they say?", "In their words"
        self.fields["words"].help_text = ""


class ReplyForm(KeyworkForm):
    words = text_box(
        "Your answer",
        2000,
        rows=4,
        help_text="They read it beside the decision, and are told by e-mail that it is there.",
    )
    missing = {"words": "Write your answer"}
    button = "Send the answer"
    back = (marked("Not now"), "back_url")

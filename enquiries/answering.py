"""What the answering page asks, and how what comes is kept: one page for all kinds and respondents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.http import QueryDict

from keywork import clock
from keywork.forms import KeyworkForm
from keywork.models import User
from keywork.saving import Saving

from .actions import answer_in_round, locked
from .kinds import kind_of
from .models import Enquiry


class Answering:
    """The questions of one enquiry. What is said here is so of one that is sent in one press.

    `template` draws the questions, below `lead`; `parts` are further pages of them, by their name in the address.
    `saved` is what became of a save; `shut` a sentence where there is nothing to answer just now.
    """

    template: ClassVar[str]
    lead: ClassVar[str] = "enquiries/_lead.html"
    check_template: ClassVar[str] = ""  # of the page to look at before it goes, where there is one
    parts: ClassVar[Mapping[str, str]] = {}
    keeps: bool = False  # what is typed is kept until it is sent
    autosaves: ClassVar[bool] = True  # where it is kept: by script, as it is typed
    send_words, keep_words = "Send", "Keep for later"

    enquiry: Enquiry
    saved: Saving
    shut: str = ""

    @property
    def status(self) -> int:
        return self.saved.status

    @property
    def shown(self) -> Any:
        """What is looked at before it goes."""

    def begin(self, given: QueryDict) -> None:
        """What the address says of the answers, for a page that is opened."""

    def save(self, data: QueryDict) -> None:
        """Keep what came. Raises Refused when it can no longer be answered."""
        raise NotImplementedError

    def check_whole(self) -> None:
        """Before it is handed in: what is required is there."""

    def hand_in(self, by: User | None) -> None:
        """What was kept is the answer, once. Raises Refused."""
        raise NotImplementedError


class Questions(Answering):
    """A form whose answers are kept with the enquiry."""

    template = "enquiries/_form.html"

    def __init__(self, enquiry: Enquiry, form: type[KeyworkForm]) -> None:
        self.enquiry, self.form_class = enquiry, form
        self.form = self.new_form()
        self.saved = Saving()

    def new_form(self, *args: Any, **kwargs: Any) -> KeyworkForm:
        return self.form_class(*args, **kwargs)

    def begin(self, given: QueryDict) -> None:
        """An answer that the link of a mail holds stands chosen; opening it sends nothing."""
        kept = self.enquiry.answers if self.enquiry.answered_at else {}
        self.form.initial = {
            name: given.get(name, kept.get(name))
            for name in self.form.fields
            if name in given or name in kept
        }

    @property
    def status(self) -> int:
        return self.form.status

    def save(self, data: QueryDict) -> None:
        self.form = self.new_form(data)
        self.form.is_valid()

    @transaction.atomic
    def hand_in(self, by: User | None) -> None:
        if kind_of(self.enquiry).in_rounds:
            if answer_in_round(enquiry=self.enquiry, answers=self.form.cleaned_data):
                kind_of(self.enquiry).answered(Enquiry.objects.get(pk=self.enquiry.pk))
            return
        row = locked(self.enquiry, "waiting")
        row.answers, row.answered_at = self.form.cleaned_data, clock.now()
        row.save(update_fields=["answers", "answered_at"])

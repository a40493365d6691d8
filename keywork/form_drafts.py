"""What somebody left unsent in one form about one student, from the side of its page.

drafts = FormDrafts(request, "contact-new", student.pk)
if (answer := drafts.answer(form_url)) is not None:  # a button of components/drafts.html
    return answer
if "discard" in request.POST:
    drafts.end()
form = Form(draft=drafts.chosen)                     # GET: the newest, or the one that was asked for
...
drafts.end()                                         # saved, in the same transaction
drafts.keep()                                        # refused
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from .actions.drafts import CONTINUES, end_draft, find_drafts, keep_draft, stamp
from .attempts import attempt
from .editing import SEEN
from .errors import Refused
from .http import SchoolRequest
from .models import Draft
from .numbers import number_in
from .open_forms import key_of

SHOWN_WORDS = 80
# A word alone that no choice has as its value, as those are of small letters; or a sentence of a script without spaces.
_WORD = re.compile(r"(?![a-z]+$)[^\W\d_][^\d_]*")


class FormDrafts:
    """`begins_anew`: the page begins with something else; what was left unsent is only offered."""

    def __init__(
        self, request: SchoolRequest, form: str, student_id: int | None, begins_anew: bool = False
    ) -> None:
        self.request, self.begins_anew = request, begins_anew
        self.which: dict[str, Any] = {"by": request.user, "form": form, "student_id": student_id}

    @cached_property
    def all(self) -> list[Draft]:
        return find_drafts(**self.which)

    @cached_property
    def chosen(self) -> Draft | None:
        """What the page begins with."""
        if self.request.method == "POST":
            return None
        asked = number_in(self.request.GET.get("draft", ""), digits=18)
        found = next((one for one in self.all if one.pk == asked), None)
        return found or (self.all[0] if self.all and not self.begins_anew else None)

    @property
    def others(self) -> list[dict[str, Any]]:
        """What else waits, of windows that were open beside each other: each with the first words typed."""
        mine = self._key
        return [
            {"draft": one, "words": _first_words(one)}
            for one in self.all
            if one != self.chosen
            and not (mine and one.open_form == mine)
            and stamp(one) not in self._continues
        ]

    @property
    def continues(self) -> list[str]:
        """What the form carries: the drafts it was filled from. A page that shows again what was sent has a key of its
        own, so what was kept of the form before it is one of them."""
        if self.chosen is not None:
            return [stamp(self.chosen)]
        key = self._key
        own = [stamp(one) for one in self.all if one.open_form == key] if key else []
        return list(dict.fromkeys([*self._continues, *own]))

    def answer(self, here: str) -> HttpResponse | None:
        """To a button about another draft; None for any other. Nothing that stands in the form is lost by it."""
        posted = self.request.POST
        for name in ("go-on", "discard"):
            pk = number_in(posted.get(name, ""), digits=18)
            one = next((draft for draft in self.all if draft.pk == pk), None) if pk is not None else None
            if one is not None and one.open_form != self._key:
                self.keep()
                if name == "discard":
                    one.delete()
                return _lead(self.request, here if name == "discard" else f"{here}?draft={one.pk}")
        return None

    def keep(self) -> Refused | None:
        """What was typed; why not, for what is far too long, which is still on the page."""
        data = dict(self.request.POST.lists())
        self.__dict__.pop("all", None)
        return attempt(lambda: keep_draft(**self.which, data=data, open_form=self._key))[1]

    def end(self) -> None:
        """The form was saved, or thrown away."""
        end_draft(**self.which, data=dict(self.request.POST.lists()), open_form=self._key)

    @property
    def _key(self) -> str:
        key = key_of(self.request)
        return key.form if key is not None else ""

    @property
    def _continues(self) -> list[str]:
        return self.request.POST.getlist(CONTINUES)


def _first_words(draft: Draft) -> str:
    """What a person would know it by: the first sentence, or else a single word. Empty for ticks and dates alone."""
    typed = [value.strip() for name, values in draft.data.items() if name != SEEN for value in values]
    words = next((value for value in typed if len(value.split()) > 1), "")
    words = words or next((value for value in typed if _WORD.fullmatch(value)), "")
    return words if len(words) <= SHOWN_WORDS else f"{words[:SHOWN_WORDS].rstrip()} …"


def _lead(request: SchoolRequest, url: str) -> HttpResponse:
    if getattr(request, "htmx", False) and not request.htmx.boosted:
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)

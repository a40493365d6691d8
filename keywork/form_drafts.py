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

A page of one form that `keywork.editing.save` saves needs none of this:

@permission_required(Can.EDIT_PEOPLE)
@keeps_typed
def edit(request, pk): ... save(request, form, lambda: ...)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from crispy_forms.layout import HTML
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse

from .actions.drafts import CONTINUES, end_draft, find_drafts, is_typed, keep_draft, stamp
from .attempts import attempt
from .editing import SEEN
from .errors import Refused
from .form_keys import key_of
from .http import SchoolRequest
from .models import Draft
from .numbers import number_in
from .saving import digest

SHOWN_WORDS = 80


KEPT = "Draft saved. It waits for you here until you save or discard it."
_BUTTONS = """{% include "components/save_draft.html" %}
{% include "components/discard_draft.html" with drafts=request.form_drafts %}
{% include "components/draft.html" with saved_at=request.form_drafts.chosen.updated_at %}"""


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
            {"draft": one, "words": _first_words(one, self.chosen)}
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

    def keep(self, typed: QueryDict | None = None) -> Refused | None:
        """What was typed; why not, for what is far too long, which is still on the page."""
        data = dict((self.request.POST if typed is None else typed).lists())
        self.__dict__.pop("all", None)
        return attempt(lambda: keep_draft(**self.which, data=data, open_form=self._key))[1]

    def end(self) -> None:
        """The form was saved, or thrown away."""
        end_draft(**self.which, data=dict(self.request.POST.lists()), open_form=self._key)

    def draw(self, form: Any) -> None:
        """What a form shows of its drafts: what else was left, and among its buttons how it stands with its own."""
        if not form.is_bound and self.chosen is not None:
            form.fill(self.chosen)
        helper = form.helper
        form_name, student_id = self.which["form"], self.which["student_id"]
        if student_id is None:
            helper.keep_drafts(reverse("keywork:form_draft", args=[form_name]))
        else:
            helper.keep_drafts(reverse("keywork:draft", args=[student_id, form_name]))
        helper.layout.insert(
            0, HTML('{% include "components/drafts.html" with drafts=request.form_drafts %}')
        )
        helper.layout[-1].fields.append(HTML(_BUTTONS))

    @property
    def _key(self) -> str:
        key = key_of(self.request)
        return key.form if key is not None else ""

    @property
    def _continues(self) -> list[str]:
        return self.request.POST.getlist(CONTINUES)


def keeps_typed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of one EditForm, drawn and saved by `keywork.editing.save`: what is typed in it is kept until then."""

    @wraps(view)
    def page(request: SchoolRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        match = request.resolver_match
        assert match is not None
        answer = begun(drafts_of(request, match.view_name, *kwargs.values()))
        return view(request, *args, **kwargs) if answer is None else answer

    return page


def begun(drafts: FormDrafts) -> HttpResponse | None:
    """The answer to a button about drafts; for any other the page goes on, and `keywork.editing.save` keeps these."""
    request = drafts.request
    if (answer := drafts.answer(request.path)) is not None:
        return answer
    if request.method == "POST" and "discard" in request.POST:
        drafts.end()
        return HttpResponseRedirect(request.path)
    if request.method == "POST" and "draft" in request.POST:  # without script
        if (no := drafts.keep()) is not None:
            return HttpResponse(str(no), status=422, content_type="text/plain; charset=utf-8")
        messages.info(request, KEPT)
        return HttpResponseRedirect(request.path)
    request.form_drafts = drafts
    return None


def drafts_of(request: SchoolRequest, page: str, *which: Any) -> FormDrafts:
    """What is kept of the form that the page of this name saves (keeps_typed); `which`: what its address names."""
    namespace, _, name = page.partition(":")
    key = digest([str(value) for value in which if isinstance(value, (str, int))])
    return FormDrafts(request, f"{namespace}-{name.replace('_', '')}-{key}", None)


def _first_words(draft: Draft, beside: Draft | None) -> str:
    """What a person would know it by: the first sentence, or else a single word. Empty for ticks and dates alone.

    What stands the same in the draft beside it tells the two not apart.
    """
    same = beside.data if beside is not None else {}
    fields = [(name, values) for name, values in draft.data.items() if values != same.get(name)]
    typed = [value.strip() for name, values in fields if name != SEEN for value in values]
    words = next((value for value in typed if len(value.split()) > 1), "")
    words = words or next(filter(is_typed, typed), "")
    return words if len(words) <= SHOWN_WORDS else f"{words[:SHOWN_WORDS].rstrip()} …"


def _lead(request: SchoolRequest, url: str) -> HttpResponse:
    if getattr(request, "htmx", False) and not request.htmx.boosted:
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)

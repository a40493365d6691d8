"""Forms over what is stored: nobody's change undoes another's, and a refusal stands beside its field.

    class NumberForm(EditForm):
        def __init__(self, *args, member, **kwargs):
            super().__init__(*args, initial={"mobile": member.mobile}, **kwargs)
            self.edits(member)

    form = NumberForm(posted(request), member=member)
    saved = save(request, form, lambda: set_number(member, form.cleaned_data, member.version))
    if saved is not None:
        return redirect(...)
    return render(request, ..., status=form.status)

`press` does the same for a button that has no form, `keywork.attempts.attempt` for a page that says it in its own way.

The hidden field `seen` carries a digest of each field as the page showed it. What was not touched on the page keeps
what somebody else saved meanwhile; where both changed a field, both stand beside it, and nothing is saved until the
person has chosen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import QueryDict

from . import clock
from .attempts import attempt
from .dates import day_in_full
from .errors import ChangedMeanwhile, Refused
from .forms import KeyworkForm, ReasonForm
from .http import SchoolRequest, posted
from .models import User
from .names import ended
from .pending import keep_waiting
from .saving import BASE, Values, digest, name_for, typed_fields
from .words import all_of, filled, translated

SEEN = "seen"
CHOICE = "choice:"  # and the name of a field that both changed: "mine" or "theirs", and the digest of theirs
MEANWHILE = (
    "Somebody changed this while you were writing. Yours stands below: look at all of it, then save once more"
)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A field that two people changed. `theirs` is what is stored, in words; `choice` the name of the radio buttons."""

    by: str
    theirs: str
    choice: str
    digest: str


class EditForm(KeyworkForm):
    """See the module. One that adds something is the same form without `edits`."""

    stored: Mapping[str, Values] | None = None
    rows: tuple[Any, ...] = ()

    def edits(self, *rows: Any, besides: Collection[str] = ()) -> None:
        """What it is filled with is stored, in `rows`: called once the fields are there, before a draft fills them.

        Fields in `besides` say something new each time.
        """
        self.rows = rows
        self.stored = {
            name: as_posted(field, self.get_initial_for_field(field, name))
            for name, field in self.fields.items()
            if not isinstance(field, forms.FileField) and name not in besides
        }
        self.fields[SEEN] = forms.CharField(
            required=False, widget=forms.HiddenInput, initial=json.dumps(self._digests())
        )
        self.kept: list[str] = []  # labels of fields that keep what somebody else saved
        self.disputed: dict[str, Dispute] = {}

    @property
    def helper(self) -> Any:
        helper = super().helper
        helper.render_hidden_fields = self.stored is not None
        return helper

    def details(self) -> dict[str, Any]:
        """What is given, without what the page itself sends."""
        return {name: value for name, value in self.cleaned_data.items() if name != SEEN}

    def full_clean(self) -> None:
        if self.stored is not None and self.is_bound and not self.disputed and not self.kept:
            self._keep_theirs(self.stored)
        super().full_clean()

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        for name, dispute in (self.disputed if self.stored is not None else {}).items():
            label = translated(str(self.fields[name].label or "this"))
            words = filled(
                "{by} changed “{what}” while you were writing. Choose which of the two stands",
                by=dispute.by,
                what=label,
            )
            self.add_error(name, words)
            self.is_overtaken = True

    def _digests(self) -> dict[str, str]:
        return {name: digest(values) for name, values in (self.stored or {}).items()}

    def _keep_theirs(self, stored: Mapping[str, Values]) -> None:
        seen, now = digests_in(self.data.get(self.add_prefix(SEEN), "")), self._digests()
        if not seen:
            return
        sent: Any = self.data
        data = sent.copy()
        for name, theirs in stored.items():
            if name not in self.fields:
                continue
            field, key = self.fields[name], self.add_prefix(name)
            typed = digest(as_posted(field, field.widget.value_from_datadict(self.data, self.files, key)))
            was = seen.get(name, digest(()))
            if now[name] in (was, typed):
                seen[name] = now[name]
                continue
            if field.widget.is_hidden:  # nothing anybody could choose by
                typed = was
            chosen, _, chosen_of = data.get(f"{CHOICE}{key}", "").partition(".")
            if typed == was or (chosen == "theirs" and chosen_of == now[name]):
                _put(data, key, theirs)
                seen[name] = now[name]
                if typed == was and not field.widget.is_hidden:
                    self.kept.append(str(field.label or name))
            elif chosen == "mine" and chosen_of == now[name]:
                seen[name] = now[name]
            else:
                dispute = Dispute(self.writer, in_words(field, theirs), f"{CHOICE}{key}", now[name])
                vars(field)["dispute"] = self.disputed[name] = dispute  # the template draws it
        data[self.add_prefix(SEEN)] = json.dumps(seen)
        self.data = data

    @cached_property
    def writer(self) -> str:
        """Who saved it last, before this form is saved."""
        return last_writer(*self.rows, reader=self.reader)


def press(request: SchoolRequest, act: Callable[[], Any], said: str = "") -> bool:
    """Whether `act`, the deed of a button, was done; then `said` is said, or else why it was not."""
    _, no = attempt(act)
    if no is not None:
        keep_waiting(request)
        messages.warning(request, ended(str(no)))
    elif said:
        messages.success(request, said)
    return no is None


def save(request: SchoolRequest, form: Any, act: Callable[[], Any], beside: str = "") -> Any:
    """What `act` made of a form of keywork.forms, True for nothing; or None where it is not right, or `act` refused it.

    The reason stands on the form then, beside the field that it names or else the one that is named here. Whoever
    saves hears what somebody else's change kept.
    """
    drafts = getattr(request, "form_drafts", None)  # of a page that keeps what is typed (keywork.form_drafts)
    if drafts is None:
        return _saved(request, form, act, beside)

    def act_and_end() -> Any:
        made = act()
        drafts.end()
        return made

    made = _saved(request, form, act_and_end, beside)
    if made is None:
        not_saved(request, form)
    return made


def save_reason(
    request: SchoolRequest, act: Callable[[str], Any], *, beside: str = "", **asked: Any
) -> tuple[ReasonForm, Any]:
    """The form that asks why, as `asked` (keywork.forms.ReasonForm), and what `save` gave once `act` had the reason."""
    form = ReasonForm(posted(request), **asked)
    return form, save(request, form, lambda: act(form.cleaned_data["reason"]), beside)


def not_saved(request: SchoolRequest, form: Any) -> None:
    """The form is drawn, for the first time or again: what was typed is kept, on a page that does so."""
    drafts = getattr(request, "form_drafts", None)
    if drafts is not None:
        if form.is_bound:
            drafts.keep()
        drafts.draw(form)


def _saved(request: SchoolRequest, form: Any, act: Callable[[], Any], beside: str) -> Any:
    form.reader = request.user
    if not form.is_valid():
        return None
    kept = form.kept if getattr(form, "stored", None) is not None else []
    by = form.writer if kept else ""
    made, no = attempt(act)
    if no is not None:
        form.refused = no
        blame(form, no, beside)
        return None
    if kept:
        fields = all_of([f"“{translated(label)}”" for label in kept])
        words = filled(
            "{by} changed {fields} while you were writing. That is kept too.", by=by, fields=fields
        )
        messages.info(request, words)
    return True if made is None else made


def blame(form: Any, refused: Refused, beside: str = "") -> None:
    """The refusal beside its field, or on top of a form that has no such field."""
    if isinstance(refused, ChangedMeanwhile):
        form.newer = refused.current
        form.overtaken(refused.words or MEANWHILE)
        return
    for one in refused.each():
        field = one.field or beside
        form.add_error(field if field in form.fields else None, str(one))


def last_writer(*rows: Any, reader: User | None = None) -> str:
    """Who wrote the newest version of any of these: the short name, or "Somebody"; two queries a row."""
    events = [
        event
        for row in rows
        if (event := row.pgh_event_model.objects.filter(pgh_obj_id=row.pk).order_by("pgh_id").last())
    ]
    newest = max(
        events, key=lambda event: (event.pgh_created_at, event.pgh_context_id is not None), default=None
    )
    if newest is None or newest.pgh_context is None:
        return "Somebody"
    user = User.objects.filter(pk=newest.pgh_context.metadata.get("user")).first()
    return name_for(user, reader, short=True) or "Somebody"


def as_posted(field: forms.Field, value: Any) -> Values:
    """A value, stored or posted, as a browser posts that field."""
    if isinstance(field, forms.BooleanField):
        return ("on",) if field.to_python(value) else ()
    shown = field.widget.format_value(field.prepare_value(value))
    if isinstance(shown, list | tuple):
        return tuple(sorted(str(one) for one in shown if one != ""))
    return (str(shown).strip(),) if shown not in (None, "") else ()


def in_words(field: forms.Field, values: Values) -> str:
    """What is stored, as a reader says it."""
    if isinstance(field, forms.BooleanField):
        return "ticked" if values else "not ticked"
    if not values:
        return "nothing"
    if isinstance(field, forms.DateField):
        return day_in_full(date.fromisoformat(values[0]), clock.today())
    if isinstance(field, forms.ChoiceField):
        labels = getattr(field, "names", None) or dict(_flat(field.choices))
        return ", ".join(str(labels.get(value, value)) for value in values)
    return values[0]


def typed_in(posted: Iterable[tuple[str, str]]) -> list[str]:
    """The words among posted pairs that somebody wrote: where the form says what it showed, those that differ."""
    data = QueryDict(mutable=True)
    for name, value in posted:
        data.appendlist(name, value.strip())
    seen = digests_in(data.get(SEEN, "")) | {one.field: one.was for one in typed_fields(data)}
    return [
        value
        for name, values in data.lists()
        if name != SEEN and not name.startswith(BASE)
        if digest(tuple(filter(None, values))) != seen.get(name)
        for value in values
        if len(value.split()) > 1 or (name in seen and value.isalpha() and value != "on")
    ]


def _flat(choices: Any) -> Iterator[tuple[str, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(value), label


def _put(data: QueryDict, key: str, values: Values) -> None:
    if values:
        data.setlist(key, list(values))
    else:
        data.pop(key, None)


def digests_in(text: str) -> dict[str, str]:
    """What came in `seen`; nothing where it cannot be read."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}

"""What every form of Keywork shares: the error summary, errors in plain words, layout pieces.

    class ContactForm(KeyworkForm):
        reached = forms.ChoiceField(...)
        missing = {"reached": "Say whether you reached them"}

        shapes = {"reached": "is-even"}
        button = "Save"

`{% crispy form %}` draws it: summary on top, then label, hint, error, control for each field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from crispy_forms.bootstrap import StrictButton
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict
from django.utils.functional import lazy

from .errors import Refused
from .pictures import BrokenPicture, NotAPicture, TooManyDots, drawn_anew
from .typed import tidy
from .words import filled, translated

if TYPE_CHECKING:
    from .models import Draft

# Django's words to ours, for what can go wrong in any field (look.md, Words).
PLAIN_ERRORS: dict[type[forms.Field], dict[str, str]] = {
    forms.EmailField: {"invalid": "Write a whole e-mail address, like name@example.org"},
    forms.DateField: {"invalid": "Write a real date, like 26/11/2026"},
    forms.TimeField: {"invalid": "Write a time, like 14:30"},
    forms.IntegerField: {"invalid": "Write a whole number"},
    forms.ChoiceField: {"invalid_choice": "Choose one of the answers"},
    forms.ModelChoiceField: {"invalid_choice": "Choose one of the answers"},
    forms.FileField: {
        "invalid": "Choose a file",
        "missing": "Choose a file",
        "empty": "This file is empty. Choose another",
    },
}
Choices = Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]]
CHOOSING = (forms.ChoiceField, forms.ModelChoiceField, forms.FileField)


class DateBox(forms.DateInput):
    """The browser's own date box; the value is always ISO, whatever the locale."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__({"class": "kw-input-short"}, format="%Y-%m-%d")


def text_box(label: Any, most: int, *, rows: int = 3, **more: Any) -> forms.CharField:
    """Words on several lines."""
    box = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=most, widget=box, **more)


class TimeBox(forms.TimeInput):
    """The browser's own time box, to the minute."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__({"class": "kw-input-short"}, format="%H:%M")


class KeyworkFormHelper(FormHelper):
    """A POST form in the house's rhythm. The browser never stops a save with words of its own.

    `show_optional = False` leaves "(optional)" out (filters, where everything is).
    """

    def __init__(self) -> None:
        super().__init__()
        self.form_class = "kw-form kw-stack"
        # Back after a save shows the page anew, with a new key: words that the browser puts back would be saved twice.
        self.attrs = {"novalidate": True, "autocomplete": "off"}
        self.show_optional = True

    def keep_drafts(self, url: str) -> None:
        """Have keywork.js post what is typed to `url` while someone types."""
        self.attrs |= {"data-draft-url": url}


class Earliest(NamedTuple):
    """No date in a form is before `day`; `words` stand beside one that is."""

    day: date
    words: str


class KeyworkFormMixin(forms.BaseForm):
    """Plain words for what is missing or wrong, and a helper whose layout is the form's `layout()`.

    `missing` maps a field to the sentence shown when it is empty. With a `button` the fields stand in their order.
    """

    missing: dict[str, str] = {}
    button: Any = ""
    is_secondary = False  # its button is not the page's own
    action = ""  # where it is sent, where that is not the address of its page
    back: tuple[str, str] | None = None  # the words of a link beside it, and the variable with its address
    shapes: Mapping[str, str] = {}  # "is-rows", "is-even" or "is-chips" of fields that are drawn so
    use_required_attribute = False
    is_overtaken = False  # what somebody else saved meanwhile stands in the way of all of it
    newer: Any = None  # that, where it is shown beside the form
    refused: Refused | None = None  # why it was not saved, though it was right
    reader: Any = None  # who saves it
    earliest: Earliest | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.word_plainly()

    def word_plainly(self) -> None:
        """Plain words for what can go wrong; to be called again for fields that are added later."""
        for name, field in self.fields.items():
            for kind, messages in PLAIN_ERRORS.items():
                if isinstance(field, kind):
                    _replace_defaults(field, messages)
            if name in self.missing:
                _replace_defaults(field, {"required": self.missing[name]}, always=True)
            elif field.label:
                verb = "Choose" if isinstance(field, CHOOSING) else "Fill in"
                _replace_defaults(field, {"required": _named(verb, field.label)})

    def _status(self) -> int:
        """Of the page that shows the form: 422 where something is to be put right, 409 where another was quicker."""
        if not self.is_bound or not self.errors:
            return 200
        return 409 if self.is_overtaken else 422

    # A form with a field of that name has nothing of it: Django takes fields out.
    status: Any = property(_status)

    def overtaken(self, words: str) -> None:
        """Somebody else saved meanwhile what stands in the way of all of it, and why."""
        self.is_overtaken = True
        self.add_error(None, words)

    def never_optional(self, *names: str) -> None:
        """Nothing says "(optional)" beside them: they are needed later, or leaving them empty is an answer."""
        for name in names:
            vars(self.fields[name])["is_asked"] = True

    def offer(self, name: str, choices: Choices) -> None:
        """The answers to choose from, for a field whose answers are known only now."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def offer_rows(self, name: str, rows: QuerySet[Any]) -> None:
        """The rows to choose from, for a field whose rows are known only now."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    def retype(self, name: str, value: str) -> None:
        """In place of what was sent of a field that nobody sees."""
        sent: Any = self.data
        self.data = changed = sent.copy()
        changed[name] = value

    def _clean_fields(self) -> None:
        for field in self.fields.values():
            tidy(field)
        super()._clean_fields()  # type: ignore[misc]  # not in the stubs
        days = [] if self.earliest is None else [*self.cleaned_data.items()]
        for name, day in days:
            if self.earliest and type(day) is date and day < self.earliest.day:
                self.add_error(name, self.earliest.words)

    def fill(self, draft: Draft) -> None:
        """Begin with what was left unsent; what it was written over is what was seen then."""
        typed: MultiValueDict[str, str] = MultiValueDict(draft.data)
        for name, field in self.fields.items():
            key = self.add_prefix(name)
            if key in draft.data or not field.widget.is_hidden:
                self.initial[name] = field.widget.value_from_datadict(typed, {}, key)

    def layout(self) -> Layout | None:
        """The crispy layout: the fields in their order, and the row of buttons; None draws the fields alone."""
        if not self.button:
            return None
        pieces = [
            Field(name, wrapper_class=self.shapes[name]) if name in self.shapes else name
            for name in self.fields
        ]
        links = [quiet_link(*self.back)] if self.back else []
        button = secondary if self.is_secondary else primary
        return Layout(*pieces, Actions(button(self.button), *links))

    @property
    def helper(self) -> KeyworkFormHelper:
        kept = self.__dict__.get("_helper")
        if kept is None:
            kept = self.__dict__["_helper"] = KeyworkFormHelper()
            kept.form_action = self.action
            layout = self.layout()
            if layout is not None:
                kept.layout = layout
        return kept


class KeyworkForm(KeyworkFormMixin, forms.Form):
    pass


def status_of(*given: KeyworkFormMixin | None) -> int:
    """Of a page with these forms, as far as it has them."""
    return max((form.status for form in given if form is not None), default=200)


def _fill_in(verb: str, label: Any) -> str:
    return filled(
        "Choose “{label}”" if verb == "Choose" else "Fill in “{label}”", label=translated(str(label))
    )


_named = lazy(_fill_in, str)


def _replace_defaults(field: forms.Field, messages: Mapping[str, Any], always: bool = False) -> None:
    """Change only what still says Django's words: a field's own sentence always stands."""
    stock: dict[str, Any] = {}
    for parent in reversed(type(field).__mro__):
        stock.update(getattr(parent, "default_error_messages", {}))
    for code, text in messages.items():
        if always or field.error_messages.get(code, stock.get(code)) is stock.get(code):
            field.error_messages[code] = text


def primary(label: str, **attrs: Any) -> StrictButton:
    """The one primary action of a page."""
    return StrictButton(translated(label), type="submit", css_class="btn-primary", **attrs)


def secondary(label: str, **attrs: Any) -> StrictButton:
    return StrictButton(translated(label), type="submit", css_class="btn-secondary", **attrs)


def draft_status() -> HTML:
    """Where keywork.js says "Draft saved at 10.43 am"; `saved_at` in the context fills it from the start."""
    return HTML('{% include "components/draft.html" %}')


def quiet_link(label: str, url_variable: str) -> HTML:
    """A link beside the buttons. `url_variable` names a context variable; `label` is the code's own text."""
    return HTML(f'<a class="btn btn-quiet" href="{{{{ {url_variable} }}}}">{translated(label)}</a>')


class Actions(Div):
    """The row of buttons at the end of a form."""

    css_class = "kw-actions"


class ReasonForm(KeyworkForm):
    """One sentence why: `button` is what is done, `missing` what is said without one, `back` a link to leave it by."""

    reason = forms.CharField(label="Why", max_length=300)

    def __init__(
        self,
        *args: Any,
        button: str,
        missing: str,
        label: str = "",
        help_text: str = "",
        rows: int = 0,
        back: tuple[str, str] | None = ("Back", "back_url"),
        **kwargs: Any,
    ) -> None:
        self.missing, self.button, self.back = {"reason": missing}, button, back
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.label, field.help_text = label or field.label, help_text
        if rows:
            field.widget = forms.Textarea(attrs={"rows": rows, "maxlength": "300"})


MOST_PICTURE_BYTES = 5 * 1024 * 1024
MOST_PICTURE_DOTS = 50_000_000


def picture_from(upload: UploadedFile, *, longest_side: int) -> SimpleUploadedFile:
    """An uploaded JPEG or PNG drawn anew (keywork.pictures), named by its ending; ValidationError says what is wrong."""
    if (upload.size or 0) > MOST_PICTURE_BYTES:
        raise forms.ValidationError("The picture is larger than 5 MB. Choose a smaller one")
    try:
        kind, ending, dots = drawn_anew(
            upload, formats=("JPEG", "PNG"), longest_side=longest_side, most_pixels=MOST_PICTURE_DOTS
        )
    except NotAPicture as error:
        raise forms.ValidationError("Choose a JPEG or PNG picture") from error
    except TooManyDots as error:
        raise forms.ValidationError("The picture has too many dots. Choose a smaller one") from error
    except BrokenPicture as error:
        raise forms.ValidationError("This picture is broken. Choose another") from error
    return SimpleUploadedFile(f"picture.{ending}", dots, kind)

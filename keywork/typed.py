"""What people type, made sane before it is judged: one-line text, line breaks, years."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from . import clock
from .names import BIDI, one_line
from .words import filled, translated_lazy

# No date of a school lies further off: the oldest is a birthday, the latest a court order that ends at 18.
YEARS_BACK = 60
YEARS_AHEAD = 20
LOOK_AT_THE_YEAR = "Look at the year: write all four digits, like {year}"
_SHORT_YEAR = re.compile(r"\s*(\d{1,2}[/.-]\d{1,2}[/.-]\d{2}|\d{2}-\d{1,2}-\d{1,2})\s*")
# What no XML can hold, and so no Word file; a null is refused beside its field.
_UNHELD = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LIMITS = {
    "max_length": translated_lazy(
        "Make this shorter: it has %(show_value)d characters, and there is room for %(limit_value)d"
    ),
    "null_characters_not_allowed": translated_lazy(
        "A character that cannot be seen was pasted in. Write the words again"
    ),
    "min_length": translated_lazy("Write at least %(limit_value)d characters"),
    "max_value": translated_lazy("Write a number that is not above %(limit_value)s"),
    "min_value": translated_lazy("Write a number that is not below %(limit_value)s"),
}


def sane_year(day: date) -> bool:
    """Whether a date can have been meant: the year 26 or 9999 is a slip."""
    year = clock.today().year
    return year - YEARS_BACK <= day.year <= year + YEARS_AHEAD


def look_at_the_year(day: date | None = None) -> str:
    """What to put right about a year that is too short or, of a `day`, further off than any date of a school."""
    year = clock.today().year
    if day is None or day.year < 1000:
        return filled(LOOK_AT_THE_YEAR, year=year)
    return filled(
        "Look at the year: {year} is not between {first} and {last}",
        year=day.year,
        first=year - YEARS_BACK,
        last=year + YEARS_AHEAD,
    )


def break_once(text: str) -> str:
    """A browser sends each line break as two characters and counts it as one; here it is one."""
    return _UNHELD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def for_word(text: str) -> str:
    """As a Word file can hold it: no control signs but tab and line break, none that turns the direction of writing."""
    return re.sub("[\x00\x7f\ud800-\udfff]", "", break_once(text)).translate(BIDI)


def tidy(field: forms.Field) -> None:
    """Have a field of one form clean what is typed before its own limits judge it. Doing it twice changes nothing."""
    this: Any = field  # what it does is changed, not what its class does
    if getattr(this, "is_tidied", False):
        return
    this.is_tidied = True
    for code, sentence in _LIMITS.items():
        field.error_messages.setdefault(code, sentence)
    if isinstance(field, forms.DateField):
        this.to_python = _sane_date(field.to_python)
    elif isinstance(field, forms.CharField) and not isinstance(field.widget, forms.PasswordInput):
        clean = break_once if isinstance(field.widget, forms.Textarea | forms.HiddenInput) else one_line
        this.to_python = _cleaned(field.to_python, clean)


def _cleaned(to_python: Callable[[Any], Any], clean: Callable[[str], str]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return to_python(clean(value) if isinstance(value, str) else value)

    return convert


def _sane_date(to_python: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if isinstance(value, str) and _SHORT_YEAR.fullmatch(value):
            raise ValidationError(look_at_the_year(), code="year")
        day = to_python(value)
        if isinstance(day, date) and not sane_year(day):
            raise ValidationError(look_at_the_year(day), code="year")
        return day

    return convert

"""What the school calls a student, a keyworker, a SENCo and who assigns (the policy), wherever Keywork says so.

Templates of `templates/` write the plain words; `Loader` puts the school's in their place, in what is read or read
out, and never in what a person typed. Text in Python goes through `worded`, what stands outside of functions through
`worded_lazy`:

f"{worded('The keyworker')} of {student.known_as} is away."

Who reads another language (`keywork.languages`) gets the same text from its catalogue, which has words of its own for all
of these: `worded`, `filled` and `counted` translate, and so does the text of a template with `{% load i18n %}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.template.base import Origin
from django.template.loaders import filesystem
from django.utils import translation
from django.utils.functional import lazy
from django.utils.safestring import SafeData, mark_safe

from . import clock, languages, marking
from .duty_words import listed
from .errors import SchoolNotSetUp
from .policy import OUR_WORDS, Policy

if TYPE_CHECKING:
    from .school import SchoolFacts

_facts: ContextVar[SchoolFacts | None] = ContextVar("keywork_words_of", default=None)


@contextmanager
def of(facts: SchoolFacts) -> Iterator[None]:
    """Within it the words are those of these facts, which may be lazy: every page and every task has one."""
    before = _facts.set(facts)
    try:
        yield
    finally:
        _facts.reset(before)


def policy() -> Policy | None:
    """The policy of today of the page or task in hand; None while no school, or no database, says one."""
    facts = _facts.get()
    if facts is None:
        return None
    try:
        found: Policy | None = facts.worked_out.get(policy)
        if found is None:
            found = facts.worked_out[policy] = facts.policy(clock.today())
    except (SchoolNotSetUp, DatabaseError):
        return None
    return found


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within it texts are in this language."""
    with languages.speaking(code), translation.override(code):
        yield


def worded(text: str) -> str:
    """A text of Keywork's own in the language of who reads it, in English in the school's words."""
    if languages.spoken() != languages.ENGLISH:
        return translation.gettext(text) if text else text
    found = policy()
    return text if found is None else found.worded(text)


def filled(text: str, *values: object, **named: object) -> str:
    """The same of a text in which values are to stand at {…}."""
    if languages.spoken() != languages.ENGLISH:
        return translation.gettext(text).format(*values, **named)
    found = policy()
    return text.format(*values, **named) if found is None else found.filled(text, *values, **named)


def all_of(items: Sequence[str]) -> str:
    """ "a, b and c" in the language of who reads it, for pages of families and students."""
    word = worded(" and ").strip()
    return listed(items, languages.and_before(items[-1], word) if items else word)


def marked(text: str) -> str:
    """A text that stands outside of functions and is translated where it is shown: the catalogues have it."""
    return text


def translated(text: str) -> str:
    """The same where English is as it stands, such as a question of a form; what is in no catalogue stays as well.

    The forms that schools have published have straight apostrophes: they are drawn as everywhere else.
    """
    if languages.spoken() == languages.ENGLISH or not text:
        return text.replace("'", "’") if type(text) is str and "'" in text else text
    found = translation.gettext(str(text))
    return mark_safe(found) if isinstance(text, SafeData) else found


# Outside of functions, where the text is put together before it is shown.
translated_lazy = lazy(translated, str)


def counted(one: str, many: str, count: int, **named: object) -> str:
    """`filled` of "{count} day" or "{count} days"; other languages have more of such forms."""
    if languages.spoken() != languages.ENGLISH:
        return translation.ngettext(one, many, count).format(count=count, **named)
    return filled(one if count == 1 else many, count=count, **named)


class worded_lazy(str):
    """A text that stands outside of functions: a string, in the school's words when it is shown or written into another.

    Where it is only looked at, joined or stored it is the plain text.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return worded(str.__str__(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def format(self, *args: object, **kwargs: object) -> str:
        return filled(str.__str__(self), *args, **kwargs)

    def lower(self) -> str:
        return str(self).lower()


# Templates

_TEMPLATE_TAG = re.compile(r"(\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\})")
_INDENT = re.compile(r"(?<=\n)[ \t]+")
_LITERAL = re.compile(r'"[^"]*"')
# Of an HTML tag: where an attribute's value begins or the tag ends.
_IN_TAG = re.compile(r'([\w:-]+)="|>')
_READ_OUT = marking.READ_OUT | {"content"}


class Loader(filesystem.Loader):
    """Reads a template with `{% worded "student" %}` where it says student; a page goes out without indents."""

    def get_contents(self, origin: Origin) -> str:
        text: str = super().get_contents(origin)
        is_html = str(origin.template_name).endswith(".html")
        if marking.MARKED.search(text):
            text = marking.marked(text, is_html=is_html, english=partial(with_tags, is_html=is_html))
            return _INDENT.sub("", text) if is_html else text
        return with_tags(_INDENT.sub("", text) if is_html else text, is_html=is_html)


def with_tags(text: str, *, is_html: bool) -> str:
    """The source of a template in which the words are tags."""
    scanner = _Scanner(is_html)
    return "".join(
        _in_literals(part) if part.startswith("{%") else part if part.startswith("{") else scanner.words(part)
        for part in _TEMPLATE_TAG.split(text)
    )


def _in_literals(tag: str) -> str:
    """`text="Ask the student"` becomes `text="Ask the student"|worded`; a name like "student" stays."""
    if tag[2:-2].split(None, 1)[0] in marking.NAMES:
        return tag

    def marked(found: re.Match[str]) -> str:
        literal = found[0]
        is_text = " " in literal.strip() or literal[1:2].isupper()
        return f"{literal}|worded" if is_text and OUR_WORDS.search(literal) else literal

    return _LITERAL.sub(marked, tag)


class _Scanner:
    """Goes through the HTML between template tags, and knows after each of them where in a tag or a value it is."""

    def __init__(self, is_html: bool) -> None:
        self.is_html = is_html
        self.in_tag = False
        self.attribute = ""  # whose value it is in

    def words(self, text: str) -> str:
        if not self.is_html:
            return _tagged(text)
        done: list[str] = []
        while text:
            part, text = self._next(text)
            done.append(part)
        return "".join(done)

    def _next(self, text: str) -> tuple[str, str]:
        if self.attribute:
            value, quote, rest = text.partition('"')
            shown = _tagged(value) if self.attribute in _READ_OUT else value
            if quote:
                self.attribute = ""
            return shown + quote, rest
        if self.in_tag:
            found = _IN_TAG.search(text)
            if found is None:
                return text, ""
            self.attribute = found[1] or ""
            self.in_tag = bool(found[1])
            return text[: found.end()], text[found.end() :]
        before, opening, rest = text.partition("<")
        self.in_tag = bool(opening)
        return _tagged(before) + opening, rest


def _tagged(text: str) -> str:
    return OUR_WORDS.sub(lambda found: f'{{% worded "{" ".join(found[0].split())}" %}}', text)

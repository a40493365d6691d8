"""What `keywork.words.Loader` writes where a template says student, keyworker or SENCo, or is to be translated."""

from __future__ import annotations

import re
from functools import lru_cache

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.html import escape, json_script
from django.utils.safestring import SafeString, mark_safe

from keywork import languages, words
from keywork.policy import OUR_WORDS
from keywork.script_words import texts as script_texts
from keywork.words import translated, worded

register = template.Library()
register.simple_tag(worded)
register.filter("worded", worded)


@register.filter(name="translated")
def translated_filter(text: object) -> object:
    """Of labels, errors and messages, which may be lazy."""
    return (
        translated(str(text))
        if isinstance(text, Promise)
        else translated(text)
        if isinstance(text, str)
        else text
    )


@register.simple_tag
def language_tag() -> str:
    """Of the language that is written: `<html lang="{% language_tag %}"{% direction %}>`."""
    code = languages.spoken()
    return "en-GB" if code == languages.ENGLISH else code


@register.simple_tag
def direction() -> SafeString:
    """Where its lines begin, if on the right."""
    return mark_safe(' dir="rtl"' if languages.LANGUAGES[languages.spoken()].right_to_left else "")


@register.simple_tag
def script_words() -> SafeString:
    """What scripts say, in the language of the page; nothing in English, which they say by themselves."""
    if languages.spoken() == languages.ENGLISH:
        return SafeString("")
    return json_script({text: translated(text) for text in script_texts()}, "script-words")


@register.simple_tag
def this_language() -> languages.Language:
    return languages.LANGUAGES[languages.spoken()]


@register.simple_tag
def all_languages() -> list[languages.Language]:
    return list(languages.LANGUAGES.values())


class SpeakingNode(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, code: FilterExpression, nodelist: NodeList) -> None:
        self.code, self.nodelist = code, nodelist

    def render(self, context: Context) -> SafeString:
        with words.speaking(self.code.resolve(context)):
            return self.nodelist.render(context)


@register.tag
def speaking(parser: Parser, token: Token) -> SpeakingNode:
    """`{% speaking code %}…{% endspeaking %}`: a part of a page or paper in another language than the rest."""
    code = parser.compile_filter(token.split_contents()[1])
    nodelist = parser.parse(("endspeaking",))
    parser.delete_first_token()
    return SpeakingNode(code, nodelist)


_PLACE = re.compile(r"(\{\w+\}|</?\w+>)")


@lru_cache(maxsize=8192)
def _pieces(text: str) -> list[str]:
    """Text and places by turns."""
    return _PLACE.split(text)


class SaidNode(Node):
    """A message with its parts (`keywork.marking`): in English in the school's words, else from the catalogue."""

    child_nodelists = ("nodelist",)

    def __init__(self, text: str, parts: dict[str, NodeList]) -> None:
        self.text, self.parts = text, parts
        self.nodelist = NodeList(node for nodes in parts.values() for node in nodes)
        self.has_our_words = OUR_WORDS.search(text) is not None

    def render(self, context: Context) -> SafeString:
        return mark_safe("".join(self._drawn(self._text(context.autoescape), context)))

    def _text(self, escapes: bool) -> str:
        if languages.spoken() != languages.ENGLISH:
            return worded(self.text)
        if not self.has_our_words:
            return self.text
        return OUR_WORDS.sub(
            lambda found: escape(worded(found[0])) if escapes else worded(found[0]), self.text
        )

    def _drawn(self, text: str, context: Context) -> list[str]:
        if not self.parts:
            return [text]
        done = []
        for number, piece in enumerate(_pieces(text)):
            if number % 2 == 0:
                done.append(piece)
            elif piece in self.parts:
                done.append(self.parts[piece].render(context))
            else:  # the end of a link or the like; its number is ours
                done.append(piece.rstrip(">").rstrip("0123456789") + ">")
        return done


@register.tag
def said(parser: Parser, token: Token) -> SaidNode:
    """`{% said "Ask {name}" %}{% part "{name}" %}{{ person.name }}{% endsaid %}`"""
    text = parser.compile_filter(token.split_contents()[1]).resolve(Context())
    parts: dict[str, NodeList] = {}
    parser.parse(("part", "endsaid"))
    while (ended := parser.next_token()).contents != "endsaid":
        name = ended.split_contents()[1].strip('"')
        parts[name] = parser.parse(("part", "endsaid"))
    return SaidNode(str(text), parts)

"""How old a reader has to be: one measure, of what a page or a form says.

The Flesch-Kincaid grade, and five years, over the sentences of a page of four words and more, joined.
"""

from __future__ import annotations

import html
import importlib
import re
from collections.abc import Iterable

import textstat

STUDENTS, FAMILIES = 9.0, 11.0

# Syllables by the hyphenation that comes with textstat: its list of words would be fetched from the network.
importlib.import_module("textstat.backend.counts._count_syllables").get_cmudict = lambda lang: None


def reading_age(page: str) -> float:
    """In years. Each heading, line and label is a sentence of its own."""
    main = page.split("<main", 1)[1].split("</main", 1)[0].partition(">")[2]
    main = re.sub(r"<(svg|script|style|select|template)\b.*?</\1>", " ", main, flags=re.S)
    main = re.sub(r"</(p|h\d|li|label|legend|strong|dt|dd|th|td|button|a|summary|small|div)>", ". ", main)
    words = html.unescape(re.sub(r"<[^>]+>", " ", main))
    sentences = [re.sub(r"\s+", " ", one).strip(" .") for one in re.split(r"(?<=[.!?:])\s", words)]
    return age_of(one for one in sentences if len(one.split()) >= 4)


def age_of(sentences: Iterable[str]) -> float:
    return textstat.flesch_kincaid_grade(". ".join(one.strip(" .") for one in sentences) + ".") + 5

"""The catalogues hold every text that families and students meet, with the same places in each language."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polib
import pytest
from django.conf import settings

from keywork import dates, languages, marking, words
from portal import catalogue
from tests.languages import PLACES

OTHERS = [code for code in languages.LANGUAGES if code != languages.ENGLISH]


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated_with_its_places(code):
    path = Path(settings.LOCALE_PATHS[0]) / code / "LC_MESSAGES" / "django.po"
    catalog = polib.pofile(str(path))
    entries = {entry.msgid: entry for entry in catalog if not entry.obsolete}
    missing = [
        text for text in catalogue.collected() if text not in entries or not entries[text].translated()
    ]
    assert not missing, f"manage.py messages, then translate: {missing}"
    assert not [entry.msgid for entry in entries.values() if entry.fuzzy]
    other = [
        entry.msgid
        for entry in entries.values()
        for said in (entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr])
        if places(said) != places(entry.msgid) or edges(said) != edges(entry.msgid)
    ]
    assert not other, f"other places than in English: {other}"
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert {one.msgid: (one.msgstr, one.msgstr_plural) for one in compiled} == {
        one.msgid: (one.msgstr, one.msgstr_plural) for one in catalog
    }, "manage.py messages compiles it"
    assert languages.LANGUAGES[code].is_draft == ("DRAFT" in catalog.header)
    assert code in dates.WORDS


def test_welsh_has_another_and_before_a_vowel():
    with words.speaking("cy"):
        assert words.all_of(["Ros", "Bethan", "Álvaro"]) == "Ros, Bethan ac Álvaro"
        assert [words.all_of(["Ali", name]) for name in ("“E-bost”", "Wyn", "Yara")] == [
            "Ali ac “E-bost”", "Ali a Wyn", "Ali a Yara"
        ]  # fmt: skip


def places(text):
    """A name that stands twice in English may stand once."""
    found = PLACES.findall(text)
    return Counter(one for one in found if one[0] != "{"), {
        one.strip("{}0123456789") for one in found if one[0] == "{"
    }


def edges(text):
    return text[:1].isspace(), text[-1:].isspace()


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<p>Ask <a href=\"{% url 'x' %}\">{{ who.name }}</a>, or\n  us.</p>", ["Ask <a>{name}</a>, or us."]),
        ("<p>{{ a }} and {{ b.a }}</p>", ["{a} and {a2}"]),
        ('<li>{% icon "x" %}Go <b>on</b></li><li>{{ name }}</li>', ["Go <b>on</b>"]),
        ("<p>Yes{% if a %}, at {{ a }}{% endif %}.</p>", ["Yes{if}.", ", at {a}"]),
        ("<p>Done. {% if a %}Look again.{% endif %}</p>", ["Done.", "Look again."]),
        ('<a href="/">Back</a> <a href="/x">Next</a>', ["Back", "Next"]),
        (
            '<img alt="The {{ thing }}">{% include "x.html" with title="A note" name="x" %}',
            ["The {thing}", "A note"],
        ),
        ("{# English #}<p>Staff only</p>{# translated #}<p>All</p><script>var a</script>", ["All"]),
        ('<p>{{ who|default:"Nobody here" }}</p>', ["Nobody here"]),
    ],
)
def test_a_sentence_of_a_template_is_one_text(source, texts):
    assert marking.messages(source, is_html=True)[0] == texts


def test_what_a_school_records_as_a_language():
    said = {
        "Polish": "pl",
        "polski, some English": "pl",
        "English, Polish": "en-gb",
        "Welsh/Cymraeg": "cy",
        "Urdu": "",
    }
    assert {recorded: languages.code_of(recorded) for recorded in said} == said


def test_counted_things_have_the_forms_of_the_language():
    one, many = "{count} answer", "{count} answers"
    with words.speaking("pl"):
        assert [words.counted(one, many, n) for n in (1, 2, 5)] == [
            "1 odpowiedź",
            "2 odpowiedzi",
            "5 odpowiedzi",
        ]
    assert words.counted(one, many, 1) == "1 answer"

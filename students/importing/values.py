"""Single values as schools write them: dates, years, yes and no, SEN codes. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import phonenumbers

from keywork.names import folded

from ..rules import NOT_APPLICABLE, YEAR_GROUPS
from .columns import FILE_WORDS

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(:00(\.0+)?)?Z?$")
_SHORT = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")

_YES = frozenset(["t", "true", "y", "yes", "1"])
_NO = frozenset(["f", "false", "n", "no", "0"])

SEN_STATUSES: dict[str, str] = FILE_WORDS["sen_statuses"]
# School census codes with their names (domain 1.3); a code that is not here is kept with a warning.
SEN_TYPES: dict[str, str] = FILE_WORDS["sen_types"]
_SEN_BY_NAME = {name: code for code, name in SEN_TYPES.items()}
PLACEMENTS: dict[str, str] = FILE_WORDS["placements"]
# What is typed where a system demands something and nothing is known.
_NOTHING = frozenset(FILE_WORDS["nothing"])
_COUNTING = "01234567890123456789"


def in_words(known: Mapping[str, str], code: str) -> str:
    """What a code of a CTF means nationally; of one that is not known here, that it is a code."""
    return known.get(code.upper()) or (f"Code {code}" if code else "")


def is_nothing(text: str) -> bool:
    """A word or a mark that stands for "nothing known": "-", ".", "N/A", "none", "unknown"."""
    word = folded(text).replace(" ", "")
    return not any(c.isalnum() for c in text) or word in _NOTHING


def is_no_phone(text: str) -> bool:
    """No number of anybody: words for nothing, one digit over and over ("0", "00000 000000"), or 123456."""
    digits = "".join(c for c in text if c.isdigit())
    if not digits:
        return is_nothing(text)
    return len(set(digits)) == 1 or digits in _COUNTING


def is_no_email(text: str) -> bool:
    """An address that nobody reads, typed because a form wanted one: none@none.com, noemail@school.uk."""
    name, _, host = text.lower().partition("@")
    return is_nothing(name) or host.split(".")[0] in ("none", "na", "noemail", "nomail", "nowhere")


def phone_key(text: str) -> str:
    """One spelling of a telephone number, +447700900801 for 07700 900801; '' where it is no possible number.

    Numbers without a country are British.
    """
    if is_no_phone(text):
        return ""
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class BadValue(ValueError):
    """The text is not what the column wants; the message says what is wrong with it."""


def parse_date(text: str) -> date:
    """2013-05-17 or 17/05/2013, also with midnight behind it. Two-digit years and month-first dates raise BadValue; nothing is guessed."""
    text = _MIDNIGHT.sub("", text)
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _BRITISH.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
        if month > 12 >= day:
            raise BadValue(
                f"“{text}” has the month first. Write day, month, year: {month:02}/{day:02}/{year}"
            )
    elif _SHORT.fullmatch(text):
        raise BadValue(f"“{text}” has a year of two digits. Write all four")
    else:
        raise BadValue(f"“{text}” is not a date like 2013-05-17 or 17/05/2013")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise BadValue(f"“{text}” is a day that does not exist") from error


def is_date(text: str) -> bool:
    """Whether it is written as a date, be it a right one or not."""
    text = _MIDNIGHT.sub("", text)
    return any(pattern.fullmatch(text) for pattern in (_ISO, _BRITISH, _SHORT))


def parse_bool(text: str) -> bool:
    """Yes, no, T, F, true, false, Y, N, 1, 0, in any capitals."""
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadValue(f"“{text}” is neither yes nor no")


def parse_year(text: str) -> str:
    """A year group as N1, N2, R, 1 to 14 or X, from "Year 7", "Yr 7", "Y7", "7", "07", "Reception"."""
    word = re.sub(r"^(national curriculum )?(year group|year|yr|y)\.?\s*", "", text.lower()).strip()
    word = {"reception": "R", "nursery 1": "N1", "nursery 2": "N2", "ungraded": "X"}.get(word, word.upper())
    if word.isascii() and word.isdigit():
        word = str(int(word))
        word = "R" if word == "0" else word
    if word in YEAR_GROUPS or word == NOT_APPLICABLE:
        return word
    raise BadValue(f"“{text}” is not a year group (N1, N2, R, 1 to 14 or X)")


def parse_sex(text: str) -> str:
    word = text.lower()
    if word in ("m", "male"):
        return "M"
    if word in ("f", "female"):
        return "F"
    raise BadValue(f"“{text}” is neither M nor F")


def parse_sen_status(text: str) -> str:
    """E, K or N, from the code, the words, or both ("E - EHC plan")."""
    word = text.lower()
    found = SEN_STATUSES.get(word) or SEN_STATUSES.get(re.split(r"\s*[-–:]\s*", word)[0])
    if not found:
        raise BadValue(f"“{text}” is not an SEN status (E, K or N)")
    return found


def parse_sen_types(text: str) -> list[str]:
    """Codes in the order given; names become codes, unknown codes of up to six letters stay (see `unknown_sen`)."""
    if text.lower() in _SEN_BY_NAME:
        return [_SEN_BY_NAME[text.lower()]]
    codes = []
    for part in re.split(r"[;/|,]|\s+(?=[A-Z]{2,6}\b)", text):
        word = part.strip().rstrip("*")
        code = _SEN_BY_NAME.get(word.lower()) or word.upper()
        if not code:
            continue
        if not re.fullmatch(r"[A-Z0-9]{1,6}", code):
            raise BadValue(f"“{text}” is not a list of SEN type codes")
        codes.append(code)
    return list(dict.fromkeys(codes))


def parse_priority(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 1000:
        return int(text)
    raise BadValue(f"“{text}” is not a priority like 1 or 2")


def parse_placement(text: str) -> tuple[str, bool]:
    """(placement, certain): "boarder: yes" does not say weekly or termly, so it is not certain."""
    word = text.lower()
    if word in PLACEMENTS:
        return PLACEMENTS[word], True
    if word in ("b", "boarder", "residential"):
        return "termly", False
    return ("termly", False) if parse_bool(text) else ("day", True)


_TITLES = frozenset(FILE_WORDS["titles"])
_BOTH = re.compile(
    rf"^\s*({'|'.join(sorted(_TITLES))})\.?\s*(and|&|\+|/)\s*({'|'.join(sorted(_TITLES))})\.?\s+", re.I
)
# Words that begin a surname of several.
_OF_SURNAME = frozenset(FILE_WORDS["of_surname"])


def parts_of_name(text: str) -> tuple[str, str, str]:
    """Title, forename and surname of a whole name: "Mrs Ana de Souza", "Okafor, Grace", "Tove".

    The last word is the surname, with the small words that belong to it; one word alone is the surname.
    """
    text, both = _BOTH.subn("", text)
    if both:  # "Mr and Mrs Hale": of two people nothing but the surname is known
        return "", "", text.strip()
    before, comma, after = (part.strip() for part in text.partition(","))
    words = (after if comma else before).split()
    title = words.pop(0) if len(words) > 1 and words[0].rstrip(".").lower() in _TITLES else ""
    if comma:
        return title, " ".join(words), before
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _OF_SURNAME:
        start -= 1
    return title, " ".join(words[:start]), " ".join(words[start:])


def is_no_one_name(text: str) -> bool:
    """Whether this is more than one person's name: "Ana & Ben Hale", "Ana; Ben", "Ana Hale (aunt)", "Ana 01632 960123"."""
    _, *rest = parts_of_name(text)
    odd = re.search(r"\s(and|&|\+)\s|[/;()\[\]<>0-9]|,.*,", f" {text} ", re.IGNORECASE)
    return bool(odd) or " ".join(rest).strip().rstrip(".").lower() in _TITLES

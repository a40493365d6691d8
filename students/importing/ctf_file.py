"""DfE Common Transfer Files: pupils with their contacts, as rows of canonical columns (domain 8.2).

Element names are those of public implementations of older versions; namespaces and capitals do not matter.
The file is read as a stream, so its size hardly counts in memory. DTDs and entities are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from keywork.errors import Refused

from .columns import FILE_WORDS
from .source import MAX_ROWS, SourceRow, Table, clean, too_many_rows
from .values import in_words

MAX_DEPTH = 30
MAX_ELEMENTS = 5_000  # read for one pupil
NAMED = 5  # people named in a note
UNREAD = "unread"  # attribute of an address in which an unknown element stands
# Codes of the Common Basic Data Set met most; another code is kept as it is.
LANGUAGES: dict[str, str] = FILE_WORDS["ctf_languages"]
ETHNICITIES: dict[str, str] = FILE_WORDS["ctf_ethnicities"]
HEADINGS = tuple(FILE_WORDS["ctf_headings"])
_ADDRESS = tuple(FILE_WORDS["ctf_address"])
# What is read, as a tree of lower-case local names; {} is a leaf.
_Tree = dict[str, "_Tree"]


def _leaves(*names: str) -> _Tree:
    return {name: {} for name in names}


_FLAT_ADDRESS = _leaves(*_ADDRESS)
_ADDRESS_TREE: _Tree = {
    **_FLAT_ADDRESS,
    "addressaspupil": {},
    "bs7666address": _FLAT_ADDRESS,
    "addresslines": _FLAT_ADDRESS,
}
_PHONE = _leaves("telephonetype", "phoneno")
_LANGUAGE = _leaves("languagetype", "language")
_SEN_NEEDS: _Tree = {"senneed": _leaves("needstartdate", "needenddate", "sentyperank", "sentype")}
_CONTACT: _Tree = {
    **_leaves("order", "title", "surname", "forename", "relationship", "responsibility", "email"),
    "addressaspupil": {},
    "address": _ADDRESS_TREE,
    "phones": {"phone": _PHONE, **_PHONE},
}
_PUPIL: _Tree = {
    **_leaves("upn", "surname", "forename", "dob", "sex", "gender"),
    "basicdetails": {
        **_leaves("formerupn", "preferredsurname", "preferredforename", "ncyearactual", "ethnicity"),
        "languages": {"type": _LANGUAGE, **_LANGUAGE},
    },
    "lookedafter": {"incare": {}},
    "senhistory": {"sen": {"startdate": {}, "senprovision": {}}, "senneeds": _SEN_NEEDS},
    "senneeds": _SEN_NEEDS,
    "address": _ADDRESS_TREE,
    "contacts": {"contact": _CONTACT, **_CONTACT},
}
_PUPILS: _Tree = {"pupil": _PUPIL}
_FILE: _Tree = {
    "header": {"ctfversion": {}, "atfversion": {}},
    "ctfpupildata": _PUPILS,
    "atfpupildata": _PUPILS,
}
# Known, and none of our business: passed over without counting (ethnicity: where it stands beside the basic details).
# Anything else is counted.
_NOT_READ = frozenset(FILE_WORDS["ctf_not_read"])


def read(path: Path) -> Table:
    """One row for each pupil and contact, numbered in the file's order. Raises Refused if it is no CTF."""
    rows: list[SourceRow] = []
    unread: list[str] = []
    walk = _Walk()
    try:
        with path.open("rb") as file:
            for pupil in walk.pupils(file):
                unread += _unread_addresses(pupil)
                for cells in _rows_of(pupil):
                    if len(rows) == MAX_ROWS:
                        raise too_many_rows()
                    rows.append(SourceRow(len(rows) + 1, cells))
    except DefusedXmlException as error:
        raise Refused(
            "The XML defines a document type or entities of its own, which a CTF never does. It was not read."
        ) from error
    except Refused:
        raise
    except (ParseError, ValueError, LookupError) as error:
        raise Refused(
            "The XML is damaged or in an encoding that cannot be read. Ask the sending school for it again."
        ) from error
    if not rows:
        raise Refused("The file holds no pupils.")
    notes = []
    if walk.version:
        notes.append(f"CTF version {walk.version}.")
    if walk.ignored:
        notes.append(f"{walk.ignored} elements that Keywork does not know were passed over.")
    if unread:
        more = f" and {len(unread) - NAMED} more" if len(unread) > NAMED else ""
        notes.append(
            f"The address of {', '.join(unread[:NAMED])}{more} is written in a way that Keywork does not know, and is "
            "left out. Write it on their page."
        )
    return Table("ctf", HEADINGS, tuple(rows), canonical=True, notes=tuple(notes))


class _Walk:
    """One pass through the file, as the target of the parser. Of subtrees that are not read nothing is built."""

    def __init__(self) -> None:
        self.ignored = 0
        self.version = ""
        self.held = 0  # elements kept of the pupil at hand
        self.depth_unread = 0
        self.path: list[tuple[Element, _Tree]] = []
        self.text: list[str] = []
        self.done: list[Element] = []

    def pupils(self, file: BinaryIO) -> Iterator[Element]:
        parser = XMLParser(target=self, forbid_dtd=True)
        while piece := file.read(65_536):
            parser.feed(piece)
            yield from self.done
            self.done.clear()
        parser.close()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self.depth_unread:
            self.depth_unread += 1
            if self.depth_unread > MAX_DEPTH:
                raise _too_deep()
            return
        known = self._known(_local(tag))
        if known is None:
            for above, _ in self.path:
                if _name(above) == "address":
                    above.set(UNREAD, "yes")
            self.depth_unread = 1
            return
        self.held += 1
        if self.held > MAX_ELEMENTS:
            raise _too_deep()
        self.text.clear()
        self.path.append((Element(tag), known))

    def data(self, text: str) -> None:
        if not self.depth_unread:
            self.text.append(text)

    def end(self, tag: str) -> None:
        if self.depth_unread:
            self.depth_unread -= 1
            return
        element, known = self.path.pop()
        name = _name(element)
        if not known:
            element.text = "".join(self.text)
        if name == "pupil":
            self.done.append(element)
            self.held = 0
        elif name in ("ctfversion", "atfversion"):
            self.version = clean(element.text or "")[:10]
        elif self.path:
            self.path[-1][0].append(element)

    def close(self) -> None:
        """The end of the file: nothing is left to do."""

    def _known(self, name: str) -> _Tree | None:
        if not self.path:
            if name not in ("ctfile", "atfile"):  # an admissions file has the same pupils in it
                raise Refused("This XML is not a Common Transfer File: it does not begin with CTfile.")
            return _FILE
        above = self.path[-1][1]
        if name in above:
            return above[name]
        if name not in _NOT_READ:
            self.ignored += 1
        return None


def _too_deep() -> Refused:
    return Refused("The XML is far deeper or fuller than a CTF. It was not read.")


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].lower()


def _name(element: Element) -> str:
    return _local(element.tag)


def _text(element: Element | None, *way: str) -> str:
    """The text of the first element down the way, '' where there is none."""
    for name in way:
        element = (
            next((child for child in element if _name(child) == name), None) if element is not None else None
        )
    return clean(element.text or "") if element is not None else ""


def _all(element: Element, *way: str) -> list[Element]:
    found = [element]
    for name in way:
        found = [child for parent in found for child in parent if _name(child) == name]
    return found


def _rows_of(pupil: Element) -> Iterator[tuple[str, ...]]:
    student = {
        "legal_surname": _text(pupil, "surname"),
        "legal_forename": _text(pupil, "forename"),
        "dob": _text(pupil, "dob"),
        "upn": _text(pupil, "upn"),
        "former_upn": _text(pupil, "basicdetails", "formerupn"),
        "preferred_surname": _text(pupil, "basicdetails", "preferredsurname"),
        "preferred_forename": _text(pupil, "basicdetails", "preferredforename"),
        "sex": _text(pupil, "sex") or _text(pupil, "gender"),
        "nc_year": _text(pupil, "basicdetails", "ncyearactual"),
        "sen_status": _sen_status(pupil),
        "sen_type": " ".join(_sen_types(pupil)),
        "looked_after": _text(pupil, "lookedafter", "incare"),
        "home_language": _language(pupil),
        "ethnicity": _ethnicity(pupil),
        "student_address": (home := _address(pupil)),
    }
    contacts = _contacts(pupil)
    for contact in contacts:
        values = student | _contact(contact, home)
        yield tuple(values.get(name, "") for name in HEADINGS)
    if not contacts:
        yield tuple(student.get(name, "") for name in HEADINGS)


def _contacts(pupil: Element) -> list[Element]:
    """Some write one Contacts for each contact, with its fields straight in it."""
    return _all(pupil, "contacts", "contact") + [
        one for one in _all(pupil, "contacts") if _text(one, "surname") or _text(one, "forename")
    ]


def _contact(contact: Element, home: str) -> dict[str, str]:
    # What AddressAsPupil says, beside the address or within it.
    ways = (("addressaspupil",), ("address", "addressaspupil"))
    with_pupil = any(_text(contact, *way).lower() in ("true", "1") for way in ways)
    mobile, phone = "", ""
    entries = _all(contact, "phones", "phone") + [x for x in _all(contact, "phones") if _text(x, "phoneno")]
    for entry in entries:
        number = _text(entry, "phoneno")
        if _text(entry, "telephonetype").upper() == "M" or number.replace(" ", "").startswith(("07", "+447")):
            mobile = mobile or number
        else:
            phone = phone or number
    return {
        "contact_priority": _text(contact, "order"),
        "contact_title": _text(contact, "title"),
        "contact_forename": _text(contact, "forename"),
        "contact_surname": _text(contact, "surname"),
        "contact_relationship": _text(contact, "relationship"),
        # Entered by a school, never checked by a court: rows.py keeps it as "not confirmed".
        "contact_has_pr": _text(contact, "responsibility"),
        "contact_lives_with": "yes" if with_pupil else "",
        "contact_email": _text(contact, "email"),
        "contact_mobile": mobile,
        "contact_phone": phone,
        "contact_address": home if with_pupil else _address(contact),
    }


def _address(holder: Element) -> str:
    """Named parts or AddressLine1 to 5, standing in Address itself, in BS7666Address or in AddressLines; the postcode
    in either place."""
    for address in _all(holder, "address"):
        places = [address, *_all(address, "bs7666address"), *_all(address, "addresslines")]
        parts = {
            name: next((text for place in places if (text := _text(place, name))), "") for name in _ADDRESS
        }
        if parts["town"]:
            del parts["posttown"]  # the same in capitals
        if any(parts.values()):
            return ", ".join(part for part in parts.values() if part)
    return ""


def _unread_addresses(pupil: Element) -> list[str]:
    """Whose address is there but yields nothing: the pupil or contacts, by name."""
    holders = [pupil, *_contacts(pupil)]
    return [
        f"{_text(holder, 'forename')} {_text(holder, 'surname')}".strip()
        for holder in holders
        if not _address(holder) and any(child.get(UNREAD) for child in _all(holder, "address"))
    ]


def _language(pupil: Element) -> str:
    """The language at home, else the first or mother tongue, in words where the code is known."""
    spoken = {
        _text(entry, "languagetype").upper(): _text(entry, "language").upper()
        for languages in _all(pupil, "basicdetails", "languages")
        for entry in [languages, *_all(languages, "type")]
        if _text(entry, "language")
    }
    code = next((spoken[kind] for kind in ("H", "F", "M", "") if spoken.get(kind)), "")
    return in_words(LANGUAGES, code)


def _ethnicity(pupil: Element) -> str:
    code = _text(pupil, "basicdetails", "ethnicity").upper()
    return in_words(ETHNICITIES, code)


def _sen_status(pupil: Element) -> str:
    """The provision that started last; the order of the file where no dates are given."""
    history = _all(pupil, "senhistory", "sen")
    return _text(
        max(reversed(history), key=lambda sen: _text(sen, "startdate"), default=None), "senprovision"
    )


def _sen_types(pupil: Element) -> list[str]:
    needs = _all(pupil, "senhistory", "senneeds", "senneed") + _all(pupil, "senneeds", "senneed")
    current = [need for need in needs if not _text(need, "needenddate")]
    current.sort(
        key=lambda need: (
            int(_text(need, "sentyperank") or 99) if (_text(need, "sentyperank") or "99").isdigit() else 99
        )
    )
    return list(dict.fromkeys(_text(need, "sentype") for need in current))

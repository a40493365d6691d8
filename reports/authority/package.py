"""A Word file that somebody sends: taken apart with limits, and refused with a sentence where it could do harm.

In: the bytes of the upload. Out: its parts by name. Nothing of it is opened by Word's own rules before this has
passed: no macros, nothing fetched from elsewhere, no objects of other programs, no entities in its XML.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from keywork.errors import Refused

MOST_BYTES = 10 * 1024 * 1024  # of the file as it is sent
MOST_PARTS = 400
MOST_UNPACKED = 40 * 1024 * 1024
MOST_XML = 6 * 1024 * 1024  # of all parts; a form of forty pages has less than two
MOST_DEEP = 100  # elements within each other: a box in a table in a table has about 40
MOST_ELEMENTS = 120_000  # of all parts; a form of forty pages has some 30,000
MOST_COLUMNS = 200  # of one table; Word itself makes at most 63
MOST_RATIO = 150  # unpacked to packed, of a part larger than a megabyte: Word's own XML is at most about 30

_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RUNS = frozenset(
    f"{_W}{name}"
    for name in ("entryMacro", "exitMacro", "altChunk", "object", "control", "subDoc", "mailMerge")
)
_PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf"})
_ENDINGS = frozenset({"xml", "rels", "odttf"}) | _PICTURES
# Fields of Word that only write what the document itself holds, or wait for somebody to fill them in.
_FIELDS = frozenset(
    ["PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "STYLEREF", "SEQ", "TOC", "TC", "XE", "INDEX", "LISTNUM", "BOOKMARK", "SYMBOL", "DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "TITLE", "SUBJECT", "AUTHOR", "KEYWORDS", "COMMENTS", "FILENAME", "NUMWORDS", "NUMCHARS", "DOCPROPERTY", "=", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "HYPERLINK", "MERGEFIELD", "ADVANCE", "EQ"]
)  # fmt: skip
SAVE_AS = "In Word choose Save as, Word document (.docx), and upload that one"


def refused(words: str) -> Refused:
    return Refused(words, "file")


def parts_of(content: bytes) -> dict[str, bytes]:
    """Every part of the file by its name. Raises Refused with a sentence for whoever uploads it."""
    parts = unpacked(content)
    _look_at(parts)
    return parts


def unpacked(content: bytes) -> dict[str, bytes]:
    """The same of a form that was looked at when it was uploaded."""
    if len(content) > MOST_BYTES:
        raise refused("This file is larger than 10 MB. Take pictures out of the form, or make them smaller")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused(f"This file has a password, or was made by an old Word (.doc). {SAVE_AS}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _unpacked(archive)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
        zlib.error,
    ) as error:
        if isinstance(error, Refused):
            raise
        raise refused(f"This is not a Word document, or it is damaged. {SAVE_AS}") from error


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MOST_PARTS:
        raise refused(f"This file has more than {MOST_PARTS} parts, which no form has. It was not opened")
    if sum(one.file_size for one in entries) > MOST_UNPACKED:
        raise refused("This file becomes far larger when it is unpacked than any form is. It was not opened")
    parts: dict[str, bytes] = {}
    for one in entries:
        name = one.filename
        if one.is_dir():
            continue
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") or "\0" in name:
            raise refused("A part of this file has a name that leads out of it. It was not opened")
        if stat.S_ISLNK(one.external_attr >> 16):
            raise refused("A part of this file is only a pointer to another file. It was not opened")
        if name.lower() in (other.lower() for other in parts):
            raise refused("Two parts of this file have the same name. It was not opened")
        if one.flag_bits & 1:
            raise refused("This file has a password. Take it off in Word, and upload it again")
        if one.file_size > 1024 * 1024 and one.file_size > MOST_RATIO * max(one.compress_size, 1):
            raise refused(
                "This file becomes far larger when it is unpacked than any form is. It was not opened"
            )
        parts[name] = archive.read(one)
    return parts


def _look_at(parts: Mapping[str, bytes]) -> None:
    if "[Content_Types].xml" not in parts or "word/document.xml" not in parts:
        raise refused(f"This is not a Word document. {SAVE_AS}")
    names = [name.lower() for name in parts]
    types = parts["[Content_Types].xml"].decode("utf-8", "replace")
    if any("vbaproject" in name or "vbadata" in name for name in names) or re.search(
        "macroenabled|vbaproject", types, re.I
    ):
        raise refused(f"This form has macros in it. {SAVE_AS}")
    if (
        any("/activex/" in name or name.startswith("customui/") for name in names)
        or "activex" in types.lower()
    ):
        raise refused("This form has controls in it that run a program (ActiveX). Take them out in Word")
    if any("/embeddings/" in name for name in names) or "oleobject" in types.lower():
        raise refused(
            "A file of another program stands inside this form. Take it out in Word, or put in a picture of it"
        )
    if _DOCUMENT not in types:
        raise refused(f"This is a template or another kind of Word file. {SAVE_AS}")
    # Before any of it is read: what a form says is short, and fills no book.
    if sum(len(parts[name]) for name in parts if name.lower().endswith((".xml", ".rels"))) > MOST_XML:
        raise refused("The words of this form are longer than 6 MB, which no form is. It was not opened")
    elements = 0
    for name, content in parts.items():
        ending = name.rpartition(".")[2].lower()
        if ending not in _ENDINGS and not name.startswith("word/printerSettings"):
            raise refused(
                f"“{name[:60]}” in this file is neither words nor a picture that a form needs. Take it out in Word"
            )
        if ending in ("xml", "rels"):
            elements = _look_at_xml(name, content, elements)


class _Counted(TreeBuilder):
    """Stops in the middle of what is too deep or too much."""

    def __init__(self, elements: int) -> None:
        super().__init__()
        self.deep, self.elements = 0, elements

    def start(self, tag: Any, attrs: Any, /) -> Any:
        self.deep += 1
        self.elements += 1
        if self.deep > MOST_DEEP:
            raise refused("This file is built deeper than any form is. It was not opened")
        if self.elements > MOST_ELEMENTS:
            raise refused("This file has far more in it than any form. It was not opened")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.deep -= 1
        return super().end(tag)


def _look_at_xml(name: str, content: bytes, before: int) -> int:
    """How many elements there are, with those of the parts before."""
    counted = _Counted(before)
    try:
        parser = DefusedXMLParser(forbid_dtd=True, target=counted)
        parser.feed(content)
        root = parser.close()
    except DefusedXmlException as error:
        raise refused(
            "This file defines entities of its own, which Word never does. It was not opened"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        if isinstance(error, Refused):
            raise
        raise refused(f"This Word file is damaged. {SAVE_AS}") from error
    if name.endswith(".rels"):
        _look_at_links(root)
    elif name.startswith("word/"):
        _look_at_words(root)
    return counted.elements


def _look_at_links(root: Element) -> None:
    """Nothing is fetched from elsewhere; a link that somebody may click is a web or e-mail address."""
    filled = set()
    for one in root:
        kind = one.get("Type", "").rpartition("/")[2].lower()
        target = one.get("Target", "")
        if kind in ("header", "footer", "footnotes"):
            if target in filled:  # it would be filled once more for each
                raise refused(f"This Word file is damaged. {SAVE_AS}")
            filled.add(target)
        if kind in ("oleobject", "package", "control", "vbaproject", "afchunk", "subdocument", "frame"):
            raise refused(
                "A file of another program stands inside this form. Take it out in Word, or put in a picture of it"
            )
        if one.get("TargetMode", "").lower() != "external":
            if ":" in target or target.startswith(("//", "\\")):
                raise refused("A part of this form stands outside of it. Put it into the form itself")
            continue
        if kind == "hyperlink":
            if not is_web_address(target):
                raise refused(
                    f"A link in this form leads to “{target[:60]}”, which is no web or e-mail address. Take it out in Word"
                )
        elif kind == "attachedtemplate":
            raise refused(
                f"This form fetches a template from elsewhere (“{target[:60]}”). In Word take it off under Developer, Document Template"
            )
        elif kind in ("image", "video", "audio", "media"):
            raise refused(
                "This form fetches a picture from another place. Put the picture into the form itself"
            )
        else:
            raise refused(
                f"This form fetches something from elsewhere (“{target[:60]}”). Put it into the form itself"
            )


def is_web_address(target: str) -> bool:
    return bool(re.match(r"(https?://|mailto:)[^\s\\]+$", target, re.I))


def _look_at_words(root: Element) -> None:
    for one in root.iter():
        if one.tag in _RUNS:
            raise refused(
                f"This form runs a macro, asks a database, or holds a file of another program. {SAVE_AS}"
            )
        if one.tag in (f"{_W}tblGrid", f"{_W}tr") and len(one) > MOST_COLUMNS:
            raise refused(f"A table of this form has more than {MOST_COLUMNS} columns, which no form has")
        if one.tag.startswith("{urn:schemas-microsoft-com:"):
            _look_at_drawing(one)
        if one.tag == f"{_W}fldSimple":
            _look_at_field(one.get(f"{_W}instr", ""))
    for words in _instructions(root):
        _look_at_field(words)


def _look_at_drawing(one: Element) -> None:
    """Of the old kind (VML), which names a picture by itself: only by its number among the parts."""
    for name, value in one.attrib.items():
        plain = name.rpartition("}")[2].lower()
        if plain in ("src", "althref") and value:
            raise refused(
                "This form fetches a picture from another place. Put the picture into the form itself"
            )
        is_part = name.startswith(_R)  # its target stands in the list of parts
        if plain == "href" and value and not (is_part or value.startswith("#") or is_web_address(value)):
            raise refused(
                f"A link in this form leads to “{value[:60]}”, which is no web or e-mail address. Take it out in Word"
            )


def _instructions(root: Element) -> Iterator[str]:
    """What Word is told to work out, field by field; a field inside the words of another counts by itself too."""
    open_fields: list[list[str]] = []
    told: list[bool] = []
    for one in root.iter():
        if one.tag == f"{_W}fldChar":
            kind = one.get(f"{_W}fldCharType")
            if kind == "begin":
                open_fields.append([])
                told.append(False)
            elif open_fields and kind == "separate" and not told[-1]:
                told[-1] = True
                yield "".join(open_fields[-1])
            elif open_fields and kind == "end":
                words = "".join(open_fields.pop())
                if not told.pop():
                    yield words
        elif one.tag in (f"{_W}instrText", f"{_W}delInstrText"):
            if not open_fields:
                yield one.text or ""
            else:
                open_fields[-1].append(one.text or "")
    yield from ("".join(words) for words in open_fields)


def _look_at_field(words: str) -> None:
    found = re.match(r"\s*\\?([A-Za-z]+|=)", words)
    name = found[1].upper() if found else ""
    if not words.strip():
        return
    if name not in _FIELDS:
        raise refused(
            f"This form tells Word to fetch or run something (“{words.strip()[:60]}”). Take that field out in Word"
        )
    if name == "HYPERLINK":
        told = re.sub(r'\\[lotmn]\s*("[^"]*"|\S*)', "", words[words.upper().index(name) + len(name) :])
        for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', told):
            target = quoted or bare
            is_switch = target.startswith("\\*") or target in ("", "MERGEFORMAT")
            if not is_switch and not is_web_address(target):
                raise refused(
                    f"A link in this form leads to “{target[:60]}”, which is no web or e-mail address. Take it out in Word"
                )


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as one file: the same parts in the same order are the same bytes, whenever they are packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            entry.create_system = 3
            made.writestr(entry, parts[name])
    return out.getvalue()

"""The marks in a form: where each stands, whether it is a field, and whether rows begin and end rightly.

A mark is {{ the name of a field }}; {%tr for outcome in outcomes %} and {%tr endfor %}, each in a row of its own that
goes away, round the rows to repeat ({%p …%} in paragraphs of their own, for a page each); {% if a field %}, {% else %},
{% endif %} within one paragraph. Nothing else is let through. A content control with the name of a field as its tag is
filled too: `prepare` writes the mark into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from keywork.errors import Refused

from .fields import COLUMNS, GROUPS, NUMBERED, PATHS, ROWS
from .package import SAVE_AS, refused

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

MOST_MARKS = 1_000
MOST_ROWS = 3_000  # of all tables of a part, and
MOST_PARAGRAPHS = 20_000  # paragraphs of it: a form of forty pages has some 1,500
MOST_REPEATED = 400_000  # characters of XML that stand between the beginning and the end of rows
# Parts in which docxtpl fills marks, and what they are called; in no other part may a mark stand.
_FILLED = re.compile(r"word/(document|header\d*|footer\d*|footnotes)\.xml")
_CALLED = {"header": "page header", "footer": "page footer", "footnotes": "footnotes"}

_BEGIN = re.compile(r"\{[{%#]")
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_SIGN = re.compile(r"\{[{%#]|[}%#]\}")
_NAME = r"[a-z][a-z0-9_]*"
_PATH = re.compile(rf"{_NAME}(?:\[\d{{1,2}}\])?(?:\.{_NAME})*")
_FOR = re.compile(rf"(tr|tc|p)?\s*for\s+({_NAME})\s+in\s+({_NAME}(?:\.{_NAME})*)")
_IF = re.compile(rf"(tr|tc|p)?\s*if\s+(?:not\s+)?({_PATH.pattern})")
_END = re.compile(r"(tr|tc|p)?\s*(endfor|endif|else)")
_SHOWN = (f"{W}t", f"{W}tab", f"{W}br")
_SIGNS = frozenset("{}")
_OWN = {"tr": "row", "tc": "cell", "p": "paragraph"}


@dataclass(slots=True)
class FormMarks:
    """What is in a form: fields and columns of rows by name ("outcomes", "outcomes.why"), and names that are none, each
    with its place and the rows it stands in."""

    uses: set[str] = field(default_factory=set)
    unknown: list[dict[str, str]] = field(default_factory=list)
    places: list[tuple[str, str, str]] = field(default_factory=list)  # place, as written, field
    marks: int = 0


@dataclass(slots=True)
class _Open:
    """Rows or a condition that began and have not ended."""

    what: str
    prefix: str
    place: str
    holder: object
    variable: str = ""
    rows: str = ""


def look_at(parts: Mapping[str, bytes]) -> FormMarks:
    """Every mark of the form. Raises Refused for what is no field and can be none, by place."""
    found = FormMarks()
    for name, content in sorted(parts.items(), key=lambda one: (one[0] != "word/document.xml", one[0])):
        if not name.endswith(".xml") or (b"{" not in content and b"<w:sdt" not in content):
            continue
        root = parsed(content)
        if _FILLED.fullmatch(name):
            kind = re.sub(r"\d", "", name.removeprefix("word/").removesuffix(".xml"))
            _look_at_part(root, _CALLED.get(kind, ""), found)
        elif name.startswith(("word/", "docProps/")):
            words = "".join(root.itertext())
            if "{{" in words or "{%" in words:
                where = name.removeprefix("word/").removesuffix(".xml")
                raise refused(
                    f"A mark stands in a part that is not filled ({where}). Move it into the page itself"
                )
    return found


def parsed(content: bytes) -> etree._Element:
    """Raises Refused for what the other reader of XML let through and this one does not."""
    try:
        return etree.fromstring(
            content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        )
    except etree.XMLSyntaxError as error:
        raise refused(f"This Word file is damaged. {SAVE_AS}") from error


def cut(words: str) -> tuple[list[str], list[str]]:
    """The marks in these words, and what stands before, between and after them. Each character is read once."""
    marks, between, at, since = [], [], 0, 0
    never: set[str] = set()  # marks of this kind do not end from here on
    while begun := _BEGIN.search(words, at):
        end = _ENDS[begun[0]]
        ended = -1 if end in never else words.find(end, begun.end())
        if ended < 0:
            never.add(end)
            at = begun.start() + 1
            continue
        between.append(words[since : begun.start()])
        at = since = ended + 2
        marks.append(words[begun.start() : at])
    return marks, [*between, words[since:]]


def _look_at_part(root: etree._Element, called: str, found: FormMarks) -> None:
    opened: list[_Open] = []
    listed: set[str] = set()
    _look_at_signs(root)
    for paragraph, words, place in _paragraphs(root, called):
        if found.marks > MOST_MARKS:
            raise _too_many()
        for tag in _tags_of(paragraph):
            found.marks += 1
            _look_at_path(tag, place, opened, found, f"content control “{tag}”")
        marks, left = cut(words)
        if _SIGN.search("".join(left)):
            raise refused(
                f"{_cap(place)}: a mark is begun and not ended, or ended and not begun. It is {{{{ name }}}}, in one paragraph"
            )
        listed.update(marks)
        for mark in marks:
            found.marks += 1
            _look_at_mark(mark, place, paragraph, words, opened, found)
        inline = next((one for one in opened if not one.prefix and one.holder is paragraph), None)
        if inline is not None:
            raise refused(
                f"{_cap(place)}: “{inline.what}” is not ended in the same paragraph. End it there, or write {{%p and give each mark a paragraph of its own"
            )
    # What only an old Word shows, in place of a text box: the same marks as those in the text box.
    for old in root.iter(_MC_FALLBACK):
        if next(old.iterancestors(_MC_FALLBACK), None) is None:
            marks, left = cut(words_of(old))
            if _SIGN.search("".join(left)) or not listed.issuperset(marks):
                raise _not_listed()
    if opened:
        one = opened[-1]
        end = "endfor" if one.rows else "endif"
        what = f"The rows for {one.rows} begin" if one.rows else f"“{one.what}” begins"
        never = "never end" if one.rows else "never ends"
        raise refused(
            f"{what} in {one.place} and {never}. Put {{%{one.prefix} {end} %}} into a {_OWN.get(one.prefix, 'place')} of its own after it"
        )


def _too_many() -> Refused:
    return refused(f"This form has more than {MOST_MARKS} marks, which no form needs")


def _look_at_signs(root: etree._Element) -> None:
    """Nothing is filled but what is listed: marks stand in words that are shown, and there are not too many."""
    shown, all_words = [], []
    for one in root.iter():
        if not isinstance(one.tag, str) or any(_SIGN.search(value) for value in one.attrib.values()):
            if isinstance(one.tag, str) or _SIGN.search(one.text or ""):
                raise _not_listed()
        elif one.text:
            all_words.append(one.text)
            if one.tag == f"{W}t":
                shown.append(one.text)
        if one.tail and not one.tail.isspace():
            all_words.append(one.tail)
    begun = len(_BEGIN.findall("".join(all_words)))
    if begun > MOST_MARKS:
        raise _too_many()
    if begun != len(_BEGIN.findall("".join(shown))):
        raise _not_listed()


def _not_listed() -> Refused:
    return refused(
        "A mark stands where it could not be listed: in deleted words, a field of Word, a remark or a setting. Write it into the words of the form"
    )


def _look_at_mark(
    mark: str, place: str, paragraph: etree._Element, words: str, opened: list[_Open], found: FormMarks
) -> None:
    inner = mark[2:-2].strip()
    if "__" in inner or len(inner) > 120:
        raise refused(
            f"{_cap(place)}: “{mark[:80]}” reaches outside what a form is offered. Write only the name of a field"
        )
    if mark.startswith("{{"):
        if not _PATH.fullmatch(inner):
            raise refused(
                f"{_cap(place)}: “{mark[:80]}” is more than the name of a field. Write only the name, like {{{{ student.name }}}}"
            )
        if inner in ROWS:
            raise refused(
                f"{_cap(place)}: “{inner}” is a list. Repeat a row for it: {{%tr for one in {inner} %}}"
            )
        _look_at_path(inner, place, opened, found, inner)
        return
    begins, tests = _FOR.fullmatch(inner), _IF.fullmatch(inner)
    known = begins or tests or _END.fullmatch(inner)
    if known is None or not mark.startswith("{%"):
        raise refused(
            f"{_cap(place)}: “{mark[:80]}” is no mark that Keywork knows. There are names of fields, rows (for … in …) and conditions (if …)"
        )
    prefix = known[1] or ""
    holder = _holder(paragraph, prefix)
    if prefix:
        alone = words_of(holder) if prefix != "p" else words
        marks, left = cut(alone)
        if holder is None or "".join(left).strip() or len(marks) != 1:
            own = _OWN[prefix]
            raise refused(
                f"{_cap(place)}: “{mark[:80]}” must stand alone in its {own}, which goes away when the form is filled. Give it a {own} of its own"
            )
    if begins:
        variable, rows = begins[2], begins[3]
        if rows not in ROWS:
            raise refused(f"{_cap(place)}: “{rows}” is no list of rows. There are {', '.join(ROWS)}")
        if any(one.rows for one in opened):
            raise refused(
                f"{_cap(place)}: rows within rows are too deep. End the rows of {opened[-1].rows or 'the list'} first"
            )
        if variable in GROUPS or variable == "loop":
            raise refused(
                f"{_cap(place)}: “{variable}” is the name of a field already. Call each row something else, like “{rows.rstrip('s')}”"
                if variable != rows.rstrip("s")
                else f"{_cap(place)}: call each row something else than “{variable}”"
            )
        opened.append(_Open(mark, prefix, place, _around(paragraph, prefix), variable, rows))
        found.uses.add(rows)
    elif tests:
        _look_at_path(tests[2], place, opened, found, tests[2])
        opened.append(_Open(mark, prefix, place, _around(paragraph, prefix)))
    else:
        what = known[2]
        if not opened:
            raise refused(f"{_cap(place)}: “{mark}” ends something that was not begun")
        last = opened[-1]
        fits = last.rows if what == "endfor" else not last.rows
        if not fits or last.prefix != prefix or last.holder is not _around(paragraph, prefix):
            raise refused(
                f"{_cap(place)}: “{mark}” does not end “{last.what}”, which begins in {last.place}. Both must be written alike, in the same table or text"
            )
        if what != "else":
            opened.pop()


def _look_at_path(path: str, place: str, opened: list[_Open], found: FormMarks, said: str) -> None:
    plain, name, rows = _offered(path, opened)
    if name:
        found.uses.add(name)
        column = COLUMNS[rows].get(path.partition(".")[2]) if rows else None
        if column is not None:
            found.uses.add(f"{rows}.{column.name}")
        found.places.append((place, said, name))
        return
    if "[" in plain.partition(".")[0] and not rows:
        raise refused(
            f"{_cap(place)}: “{said}” counts something that is no list of rows. There are {', '.join(ROWS)}"
        )
    found.unknown.append({"said": path, "place": place, "rows": rows})


def _offered(path: str, opened: list[_Open]) -> tuple[str, str, str]:
    """The path as written; the field it is, "" for none; the rows whose column it is or should be."""
    head, _, rest = path.partition(".")
    loop = next((one for one in opened if one.rows), None)
    if loop is not None and head == "loop":
        return path, loop.rows if rest == "index" else "", loop.rows
    rows = loop.rows if loop is not None and head == loop.variable else ""
    if not rows and head in NUMBERED:
        rows = NUMBERED[head][0]
    counted = re.fullmatch(rf"({_NAME})\[\d+\]", head)
    if counted and counted[1] in ROWS:
        rows = counted[1]
    if rows:
        return path, rows if rest in COLUMNS[rows] else "", rows
    if path in ROWS:  # "if outcomes": are there any
        return path, path, ""
    return path, PATHS[path].name if path in PATHS else "", ""


def words_of(element: etree._Element | None) -> str:
    """The text that is shown; of a paragraph without that of text boxes in it."""
    if element is None:
        return ""
    is_paragraph = element.tag == f"{W}p"
    found = []
    for one in element.iter(*_SHOWN):
        if is_paragraph and next(one.iterancestors(f"{W}p")) is not element:
            continue
        found.append(_shown(one))
    return "".join(found)


def _shown(one: etree._Element) -> str:
    return (one.text or "") if one.tag == f"{W}t" else " "


def _holder(paragraph: etree._Element, prefix: str) -> etree._Element | None:
    return paragraph if prefix in ("p", "") else next(paragraph.iterancestors(f"{W}{prefix}"), None)


def _around(paragraph: etree._Element, prefix: str) -> object:
    """What beginning and end must share: the table of rows, the row of cells, the cell or page of paragraphs."""
    if not prefix:
        return paragraph
    holder = _holder(paragraph, prefix)
    return (
        None
        if holder is None
        else next(holder.iterancestors(f"{W}tbl", f"{W}tr", f"{W}tc", f"{W}body", f"{W}hdr", f"{W}ftr"), None)
    )


def _paragraphs(root: etree._Element, called: str) -> Iterator[tuple[etree._Element, str, str]]:
    """Each paragraph that may hold a mark, in the order of the form, its words, and its place in words.

    Rows, cells and words are gone through once, however many paragraphs there are.
    """
    # Of a table in no other; of a row in its table; of a cell in its row.
    number: dict[etree._Element, int] = {}
    inside: dict[etree._Element, int] = {}  # how many of these a table or row has so far
    words: dict[etree._Element | None, list[str]] = {}  # of a paragraph, without that of text boxes in it
    labels: dict[etree._Element, str] = {}
    cells: dict[tuple[etree._Element, int], etree._Element] = {}
    tables = rows = paragraphs = counted = 0
    for one in root.iter(f"{W}tbl", f"{W}tr", f"{W}tc", f"{W}p", *_SHOWN):
        if one.tag in _SHOWN:
            words.setdefault(next(one.iterancestors(f"{W}p"), None), []).append(_shown(one))
        elif one.tag == f"{W}tbl":
            if next(one.iterancestors(f"{W}tbl"), None) is None:
                tables += 1
                number[one] = tables
        elif one.tag == f"{W}p":
            paragraphs += 1
        else:
            rows += one.tag == f"{W}tr"
            around = next(one.iterancestors(f"{W}tbl" if one.tag == f"{W}tr" else f"{W}tr"), None)
            if around is None:
                raise refused(f"This Word file is damaged. {SAVE_AS}")
            number[one] = inside[around] = inside.get(around, 0) + 1
            cells[around, number[one]] = one
    if rows > MOST_ROWS:
        raise refused(f"The tables of this form have more than {MOST_ROWS} rows, which no form has")
    if paragraphs > MOST_PARAGRAPHS:
        raise refused(f"This form has more than {MOST_PARAGRAPHS} paragraphs, which no form has")

    def label_of(cell: etree._Element | None) -> str:
        if cell is None:
            return ""
        if cell not in labels:
            labels[cell] = _short("".join(cut(words_of(cell))[1]).strip())
        return labels[cell]

    before = f"{called}, " if called else ""
    for paragraph in root.iter(f"{W}p"):
        if next(paragraph.iterancestors(_MC_FALLBACK), None) is not None:
            continue
        cell = next(paragraph.iterancestors(f"{W}tc"), None)
        counted += cell is None
        said = "".join(words.get(paragraph, ()))
        if not (_SIGNS.intersection(said) or any(_tags_of(paragraph))):
            continue
        if cell is None:
            text = _short("…".join(cut(said)[1]).strip())
            yield paragraph, said, f"{before}paragraph {counted}" + (f" (“{text}”)" if text else "")
            continue
        row = next(cell.iterancestors(f"{W}tr"))
        table = next(row.iterancestors(f"{W}tbl"))
        outer = list(row.iterancestors(f"{W}tbl"))[-1]
        label = label_of(cell) or label_of(cells.get((row, number[cell] - 1)))
        within = "a table within " if outer is not table else ""
        place = f"{before}{within}table {number[outer]}, row {number[row]}, cell {number[cell]}"
        yield paragraph, said, place + (f", beside “{label}”" if label else "")


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 40 else f"{words[:39].rstrip()}…"


def _cap(place: str) -> str:
    return place[:1].upper() + place[1:]


def tag_of(control: etree._Element) -> str:
    """The tag of a content control where it is meant as a field: the name of one, or begins like one."""
    tag = control.find(f"{W}sdtPr/{W}tag")
    name = (tag.get(f"{W}val", "") if tag is not None else "").strip()
    head = re.sub(r"\[\d+\]$", "", name.partition(".")[0])
    meant = "." in name and _PATH.fullmatch(name) and (head in GROUPS or head.rstrip("s") + "s" in ROWS)
    return name if meant else ""


def _tags_of(paragraph: etree._Element) -> Iterator[str]:
    """Tags of the content controls that begin with or in this paragraph and hold no mark of their own."""
    around = []
    for one in paragraph.iterancestors(f"{W}sdt"):
        first = next(one.iter(f"{W}p"), None)
        if first is paragraph:
            around.append(one)
    for control in (*reversed(around), *paragraph.iter(f"{W}sdt")):
        name = tag_of(control)
        if name and "{{" not in words_of(control.find(f"{W}sdtContent")):
            yield name


def prepare(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts with the mark of its field in each content control that is known by its tag."""
    made = dict(parts)
    for name, content in parts.items():
        if _FILLED.fullmatch(name):
            root = parsed(content)
            for one in root.iter():
                _without_lines(one)
            for control in root.iter(f"{W}sdt"):
                _prepare_control(control)
            made[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _without_lines(one: etree._Element) -> None:
    """A line of the file is none of the form; docxtpl would break it, for minutes where there are many."""
    if one.text and not one.text.isprintable():
        one.text = (
            " ".join(re.split(r"[\t\n\r]+", one.text)) if one.tag == f"{W}t" or one.text.strip() else None
        )
    if one.tail and not one.tail.isprintable():
        one.tail = " ".join(re.split(r"[\t\n\r]+", one.tail)) if one.tail.strip() else None


def _prepare_control(control: etree._Element) -> None:
    holder, about = control.find(f"{W}sdtContent"), control.find(f"{W}sdtPr")
    if holder is None or about is None:
        return
    name, has_mark = tag_of(control), "{{" in words_of(holder)
    if not (name or has_mark):
        return
    # Else Word shows what it was, or takes the first typing as all.
    for tag in ("dataBinding", "showingPlcHdr"):
        for one in about.findall(f"{W}{tag}"):
            about.remove(one)
    for one in about.findall(f"{W}date"):
        one.attrib.pop(f"{W}fullDate", None)
    if has_mark:
        return
    checked = about.find(f"{W14}checkbox/{W14}checked")
    if checked is not None:
        checked.set(f"{W14}val", f"{{{{ {name}.checked }}}}")
        name = f"{name}.box"
    _put_mark(holder, f"{{{{ {name} }}}}")


def _put_mark(holder: etree._Element, mark: str) -> None:
    """The mark alone in the content: in the first run of the first paragraph, which keep how they look."""
    paragraphs = [one for one in holder.iter(f"{W}p")]
    inside = paragraphs[0] if paragraphs else holder
    for other in paragraphs[1:]:
        other.getparent().remove(other)
    runs = [one for one in inside.iter(f"{W}r")]
    run = runs[0] if runs else etree.SubElement(inside, f"{W}r")
    for other in runs[1:]:
        other.getparent().remove(other)
    for one in list(run):
        if one.tag != f"{W}rPr":
            run.remove(one)
    look = run.find(f"{W}rPr")
    style = look.find(f"{W}rStyle") if look is not None else None
    if look is not None and style is not None and "placeholder" in style.get(f"{W}val", "").lower():
        look.remove(style)
    text = etree.SubElement(run, f"{W}t")
    text.text = mark
    text.set(_XML_SPACE, "preserve")


# The whole once more, as it will be filled

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.For,
    nodes.If,
    nodes.Not,
)


class Sandbox(SandboxedEnvironment):
    """Knows names and their parts, rows and conditions: no filter, no test, no global, nothing to import."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, cache_size=0)
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """What docxtpl made of a part. Whatever else a file holds, nothing but marks as above is ever run."""
        tree = super()._parse(source, name, filename)
        for one in tree.find_all(nodes.Node):
            plain = not isinstance(one, nodes.Getattr) or not one.attr.startswith("_")
            counted = not isinstance(one, nodes.Getitem) or (
                isinstance(one.arg, nodes.Const) and isinstance(one.arg.value, int)
            )
            if not isinstance(one, _ALLOWED) or not plain or not counted:
                raise TemplateError("a mark that is not known")
            if isinstance(one, nodes.For) and (
                one.recursive or one.test or one.else_ or any(one.find_all(nodes.For))
            ):
                raise TemplateError("rows within rows")
        repeated = sum(
            len(data.data) for loop in tree.find_all(nodes.For) for data in loop.find_all(nodes.TemplateData)
        )
        if repeated > MOST_REPEATED:
            raise TemplateError("rows of far more than a page")
        return tree

"""Makes the text of a template translatable: what `{% load i18n %}` at its top asks the loader for (`keywork.words`).

A template is written in English. Each run of text in it, with the values and the links that stand in the sentence,
becomes one message; what is between tags that make a new line, or in a condition of its own, is another:

    <p>Ask <a href="{% url 'x' %}">{{ person.name }}</a>, or the school.</p>

is the message "Ask <a>{name}</a>, or the school.", drawn by

    {% said "…" %}{% part "<a>" %}<a href="{% url 'x' %}">{% part "name" %}{{ person.name }}{% endsaid %}

What stands between `{# English #}` and `{# translated #}` is for staff, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

MARKED = re.compile(r"\{%\s*load\s[^%]*\bi18n\b[^%]*%\}")
_TEMPLATE = r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}"
_TOKEN = re.compile(rf"({_TEMPLATE}|<!--.*?-->|<[!/]?[a-zA-Z](?:{_TEMPLATE}|[^>])*>)", re.DOTALL)
_ATTRIBUTE = re.compile(rf'([\w:-]+)="((?:{_TEMPLATE}|[^"])*)"', re.DOTALL)
_LITERAL = re.compile(r'(?:\b(\w+)=)?("[^"]*")(?!\|)')
_DEFAULT = re.compile(r'\|(default|default_if_none|yesno):("[^"]*")')
# Values that are texts of ours where they are no typed ones.
_OURS = re.compile(
    r"^(\{\{ (?:\w+\.)*(?:back_words|before|button|home_words|keep_words|opener|page_title|send_words|shut|wanted|\w*error|hint|label|student_title|title))(?= |\|)(?!\|translated)"
)
_LETTER = re.compile(r"(?!Keywork\b)\b[^\W\d_]{2,}|\b[AI]\b")
_CLASSES = re.compile(r"[a-z]+-[a-z-]+(?: [a-z-]+)*")
_ENTITY = re.compile(r"&\w+;")
_ENDS = re.compile(r"[.?!:”]$")

READ_OUT = frozenset({"alt", "aria-label", "aria-description", "data-label", "label", "placeholder", "title"})
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "cite",
        "em",
        "i",
        "kbd",
        "mark",
        "q",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
    ]
)
RAW = {"script": "</script>", "style": "</style>", "textarea": "</textarea>"}
# Tags that begin with a condition or a loop, and what ends them.
PAIRED = {"if": "endif", "for": "endfor", "with": "endwith"}
MIDDLE = frozenset({"elif", "else", "empty"})
DRAWN = frozenset({"badge", "firstof", "icon", "message_icon", "state_badge"})
# Tags whose literals are names; and arguments of others that are, or that always are text.
NAMES = frozenset(
    {"block", "elif", "extends", "for", "icon", "if", "load", "url", "static", "endblock", "part"}
)
NAME_ARGUMENTS = frozenset(
    {"class", "css", "extra", "field", "id", "level", "name_of", "target", "template", "wrapper_class"}
)
TEXT_ARGUMENTS = frozenset({"action", "back", "do", "keep", "says", "text", "things", "title"})


@dataclass
class Item:
    """`kind`: text, value, open, close, drawn, condition or break."""

    kind: str
    source: str
    name: str = ""
    sections: list[tuple[str, list[Item]]] = field(default_factory=list)  # of a condition, each with its tag
    end: str = ""


def marked(source: str, *, is_html: bool, english: Callable[[str], str] = str) -> str:
    """The source with tags in place of its text; `english` is done to what stays in English."""
    pieces = _TOKEN.split(source) if is_html else re.split(rf"({_TEMPLATE}|\n)", source)
    return _written(_parsed(_items(iter(pieces), is_html, english)))


# From source to items


def _items(pieces: Iterator[str], is_html: bool, english: Callable[[str], str]) -> Iterator[Item]:
    for piece in pieces:
        if piece == "\n" and not is_html:
            yield Item("break", piece)
        elif piece.startswith("{{"):
            yield Item("value", _value(piece), _name_of(piece))
        elif re.fullmatch(r"\{#\s*English\s*#\}", piece):
            yield Item("break", english(_until(pieces, re.compile(r"\{#\s*translated\s*#\}"))))
        elif piece.startswith(("{#", "<!--")):
            yield Item("comment", "" if piece.startswith("{#") else piece)
        elif piece.startswith("{%"):
            yield from _tag(piece, pieces)
        elif is_html and re.match(r"<[!/]?[a-zA-Z]", piece):
            yield from _html(piece, pieces)
        elif piece:
            yield Item("text", piece)


def _tag(piece: str, pieces: Iterator[str]) -> Iterator[Item]:
    name = piece[2:-2].split(None, 1)[0]
    if name in ("blocktranslate", "blocktrans", "comment", "verbatim"):
        yield Item("break", piece + _until(pieces, re.compile(rf"\{{%\s*end{name}\s*%\}}")))
        return
    if name == "block" and re.search(r"attributes|class|referrer", piece):
        yield Item("break", piece + _until(pieces, re.compile(r"\{%\s*endblock.*?%\}")))
        return
    source = piece if name in NAMES else _LITERAL.sub(lambda found: _literal(found, name), piece)
    yield Item("drawn" if name in DRAWN else "tag", source, name)


def _html(piece: str, pieces: Iterator[str]) -> Iterator[Item]:
    name = (re.match(r"<[!/]?([a-zA-Z][\w-]*)", piece) or [""])[1].lower()
    if name in RAW and not piece.startswith("</"):
        yield Item("break", _attributes(piece) + _until(pieces, re.compile(rf"</{name}>")))
    elif name in INLINE:
        yield Item("close" if piece.startswith("</") else "open", _attributes(piece), name)
    else:
        yield Item("break", _attributes(piece))


def _until(pieces: Iterator[str], end: re.Pattern[str]) -> str:
    taken = []
    for piece in pieces:
        taken.append(piece)
        if end.fullmatch(piece):
            break
    return "".join(taken)


def _attributes(tag: str) -> str:
    """A tag of HTML in which what is read out is marked."""

    def value(found: re.Match[str]) -> str:
        name, text = found[1], found[2]
        if name in READ_OUT:
            return f'{name}="{marked(text, is_html=True)}"'
        return found[0]

    done, rest = [], 0
    for found in _ATTRIBUTE.finditer(tag):
        done += [tag[rest : found.start()], value(found)]
        rest = found.end()
    return "".join([*done, tag[rest:]])


def _literal(found: re.Match[str], tag: str) -> str:
    """`title="Ask"` becomes `title="Ask"|worded`; a name like "student" stays."""
    argument, literal = found[1], found[2]
    text = literal[1:-1]
    is_text = argument in TEXT_ARGUMENTS or (
        argument not in NAME_ARGUMENTS and (" " in text.strip() or text[:1].isupper())
    )
    if (
        not is_text
        or not _LETTER.search(text)
        or _CLASSES.fullmatch(text)
        or "/" in text.split(" ")[0]
        or (tag == "include" and not argument)
    ):
        return found[0]
    return f"{found[0]}|worded"


def _value(piece: str) -> str:
    """A value in which the words for when there is none are marked, and a choice is shown in words."""
    piece = re.sub(r"\b(get_\w+_display)\b", r"\1|worded", piece)
    piece = _OURS.sub(r"\1|translated", piece)
    return _DEFAULT.sub(r"|\1:_(\2)", piece)


def _name_of(piece: str) -> str:
    path = re.split(r"[|\s]", piece[2:-2].strip(), maxsplit=1)[0].strip("\"'")
    last = next((part for part in reversed(path.split(".")) if not part.isdigit()), "value")
    return re.sub(r"\W", "", last) or "value"


# From items to conditions within sentences


def _parsed(items: Iterator[Item]) -> list[Item]:
    found, _ = _until_end(items, "")
    return found


def _until_end(items: Iterator[Item], end: str) -> tuple[list[Item], list[tuple[str, list[Item]]]]:
    sections: list[tuple[str, list[Item]]] = []
    here: list[Item] = []
    for item in items:
        if item.kind != "tag":
            here.append(item)
        elif item.name == end:
            return here, [*sections, (item.source, here)]
        elif end and item.name in MIDDLE:
            sections.append((item.source, here))
            here = []
        elif item.name in PAIRED:
            here += _condition(item, items)
        else:
            here.append(Item("break", item.source))
    return here, sections


def _condition(opening: Item, items: Iterator[Item]) -> list[Item]:
    """One item where it stands within a sentence, else all of it, with breaks around."""
    _, parts = _until_end(items, PAIRED[opening.name])
    tags = [opening.source, *[tag for tag, _ in parts[:-1]]]
    end = parts[-1][0]
    sections = list(zip(tags, [body for _, body in parts], strict=True))
    inner = [item for _, body in sections for item in body]
    if not any(item.kind == "break" for item in inner) and all(_balanced(body) for _, body in sections):
        name = "if" if opening.name == "if" else "list"
        return [Item("condition", opening.source, name, sections, end)]
    flat: list[Item] = []
    for tag, body in sections:
        flat += [Item("break", tag), *body]
    return [*flat, Item("break", end)]


def _balanced(items: list[Item]) -> bool:
    depth: list[str] = []
    for item in items:
        if item.kind == "open":
            depth.append(item.name)
        elif item.kind == "close" and (not depth or depth.pop() != item.name):
            return False
    return not depth


# From items to source with tags


def _written(items: list[Item]) -> str:
    done: list[str] = []
    run: list[Item] = []
    for item in items:
        if item.kind == "break":
            done += [_run(run), item.source]
            run = []
        else:
            run.append(item)
    return "".join([*done, _run(run)])


def _raw(item: Item) -> str:
    if item.kind != "condition":
        return item.source
    return "".join(f"{tag}{_written(body)}" for tag, body in item.sections) + item.end


def _says(items: list[Item]) -> bool:
    """Whether there is text, of which a condition's own does not count."""
    return any(item.kind == "text" and _LETTER.search(_ENTITY.sub("", item.source)) for item in items)


def _says_anything(item: Item) -> bool:
    """Whether a condition has text or a value."""
    return item.kind == "condition" and any(
        one.kind == "value" or _says([one]) or _says_anything(one)
        for _, body in item.sections
        for one in body
    )


def _element(items: list[Item], start: int) -> int:
    """Behind the element that opens at `start`; 0 where it does not end in this run."""
    depth = 0
    for number in range(start, len(items)):
        depth += (items[number].kind == "open") - (items[number].kind == "close")
        if depth == 0:
            return number + 1
    return 0


def _run(items: list[Item]) -> str:
    """One run of text between breaks: a message, or several where links stand side by side."""
    if not items:
        return ""
    if not _balanced(items):
        return _broken(items)
    if not _says(items):
        return "".join(map(_raw, items))
    before = _edge(items, 0)
    if before:
        return "".join(map(_raw, items[:before])) + _run(items[before:])
    after = _edge_back(items)
    if after < len(items):
        return _run(items[:after]) + "".join(map(_raw, items[after:]))
    whole = items[0].kind == "open" and _element(items, 0) == len(items)
    if whole:
        return items[0].source + _run(items[1:-1]) + items[-1].source
    if _are_apart(items):
        return "".join(_apart(items))
    return _message(items)


def _broken(items: list[Item]) -> str:
    """An element begins or ends beyond this run: what is within it is a run of its own."""
    depth: list[int] = []
    alone: set[int] = set()
    for number, item in enumerate(items):
        if item.kind == "open":
            depth.append(number)
        elif item.kind == "close":
            if depth and items[depth[-1]].name == item.name:
                depth.pop()
            else:
                alone.add(number)
    alone.update(depth)
    return _written([Item("break", one.source) if n in alone else one for n, one in enumerate(items)])


def _edge(items: list[Item], at: int) -> int:
    """How many items at the beginning are no part of a sentence."""
    first = items[at]
    if first.kind in ("drawn", "comment") or (first.kind == "text" and not first.source.strip()):
        return 1
    if first.kind == "open":
        end = _element(items, at)
        inside = items[at:end]
        if (
            end
            and not _says(inside)
            and not any(one.kind == "value" or _says_anything(one) for one in inside)
        ):
            return end
    if first.kind == "condition" and (not _says_anything(first) or _is_sentence(first)):
        return 1
    return 0


def _edge_back(items: list[Item]) -> int:
    """Up to which item the sentence goes."""
    last = items[-1]
    if last.kind in ("drawn", "comment") or (last.kind == "text" and not last.source.strip()):
        return len(items) - 1
    if last.kind == "close":
        depth, start = 0, len(items) - 1
        while start >= 0:
            depth += (items[start].kind == "close") - (items[start].kind == "open")
            if depth == 0:
                break
            start -= 1
        inside = items[start:]
        if (
            start > 0
            and not _says(inside)
            and not any(one.kind == "value" or _says_anything(one) for one in inside)
        ):
            return start
    if last.kind == "condition" and (not _says_anything(last) or _ended_before(items[:-1])):
        return len(items) - 1
    return len(items)


def _is_sentence(item: Item) -> bool:
    """A condition at the beginning whose text ends a sentence."""
    ends = [body[-1] for _, body in item.sections if body]
    texts = [one.source.strip() for one in ends if one.kind == "text" and one.source.strip()]
    return len(texts) == len(ends) and all(_ENDS.search(text) for text in texts)


def _ended_before(items: list[Item]) -> bool:
    """A sentence has ended before a condition at the end."""
    text = "".join(one.source for one in items if one.kind in ("text", "value", "open", "close"))
    return bool(_ENDS.search(re.sub(r"<[^>]*>", "", text).strip()))


def _are_apart(items: list[Item]) -> bool:
    """Whether there are only elements with nothing but signs between them: each is a message of its own."""
    at = 0
    while at < len(items):
        item = items[at]
        if item.kind == "open":
            at = _element(items, at)
            continue
        if item.kind == "value" or _says([item]):
            return False
        if _says_anything(item) and not all(_are_apart(body) for _, body in item.sections):
            return False
        at += 1
    return True


def _apart(items: list[Item]) -> Iterator[str]:
    at = 0
    while at < len(items):
        item = items[at]
        if item.kind == "open":
            end = _element(items, at)
            yield item.source + _run(items[at + 1 : end - 1]) + items[end - 1].source
            at = end
        else:
            yield _raw(item)
            at += 1


def _message(items: list[Item]) -> str:
    names: dict[str, int] = {}
    text: list[str] = []
    parts: list[str] = []
    opened: list[str] = []

    def named(name: str, form: Callable[[str], str], source: str) -> str:
        names[name] = names.get(name, 0) + 1
        one = name if names[name] == 1 else f"{name}{names[name]}"
        parts.append(f'{{% part "{form(one)}" %}}{source}')
        text.append(form(one))
        return one

    for item in items:
        if item.kind == "text":
            text.append(item.source)
        elif item.kind == "open":
            opened.append(named(item.name, lambda one: f"<{one}>", item.source))
        elif item.kind == "close":
            text.append(f"</{opened.pop()}>")
        elif item.kind != "comment":
            named(item.name or item.kind, lambda one: f"{{{one}}}", _raw(item))
    whole = "".join(text)
    msgid = " ".join(whole.split())
    before = " " if whole[:1].isspace() else ""
    after = " " if whole[-1:].isspace() else ""
    quoted = msgid.replace("\\", "\\\\").replace('"', '\\"')
    return f'{before}{{% said "{quoted}" %}}{"".join(parts)}{{% endsaid %}}{after}'


# What is found


_SAID = re.compile(r'\{% said "((?:[^"\\]|\\.)*)" %\}')
_OTHERS = re.compile(r'"([^"]*)"\|worded|_\("([^"]*)"\)')
_COUNTED = re.compile(r'\|counted:"([^"]*)"')


def messages(source: str, *, is_html: bool) -> tuple[list[str], list[str]]:
    """The messages of a template, and the things that it counts."""
    done = marked(source, is_html=is_html)
    said = [one.replace('\\"', '"').replace("\\\\", "\\") for one in _SAID.findall(done)]
    said += [one or other for one, other in _OTHERS.findall(done)]
    return list(dict.fromkeys(said)), _COUNTED.findall(done)

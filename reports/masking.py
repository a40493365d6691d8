"""Other students and other families in free text: whose names stand in it, and the text with them covered.

Covered by itself are whole names: any forename with any surname of another student or of another's family, in either
order, with other accents, hyphens or apostrophes (keywork.names.folded), and what follows a title ("Mrs Okafor").
A forename alone is only marked, for whoever reads it: staff may share it, and some are plain words. The student's own
names, those of their family and of staff are left; a brother or sister here is marked. In one document a person keeps
the same letter: "another student (A)", "parent of A".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from keywork.models import User
from keywork.names import folded
from keywork.roles import STAFF_ROLES
from students.models import FamilyLink, Student

_WORD = re.compile(r"[^\W_]+(?:['’‘ʼʻ`´][^\W_]+)*", re.UNICODE)
_POSSESSIVE = re.compile(r"['’‘ʼ]s$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,‐‑–-]{1,3}")  # what may stand between the words of one name
_LONGEST = 8  # words of a name
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr"})
_PARENTS = re.compile(r"\b(mother|father|mum|mam|mummy|dad|daddy|parent|carer|guardian)\b", re.IGNORECASE)
# Forenames that are plain words: marked only where they begin with a capital.
_PLAIN_WORDS = frozenset(
    """art basil bill bob buddy carol chance charity chase chip christian cliff constance daisy dale dawn dean drew
    earnest faith fern finch forest frank gale gene glen grace grant guy harmony harry hazel heath heather holly hope
    ivy jack jade jewel joy june lance lane lily mark may melody mike miles misty nick olive pat patience pearl penny
    peter piper poppy pride prince ray reed rich rob robin rod rose ruby rusty sandy skip sky sonny stew storm sue
    summer sunny temple violet wade ward wayne will win woody""".split()  # noqa: SIM905
)

OTHER = "another person"  # of words that the reader covers, and that are no name Keywork knows
SHARED = "Somebody on the staff has this name too"
SIBLING = "Perhaps a brother or sister: they share family"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody other. `of` is, for family, the key of the student they belong to."""

    key: str  # "student-12", "family-7"
    of: str = ""
    is_parent: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text. `covers` names what it covers or may cover; "" is plain text."""

    text: str
    said: str = ""  # the words as they stand in the record
    covers: str = ""
    is_covered: bool = False
    note: str = ""  # for the reader, of what is only marked


@dataclass(frozen=True, slots=True)
class Masked:
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def covered(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.is_covered]

    @property
    def marked(self) -> list[Piece]:
        """What the reader has to decide about."""
        return [piece for piece in self.pieces if piece.covers and not piece.is_covered]


@dataclass(frozen=True)
class Names:
    """Who may be named in what is written about one student. Names are folded, the words of one joined by a space."""

    whole: Mapping[str, frozenset[Person]]
    alone: Mapping[str, frozenset[Person]]  # forenames of other students
    titled: Mapping[str, frozenset[Person]] = field(default_factory=dict)  # surnames of other families
    own: frozenset[str] = frozenset()  # of the student and their family, whole and word by word
    staff: frozenset[str] = frozenset()  # whole names
    staff_words: frozenset[str] = frozenset()
    siblings: frozenset[str] = frozenset()  # keys

    @cached_property
    def run_together(self) -> Mapping[str, frozenset[Person]]:
        """Whole names without spaces: O Shea is O’Shea."""
        return {name.replace(" ", ""): people for name, people in self.whole.items()}


class Pupil(NamedTuple):
    pk: int
    legal_forename: str
    preferred_forename: str
    legal_surname: str
    preferred_surname: str


class Kin(NamedTuple):
    student: int
    member: int
    forename: str
    surname: str
    relationship: str


def names_around(student: Any) -> Names:
    """Of everybody Keywork knows, on roll or not: three queries."""
    pupils = Student.objects.order_by("pk").values_list(*Pupil._fields)
    kin = FamilyLink.objects.order_by("ended_on", "priority", "pk").values_list(
        "student_id", "member_id", "member__forename", "member__surname", "relationship"
    )
    staff = User.objects.filter(roles__overlap=list(STAFF_ROLES)).order_by().values_list("name", flat=True)
    return apart(student.pk, map(Pupil._make, pupils), [Kin._make(row) for row in kin], staff)


def apart(own_pk: int, pupils: Iterable[Pupil], kin: Sequence[Kin], staff: Iterable[str]) -> Names:
    """Own names and those of others."""
    mine = {one.member for one in kin if one.student == own_pk}
    whole: dict[str, set[Person]] = defaultdict(set)
    alone: dict[str, set[Person]] = defaultdict(set)
    titled: dict[str, set[Person]] = defaultdict(set)
    own: set[str] = set()
    for one in pupils:
        forenames = one.legal_forename, one.preferred_forename
        surnames = one.legal_surname, one.preferred_surname
        if one.pk == own_pk:
            own |= _whole(forenames, surnames) | _words(*forenames, *surnames)
            continue
        person = Person(f"student-{one.pk}")
        for name in _whole(forenames, surnames):
            whole[name].add(person)
        for name in _forenames(forenames):
            alone[name].add(person)
    told: set[int] = set()
    for link in kin:
        if link.member in mine:
            own |= _whole((link.forename,), (link.surname,)) | _words(link.forename, link.surname)
        elif link.member not in told:
            told.add(link.member)
            is_parent = bool(_PARENTS.search(link.relationship))
            person = Person(f"family-{link.member}", f"student-{link.student}", is_parent)
            for name in _whole((link.forename,), (link.surname,)):
                whole[name].add(person)
            titled[folded(link.surname)].add(person)
    names = {folded(name) for name in staff}
    return Names(
        _frozen(whole),
        _frozen(alone),
        _frozen(titled),
        frozenset(own),
        frozenset(names),
        frozenset(word for name in names for word in name.split()),
        frozenset(f"student-{one.student}" for one in kin if one.member in mine and one.student != own_pk),
    )


def _frozen(found: Mapping[str, set[Person]]) -> dict[str, frozenset[Person]]:
    return {name: frozenset(people) for name, people in found.items() if name}


def _forenames(forenames: Iterable[str]) -> set[str]:
    """Each whole, and without those in the middle."""
    found = {folded(name) for name in forenames}
    return {one for name in found if name for one in (name, name.split()[0])}


def _whole(forenames: Iterable[str], surnames: Iterable[str]) -> set[str]:
    """Every forename with every surname or part of a double one, both ways round; somebody's only name."""
    first = _forenames(forenames)
    last = {folded(name) for name in surnames if name}
    last |= {part for name in last for part in name.split() if len(part) > 3}
    if not first or not last:
        return first or last
    return {f"{one} {other}" for one in first for other in last} | {
        f"{other} {one}" for one in first for other in last
    }


def _words(*names: str) -> set[str]:
    return {word for name in names for word in folded(name).split()} | {
        folded(name) for name in names if name
    }


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    folded: str


@dataclass(frozen=True, slots=True)
class _Span:
    """Words of a text from `start` to `end`, and who they name."""

    start: int
    end: int
    people: frozenset[Person]
    is_covered: bool
    note: str = ""

    def meets(self, others: Iterable[_Span]) -> bool:
        return any(self.start < other.end and other.start < self.end for other in others)


@dataclass(slots=True)
class Masker:
    """Covers the texts of one document, in their order: who is found first is A."""

    names: Names
    letters: dict[str, str] = field(default_factory=dict)

    def mask(self, text: str, *, leave: Collection[str] = (), cover: Collection[str] = ()) -> Masked:
        """`leave` and `cover` are the reader's decisions about this text: words as they stand in it."""
        spans = _joined(self._found(text), self._decided(text, cover))
        left = {folded(words) for words in leave}
        pieces, at = [], 0
        for span in sorted(spans, key=lambda one: one.start):
            if span.start > at:
                pieces.append(Piece(text[at : span.start]))
            said = text[span.start : span.end]
            at = span.end
            if folded(said) in left:
                pieces.append(Piece(said, said, _kind(span.people)))
            elif span.is_covered:
                covers = self._label(span.people)
                pieces.append(Piece(covers, said, covers, is_covered=True))
            else:
                pieces.append(Piece(said, said, _kind(span.people), note=span.note))
        if at < len(text) or not pieces:
            pieces.append(Piece(text[at:]))
        return Masked(tuple(pieces))

    def _decided(self, text: str, cover: Collection[str]) -> list[_Span]:
        """Where the words stand that the reader covers, the longest first."""
        spans: list[_Span] = []
        for words in sorted(filter(None, cover), key=len, reverse=True):
            loose = r"\s+".join(re.escape(word) for word in words.split())
            name = folded(words)
            people = self.names.whole.get(name) or self.names.alone.get(name)
            for match in re.finditer(rf"(?<!\w){loose}(?!\w)", text, re.IGNORECASE):
                span = _Span(*match.span(), people or frozenset({Person(f"words-{name}")}), True)
                if not span.meets(spans):
                    spans.append(span)
        return spans

    def _found(self, text: str) -> list[_Span]:
        words, spans, at = _words_of(text), [], 0
        while at < len(words):
            span, used = self._at(words, at, _run(text, words, at))
            if span is not None:
                spans.append(span)
            at += used
        return spans

    def _at(self, words: Sequence[_Word], at: int, longest: int) -> tuple[_Span | None, int]:
        """What begins with this word, of at most so many words, and how many it takes."""
        for count in range(longest, 0, -1):
            run = words[at : at + count]
            name = " ".join(word.folded for word in run)
            if count > 1 and name in self.names.own:
                return None, count
            people = self._named(run, name)
            if people:
                return self._whole(run, name, people), count
        word = words[at]
        if word.folded in _TITLES and longest > 1:
            after = words[at + 1]
            people = self.names.titled.get(after.folded)
            if people and after.folded not in self.names.own | self.names.staff_words:
                return _Span(word.start, after.end, people, True), 2
            return None, 1
        people = self.names.alone.get(word.folded)
        is_name = word.text[:1].isupper() or word.folded not in _PLAIN_WORDS
        if people and is_name and word.folded not in self.names.own:
            note = SHARED if word.folded in self.names.staff_words else ""
            return _Span(word.start, word.end, people, False, note), 1
        return None, 1

    def _named(self, run: Sequence[_Word], name: str) -> frozenset[Person] | None:
        """Whose whole name it is. One word is a name of two only in scripts that set no space between them."""
        if len(run) == 1 and (name in self.names.own or run[0].text.lower() != run[0].text.upper()):
            return None if name in self.names.own else self.names.whole.get(name)
        return self.names.whole.get(name) or self.names.run_together.get(name.replace(" ", ""))

    def _whole(self, run: Sequence[_Word], name: str, people: frozenset[Person]) -> _Span:
        start, end = run[0].start, run[-1].end
        if name in self.names.staff:
            return _Span(start, end, people, False, SHARED)
        if any(person.key in self.names.siblings for person in people):
            return _Span(start, end, people, False, SIBLING)
        return _Span(start, end, people, True)

    def _letter(self, key: str) -> str:
        return self.letters.setdefault(key, _letters(len(self.letters)))

    def _label(self, people: frozenset[Person]) -> str:
        families = {person.of for person in people}
        if len(families) == 1 and "" not in families:
            is_parent = all(person.is_parent for person in people)
            return f"{'parent' if is_parent else 'family'} of {self._letter(families.pop())}"
        # Of one name, and which of them is not known: together they have one letter.
        return f"{_kind(people)} ({self._letter('-or-'.join(sorted(person.key for person in people)))})"


def _joined(found: list[_Span], decided: Iterable[_Span]) -> list[_Span]:
    """What the reader covers besides: never less of a name than is covered by itself."""
    spans = list(found)
    for one in decided:
        met = [other for other in spans if one.meets([other])]
        if any(other.is_covered and other.start <= one.start and one.end <= other.end for other in met):
            continue
        spans = [other for other in spans if other not in met]
        whole = [one, *(other for other in met if other.is_covered)]
        start, end = min(other.start for other in whole), max(other.end for other in whole)
        spans.append(replace(one, start=start, end=end))
    return spans


def _kind(people: frozenset[Person]) -> str:
    if all(person.key.startswith("student-") for person in people):
        return "another student"
    return "another family" if all(person.of for person in people) else OTHER


def _letters(number: int) -> str:
    """A to Z, then AA, AB …"""
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _words_of(text: str) -> list[_Word]:
    """Each word where it stands, without the ’s of a possessive."""
    found = []
    for match in _WORD.finditer(text):
        said = _POSSESSIVE.sub("", match.group())
        found.append(_Word(said, match.start(), match.start() + len(said), folded(said)))
    return found


def _run(text: str, words: Sequence[_Word], at: int) -> int:
    """How many words from this one may belong to one name: between them stand spaces, hyphens or a comma."""
    count = 1
    for one, after in pairwise(words[at : at + _LONGEST]):
        between = text[one.end : after.start]
        if one.folded in _TITLES:
            between = between.removeprefix(".")
        if not _BETWEEN.fullmatch(between):
            break
        count += 1
    return count

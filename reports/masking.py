"""Other students and other families in free text: whose names stand in it, and the text with them covered.

Covered by itself are whole names: any forename or its initial with any surname of another student or of another's
family, in either order, with other accents, hyphens or apostrophes (keywork.names.folded), with a middle name or a
nickname that nobody recorded; a surname that follows a title ("Mrs Okafor"); a double surname alone. A forename or
surname of one word alone is only marked, for whoever reads it: staff may share it, and some are plain words. The
student's own names, those of their family and of staff are left; a brother or sister here is marked. In one document a
person keeps the same letter: "another student (A)", "parent of A".

Names are looked for in the text without its invisible characters; what is found is covered where it stands.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from keywork.models import User
from keywork.names import folded
from keywork.roles import STAFF_ROLES
from keywork.words import worded
from students.models import FamilyLink, Student

_WORD = re.compile(r"[^\W_]+(?:['’‘ʼʻ`´][^\W_]+)*", re.UNICODE)
_POSSESSIVE = re.compile(r"['’‘ʼ]s$", re.IGNORECASE)
# What may stand between the words of one name; a full stop only inside of what is written together ("tom.okafor").
_BETWEEN = re.compile(r"(?:[\s,_/()\[\]\"“”„«»'‘’‐‑‒–—―−﹣－-]|\.(?!\s))*")
_AROUND_MIDDLE = re.compile(r"[\s._()\[\]\"“”„«»'‘’-]*")  # around a middle name or nickname
_HYPHEN = re.compile(r"[‐‑‒–−﹣－-]")  # between two words without spaces: the second goes on with the first
_CLOSING = {"(": ")", "[": "]", "“": "”", "«": "»", "‘": "’", '"': '"'}
_LONGEST = 8  # words of a name
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr"})
_PARENTS = re.compile(r"\b(mother|father|mum|mam|mummy|dad|daddy|parent|carer|guardian)\b", re.IGNORECASE)
# Names that are plain words: marked only where they begin with a capital.
_PLAIN = json.loads((Path(__file__).parent / "fixtures" / "plain_names.json").read_text(encoding="utf-8"))
_PLAIN_FORENAMES, _PLAIN_SURNAMES = frozenset(_PLAIN["forenames"]), frozenset(_PLAIN["surnames"])
# Nobody's middle name: the last stand between two people.
_NO_MIDDLE = _TITLES | {"and", "or", "with", "y", "und"}

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
    # Surnames of other families, and of other students (of families where no student has it); parts of double ones.
    titled: Mapping[str, frozenset[Person]] = field(default_factory=dict)
    surnames: Mapping[str, frozenset[Person]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()  # of the student and their family, whole and word by word
    staff: frozenset[str] = frozenset()  # whole names
    staff_words: frozenset[str] = frozenset()
    siblings: frozenset[str] = frozenset()  # keys

    @cached_property
    def run_together(self) -> Mapping[str, frozenset[Person]]:
        """Whole names without spaces: O Shea is O’Shea."""
        return {name.replace(" ", ""): people for name, people in self.whole.items() if name[1:2] != " "}

    @cached_property
    def heads(self) -> frozenset[str]:
        """The first letters of every name, one, two, … of them, spaces apart: no name begins with any other word."""
        names = {name.replace(" ", "") for some in (self.whole, self.alone, self.surnames) for name in some}
        names |= {name.replace(" ", "") for name in self.own | self.staff}
        return frozenset(name[:length] for name in names for length in range(1, len(name) + 1))

    @cached_property
    def begin(self) -> frozenset[str]:
        """First words of whole names."""
        return frozenset(name.split()[0] for name in self.whole)

    def knows(self, word: str) -> bool:
        return any(word in some for some in (self.alone, self.surnames, self.own, self.staff_words))


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
    surnamed: dict[str, set[Person]] = defaultdict(set)
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
        for name in _surnames(surnames):
            surnamed[name].add(person)
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
            for name in _surnames((link.surname,)):
                titled[name].add(person)
    # After a title a student's surname is that of somebody of their family, where none of them is known by it.
    homes = {
        name: {Person(f"home-of-{one.key}", one.key) for one in people} for name, people in surnamed.items()
    }
    names = {folded(name) for name in staff}
    return Names(
        _frozen(whole),
        _frozen(alone),
        _frozen({**homes, **titled}),
        _frozen({**titled, **surnamed}),
        frozenset(own),
        frozenset(names | {f"{name[0]} {name.split()[-1]}" for name in names if " " in name}),
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
    """Every forename with every surname or part of a double one, both ways round; an initial; somebody's only name."""
    first, last = _forenames(forenames), _surnames(surnames)
    if not first or not last:
        return first or last
    found = {name for one in first for other in last for name in (f"{one} {other}", f"{other} {one}")}
    initials = {(one[0], other) for one in first for other in last}
    # Not "I may".
    return found | {f"{one} {other}" for one, other in initials if not (one in "ai" and _is_plain(other))}


def _surnames(surnames: Iterable[str]) -> set[str]:
    """Each whole, and the parts of a double one."""
    last = {folded(name) for name in surnames} - {""}
    return last | {part for name in last for part in name.split() if len(part) > 3}


def _is_plain(word: str) -> bool:
    return word in _PLAIN_FORENAMES or word in _PLAIN_SURNAMES


def _words(*names: str) -> set[str]:
    whole = {folded(name) for name in names if name}
    return whole | {word for name in whole for word in name.split()}


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    folded: str

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper()

    @property
    def has_no_case(self) -> bool:
        return self.text.lower() == self.text.upper()

    @property
    def single(self) -> str:
        """Without the s of a plural or of a possessive that lacks its apostrophe."""
        return self.folded[:-1] if len(self.folded) > 3 and self.folded.endswith("s") else self.folded


def _readings(run: Sequence[_Word]) -> list[str]:
    """How a name of these words may be meant: as it stands, then without the s of its ends."""
    said = [word.folded for word in run]
    found = [" ".join(said), " ".join([*said[:-1], run[-1].single])]
    found.append(" ".join([run[0].single, *said[1:-1], run[-1].single]) if len(run) > 1 else found[-1])
    return list(dict.fromkeys(found))


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
        plain, places = _visible(text)
        found, chosen = self._spans(text, plain, places), {folded(words) for words in cover}
        marks = [one for one in found if not one.is_covered and folded(plain[one.start : one.end]) in chosen]
        spans = _joined(
            found, [*(replace(one, is_covered=True) for one in marks), *self._decided(plain, cover)]
        )
        left = {folded(words) for words in leave}
        pieces, at = [], 0
        for span in sorted(spans, key=lambda one: one.start):
            start, end = places[span.start], places[span.end - 1] + 1
            if start > at:
                pieces.append(Piece(text[at:start]))
            said = " ".join(plain[span.start : span.end].split())
            at = end
            if folded(said) in left:
                pieces.append(Piece(text[start:end], said, _kind(span.people)))
            elif span.is_covered:
                covers = self._label(span.people)
                pieces.append(Piece(covers, said, covers, is_covered=True))
            else:
                pieces.append(Piece(text[start:end], said, _kind(span.people), note=span.note))
        if at < len(text) or not pieces:
            pieces.append(Piece(text[at:]))
        return Masked(tuple(pieces))

    def _decided(self, text: str, cover: Collection[str]) -> list[_Span]:
        """Where the words stand that the reader covers, the longest first."""
        spans: list[_Span] = []
        for words in sorted(filter(None, cover), key=len, reverse=True):
            loose = r"\s+".join(re.escape(word) for word in _visible(words)[0].split())
            name = folded(words)
            people = self.names.whole.get(name) or self.names.alone.get(name) or self.names.surnames.get(name)
            for match in re.finditer(rf"(?<![^\W_]){loose}(?![^\W_])", text, re.IGNORECASE) if loose else ():
                span = _Span(*match.span(), people or frozenset({Person(f"words-{name}")}), True)
                if not span.meets(spans):
                    spans.append(span)
        return spans

    def _spans(self, text: str, plain: str, places: Sequence[int]) -> list[_Span]:
        words, spans, at = self._words(text, plain, places), [], 0
        while at < len(words):
            span, used = self._at(plain, words, at, _run(plain, words, at))
            if span is not None:
                if span.is_covered:
                    span, used = self._to_its_end(plain, words, at, used, span)
                spans.append(span)
            at += used
        return spans

    def _words(self, text: str, plain: str, places: Sequence[int]) -> list[_Word]:
        """Each word where it stands; one that is nobody's name, with something invisible inside, is several."""
        found: list[_Word] = []
        for word in _words_of(plain):
            cuts = [at for at in range(word.start + 1, word.end) if places[at] - places[at - 1] > 1]
            if not cuts or any(self.names.knows(name) for name in (word.folded, word.single)):
                found.append(word)
                continue
            for start, end in pairwise([word.start, *cuts, word.end]):
                found += [
                    replace(part, start=part.start + start, end=part.end + start)
                    for part in _words_of(plain[start:end])
                ]
        return found

    def _to_its_end(
        self, text: str, words: Sequence[_Word], at: int, used: int, span: _Span
    ) -> tuple[_Span, int]:
        """With what goes on with its last word by a hyphen, and the bracket or quote that closes what it opened."""
        end = span.end
        while at + used < len(words) and words[at + used].is_capital:
            if not _HYPHEN.fullmatch(text[end : words[at + used].start]):
                break
            end, used = words[at + used].end, used + 1
        said = text[span.start : end]
        for opening, closing in _CLOSING.items():
            alike = opening == closing
            is_open = said.count(opening) % 2 if alike else opening in said and closing not in said
            if is_open and text[end : end + 1] == closing:
                end += 1
        return replace(span, end=end), used

    def _at(self, text: str, words: Sequence[_Word], at: int, longest: int) -> tuple[_Span | None, int]:
        """What begins with this word, of at most so many words, and how many it takes."""
        first = words[at]
        if not ({first.folded, first.single} & self.names.heads or first.folded in _TITLES):
            return None, 1
        for count in range(longest, 0, -1):
            run = words[at : at + count]
            for name in _readings(run):
                if count > 1 and name in self.names.own:
                    return None, count
                people = self._named(run, name)
                if people:
                    return self._whole(run, name, people), count
                if count > 1 and name in self.names.staff:
                    return None, count
        return (
            self._titled(words, at, longest)
            or self._with_middle(text, words, at, longest)
            or self._surname(words, at, longest)
            or self._alone(words[at])
        )

    def _titled(self, words: Sequence[_Word], at: int, longest: int) -> tuple[_Span | None, int] | None:
        """A title, perhaps initials, and the longest surname that follows."""
        if words[at].folded not in _TITLES:
            return None
        first = 1
        while first < min(longest, 3) and len(words[at + first].folded) == 1:
            first += 1
        for count in range(longest, first, -1):
            run = words[at + first : at + count]
            for name in _readings(run):
                people = self.names.titled.get(name)
                if name in self.names.own:
                    return None, 1
                if people and not self._is_staff(name):
                    return _Span(words[at].start, run[-1].end, people, True), count
        return None, 1

    def _with_middle(
        self, text: str, words: Sequence[_Word], at: int, longest: int
    ) -> tuple[_Span | None, int] | None:
        """A forename and a surname, and between them one or two words that are nobody's name."""
        if longest < 3 or not {words[at].folded, words[at].single} & self.names.begin:
            return None
        for count in range(longest, 2, -1):
            run = words[at : at + count]
            for first in range(1, count - 1):
                for middle in (1, 2):
                    last = first + middle
                    if last >= count or not self._is_middle(text, run[first - 1 : last + 1]):
                        continue
                    kept = [*run[:first], *run[last:]]
                    for name in _readings(kept):
                        if name in self.names.own or name in self.names.staff:
                            return None, count
                        people = self._named(kept, name)
                        if people:
                            return self._whole(run, name, people), count
        return None

    def _is_middle(self, text: str, run: Sequence[_Word]) -> bool:
        """Whether the words but the first and last may be a middle name or nickname."""
        inner = run[1:-1]
        if any(one.folded in _NO_MIDDLE or self.names.knows(one.folded) for one in inner):
            return False
        gaps = [text[one.end : after.start] for one, after in pairwise(run)]
        if not all(map(_AROUND_MIDDLE.fullmatch, gaps)):
            return False
        return gaps[0].strip() != "" or all(one.is_capital or one.has_no_case for one in inner)

    def _surname(self, words: Sequence[_Word], at: int, longest: int) -> tuple[_Span | None, int] | None:
        """A surname alone: covered if it is of several words, else marked."""
        for count in range(longest, 0, -1):
            run = words[at : at + count]
            if count == 1 and (run[0].folded in self.names.alone or run[0].folded in self.names.own):
                return None
            for name in _readings(run):
                people = self.names.surnames.get(name)
                if not people or name in self.names.own:
                    continue
                if count == 1 and not run[0].is_capital and (_is_plain(name) or name != run[0].folded):
                    continue
                span = self._whole(run, name, people)
                if self._is_staff(name):
                    return replace(span, is_covered=False, note=SHARED), count
                return (span if count > 1 else replace(span, is_covered=False)), count
        return None

    def _alone(self, word: _Word) -> tuple[_Span | None, int]:
        for name in _readings([word]):
            people = self.names.alone.get(name)
            is_name = word.is_capital or (name not in _PLAIN_FORENAMES and name == word.folded)
            if name in self.names.own:
                break
            if people and is_name:
                note = SHARED if name in self.names.staff_words else ""
                return _Span(word.start, word.end, people, False, note), 1
        return None, 1

    def _is_staff(self, surname: str) -> bool:
        return all(word in self.names.staff_words for word in surname.split())

    def _named(self, run: Sequence[_Word], name: str) -> frozenset[Person] | None:
        """Whose whole name it is. One word is a name of two only in scripts that set no space between them."""
        if len(run) > 1 and len(run[0].folded) == 1 and not run[0].is_capital:
            return None  # an initial is a capital
        if len(run) == 1 and (name in self.names.own or not run[0].has_no_case):
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
        return worded("another student")
    return "another family" if all(person.of for person in people) else OTHER


def _letters(number: int) -> str:
    """A to Z, then AA, AB …"""
    before, last = divmod(number, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _visible(text: str) -> tuple[str, list[int]]:
    """The text without its invisible characters (soft hyphens, joiners, direction marks), and where each stood."""
    places = [at for at, sign in enumerate(text) if unicodedata.category(sign) != "Cf"]
    return "".join(text[at] for at in places), places


def _words_of(text: str) -> list[_Word]:
    """Each word where it stands, without the ’s of a possessive."""
    found = []
    for match in _WORD.finditer(text):
        said = _POSSESSIVE.sub("", match.group())
        found.append(_Word(said, match.start(), match.start() + len(said), folded(said)))
    return found


def _run(text: str, words: Sequence[_Word], at: int) -> int:
    """How many words from this one may belong to one name, by what stands between them."""
    count = 1
    for one, after in pairwise(words[at : at + _LONGEST]):
        between = text[one.end : after.start]
        if one.folded in _TITLES or (len(one.folded) == 1 and one.is_capital):
            between = between.removeprefix(".")
        if not _BETWEEN.fullmatch(between):
            break
        count += 1
    return count

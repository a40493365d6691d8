"""Putting a pack together: its days, what goes in, how each text was read, other people's reports; then its order."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pikepdf
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.crypto import get_random_string

from keywork import clock
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.school import load
from outbox import actions as outbox
from students.models import Student

from ..masking import Masked, Masker, names_around
from ..reading import may
from . import content, offers
from .models import EvidencePack, PackDocument, PackReading
from .words import FIELDS, NEEDED

MAKE = "reports.evidence_pack"


@dataclass(frozen=True, slots=True)
class PackRow:
    """An item as the pages show it: whether it goes in, its words with names covered, and how it was read."""

    item: offers.Item
    chosen: bool
    lines: tuple[tuple[str, Masked], ...] = ()
    reading: PackReading | None = None

    @property
    def is_read(self) -> bool:
        """Read as it stands now, or without words."""
        if not self.item.lines:
            return True
        return self.reading is not None and self.reading.digest == self.item.digest

    @property
    def changed(self) -> bool:
        return self.reading is not None and not self.is_read

    @property
    def covered(self) -> list[Any]:
        return [piece for _, masked in self.lines for piece in masked.covered]

    @property
    def marked(self) -> list[Any]:
        """Names to decide about, with those that somebody left standing."""
        return [piece for _, masked in self.lines for piece in masked.marked]


@transaction.atomic
def begin(*, student: Student, starts_on: date, ends_on: date, authority: str, by: User) -> EvidencePack:
    """Begin one, with what was chosen, written, read and added for the student's last."""
    before = EvidencePack.objects.filter(student=student).first()
    made = EvidencePack.objects.create(
        student=student,
        starts_on=starts_on,
        ends_on=ends_on,
        authority=authority,
        begun_by=by,
        begun_at=clock.now(),
        chosen=before.chosen if before else {},
        words=before.words if before else {},
    )
    if before is not None:
        for row in before.readings.exclude(key__startswith="document-"):
            row.pk, row.pack, row.version = None, made, 1
            row.save(force_insert=True)
        for document in before.documents.filter(removed_at__isnull=True):
            document.pk, document.pack = None, made
            document.save(force_insert=True)
    return made


def rows_of(pack: EvidencePack, reader: Any) -> list[PackRow]:
    """All that is offered, in the order of the pack, each with what was decided. Letters are those of what goes in.

    Of parts that are not the reader's to see nothing is offered, and nothing goes in.
    """
    every = [
        *offers.typed(pack.words),
        *offers.offered(pack.student, pack.starts_on, pack.ends_on, reader, load()),
        *offers.documents(pack.documents.filter(removed_at__isnull=True)),
    ]
    items = [item for item in every if may(offers.PARTS[item.part], reader, pack.student)]
    items.sort(key=lambda item: list(offers.PARTS).index(item.part))  # stable: within a part as offered
    readings = {one.key: one for one in pack.readings.select_related("by")}
    masker = Masker(names_around(pack.student))
    found = []
    for item in items:
        chosen = pack.chosen.get(item.key, item.chosen)
        reading = readings.get(item.key)
        lines = masked(item, reading, masker) if chosen else ()
        found.append(PackRow(item, chosen, lines, reading))
    return found


def masked(item: offers.Item, reading: PackReading | None, masker: Masker) -> tuple[tuple[str, Masked], ...]:
    leave = reading.leave if reading else ()
    cover = reading.cover if reading else ()
    return tuple(
        (label, masker.mask(words, leave=leave, cover=cover)) for label, words in item.lines if words
    )


def _locked(pack: EvidencePack, version: int | None = None) -> EvidencePack:
    row = EvidencePack.objects.select_for_update(of=("self",)).select_related("student").get(pk=pack.pk)
    if not row.is_open:
        raise Refused("This pack is ordered: it stays as it was read. Begin another for a change.")
    if version is not None and row.version != version:
        raise ChangedMeanwhile(row)
    return row


@transaction.atomic
def choose(*, pack: EvidencePack, offered: Collection[str], wanted: Collection[str], version: int) -> None:
    row = _locked(pack, version)
    row.chosen = {**row.chosen, **{key: key in wanted for key in offered}}
    row.version += 1
    row.save(update_fields=["chosen", "version"])


@transaction.atomic
def write(*, pack: EvidencePack, words: Mapping[str, str], authority: str, version: int) -> None:
    row = _locked(pack, version)
    row.words = {slug: words[slug].strip() for slug in FIELDS if words.get(slug, "").strip()}
    row.authority = authority
    row.version += 1
    row.save(update_fields=["words", "authority", "version"])


@dataclass(frozen=True, slots=True)
class Decision:
    """How one text was read: which names stay, which words are covered besides, why, and the digest of what was read."""

    key: str
    digest: str
    leave: Sequence[str] = ()
    cover: Sequence[str] = ()
    reason: str = ""


@transaction.atomic
def read(*, pack: EvidencePack, decisions: Sequence[Decision], by: User) -> None:
    """Keep that these texts were read, and what was decided. Raises Refused where a decision has no reason."""
    row = _locked(pack)
    kept = {
        one.key: one
        for one in row.readings.select_for_update(of=("self",)).filter(key__in=[d.key for d in decisions])
    }
    for one in decisions:
        if (one.leave or one.cover) and not one.reason:
            raise Refused("Say why, so that it can be told later", field=f"why-{one.key}")
        said = {
            "digest": one.digest,
            "leave": list(one.leave),
            "cover": list(one.cover),
            "reason": one.reason if one.leave or one.cover else "",
            "by": by,
            "at": clock.now(),
        }
        before = kept.get(one.key)
        if before is None:
            PackReading.objects.create(pack=row, key=one.key, **said)
        elif any(getattr(before, name) != said[name] for name in ("digest", "leave", "cover", "reason")):
            for name, value in said.items():
                setattr(before, name, value)
            before.version += 1
            before.save()


@transaction.atomic
def attach(*, pack: EvidencePack, facts: Mapping[str, Any], pdf: ContentFile, by: User) -> PackDocument:
    """Put somebody else's report behind it. `pdf` is cleaned already (students.uploads)."""
    row = _locked(pack)
    pdf.seek(0)
    data = pdf.read()
    with pikepdf.open(io.BytesIO(data)) as book:
        pages = len(book.pages)
    made = PackDocument(
        pack=row,
        sha256=hashlib.sha256(data).hexdigest(),
        pages=pages,
        added_by=by,
        added_at=clock.now(),
        **facts,
    )
    made.file.save(f"{get_random_string(32)}.pdf", ContentFile(data), save=False)
    made.save()
    return made


@transaction.atomic
def detach(*, document: PackDocument) -> None:
    _locked(document.pack)
    if document.removed_at is None:
        document.removed_at = clock.now()
        document.save(update_fields=["removed_at"])


def missing(pack: EvidencePack, rows: Sequence[PackRow]) -> list[str]:
    """What has to be done before it can be ordered, in words."""
    said = [f"Write “{FIELDS[slug][0]}”" for slug in NEEDED if not pack.words.get(slug)]
    unread = sum(row.chosen and not row.is_read for row in rows)
    if unread:
        said.append(f"Read {unread} text{'' if unread == 1 else 's'} for names")
    return said


@transaction.atomic
def order(*, pack: EvidencePack, by: User, version: int) -> EvidencePack:
    """Freeze what was read and have the file made. Raises Refused while something is missing."""
    row = _locked(pack, version)
    rows = rows_of(row, by)
    if todo := missing(row, rows):
        raise Refused(f"Not yet: {'; '.join(todo).lower()}.")
    row.ordered_by, row.ordered_at = by, clock.now()
    row.content = content.frozen(row, [one for one in rows if one.chosen], len(rows), load())
    row.version += 1
    row.save()
    outbox.do(MAKE, key=str(row.pk), pack=row.pk)
    return row

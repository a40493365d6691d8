"""Beginning a report, writing it, sending it to be checked, sending it back, approving it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from keywork import clock, school
from keywork.access import heads
from keywork.calendar import Term
from keywork.duty_words import listed
from keywork.errors import ChangedMeanwhile, Refused
from keywork.grouped import grouped
from keywork.models import User
from keywork.school import SchoolFacts
from keywork.words import worded
from students.models import Student

from .. import actions as making
from ..kinds import WRITTEN, ReportKind, students_of
from ..models import Batch
from ..reading import may
from ..sections import Offer, Section, Span
from .models import WrittenLine, WrittenReport

State = WrittenReport.State


@transaction.atomic
def begin(*, student: Student, kind: str, term: str, by: User | None) -> WrittenReport:
    """Begin a student's report of a term, filled from the record as it stands; the one there is, if it was begun.

    Raises Refused where there is nothing to report on.
    """
    facts = school.load()
    during, today = facts.calendar.term(term), clock.today()
    there = WrittenReport.objects.filter(student=student, kind=kind, term=during.id).first()
    if there is not None:
        return there
    if during.starts_on > today:
        raise Refused(f"{during.name} has not begun yet.")
    if not students_of(Student.objects.filter(pk=student.pk), during, today).exists():
        raise Refused(f"{student.known_as} was not on roll in {during.name}.")
    first, last = WRITTEN[kind].span(student, during, today)
    row, created = WrittenReport.objects.get_or_create(
        student=student,
        kind=WRITTEN[kind].slug,
        term=during.id,
        defaults={
            "starts_on": first,
            "ends_on": last,
            "filled_on": today,
            "started_at": clock.now(),
            "started_by": by,
            "version": 0,  # filled below, it is the first
        },
    )
    if created:
        _fill(row, facts)
    return row


@transaction.atomic
def fill_again(*, report: WrittenReport, starts_on: date, ends_on: date, version: int) -> WrittenReport:
    """Take what the record says of these days now. What was written, added or left out stays as it is."""
    row = _locked(report, version)
    _refuse_unless_written(row)
    row.starts_on, row.ends_on = starts_on, ends_on
    _fill(row, school.load())
    return row


def _fill(row: WrittenReport, facts: SchoolFacts) -> None:
    """New entries become lines; a line nobody touched follows its entry, and goes out with it."""
    kind = WRITTEN[row.kind]
    span = span_of(row, facts)
    row.facts = {section.key: section.facts(span) for section in kind.sections}
    row.filled_on = clock.today()
    row.version += 1
    row.save()
    there = {(line.section, line.key): line for line in row.lines.select_for_update(of=("self",))}
    for section in kind.sections:
        offers = list(section.offers(span))
        for place, offer in enumerate(offers):
            _offer(row, section, place, offer, there.pop((section.key, offer.key), None))
    for line in there.values():  # its entry is not there any more
        # What a student shared by name goes with their consent, whatever was written of it.
        follows = not line.words or line.shared_with is not None
        if line.added_by_id is None and follows and not line.is_left_out:
            line.left_out_at = clock.now()
            _counted_line(line, row.version, ["left_out_at"])


def _offer(row: WrittenReport, section: Section, place: int, offer: Offer, line: WrittenLine | None) -> None:
    said = {
        "place": place,
        "on": offer.on,
        "prompt": offer.prompt[:400],
        "about": offer.about[:80],
        "recorded": offer.words,
        "source": offer.source[:300],
        "url": offer.url,
        "shared_with": None if offer.shared_with is None else list(offer.shared_with),
    }
    if line is None:
        said |= {"in_version": row.version, "left_out_at": None if offer.chosen else clock.now()}
        WrittenLine.objects.create(report=row, section=section.key, key=offer.key, **said)
        return
    if line.is_left_out and line.left_out_by_id is None and offer.chosen:  # it went out with its entry
        said["left_out_at"] = None
    changed = [name for name, value in said.items() if getattr(line, name) != value]
    if changed:
        for name in changed:
            setattr(line, name, said[name])
        _counted_line(line, row.version, changed)


def span_of(row: WrittenReport, facts: SchoolFacts) -> Span:
    """The days it is about, as known today."""
    return Span(row.student, facts.calendar.term(row.term), row.starts_on, row.ends_on, clock.today(), facts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form of one section says of its lines: `words` and `left_out` by key of the line, and new lines."""

    words: Mapping[int, str]
    left_out: Sequence[int]
    new: Sequence[str] = ()


@transaction.atomic
def write_section(*, report: WrittenReport, section: str, wanted: Wanted, by: User) -> WrittenReport:
    """Save the lines of one section. Raises Refused once it is sent to be checked, and where it is not theirs."""
    row = WrittenReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    _refuse_unless_written(row)
    if not may(WRITTEN[row.kind].section[section], by, row.student_id):
        raise Refused("This section is written by others.")
    lines = {line.pk: line for line in row.lines.select_for_update(of=("self",)).filter(section=section)}
    now, touched = clock.now(), False
    for pk, line in lines.items():
        if pk not in wanted.words:
            continue
        typed = wanted.words[pk].strip()
        own = "" if typed == line.recorded else typed
        out = pk in wanted.left_out or (not typed and not line.prompt)
        if own != line.words or out != line.is_left_out:
            if not (out and not typed):  # emptied: left out, with the words it had
                line.words = own
            line.left_out_at = line.left_out_at or now if out else None
            line.left_out_by = line.left_out_by or by if out else None
            _counted_line(line, row.version + 1, ["words", "left_out_at", "left_out_by"])
            touched = True
    place = max((line.place for line in lines.values()), default=0)
    number = sum(line.added_by_id is not None for line in lines.values())
    for count, words in enumerate(wanted.new, 1):
        WrittenLine.objects.create(
            report=row,
            section=section,
            key=f"own-{number + count}",
            place=place + count,
            words=words,
            added_by=by,
            in_version=row.version + 1,
        )
        touched = True
    if touched:
        row.version += 1
        row.save(update_fields=["version"])
    return row


def missing(row: WrittenReport, lines: Iterable[WrittenLine] | None = None) -> list[Section]:
    """Sections that must say something and say nothing, or ask for words that are not there."""
    kind = WRITTEN[row.kind]
    rows = list(row.lines.all()) if lines is None else list(lines)
    standing = {line.section for line in rows if not line.is_left_out and line.text}
    asked = {line.section for line in rows if line.prompt and not line.is_left_out and not line.text}
    return [one for one in kind.sections if (one.needed and one.key not in standing) or one.key in asked]


def missing_in_all(rows: Collection[WrittenReport]) -> list[tuple[str, int]]:
    """Of several reports, the titles of what they still need, each with how many need it, the most first. One query."""
    lines = lines_of(rows)
    counted = Counter(section.title for row in rows for section in missing(row, lines[row.pk]))
    return counted.most_common()


def lines_of(reports: Iterable[WrittenReport]) -> dict[int, list[WrittenLine]]:
    """Of each report by its key, in their order. One query."""
    lines = WrittenLine.objects.filter(report__in=[one.pk for one in reports]).order_by("place", "pk")
    return grouped(lines, lambda line: line.report_id)


@transaction.atomic
def send(*, report: WrittenReport, by: User, version: int) -> WrittenReport:
    """Send it to be checked, as it is now. Raises Refused where a section says nothing yet."""
    row = _locked(report, version)
    _refuse_unless_written(row)
    if empty := missing(row):
        others = "a section that others write"
        titles = [f"“{one.title}”" if may(one, by, row.student_id) else others for one in empty]
        raise Refused(f"Nothing is written yet in {', '.join(titles)}. Write it, or leave the line out.")
    _fill(row, school.load())
    row.state, row.sent_at, row.sent_by, row.comment = State.SENT, clock.now(), by, ""
    row.save(update_fields=["state", "sent_at", "sent_by", "comment"])
    return row


@transaction.atomic
def take_back(*, report: WrittenReport, by: User, version: int) -> WrittenReport:
    """The writer goes on writing, while nobody has decided."""
    row = _locked(report, version)
    if row.state != State.SENT:
        raise Refused("It is not waiting to be checked any more.")
    row.state = State.DRAFT
    return _counted(row, ["state"])


@transaction.atomic
def send_back(*, report: WrittenReport, comment: str, by: User, version: int) -> WrittenReport:
    """Back to the writer, with what to change; also after it was approved."""
    row = _locked(report, version)
    if row.is_written:
        raise Refused("It is with its writer already.")
    if row.is_approved:
        making.set_aside(student=row.student_id, kind=row.kind, term=row.term, by=by)
    row.state, row.comment, row.decided_at, row.decided_by = State.RETURNED, comment, clock.now(), by
    return _counted(row, ["state", "comment", "decided_at", "decided_by"])


@transaction.atomic
def approve(*, reports: Sequence[WrittenReport], by: User) -> list[Batch]:
    """Approve those that wait to be checked, and have their PDFs made: an order for each kind and term.

    `reports` are of the version that was read. Raises ChangedMeanwhile where one is another now, Refused where none of
    them waits any more, where `by` sent one themselves, or a student has meanwhile shared their words with others or
    nobody.
    """
    read = {one.pk: one.version for one in reports}
    waiting = WrittenReport.objects.select_for_update(of=("self",)).filter(pk__in=read, state=State.SENT)
    rows = list(waiting.select_related("student").order_by("pk"))
    if not rows:
        raise Refused("None of these waits to be checked any more.")
    for row in rows:
        if row.version != read[row.pk]:
            raise ChangedMeanwhile(row)
        if not may_approve(row, by):
            raise Refused(approved_by_another(by))
        _refuse_unless_shared(row)
    orders: dict[tuple[str, str], list[Student]] = {}
    for row in rows:
        row.state, row.decided_at, row.decided_by = State.APPROVED, clock.now(), by
        _counted(row, ["state", "decided_at", "decided_by"])
        orders.setdefault((row.kind, row.term), []).append(row.student)
    return [
        making.order_batch(kind=kind, term=term, students=students, by=by, whole_school=True)
        for (kind, term), students in orders.items()
    ]


def may_approve(row: WrittenReport, user: User) -> bool:
    """Two people stand behind what leaves: whoever sent it to be checked does not approve it."""
    return row.sent_by_id != user.pk


def approved_by_another(writer: User) -> str:
    """Who approves what this person sent: another coordinator or, where there is none, the Head."""
    coordinators = User.objects.filter(is_active=True, roles__contains=["coordinator"])
    others = list(coordinators.exclude(pk=writer.pk)) or list(heads().exclude(pk=writer.pk))
    who = (
        listed([one.name for one in others], "or")
        if others
        else worded("a TSP coordinator or the Head of Social Education")
    )
    return f"You sent this report to be checked, so somebody else approves it: {who}"


def _refuse_unless_shared(row: WrittenReport) -> None:
    """May those still read it, with whom the student had shared what is in it?"""
    lines = row.lines.standing().filter(shared_with__isnull=False)
    if not lines:
        return
    span = span_of(row, school.load())
    now = {
        (section.key, offer.key): offer.shared_with
        for section in WRITTEN[row.kind].sections
        for offer in section.offers(span)
    }
    if any(sorted(now.get((line.section, line.key)) or ()) != sorted(line.shared_with) for line in lines):
        changed = f"{row.student.known_as} has meanwhile chosen other people who may read their words."
        raise Refused(f"{changed} Send it back, so that it is filled again.")


def _locked(report: WrittenReport, version: int) -> WrittenReport:
    row = WrittenReport.objects.select_for_update(of=("self",)).select_related("student").get(pk=report.pk)
    if row.version != version:
        raise ChangedMeanwhile(row)
    return row


def _counted(row: WrittenReport, changed: Sequence[str]) -> WrittenReport:
    row.version += 1
    row.save(update_fields=[*changed, "version"])
    return row


def _counted_line(line: WrittenLine, in_version: int, changed: Sequence[str]) -> None:
    line.version, line.in_version = line.version + 1, in_version
    line.save(update_fields=[*changed, "version", "in_version"])


def _refuse_unless_written(row: WrittenReport) -> None:
    if row.state == State.SENT:
        raise Refused("It is being checked. Take it back first to go on writing.")
    if row.is_approved:
        raise Refused("It is approved. Whoever approved it can send it back to you.")


def begin_all(kind: ReportKind, term: Term, facts: SchoolFacts) -> list[WrittenReport]:
    """A draft for everyone on roll who has none; each is begun alone, so that one that cannot be costs no other."""
    today = clock.today()
    have = WrittenReport.objects.filter(kind=kind.slug, term=term.id).values("student")
    return [
        begin(student=student, kind=kind.slug, term=term.id, by=None)
        for student in students_of(Student.objects.exclude(pk__in=have), term, today).on_roll(today)
    ]

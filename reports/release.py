"""Who gets which report: a list before anything goes out, a row for each person, with how it reaches them or why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import models

from keywork import contact_hold
from keywork.duty_words import listed
from keywork.grouped import grouped
from keywork.models import User
from students.models import FamilyLink

from .models import OutsideCopy, Recipient, Report


class State(models.TextChoices):
    ACCOUNT = "account", "Has an account"
    PAPER = "paper", "Needs paper"
    OUTSIDE = "outside", "Outside school"
    HELD = "held", "On hold"
    RESTRICTED = "restricted", "Restricted"
    NOBODY = "nobody", "Nobody to send to"
    KEPT = "kept", "Kept here"
    SENT = "sent", "Released"


DONE = (State.SENT, State.RESTRICTED, State.KEPT)  # nothing of these is left to send
GOING = (State.ACCOUNT, State.PAPER, State.OUTSIDE)  # what may be sent today


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One line of the list. `link` is one of the family, `outside` somebody who is not; where both are None, the line
    stands for `people` unnamed ones.
    """

    report: Report
    state: State
    link: FamilyLink | None = None
    outside: OutsideCopy | None = None
    people: int = 1
    held_until: date | None = None
    sent: Recipient | OutsideCopy | None = None
    part: bool = False  # the student's family has more than one household, and this copy is for one of them

    @property
    def goes(self) -> bool:
        return self.state in GOING

    @property
    def key(self) -> str:
        """The value of the row's tick box."""
        if self.outside is not None:
            return f"{self.report.pk}-outside-{self.outside.pk}"
        return f"{self.report.pk}-{self.link.member_id}" if self.link else ""

    @property
    def name(self) -> str:
        """Of the one person it is about; "" for several, or nobody."""
        if self.outside is not None:
            return self.outside.name
        return self.link.member.name if self.link else ""

    @property
    def works_here(self) -> bool:
        user = self.link.member.user if self.link else None
        return user is not None and user.is_school_staff

    @property
    def asked_for_letters(self) -> bool:
        return self.link is not None and self.link.preferred_channel == FamilyLink.Channel.LETTER

    @property
    def abroad(self) -> bool:
        return self.link is not None and self.link.member.abroad

    @property
    def two_homes(self) -> bool:
        return self.link is not None and not self.link.lives_with


def can_sign_in(user: User | None) -> bool:
    """Has this parent or carer an account they can open today? One invited and not yet in has not."""
    return (
        user is not None
        and user.signs_in_as("family")
        and (user.last_login is not None or user.has_usable_password())
    )


def release_rows(reports: Iterable[Report], on: date) -> list[ReleaseRow]:
    """The list for these reports (with their students) on a day, in the order given; five queries however many.

    A hold in force stops the whole family, every household of it, and whoever outside was put on the list. Somebody under a court restriction in force is
    counted once, never named, also where no report was written for their household. Those to whom a report went
    before keep their line; nobody is paired with what was written for another household.
    """
    reports = list(reports)
    students = {report.student_id for report in reports}
    open_links = FamilyLink.objects.filter(student__in=students, ended_on__isnull=True)
    in_order = open_links.select_related("member__user").order_by("priority", "pk")
    links = grouped(in_order, lambda link: link.student_id)
    may = set(FamilyLink.objects.for_reports(on).filter(student__in=students).values_list("pk", flat=True))
    sent = {(one.report_id, one.member_id): one for one in Recipient.objects.filter(report__in=reports)}
    held = contact_hold.students_on_hold(students, on)
    written = grouped(reports, lambda report: report.student_id)
    copies_outside = OutsideCopy.objects.standing().filter(report__in=reports).order_by("pk")
    outside = grouped(copies_outside, lambda copy: copy.report_id)
    rows: list[ReleaseRow] = []
    for report in reports:
        copies = written[report.student_id]
        theirs = [link for link in links[report.student_id] if report.is_for(link)]
        if report is copies[0]:
            theirs += [
                link
                for link in links[report.student_id]
                if link.is_restricted(on) and not any(copy.is_for(link) for copy in copies)
            ]
        made = _rows_of(report, theirs, may, sent, held.get(report.student_id), on)
        rows += [replace(row, part=True) for row in made] if len(copies) > 1 else made
        rows += [_outside(report, copy, held.get(report.student_id)) for copy in outside[report.pk]]
    return rows


def _outside(report: Report, copy: OutsideCopy, held_until: date | None) -> ReleaseRow:
    if copy.sent_at is not None:
        return ReleaseRow(report, State.SENT, outside=copy, sent=copy)
    if held_until is not None:
        return ReleaseRow(report, State.HELD, outside=copy, held_until=held_until)
    return ReleaseRow(report, State.OUTSIDE, outside=copy)


def _rows_of(
    report: Report,
    links: Sequence[FamilyLink],
    may: set[int],
    sent: dict[tuple[int, int], Recipient],
    held_until: date | None,
    on: date,
) -> list[ReleaseRow]:
    restricted = sum(link.is_restricted(on) for link in links)
    rows, waiting = [], []
    for link in links:
        envelope = sent.get((report.pk, link.member_id))
        if link.is_restricted(on):
            continue
        if envelope is not None:
            rows.append(ReleaseRow(report, State.SENT, link, sent=envelope))
        elif link.pk in may:
            waiting.append(link)
    if waiting and held_until is not None:
        rows.append(ReleaseRow(report, State.HELD, people=len(waiting), held_until=held_until))
    elif waiting:
        rows += [ReleaseRow(report, _reached_by(link), link) for link in waiting]
    elif not rows:
        rows.append(ReleaseRow(report, State.KEPT if report.kept else State.NOBODY, people=0))
    if restricted:
        rows.append(ReleaseRow(report, State.RESTRICTED, people=restricted))
    return rows


def _reached_by(link: FamilyLink) -> State:
    wants_letters = link.preferred_channel == FamilyLink.Channel.LETTER
    return State.PAPER if wants_letters or not can_sign_in(link.member.user) else State.ACCOUNT


def counted_by_state(rows: Iterable[ReleaseRow]) -> dict[str, int]:
    """People in each state; they add up to `all`. `copies` are all but those of whom a court says that none goes out."""
    counts = dict.fromkeys(State.values, 0)
    for row in rows:
        counts[row.state.value] += row.people
    everybody = sum(counts.values())
    return {**counts, "all": everybody, "copies": everybody - counts[State.RESTRICTED]}


BY = {State.ACCOUNT: "by link", State.PAPER: "on paper", State.OUTSIDE: "by link and code to people outside"}


def going_in_words(going: Mapping[str, int]) -> str:
    """Of the ticked: "3 copies: 2 by link and 1 on paper"; "1 copy, on paper"; "Nothing is ticked"."""
    ways = [(going[state], words) for state, words in BY.items() if going[state]]
    total = sum(count for count, _ in ways)
    if len(ways) < 2:
        return f"{_copies(total)}, {ways[0][1]}" if ways else "Nothing is ticked"
    return f"{_copies(total)}: {listed([f'{count} {words}' for count, words in ways])}"


def waiting_in_words(counts: Mapping[str, int], going: Mapping[str, int]) -> str:
    """ "1 ticked out by you and 2 on hold", "Nobody"."""
    out = sum(counts[state] - going[state] for state in GOING)
    ways = [(out, "ticked out by you"), (counts[State.HELD], "on hold")]
    there = [f"{count} {words}" for count, words in ways if count]
    return listed(there) if there else "Nobody"


def never_in_words(counts: Mapping[str, int]) -> str:
    """Who gets none, because of a court: counted, never named, and not among the copies."""
    restricted = counts[State.RESTRICTED]
    if not restricted:
        return "Nobody"
    several = f"{restricted} people under court restrictions"
    people = "1 person under a court restriction" if restricted == 1 else several
    return f"{people}, not counted among the copies"


def _copies(count: int) -> str:
    return "1 copy" if count == 1 else f"{count} copies"

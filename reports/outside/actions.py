"""Putting somebody outside on the release list of a report, sending them theirs, and what becomes of the link."""

from __future__ import annotations

from typing import Final, Literal

from django.db import transaction

from keywork import clock, contact_hold, outside
from keywork.errors import Refused
from keywork.models import User
from keywork.names import same_name
from keywork.outside import Outside
from outbox import actions as outbox
from students.models import FamilyLink, Student

from ..models import OutsideCopy, Report

MAIL: Final = "reports.outside"
REPORTS: Final = Outside("reports.outside", "keywork_report")  # the links of reports

State = Literal["waiting", "works", "ended", "closed", "taken_back"]

# Level (keywork.duties.LEVELS) and word of each state, for badges.
BADGES: Final = {
    "waiting": ("open", "On the release list"),
    "works": ("ok", "Sent"),
    "ended": ("soon", "Link ended"),
    "closed": ("soon", "Closed"),
    "taken_back": ("none", "Taken back"),
}


def state_of(copy: OutsideCopy) -> State:
    """How it stands now; one of a withdrawn report counts as taken back."""
    if copy.taken_back_at is not None or copy.report.withdrawn_at is not None:
        return "taken_back"
    if copy.sent_at is None:
        return "waiting"
    return outside.standing(expires_at=copy.expires_at, tries=copy.tries, now=clock.now())


@transaction.atomic
def add(*, report: Report, name: str, role: str, email: str, days: int, by: User) -> OutsideCopy:
    """Put somebody on the release list; nothing goes out yet. Raises Refused."""
    email = email.strip().lower()
    # Two people adding the same professional wait for each other.
    row = Report.objects.select_for_update(of=("self",)).select_related("student").get(pk=report.pk)
    if row.withdrawn_at is not None:
        raise Refused("This report was withdrawn")
    if not row.goes_outside:
        raise Refused("This copy was written for one home and goes to nobody else")
    if days not in outside.LINK_DAYS:
        raise Refused("Choose how long the link lasts", "days")
    if OutsideCopy.objects.standing().filter(report=row, email=email).exists():
        raise Refused("This person is on the list already", "email")
    if _is_family(row.student, email, name):
        raise Refused(
            "This is the name or the address of somebody in the family. They get theirs as family, or not",
            "email",
        )
    return OutsideCopy.objects.create(
        report=row,
        name=name.strip(),
        role=role.strip(),
        email=email,
        days=days,
        added_at=clock.now(),
        added_by=by,
    )


def _is_family(student: Student, email: str, name: str) -> bool:
    """Whoever is or was family gets what the release list says they get: a court's order among its reasons.

    "piotr+1@home.example" is the mailbox of piotr@home.example; whom a court shut out, their name alone tells.
    """
    for link in FamilyLink.objects.filter(student=student).select_related("member__user"):
        member = link.member
        addresses = {member.email, member.user.email if member.user else ""} - {""}
        shut_out = link.is_restricted(clock.today()) and same_name(name) == same_name(member.name)
        if shut_out or _mailbox(email) in map(_mailbox, addresses):
            return True
    return False


def _mailbox(email: str) -> str:
    name, _, domain = email.strip().lower().partition("@")
    return f"{name.partition('+')[0]}@{domain}"


def send(copy: OutsideCopy, by: User) -> str:
    """Send one its link, in the transaction of a release; gives the code, which is kept nowhere."""
    code = REPORTS.new_code(copy)
    REPORTS.new_address(copy)
    copy.works_until = REPORTS.lasts(copy, copy.days)
    copy.sent_at, copy.sent_by = clock.now(), by
    copy.save()
    _write(copy)
    return code


@transaction.atomic
def new_code(*, copy: OutsideCopy, by: User) -> str:
    """Another code for the same link: the old one is dead, and so is whoever came in with it. Raises Refused."""
    row = _locked(copy, "works", "closed")
    _refuse_on_hold(row)
    code = REPORTS.new_code(row)
    row.save(update_fields=["code_digest", "tries"])
    return code


@transaction.atomic
def new_link(*, copy: OutsideCopy, days: int, by: User) -> str:
    """Another link and code, from today on; the old link is dead. Gives the code. Raises Refused."""
    if days not in outside.LINK_DAYS:
        raise Refused("Choose how long the link lasts", "days")
    row = _locked(copy, "works", "closed", "ended")
    _refuse_on_hold(row)
    code = REPORTS.new_code(row)
    REPORTS.new_address(row)
    row.days, row.works_until = days, REPORTS.lasts(row, days)
    row.save()
    _write(row, again=True)
    return code


@transaction.atomic
def take_back(*, copy: OutsideCopy, by: User) -> OutsideCopy:
    """The link opens nothing from now on; one that was not sent is not. Raises Refused once taken back."""
    row = _locked(copy, "waiting", "works", "closed", "ended")
    row.taken_back_at, row.taken_back_by = clock.now(), by
    row.save(update_fields=["taken_back_at", "taken_back_by"])
    return row


def by_link(token: str) -> OutsideCopy | None:
    """The copy of a link that works now. None for any other: nobody is told why."""
    rows = OutsideCopy.objects.standing().select_related("report__student", "sent_by")
    copy = rows.filter(link_digest=outside.digest(token), sent_at__isnull=False).first()
    return copy if copy is not None and state_of(copy) == "works" else None


@transaction.atomic
def try_code(*, copy: OutsideCopy, code: str) -> bool:
    """Is this the code? Two tries at once wait for each other, so that none goes uncounted."""
    row = _row(copy)
    return state_of(row) == "works" and REPORTS.try_code(row, code)


def opened(copy: OutsideCopy) -> None:
    """Remember when the whole of it first went out by its link."""
    OutsideCopy.objects.filter(pk=copy.pk, opened_at__isnull=True).update(opened_at=clock.now())


def _write(copy: OutsideCopy, *, again: bool = False) -> None:
    """`again`: the link in this mail takes the place of that of one before."""
    outbox.do(MAIL, key=str(copy.pk), copy=copy.pk, again=again)


def _refuse_on_hold(copy: OutsideCopy) -> None:
    if contact_hold.on_hold(copy.report.student_id, clock.today()):
        raise Refused("Home contact is on hold, so nothing is sent now. Ask the safeguarding lead")


def _row(copy: OutsideCopy) -> OutsideCopy:
    return OutsideCopy.objects.select_for_update(of=("self",)).select_related("report").get(pk=copy.pk)


def _locked(copy: OutsideCopy, *states: State) -> OutsideCopy:
    row = _row(copy)
    found = state_of(row)
    if found not in states:
        words = {
            "waiting": "It has not been sent yet. Release it first",
            "works": "The link works",
            "ended": "The link has ended. Send a new link",
            "closed": "The link was closed after too many wrong codes. Make a new code",
            "taken_back": "It has been taken back",
        }
        raise Refused(words[found])
    return row

"""How a change of assignments is said, before and after it is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from keywork import clock, contact_hold, duties
from keywork.actions import assignments as actions
from keywork.dates import day_in_full
from keywork.duty_words import inside, listed
from keywork.models import Assignment, User
from keywork.numbers import in_words
from keywork.policy import plural
from keywork.words import worded
from students.models import Student

from .due_summary import is_overdue
from .made_known import around
from .notifications import NOTIFIED_AT_HOME, family_accounts

Kind = Assignment.Kind


def day_words(day: date | None) -> str:
    assert day is not None
    return day_in_full(day, clock.today())


def post_word(kind: str) -> str:
    """ "Leila’s keyworker", "Leila’s core team member"."""
    return "core team member" if kind == Kind.CORE else Kind(kind).label.lower()


def counted(count: int, thing: str = "") -> str:
    """ "Three students", "Three": begins a sentence."""
    things = thing if count == 1 or not thing else plural(thing)
    words = f"{in_words(count)} {worded(things)}".rstrip()
    return words[0].upper() + words[1:]


def holder(assignments: Iterable[Assignment], day: date) -> Assignment | None:
    return next(
        (row for row in assignments if row.starts_on <= day and (row.ends_on is None or day <= row.ends_on)),
        None,
    )


def load_line(user: User, on: date) -> str:
    """ "Bronwen then has 4 of 5 students." counted after the change."""
    load = actions.load_of(user, on)
    short = user.get_short_name()
    if load.cap is None:
        return f"{short} then has {load.students} {worded('student' if load.students == 1 else 'students')}."
    above = f": {load.students - load.cap} above the limit" if load.is_over else ""
    return f"{short} then has {load.students} of {load.cap} {worded('students')}{above}."


def still_overdue(student: Student) -> list[str]:
    """The clock belongs to the student and does not restart (C14, H7)."""
    states = duties.states_for([student], clock.today())[student.pk]
    return [
        f"{student.known_as}’s overdue {inside(state.name)} stays overdue."
        for state in states
        if is_overdue(state)
    ]


def hand_over_line(leaving: Sequence[User], on: date) -> list[str]:
    """Who writes the hand-over note: whoever goes, while they are still in post, or else the reader of this."""
    names = [user.get_short_name() for user in leaving]
    if not names:
        return []
    if on > clock.today() and all(user.is_active for user in leaving):
        return [
            f"{listed(names)} {'is' if len(names) == 1 else 'are'} asked on Today to write the hand-over note."
        ]
    return [worded("Only you can still write a hand-over note: under Keyworkers, on the student’s page.")]


def notified_around(students: Sequence[Student], on: date, but: Sequence[User]) -> list[str]:
    """The staff around these students, and their house leaders, who hear of a keyworker as well."""
    people = around([one.pk for one in students], on, [user.pk for user in but])
    if not people:
        return []
    names = [user.get_short_name() for user in people]
    whom = students[0].known_as if len(students) == 1 else f"these {worded('students')}"
    are = "is" if len(names) == 1 else "are"
    work = "works" if len(names) == 1 else "work"
    return [f"{listed(names)}, who {work} with {whom}, {are} told who it is."]


def notified(staff: Sequence[User], kind: str, students: Sequence[Student]) -> str:
    """Who gets an e-mail, and what to do when nobody at home does."""
    names = list(dict.fromkeys(user.get_short_name() for user in staff if user.is_written_to))
    everyone = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    by_mail = f"{everyone} {'is' if len(names) == 1 else 'are'} told by e-mail." if names else ""
    if kind not in NOTIFIED_AT_HOME:
        return by_mail or "Nobody is told by e-mail."
    whose = f"{students[0].known_as}’s family" if len(students) == 1 else "the families"
    count = len(family_accounts([student.pk for student in students]))
    if not count:
        return f"{by_mail} Nobody in {whose} has a Keywork account, so please tell them yourself.".strip()
    are, people = ("is", "person") if count == 1 else ("are", "people")
    return f"{by_mail} So {are} {in_words(count)} {people} in {whose}. {_later(students)}".strip()


def _later(students: Sequence[Student]) -> str:
    """Of whose home hears of it later."""
    if len(students) == 1:
        return contact_hold.hears_later(students[0].pk)
    held = contact_hold.students_on_hold([one.pk for one in students], clock.today())
    names = listed([one.known_as for one in students if one.pk in held])
    return (
        f"Home contact is on hold for {names}: nobody there is told now. The letter goes by itself when the hold ends."
        if held
        else ""
    )

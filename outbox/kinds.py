"""What can be done after a commit, by name: each app registers its functions in its `tasks` module.

    @kinds.job("reports.make", "Reports")
    def make(batch: int, students: list[int]) -> Iterator[None]: …

    @kinds.mail("keywork.invitation", "Invitations", waits=False)
    def invitation(user: int) -> Iterator[Letter]: …

A function is called with the arguments of its row: ids and little more (outbox.actions.do). It may be called again
after it was interrupted, and has to be safe for that. A job may be a generator: at each `yield` something of it is
done for good, and its worker keeps it. A mail says which letters there are; each is sent once (outbox.sending).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

Do = TypeVar("Do", bound=Callable[..., Any])
# Of several kinds, so that the administrator cannot tell which it is: some are about what they may not know.
STAFF_MAIL = "Mail to staff"
MAIL_QUEUE, PRINTING_QUEUE = "celery", "printing"  # of Celery; all that is quick is in the first
FIRST, LAST = 0, 9  # priorities within a queue, as kombu's Redis has them
TRIES = 5  # of a job that fails, without anything of it getting done


class Addressee(Protocol):
    """A row that says whom to write to and where: an account, an ask, an account as it was."""

    pk: Any
    email: Any

    @property
    def name(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail to one person. `part` tells two apart that one person gets by the same row.

    `sent` is called in the transaction that writes down that it was sent. One to an address that somebody has left
    `may_be_refused`: then it is no longer needed, and nobody has to put anything right. An answer goes to `reply_to`.
    One that the school sends home is about the students (ids) of `home`: while home is left alone about one of them it
    is kept, and its function is asked again before it goes. One that is only `for_now` is dropped instead. What
    somebody asked for about their own account has no `home`: nothing may stop it.
    """

    to: Addressee
    subject: str
    body: str
    part: str = ""
    sent: Callable[[], Any] | None = None
    may_be_refused: bool = False
    reply_to: str = ""
    home: tuple[int, ...] = ()
    for_now: bool = False


class NotDone(Exception):
    """Some of it could not be done; it is tried again. The text says why, in a sentence without personal data."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """`words` name it on the administrator's page, in the plural; kinds of the same words are one line there.

    A mail that `waits` goes to staff and is not urgent: it is kept for the hours in which they are written to (`opens`).
    What is `large` comes after all else that waits in its queue. What `speaks_to_mail` is for the worker that reaches
    the school's mail servers.
    """

    name: str
    words: str
    function: Callable[..., Any]
    is_mail: bool
    tries: int = TRIES
    large: bool = False
    speaks_to_mail: bool = False
    waits: bool = False


Hours = Callable[[datetime], datetime]
LeftAlone = Callable[[Collection[int]], Mapping[int, datetime]]
KINDS: dict[str, JobKind] = {}
_hours: list[Hours] = []
_left_alone: list[LeftAlone] = []


def job(
    name: str, words: str, *, tries: int = TRIES, large: bool = False, speaks_to_mail: bool = False
) -> Callable[[Do], Do]:
    """Register a job; `tries` are all it gets when nothing of it is done in any."""
    return _registered(JobKind(name, words, _unknown, False, tries, large, speaks_to_mail))


def mail(name: str, words: str, *, waits: bool) -> Callable[[Do], Do]:
    """Register a mail: the function answers with its letters. Only one to staff alone may be one that `waits`."""
    return _registered(JobKind(name, words, _unknown, True, waits=waits))


def staff_hours(function: Hours) -> Hours:
    """Register what says when staff may be written to next."""
    _hours.append(function)
    return function


def opens(name: str, at: datetime) -> datetime:
    """`at` itself, or the earliest moment after it at which a job of this kind may be done."""
    kind = KINDS.get(name)
    return _hours[-1](at) if kind is not None and kind.waits and _hours else at


def homes(function: LeftAlone) -> LeftAlone:
    """Register what says of students (ids) which of their homes are left alone now, and from when they are written to."""
    _left_alone.append(function)
    return function


def left_alone(students: Collection[int]) -> Mapping[int, datetime]:
    return _left_alone[-1](students) if students and _left_alone else {}


def queue_of(name: str) -> str:
    """Mail has a queue and a worker of its own, so that none waits until reports are printed."""
    kind = KINDS.get(name)
    return MAIL_QUEUE if kind is None or kind.is_mail or kind.speaks_to_mail else PRINTING_QUEUE


def priority_of(name: str) -> int:
    """Its place in its queue: one report that somebody waits for is not behind those of a whole school."""
    kind = KINDS.get(name)
    return LAST if kind is not None and kind.large else FIRST


def _registered(kind: JobKind) -> Callable[[Do], Do]:
    def register(function: Do) -> Do:
        if kind.name in KINDS:
            raise ValueError(f"Two functions are called {kind.name}.")
        KINDS[kind.name] = replace(kind, function=function)
        return function

    return register


def _unknown(**ids: Any) -> None:
    """Until `register` says which."""

"""How far a version of a plan has been read, and what changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from enquiries.models import Enquiry
from keywork import clock
from keywork.absences import away_until
from keywork.dates import day_in_full, london_date
from keywork.models import User

from .actions import asked_about, readers_of
from .models import PlanVersion


class Reader(NamedTuple):
    """Somebody who must read it, or did: the badge, and what stands under the name."""

    user: User
    post: str
    state: str  # wrote, read, away, late, waiting
    words: str
    question: str

    @property
    def badge(self) -> tuple[str, str]:
        return {
            "wrote": ("ok", "Wrote it"),
            "read": ("ok", "Read"),
            "away": ("none", "Away"),
            "late": ("overdue", "Not yet"),
            "waiting": ("soon", "Not yet"),
        }[self.state]


class ReadBefore(NamedTuple):
    """That somebody read the version before this one."""

    number: int
    on: date
    question: str


class Reading(NamedTuple):
    """Who has read the version in force: those who have not come first."""

    readers: list[Reader]
    mine: Reader | None

    @property
    def must(self) -> list[Reader]:
        return [one for one in self.readers if one.post]

    @property
    def done(self) -> int:
        return sum(one.state in ("read", "wrote") for one in self.must)

    @property
    def missing(self) -> list[Reader]:
        return [one for one in self.must if one.state not in ("read", "wrote")]


ORDER = ("late", "waiting", "away", "read", "wrote")


def reading_of(version: PlanVersion, reader: User) -> Reading:
    """Of the version in force; five queries."""
    today = clock.today()
    holders = readers_of(version.plan, today)
    asked = {
        row.user: row for row in asked_about([version]) if row.withdrawn_at is None and row.user is not None
    }
    before = _read_before(version)
    away = away_until(today, [user.pk for user in holders])
    people = {
        **holders,
        **{user: "" for user, row in asked.items() if row.answered_at and user not in holders},
    }
    found = [
        _reader(version, user, post, asked.get(user), before.get(user.pk), away.get(user.pk), today)
        for user, post in people.items()
    ]
    found.sort(key=lambda one: ORDER.index(one.state))
    return Reading(found, next((one for one in found if one.user == reader), None))


def _reader(
    version: PlanVersion,
    user: User,
    post: str,
    asked: Enquiry | None,
    before: ReadBefore | None,
    away: date | None,
    today: date,
) -> Reader:
    if user.pk == version.written_by_id:
        return Reader(user, post, "wrote", day_in_full(version.written_on, today), "")
    if asked is not None and asked.answered_at is not None:
        on = london_date(asked.answered_at)
        return Reader(user, post, "read", day_in_full(on, today), _question(asked))
    said = [f"Read version {before.number} on {day_in_full(before.on, today)}"] if before else []
    question = before.question if before else ""  # until they have read this one
    if asked is None:
        said.append("Joined the team, and is asked tomorrow morning")
    elif asked.reminded_at is not None:
        said.append(f"Reminded on {day_in_full(london_date(asked.reminded_at), today)}")
    if away is not None:
        said.append(f"Away until {day_in_full(away, today)}, and reminded after that")
        return Reader(user, post, "away", ". ".join(said), question)
    late = asked is not None and asked.answer_by < today
    return Reader(user, post, "late" if late else "waiting", ". ".join(said), question)


def _question(row: Enquiry) -> str:
    return str(row.answers.get("question", ""))


def _read_before(version: PlanVersion) -> Mapping[int, ReadBefore]:
    """Who has read the version before, when, and what they asked."""
    earlier = version.plan.versions.filter(number=version.number - 1).first()
    if earlier is None:
        return {}
    rows = asked_about([earlier]).filter(answered_at__isnull=False)
    found = {
        row.user_id: ReadBefore(earlier.number, london_date(row.answered_at), _question(row)) for row in rows
    }
    found[earlier.written_by_id] = ReadBefore(earlier.number, earlier.written_on, "")
    return found


class Change(NamedTuple):
    key: str
    title: str
    before: str
    now: str


def changes(before: PlanVersion | None, now: PlanVersion) -> tuple[list[Change], list[str]]:
    """The parts that differ, and the titles of those that are the same."""
    if before is None:
        return [], []
    kind = now.plan.of_kind
    old, new = before.words, now.words
    titles = [(key, title) for key, title, _ in kind.ordered({**old, **new})]
    differs = [
        Change(key, title, old.get(key, ""), new.get(key, ""))
        for key, title in titles
        if old.get(key, "") != new.get(key, "")
    ]
    return differs, [title for key, title in titles if old.get(key, "") == new.get(key, "")]


def read_counts(versions: list[PlanVersion]) -> dict[int, int]:
    """How many have read each version, its writer among them; one query."""
    found: dict[int, int] = {one.pk: 1 for one in versions}
    for row in asked_about(versions):
        if row.answered_at is not None:
            found[int(row.period)] += 1
    return found


def unread(versions: list[PlanVersion]) -> dict[int, int]:
    """How many have still to read each version; one query."""
    found: dict[int, int] = {}
    for row in asked_about(versions):
        if row.answered_at is None and row.withdrawn_at is None:
            found[int(row.period)] = found.get(int(row.period), 0) + 1
    return found


def kept_by(version: PlanVersion, holders: Mapping[str, Any]) -> str:
    """ "Ros Whitcombe, with Tunde Ashgrove": who keep it; `holders` are names by the kind of assignment."""
    names = [holders[kind] for kind in version.plan.of_kind.kept_by if kind in holders]
    return ", with ".join(names)

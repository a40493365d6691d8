"""What a restorative record says was agreed, as actions of its student: nobody types it again, and nothing is taken twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils.text import Truncator

from care.meetings import actions as agreeing
from care.models import Action
from keywork import clock
from keywork.dates import day_in_full
from keywork.errors import Refused
from keywork.models import User

from ..models import Sheet
from ..questions import templates
from .answers import row_of, stored_answers

LONGEST = Action._meta.get_field("what").max_length or 0


class Agreed(NamedTuple):
    """One line of the record; `who` and `by` as they were written, if they were."""

    words: str
    who: str
    by: date | None

    @property
    def key(self) -> str:
        return hashlib.sha256(self.words.encode()).hexdigest()[:12]

    @property
    def written(self) -> str:
        """Who and by when, as the record has it."""
        told = [self.who, f"by {day_in_full(self.by, clock.today())}" if self.by else ""]
        return f"In the record: {', '.join(filter(None, told))}" if any(told) else ""

    @property
    def due_on(self) -> date | None:
        """Its day, while that can still be asked for."""
        return self.by if self.by is not None and self.by >= clock.today() else None

    def owner(self, staff: Sequence[User]) -> User | None:
        """Whoever is written there, where that is one of these and nobody else."""
        who = self.who.casefold()
        for name in (User.get_full_name, User.get_short_name):
            found = [user for user in staff if name(user).casefold() == who]
            if len(found) == 1:
                return found[0]
        return None


def left(sheet: Sheet) -> list[Agreed]:
    """The lines of a record that is done, without those that were taken already and those that the student does."""
    if sheet.done_at is None or sheet.voided_at is not None:
        return []
    taken = set(Action.objects.filter(repair_id=sheet.pk).values_list("what", flat=True))
    student = sheet.student
    own = {name.casefold() for name in (student.known_as, student.name)}
    return [one for one in _lines(sheet) if one.words not in taken and one.who.casefold() not in own]


def _lines(sheet: Sheet) -> list[Agreed]:
    """Two that say the same are told apart by who does it."""
    tool, stored = templates.version(sheet.template_id).tool(sheet.tool), stored_answers(sheet)
    fields = [one.slug for one in (*tool.fields, *tool.retired) if one.type == "action_list"]
    rows = [row for name in fields if name in stored for row in stored[name].value or []]
    times = Counter(row["what"] for row in rows)
    found: dict[str, Agreed] = {}
    for row in rows:
        words = row["what"] if times[row["what"]] == 1 or not row["who"] else f"{row['what']} ({row['who']})"
        by = date.fromisoformat(row["by"]) if row["by"] else None
        words = Truncator(words).chars(LONGEST)
        found.setdefault(words, Agreed(words, row["who"], by))
    return list(found.values())


@transaction.atomic
def take(*, by: User, sheet: Sheet, chosen: Mapping[str, tuple[User, date]]) -> list[Action]:
    """Lines (keys) with who does each by when. What somebody took meanwhile is left as they took it. Raises Refused.

    Whoever calls it has looked at who may write there.
    """
    if not chosen:
        raise Refused("Choose what somebody is to do")
    row = row_of(sheet)
    found = [(one.words, *chosen[one.key]) for one in left(row) if one.key in chosen]
    if not found:
        raise Refused("This was added already, or the record says something else now")
    return [
        agreeing.agree(
            by=by, student=row.student, repair_id=row.pk, level="general", what=what, owner=owner, due_on=due
        )
        for what, owner, due in found
    ]

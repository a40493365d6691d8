"""What the log lends to care: entries that can be shown to a named person, what was agreed and goes on for the talk before
a review, and what ticks a point of a list by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from care.checklists.ticks import Tick
from care.reviews.heads import HeadLine
from care.sharing.items import Item
from keywork import clock
from keywork.dates import day_in_full

from .agreeing import to_ask
from .facts import approved, standing
from .models import HomeContact, KeyworkSession
from .timeline import contact_title


def contact(pk: int, reader: Any) -> Item | None:
    """With its words alone: not what home sees of it, nor who else was on the call."""
    row = _row(HomeContact, pk, reader)
    return row and _item(row, contact_title(row), "contacts:contact", [("What was said", row.notes)])


def session(pk: int, reader: Any) -> Item | None:
    row = _row(KeyworkSession, pk, reader)
    parts = [("What was said", row.notes), ("Agreed", row.agreed)] if row else []
    return row and _item(row, "Keywork session", "contacts:session", parts)


def _row(model: Any, pk: int, reader: Any) -> Any:
    rows = model.objects.filter(voided_on__isnull=True)
    rows = rows if reader is None else rows.readable_by(reader)
    return rows.filter(pk=pk).select_related("student", "made_by").first()


def _item(row: Any, title: str, page: str, parts: list[tuple[str, str]]) -> Item:
    day = day_in_full(row.happened_on, clock.today())
    said = [(name, words) for name, words in parts if words] or [("What was said", "No words were written.")]
    return Item(
        row.student,
        f"{title}, {day}",
        [*said, ("Written by", row.made_by.name)],
        reverse(page, args=[row.pk]),
    )


def _spoken() -> QuerySet:
    rows = HomeContact.objects.filter(standing(None), approved(None))
    return rows.filter(outcome=HomeContact.Outcome.TWO_WAY, person_marked=True)


def _held() -> QuerySet:
    rows = KeyworkSession.objects.filter(standing(None), approved(None))
    return rows.filter(status=KeyworkSession.Status.HELD)


CONTACT = Tick("contact", "Home was spoken with", _spoken, "happened_on", "contacts:contact")
SESSION = Tick("session", "A keywork session was held", _held, "happened_on", "contacts:session")


class AgreedHeads:
    def heads(self, student: Any, reader: Any, since: date, school: Any) -> Mapping[str, Sequence[HeadLine]]:
        lines = [
            HeadLine(
                one.words, url=reverse("contacts:session", args=[one.session]), link="The session", on=one.on
            )
            for one in to_ask(student, reader)
        ]
        return {"agreed_strategies": lines}

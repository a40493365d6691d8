"""How each enquiry stands, as whoever asked reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keywork import clock
from keywork.access import allows
from keywork.dates import london_date
from keywork.editing import as_posted, in_words
from keywork.forms import KeyworkForm
from keywork.mail_words import trouble
from keywork.models import User
from outbox import actions as outbox

from . import states
from .actions import MAIL, MAIL_TO_STAFF, state_of
from .kinds import abouts, kind_of
from .models import Enquiry, EnquiryQuerySet

AGAIN = "Ask another way, or take it back and ask again with the right address."


@dataclass(frozen=True, slots=True)
class EnquiryLine:
    """One enquiry. `answers` are questions and what was said, for those who may read them here."""

    enquiry: Enquiry
    state: states.State
    level: str
    word: str
    about: str
    read_at: str
    answers: Sequence[tuple[str, str]]
    may_remind: bool
    trouble: str

    @property
    def name(self) -> str:
        one = self.enquiry
        return ", ".join(filter(None, (one.respondent, one.role)))

    @property
    def followed_at(self) -> str:
        return kind_of(self.enquiry).followed_at(self.enquiry)

    @property
    def may_withdraw(self) -> bool:
        return self.state in ("waiting", "barred", "ended", "closed")

    @property
    def may_have_code(self) -> bool:
        return self.enquiry.by_link and self.state in ("waiting", "closed")

    @property
    def may_have_link(self) -> bool:
        return self.enquiry.by_link and self.state in ("waiting", "ended", "closed")


def lines_of(rows: EnquiryQuerySet, reader: User) -> list[EnquiryLine]:
    """In the order of the rows; four queries."""
    today = clock.today()
    found = list(rows.select_related("user", "member", "asked_by"))
    barred = set(rows.barred(today).order_by().values_list("pk", flat=True))
    mails = outbox.latest_of([MAIL, MAIL_TO_STAFF], [row.pk for row in found])
    about, lines = abouts(found), []
    for row in found:
        kind, state = kind_of(row), state_of(row, row.pk in barred)
        level, word = states.BADGES[state]
        if level == "open" and states.is_late(state, row.answer_by, today):
            level = "soon"
        reminded = london_date(row.reminded_at) if row.reminded_at else None
        may_read = bool(row.answers) and allows(reader, kind.read_by, row.student_id)
        lines.append(
            EnquiryLine(
                row,
                state,
                level,
                word,
                about[row.pk],
                kind.read_at(row) if state == "answered" else "",
                answers_of(kind.form(), row) if may_read else (),
                states.may_remind(state, london_date(row.asked_at), reminded, today),
                trouble(mails.get(str(row.pk)), "The mail", AGAIN) if state == "waiting" else "",
            )
        )
    return lines


def answers_of(form: KeyworkForm, row: Enquiry) -> list[tuple[str, str]]:
    """Each question that was answered, and the answer as it was chosen or written."""
    found = []
    for name, field in form.fields.items():
        value = row.answers.get(name)
        if value not in (None, "", []):
            found.append((str(field.label), in_words(field, as_posted(field, value))))
    return found

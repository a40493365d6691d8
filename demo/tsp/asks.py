"""Team input asked for and given, inside and out; reminders of the coordinator; changes to the form proposed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from tsp.enquiries import INPUT
from tsp.models import Tool

from ..history import Row
from ..people import School, Staff
from . import words_sheets as said
from .rows import Pen, at
from .sheets import finish, new_sheet, put_answers
from .stories import Story
from .when import Span
from .windows import Done
from .words_examples import EXAMPLES

_DAY = timedelta(days=1)
# (name, role, setting): invented, and reachable nowhere.
OUTSIDE: tuple[tuple[str, str], ...] = (
    ("Hollis Quarmby-Adeyemi", "Educational psychologist"),
    ("Perpetua Fisk-Oyelaran", "Speech and language therapist"),
    ("Ottoline Mbeki-Grange", "Occupational therapist"),
    ("Wynford Castellane-Shah", "Nurse, community CAMHS"),
)
QUESTIONS = (
    "What has changed since the summer, and what helps?",
    "How does {n} get on with others in your lessons?",
    "We are reviewing goals: what have you seen, and with how much help?",
    "",
)
EXCUSED = (
    "I only see the group together, so I cannot say anything of {n} alone.",
    "Away until next week. Please ask Sunniva.",
)
UNUSABLE = "!asked-in-the-demo"  # opens with no code


def asks_of(pen: Pen, terms: Sequence[Done], story: Story) -> None:
    rng = pen.rng
    for done in terms:
        span = done.span
        if span.is_now and pen.student.left is None:
            states: Iterable[str] = story.asks or (
                rng.choices(
                    ("waiting mentor", "answered teacher", "excused mentor", "outside", "expired"),
                    (30, 25, 8, 5, 3),
                    k=1,
                )
                if rng.random() < 0.3
                else ()
            )
            for state in states:
                _now(pen, span, state)
        elif done.review_on and rng.random() < (0.65 if span.ago <= 2 else 0.15):
            for kind in rng.sample(("mentor", "teacher", "deputy"), rng.choice((1, 1, 2))):
                _inside(pen, span, kind, "answered", done.review_on - 12 * _DAY, done.review_on)
            if rng.random() < 0.06:
                _outside(pen, span, "answered", done.review_on - 14 * _DAY, done.review_on)


def _now(pen: Pen, span: Span, state: str) -> None:
    today = pen.school.today
    what, _, whom = state.partition(" ")
    if what in ("outside", "expired"):
        asked = max(span.first, today - (27 if what == "expired" else 5) * _DAY)
        _outside(pen, span, what, asked, today - _DAY)
        return
    asked = max(span.first, today - (4 if what == "waiting" else 16) * _DAY)
    _inside(pen, span, whom, what, asked, today - 2 * _DAY)


def _inside(pen: Pen, span: Span, kind: str, what: str, asked: date, until: date) -> None:
    colleague = pen.holder(kind, asked)
    if colleague is None or asked < span.first:
        return
    keyworker = pen.keyworker(asked)
    if colleague.id == keyworker.id:
        return
    row = _ask(pen, span, asked, keyworker, user_id=colleague.id)
    if what == "excused":
        row |= {
            "declined_at": at(min(asked + 2 * _DAY, until), "12:40"),
            "declined_words": pen.say(pen.rng.choice(EXCUSED), asked),
        }
    elif what == "answered":
        _given(pen, span, row, asked, until, colleague)


def _outside(pen: Pen, span: Span, what: str, asked: date, until: date) -> None:
    if asked < span.first:
        return
    name, role = pen.rng.choice(OUTSIDE)
    link = hashlib.sha256(f"{pen.student.id} {span.term.id} {name} {pen.rng.random()}".encode()).hexdigest()
    row = _ask(
        pen,
        span,
        asked,
        pen.keyworker(asked),
        name=name,
        role=role,
        email=f"{name.lower().replace(' ', '.')}@outside.example",
        link_digest=link,
        code_digest=UNUSABLE,
        expires_at=at(asked + 14 * _DAY, "10:15"),
    )
    if what == "answered":
        _given(pen, span, row, asked, until, None, f"{name}, {role}")


def _ask(pen: Pen, span: Span, asked: date, keyworker: Staff, **whom: Any) -> Row:
    rng = pen.rng
    slugs = [area.slug for area in pen.form.areas]
    areas = sorted(rng.sample(slugs, rng.choice((2, 3, 4))), key=slugs.index) if rng.random() < 0.8 else []
    return pen.rows.add(
        "asks",
        student_id=pen.student.id,
        kind=INPUT,
        period=span.term.id,
        parts=areas,
        question=pen.say(rng.choice(QUESTIONS), asked),
        asked_at=at(asked, "10:15"),
        asked_by_id=keyworker.id,
        answer_by=asked + rng.choice((7, 10, 14)) * _DAY,
        **whom,
    )


def _given(
    pen: Pen, span: Span, row: Row, asked: date, until: date, author: Staff | None, words: str = ""
) -> None:
    rng = pen.rng
    day = pen.weekday(min(asked + _DAY, until), max(asked, until))
    sheet = new_sheet(pen, Tool.TEAM, span, day, "staff", author.id if author else None, author_words=words)
    areas = row["parts"] or [pen.form.areas[rng.randrange(9)].slug]
    statement = rng.choice([one.slug for one in pen.form.area(areas[0]).statements])
    _, example = rng.choice(EXAMPLES[statement])
    answers: dict[str, Any] = {
        "role": author.post.job.split(",")[0] if author else row["role"],
        "areas-seen": areas,
        "what-works": pen.say(pen.fresh(said.WORKS), day),
        "what-does-not": pen.say(pen.fresh(said.WORKS_NOT), day) if rng.random() < 0.7 else "",
        "example": {
            "on": pen.weekday(max(span.first, day - 20 * _DAY), day).isoformat(),
            "words": pen.say(example, day),
        },
    }
    by = author.id if author else None
    put_answers(pen, sheet, answers, by)
    finish(sheet, by)
    row |= {"target_id": sheet["id"], "answered_at": sheet["started_at"], "opened_at": sheet["started_at"]}


def chases(
    pens: Sequence[Pen], found: dict[int, list[Done]], coordinator: Staff, today: date, rng: Random
) -> None:
    """A reminder to a few keyworkers whose forms are not complete."""
    late = [
        pen
        for pen in pens
        if pen.student.left is None
        and found[pen.student.id]
        and found[pen.student.id][-1].span.is_now
        and found[pen.student.id][-1].baseline_on is None
        and pen.holder("keyworker", today) is not None
    ]
    for pen in late[: max(2, len(late) // 2)]:
        span = found[pen.student.id][-1].span
        sent = max(span.first, today - rng.choice((3, 6, 10)) * _DAY)
        pen.rows.add(
            "chases",
            student_id=pen.student.id,
            term=span.term.id,
            keyworker_id=pen.keyworker(sent).id,
            missing=["baseline:not-started", *rng.sample(("tool:parent-conversation", "goals"), 1)],
            sent_at=at(sent, "09:30"),
            sent_by_id=coordinator.id,
        )


def proposals(school: School, pen: Pen, coordinator: Staff) -> None:
    """One change to the form waits for its answer, one has had it."""
    teacher, mentor = school.working_as("Teacher")[0], school.working_as("Academic mentor")[0]
    statements = pen.form.statements
    for slug, text, reason, by, ago, answer in (
        (
            "soc-joking-unkind",
            "Say “in person and in messages”: most of it happens on phones.",
            "I rated three students on what I see in class, and home sees the opposite.",
            teacher,
            4,
            "",
        ),
        (
            "eng-attend",
            "Name the agreed alternative: garden, workshop or home tuition.",
            "We all read “or an agreed alternative” differently.",
            mentor,
            30,
            "I would rather keep it short. The guide now says what counts, with your examples.",
        ),
    ):
        made = school.today - ago * _DAY
        answered = {
            "status": "declined",
            "answer": answer,
            "answered_by_id": coordinator.id,
            "answered_at": at(made + 5 * _DAY, "11:00"),
        }
        pen.rows.add(
            "proposals",
            about=slug,
            about_words=statements[slug].staff[:300],
            text=text,
            reason=reason,
            made_by_id=by.id,
            made_at=at(made, "16:30"),
            **(answered if answer else {}),
        )

"""All of it into the database: the rounds, every student's forms, then the tables one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from random import Random
from typing import Any, Final

from django.db import connection
from django.db.models import Max, Model

from enquiries.models import Enquiry
from ilsa import templates
from ilsa.enquiries import RATING, RELATION
from ilsa.models import Agreement, Answer, Assessment, RaterForm, Round
from ilsa.models.assessment import Role
from keywork.dates import LONDON
from tsp.models import Goal as TspGoal

from ..copying import copy_lines, copy_numbered, silent
from ..people import School
from .forms import Given, Goal, Hand, Rows
from .levels import Form
from .when import spans

# Which item a goal about a statement of TSP may have grown from.
GROWS: Final = {
    "rep-put-right": "rl-sort-out",
    "rel-peer-time": "rl-arrange",
    "eng-keep-going": "wt-complete",
    "eng-get-started": "wt-instruction",
    "comm-ask-help": "wt-instruction",
    "emo-use-strategy": "he-mind",
    "rep-take-role": "wt-organise",
}
_ANSWER = (
    "id", "form_id", "item", "kind", "score", "suggested", "note", "note_version", "at", "by_id", "version",
)  # fmt: skip
# Kind, score, suggested: of 0 to 4, "does not apply", "not seen", and of what the form suggested.
_KINDS = (*(f"score\t{score}\tf" for score in range(5)), "na\t\\N\tf", "no\t\\N\tf")
_SUGGESTED = "na\t\\N\tt"


def write_ilsa(school: School, dice: Callable[[str], Random]) -> int:
    """Every round with its forms, with the triggers of each table silent while it is filled; how many assessments.

    After TSP: goals of the terms are told from which item they grew.
    """
    template = templates.current()
    form, rows = Form(template), Rows()
    rounds = list(spans(school))
    head = school.holding("head").id
    for span in rounds:
        rows.add(
            "rounds",
            year=span.year.id,
            template_id=template.version_id,
            opens_on=span.opens_on,
            closes_on=span.closes_on,
            opened_at=f"{span.opens_on} 00:01 Europe/London",
            opened_by_id=head,
        )
    accounts = {one["id"]: one["user_id"] for one in school.members if one["user_id"] is not None}
    goals = _goals(school, form)
    for student in school.students:
        if student.joined > school.today:
            continue
        rng = dice(f"ilsa {student.id}")
        Hand(school, form, rows, student, rng, accounts, goals.get(student.id, ())).write(rounds)
    write_rows(rows, form)
    _tell_goals(rows)
    return len(rows.assessments)


def write_rows(rows: Rows, form: Form) -> None:
    """Into tables that are empty: ids count from 1."""
    for name, model in (("rounds", Round), ("assessments", Assessment), ("forms", RaterForm)):
        copy_numbered(model, getattr(rows, name))
    last = Enquiry.objects.aggregate(last=Max("pk"))["last"] or 0  # what the TSP asked
    copy_numbered(Enquiry, _asked(rows, last))
    with _asleep(Answer):
        copy_lines(Answer, _ANSWER, _lines(rows.given, form.slugs))
    copy_numbered(Agreement, rows.agreements)


def _asked(rows: Rows, last: int) -> Iterator[dict[str, Any]]:
    """What each form stands for, as the product would have asked it; ids go on from the last one."""
    for form in rows.forms:
        assessment = rows.assessments[form["assessment_id"] - 1]
        span = rows.rounds[assessment["round_id"] - 1]
        yield {
            "id": last + form["id"],
            "kind": RATING,
            "student_id": assessment["student_id"],
            "period": span["year"],
            "relation": RELATION.get(Role(form["role"]), ""),
            "member_id": form["member_id"],
            "asked_at": form["invited_at"],
            "asked_by_id": span["opened_by_id"],
            "answer_by": span["closes_on"],
            "reminded_at": form.get("reminded_at"),
            "opened_at": form.get("started_at"),
            "target_id": form["id"],
            "answered_at": form.get("submitted_at"),
            "declined_at": form.get("missing_noted_at"),
            "declined_words": form.get("missing_words", ""),
        }


def _goals(school: School, form: Form) -> Mapping[int, Sequence[Goal]]:
    """By student, those an item could have led to. The demo's keyworker finds one of each of theirs."""
    shown = {
        one.id
        for one in school.students
        if (holder := one.holder("keyworker", school.today)) is not None
        and holder.post.sign_in == "keyworker"
    }
    found: dict[int, list[Goal]] = defaultdict(list)
    known = TspGoal.objects.filter(statement__in=GROWS).order_by("-pk")
    for pk, student, statement, started_at in known.values_list("pk", "student", "statement", "started_at"):
        place = form.place.get(GROWS[statement])
        if place is not None:
            begun_on: date = started_at.astimezone(LONDON).date()
            found[student].append(Goal(pk, place, begun_on, student in shown))
    return found


def _tell_goals(rows: Rows) -> None:
    if not rows.grown:
        return
    pks, refs, words = zip(*rows.grown, strict=True)
    with silent(TspGoal), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tsp_goal SET grew_from = told.ref, grew_from_words = told.words
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS told (pk, ref, words)
            WHERE tsp_goal.id = told.pk
            """,
            [list(pks), list(refs), list(words)],
        )


@contextmanager
def _asleep(model: type[Model]) -> Iterator[None]:
    """The table's triggers are off and its foreign keys are checked once, at the end.

    Row by row both take several times as long as writing a million of them.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        # Rows that wait for their foreign keys to be checked stand in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY conname",
            [model._meta.db_table],
        )
        keys = cursor.fetchall()
        dropped = ", ".join(f"DROP CONSTRAINT {name}" for name, _ in keys)
        added = ", ".join(f"ADD CONSTRAINT {name} {words}" for name, words in keys)
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER, {dropped}")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER, {added}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _lines(given: Sequence[Given], slugs: Sequence[str]) -> Iterator[str]:
    """Rows of Answer for COPY, form by form: there may be millions, so they are never dicts."""
    number = 0
    for one in given:
        head, tail = f"\t{one.form_id}\t", f"\t\t0\t{one.at}\t{one.by_id}\t1\n"
        noted = one.notes
        lines = []
        for place, value in enumerate(one.values[: one.until]):
            if value < 0:
                continue
            number += 1
            kind = _SUGGESTED if value == 5 and place in one.suggested else _KINDS[value]
            end = tail if place not in noted else f"\t{noted[place]}\t1\t{one.at}\t{one.by_id}\t1\n"
            lines.append(f"{number}{head}{slugs[place]}\t{kind}{end}")
        yield "".join(lines)

"""Small TSP records for tests, each whole and allowed by the database, written straight to the models.

They take the frozen clock's day. `area_of(...)` and `answers_of(...)` know the shipped form; whoever needs the way
a record came about calls the real action instead.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from care.models import EhcPlan, Outcome
from enquiries.models import Enquiry
from keywork import clock
from keywork.models import User
from students.models import FamilyLink, FamilyMember, Student
from tsp.enquiries import INPUT, TALK
from tsp.models import (
    Answer,
    AssessmentPoint,
    Evidence,
    Feeling,
    GasScale,
    Goal,
    GoalOutcome,
    GoalScore,
    Judgement,
    Narrative,
    Rating,
    Sheet,
    Tool,
)
from tsp.questions.templates import Template, current

TERM = "2026-27-autumn"
TERMS = (
    "2024-25-autumn",
    "2024-25-spring",
    "2024-25-summer",
    "2025-26-autumn",
    "2025-26-spring",
    "2025-26-summer",
    TERM,
)
LEVELS = {
    "minus_2": "Leaves the room without a sign, most days",
    "minus_1": "Leaves without a sign, then shows the card when asked later",
    "zero": "Shows the card before leaving in 3 lessons of 5",
    "plus_1": "Shows the card before leaving in every lesson of a day",
    "plus_2": "Asks in words before it gets too much, all week",
}
# What a sheet of each tool holds when nothing else is asked for: one plain answer.
ANSWERS: Mapping[str, dict[str, Any]] = {
    Tool.VOICE: {"going-well": "Art, and the garden.", "feel-safe": 3, "how-i-gave-views": "on my own"},
    Tool.PARENT: {"home-going-well": "Mornings are calmer.", "help-wanted": ["flexibility"]},
    Tool.STRENGTHS: {"strengths": ["drawing"], "interests": ["trains"], "best-way-to-work": "Tell me first."},
    Tool.REGULATION: {"triggers": ["the bell"], "safe-places": ["room 4"], "recovery-time": 20},
    Tool.CIRCLE: {"more-of": "My cousin."},
    Tool.TEAM: {"role": "Art", "areas-seen": ["flexibility"], "what-works": "A first step on a note."},
    Tool.OBSERVATION: {
        "setting": "lesson",
        "statements": ["flex-try-new"],
        "what-happened": "Tried the clay after watching others.",
        "support-given": "reminder",
    },
    Tool.RESTORATIVE: {
        "what-happened": "We argued about the goal.",
        "put-right": "A rematch with a referee.",
    },
}


def rate_all(value: int | None, form: Template | None = None) -> dict[str, int | None]:
    """Every statement in use with one rating, None being no opportunity."""
    return {one.slug: value for one in (form or current()).in_use}


def area_of(slug: str, *values: int | None) -> dict[str, int | None]:
    """The statements of one area in order with these ratings; fewer values leave the rest unrated."""
    return dict(zip((one.slug for one in current().area(slug).statements), values, strict=False))


def make_point(
    student: Student,
    by: User,
    *,
    term: str = TERM,
    kind: str = AssessmentPoint.Kind.BASELINE,
    ratings: Mapping[str, int | None] | None = None,
    carried_from: AssessmentPoint | None = None,
    confirmed: bool = True,
    narratives: Mapping[str, str] | None = None,
    done_on: date | None = None,
    finished: bool = False,
    **fields: Any,
) -> AssessmentPoint:
    """A point with these ratings (slug to value); `finished`, or with a `done_on`, it stays as it is."""
    now = clock.now()
    point = AssessmentPoint.objects.create(
        student=student,
        term=term,
        kind=kind,
        template_id=current().version_id,
        **{"opened_at": now, "opened_by": by, **fields},
    )
    Rating.objects.bulk_create(
        Rating(
            point=point,
            statement=slug,
            value=value,
            by=by,
            at=now,
            carried_from=carried_from,
            confirmed_at=now if confirmed else None,
        )
        for slug, value in (ratings or {}).items()
    )
    Narrative.objects.bulk_create(
        Narrative(point=point, part=part, text=text, by=by, at=now)
        for part, text in (narratives or {}).items()
    )
    if finished or done_on is not None:
        finish(point, by, on=done_on)
    return point


def make_review(student: Student, by: User, *, value: int | None = 2, **fields: Any) -> AssessmentPoint:
    """A finished review, every statement rated alike unless `ratings` are given."""
    ratings = fields.pop("ratings", None) or rate_all(value)
    return make_point(student, by, kind=AssessmentPoint.Kind.REVIEW, ratings=ratings, finished=True, **fields)


def finish(point: AssessmentPoint, by: User, *, on: date | None = None) -> AssessmentPoint:
    point.done_on, point.finished_at, point.finished_by = on or clock.today(), clock.now(), by
    point.save(update_fields=["done_on", "finished_at", "finished_by"])
    return point


def make_history(
    student: Student, by: User, *, terms: Iterable[str] = TERMS[:-1], start: int = 1
) -> list[AssessmentPoint]:
    """A finished baseline and review in each term, rising by a point every other term up to 4."""
    made = []
    for number, term in enumerate(terms):
        low, high = min(4, start + number // 2), min(4, start + (number + 1) // 2)
        made.append(make_point(student, by, term=term, ratings=rate_all(low), finished=True))
        made.append(make_review(student, by, term=term, value=high))
    return made


def make_evidence(
    point: AssessmentPoint, by: User, statement: str, *, words: str = "Seen at lunch.", **fields: Any
) -> Evidence:
    """Of an unfinished point: the database refuses it in a finished one. `source_kind`, `source_pk` for an entry."""
    words = "" if fields.get("source_kind") else words
    return Evidence.objects.create(
        point=point,
        statement=statement,
        words=words,
        by=by,
        **{"on": clock.today(), "at": clock.now(), "setting": "lesson", **fields},
    )


def make_sheet(
    student: Student,
    by: User | None,
    tool: str = Tool.VOICE,
    *,
    answers: Mapping[str, Any] | None = None,
    done: bool = True,
    declined: str | None = None,
    member: FamilyMember | None = None,
    **fields: Any,
) -> Sheet:
    """Done, with one answer or the answers given; `done=False` leaves it begun; `declined` are their words.

    A parent conversation needs its `member`. Ticks are answers with the field "statement:<slug>".
    """
    now = clock.now()
    wording = {Tool.VOICE: Sheet.Wording.STUDENT, Tool.CIRCLE: Sheet.Wording.STUDENT}.get(
        Tool(tool), Sheet.Wording.STAFF
    )
    if fields.get("share_with_home"):
        fields.setdefault("shared_with", everyone_at_home(student))
    state: dict[str, Any] = {"done_at": now, "done_by": by} if done else {}
    if declined is not None:
        state = {"declined_at": now, "declined_words": declined, "declined_noted_by": by}
    sheet = Sheet.objects.create(
        student=student,
        tool=tool,
        template_id=current().version_id,
        member=member,
        author=by,
        **{
            "term": TERM,
            "wording": wording,
            "happened_on": clock.today(),
            "started_at": now,
            **state,
            **fields,
        },
    )
    told = ({} if declined is not None else ANSWERS[Tool(tool)]) if answers is None else answers
    Answer.objects.bulk_create(
        Answer(sheet=sheet, field=field, value=value, by=by, at=now) for field, value in told.items()
    )
    return sheet


def make_restorative(by: User, *students: Student, **fields: Any) -> list[Sheet]:
    """One restorative conversation: a record for each student, joined by `together` and nothing else."""
    together = uuid.uuid4()
    return [make_sheet(one, by, Tool.RESTORATIVE, together=together, **fields) for one in students]


def make_goal(
    student: Student,
    by: User,
    *,
    checker: User | None = None,
    asked: bool = False,
    outcomes: Iterable[Outcome] = (),
    scale: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Goal:
    """A draft goal with its scale written; with a `checker` it is checked and agreed."""
    now = clock.now()
    agreed: dict[str, Any] = {"agreed_at": now, "agreed_by": by} if checker else {}
    goal = Goal.objects.create(
        student=student,
        template_id=current().version_id,
        **{
            "term": TERM,
            "area": "communicating",
            "statement": "comm-ask-help",
            "need": "communication_interaction",
            "student_words": "I show my card before I go.",
            "started_at": now,
            "started_by": by,
            **agreed,
            **fields,
        },
    )
    checked: dict[str, Any] = (
        {"asked_at": now, "checked_at": now, "checked_by": checker, "agreed_at": now} if checker else {}
    )
    GasScale.objects.create(
        goal=goal,
        written_by=by,
        **{
            **LEVELS,
            "measure": "Cards shown, counted by the teaching assistant",
            "support": "The card on the table; a nod when it is seen.",
            "review_on": clock.today() + timedelta(days=25),
            "written_at": now,
            **({"asked_at": now} if asked else {}),
            **checked,
            **(scale or {}),
        },
    )
    GoalOutcome.objects.bulk_create(GoalOutcome(goal=goal, outcome=one) for one in outcomes)
    return goal


def make_score(
    goal: Goal, by: User, level: int, *, scale: GasScale | None = None, **fields: Any
) -> GoalScore:
    """A score on the goal's newest scale."""
    return GoalScore.objects.create(
        goal=goal,
        scale=scale or goal.scales.first(),
        level=level,
        by=by,
        **{"scored_on": clock.today(), "at": clock.now(), "evidence": "Seen in four lessons.", **fields},
    )


def make_outcome(student: Student, by: User, **fields: Any) -> Outcome:
    """An open outcome of the student's first EHC plan, which is made if need be."""
    plan = student.plans.first() or EhcPlan.objects.create(
        student=student, number=1, issued_on=date(2026, 1, 12), created_at=clock.now(), created_by=by
    )
    return Outcome.objects.create(
        plan=plan,
        **{
            "number": plan.outcomes.count() + 1,
            "text": "Asks for help in three lessons out of four.",
            "area_of_need": Student.Need.COMMUNICATION,
            "pfa": ["community"],
            **fields,
        },
    )


def make_judgement(outcome: Outcome, by: User, word: str = Judgement.Word.SOME, **fields: Any) -> Judgement:
    return Judgement.objects.create(
        outcome=outcome, word=word, by=by, **{"made_on": clock.today(), "at": clock.now(), **fields}
    )


def make_ask(student: Student, by: User, user: User | None = None, **fields: Any) -> Enquiry:
    """A colleague asked for their view; without a `user`, someone outside with a link whose digest is made up."""
    now = clock.now()
    outside: dict[str, Any] = {
        "name": "Hollis Quarmby",
        "role": "Educational psychologist",
        "email": "hollis@outside.example",
        "expires_at": now + timedelta(days=14),
        "link_digest": uuid.uuid4().hex,
        "code_digest": "made-up",
    }
    return Enquiry.objects.create(
        student=student,
        user=user,
        asked_by=by,
        **{
            "kind": TALK if "member" in fields else INPUT,
            "period": TERM,
            "asked_at": now,
            "answer_by": clock.today() + timedelta(days=7),
            **({} if user else outside),
            **fields,
        },
    )


def sheet_of(enquiry: Enquiry) -> Sheet:
    """What somebody who was asked wrote on."""
    return Sheet.objects.get(pk=enquiry.target_id)


def everyone_at_home(student: Student) -> list[int]:
    """Every adult of the family, shut out or not: who may not read it is for the rules to say."""
    return list(FamilyLink.objects.filter(student=student).values_list("member", flat=True))


def make_feeling(student: Student, word: str, **fields: Any) -> Feeling:
    """What a student said of how they felt today."""
    if fields.get("share_with_home"):
        fields.setdefault("shared_with", everyone_at_home(student))
    return Feeling.objects.create(
        student=student, word=word, **{"on": clock.today(), "said_at": clock.now(), **fields}
    )

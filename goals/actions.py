"""Writing goals: begun, changed, checked by a second adult, agreed, withdrawn (domain 2.5).

Nothing an agreed scale says is ever changed: other levels are a new scale with a reason, checked again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from care.models import Outcome
from keywork import clock, goal_links
from keywork.calendar import SchoolCalendar
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from keywork.words import worded
from students.models import Student
from tsp.models import GasScale, Goal, GoalOutcome, Judgement
from tsp.questions.templates import current
from tsp.rating import rules

from .gas_scales import being_written, in_force, missing_parts

GOAL_FIELDS = (
    "area",
    "statement",
    "need",
    "pfa",
    "student_words",
    "why_it_matters",
    "importance",
    "difficulty",
)
LEVEL_FIELDS = ("minus_2", "minus_1", "zero", "plus_1", "plus_2")
SCALE_FIELDS = (*LEVEL_FIELDS, "measure", "baseline", "support", "review_on")


def serving_term(calendar: SchoolCalendar) -> str:
    """Id of the term a goal begun today serves: this one or, between terms, the one that comes. Raises Refused."""
    today = clock.today()
    term = calendar.term_on(today)
    if term is not None:
        return term.id
    block = calendar.next_block(today)
    if block is None:
        raise Refused("The school calendar has no term for this day. Ask for the next year’s calendar first")
    return block.term_id


def too_many(student: Student) -> str:
    """Why no goal can be added; "" where one can."""
    if Goal.objects.active().filter(student=student).count() < rules.MOST_ACTIVE_GOALS:
        return ""
    return (
        f"{student.known_as} has four goals already. End or withdraw one before you add another: "
        "more than four at once are too many to work on"
    )


@transaction.atomic
def start_goal(
    *,
    by: User,
    student: Student,
    calendar: SchoolCalendar,
    fields: Mapping[str, Any],
    scale: Mapping[str, Any],
    outcomes: Collection[int] = (),
    ask: bool = False,
    grew_from: str = "",
) -> Goal:
    """A new goal and its first scale, which may be unfinished unless a check is asked for with it.

    `grew_from` is a ref of keywork.goal_links; one that means nothing for this student is left out.

    `fields` are columns of Goal (GOAL_FIELDS), `scale` of GasScale (SCALE_FIELDS), `outcomes` keys of outcomes of
    this student's plan in force. Raises Refused: four active goals, an outcome of somebody else, no own words.
    """
    Student.objects.select_for_update(of=("self",)).get(pk=student.pk)  # the fifth goal of two at once waits
    if no := too_many(student):
        raise Refused(no)
    form = current()
    now = clock.now()
    goal = Goal(
        student=student,
        template_id=form.version_id,
        term=serving_term(calendar),
        started_at=now,
        started_by=by,
    )
    origin = goal_links.origin(grew_from, student.pk) if grew_from else None
    if origin is not None:
        goal.grew_from, goal.grew_from_words = origin.ref, origin.words
    _put(goal, fields)
    goal.save()
    _link(goal, outcomes)
    first = GasScale(goal=goal, written_by=by, written_at=now)
    _set(first, SCALE_FIELDS, scale)
    if ask:
        _ask(first)
    first.save()
    return goal


@transaction.atomic
def save_goal(
    *,
    by: User,
    goal: Goal,
    version: int,
    fields: Mapping[str, Any],
    scale: Mapping[str, Any],
    outcomes: Collection[int] = (),
    ask: bool = False,
) -> Goal:
    """Change a goal that is not agreed yet, and its scale. `version` is that of the scale as it was seen.

    Who saves is from then on its writer, and so never its checker. Raises ChangedMeanwhile, Refused.
    """
    row = _locked(goal)
    written = _locked_scale(row)
    if row.agreed_at is not None or written is None:
        raise ChangedMeanwhile(row, "")
    if written.version != version:
        raise ChangedMeanwhile(row, written.written_by.name)
    _put(row, fields)
    row.version += 1
    row.save()
    _link(row, outcomes)
    _rewrite(written, scale, by=by, ask=ask)
    return row


@transaction.atomic
def change_levels(
    *,
    by: User,
    goal: Goal,
    version: int,
    scale: Mapping[str, Any],
    reason: str,
    ask: bool = False,
) -> GasScale:
    """Other levels for an agreed goal: a new scale with a reason, in force once checked.

    `version` is that of the new scale being written, 0 when there is none yet. Raises ChangedMeanwhile, Refused.
    """
    row = _locked(goal)
    if row.agreed_at is None:
        raise Refused("This goal is not agreed yet: change the goal itself")
    if not reason.strip():
        raise Refused("Say why the levels change", "reason")
    written = _locked_scale(row)
    if (written.version if written else 0) != version:
        raise ChangedMeanwhile(row, written.written_by.name if written else "")
    if written is not None:
        written.reason = reason.strip()
        _rewrite(written, scale, by=by, ask=ask)
        return written
    before = in_force(list(row.scales.all()))
    if before is not None and all(getattr(before, name) == value for name, value in scale.items()):
        raise Refused("Nothing is different from the levels agreed")
    made = GasScale(
        goal=row,
        number=(before.number if before else 0) + 1,
        reason=reason.strip(),
        written_by=by,
        written_at=clock.now(),
    )
    _set(made, SCALE_FIELDS, scale)
    if ask:
        _ask(made)
    made.save()
    return made


@transaction.atomic
def keep_levels(*, by: User, goal: Goal) -> None:
    """Drop the new levels being written: those agreed stay. The history keeps what was written."""
    row = _locked(goal)
    written = _locked_scale(row)
    if row.agreed_at is None or written is None:
        raise Refused("No other levels are being written")
    written.delete()


@transaction.atomic
def ask_for_check(*, by: User, goal: Goal, version: int) -> GasScale:
    """Ask a second adult to look at the levels. Raises Refused while something is missing, ChangedMeanwhile."""
    row = _locked(goal)
    written = _locked_scale(row)
    if written is None:
        raise Refused("The levels are agreed already")
    if written.version != version:
        raise ChangedMeanwhile(row, written.written_by.name)
    _ask(written)
    written.version += 1
    written.save()
    return written


def writers(scale: GasScale) -> frozenset[int]:
    """Ids of everyone who ever saved these levels: none of them may check them."""
    events = scale.pgh_event_model.objects
    rows = events.filter(pgh_obj_id=scale.pk).values_list("written_by_id", flat=True)
    return frozenset(rows) | {scale.written_by_id}


@transaction.atomic
def check_levels(*, by: User, goal: Goal, version: int) -> GasScale:
    """The second adult agrees with the levels as seen: from now on they are locked, and the goal is agreed.

    Raises Refused for a writer or when nothing waits, ChangedMeanwhile when the levels are others by now.
    """
    row = _locked(goal)
    scale = _asked(row, by, version)
    now = clock.now()
    if row.agreed_at is None:
        row.agreed_at, row.agreed_by = now, by
        row.version += 1
        row.save()
    scale.checked_by, scale.checked_at, scale.agreed_at = by, now, now
    scale.version += 1
    scale.save()
    return scale


@transaction.atomic
def send_back(*, by: User, goal: Goal, version: int, words: str) -> GasScale:
    """The second adult asks for other levels, in words. Raises as check_levels does, and without words."""
    row = _locked(goal)
    scale = _asked(row, by, version)
    if not words.strip():
        raise Refused("Say what should be different", "words")
    scale.asked_at = None
    scale.sent_back_at, scale.sent_back_by, scale.sent_back_words = clock.now(), by, words.strip()
    scale.version += 1
    scale.save()
    return scale


@transaction.atomic
def withdraw_goal(*, by: User, goal: Goal, reason: str) -> Goal:
    """No longer worked towards, and why. It stays listed, and counts among the withdrawn (domain 2.5)."""
    row = _locked(goal)
    if not reason.strip():
        raise Refused("Say why the goal is withdrawn", "reason")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = clock.now(), by, reason.strip()
    row.version += 1
    row.save()
    return row


@transaction.atomic
def judge(*, by: User, outcome: Outcome, word: str, words: str, seen: int = 0) -> Judgement:
    """A new judgement of today; the ones before it stay. `seen` is the key of the newest one the writer saw, 0 for none.

    Raises Refused without an answer or without words, ChangedMeanwhile when somebody judged it since.
    """
    if word not in Judgement.Word.values:
        raise Refused("Choose how far it came", "word")
    if not words.strip():
        raise Refused("Say what you rest this on", "words")
    Outcome.objects.select_for_update(of=("self",)).get(pk=outcome.pk)
    newest = outcome.judgements.select_related("by").order_by("-made_on", "-pk").first()
    if (newest.pk if newest else 0) != seen:
        raise ChangedMeanwhile(newest, newest.by.name if newest else "")
    return Judgement.objects.create(
        outcome=outcome, word=word, words=words.strip(), made_on=clock.today(), by=by, at=clock.now()
    )


def _locked(goal: Goal) -> Goal:
    """The goal, locked until the end of the transaction. Raises Refused when it has ended."""
    row = Goal.objects.select_for_update(of=("self",)).select_related("student").get(pk=goal.pk)
    if row.withdrawn_at is not None:
        raise Refused("This goal was withdrawn, so it stays as it is")
    if row.closed_at is not None:
        raise Refused("This goal has ended, so it stays as it is")
    return row


def _locked_scale(goal: Goal) -> GasScale | None:
    rows = goal.scales.select_for_update(of=("self",)).select_related("written_by")
    return being_written(list(rows))


def _asked(goal: Goal, by: User, version: int) -> GasScale:
    scale = _locked_scale(goal)
    if scale is None or scale.asked_at is None:
        raise Refused("Nobody is asking for a check of these levels now")
    if by.pk in writers(scale):
        raise Refused("You wrote these levels, so somebody else checks them")
    if scale.version != version:
        raise ChangedMeanwhile(goal, scale.written_by.name)
    return scale


def _put(goal: Goal, fields: Mapping[str, Any]) -> None:
    if not str(fields.get("student_words", "")).strip():
        raise Refused(worded("Write the goal in the student’s own words"), "student_words")
    _set(goal, GOAL_FIELDS, fields)


def _set(row: Goal | GasScale, names: Collection[str], given: Mapping[str, Any]) -> None:
    for name in names:
        if name in given:
            setattr(row, name, given[name])


def _link(goal: Goal, outcomes: Collection[int]) -> None:
    """Exactly these outcomes: of this student's plan in force, or ones it was set against before."""
    wanted, known = set(outcomes), set(goal.links.values_list("outcome_id", flat=True))
    allowed = set(
        Outcome.objects.in_force()
        .filter(plan__student=goal.student_id, pk__in=wanted)
        .values_list("pk", flat=True)
    )
    if wanted - allowed - known:
        raise Refused("Choose outcomes of the plan in force", "outcomes")
    goal.links.exclude(outcome_id__in=wanted).delete()
    GoalOutcome.objects.bulk_create(GoalOutcome(goal=goal, outcome_id=pk) for pk in sorted(wanted - known))


def _rewrite(scale: GasScale, given: Mapping[str, Any], *, by: User, ask: bool) -> None:
    _set(scale, SCALE_FIELDS, given)
    scale.written_by, scale.written_at = by, clock.now()
    scale.asked_at = None
    scale.version += 1
    if ask:
        _ask(scale)
    scale.save()


def _ask(scale: GasScale) -> None:
    missing = missing_parts(scale)
    if missing:
        field, words = missing[0]
        raise Refused(words, field)
    scale.asked_at = clock.now()

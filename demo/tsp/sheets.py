"""Soft tools of one student: many of late, few of long ago; done, begun, asked for, declined."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from tsp.models import Tool

from ..history import Row
from ..people import Link, School
from . import words_sheets as said
from .rows import Pen, at
from .stories import Story
from .when import Span
from .windows import RECENT, Done
from .words_examples import EXAMPLES

_DAY = timedelta(days=1)
_HOURS = ("09:05", "10:20", "11:10", "13:25", "14:20", "15:30", "16:40")
_TICKS = ("not-yet", "sometimes", "sometimes", "yes", "yes", "not-sure")
Answers = dict[str, Any]


def sheets_of(pen: Pen, terms: list[Done], story: Story) -> None:
    for place, done in enumerate(terms):
        span = done.span
        now = span.is_now and pen.student.left is None
        plan = story if now else Story()
        full = span.ago <= RECENT
        # When the baseline was talked about; a student who came later has their own first weeks.
        begin = span.first
        end = min(done.baseline_on or begin + 20 * _DAY, span.last)
        if end <= begin:
            continue
        _voice(pen, span, plan, begin, end, 0.92 if full else 0.35)
        _parents(pen, span, plan, begin, end, 0.88 if full else 0.2)
        first = place == 0
        autumn = span.season == "autumn"
        _strengths(
            pen, span, plan, begin, end, 0.9 if first or (autumn and full) else 0.5 if autumn else 0.05
        )
        _regulation(
            pen, span, plan, begin, end, 0.9 if first or (autumn and full) else 0.45 if autumn else 0.1
        )
        _circle(pen, span, plan, begin, end, 0.5 if first else 0.35 if autumn else 0.0)
        for _ in range(pen.rng.choice((1, 1, 2, 3)) if full else pen.rng.choice((0, 0, 1))):
            _observation(pen, span)


def _state(pen: Pen, wanted: str, chance: float, now: bool) -> str:
    """What became of one sheet: as the story says, else by chance; only this term's are still open."""
    if wanted:
        return wanted
    rng = pen.rng
    if rng.random() > chance:
        return "none"
    if now:
        return rng.choices(("done", "begun", "none", "declined"), (74, 10, 8, 8))[0]
    return "declined" if rng.random() < 0.06 else "done"


def new_sheet(
    pen: Pen, tool: Tool, span: Span, day: date, wording: str, author_id: int | None, **more: Any
) -> Row:
    time = pen.rng.choice(_HOURS)
    return pen.rows.add(
        "sheets",
        student_id=pen.student.id,
        tool=tool.value,
        template_id=pen.form.version_id,
        term=span.term.id,
        wording=wording,
        happened_on=day,
        author_id=author_id,
        started_at=_moment(pen, day, time),
        **more,
    )


def _moment(pen: Pen, day: date, time: str) -> str:
    """Nothing of today happened later than the first hour of it."""
    return at(day, "00:20" if day == pen.school.today else time)


def finish(row: Row, by_id: int | None) -> None:
    row |= {"done_at": row["started_at"], "done_by_id": by_id}


def _decline(pen: Pen, row: Row, words: str, by_id: int) -> None:
    row |= {
        "declined_at": row["started_at"],
        "declined_words": words,
        "declined_noted_by_id": by_id,
    }


def put_answers(pen: Pen, row: Row, answers: Answers, by_id: int | None) -> None:
    for field, value in answers.items():
        if value not in ("", []):
            pen.rows.add(
                "answers", sheet_id=row["id"], field=field, value=value, by_id=by_id, at=row["started_at"]
            )


def _ticks(pen: Pen, many: int) -> Answers:
    slugs = pen.rng.sample([one.slug for one in pen.form.in_use], many)
    return {f"statement:{slug}": pen.rng.choice(_TICKS) for slug in slugs}


# ------------------------------------------------------------------------------------ what a student says


def _voice(pen: Pen, span: Span, plan: Story, begin: date, end: date, chance: float) -> None:
    rng = pen.rng
    state = _state(pen, plan.voice, chance, span.is_now)
    if state == "none":
        return
    day = pen.weekday(begin, end)
    keyworker = pen.keyworker(day).id
    own = pen.student.values.get("user_id")
    alone = own is not None and rng.random() < 0.6
    row = new_sheet(pen, Tool.VOICE, span, day, "student" if alone else "staff", own if alone else keyworker)
    if state == "declined":
        _decline(pen, row, _declined(pen, "student-voice", day, plan), keyworker)
        return
    fields = [*said.VOICE]
    answers: Answers = {
        field: pen.say(pen.fresh(said.VOICE[field]), day)
        for field in (fields[:2] if state == "begun" else fields)
        if state == "begun" or rng.random() < 0.85
    }
    if state == "done":
        safe = plan.safe if plan.safe is not None else rng.choices((0, 1, 2, 3, 4), (1, 3, 14, 40, 42))[0]
        answers["feel-safe"] = safe
        if plan.safe is not None:
            answers["find-hard"] = "The path by the bins after lunch. I don’t want to say more."
        answers["how-i-gave-views"] = "on my own" if alone else "with my keyworker"
        if span.ago <= RECENT:
            answers |= _ticks(pen, rng.choice((3, 6, 9))) | _bj_ticks(plan, "student")
        finish(row, row["author_id"])
        row["shared_with"] = pen.shared() if rng.random() < 0.7 else []
        row["share_with_home"] = bool(row["shared_with"])
        if not alone:
            row["checked_at"] = row["started_at"] if rng.random() < 0.8 else None
    put_answers(pen, row, answers, row["author_id"])


def _bj_ticks(plan: Story, who: str) -> Answers:
    if plan.baseline != "bj":
        return {}
    return {
        "statement:emo-name-feeling": "sometimes" if who == "student" else "yes",
        "statement:emo-use-strategy": "not-yet",
        "statement:comm-ask-help": "yes" if who == "student" else "sometimes",
    }


def _declined(pen: Pen, tool: str, day: date, plan: Story) -> str:
    fixed = plan.fixed.get("circle") if tool == "social-circle-map" else None
    return fixed or pen.say(pen.fresh(said.DECLINED[tool]), day)


def _strengths(pen: Pen, span: Span, plan: Story, begin: date, end: date, chance: float) -> None:
    rng = pen.rng
    state = _state(pen, plan.strengths, chance, span.is_now)
    if state == "none":
        return
    day = pen.weekday(begin, end)
    by = pen.keyworker(day).id
    row = new_sheet(pen, Tool.STRENGTHS, span, day, "staff", by)
    if state == "declined":
        _decline(pen, row, _declined(pen, "strengths-interests", day, plan), by)
        return
    answers: Answers = {
        "strengths": _tags(pen, said.STRENGTHS, (2, 3, 4), day),
        "interests": _tags(pen, said.INTERESTS, (2, 3, 4), day),
    }
    if state == "done":
        answers["motivators"] = _tags(pen, said.MOTIVATORS, (2, 3), day)
        answers["best-way-to-work"] = pen.fresh(said.BEST_WAY)
        answers["use-in-plan"] = pen.say(pen.fresh(said.USE_IN_PLAN), day)
        finish(row, by)
        row["checked_at"] = row["started_at"] if plan.checked or rng.random() < 0.6 else None
    put_answers(pen, row, answers, by)


def _tags(pen: Pen, pool: tuple[str, ...], many: tuple[int, ...], day: date) -> list[str]:
    return list(dict.fromkeys(_lower(pen, text, day) for text in pen.rng.sample(pool, pen.rng.choice(many))))


def _lower(pen: Pen, text: str, day: date) -> str:
    """A tag keeps its small letter, unless it is a name."""
    told = pen.say(text, day)
    return told[:1].lower() + told[1:] if text.startswith("{it}") else told


# ---------------------------------------------------------------------------------- what home says


def _parents(pen: Pen, span: Span, plan: Story, begin: date, end: date, chance: float) -> None:
    rng = pen.rng
    people = [link for link in pen.student.links if link.open_to_keywork]
    if not people:
        return
    apart = len({link.values.get("household", "") for link in people}) > 1
    for place, link in enumerate(people[:2]):
        wanted = plan.parents[place] if place < len(plan.parents) else ""
        likely = chance if place == 0 else 0.5 * chance if apart else 0.12 * chance
        state = _state(pen, wanted, likely, span.is_now)
        if state == "none":
            continue
        _parent(pen, span, plan, link, state, begin, end, rng)


def _parent(
    pen: Pen, span: Span, plan: Story, link: Link, state: str, begin: date, end: date, rng: Random
) -> None:
    day = pen.weekday(begin, end)
    by: int | None = pen.keyworker(day).id
    account = account_of(pen.school, link)
    alone = account is not None and state in ("alone", "begun")
    day = max(begin, pen.school.today - 4 * _DAY) if alone else day
    row = new_sheet(
        pen,
        Tool.PARENT,
        span,
        day,
        "parent" if alone else "staff",
        account if alone else by,
        member_id=link.member_id,
    )
    by = account if alone else by
    if state == "declined":
        words = pen.say(said.DECLINED["parent-conversation"][0], day, h=link.first)
        _decline(pen, row, words, pen.keyworker(day).id)
        return
    fields = [*said.PARENT]
    answers: Answers = {
        field: pen.say(pen.fresh(said.PARENT[field]), day, h=link.first)
        for field in (fields[:1] if state == "begun" else fields)
        if state == "begun" or rng.random() < 0.85
    }
    if state != "begun":
        answers["help-wanted"] = [area.slug for area in pen.form.areas if rng.random() < 0.25]
        if not alone:  # what was agreed is written down by whoever led the talk
            answers["agreed-actions"] = [
                {
                    "what": pen.say(what, day),
                    "who": pen.say(who, day),
                    "by": (day + rng.choice((7, 14, 21)) * _DAY).isoformat() if rng.random() < 0.6 else "",
                }
                for what, who in rng.sample(said.AGREED, rng.choice((1, 1, 2)))
            ]
        if span.ago <= RECENT:
            answers |= _ticks(pen, rng.choice((0, 4, 6)))
        finish(row, by)
    put_answers(pen, row, answers, by)


def account_of(school: School, link: Link) -> int | None:
    """The account of an adult at home; members are numbered in order."""
    return school.members[link.member_id - 1]["user_id"]


# --------------------------------------------------------------------------- regulation and circle


def _regulation(pen: Pen, span: Span, plan: Story, begin: date, end: date, chance: float) -> None:
    rng = pen.rng
    state = _state(pen, plan.regulation, chance, span.is_now)
    if state not in ("done", "begun"):
        return
    day = pen.weekday(begin, end)
    by = pen.keyworker(day).id
    row = new_sheet(pen, Tool.REGULATION, span, day, "staff", by)
    stages = [
        {"stage": stage} | {column: rng.choice(cells) for column, cells in columns.items()}
        for stage, columns in said.STAGES.items()
    ]
    if state == "begun":
        stages = [
            one if place < 2 else {key: value if key == "stage" else "" for key, value in one.items()}
            for place, one in enumerate(stages)
        ]
    answers: Answers = {"stages": stages, "triggers": _tags(pen, said.TRIGGERS, (3, 4, 5), day)}
    if state == "done":
        answers["safe-places"] = _tags(pen, said.SAFE_PLACES, (2, 3, 4), day)
        answers["recovery-time"] = rng.choice((10, 15, 15, 20, 30, 45, 60))
        finish(row, by)
        row["checked_at"] = row["started_at"] if plan.checked or rng.random() < 0.6 else None
    put_answers(pen, row, answers, by)
    if plan.home_view:
        _home_view(pen, span, day)


def _home_view(pen: Pen, span: Span, day: date) -> None:
    """What the parent with an account sees at home, beside the school's map."""
    link = next(
        (one for one in pen.student.links if one.open_to_keywork and account_of(pen.school, one)), None
    )
    if link is None:
        return
    day = min(day + 5 * _DAY, pen.school.today - _DAY)
    user = account_of(pen.school, link)
    row = new_sheet(pen, Tool.REGULATION, span, day, "parent", user)
    columns = said.STAGES["calm"]
    rows = [
        {"stage": stage} | {column: said.HOME_STAGES.get(stage, {}).get(column, "") for column in columns}
        for stage in said.STAGES
    ]
    put_answers(pen, row, {"stages": rows, "recovery-time": 40}, user)
    finish(row, user)


def _circle(pen: Pen, span: Span, plan: Story, begin: date, end: date, chance: float) -> None:
    rng = pen.rng
    state = _state(pen, plan.circle, chance, span.is_now)
    if state == "none":
        return
    day = pen.weekday(begin, end)
    by = pen.keyworker(day).id
    row = new_sheet(pen, Tool.CIRCLE, span, day, "staff", by)
    if state == "declined":
        _decline(pen, row, _declined(pen, "social-circle-map", day, plan), by)
        return
    chosen = rng.sample(said.CIRCLE, rng.choice((6, 7, 8, 10)))
    chosen.sort(key=said.CIRCLE.index)
    residence = pen.student.values.get("placement", "day") != "day"
    people: list[dict[str, Any]] = [
        {"who": _lower(pen, who, day), "circle": ring, "where": where, "how-it-feels": feels}
        for who, ring, where, feels in chosen
        if residence or where != "the house"
    ]
    if people and rng.random() < 0.5:
        people[0]["angle"] = 45 + rng.randrange(360) // 4  # below "Me", clear of the words at the top
    answers: Answers = {"people": people}
    if state == "done":
        answers["more-of"] = pen.fresh(said.MORE_OF)
        answers["missing"] = rng.choice(said.MISSING)
        if rng.random() < 0.6:
            answers["online-people"] = pen.say(pen.fresh(said.ONLINE), day)
        finish(row, by)
        may_see = rng.choice((True, False, False, None))
        row["shared_with"] = pen.shared() if may_see else []
        row["share_with_home"] = bool(row["shared_with"]) if may_see is not None else None
    put_answers(pen, row, answers, by)


# --------------------------------------------------------------------------------- what staff see


def _observation(pen: Pen, span: Span) -> None:
    rng = pen.rng
    day = pen.weekday(span.first + 5 * _DAY, max(span.first + 5 * _DAY, span.last - _DAY))
    if day >= pen.school.today:
        return
    kind = rng.choice(("keyworker", "mentor", "teacher", "deputy"))
    author = pen.holder(kind, day) or pen.keyworker(day)
    slug = rng.choice([*EXAMPLES])
    places = [one for one in EXAMPLES[slug] if one[0] not in ("home", "residence", "work")]
    if not places:
        return
    where, text = rng.choice(places)
    row = new_sheet(pen, Tool.OBSERVATION, span, day, "staff", author.id)
    answers: Answers = {
        "when": day.isoformat(),
        "setting": said.OBSERVED_IN[where],
        "statements": [slug],
        "what-happened": pen.say(text, day),
        "support-given": rng.choices(said.SUPPORT, (30, 30, 25, 10, 5))[0],
    }
    put_answers(pen, row, answers, author.id)
    finish(row, author.id)

"""Sections of the annual-review social progress report (domain 7.2, 7.3 B): from the last review until today.

For everybody who is asked to the meeting, so nothing restricted enters. What one person said in confidence, such as a
voice sheet that is not shared or a talk with one of two homes, is offered, and stands in the report only once the
writer has put it in: the line says whom to ask first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from care.models import EhcPlan, Outcome, PlanVersion, ReviewPerson, Tried
from care.plans.kinds import CORE, slugs_of
from goals import outcomes
from goals.gas_scales import as_scored, in_force, standing_score
from goals.lines import goal_rows
from keywork.calendar import Term
from keywork.dates import day_in_full, day_short
from keywork.errors import Refused
from keywork.words import worded, worded_lazy
from students.models import FamilyLink, Student
from tsp.models import Answer, Sheet, Tool
from tsp.rating import history, rules

from .. import keeping_in_touch
from . import Offer, Source, Span, home, independence, meeting, tsp

FOR_ADULTHOOD_FROM = 9  # the school year from which a review looks at preparing for adulthood
EVERYBODY = tuple(ReviewPerson.Role.values)
WORKS, NOT = "works", "not"
RATED = 2  # ratings named for one without a goal
PIECES = 3  # examples named for an outcome
PLAN_SECTIONS = {
    "A": worded_lazy("what the student and their family hope for"),
    "B": "special educational needs",
    "E": "outcomes",
    "F": "help in education",
}
# Of a talk with home, what is said about the child: not how to reach somebody, nor what was agreed.
HOME_WORDS = ("home-going-well", "progress-seen", "home-worries", "aspirations")


def days(student: Student, term: Term, today: date) -> tuple[date, date]:
    """From the day after the last review, or the day of issue, until today. Raises Refused without a plan."""
    plan = EhcPlan.objects.current().filter(student=student).first()
    if plan is None:
        raise Refused(f"{student.known_as} has no plan in Keywork, so there is no review to write for.")
    return min(plan.since, today), today


def _plan(span: Span) -> EhcPlan | None:
    return EhcPlan.objects.current().filter(student=span.student).first()


def short(span: Span) -> dict[str, Any]:
    """The plan, its dates, and how many outcomes were judged to be where."""
    plan = _plan(span)
    if plan is None:
        return {}
    view = outcomes.outcomes_view(span.student, AnonymousUser(), school=span.school)
    judged = Counter(_judged(one)[1] for one in view.states)
    review = meeting.review_of(span)
    meets_on = review.meets_on if review else plan.next_review_on
    return {
        "plan": plan.kind.name,
        "issued": day_short(plan.issued_on),
        "reviewed": day_short(plan.reviewed_on) if plan.reviewed_on else "",
        "meeting": day_short(meets_on) if meets_on else "",
        "born": day_short(span.student.born_on),
        "authority": span.student.maintained_by,
        "placement": span.student.placement_label,
        "outcomes": len(view.states),
        "judged": [[label, count] for label, count in judged.most_common()],
    }


def in_the_plan(span: Span) -> list[Source]:
    return [Source("The plan", reverse("care:plan", args=[span.student.pk]))]


def in_plan_and_outcomes(span: Span) -> list[Source]:
    return [
        *in_the_plan(span),
        Source("Progress towards outcomes", reverse("goals:outcomes", args=[span.student.pk])),
    ]


def short_in_words(facts: Any) -> str:
    count = facts.get("outcomes", 0)
    return f"{count} outcome{'' if count == 1 else 's'} in the plan; the review is by {facts.get('meeting') or 'a day not known'}"


# ----------------------------------------------------------------------------------------- their own words


def own_words(span: Span) -> list[Offer]:
    """What the student said; from the start only where it is shared with everyone at home who gets reports."""
    links = FamilyLink.objects.for_reports(span.known_on).filter(student=span.student)
    readers = set(links.values_list("member", flat=True))
    rows = tsp.sheets_of(span, Tool.VOICE)
    shared = {sheet.pk: bool(sheet.share_with_home) and readers <= set(sheet.shared_with) for sheet in rows}
    ask = f". Ask {span.student.known_as} before it stands here: everybody at the review reads it"
    found = []
    for one in tsp.all_own_words(span):
        whole = shared[int(one.key.split("-")[1])]
        found.append(replace(one, source=one.source + ("" if whole else ask), chosen=whole))
    return [*found, *meeting.advice(span, ("student",), "advice_progress")]


def home_views(span: Span) -> list[Offer]:
    """What parents and carers said on their sheets; of two homes, each only once the writer has asked them."""
    on = span.known_on
    open_links = FamilyLink.objects.filter(student=span.student, ended_on__isnull=True).unrestricted(on)
    links = {link.member_id: link for link in open_links.select_related("member").defer("court_restriction")}
    sheets = tsp.sheets_of(span, Tool.PARENT).filter(member__in=list(links)).order_by("-happened_on", "-pk")
    one_home = len(keeping_in_touch.households_of([span.student.pk], on).get(span.student.pk, ())) < 2
    found = []
    for sheet, field, words in tsp.answers_of(sheets, HOME_WORDS):
        link = links[sheet.member_id]
        said = f"{link.member.name} ({link.relationship.lower()})" if link.relationship else link.member.name
        ask = f" Ask {link.member.name} before it stands here: the other home reads it too."
        source = f"{said}, talk with home on {day_in_full(sheet.happened_on, on)}: {field.label}."
        found.append(
            Offer(
                f"sheet-{sheet.pk}-{field.slug}",
                ", ".join(words),
                source=source if one_home else source + ask,
                url=reverse("tsp:sheet", args=[sheet.pk]),
                about=said,
                chosen=one_home,
            )
        )
    return [*found, *meeting.advice(span, ("parent",), "advice_progress")]


# ------------------------------------------------------------------------------------- what works, and friends


def works(span: Span) -> list[Offer]:
    return [
        *(one for one in _what_works(span) if one.about == WORKS),
        *meeting.advice(span, EVERYBODY, "advice_help"),
    ]


def works_not(span: Span) -> list[Offer]:
    return [one for one in _what_works(span) if one.about != WORKS]


def _what_works(span: Span) -> list[Offer]:
    """What helps and what does not: the school's regulation map in use, and the round-ups of the team."""
    done = Sheet.objects.done().filter(student=span.student, happened_on__lte=span.last)
    done = done.select_related("author").order_by("-happened_on", "-pk")
    map_ = done.filter(tool=Tool.REGULATION).exclude(wording=Sheet.Wording.PARENT).first()
    found = list(_of_map(map_, span)) if map_ else []
    team = done.filter(tool=Tool.TEAM, happened_on__gte=span.first)
    for sheet, field, words in tsp.answers_of(team, ("what-works", "what-does-not")):
        by = sheet.author.get_short_name() if sheet.author else sheet.author_words
        found.append(
            Offer(
                f"sheet-{sheet.pk}-{field.slug}",
                ", ".join(words),
                source=f"Team input from {by}, {day_in_full(sheet.happened_on, span.known_on)}: {field.label}",
                url=reverse("tsp:sheet", args=[sheet.pk]),
                about=WORKS if field.slug == "what-works" else NOT,
            )
        )
    return [*found, *_what_was_tried(span)]


def _of_map(sheet: Sheet, span: Span) -> Iterator[Offer]:
    source = f"Regulation map, {day_in_full(sheet.happened_on, span.known_on)}"
    url = reverse("tsp:sheet", args=[sheet.pk])
    for _, field, words in tsp.answers_of([sheet], ("safe-places", "triggers")):
        hard = field.slug == "triggers"
        yield Offer(
            f"sheet-{sheet.pk}-{field.slug}",
            ("What makes it hard: " if hard else "Safe places and people: ") + ", ".join(words),
            source=f"{source}: {field.label}",
            url=url,
            about=NOT if hard else WORKS,
        )
    rows = Answer.objects.filter(sheet=sheet, field="stages").values_list("value", flat=True).first() or ()
    for number, row in enumerate(rows):
        for column, about in (("what-others-should-do", WORKS), ("what-does-not-help", NOT)):
            said = " ".join(str(row.get(column) or "").split())
            if said:
                yield Offer(f"sheet-{sheet.pk}-{number}-{column}", said, source=source, url=url, about=about)


def _what_was_tried(span: Span) -> Iterator[Offer]:
    """What staff tried with the student since the last review, and what happened."""
    rows = Tried.objects.standing().filter(student=span.student, on__range=(span.first, span.last))
    for row in rows.select_related("by"):
        yield Offer(
            f"tried-{row.pk}",
            f"{row.what.rstrip('.')}. {row.happened}",
            on=row.on,
            source=f"Tried by {row.by.name}, {day_in_full(row.on, span.known_on)}: {row.get_helped_display()}",
            url=reverse("tsp:what_helps", args=[span.student.pk]),
            about=NOT if row.helped == Tried.Helped.NO else WORKS,
        )


def plans(span: Span) -> list[Offer]:
    """Each plan in force that those who lead read too: of one for few nobody at the meeting learns here."""
    rows = PlanVersion.objects.newest().filter(plan__student=span.student, plan__kind__in=slugs_of(CORE))
    return [
        Offer(
            f"plan-{row.plan_id}",
            f"{row.plan.of_kind.name}: in force since {day_in_full(row.written_on, span.known_on)}, to be looked at "
            f"again by {day_in_full(row.review_by, span.known_on)}.",
            on=row.written_on,
            source=f"{row.plan.of_kind.name}, version {row.number}",
            url=reverse("care:kept", args=[span.student.pk, row.plan.kind]),
        )
        for row in rows.select_related("plan").order_by("plan__kind")
    ]


def friends(span: Span) -> list[Offer]:
    return [
        Offer("friends", prompt="Friends and relationships"),
        Offer("community", prompt="Taking part at school and outside"),
        Offer("safety", prompt="Feeling safe, and whom to tell"),
    ]


# --------------------------------------------------------------------------------- being here and keywork


def here(span: Span) -> dict[str, Any]:
    """How often school spoke with home, and how many sessions there were: general entries alone, and no names."""
    return keeping_in_touch.counted(span.student, span.first, span.last, span.known_on)


def in_the_log(span: Span) -> list[Source]:
    """Contacts and sessions: these days are those of no term."""
    return [Source("Contacts and sessions in the log", reverse("contacts:log", args=[span.student.pk]))]


def here_offers(span: Span) -> list[Offer]:
    register = next(iter(home.attendance(span, suspensions=True)), Offer("attendance"))
    return [
        replace(register, prompt="Being here: attendance, suspensions, part-time timetable"),
        Offer("engagement", prompt="Joining in"),
    ]


def here_in_words(facts: Any) -> str:
    count, held = facts.get("count", 0), facts.get("held", 0)
    return f"{count} contact{'' if count == 1 else 's'} with home, {held} session{'' if held == 1 else 's'}"


# ------------------------------------------------------------------------------------------- outcomes


def plan_outcomes(span: Span) -> dict[str, Any]:
    """Each outcome of section E with its goals and the judgement, in the order of the plan."""
    view = outcomes.outcomes_view(span.student, AnonymousUser(), school=span.school)
    return {"outcomes": [_outcome(one) for one in view.states]}


def _outcome(one: outcomes.OutcomeState) -> dict[str, Any]:
    word, label = _judged(one)
    return {
        "key": str(one.outcome.pk),
        "number": one.outcome.number,
        "text": one.outcome.text,
        "status": "" if one.outcome.status == Outcome.Status.OPEN else one.outcome.get_status_display(),
        "goals": [goal.words for goal in one.goals if goal.is_agreed],
        "word": word,
        "judgement": label,
        "pfa": list(one.outcome.pfa),
    }


def _judged(one: outcomes.OutcomeState) -> tuple[str, str]:
    return (one.judgement.word, one.judgement.get_word_display()) if one.judgement else ("", "Not judged yet")


def outcome_lines(span: Span) -> list[Offer]:
    """For each outcome where the student stood, where they are now, and what shows it, to be put in words."""
    plan = _plan(span)
    began = "at the last review" if plan and plan.reviewed_on else "when the plan was issued"
    view = outcomes.outcomes_view(span.student, AnonymousUser(), school=span.school)
    url = reverse("goals:outcomes", args=[span.student.pk])
    found = []
    for one in view.states:
        agreed = [goal for goal in one.goals if goal.is_agreed]
        rated = one.ratings[:RATED]
        then = [step.words for goal in agreed for step in goal.steps if step.value == goal.baseline]
        now = [goal.where for goal in agreed if goal.level is not None and goal.where]
        if not then:
            then = [f"{rating.words.rstrip('.')}: {rating.first}" for rating in rated]
        if not now:
            now = [f"{rating.words.rstrip('.')}: {rating.latest}" for rating in rated if not rating.only_once]
        seen = [
            f"{piece.words.rstrip('.')} ({day_short(piece.on, span.known_on)})"
            for piece in one.evidence
            if piece.words and span.first <= piece.on <= span.last
        ][:PIECES]
        said = [one.judgement.words] if one.judgement and one.judgement.words else []
        key, number = str(one.outcome.pk), one.outcome.number
        for part, prompt, words in (
            ("then", began, then),
            ("now", "now", now),
            ("shows", "what shows it", [*seen, *said]),
        ):
            found.append(
                Offer(
                    f"{part}-{key}",
                    _joined(words),
                    source="Goals, ratings and examples of this outcome" if words else "",
                    url=url,
                    prompt=f"Outcome {number}, {prompt}",
                    about=f"{part}-{key}",
                )
            )
    return found


def _joined(words: Sequence[str]) -> str:
    return "; ".join(" ".join(one.split()).rstrip(";") for one in words if one.strip())[:1000]


def outcomes_in_words(facts: Any) -> str:
    rows = facts.get("outcomes", ())
    judged = sum(bool(one["word"]) for one in rows)
    return f"{judged} of {len(rows)} judged" if rows else "No outcome in the plan"


# ------------------------------------------------------------------------------------- areas and goals


def _points(span: Span) -> list[history.PointScores]:
    found = history.points_of(span.student, span.school.calendar, finished_only=True)
    return [one for one in found if one.done_on is not None and span.first <= one.done_on <= span.last]


def rated_in(span: Span) -> list[Source]:
    points = _points(span)
    return tsp.ratings_of(span, [points[0], points[-1]]) if points else []


def areas(span: Span) -> dict[str, Any]:
    """The nine areas at the first and at the latest finished baseline or review of these days."""
    points = _points(span)
    return tsp.drawn_areas(points, points[0], span.known_on, audience="staff") if points else {"rows": []}


def why_harder(span: Span) -> list[Offer]:
    return tsp.why_harder_of(areas(span))


def goals(span: Span) -> dict[str, Any]:
    """The goals as steps in words; T only for the appendix, where the rules let it be shown (domain 2.5)."""
    found = tsp.goals(span)
    keys = {int(one["key"]) for one in found["goals"]}
    scored = [
        as_scored(goal, scale, standing_score(goal.all_scores, scale))
        for goal in goal_rows(span.student.pk)
        if goal.pk in keys and (scale := in_force(goal.all_scales))
    ]
    figures = rules.attainment(scored)
    t = None
    if figures.baseline_t is not None and figures.achieved_t is not None:
        t = {"then": str(figures.baseline_t), "now": str(figures.achieved_t), "of": figures.scored}
    return {**found, "t": t}


# ------------------------------------------------------------------------- adulthood, the plan, the meeting


def adulthood(span: Span) -> dict[str, Any]:
    """The four outcomes of preparing for adulthood, from Year 9, and which outcomes of the plan serve each."""
    if not _for_adulthood(span.student):
        return {"four": []}
    plan = _plan(span)
    numbers: dict[str, list[int]] = {code: [] for code in Outcome.Pfa.values}
    for one in plan.outcomes.order_by("number") if plan else ():
        for code in one.pfa:
            numbers[code].append(one.number)
    return {
        "four": [
            {"key": code, "title": label, "outcomes": numbers[code]} for code, label in Outcome.Pfa.choices
        ]
    }


def adulthood_lines(span: Span) -> list[Offer]:
    if not _for_adulthood(span.student):
        return []
    asked = (
        ("hope", f"what {span.student.known_as} hopes for"),
        ("now", "now"),
        ("next", "next step, and who"),
    )
    return [
        Offer(f"{code}-{part}", prompt=f"{label}: {words}", about=f"{code}-{part}")
        for code, label in Outcome.Pfa.choices
        for part, words in asked
    ]


def _for_adulthood(student: Student) -> bool:
    return student.nc_year.isdigit() and int(student.nc_year) >= FOR_ADULTHOOD_FROM


def adulthood_in_words(facts: Any) -> str:
    return "" if facts.get("four") else f"From Year {FOR_ADULTHOOD_FROM} on"


def changes(span: Span) -> list[Offer]:
    """Those asked for at the review; a section of which nothing is asked waits to be written."""
    asked = list(meeting.changes(span))
    there = {one.about for one in asked}
    found = [
        Offer(
            f"section-{letter}", prompt=f"Section {letter}, {what}: what should change, and why", about=letter
        )
        for letter, what in PLAN_SECTIONS.items()
        if letter not in there
    ]
    return sorted([*asked, *found], key=lambda one: one.about)


def circulation(span: Span) -> list[Offer]:
    """Who is at home and gets reports, and the authority; the writer adds who else is asked to the meeting."""
    links = FamilyLink.objects.for_reports(span.known_on).filter(student=span.student)
    people = reverse("students:people", args=[span.student.pk])
    found = [Offer(f"student-{span.student.pk}", span.student.name, source=worded("The student"), url=people)]
    for link in links.select_related("member").defer("court_restriction").order_by("priority", "pk"):
        said = f", {link.relationship.lower()}" if link.relationship else ""
        found.append(Offer(f"link-{link.pk}", f"{link.member.name}{said}", source="Gets reports", url=people))
    if span.student.maintained_by:
        team = f"{span.student.maintained_by}, SEND team"
        found.append(Offer("authority", team, source="Maintains the plan", url=people))
    return [*found, *meeting.invited(span)]


# ------------------------------------------------------------------------------------------------- drawn

GOALS_ACROSS = 3


def drawn(context: Mapping[str, Any]) -> dict[str, Any]:
    """What the template needs of facts and lines together: outcomes and adulthood with what was written, goals in threes."""
    facts, lines = context["facts"], context["lines"]
    said = {line.about: line.text for line in lines.get("outcomes", ())}
    hoped = {line.about: line.text for line in lines.get("adulthood", ())}
    return {
        "outcomes": [_with_lines(row, said) for row in facts.get("outcomes", {}).get("outcomes", ())],
        "goal_tables": list(_in_threes(facts.get("goals", {}).get("goals", ()))),
        "adulthood": [
            row | {part: hoped.get(f"{row['key']}-{part}", "") for part in ("hope", "now", "next")}
            for row in facts.get("adulthood", {}).get("four", ())
        ],
        **independence.in_review(context),
    }


def _with_lines(row: Mapping[str, Any], said: Mapping[str, str]) -> dict[str, Any]:
    """An outcome with what was written of it; words that are the same then and now are to be said once."""
    lines = {part: said.get(f"{part}-{row['key']}", "") for part in ("then", "now", "shows")}
    return {**row, **lines, "is_same": bool(lines["now"]) and lines["now"] == lines["then"]}


def _in_threes(goals: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Goals beside each other, a row for each of the five steps."""
    levelled = [goal for goal in goals if len(goal["steps"]) == len(rules.LEVELS)]
    across = -(-len(levelled) // (-(-len(levelled) // GOALS_ACROSS) or 1)) or 1  # as even as they come
    for first in range(0, len(levelled), across):
        some = levelled[first : first + across]
        rows = zip(*(goal["steps"] for goal in some), strict=True)
        yield {
            "goals": some,
            "rows": [
                {"name": steps[0]["name"], "hoped": steps[0]["hoped"], "steps": steps} for steps in rows
            ],
        }

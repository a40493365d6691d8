"""The yearly assessment of independence in a report (domain 3, 7.3 C): frozen as answered, drawn for each reader.

What is kept holds every rater's answers. Whose of them a copy shows is worked out when it is drawn (`drawn`): the ILSA
report has a copy for the school, one for the student, and one for each home with what its readers see on their own
page (ilsa.rater_pages). Nobody's answers are averaged with another's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from care.models import Outcome
from ilsa import comparison, pictures, rater_pages, rules
from ilsa.goal_links import KIND
from ilsa.models import Assessment, RaterForm, Role
from keywork import goal_links
from keywork.calendar import Term
from keywork.dates import academic_year, day_short
from keywork.errors import Refused
from keywork.school import SchoolFacts, load
from keywork.words import worded
from students.models import FamilyLink, Student

from .. import keeping_in_touch
from . import Offer, Source, Span

SCHOOL, STUDENT = keeping_in_touch.NOBODY, "#student"  # copies that are for no home
LEFT, WIDE = 10, 202  # of the picture, in its own units: where 0 stands, and how far 100 is from it
# The triangle is an outline: each is seen on one spot.
BACK_TO_FRONT = ("keyworker", "student", "parent", "parent-2")
PRIORITIES = ("First", "Second", "Third")


def days(student: Student, term: Term, today: date) -> tuple[date, date]:
    """The school year of the term until today. Raises Refused while the keyworker's ratings of it are not in."""
    year = next(one for one in load().calendar.years if one.id == term.id[:7])
    rated = RaterForm.objects.submitted().filter(
        assessment__student=student, assessment__round__year=year.id, role=Role.KEYWORKER
    )
    if not rated.exists():
        raise Refused(f"The independence of {student.known_as} is not rated yet in {academic_year(year.id)}.")
    return year.starts_on, min(term.ends_on, today)


def of_year(span: Span) -> dict[str, Any]:
    """The assessment of the term's year, and the copies that are made of it."""
    found = _assessments(span.student).filter(round__year=span.term.id[:7]).first()
    return {**_facts(found, span), "homes": _copies(found, span)} if found else {}


def latest(span: Span) -> dict[str, Any]:
    """The newest assessment that was rated in these days; nothing of whose copy is whose."""
    between = (span.first, span.last)
    rated = RaterForm.objects.submitted().filter(role=Role.KEYWORKER, answered_on__range=between)
    found = (
        _assessments(span.student).filter(pk__in=rated.values("assessment")).order_by("-round__year").first()
    )
    return _facts(found, span) if found else {}


def rated_by(span: Span) -> list[Source]:
    return [Source("Everybody’s answers", reverse("ilsa:student", args=[span.student.pk]))]


def _assessments(student: Student) -> Any:
    return Assessment.objects.filter(student=student).select_related("student", "round")


def _facts(assessment: Assessment, span: Span) -> dict[str, Any]:
    found = comparison.load(assessment, rater_pages.all_forms(assessment))
    shapes = pictures.shapes_of(found.columns)
    return {
        "year": academic_year(assessment.round.year),
        "domains": [row.domain.title for row in found.domains],
        "scale": {str(choice.value): choice.staff for choice in found.template.choices},
        "raters": [
            {
                "form": column.form.pk,
                "role": column.role,
                "label": column.label,
                "shape": shape,
                "on": day_short(column.form.answered_on) if column.form.answered_on else "",
                "day": column.form.answered_on.isoformat() if column.form.answered_on else "",
                "per_cent": _whole(whole.shown),
                "rated": sum(figure.rated for figure in figures),
                "of": sum(figure.in_scope for figure in figures),
                "domains": [
                    {"at": _whole(one.shown), "rated": one.rated, "of": one.in_scope} for one in figures
                ],
            }
            for shape, column, whole, figures in zip(
                shapes,
                found.columns,
                found.overall,
                zip(*(row.figures for row in found.domains), strict=True),
                strict=True,
            )
        ],
        "absent": [
            {
                "form": form.pk,
                "who": form.member.name
                if form.member
                else ("" if form.role == Role.KEYWORKER else span.student.known_as),
                "why": rules.NOT_TAKING_PART.get(form.missing, "has not answered"),
            }
            for form in found.absent
        ],
        "parents": [
            form.pk for form in [*(one.form for one in found.columns), *found.absent] if form.member_id
        ],
        "items": [
            {
                "words": row.item.parent.rstrip("."),
                "answers": list(row.answers),
                "agreed": None
                if row.agreed is None
                else {
                    "score": row.agreed.score,
                    "why": ", ".join(rules.EXPLANATIONS[tag].lower() for tag in row.agreed.tags),
                    "note": row.agreed.note,
                    "on": day_short(row.agreed.agreed_on),
                },
            }
            for row in found.items
        ],
        "change": _change(span, assessment, span.school),
    }


def _whole(shown: Any) -> int | None:
    return None if shown is None else int(shown)


def _change(span: Span, assessment: Assessment, school: SchoolFacts) -> dict[str, Any]:
    """The keyworker's ratings (or what was agreed, as the school says) against the year before, like for like."""
    source = school.policy(span.last).ilsa_headline_source
    every = list(_assessments(span.student).filter(round__year__lte=assessment.round.year))
    forms = RaterForm.objects.submitted().filter(assessment__in=every, role=Role.KEYWORKER)
    steps = comparison.steps(comparison.years_of(every, list(forms)), source)
    step = steps[-1] if steps else None
    if step is None or step.after.assessment.pk != assessment.pk:
        return {"lines": [], "alone": [], "newly": [], "since": ""}
    items = step.after.template.items
    before, after = step.before.answers[source], step.after.answers[source]
    equal = step.after.template.equivalents
    alone = [
        items[slug].parent.rstrip(".")
        for slug, answer in after.items()
        if answer == rules.TOP
        and slug in items
        and rules.is_score(was := before.get(slug, before.get(equal.get(slug, ""))))
        and was != rules.TOP
    ]
    overall = step.overall
    return {
        "since": academic_year(step.before.label),
        "overall": "" if overall is None else pictures.points(int(rules.rounded(overall))).lower(),
        "lines": [
            _changed(domain.title, step.domains[domain.slug]) for domain in step.after.template.domains
        ],
        "alone": alone,
        "newly": [items[slug].parent.rstrip(".") for slug in step.newly_in_scope],
    }


def _changed(title: str, change: rules.ScoreChange) -> dict[str, Any]:
    if change.then is None or change.now is None or change.shown is None:
        words = f"{change.shared} of {change.of} in both" if change.of else "no score"
        return {"title": title, "figures": words, "words": "not comparable", "wide": False}
    return {
        "title": title,
        "figures": f"{rules.rounded(change.then)} to {rules.rounded(change.now)}",
        "words": pictures.points(int(change.shown)).lower().removesuffix("s").removesuffix(" point"),
        "wide": change.stands_out(rules.DOMAIN_STEP),
    }


def _copies(assessment: Assessment, span: Span) -> list[dict[str, Any]]:
    """Who gets a copy, and whose answers (keys of forms) each shows: what every reader of it may see."""
    policy, on = span.school.policy(span.known_on), span.known_on
    student = span.student
    gets = FamilyLink.objects.for_reports(on).filter(student=student).defer("court_restriction")
    links = {link.member_id: link for link in gets}
    every = [form.pk for form in rater_pages.all_forms(assessment)]
    own = [form.pk for form in rater_pages.forms_for_student(assessment)]
    copies = []
    for home in keeping_in_touch.households_of([student.pk], on).get(student.pk, ()):
        seen = [
            {form.pk for form in rater_pages.forms_for_parent(assessment, links[member], policy, on)}
            for member in sorted(home.readers)
        ]
        names = " and ".join(home.names)
        copies.append((home.key, names, sorted(home.readers), True, sorted(set.intersection(*seen))))
    copies.append((STUDENT, student.known_as, [], False, own))
    copies.append((SCHOOL, "the school", [], False, every))
    keys = ("household", "written_for", "readers", "for_somebody", "forms")
    return [dict(zip(keys, copy, strict=True)) for copy in copies]


def in_words(facts: Any) -> str:
    raters = facts.get("raters", ())
    figures = ["not enough seen" if one["per_cent"] is None else f"{one['per_cent']}%" for one in raters]
    said = ", ".join(f"{one['label']} {figure}" for one, figure in zip(raters, figures, strict=True))
    return f"{facts['year']}: {said}" if raters else "Not rated"


# -------------------------------------------------------------------------------------------------- lines


def own_answers(span: Span) -> list[Offer]:
    """The student's own answers stand in a home's copy only once the student has said so."""
    facts = of_year(span)
    if not any(one["role"] == Role.PUPIL for one in facts.get("raters", ())):
        return []
    return [
        Offer(
            f"own-{home['household']}"[:80],
            f"{span.student.known_as}’s own answers stand in the copy for {home['written_for']}.",
            source=f"Ask {span.student.known_as} first. Left out, the copy shows the {worded('keyworker')}’s answers and theirs",
            about=home["household"],
            chosen=False,
        )
        for home in facts["homes"]
        if home["for_somebody"]
    ]


def others_answers(span: Span) -> list[Offer]:
    """In a report that everybody at the review reads, what somebody else than the keyworker answered stands with
    their word; a parent's from the start where no other home reads it."""
    homes = keeping_in_touch.households_of([span.student.pk], span.known_on).get(span.student.pk, ())
    found = []
    for one in latest(span).get("raters", ()):
        if one["role"] == Role.KEYWORKER:
            continue
        theirs = one["role"] == Role.PARENT and len(homes) < 2
        found.append(
            Offer(
                f"rater-{one['form']}",
                f"What {one['label']} answered stands in this report.",
                source="No other home reads it"
                if theirs
                else f"Ask {one['label']} first: everybody at the review reads it",
                about=f"rater-{one['form']}",
                chosen=theirs,
            )
        )
    return found


def priorities(span: Span) -> list[Offer]:
    """Three things the student chose, with steps at school and at home: goals that grew from the assessment first."""
    facts = of_year(span)
    goals = goal_links.goals().linked_goals(span.student, KIND) if facts else []
    found = []
    for place, number in enumerate(PRIORITIES):
        goal = goals[place] if place < len(goals) else None
        origin = _belongs(goal.ref, span) if goal else ""
        for part, prompt, words in (
            ("choice", f"what {span.student.known_as} chose to work on", goal.words if goal else ""),
            ("school", "steps at school", ""),
            ("home", "steps at home", ""),
            ("belongs", "where it belongs: preparing for adulthood, and the outcome of the plan", origin),
        ):
            found.append(
                Offer(
                    f"{part}-{place}",
                    words,
                    source="A goal that grew from the assessment" if words else "",
                    url=goal.url if goal and words else "",
                    prompt=f"{number} thing, {prompt}",
                    about=f"{part}-{place}",
                )
            )
    return found


def _belongs(ref: str, span: Span) -> str:
    """ "Preparing for adulthood: good health. Plan, outcomes 2 and 3" of the goals that grew from an item."""
    found = goal_links.origin(ref, span.student.pk)
    said = [f"Preparing for adulthood: {Outcome.Pfa(found.pfa).label.lower()}"] if found and found.pfa else []
    linked = Outcome.objects.filter(goals__student=span.student, goals__grew_from=ref)
    numbers = [str(one) for one in linked.order_by("number").values_list("number", flat=True).distinct()]
    if numbers:
        said.append(f"Plan, outcome{'' if len(numbers) == 1 else 's'} {' and '.join(numbers)}")
    return ". ".join(said)


# -------------------------------------------------------------------------------------------------- drawn


def copy(context: Mapping[str, Any]) -> dict[str, Any]:
    """What one copy of the ILSA report shows: the answers its readers may see, and the student's own once they agreed."""
    home, facts = context["home"], context["facts"].get("ratings", {})
    shown = set(home.get("forms", ()))
    if any(line.about == home["household"] for line in context["lines"].get("ratings", ())):
        shown |= {one["form"] for one in facts.get("raters", ()) if one["role"] == Role.PUPIL}
    # A note of what was agreed may say what another parent thinks; the student was there (as ilsa.views.results).
    whole = home["household"] == STUDENT or set(facts.get("parents", ())) <= shown
    return {
        "views": views(facts, shown, notes=whole),
        "choices": _by_place(context["lines"].get("priorities", ())),
    }


def _by_place(lines: Sequence[Any]) -> list[dict[str, str]]:
    """The three things the student chose, a row each of the words that stand; lines added below them."""
    rows: dict[str, dict[str, str]] = {}
    for line in lines:
        part, _, place = line.about.partition("-")
        if place:
            rows.setdefault(place, {})[part] = line.text
    return [rows[place] for place in sorted(rows) if rows[place].get("choice")]


def in_review(context: Mapping[str, Any]) -> dict[str, Any]:
    """The assessment in the annual-review report: the keyworker's answers, and those whose line stands."""
    facts = context["facts"].get("independence", {})
    lines = {line.about for line in context["lines"].get("independence", ())}
    shown = {
        one["form"]
        for one in facts.get("raters", ())
        if one["role"] == Role.KEYWORKER or f"rater-{one['form']}" in lines
    }
    return {"views": views(facts, shown, notes=set(facts.get("parents", ())) <= shown)}


def views(facts: Mapping[str, Any], shown: set[int], *, notes: bool) -> dict[str, Any]:
    """The picture and tables of these raters alone: differences are those between people the reader may see."""
    if not facts.get("raters"):
        return {}
    places = [place for place, one in enumerate(facts["raters"]) if one["form"] in shown]
    raters = [facts["raters"][place] for place in places]
    scale = facts["scale"]
    items = [{**item, "answers": [item["answers"][place] for place in places]} for item in facts["items"]]
    apart = rules.days_apart(date.fromisoformat(one["day"]) for one in raters if one["day"])
    agenda = sorted(
        (item for item in items if item["agreed"] or rules.flagged(*item["answers"])),
        key=lambda item: (item["agreed"] is None, -_width(item["answers"])),
    )
    return {
        "year": facts["year"],
        "raters": raters,
        "absent": [one for one in facts["absent"] if one["form"] in shown],
        "apart": apart if apart > rules.ONE_ASSESSMENT_DAYS else 0,
        "rows": [_row(title, place, raters) for place, title in enumerate(facts["domains"])],
        "agenda": [
            {
                "words": item["words"],
                "said": [_said(answer, scale) for answer in item["answers"]],
                "agreed": _agreed(item["agreed"], scale, notes=notes),
            }
            for item in agenda
        ],
        "one_place": [
            item["words"]
            for item in items
            if rules.seen_in_one_place(*item["answers"]) and not rules.flagged(*item["answers"])
        ],
        "unseen": [
            item["words"]
            for item in items
            if rules.NOT_SEEN in item["answers"] and not any(rules.is_score(one) for one in item["answers"])
        ],
        "change": facts["change"],
    }


def _width(answers: Sequence[rules.Answer]) -> int:
    scores = [answer for answer in answers if isinstance(answer, int)]
    return max(scores, default=0) - min(scores, default=0)


def _said(answer: rules.Answer, scale: Mapping[str, str]) -> str:
    if answer is None:
        return "–"
    return f"{answer} {scale[str(answer)]}" if rules.is_score(answer) else scale[str(answer)]


def _agreed(
    agreed: Mapping[str, Any] | None, scale: Mapping[str, str], *, notes: bool
) -> dict[str, str] | None:
    if agreed is None:
        return None
    return {
        "words": _said(agreed["score"], scale),
        "why": agreed["why"],
        "note": agreed["note"] if notes else "",
        "on": agreed["on"],
    }


def _row(title: str, place: int, raters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One domain: marks to draw back to front, the line between the farthest two, and the same in words."""
    marks = [(one["shape"], one["label"], one["domains"][place]) for one in raters]
    drawn = sorted(
        (
            {"shape": shape, "x": _x(domain["at"]), "at": domain["at"]}
            for shape, _, domain in marks
            if domain["at"] is not None
        ),
        key=lambda mark: BACK_TO_FRONT.index(mark["shape"]),
    )
    at = [mark["at"] for mark in drawn]
    spread = max(at) - min(at) if len(at) > 1 else None
    outside = bool(marks) and not any(domain["of"] for _, _, domain in marks)
    return {
        "title": title,
        "marks": drawn,
        "low": _x(min(at)) if at else None,
        "high": _x(max(at)) if at else None,
        "spread": spread,
        "wide": spread is not None and spread >= pictures.WIDE,
        "cells": [
            f"{domain['at']}%" if domain["at"] is not None else ("–" if outside else "not seen")
            for _, _, domain in marks
        ],
        "told": f"{title}: "
        + (
            "does not apply now"
            if outside
            else ", ".join(
                f"{label} {domain['at']} per cent"
                if domain["at"] is not None
                else f"{label} {pictures.NOT_ENOUGH}"
                for _, label, domain in marks
            )
        ),
    }


def _x(at: int) -> float:
    return round(LEFT + at / 100 * WIDE, 1)

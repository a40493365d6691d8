"""The Head's report of a term on paper (domain 7.3 E): about the school, no student and no member of staff.

Every figure is one that a page shows: Oversight's own counters, Missed, the class view of the TSP, the round of the
independence assessment. Of groups of students no count below five is told, nor what would let one be reckoned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from care.models import EhcPlan
from contacts.missed import MissFilter
from contacts.models import KeyworkSession, Miss
from goals.gas_scales import above_expected
from ilsa import progress
from ilsa.models import Round
from ilsa.school_view import SMALL_GROUP, left_out
from keywork import clock, duties
from keywork.access import Can, has_capability, scope_q
from keywork.audit import shows_nothing
from keywork.calendar import Term
from keywork.duties import Status, miss_names
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.levels import Level
from keywork.models import Assignment, User
from keywork.models.assignment import reason_in_words
from keywork.school import SchoolFacts, load
from reports import keeping_in_touch, printing, rendering
from reports.duties import KIND as PAPERS
from reports.kinds import students_of, terms_to_report
from students.filters import year_label
from students.models import Student
from tsp.class_view.completeness import asked_for, completeness
from tsp.models import AssessmentPoint
from tsp.rating.history import lowest_areas

from .due_summary import is_overdue
from .figures import FIGURES
from .overview import Overview, overview

REVIEW_DAYS = 60
SILENCES, LOWEST = 5, 3  # of each, so many are told
PAPERS_WORDS = (
    ("on time", (Status.MET,)),
    ("approved late", (Status.MET_LATE,)),
    ("overdue", (Status.OVERDUE,)),
    ("still in time", (Status.OPEN, Status.DUE_SOON, Status.OK)),
)
TEMPLATE = "reports/oversight_paper.html"


@dataclass(frozen=True, slots=True)
class Group:
    """Students of one kind. A count that is None is not told: fewer than five, or what would give it away."""

    label: str
    students: int | None
    overdue: int | None


def facts(user: User, term: Term, school: SchoolFacts, today: date) -> dict[str, Any]:
    """All that is printed, of the students whom this person oversees."""
    now = overview(user, today, school)
    changes = Assignment.objects.filter(
        scope_q(user, Can.VIEW_LOG, "student_id"),
        kind=Assignment.Kind.KEYWORKER,
        starts_on__range=(term.starts_on, min(term.ends_on, today)),
    )
    return {
        "term": term,
        "known_on": today,
        "on_roll": len(now.rows),
        "counts": now.counts,
        "over_cap": now.keyworkers_over_cap,
        "cap": now.cap,
        "changes": changes.count(),
        "reasons": _reasons(changes),
        "contact": _contact(user, term, school, today),
        "overdue": _overdue(now),
        "missed": {kind: _missed(user, term, school, today, kind) for kind in miss_names()},
        "duty_names": miss_names(),
        "sessions": _sessions(user, term, today),
        "tsp": _tsp(user, term, school, today, {row.student.pk for row in now.rows})
        if has_capability(user, Can.FOLLOW_TSP)
        else None,
        "independence": _independence(user, term),
        **_plans(user, today),
        "papers": _papers(now),
        "reviews": _reviews(user, term, school, today),
        "groups": _groups(now),
    }


def _reasons(changes: Any) -> list[tuple[str, int]]:
    found: Counter[str] = Counter(changes.order_by().values_list("reason", flat=True))
    common = found.most_common()
    return [
        (reason_in_words(reason), count)
        for (reason, _), count in zip(common, suppressed([count for _, count in common]), strict=True)
        if count is not None
    ]


def _contact(user: User, term: Term, school: SchoolFacts, today: date) -> dict[str, Any]:
    """The figures of Keeping in touch, of everyone on roll at some time of the term: their days put together."""
    students = list(students_of(Student.objects.visible_to(user, Can.VIEW_LOG), term, today))
    last = min(school.calendar.until_next_term(term), today)
    each = [
        one.figures
        for one in keeping_in_touch.figures_of(students, term.starts_on, last, today, school).values()
    ]
    whole = keeping_in_touch.together(each)
    silences = sorted((one.longest_gap_days for one in each if one.longest_gap), reverse=True)
    return {
        "students": sum(bool(one.counted_days) for one in each),
        "days": whole.counted_days,
        "in_time": keeping_in_touch.on_paper(whole),
        "silences": silences[:SILENCES],
        "until": last,
    }


def _papers(now: Overview) -> list[tuple[str, int]]:
    """How the reports for the reviews to come stand, and of those that nobody has written down as held."""
    of_papers = next(
        of_duty
        for provider, of_duty in zip(duties.providers(), now.results, strict=True)
        if provider.kind == PAPERS
    )
    found = Counter(of_papers.state(row.place).status for row in now.rows)
    return [(words, sum(found[status] for status in statuses)) for words, statuses in PAPERS_WORDS]


def _overdue(now: Overview) -> list[tuple[str, int]]:
    """Of each duty, how many students have it overdue today."""
    return [
        (provider.name, sum(is_overdue(of_duty.state(row.place)) for row in now.rows))
        for provider, of_duty in zip(duties.providers(), now.results, strict=True)
    ]


def _missed(user: User, term: Term, school: SchoolFacts, today: date, duty: str) -> dict[str, int]:
    """As the Missed page counts them: what came of each due date that passed unmet."""
    visible = Miss.objects.visible_to(user, Can.VIEW_LOG)
    return dict(MissFilter({"term": term.id, "duty": duty}, visible, school.calendar, today).counts)


def _sessions(user: User, term: Term, today: date) -> list[tuple[str, int]]:
    labels = dict(KeyworkSession.Status.choices)
    rows = KeyworkSession.objects.visible_to(user, Can.VIEW_LOG).filter(
        happened_on__range=(term.starts_on, min(term.ends_on, today)),
        level=Level.GENERAL,
        voided_on__isnull=True,
    )
    found = Counter(rows.order_by().values_list("status", flat=True))
    return [(labels[status], found[status]) for status in labels if found[status]]


def _tsp(user: User, term: Term, school: SchoolFacts, today: date, here: Collection[int]) -> dict[str, Any]:
    """`here` are the students on roll today: who joins later in the term is asked too, and not counted yet."""
    points = []
    for kind, label in AssessmentPoint.Kind.choices:
        asked = asked_for(school, today, term.id, kind)
        if asked is None:
            continue
        rows = [row for row in completeness(user, school, asked, today) if row.student.pk in here]
        points.append(
            {
                "label": label,
                "due_on": asked.due_on,
                "opens_on": asked.opens_on,
                "is_open": today >= asked.opens_on,
                "of": len(rows),
                "finished": sum(row.done_on is not None for row in rows),
                "late": sum(row.is_late for row in rows),
                "complete": sum(not row.missing for row in rows),
                "with_goal": sum(row.goals > 0 for row in rows),
            }
        )
    lowest, compared = lowest_areas(here, term.id)
    counts = suppressed([count for _, count in lowest])
    return {
        "points": points,
        "share": above_expected(user, term.id),
        "lowest": [
            (title, count) for (title, _), count in zip(lowest, counts, strict=True) if count is not None
        ][:LOWEST],
        "compared": compared,
    }


def _independence(user: User, term: Term) -> list[progress.Count]:
    """Of the round of the term's school year."""
    round = Round.objects.filter(year=term.id[:7]).first()
    return progress.counts(progress.lines(round, user)) if round else []


def _plans(user: User, today: date) -> dict[str, Any]:
    plans = (
        EhcPlan.objects.visible_to(user, Can.VIEW_PLANS)
        .current()
        .filter(student__in=Student.objects.on_roll(today).order_by().values("pk"))
    )
    due = plans.order_by().values_list("next_review_on", flat=True)
    days = [day for day in due if day is not None]
    return {
        "plans": len(due),
        "reviews_soon": sum(today <= day <= today + timedelta(days=REVIEW_DAYS) for day in days),
        "reviews_overdue": sum(day < today for day in days),
        "review_days": REVIEW_DAYS,
    }


HELD = ("reviews", "talks", "papers", "review_reports")  # of FIGURES: in the term; the others as they stand
STANDING = ("plans_overdue", "not_read")


def _reviews(user: User, term: Term, school: SchoolFacts, today: date) -> list[tuple[str, int]]:
    """What became of the reviews of the term, and which plans wait; a query each."""
    first, last = term.starts_on, min(term.ends_on, today)
    found = []
    for key in (*HELD, *STANDING):
        figure = FIGURES[key]
        rows = figure.rows(user, school.policy(today)).filter(**{f"{figure.day}__lte": last})
        if key in HELD:
            rows = rows.filter(**{f"{figure.day}__gte": first})
        found.append((figure.name, rows.count()))
    return found


def _groups(now: Overview) -> list[tuple[str, list[Group]]]:
    looked_after = set(
        Student.objects.filter(pk__in=[row.student.pk for row in now.rows], looked_after=True)
        .order_by()
        .values_list("pk", flat=True)
    )
    by: Mapping[str, Callable[[Any], str]] = {
        "Day and residential": lambda one: one.placement_label,
        "Looked after": lambda one: "Looked after" if one.pk in looked_after else "Not looked after",
        "Year": lambda one: year_label(one.nc_year),
    }
    return [(title, _split(now, group_of)) for title, group_of in by.items()]


def _split(now: Overview, group_of: Callable[[Any], str]) -> list[Group]:
    students: Counter[str] = Counter()
    overdue: Counter[str] = Counter()
    for row in now.rows:
        label = group_of(row.student)
        students[label] += 1
        overdue[label] += "overdue" in row.groups
    labels = sorted(students, key=_in_order)
    sizes, late = suppressed([students[one] for one in labels]), suppressed([overdue[one] for one in labels])
    return [
        Group(label, size, count if size is not None else None)
        for label, size, count in zip(labels, sizes, late, strict=True)
    ]


def _in_order(label: str) -> tuple[int, str]:
    number = label.rpartition(" ")[2]
    return (int(number) if number.isdecimal() else 0, label)


def suppressed(counts: Sequence[int]) -> list[int | None]:
    """Counts that together make up a figure that is told: none below five, and none that lets one be reckoned."""
    out = left_out(counts, [place for place, count in enumerate(counts) if not 0 < count < SMALL_GROUP])
    return [None if place in out else count for place, count in enumerate(counts)]


def paper(user_id: int, term_id: str) -> printing.Paper:
    school, user = load(), User.objects.get(pk=user_id)
    said = facts(user, school.calendar.term(term_id), school, clock.today())
    html = rendering.page(TEMPLATE, {"school": school, "reader": user, **said})
    return printing.Paper(html, forms=printing.FORMS, known_on=said["known_on"])


@permission_required(Can.OVERSEE, GET)
def choose(request: SchoolRequest) -> HttpResponse:
    """The terms there is a report of."""
    terms = terms_to_report(load(), clock.today())
    return render(request, "portal/oversight_terms.html", {"terms": terms})


@require_GET
@permission_required(Can.OVERSEE)
def report(request: SchoolRequest, term: str) -> HttpResponse:
    """The report of a term, as known today: worked out by the worker, as it counts everybody's record."""
    if term not in {one.id for one in terms_to_report(load(), clock.today())}:
        raise Http404
    args = [request.user.pk, term]
    return printing.answer(
        request,
        printing.Unread("oversight", args, printing.FORMS),
        kind="oversight",
        args=args,
        filename=f"oversight-{term}",
        log=lambda: shows_nothing(request),  # it is about no student
    )

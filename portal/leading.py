"""What the homes of those who lead show: the TSP coordinator's, the safeguarding lead's, the SENCo's, the administrator's.

Each is read in a fixed number of queries however large the school. Nothing of a record's own text stands on them:
a reason, an order or an entry is read on its own page, which leaves a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from care.models import EhcPlan, PlanVersion, Review
from care.plans.permissions import guarded
from care.to_do import SOON
from contacts.models import ContactHold, HomeContact, KeyworkSession
from contacts.models.entry import LogEntry
from goals.gas_scales import waiting_for
from goals.outcomes import quiet_outcomes_of
from keywork import clock
from keywork.access import Can
from keywork.levels import Level
from keywork.models import Assignment, User
from keywork.roles import STAFF_ROLES
from keywork.school import SchoolFacts
from keywork.signin import SECOND_STEPS
from reports.kinds import KINDS
from reports.models import Batch, Report, WrittenReport
from students.models import FamilyLink, ImportBatch, Student
from tsp.class_view.completeness import AskedPoint, asked_for, completeness, in_words
from tsp.models import Proposal
from tsp.questions import templates

from .account_list import INVITATION_DAYS
from .health import needs_somebody

SHOWN = 10  # rows of a list on a home; the page behind it has them all
NEW_DAYS = 14
REVIEW_DAYS = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One part of every TSP, counted over the school."""

    label: str
    done: int
    of: int


def coordinating(user: User, today: date, school: SchoolFacts) -> dict[str, Any]:
    """How complete the TSP is, what waits to be checked, and reports that nobody has released."""
    asked = asked_for(school, today, "", "")
    # Whoever has left since is nobody's to chase, and counted nowhere.
    rows = [row for row in completeness(user, school, asked, today) if row.on_roll] if asked else []
    missing = sorted((row for row in rows if row.missing), key=lambda row: -len(row.missing))
    form = templates.current()
    to_check = [scale for scale in waiting_for(user) if not scale.mine]
    return {
        "asked": asked,
        "not_open_yet": asked is not None and today < asked.opens_on,
        "was_due": asked is not None and asked.due_on < today,
        "total": len(rows),
        "incomplete": len(missing),
        "complete": len(rows) - len(missing),
        "missing": [(row, ", ".join(in_words(row.missing, form))) for row in missing[:SHOWN]],
        "more_missing": max(0, len(missing) - SHOWN),
        "to_check": to_check[:SHOWN],
        "to_check_count": len(to_check),
        "proposals": Proposal.objects.filter(status=Proposal.Status.OPEN).count(),
        "parts": _parts(rows, asked),
        "batches": _unreleased(user, school),
        "reports": WrittenReport.objects.visible_to(user, Can.RELEASE_REPORTS).for_another(user).counted(),
    }


def _parts(rows: Sequence[Any], asked: AskedPoint | None) -> list[Part]:
    if asked is None or not rows:
        return []
    total = len(rows)
    tools = [(title, number) for number, (_, title, _) in enumerate(rows[0].tools)]
    return [
        Part("Ratings finished", sum(row.done_on is not None for row in rows), total),
        *(
            Part(title, sum(row.tools[number][2] in ("in", "declined") for row in rows), total)
            for title, number in tools
        ),
        Part("A goal agreed", sum(row.goals > 0 for row in rows), total),
    ]


class BatchRow(NamedTuple):
    """An order of reports, its kind and term in words, and how many of its reports went to nobody."""

    batch: Batch
    kind: str
    term: str
    waiting: int


def _unreleased(user: User, school: SchoolFacts) -> list[BatchRow]:
    """Orders one may release that hold reports which went to nobody."""
    reports = Report.objects.visible_to(user, Can.RELEASE_REPORTS).unreleased()
    waiting = reports.filter(batch=OuterRef("pk")).order_by()
    count = waiting.values("batch").annotate(n=Count("pk")).values("n")
    found = (
        Batch.objects.filter(Q(created_by=user) | Q(whole_school=True))
        .annotate(waiting=Subquery(count))
        .filter(waiting__gt=0)
        .order_by("-created_at", "-pk")[:SHOWN]
    )
    terms = {term.id: term.name for term in school.calendar.terms}
    return [
        BatchRow(batch, KINDS[batch.kind].name, terms.get(batch.term, batch.term), batch.waiting)
        for batch in found
    ]


def safeguarding(user: User, today: date) -> dict[str, Any]:
    """Holds that are in force or to come, restrictions in force, and restricted entries of the last days."""
    holds = (
        ContactHold.objects.visible_to(user, Can.PLACE_HOLD)
        .filter(ends_on__gte=today)
        .select_related("student", "placed_by")
        .order_by("ends_on", "student__in_order", "pk")
    )
    restricted = (
        FamilyLink.objects.visible_to(user, Can.VIEW_RESTRICTIONS)
        .filter(ended_on__isnull=True)
        .exclude(pk__in=FamilyLink.objects.unrestricted(today).values("pk"))
        .filter(Q(student__left_on__isnull=True) | Q(student__left_on__gte=today))
        .select_related("student", "member")
        .order_by("restricted_until", "student__in_order", "pk")
    )
    return {
        "holds": list(holds),
        "restricted": list(restricted),
        "plans": list(
            PlanVersion.objects.newest()
            .readable_by(user)
            .filter(guarded("plan__"), review_by__lte=today + SOON)
            .select_related("plan__student")
            .order_by("review_by", "pk")
        ),
        "entries": _restricted_entries(user, today),
        "new_days": NEW_DAYS,
    }


def _restricted_entries(user: User, today: date) -> list[tuple[LogEntry, str]]:
    """Entries above the general level written in the last days, and the name of each one's page; newest first."""
    found: list[tuple[LogEntry, str]] = []
    for model, page in ((HomeContact, "contacts:contact"), (KeyworkSession, "contacts:session")):
        entries = (
            model.objects.readable_by(user)
            .exclude(level=Level.GENERAL)
            .filter(voided_on__isnull=True, logged_on__gte=today - timedelta(days=NEW_DAYS))
            .select_related("student", "logged_by")
            .order_by("-logged_at")[:SHOWN]
        )
        found += [(entry, page) for entry in entries]
    return sorted(found, key=lambda row: row[0].logged_at, reverse=True)[:SHOWN]


def reviews(user: User, today: date, school: SchoolFacts) -> dict[str, Any]:
    """Annual reviews by date, students without a plan or a date, and outcomes nothing is done towards this term."""
    keyworker = Assignment.objects.keyworkers(today).filter(student=OuterRef("pk"))
    plans = EhcPlan.objects.current().filter(student=OuterRef("pk"))
    dated = Review.objects.standing().filter(student=OuterRef("pk"), decided_on__isnull=True)
    students = list(
        Student.objects.visible_to(user, Can.EDIT_PLANS)
        .on_roll(today)
        .annotate(
            review_on=Subquery(plans.values("next_review_on")[:1]),
            meets_at=Subquery(dated.values("meets_at")[:1]),
            has_plan=Exists(plans),
            keyworker=Subquery(keyworker.values("user__name")[:1]),
        )
        .order_by("review_on", "in_order", "pk")
    )
    by_pk = {student.pk: student for student in students}
    quiet = quiet_outcomes_of(list(by_pk), school=school)
    soon = today + timedelta(days=REVIEW_DAYS)
    due = [one for one in students if one.review_on is not None]
    return {
        "overdue": [one for one in due if one.review_on < today],
        "soon": [one for one in due if today <= one.review_on <= soon],
        "later": sum(one.review_on > soon for one in due),
        "undated": [one for one in students if one.has_plan and one.review_on is None],
        "without_plan": [
            one for one in students if not one.has_plan and one.sen_status == Student.SenStatus.EHCP
        ],
        "quiet": [
            (by_pk[pk], outcomes)
            for pk, outcomes in sorted(
                quiet.items(), key=lambda pair: (-len(pair[1]), by_pk[pair[0]].in_order)
            )
        ],
        "students": len(students),
        "days": REVIEW_DAYS,
        "writes_for": set(
            Student.objects.visible_to(user, Can.MAKE_REPORTS)
            .filter(pk__in=by_pk)
            .values_list("pk", flat=True)
        ),
    }


def administering(user: User, today: date) -> dict[str, Any]:
    """People and accounts in numbers, and the last files that came in."""
    now = clock.now()
    active = Q(is_active=True)
    never = active & Q(last_login__isnull=True)
    staff = active & Q(roles__overlap=sorted(STAFF_ROLES))
    step = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_STEPS)
    numbers = User.objects.annotate(step=Exists(step)).aggregate(
        staff=Count("pk", filter=staff),
        family=Count("pk", filter=active & Q(roles__contains=["family"])),
        students=Count("pk", filter=active & Q(roles__contains=["student"])),
        not_in=Count("pk", filter=never),
        too_old=Count("pk", filter=never & Q(invited_at__lt=now - INVITATION_DAYS)),
        no_step=Count("pk", filter=staff & Q(step=False)),
    )
    return {
        "numbers": numbers,
        "health": needs_somebody(user),
        "on_roll": Student.objects.on_roll(today).count(),
        "imports": list(ImportBatch.objects.order_by("-at", "-pk")[:5]),
    }

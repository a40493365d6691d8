"""The top of every page inside a record: who this is, who stands around them, and the tabs.

Apps above (contacts, reports) use it too: `record_page(request, student, "reports", template, context)` with a template
that extends `students/record_base.html`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from keywork import clock, prepared
from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.dates import day_in_full, day_short
from keywork.duty_words import listed
from keywork.forms import KeyworkFormMixin
from keywork.http import SchoolRequest
from keywork.keyworker_history import Holder, read_holders_on
from keywork.models import Assignment, User
from keywork.words import worded, worded_lazy

from .models import EarlierStay, Student
from .rules import before_sixth_form, first_year_ends_on, how_long, in_first_year
from .stays import Stay, stay_on


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    active: bool


class Fact(NamedTuple):
    """One of the facts under a student's name. `wide` ones are left out on a phone: another tab has them too."""

    words: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class FirstYear:
    """Who is first contact for keywork in a student's first year, and until when (domain 5.3)."""

    role: str
    names: str
    ends_on: date


# Tab name, label, URL name, what opens it.
TABS = (
    ("timeline", "Timeline", "students:record", Can.VIEW_STUDENT),
    ("tsp", "TSP", "tsp:student", Can.VIEW_TSP),
    ("independence", "Independence", "ilsa:student", Can.VIEW_ILSA),
    ("plan", "EHC plan", "care:plan", Can.VIEW_PLANS),
    ("profile", "Profile", "tsp:what_helps", Can.VIEW_PROFILE),
    ("plans", "Plans", "care:kept_list", Can.VIEW_KEPT_PLANS),
    ("meetings", "Meetings", "care:meetings", Can.VIEW_MEETINGS),
    ("people", "People", "students:people", Can.VIEW_STUDENT),
    ("keyworkers", worded_lazy("Keyworkers"), "students:keyworkers", Can.VIEW_STUDENT),
    ("reports", "Reports", "reports:student", Can.VIEW_REPORTS),
    ("openings", "Who opened this", "students:openings", Can.VIEW_OPENINGS),
)


def record_context(request: SchoolRequest, student: Student, active: str) -> dict[str, Any]:
    """Context of `students/record_base.html`; one query, one more in a first year. `active` names a tab."""
    today = clock.today()
    before, holders = prepared.together(
        prepared.Read(_stays_before, student.pk), read_holders_on([student.pk], today)
    )
    stays = [*(Stay(*row) for row in before), Stay(student.joined_on, student.left_on)]
    has_left = student.left_on is not None and student.left_on < today
    return {
        "student": student,
        "stays": stays,
        "facts": _facts(student, stays, today, holders),
        "tabs": _tabs(request, student, active),
        "sixth_form": _sixth_form(request, student, today),
        "first_year": _first_year(request, stays[0].joined_on, today),
        "has_left": has_left,
        "not_yet_here": student.joined_on > today,
        "comes_back": len(stays) > 1,
        "may_come_back": has_left and allows(request.user, Can.EDIT_PEOPLE, student),
    }


def record_page(
    request: SchoolRequest,
    student: Student,
    tab: str,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    return render(request, template, record_context(request, student, tab) | context, status=status)


def record_form(
    request: SchoolRequest,
    student: Student,
    tab: str,
    form: KeyworkFormMixin,
    *,
    title: str,
    page: str,
    back: str,
    intro: str = "",
    width: str = "is-mid",
    template: str = "students/record_form.html",
    **more: Any,
) -> HttpResponse:
    """A page of the record that is one form; `page` is its name in a browser's tab, which says nothing of anybody."""
    context = {"form": form, "form_title": title, "page_title": page, "intro": intro, "width": width}
    context |= {"back_url": back, "back": back, **more}
    return record_page(request, student, tab, template, context, form.status)


def _stays_before(student_id: int) -> QuerySet:
    before = EarlierStay.objects.filter(student=student_id)
    return before.order_by("joined_on").values_list("joined_on", "left_on")


LEADS = "transition"  # the role that is first contact in a first year


def _facts(student: Student, stays: Sequence[Stay], today: date, holders: Sequence[Holder]) -> list[Fact]:
    in_post = {holder.kind: holder for holder in holders}
    facts = [Fact(student.year_label), Fact(student.placement_label, wide=True)]
    for kind, word in ((Assignment.Kind.KEYWORKER, worded("Keyworker")), (Assignment.Kind.MENTOR, "Mentor")):
        if kind in in_post:
            holder = in_post[kind]
            words = f"{word} {holder.name} ({how_long(holder.starts_on, today)})"
            facts.append(Fact(words, wide=kind != Assignment.Kind.KEYWORKER))
            if kind == Assignment.Kind.KEYWORKER and holder.away_until:
                facts.append(Fact(f"Away until {day_in_full(holder.away_until, today)}"))
        elif kind == Assignment.Kind.KEYWORKER and stay_on(stays, today).includes(today):
            facts.append(Fact(worded("No keyworker")))
    if len(stays) > 1:
        facts.append(Fact(_at_school(stays, today)))
    if student.left_on is not None and student.left_on >= today:
        facts.append(Fact(f"Last day {day_in_full(student.left_on, today)}"))
    return facts


def _at_school(stays: Sequence[Stay], today: date) -> str:
    """ "At school from 3 September 2024 to 13 February, back since 2 November", of somebody who came back."""
    *before, latest = stays
    spans = [
        f"{day_short(one.joined_on, today)} to {day_short(one.left_on, today)}"
        for one in before
        if one.left_on
    ]
    back = "back from" if latest.joined_on > today else "back since"
    if latest.left_on is not None and latest.left_on < today:
        spans.append(f"{day_short(latest.joined_on, today)} to {day_short(latest.left_on, today)}")
        return f"At school from {listed(spans)}"
    return f"At school from {listed(spans)}, {back} {day_short(latest.joined_on, today)}"


def _tabs(request: SchoolRequest, student: Student, active: str) -> list[Tab]:
    tabs = []
    for name, label, url_name, can in TABS:
        if allows(request.user, can, student):
            tabs.append(Tab(label, numbered(url_name).format(student.pk), name == active))
    return tabs


def _sixth_form(request: SchoolRequest, student: Student, today: date) -> tuple[date, str] | None:
    """The day of the move to sixth form and with whom it is prepared, once it is near."""
    rule = request.school.policy(today).post16_liaison
    if rule is None:
        return None
    moves_on = before_sixth_form(student.nc_year, today, rule.nc_year, rule.months_before_sixth_form)
    if moves_on is None or (student.left_on is not None and student.left_on < moves_on):
        return None
    return moves_on, listed(rule.roles)


def _first_year(request: SchoolRequest, joined_on: date, today: date) -> FirstYear | None:
    rule = request.school.policy(today).first_year_contact_role
    if rule is None or not in_first_year(joined_on, today, rule.months):
        return None
    leads = User.objects.filter(is_active=True, roles__contains=[LEADS]).values_list("name", flat=True)
    return FirstYear(rule.role, " or ".join(sorted(leads)), first_year_ends_on(joined_on, rule.months))


def team(student: Student, today: date) -> list[Assignment]:
    """Who holds a post around the student now or soon, keyworker first."""
    order = {kind: place for place, kind in enumerate(Assignment.Kind)}
    rows = list(Assignment.objects.filter(student=student).not_over(today).select_related("user"))
    return sorted(rows, key=lambda row: (order[Assignment.Kind(row.kind)], row.starts_on, row.user.name))

"""A parent's or carer's home: their child, who the keyworker is, what the school shared with them."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from care.decisions.known import all_known_to
from care.plans.at_home import plans_at_home
from care.reviews.at_home import reviews_at_home
from contacts.at_home import home_lines
from enquiries.at_home import asked_turns
from goals.lines import goal_lines
from home import feelings
from home.meetings.lines import of_home, said
from home.messages.lines import unread_at_home
from home.turns import decision_turns, meeting_turns, parent_turns
from ilsa import pictures
from ilsa.family_pages import AT_HOME, parent_home, years_at_home
from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.guards import GET, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.turns import MOST_TURNS
from students.models import Student
from tsp.rating.pictures import over_terms
from tsp.sheets.actions import term_of

from .. import homes

DECISIONS_SHOWN = 3


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def home(request: SchoolRequest) -> HttpResponse:
    """The first child; with none to show, whom to ask."""
    children = homes.children_of(request.user, clock.today())
    if not children:
        context = {"gentle": True, "head": homes.head_of_social_education()}
        return render(request, "portal/family_none.html", context)
    return _show(request, children[0], children)


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def child(request: SchoolRequest, student_id: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=student_id)
    return _show(request, student, homes.children_of(request.user, clock.today()))


def one_child(request: SchoolRequest, student_id: int) -> HttpResponse:
    """The page of one child as its reader sees it, without their other children: for a preview."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=student_id)
    return _show(request, student, [student])


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def progress(request: SchoolRequest, student_id: int) -> HttpResponse:
    """How the child is getting on over the terms and years, in pictures and in words."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_FAMILY_HOME, pk=student_id)
    today = clock.today()
    link = homes.my_link(request.user, student, today)
    opened(request, student, "home", "progress")
    years = years_at_home(student, link.member_id, today)
    table = pictures.trend_table(years, AT_HOME)
    context = {
        "gentle": True,
        "for_family": True,
        "student": student,
        "terms": over_terms(
            homes.rated_terms(request.user, student, link, request.school), today, audience="parent", least=1
        ),
        "goals": goal_lines(student, term_of(today, request.school), request.user),
        "lines": pictures.trend(years, AT_HOME) if len(years) > 1 else [],
        "grid": pictures.grid(),
        "axis": pictures.axis(years),
        "heads": [label for label, _ in table],
        "years": [(year.label, [cells[place] for _, cells in table]) for place, year in enumerate(years)],
    }
    return render(request, "portal/progress.html", context)


def _show(request: SchoolRequest, student: Student, children: list[Student]) -> HttpResponse:
    today = clock.today()
    link = homes.my_link(request.user, student, today)
    contacts = Paginator(homes.in_touch_with(request.user, student, link), homes.CONTACTS_A_PAGE)
    page = contacts.get_page(request.GET.get("page"))
    opened(request, student, "home")
    people = homes.people_around(student, today)
    term = term_of(today, request.school)
    in_term = request.school.calendar.term_on(today) is not None and student.is_on_roll(today)
    independence = parent_home(student, link.member_id, today, request.school.calendar)
    reports = homes.reports_for(request.user, student, link)
    meetings = [
        (one, said(one, today))
        for one in of_home(student, link.member)
        if one.state in ("asked", "offered", "settled")
    ]
    decisions = all_known_to(request.user, student)
    turns = [
        *decision_turns(decisions, student),
        *meeting_turns(meetings),
        *homes.to_read(reports, link),
        *asked_turns(request.user, student),
        *independence.turns,
        *parent_turns(request.user, student, link.member, term, in_term),
    ]
    context = {
        "gentle": True,
        "for_family": True,
        "turns": turns[:MOST_TURNS],
        "meetings": meetings,
        "reviews": reviews_at_home(request.user, student),
        "decisions": decisions[:DECISIONS_SHOWN],
        "new_messages": unread_at_home(student, link.member),
        "independence": independence.results[:1],
        "feeling": feelings.shown_at_home(request.user, student, today),
        "goals": goal_lines(student, term, request.user),
        "student": student,
        "children": children,
        "link": link,
        "today": today,
        "people": people,
        "has_left": student.left_on is not None and student.left_on < today,
        "not_yet_here": student.joined_on > today,
        "comes_back": student.joined_on > today and len(student.stays) > 1,
        "contacts": page,
        "in_touch": home_lines(page, you=link.member_id),
        "reports": reports,
        "plans": plans_at_home(request.user, student),
    }
    if people.keyworker is not None:
        context["next_by"] = homes.next_contact_by(student, link, today, request.school)
    return render(request, "portal/family.html", context)

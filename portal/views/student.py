"""A student's own page: my keyworker, how to find them, what comes next. Few words."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from care.decisions.known import all_known_to
from care.reviews.at_home import reviews_at_home
from contacts.mentoring import is_always_open
from contacts.mentoring_loads import DropInLine, coming_slots, drop_in_lines
from enquiries.at_home import asked_turns
from goals.lines import goal_lines
from home import feelings
from home.meetings.lines import of_home, said
from home.turns import by_adults, decision_turns, student_sheets, student_turns, what_helps
from ilsa.family_pages import student_home
from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.models import User
from keywork.policy import Policy
from keywork.turns import MOST_TURNS
from students.models import Student
from tsp.models import Feeling
from tsp.questions import templates
from tsp.sheets.actions import term_of

from .. import homes

ADULTS_SHOWN = 3


@permission_required(Can.VIEW_MY_PAGE, GET)
def my_page(request: SchoolRequest) -> HttpResponse:
    today = clock.today()
    me = Student.objects.visible_to(request.user, Can.VIEW_MY_PAGE).first()
    context: dict[str, Any] = {"gentle": True, "me": me}
    if me is not None:
        opened(request, me, "my page")
        people = homes.people_around(me, today)
        here = me.is_on_roll(today)
        policy = request.school.policy(today)
        term = term_of(today, request.school)
        in_term = here and request.school.calendar.term_on(today) is not None
        independence = student_home(me, today, request.school.calendar)
        sheets = student_sheets(me)
        decisions = all_known_to(request.user, me)
        turns = [
            *decision_turns(decisions),
            *asked_turns(request.user, me),
            *independence.turns,
            *student_turns(sheets, term, in_term, templates.current()),
        ]
        context |= {
            "people": people,
            "here": here,
            "change_answered": not hasattr(
                request, "previewed_by"
            )  # the Head and the student alone know of it
            and me.change_requests.filter(answered_at__isnull=False, read_at__isnull=True).exists(),
            "student": me,
            "faces": Feeling.Word.choices if here else (),
            "feeling": feelings.said_on(me, today),
            "turns": turns[:MOST_TURNS],
            "independence": independence.results[:1],
            "goals": goal_lines(me, term, request.user),
            "decisions": [one for one in decisions if one.decision.withdrawn_at is None][:ADULTS_SHOWN],
            "helps_me": what_helps(sheets),
            "by_adults": by_adults(sheets)[:ADULTS_SHOWN],
            "chats": [
                (one, said(one, today)) for one in of_home(me, None) if one.state in ("asked", "settled")
            ],
            "reviews": reviews_at_home(request.user, me),
            "slots": coming_slots(me.pk, today) if here else (),
            "drop_in": _drop_in(people.keyworker, policy) if here and not people.away_until else (),
            "mentor_drop_in": _drop_in(people.mentor, policy) if here else (),
            "drop_in_always": here and not people.away_until and is_always_open(policy),
            "next_talk": homes.next_talk(me, today, request.school) if people.keyworker else None,
        }
    return render(request, "portal/my_page.html", context)


def _drop_in(adult: User | None, policy: Policy) -> list[DropInLine]:
    return drop_in_lines(adult.pk, policy) if adult is not None else []

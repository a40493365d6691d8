"""The rounds of a student: beginning one, what was told, and how often each teacher answers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from enquiries import actions as enquiries
from enquiries.models import Enquiry
from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.editing import press
from keywork.guards import POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.mail_words import staff_hear
from students.lookup import find_student
from students.record import record_context

from . import KIND, actions, lines


@permission_required(Can.VIEW_LOG)
def check_ups(request: SchoolRequest, student_id: int) -> HttpResponse:
    student = find_student(request, Can.VIEW_LOG, student_id)
    opened(request, student, "check-ups")
    rounds, tellers = lines.rounds_of(student)
    context = {
        "rounds": rounds,
        "tellers": tellers,
        "is_open": any(one.is_open for one in rounds),
        "interval": request.school.policy(clock.today()).staff_check_up_interval_days,
        "may_ask": allows(request.user, Can.ASK_FOR_INPUT, student) and student.is_on_roll(clock.today()),
        **record_context(request, student, "timeline"),
    }
    return render(request, "contacts/check_ups.html", context)


@permission_required(Can.ASK_FOR_INPUT, POST)
def begin(request: SchoolRequest, student_id: int) -> HttpResponse:
    student = find_student(request, Can.ASK_FOR_INPUT, student_id)
    press(
        request,
        lambda: actions.begin_round(by=request.user, student=student, facts=request.school.itself),
        f"The teachers of {student.known_as} are asked by e-mail {staff_hear()}.",
    )
    return redirect("contacts:check_ups", student.pk)


@permission_required(Can.ASK_FOR_INPUT, POST)
def read(request: SchoolRequest, pk: int) -> HttpResponse:
    rows = Enquiry.objects.filter(kind=KIND).select_related("student")
    enquiry = get_visible_or_404(rows, request, Can.ASK_FOR_INPUT, pk=pk)
    press(request, lambda: enquiries.mark_read(by=request.user, enquiry=enquiry), "Marked as read.")
    return redirect("contacts:check_ups", enquiry.student_id)

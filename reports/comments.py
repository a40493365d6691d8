"""What a parent or carer says about a report that was released to them, in their own words: read by the student's
keyworker and whoever makes reports, beside the report and on the timeline, and by nobody else of the family.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import save
from keywork.errors import Refused
from keywork.forms import KeyworkForm, text_box
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.words import worded
from outbox import actions as outbox
from students.models import FamilyMember

from .keeping_in_touch import people_of
from .models import Report, ReportComment

MAIL = "reports.comment"
LONGEST = 2000


class CommentForm(KeyworkForm):
    words = text_box(
        "What do you want to say?",
        LONGEST,
        rows=6,
        help_text="What is right, what is not, what is missing. As long or as short as you like.",
    )
    missing = {"words": "Write what you want to say, or go back"}
    button = "Look at it, then send"
    back = ("Go back", "home")


@transaction.atomic
def say(*, report: Report, member: FamilyMember, words: str) -> ReportComment:
    """Keep it, and tell whoever reads it; the same words again are the same comment. Raises Refused."""
    row = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if row.withdrawn_at is not None:
        raise Refused(worded("School has taken this report back. Ring the keyworker instead"))
    before = ReportComment.objects.filter(report=row, member=member, words=words).first()
    if before is not None:
        return before
    made = ReportComment.objects.create(report=row, member=member, words=words, said_at=clock.now())
    outbox.do(MAIL, key=str(made.pk), comment=made.pk)
    return made


@permission_required(Can.READ_RELEASED, GET_POST)
def comment(request: SchoolRequest, pk: int) -> HttpResponse:
    """Write it, look at it, send it: three steps of one address. Only on a report that was sent to them."""
    mine = Report.objects.released().filter(recipients__member__user=request.user).select_related("student")
    report = get_visible_or_404(mine, request, Can.READ_RELEASED, pk=pk)
    member = report.recipients.select_related("member").get(member__user=request.user).member
    form = CommentForm(posted(request))
    if "change" in request.POST:
        form = CommentForm(initial={"words": request.POST.get("words", "")})
    context: dict[str, Any] = {
        "gentle": True,
        "report": report,
        "student": report.student,
        "form": form,
        "home": reverse("portal:family_child", args=[report.student_id]),
        "said": list(report.comments.filter(member=member)),
        "reader": people_of([report.student_id], clock.today()).get((report.student_id, "keyworker")),
    }
    if "sure" in request.POST:
        sent = save(
            request, form, lambda: say(report=report, member=member, words=form.cleaned_data["words"])
        )
        if sent is not None:
            messages.success(request, "Sent. School reads it.")
            return redirect("reports:comment", pk=pk)
    elif form.is_bound and form.is_valid():
        opened(request, report.student, "report", detail="What home says of it, before it goes")
        return render(request, "reports/comment_check.html", context | {"words": form.cleaned_data["words"]})
    opened(request, report.student, "report", detail="What home says of it")
    return render(request, "reports/comment.html", context, status=form.status)

"""Home and the student: what they said, what the keyworker sees, and what was agreed. Plain words, no ranking."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.words import filled

from .. import comparison, pictures, rater_pages, templates
from ..family_pages import HomePart, may_compare, parent_home, student_home
from ..models import Assessment, RaterForm, Role


@permission_required(Can.VIEW_MY_PAGE, GET)
def my_result(request: SchoolRequest, year: str) -> HttpResponse:
    found = Assessment.objects.visible_to(request.user, Can.VIEW_MY_PAGE).select_related("student", "round")
    assessment = get_object_or_404(found, round__year=year)
    forms = rater_pages.forms_for_student(assessment)
    return _show(
        request,
        comparison.load(assessment, forms, to_student=True),
        shown=forms,
        audience="student",
        own=next((form for form in forms if form.role == Role.PUPIL), None),
        form_url=reverse("ilsa:my_form", args=[year]),
        home=student_home(assessment.student, clock.today(), request.school.calendar),
        back=(reverse("portal:my_page"), "Back to my page"),
    )


@permission_required(Can.VIEW_FAMILY_HOME, GET)
def child_result(request: SchoolRequest, pk: int, year: str) -> HttpResponse:
    student, link = rater_pages.child_and_link(request, pk)
    today = clock.today()
    found = Assessment.objects.visible_to(request.user, Can.VIEW_FAMILY_HOME).select_related(
        "student", "round"
    )
    assessment = get_object_or_404(found, student=student, round__year=year)
    policy = request.school.policy(today)
    forms = rater_pages.forms_for_parent(assessment, link, policy)
    return _show(
        request,
        comparison.load(assessment, forms),
        shown=forms,
        audience="parent",
        own=next((form for form in forms if form.member_id == link.member_id), None),
        form_url=reverse("ilsa:child_form", args=[pk, year]),
        home=parent_home(student, link.member_id, today, request.school.calendar),
        back=(reverse("portal:family_child", args=[pk]), filled("Back to {name}", name=student.known_as)),
    )


def _show(
    request: SchoolRequest,
    found: comparison.Comparison,
    *,
    shown: QuerySet[RaterForm],
    audience: templates.Audience,
    own: RaterForm | None,
    form_url: str,
    home: HomePart,
    back: tuple[str, str],
) -> HttpResponse:
    """`shown` are the forms the reader may read. `own` is the reader's own form: until it is in, the others' answers wait (ilsa.family_pages.may_compare)."""
    if own is not None:
        own.assessment = found.assessment
    # A note of what was agreed may say what another parent thinks, so where a parent's form is hidden from this
    # parent the notes are too (DP-13). The student was there when it was agreed.
    hidden = (
        rater_pages.all_forms(found.assessment).filter(role=Role.PARENT).exclude(pk__in=shown.values("pk"))
    )
    whole = audience == "student" or not hidden.exists()
    opened(request, found.assessment.student, "independence", detail=found.assessment.round.year)
    title = "student_title" if audience == "student" else "title"
    context: dict[str, Any] = {
        "gentle": True,
        "audience": audience,
        "student": found.assessment.student,
        "year": found.assessment.round.year,
        "found": found,
        "own_pk": own.pk if own else None,
        "first_own": "" if may_compare(own, clock.today()) else form_url,
        "rows": pictures.domain_rows(found, title),
        "heads": list(zip(pictures.shapes_of(found.columns), found.columns, found.overall, strict=True)),
        "agreed": [
            (
                row.item.wording(audience),
                found.template.choice(row.agreed.score).wording(audience),
                row.agreed.note if whole else "",
            )
            for row in found.items
            if row.agreed
        ],
        "others": [one for one in home.results if one.year != found.assessment.round.year],
        "back_url": back[0],
        "back_words": back[1],
    }
    return render(request, "ilsa/result.html", context)

"""Preview as: what each parent or carer, or the student, sees; looked at by who may share with them, and only looked at."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from home.views import parent, student
from keywork import clock
from keywork.access import Can
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from keywork.models import User
from students.lookup import find_student
from students.models import FamilyLink, Student
from students.record import record_context

from ..previewing import seen_by
from . import family
from .student import my_page

GOALS = "goals"


@require_safe
@permission_required(Can.ANSWER_HOME)
def choose(request: SchoolRequest, pk: int) -> HttpResponse:
    """Everybody who has such a page, and why somebody has none."""
    found = find_student(request, Can.ANSWER_HOME, pk)
    context = {
        **record_context(request, found, "people"),
        "links": list(_links(found)),
        "own": found.user if found.user_id and found.user and found.user.is_active else None,
    }
    return render(request, "portal/previews.html", context)


def _links(found: Student) -> list[FamilyLink]:
    links = FamilyLink.objects.filter(student=found, ended_on__isnull=True).unrestricted(clock.today())
    return list(links.select_related("member__user"))


@require_safe
@permission_required(Can.ANSWER_HOME)
def as_parent(request: SchoolRequest, pk: int, member_pk: int, page: str = "") -> HttpResponse:
    found = find_student(request, Can.ANSWER_HOME, pk)
    links = FamilyLink.objects.filter(student=found, ended_on__isnull=True).unrestricted(clock.today())
    link = get_object_or_404(links.select_related("member__user"), member=member_pk)
    reader = _reader(link.member.user)
    draw = family.one_child if page != GOALS else parent.child
    return seen_by(
        request,
        reader,
        lambda theirs: draw(theirs, found.pk),
        student=found,
        name=link.member.name,
        pages=_pages("portal:as_parent", page, found.pk, member_pk),
    )


@require_safe
@permission_required(Can.ANSWER_HOME)
def as_student(request: SchoolRequest, pk: int, page: str = "") -> HttpResponse:
    found = find_student(request, Can.ANSWER_HOME, pk)
    reader = _reader(found.user)
    return seen_by(
        request,
        reader,
        student.sheets if page == GOALS else my_page,
        student=found,
        name=found.known_as,
        pages=_pages("portal:as_student", page, found.pk),
    )


def _reader(user: User | None) -> User:
    """Who has no account, or a closed one, sees nothing."""
    if user is None or not user.is_active:
        raise Http404
    return user


def _pages(name: str, page: str, *args: int) -> list[tuple[str, str, bool]]:
    """The two pages that can be looked at: words, address, and which it is."""
    return [
        ("First page", reverse(name, args=args), page != GOALS),
        ("Goals and sheets", reverse(name, args=[*args, GOALS]), page == GOALS),
    ]

"""Preview as: what each parent or carer, or the student, sees; looked at by who may share with them.

Their own page, drawn for a reader in their place. It is read only: what leads on leads to another preview, and nothing can
be sent. Each look is an opening of whoever looked.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse

from home.details import views as details
from home.meetings import views as meetings
from home.messages import views as messages
from home.views import decisions, parent, student
from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.guards import GET, permission_required
from keywork.http import SchoolRequest
from keywork.models import User
from keywork.reader import writing_to
from students.lookup import find_student
from students.models import FamilyLink, FamilyMember, Student
from students.record import record_context

from . import family
from .student import my_page

HERE = "#main"
_LEADS = re.compile(r'\b(href|action)="(?!#|/static/)([^"]*)"')
_BUTTON = re.compile(r"<(button|input|select|textarea)\b")
_MAIN = re.compile(r'<main id="main"[^>]*>')
_BODY = re.compile(r"<body\b.*</body>", re.DOTALL)


class Page(NamedTuple):
    """A page of a parent or student: what it is called, its own address, and what draws it."""

    words: str
    name: str
    draw: Callable[..., HttpResponseBase]


# Not among them: that somebody does not feel safe (How I feel says it, too), and what a student wrote about a keyworker.
PARENT = {
    "": Page("First page", "portal:family_child", family.one_child),
    "progress": Page("How it is going", "portal:family_progress", family.progress),
    "goals": Page("Goals and sheets", "home:child", parent.child),
    "decisions": Page("Decisions", "home:decisions", decisions.child_decisions),
    "meetings": Page("Meetings", "home:meet", meetings.meet),
    "messages": Page("Messages", "home:messages", messages.messages),
    "details": Page("Their details", "home:details", details.details),
}
STUDENT = {
    "": Page("First page", "portal:my_page", my_page),
    "goals": Page("Goals and sheets", "home:sheets", student.sheets),
    "chats": Page("Chats", "home:chat", meetings.chat),
    "decisions": Page("Decisions", "home:my_decisions", decisions.my_decisions),
}


@permission_required(Can.ANSWER_HOME, GET)
def choose(request: SchoolRequest, pk: int) -> HttpResponse:
    """Everybody who has such a page, and why somebody has none."""
    found = find_student(request, Can.ANSWER_HOME, pk)
    context = {
        **record_context(request, found, "people"),
        "links": list(_links(found)),
        "own": found.opens_pages,
    }
    return render(request, "portal/previews.html", context)


def _links(found: Student) -> list[FamilyLink]:
    links = FamilyLink.objects.filter(student=found, ended_on__isnull=True).unrestricted(clock.today())
    return list(links.select_related("member__user"))


@permission_required(Can.ANSWER_HOME, GET)
def as_parent(request: SchoolRequest, pk: int, member_pk: int, page: str = "") -> HttpResponse:
    found = find_student(request, Can.ANSWER_HOME, pk)
    links = FamilyLink.objects.filter(student=found, ended_on__isnull=True).unrestricted(clock.today())
    link = get_object_or_404(links.select_related("member__user"), member=member_pk)
    here = Preview("portal:as_parent", (found.pk, member_pk), PARENT, page, (found.pk,))
    return here.shown(request, _reader(link.member), found, link.member.name)


@permission_required(Can.ANSWER_HOME, GET)
def as_student(request: SchoolRequest, pk: int, page: str = "") -> HttpResponse:
    found = find_student(request, Can.ANSWER_HOME, pk)
    here = Preview("portal:as_student", (found.pk,), STUDENT, page)
    return here.shown(request, _reader(found), found, found.known_as)


def _reader(whom: FamilyMember | Student) -> User:
    """Who has no account, or a closed one, sees nothing."""
    if whom.user is None or not whom.opens_pages:
        raise Http404
    return whom.user


class Preview(NamedTuple):
    """One page of somebody's, at the preview's own address `name` and `args`; `own` are the arguments of theirs."""

    name: str
    args: tuple[int, ...]
    pages: dict[str, Page]
    page: str
    own: tuple[int, ...] = ()

    def _at(self, page: str) -> str:
        return reverse(self.name, args=[*self.args, page] if page else self.args)

    def shown(self, request: SchoolRequest, reader: User, student: Student, name: str) -> HttpResponse:
        if self.page not in self.pages:
            raise Http404
        draw = self.pages[self.page].draw
        return seen_by(
            request,
            reader,
            lambda theirs: draw(theirs, *self.own),
            leads={reverse(one.name, args=self.own): self._at(page) for page, one in self.pages.items()},
            student=student,
            what=self.pages[self.page].words,
            name=name,
            pages=[(one.words, self._at(page), page == self.page) for page, one in self.pages.items()],
        )


def seen_by(
    request: SchoolRequest,
    reader: User,
    page: Callable[[SchoolRequest], HttpResponseBase],
    *,
    leads: Mapping[str, str],
    student: Student,
    what: str,
    **banner: object,
) -> HttpResponse:
    """`page` as `reader` gets it, with a banner of what this is (`templates/portal/_preview.html`).

    `leads`: addresses of theirs, and where each leads here. What the page writes, such as that it was read, is undone.
    """
    opened(request, student, "preview", f"what {reader.name} sees: {what}")
    theirs = copy.copy(request)
    theirs.user, theirs.previewed_by = reader, request.user
    theirs.GET, theirs.POST = QueryDict(), QueryDict()
    theirs.method = "GET"
    with transaction.atomic(), writing_to(reader):
        response = page(theirs)
        transaction.set_rollback(True)
    assert isinstance(response, HttpResponse)
    words = render_to_string("portal/_preview.html", {"reader": reader, "student": student, **banner})
    html = response.content.decode()
    response.content = _BODY.sub(lambda body: _still(body.group(), words, leads), html)
    return response


def _still(body: str, banner: str, leads: Mapping[str, str]) -> str:
    """Nothing leads on but to a preview, and nothing can be pressed, but for what stands in the banner."""
    still = _LEADS.sub(lambda one: f'{one[1]}="{leads.get(one[2], HERE)}"', body)
    still = _BUTTON.sub(r"<\1 disabled", still)
    return _MAIN.sub(lambda main: main.group() + banner, still, count=1)

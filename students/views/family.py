"""The family of one student: contacts, court restrictions for the safeguarding lead, what a young person decides."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.audit import opened
from keywork.editing import EditForm, save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.names import ended, same_name

from ..actions.family import (
    add_link,
    edit_link,
    end_link,
    links_asked_about,
    record_own_choice,
    set_restriction,
)
from ..forms.family import EndForm, FamilyForm, RestrictionForm
from ..forms.people import OwnChoiceForm
from ..models import FamilyLink, FamilyMember, OwnChoice, Student
from ..record import record_page
from ..rules import is_young_person


@permission_required(Can.EDIT_PEOPLE, GET_POST)
@keeps_typed
def add(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PEOPLE, pk=pk)
    posted = request.method == "POST"
    form = FamilyForm(request.POST, namesakes=_namesakes(request, student)) if posted else FamilyForm()
    link = save(
        request,
        form,
        lambda: add_link(student=student, member=form.same_as(), fields=form.details(), by=request.user),
    )
    if link is not None:
        messages.success(request, f"{link.member.name} is added to {student.known_as}’s family.")
        _notify_of_account(request, link.member)
        return redirect("students:people", pk=pk)
    return _page(request, "students/family_add.html", student, form)


@permission_required(Can.EDIT_PEOPLE, GET_POST)
@keeps_typed
def edit(request: SchoolRequest, pk: int, link_id: int) -> HttpResponse:
    link = _link(request, Can.EDIT_PEOPLE, pk, link_id)
    form = FamilyForm(posted(request), link=link)
    saved = save(
        request,
        form,
        lambda: edit_link(
            link=link,
            fields=form.details(),
            link_version=link.version,
            member_version=link.member.version,
            by=request.user,
        ),
    )
    if saved is not None:
        member = FamilyMember.objects.select_related("user").get(pk=link.member_id)
        messages.success(request, f"{member.name}’s details are saved.")
        _notify_of_account(request, member)
        return redirect("students:people", pk=pk)
    if request.method != "POST":
        opened(request, link.student, "family", detail=link.member.name)
    return _page(request, "students/family_edit.html", link.student, form, link=link)


@permission_required(Can.EDIT_PEOPLE, GET_POST)
def end(request: SchoolRequest, pk: int, link_id: int) -> HttpResponse:
    link = _link(request, Can.EDIT_PEOPLE, pk, link_id)
    form = EndForm(posted(request), initial={"ended_on": clock.today()})
    done = save(
        request,
        form,
        lambda: end_link(link=link, ended_on=form.cleaned_data["ended_on"], by=request.user),
    )
    if done is not None:
        messages.success(
            request,
            f"{link.member.name} is no longer a contact of {ended(link.student.known_as)} What was logged stays.",
        )
        return redirect("students:people", pk=pk)
    return _page(request, "students/family_end.html", link.student, form, link=link)


@permission_required(Can.VIEW_RESTRICTIONS, GET_POST)
def restriction(request: SchoolRequest, pk: int, link_id: int) -> HttpResponse:
    """For the safeguarding lead: what a court has said about this adult and this student."""
    link = _link(request, Can.VIEW_RESTRICTIONS, pk, link_id)
    form = RestrictionForm(posted(request), link=link)
    saved = save(
        request,
        form,
        lambda: set_restriction(
            link=link,
            text=form.cleaned_data["court_restriction"],
            starts_on=form.cleaned_data["restricted_from"],
            ends_on=form.cleaned_data["restricted_until"],
            version=link.version,
            by=request.user,
        ),
    )
    if saved is not None:
        messages.success(
            request,
            f"Nobody is asked to contact {link.member.name} about {link.student.known_as} while it holds."
            if saved.restricted_from
            else f"The restriction on {link.member.name} is lifted.",
        )
        return redirect("students:people", pk=pk)
    if request.method != "POST":
        opened(request, link.student, "restriction", detail=link.member.name)
    return _page(request, "students/restriction.html", link.student, form, link=link)


def _link(request: SchoolRequest, can: Can, pk: int, link_id: int) -> FamilyLink:
    links = FamilyLink.objects.select_related("member__user", "student").filter(ended_on__isnull=True)
    if can != Can.VIEW_RESTRICTIONS:
        links = links.defer("court_restriction")
    return get_visible_or_404(links, request, can, student=pk, pk=link_id)


def _namesakes(request: SchoolRequest, student: Student) -> list[tuple[FamilyMember, str]]:
    """Adults here already by the name just typed, however they are spelt, each with whose family they are."""
    typed = same_name(request.POST.get("forename", "")), same_name(request.POST.get("surname", ""))
    everyone = FamilyMember.objects.values_list("pk", "forename", "surname")
    alike = [pk for pk, *names in everyone if (same_name(names[0]), same_name(names[1])) == typed]
    members = (
        FamilyMember.objects.filter(pk__in=alike)
        .exclude(links__student=student, links__ended_on__isnull=True)
        .prefetch_related("links__student")[:10]
    )
    found = []
    for member in members:
        mine = [
            link.student
            for link in member.links.all()
            if allows(request.user, Can.EDIT_PEOPLE, link.student_id)
        ]
        if mine:
            found.append((member, f"family of {', '.join(other.name for other in mine)}"))
    return found


def _notify_of_account(request: SchoolRequest, member: FamilyMember) -> None:
    if member.user is not None and member.user.is_school_staff:
        messages.info(
            request, f"{member.name} works here. As staff they are shut out of their own child’s record."
        )


def _page(
    request: SchoolRequest,
    template: str,
    student: Student,
    form: EditForm,
    *,
    link: FamilyLink | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "link": link,
        "restricted": link is not None and link.is_restricted(clock.today()),
        "back_url": reverse("students:people", args=[student.pk]),
    }
    return record_page(request, student, "people", template, context, form.status)


@permission_required(Can.RECORD_OWN_CHOICE, GET_POST)
@keeps_typed
def own_choice(request: SchoolRequest, pk: int) -> HttpResponse:
    """What holds, what was decided before, and who wrote it down; the form for what they decide now."""
    student = get_visible_or_404(Student.objects.all(), request, Can.RECORD_OWN_CHOICE, pk=pk)
    choices = list(
        OwnChoice.objects.filter(student=student)
        .select_related("recorded_by")
        .prefetch_related("at_home__link__member")
    )
    holds = next((one for one in choices if one.replaced_at is None), None)
    form = OwnChoiceForm(
        posted(request),
        links=links_asked_about(student),
        now={one.link_id: one.sees for one in holds.at_home.all()} if holds else {},
        speaks=holds is not None and holds.speaks_for_self,
    )
    made = save(request, form, lambda: record_own_choice(student=student, by=request.user, **form.chosen()))
    if made is not None:
        messages.success(request, "Saved. It holds from now on.")
        return redirect("students:own_choice", pk)
    opened(request, student, "own choices")
    context = {
        "form": form,
        "choices": choices,
        "is_old_enough": is_young_person(student.born_on, clock.today()),
        "back_url": reverse("students:people", args=[pk]),
    }
    return record_page(request, student, "people", "students/own_choice.html", context, form.status)

"""Adding a student, changing their details and their photo; what the core team puts right of what they ring with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.dates import day_in_full
from keywork.editing import EditForm, not_saved, save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted, stored
from keywork.known import BEGINNING
from keywork.models import User
from keywork.pictures import content_type_of

from .. import rules
from ..actions import students as actions
from ..actions.family import edit_link
from ..actions.students import add_student, edit_student
from ..forms.people import NumberForm, ReadFirstForm
from ..forms.student import ComeBackForm, StudentForm, stay_fields
from ..leaving import Leaving, preview
from ..models import FamilyLink, Student
from ..record import record_page

STAYS_CHANGED = "Somebody changed this while you were writing. Yours stands below. The days on roll below are those of now: another stay was written down or undone meanwhile."


@permission_required(Can.EDIT_PEOPLE, GET_POST)
@keeps_typed
def add(request: SchoolRequest) -> HttpResponse:
    form = StudentForm()
    if request.method == "POST":
        among = Student.objects.visible_to(request.user, Can.EDIT_PEOPLE)
        form = StudentForm(request.POST, request.FILES, among=among)
    student = save(
        request,
        form,
        lambda: add_student(fields=form.columns(), photo=form.cleaned_data["photo"], by=request.user),
    )
    if student is not None:
        messages.success(request, f"{student.name} is added. Add the family next.")
        _doubt_the_year(request, student)
        return redirect("students:people", pk=student.pk)
    context = {"form": form, "back_url": reverse("students:list")}
    return render(request, "students/add.html", context, status=form.status)


@permission_required(Can.EDIT_PEOPLE, GET_POST)
@keeps_typed
def edit(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PEOPLE, pk=pk)
    context: dict[str, Any] = {"back_url": reverse("students:people", args=[pk])}
    form = StudentForm(student=student)
    if request.method == "POST":
        typed, stays_changed = _beside_the_stays_of_now(request.POST, student)
        form = StudentForm(typed, request.FILES, student=student)
        if stays_changed:
            form.overtaken(STAYS_CHANGED)
            not_saved(request, form)
        elif form.is_valid() and (leaving := _to_look_at(request, student, form)):
            context |= {"leaving": leaving, "photo_chosen": bool(form.cleaned_data["photo"])}
            not_saved(request, form)
        else:
            saved = save(
                request,
                form,
                lambda: edit_student(
                    student=student,
                    fields=form.columns(),
                    version=student.version,
                    photo=form.cleaned_data["photo"],
                    remove_photo=form.cleaned_data.get("remove_photo", False),
                    earlier_stays=form.earlier_stays,
                    by=request.user,
                ),
            )
            if saved is not None:
                messages.success(request, f"{saved.name}’s details are saved.")
                _doubt_the_year(request, saved)
                return redirect("students:people", pk=pk)
    else:
        opened(request, student, "details")
        not_saved(request, form)
    context["form"] = form
    return record_page(request, student, "people", "students/edit.html", context, form.status)


def _beside_the_stays_of_now(posted: QueryDict, student: Student) -> tuple[QueryDict, bool]:
    """What was typed on a page made before a stay was begun or undone, with all days on roll as they are stored.

    The page had boxes for other stays, so that its days cannot be told apart; and whether it was such a page.
    """
    *before, latest = student.stays
    seen = sum(name.endswith("_joined_on") and name.startswith("stay_") for name in posted)
    if seen == len(before):
        return posted, False
    data = posted.copy()
    for place, stay in enumerate(before):
        first, last, one = stay_fields(place)
        data[first], data[last] = str(stay.joined_on), str(stay.left_on)
        data.pop(one, None)
    data["joined_on"], data["left_on"] = str(latest.joined_on), str(latest.left_on or "")
    return data, True


def _to_look_at(request: SchoolRequest, student: Student, form: StudentForm) -> Leaving | None:
    """What another last day on roll would do, until it was seen as it stands now."""
    last_day = form.cleaned_data["left_on"]
    if last_day == student.left_on:
        return None
    found = preview(student, last_day, by=request.user)
    return None if request.POST.get("leaving") == found.token else found


@permission_required(Can.EDIT_PEOPLE, GET_POST)
def come_back(request: SchoolRequest, pk: int) -> HttpResponse:
    """Somebody who has left is on roll again; whoever has not left is shown their record."""
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PEOPLE, pk=pk)
    if student.left_on is None or student.left_on >= clock.today():
        messages.info(request, f"{student.name} has not left.")
        return redirect("students:record", pk=pk)
    form = ComeBackForm(posted(request), student=student)
    saved = save(
        request,
        form,
        lambda: actions.come_back(
            student=student,
            joined_on=form.cleaned_data["joined_on"],
            version=student.version,
            by=request.user,
        ),
    )
    if saved is not None:
        since = "from" if saved.joined_on > clock.today() else "since"
        messages.success(
            request,
            f"{student.name} is back on roll {since} {day_in_full(saved.joined_on, clock.today())}. Nobody is "
            "named for them yet, and the details may have changed.",
        )
        return redirect("students:people", pk=pk)
    back = reverse("students:record", args=[pk])
    context = {"form": form, "back_url": back, "may_come_back": False}  # this is the page
    return record_page(request, student, "people", "students/come_back.html", context, form.status)


@permission_required(Can.VIEW_STUDENT, GET)
def photo(request: SchoolRequest, pk: int) -> HttpResponseBase:
    """The picture, to whoever may open the record."""
    student = get_visible_or_404(Student.objects.all(), request, Can.VIEW_STUDENT, pk=pk)
    return stored(student.photo, content_type_of(str(student.photo.name)), "photo")


def _doubt_the_year(request: SchoolRequest, student: Student) -> None:
    year = rules.academic_year(clock.today())
    if rules.warns_of_year(student.nc_year, student.born_on, year):
        usual = rules.chronological_year(student.born_on, year)
        messages.warning(
            request,
            f"By age {student.known_as} would be in year {usual}. If {student.year_label} is right, leave it.",
        )


@permission_required(Can.CORRECT_DETAILS, GET_POST)
@keeps_typed
def read_first(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.CORRECT_DETAILS, pk=pk)
    form = ReadFirstForm(posted(request), student=student)
    saved = save(
        request,
        form,
        lambda: edit_student(
            student=student,
            fields={"read_first": form.cleaned_data["read_first"].strip()},
            version=student.version,
            by=request.user,
        ),
    )
    if saved is not None:
        messages.success(request, "Saved. What stood there before is kept.")
        return redirect("students:people", pk=pk)
    opened(request, student, "details")
    return _page(request, student, form, "Read first", what_stood(student, ["read_first"]))


@permission_required(Can.CORRECT_DETAILS, GET_POST)
def number(request: SchoolRequest, pk: int, link_id: int) -> HttpResponse:
    """Of somebody who may be contacted: the number of a restricted person is nobody's to read here."""
    links = FamilyLink.objects.filter(ended_on__isnull=True).unrestricted(clock.today())
    links = links.select_related("member", "student").defer("court_restriction")
    link = get_visible_or_404(links, request, Can.CORRECT_DETAILS, student=pk, pk=link_id)
    form = NumberForm(posted(request), link=link)
    saved = save(
        request,
        form,
        lambda: edit_link(
            link=link,
            fields={name: form.cleaned_data[name].strip() for name in ("mobile", "phone", "best_time")},
            link_version=link.version,
            member_version=link.member.version,
            by=request.user,
        ),
    )
    if saved is not None:
        messages.success(request, f"{link.member.name}’s number is saved. The one before is kept.")
        return redirect("students:people", pk=pk)
    opened(request, link.student, "family", detail=link.member.name)
    stood = what_stood(link.member, ["mobile", "phone"])
    return _page(request, link.student, form, f"How to ring {link.member.name}", stood)


def _page(
    request: SchoolRequest, student: Student, form: EditForm, title: str, stood: list[Any]
) -> HttpResponse:
    back = reverse("students:people", args=[student.pk])
    context = {"form": form, "title": title, "stood": stood, "back_url": back}
    return record_page(request, student, "people", "students/correct.html", context, form.status)


@dataclass(frozen=True, slots=True)
class Stood:
    """Values as they were written `at` that moment by `who`, in the order asked for; None: before history was kept."""

    at: datetime | None
    who: str
    values: tuple[str, ...]


def what_stood(row: Any, names: Sequence[str]) -> list[Stood]:
    """Each writing of `names` that changed one of them, newest first; two queries."""
    events = row.pgh_event_model.objects.filter(pgh_obj_id=row.pk).select_related("pgh_context")
    kept: list[Any] = []
    for event in events.order_by("pgh_id"):
        if not kept or any(getattr(kept[-1], name) != getattr(event, name) for name in names):
            kept.append(event)
    by = [event.pgh_context.metadata.get("user") if event.pgh_context else None for event in kept]
    writers: dict[Any, str] = dict(
        User.objects.filter(pk__in={pk for pk in by if pk}).values_list("pk", "name")
    )
    return [
        Stood(
            event.pgh_created_at if event.pgh_created_at > BEGINNING else None,
            writers.get(pk, "Keywork"),
            tuple(getattr(event, name) for name in names),
        )
        for event, pk in zip(kept, by, strict=True)
    ][::-1]

"""The local authorities' own forms: uploaded and checked once, filled for each student as Word or PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from keywork import clock
from keywork.access import Can, allows, has_capability
from keywork.audit import exported, opened
from keywork.calendar import SchoolCalendar
from keywork.duty_words import listed
from keywork.editing import press, save
from keywork.errors import ChangedMeanwhile, Refused
from keywork.form_drafts import FormDrafts
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, attachment, posted
from keywork.models import Assignment, User
from keywork.names import same_name
from keywork.school import load
from students.actions.students import save_fields
from students.models import Student
from students.record import record_page

from .. import printing, rendering
from ..files import file_name, read_whole
from ..word import CONTENT_TYPE
from . import filling, marks, package
from .facts import Facts, Place, empty_in
from .fields import BY_NAME, FIELDS, ROWS, TITLES
from .forms import AnswersForm, SettleForm, UploadForm
from .models import AuthorityFilling, AuthorityForm

SAMPLES = {
    "authority-form-aldershire": "Aldershire: one long table",
    "authority-form-netherwick": "Netherwick: free text with ticks",
}
LISTED = 60  # students named on the page of a form
JUDGED = frozenset({"progress", "achieved", "judged"})  # columns of an outcome, empty until it is judged


# The forms


@permission_required(Can.KEEP_AUTHORITY_FORMS, GET_POST)
def forms(request: SchoolRequest) -> HttpResponse:
    files = request.FILES if request.method == "POST" else None
    form = UploadForm(posted(request), files, years=_years(request.school.calendar))
    kept = save(request, form, lambda: keep_form(form=form, by=request.user))
    if kept is not None:
        left = len(kept.to_settle)
        words = f"{left} of its places {'has' if left == 1 else 'have'} a name that is no field: settle them below."
        words = words if left else "Every place is ready."
        messages.success(request, f"The form is checked and kept. {words}")
        return redirect("reports:authority_form", pk=kept.pk)
    context = {
        "form": form,
        "rows": AuthorityForm.objects.in_use().select_related("uploaded_by"),
        "samples": SAMPLES.items(),
    }
    return render(request, "reports/authority/forms.html", context, status=form.status)


@transaction.atomic
def keep_form(*, form: UploadForm, by: User) -> AuthorityForm:
    """A form that was checked, under a name that says nothing."""
    return AuthorityForm.objects.create(
        **form.names(),
        file=ContentFile(form.content, name=f"{get_random_string(24)}.docx"),
        sha256=hashlib.sha256(form.content).hexdigest(),
        uses=sorted(form.found.uses),
        unknown=form.found.unknown,
        uploaded_by=by,
        uploaded_at=clock.now(),
    )


@permission_required(Can.KEEP_AUTHORITY_FORMS, GET_POST)
def form_page(request: SchoolRequest, pk: int) -> HttpResponse:
    """What is in a form, place by place; its names, and what stands in places that are no field."""
    row = get_object_or_404(AuthorityForm.objects.select_related("uploaded_by"), pk=pk)
    years = _years(request.school.calendar, row.year)
    form = SettleForm(posted(request), form=row, years=years)
    saved = save(request, form, lambda: settle(row=row, form=form, version=row.version))
    if saved is not None:
        messages.success(request, "Saved.")
        return redirect("reports:authority_form", pk=pk)
    students = Student.objects.visible_to(request.user, Can.EDIT_PLANS).on_roll(clock.today())
    theirs = students.filter(maintained_by__iexact=row.authority)
    context = {
        "form": form,
        "row": row,
        "places": _places(row),
        "students": theirs[:LISTED],
        "count": theirs.count(),
        "on_roll": students.count(),
        "back_url": reverse("reports:authority_forms"),
    }
    return render(request, "reports/authority/form.html", context, status=form.status)


def _places(row: AuthorityForm) -> list[tuple[str, str, str]]:
    """Place, what is written there, and the field in words; [] where the file is lost or would be refused today."""
    try:
        found = marks.look_at(package.unpacked(_content(row)))
    except (Http404, Refused):
        return []
    return [(place, said, BY_NAME[name].words) for place, said, name in found.places]


@transaction.atomic
def settle(*, row: AuthorityForm, form: SettleForm, version: int) -> AuthorityForm:
    """Save the names and places. Raises ChangedMeanwhile if they were saved since `version`."""
    locked = AuthorityForm.objects.select_for_update(of=("self",)).get(pk=row.pk)
    save_fields(locked, {**form.names(), "settled": form.settled}, version)
    return locked


@permission_required(Can.KEEP_AUTHORITY_FORMS, POST)
def retire(request: SchoolRequest, pk: int) -> HttpResponse:
    """Take a form out of use; what was typed for it stays on record."""
    row = get_object_or_404(AuthorityForm, pk=pk)
    press(request, lambda: _retire(row), "It is out of use. A newer one can be uploaded here.")
    return redirect("reports:authority_forms")


@transaction.atomic
def _retire(row: AuthorityForm) -> None:
    locked = AuthorityForm.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.retired_at is not None:
        raise Refused("It is out of use already")
    save_fields(locked, {"retired_at": clock.now()}, locked.version)


@permission_required(Can.KEEP_AUTHORITY_FORMS, GET)
def form_file(request: SchoolRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(AuthorityForm, pk=pk)
    return _word(_content(row), slugify(f"{row.authority} {row.name}") or "form")


@permission_required(Can.KEEP_AUTHORITY_FORMS, GET)
def sample(request: SchoolRequest, slug: str) -> HttpResponse:
    """One of the two invented forms, to see how marks are placed."""
    from . import samples

    if slug not in SAMPLES:
        raise Http404
    return _word(samples.SAMPLES[f"{slug}.docx"](), slug)


@permission_required(Can.KEEP_AUTHORITY_FORMS, GET)
def fields(request: SchoolRequest) -> HttpResponse:
    groups = [(title, [one for one in FIELDS if one.group == group]) for group, title in TITLES.items()]
    return render(request, "reports/authority/fields.html", {"groups": groups, "count": len(FIELDS)})


# For a student


@permission_required(Can.EDIT_PLANS, GET)
def student_forms(request: SchoolRequest, pk: int) -> HttpResponse:
    """Which form to fill: those of the authority that maintains the plan first."""
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PLANS, pk=pk)
    opened(request, student, "authority forms")
    begun = {
        one.form_id: one
        for one in AuthorityFilling.objects.filter(student=student).select_related("saved_by")
    }
    rows = [row for row in AuthorityForm.objects.all() if row.retired_at is None or row.pk in begun]
    mine = student.maintained_by.casefold()
    rows.sort(key=lambda row: (row.retired_at is not None, row.authority.casefold() != mine))
    context = {
        "rows": [(row, begun.get(row.pk)) for row in rows],
        "keeps_forms": has_capability(request.user, Can.KEEP_AUTHORITY_FORMS),
    }
    return record_page(request, student, "reports", "reports/authority/student.html", context)


def _student_and_form(
    request: SchoolRequest, pk: int, form_pk: int
) -> tuple[Student, AuthorityForm, AuthorityFilling | None]:
    student = get_visible_or_404(Student.objects.all(), request, Can.EDIT_PLANS, pk=pk)
    row = get_object_or_404(AuthorityForm, pk=form_pk)
    typed = AuthorityFilling.objects.filter(student=student, form=row).select_related("saved_by").first()
    if row.retired_at is not None and typed is None:
        raise Http404
    return student, row, typed


@permission_required(Can.EDIT_PLANS, GET_POST)
def fill(request: SchoolRequest, pk: int, form_pk: int) -> HttpResponse:
    """Type what the record does not hold, see what it holds, and take the form out filled."""
    student, row, typed = _student_and_form(request, pk, form_pk)
    drafts = FormDrafts(request, f"authority-{row.pk}", student.pk)
    if (answer := drafts.answer(request.path)) is not None:
        return answer
    if request.method == "POST" and "discard" in request.POST:
        drafts.end()
        return redirect(request.path)
    facts = _facts(student, request.user, typed)
    places = facts.places(row.used)
    form = AnswersForm(
        posted(request),
        used=row.used,
        places=places,
        given=typed.answers if typed is not None else _begin(student, row),
        row=typed,
        draft=drafts.chosen,
        draft_url=reverse("reports:authority_draft", args=[pk, form_pk]),
    )

    def save_it() -> AuthorityFilling:
        version = typed.version if typed is not None else 0
        saved = save_answers(
            student=student, row=row, answers=form.answers(), version=version, by=request.user
        )
        drafts.end()
        return saved

    if save(request, form, save_it) is not None:
        messages.success(request, "Saved. The form can be taken out below.")
        return redirect("reports:authority_fill", pk=pk, form_pk=form_pk)
    if request.method == "POST":
        drafts.keep()
    else:
        opened(request, student, "authority form", detail=str(row))
    context = {
        "form": form,
        "row": row,
        "typed": typed,
        "drafts": drafts,
        "saved_at": drafts.chosen.updated_at if drafts.chosen else None,
        "office": filling.office() is not None,
        **_of_record(request, row, facts, places),
    }
    return record_page(request, student, "reports", "reports/authority/fill.html", context, form.status)


def _of_record(
    request: SchoolRequest, row: AuthorityForm, facts: Facts, places: Sequence[Place]
) -> dict[str, Any]:
    """What the record says in the form's places, and what stays empty."""
    context = facts.context()
    held = [(one.field.words, one.says) for one in places if not one.rows and one.says]
    for name, rows in ROWS.items():
        if name in row.used and not rows.typed:
            count = len(context[name])
            held.append((rows.words.partition(",")[0], f"{count} row{'' if count == 1 else 's'}"))
    blank = [one for one in places if one.rows == "outcomes" and one.field.name in JUDGED and not one.says]
    return {
        "held": held,
        "empty": listed(empty_in(row.used, places, context)),
        "not_judged": len({one.key for one in blank}),
        "judges": allows(request.user, Can.JUDGE_OUTCOMES, facts.student),
        "is_restricted": facts.is_restricted,
        "says_left_out": bool(facts.left_out) and allows(request.user, Can.VIEW_RESTRICTIONS, facts.student),
    }


def _begin(student: Student, row: AuthorityForm) -> Mapping[str, Any]:
    """What was typed for the other part of the same review; else the people who are around the student."""
    other = AuthorityFilling.objects.filter(
        student=student, form__authority__iexact=row.authority, form__year=row.year
    ).first()
    facts = Facts(student, load(), clock.today(), None, {})  # type: ignore[arg-type]  # nothing of the TSP is read
    if other is not None:
        people = [
            one for one in other.answers.get("people") or () if same_name(one["name"]) not in facts.left_out
        ]
        return {**other.answers, "people": people}
    team = Assignment.objects.current(clock.today()).filter(student=student).select_related("user")
    people = [{"name": one["name"], "role": one["relationship"]} for one in facts.parents]
    people += [{"name": one.user.name, "role": one.get_kind_display()} for one in team.order_by("kind", "pk")]
    return {"people": people}


@transaction.atomic
def save_answers(
    *, student: Student, row: AuthorityForm, answers: Mapping[str, Any], version: int, by: User
) -> AuthorityFilling:
    """Keep what was typed. `version` is that of what stood on the page, 0 for nothing. Raises ChangedMeanwhile."""
    told = {"answers": answers, "saved_by": by, "saved_at": clock.now()}
    rows = AuthorityFilling.objects.select_for_update(of=("self",))
    typed, made = rows.get_or_create(student=student, form=row, defaults=told)
    if not made and typed.version != version:
        raise ChangedMeanwhile(typed)
    if typed.answers != answers:
        save_fields(typed, told, version)
    return typed


@permission_required(Can.EDIT_PLANS, POST)
def draft(request: SchoolRequest, pk: int, form_pk: int) -> HttpResponse:
    """Keep what somebody types; 204, or 422 when it cannot be kept."""
    student, row, _ = _student_and_form(request, pk, form_pk)
    no = FormDrafts(request, f"authority-{row.pk}", student.pk).keep()
    if no is not None:
        return HttpResponse(str(no), status=422, content_type="text/plain; charset=utf-8")
    request.session.modified = True  # typing is being here
    return HttpResponse(status=204)


@permission_required(Can.EDIT_PLANS, GET)
def word(request: SchoolRequest, pk: int, form_pk: int) -> HttpResponse:
    student, row, typed = _student_and_form(request, pk, form_pk)
    if row.to_settle:
        return _not_settled(request, student, row)
    content = _filled(row, _facts(student, request.user, typed))
    exported(request, [student.pk], f"authority form: {row}")
    return _word(content, _name(row, student))


@permission_required(Can.EDIT_PLANS, GET)
def pdf(request: SchoolRequest, pk: int, form_pk: int) -> HttpResponse:
    """The filled form as PDF, drawn by the worker."""
    student, row, _ = _student_and_form(request, pk, form_pk)
    if row.to_settle:
        return _not_settled(request, student, row)
    if filling.office() is None:
        no = "LibreOffice is not installed where Keywork runs, so there is no PDF. Take it out as Word."
        messages.warning(request, no)
        return redirect("reports:authority_fill", pk=pk, form_pk=form_pk)
    return printing.answer(
        request,
        paper(pk, form_pk, request.user.pk),
        kind="authority",
        args=[pk, form_pk, request.user.pk],
        filename=_name(row, student),
        log=lambda: exported(request, [student.pk], f"authority form: {row}"),
    )


def paper(student_pk: int, form_pk: int, reader_pk: int) -> printing.Paper:
    """The same for page and worker: `reader` is who asked, and may read the record."""
    student, row = Student.objects.get(pk=student_pk), AuthorityForm.objects.get(pk=form_pk)
    typed = AuthorityFilling.objects.filter(student=student, form=row).first()
    content = _filled(row, _facts(student, User.objects.get(pk=reader_pk), typed))

    def drawn(_: str) -> rendering.Pdf:
        made = filling.pdf_of(content)
        return rendering.Pdf(made, filling.pages_of(made))

    return printing.Paper("authority form", drawn, (hashlib.sha256(content).hexdigest(),))


def _not_settled(request: SchoolRequest, student: Student, row: AuthorityForm) -> HttpResponse:
    messages.warning(
        request, "Places of this form have a name that is no field. The coordinator settles them first."
    )
    return redirect("reports:authority_fill", pk=student.pk, form_pk=row.pk)


def _facts(student: Student, reader: User, typed: AuthorityFilling | None) -> Facts:
    return Facts(student, load(), clock.today(), reader, typed.answers if typed is not None else {})


def _filled(row: AuthorityForm, facts: Facts) -> bytes:
    context = filling.settled_in(facts.context(), row.unknown, row.settled)
    return filling.filled(package.unpacked(_content(row)), context)


def _content(row: AuthorityForm) -> bytes:
    """The file as it was uploaded; 404 where it is lost or is another by now."""
    content = read_whole(row.file, row.sha256)
    if content is None:
        raise Http404
    return content


def _name(row: AuthorityForm, student: Student) -> str:
    return file_name(student, f"{row.authority} {row.name}")


def _word(content: bytes, name: str) -> HttpResponse:
    return attachment(content, CONTENT_TYPE, f"{name[:80]}.docx")


def _years(calendar: SchoolCalendar, kept: str = "") -> list[tuple[str, str]]:
    """This school year and those beside it; that of a form that is older too."""
    today = clock.today()
    near = [year.id for year in calendar.years if year.ends_on >= today][:2]
    if kept and kept not in near:
        near.insert(0, kept)
    return [(one, one.replace("-", "/")) for one in near]

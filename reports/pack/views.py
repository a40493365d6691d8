"""Putting evidence for a needs assessment together: choose, read for names, write, add reports, order, download."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.attempts import attempt
from keywork.audit import exported, opened
from keywork.editing import press, save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET, GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted, stored
from keywork.models import User
from keywork.numbers import number_in
from outbox import actions as outbox
from outbox.models import Job
from students.models import Student
from students.record import record_page

from .. import printing
from ..files import file_name, missing_in_words
from ..masking import Masker, names_around
from ..reading import is_whole, may
from . import actions, content, making, offers
from .forms import BeginForm, ChooseForm, DocumentForm, ReadForm, WordsForm
from .models import EvidencePack, PackDocument, PackReading

PER_PAGE = 10  # texts read on one page
SHOWN = 20


def _packs() -> Any:
    return EvidencePack.objects.select_related("student", "begun_by", "ordered_by")


@permission_required(Can.MAKE_PACK, GET_POST)
def packs(request: SchoolRequest, pk: int) -> HttpResponse:
    """Those of a student, and beginning another: it goes on from what was decided for the last one."""
    student = get_visible_or_404(Student.objects.all(), request, Can.MAKE_PACK, pk=pk)
    today = clock.today()
    begins = {"starts_on": student.joined_on, "ends_on": today, "authority": student.maintained_by}
    form = BeginForm(posted(request), today=today, initial=begins)
    made = save(request, form, lambda: actions.begin(student=student, by=request.user, **form.cleaned_data))
    if made is not None:
        return redirect("reports:pack", pk=made.pk)
    opened(request, student, "evidence packs")
    context = {"form": form, "rows": list(_packs().filter(student=student)[:SHOWN])}
    return record_page(request, student, "reports", "reports/pack_list.html", context, form.status)


@permission_required(Can.MAKE_PACK, GET)
def pack(request: SchoolRequest, pk: int) -> HttpResponse:
    """How far it is: what is to be done before it can be ordered; then its file."""
    row = get_visible_or_404(_packs(), request, Can.MAKE_PACK, pk=pk)
    opened(request, row.student, "evidence pack")
    context: dict[str, Any] = {"pack": row}
    if row.is_open:
        rows = actions.rows_of(row, request.user)
        texts = [one for one in rows if one.chosen and one.item.lines]
        context |= {
            "parts": _parts(rows),
            "texts": len(texts),
            "read": sum(one.is_read for one in texts),
            "written": sum(bool(row.words.get(slug)) for slug in actions.FIELDS),
            "headings": len(actions.FIELDS),
            "documents": [one for one in rows if one.item.part == "documents"],
            "missing": actions.missing(row, rows),
        }
    else:
        job = outbox.latest(actions.MAKE, str(row.pk)) if row.made_at is None else None
        failed = job.error if job and job.state in (Job.State.FAILED, Job.State.GIVEN_UP) else ""
        context |= {
            "failed": failed,
            "is_whole": row.is_whole(),
            "waits": row.made_at is None and not failed,
            "missing_signs": missing_in_words(row.missing_signs) if row.missing_signs else "",
            "readings": _decided(row, request.user),
        }
    return record_page(request, row.student, "reports", "reports/pack.html", context)


def _decided(row: EvidencePack, reader: User) -> list[tuple[PackReading, offers.Item | None]]:
    """What was decided about names, each with its text: None for one that is no longer in the record."""
    texts = {one.item.key: one.item for one in actions.rows_of(row, reader)}
    every = is_whole(offers.PARTS.values(), reader, row.student)
    readings = row.readings.exclude(reason="").select_related("by")
    return [(one, texts.get(one.key)) for one in readings if every or one.key in texts]


def _parts(rows: list[actions.PackRow]) -> list[tuple[str, int, int]]:
    found = []
    for part, of in offers.PARTS.items():
        mine = [one for one in rows if one.item.part == part]
        if mine and part != "words":
            found.append((of.title, sum(one.chosen for one in mine), len(mine)))
    return found


def _open(request: SchoolRequest, pk: int, part: str = "") -> EvidencePack:
    """`part` is the one that the page is about: not theirs to see, it is not there."""
    row: EvidencePack = get_visible_or_404(_packs(), request, Can.MAKE_PACK, pk=pk)
    if part and not may(offers.PARTS[part], request.user, row.student):
        raise Http404
    return row


def _page(request: SchoolRequest, template: str, row: EvidencePack, context: dict[str, Any]) -> HttpResponse:
    """A page of a pack that is put together; its words leave a row."""
    opened(request, row.student, "evidence pack")
    context |= {"pack": row, "back_url": reverse("reports:pack", args=[row.pk])}
    return record_page(request, row.student, "reports", template, context, context["form"].status)


@permission_required(Can.MAKE_PACK, GET_POST)
def items(request: SchoolRequest, pk: int) -> HttpResponse:
    row = _open(request, pk)
    rows = actions.rows_of(row, request.user)
    form = ChooseForm(posted(request), pack=row, rows=rows, today=clock.today())
    saved = save(
        request,
        form,
        lambda: actions.choose(pack=row, offered=form.offered, wanted=form.wanted(), version=row.version),
    )
    if saved is not None:
        messages.success(request, "Saved. What goes in is read for names next.")
        return redirect("reports:pack", pk=pk)
    return _page(request, "reports/pack_items.html", row, {"form": form})


@permission_required(Can.MAKE_PACK, GET_POST)
@keeps_typed
def words(request: SchoolRequest, pk: int) -> HttpResponse:
    row = _open(request, pk, "words")
    form = WordsForm(posted(request), pack=row)

    def write() -> None:
        words = form.details()
        actions.write(pack=row, words=words, authority=words["authority"], version=row.version)

    saved = save(request, form, write)
    if saved is not None:
        messages.success(request, "Saved.")
        return redirect("reports:pack", pk=pk)
    return _page(request, "reports/pack_words.html", row, {"form": form})


@permission_required(Can.MAKE_PACK, GET_POST)
def texts(request: SchoolRequest, pk: int) -> HttpResponse:
    """The next texts to be read for names; `?page=2` those of a page, read or not."""
    row = _open(request, pk)
    every = [one for one in actions.rows_of(row, request.user) if one.chosen and one.item.lines]
    pages = [every[at : at + PER_PAGE] for at in range(0, len(every), PER_PAGE)]
    asked = number_in(request.GET.get("page", ""), digits=4)
    waits = next((place for place, some in enumerate(pages) if not all(one.is_read for one in some)), 0)
    place = asked - 1 if asked and asked <= len(pages) else waits
    shown = pages[place] if pages else []
    masker = Masker(names_around(row.student))
    plain = [actions.PackRow(one.item, True, actions.masked(one.item, None, masker), None) for one in shown]
    form = ReadForm(posted(request), rows=shown, plain=plain)
    saved = save(request, form, lambda: actions.read(pack=row, decisions=form.decisions(), by=request.user))
    if saved is not None:
        if place + 1 < len(pages):
            return redirect(f"{reverse('reports:pack_read', args=[pk])}?page={place + 2}")
        messages.success(request, "Every text on these pages is read.")
        return redirect("reports:pack", pk=pk)
    context = {"form": form, "rows": shown, "place": place + 1, "of": len(pages), "every": len(every)}
    return _page(request, "reports/pack_read.html", row, context)


@permission_required(Can.MAKE_PACK, GET_POST)
def documents(request: SchoolRequest, pk: int) -> HttpResponse:
    row = _open(request, pk, "documents")
    files = request.FILES if request.method == "POST" else None
    form = DocumentForm(posted(request), files, student=row.student)
    added = save(
        request,
        form,
        lambda: actions.attach(pack=row, facts=form.facts(), pdf=form.cleaned_data["pdf"], by=request.user),
    )
    if added is not None:
        messages.success(request, "Added.")
        return redirect("reports:pack_documents", pk=pk)
    there = list(row.documents.filter(removed_at__isnull=True).select_related("added_by"))
    return _page(request, "reports/pack_documents.html", row, {"form": form, "documents": there})


@permission_required(Can.MAKE_PACK, POST)
def take_out(request: SchoolRequest, pk: int) -> HttpResponse:
    document = get_visible_or_404(
        PackDocument.objects.select_related("pack__student"), request, Can.MAKE_PACK, pk=pk
    )
    _open(request, document.pack_id, "documents")
    press(request, lambda: actions.detach(document=document), "Taken out.")
    return redirect("reports:pack_documents", pk=document.pack_id)


@permission_required(Can.MAKE_PACK, POST)
def order(request: SchoolRequest, pk: int) -> HttpResponse:
    row = _open(request, pk)
    version = number_in(request.POST.get("version", "")) or 0
    said = "It is being made. That can take a minute."
    press(request, lambda: actions.order(pack=row, by=request.user, version=version), said)
    return redirect("reports:pack", pk=pk)


@permission_required(Can.MAKE_PACK, GET)
def pages(request: SchoolRequest, pk: int) -> HttpResponse:
    """The sheets as they would be now, before it is ordered; afterwards, of what was ordered, in another form."""
    row = _open(request, pk)
    if not row.is_open and not is_whole(offers.PARTS.values(), request.user, row.student):
        raise Http404
    made, no = attempt(lambda: paper(row.pk, request.user.pk))
    if made is None:
        messages.warning(request, str(no))
        return redirect("reports:pack", pk=pk)
    return printing.answer(
        request,
        made,
        kind="pack",
        args=[row.pk, request.user.pk],
        filename=f"evidence-pack-{row.pk}",
        about=row.student,
        log=lambda: opened(request, row.student, "evidence pack", detail="as it is printed"),
    )


def paper(pack_id: int, reader_id: int) -> printing.Paper:
    """A pack as it was ordered; before that, as it would be printed for whoever puts it together."""
    row = _packs().get(pk=pack_id)
    if not row.is_open:
        return making.paper(row.content)
    rows = actions.rows_of(row, User.objects.get(pk=reader_id))
    return making.paper(content.frozen(row, [one for one in rows if one.chosen], len(rows), actions.load()))


@permission_required(Can.MAKE_PACK, GET)
def download(request: SchoolRequest, pk: int) -> HttpResponseBase:
    row = get_visible_or_404(_packs(), request, Can.MAKE_PACK, pk=pk)
    if not row.is_whole() or not is_whole(offers.PARTS.values(), request.user, row.student):
        raise Http404
    exported(request, [row.student_id], f"evidence pack, {row.sha256[:12]}")
    name = file_name(row.student, "evidence-pack", str(row.pk))
    return stored(row.pdf, "application/pdf", name, to_keep=True)

"""Documents filed to a record: kept as what they are, found by their words, served safely, crossed out with a reason."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from care.documents import actions
from care.meetings.actions import change
from care.models import FiledDocument, Meeting
from keywork.levels import Level
from keywork.models import RecordOpening
from outbox.models import Job
from reports.rendering import pdf
from tests.access.records import document, held_meeting
from tests.world import TODAY

pytestmark = pytest.mark.django_db
FACTS = {
    "kind": "agency", "title": "Sensory report", "author": "Dr Orla Pollard, OT", "dated_on": TODAY.isoformat(),
    "level": "general",
}  # fmt: skip


def paper(words: str) -> bytes:
    page = (
        f'<!doctype html><html lang="en-GB"><head><title>A</title></head><body><p>{words}</p></body></html>'
    )
    return pdf(page).content


def send(page, student, file=None, **more):
    given = {**FACTS, **more}
    if file is not None:
        given["file"] = file
    return page.post(reverse("care:document_add", args=[student.pk]), given)


def test_a_document_is_filed_and_found_by_its_words(world, as_user, django_capture_on_commit_callbacks):
    page = as_user(world.u_mentor)
    file = SimpleUploadedFile("report.exe", paper("A weighted blanket helps in assembly."), "text/html")
    with django_capture_on_commit_callbacks(execute=True):
        filed = send(page, world.mina, file)
    row = FiledDocument.objects.get()
    assert filed.url == reverse("care:document", args=[world.mina.pk, row.pk])
    assert Job.objects.get(kind="care.read_text").state in (Job.State.WAITING, Job.State.DONE)
    actions.read_text(row.pk)
    row.refresh_from_db()
    assert row.reading == "read" and "weighted blanket" in row.text and row.content_type == "application/pdf"
    search = reverse("portal:search")
    assert "<mark>weighted</mark>" in page.get(search, {"q": "weighted"}).content.decode()
    for name in ("students:record", "care:documents"):
        found = page.get(reverse(name, args=[world.mina.pk]), {"q": "weighted"}).content.decode()
        assert "Sensory report" in found, name
    assert "Sensory report" not in as_user(world.u_teacher).get(search, {"q": "weighted"}).content.decode()
    file = page.get(reverse("care:document_file", args=[world.mina.pk, row.pk]))
    assert file["X-Content-Type-Options"] == "nosniff" and "sandbox" in file["Content-Security-Policy"]
    assert file["Content-Disposition"].startswith("attachment") and b"report.exe" not in file.getvalue()
    assert RecordOpening.objects.filter(user_id=world.u_mentor.pk, detail="file of Sensory report").exists()


def test_what_is_no_pdf_or_picture_is_refused_and_nothing_typed_is_lost(world, as_user):
    page = as_user(world.u_keyworker)
    for content, said in (
        (b"MZ\x90 a program", "neither a PDF nor"),
        (b"%PDF-1.7 torn", "damaged or locked"),
    ):
        refused = send(page, world.mina, SimpleUploadedFile("a.pdf", content), title="Torn title")
        text = refused.content.decode()
        assert refused.status_code == 422 and said in text and "Torn title" in text
    assert "Choose a file, or paste its words" in send(page, world.mina).content.decode()
    assert not FiledDocument.objects.exists()
    out = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(out, "PNG")
    send(page, world.mina, SimpleUploadedFile("a.pdf", out.getvalue()))
    send(page, world.mina, kind="email", words="Dear Ros, thank you.")
    picture, mail = FiledDocument.objects.order_by("pk")
    assert (picture.content_type, picture.reading, mail.reading) == ("image/jpeg", "no_words", "none")


def test_how_far_it_is_seen_and_crossed_out(world, as_user):
    row = document(world.mina, world.u_keyworker, Level.RESTRICTED)
    url, file = (
        reverse(f"care:{name}", args=[world.mina.pk, row.pk]) for name in ("document", "document_file")
    )
    there = {who for who in ("keyworker", "deputy", "dsl", "mentor", "member", "head", "teacher", "keyworker_other")
             if as_user(world.users[who]).get(url).status_code == 200}  # fmt: skip
    assert there == {"keyworker", "deputy", "dsl"}
    assert send(as_user(world.u_mentor), world.mina, words="x", level="restricted").status_code == 422
    page, void = as_user(world.u_keyworker), reverse("care:document_void", args=[world.mina.pk, row.pk])
    assert page.post(void, {"reason": ""}).status_code == 422
    shown = page.post(void, {"reason": "Another student’s"}, follow=True).content.decode()
    assert "Crossed out by Keyworker" in shown and "Another student’s" in shown
    assert page.get(file).status_code == 404
    found = page.get(reverse("portal:search"), {"q": "Filed words"}).content.decode()
    assert "of Harcastle" not in found, "what is crossed out is not found"


def test_a_document_filed_with_a_meeting_is_read_by_no_more(world, as_user):
    keeper = as_user(world.u_keyworker)
    held = held_meeting(world.mina, world.u_keyworker, world)
    Meeting.objects.filter(pk=held.pk).update(level="restricted")
    at = reverse("care:meeting", args=[world.mina.pk, held.pk])
    add = f"{reverse('care:document_add', args=[world.mina.pk])}?meeting={held.pk}"
    assert add in keeper.get(at).content.decode()
    form = keeper.get(add).content.decode()
    assert (
        "It stands with the meeting" in form
        and 'value="restricted"' in form
        and 'value="general"' not in form
    )
    given = {**FACTS, "words": "What the nurse brought."}
    assert keeper.post(add, given).status_code == 422, "wider than the meeting"
    assert keeper.post(add, {**given, "level": "restricted"}).url == at
    row = FiledDocument.objects.get()
    page = reverse("care:document", args=[world.mina.pk, row.pk])
    assert "Sensory report" in keeper.get(at).content.decode() and at in keeper.get(page).content.decode()
    assert page in keeper.get(reverse("care:documents", args=[world.mina.pk])).content.decode()
    for name in ("mentor", "head"):  # they read neither: nor may they file with it
        assert as_user(world.users[name]).get(page).status_code == 404
        assert as_user(world.users[name]).get(add).status_code == 404, name
    other = reverse("care:document_add", args=[world.otto.pk])
    assert as_user(world.u_keyworker_other).get(f"{other}?meeting={held.pk}").status_code == 404
    # A meeting that fewer people read from now on takes its documents along; a wider one does not.
    for level, then in (("general", "restricted"), ("restricted", "restricted")):
        held.refresh_from_db()
        facts = {name: getattr(held, name) for name in ("kind", "on", "at", "minutes", "place", "led_by")}
        change(by=world.u_keyworker, meeting=held, version=held.version, facts={**facts, "level": level},
               agenda=[item.title for item in held.agenda.all()])  # fmt: skip
        row.refresh_from_db()
        assert row.level == then
        if level == "general":
            FiledDocument.objects.filter(pk=row.pk).update(level="general")
    assert row.level == "restricted"

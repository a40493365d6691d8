"""Drawings, photos and recordings: what is taken, made anew, refused; who opens them; how they go."""

from __future__ import annotations

import io
import struct

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from keywork.models import RecordOpening
from tests.tsp.factories import everyone_at_home, make_sheet
from tsp.models import Attachment, Tool
from tsp.sheets import attachments

SOUNDS = {
    "voice.mp3": (b"ID3\x04" + b"\x00" * 80, "audio/mpeg"),
    "frames.mp3": (b"\xff\xfb\x90\x00" + b"\x00" * 80, "audio/mpeg"),
    "voice.m4a": (b"\x00\x00\x00\x20ftypM4A " + b"\x00" * 80, "audio/mp4"),
    "voice.ogg": (b"OggS" + b"\x00" * 80, "audio/ogg"),
    "voice.webm": (b"\x1a\x45\xdf\xa3" + b"\x00" * 80, "audio/webm"),
    "voice.wav": (b"RIFF" + struct.pack("<I", 90) + b"WAVEfmt " + b"\x00" * 80, "audio/wav"),
}


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sheet(world):
    return make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording="staff", done=False)


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


def picture(form="JPEG", size=(40, 30), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(out, form, **options)
    return out.getvalue()


def add(client, sheet, content: bytes, name="drawing.jpg", field="going-well", box="picture"):
    return client.post(
        reverse("tsp:attach", args=[sheet.pk]), {"field": field, box: SimpleUploadedFile(name, content)}
    )


def test_a_photo_is_made_anew_and_says_nothing_of_where(keyworker, sheet, world):
    exif = Image.Exif()
    exif[0x010F] = "Sentinel camera"
    exif[0x0112] = 6  # lying on its side
    taken = picture(size=(60, 30), exif=exif) + b"<?php secret tail"
    assert b"Sentinel" in taken
    assert add(keyworker, sheet, taken, name="../../evil.php").status_code == 302
    row = Attachment.objects.get()
    assert (row.kind, row.content_type, row.added_by) == ("picture", "image/jpeg", world.u_keyworker)
    kept = row.file.read()
    assert b"Sentinel" not in kept and b"php" not in kept
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.size == (30, 60) and shown.format == "JPEG" and not shown.getexif()
    assert (
        row.file.name.startswith("sheets/") and row.file.name.endswith(".jpg") and "evil" not in row.file.name
    )


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_other_pictures_are_taken_too(keyworker, sheet, form):
    assert add(keyworker, sheet, picture(form)).status_code == 302
    assert Attachment.objects.get().content_type in ("image/jpeg", "image/png")


def test_a_large_picture_is_made_smaller(keyworker, sheet):
    assert add(keyworker, sheet, picture(size=(3000, 1500))).status_code == 302
    with Image.open(Attachment.objects.get().file) as shown:
        assert shown.size == (2000, 1000)


@pytest.mark.parametrize("name", SOUNDS)
def test_a_recording_is_known_by_its_first_bytes(keyworker, sheet, name):
    content, kind = SOUNDS[name]
    assert add(keyworker, sheet, content, name="anything.exe", box="sound").status_code == 302
    row = Attachment.objects.get()
    assert (row.kind, row.content_type) == ("sound", kind) and row.file.read() == content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "neither a picture"),
        (b"<html><script>alert(1)</script></html>", "neither a picture"),
        (b"MZ\x90\x00" + b"\x00" * 90, "neither a picture"),
        (b"%PDF-1.7 nothing", "neither a picture"),
        (b"", "This file is empty"),
        (picture()[:200], "broken"),
        (picture("TIFF"), "neither a picture"),
        (picture("BMP"), "neither a picture"),
    ],
)
def test_hostile_files_are_refused_beside_their_input(keyworker, sheet, content, words):
    answer = add(keyworker, sheet, content, name="nice.jpg")
    assert answer.status_code == 422 and words in answer.content.decode()
    assert 'id="sheet"' in answer.content.decode()  # the sheet is still there to go on with
    assert not Attachment.objects.exists()


def test_a_bomb_of_dots_is_refused(keyworker, sheet, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_PIXELS", 1000)
    answer = add(keyworker, sheet, picture(size=(100, 100)))
    assert answer.status_code == 422 and "too many dots" in answer.content.decode()


def test_limits(keyworker, sheet, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_BYTES", 300)
    assert add(keyworker, sheet, picture() + b"\x00" * 300).status_code == 422
    monkeypatch.undo()
    monkeypatch.setattr(attachments, "MOST_OF_A_SHEET", 1)
    assert add(keyworker, sheet, picture()).status_code == 302
    assert "Remove one first" in add(keyworker, sheet, picture()).content.decode()
    assert add(keyworker, sheet, picture(), field="no-such-question").status_code == 422
    assert Attachment.objects.count() == 1


def test_only_where_something_may_be_drawn(keyworker, world):
    talk = make_sheet(world.mina, world.u_keyworker, Tool.PARENT, member=world.mina_mum.member, done=False)
    assert add(keyworker, talk, picture(), field="home-going-well").status_code == 404


def test_served_to_readers_only_and_never_run(keyworker, sheet, world, as_user):
    add(keyworker, sheet, picture())
    row = Attachment.objects.get()
    staff, own, home = (
        reverse(f"tsp:{name}", args=[row.pk])
        for name in ("attachment", "student_attachment", "family_attachment")
    )
    answer = keyworker.get(staff)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Cache-Control"] == "no-store, private"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert (
        RecordOpening.objects.filter(user_id=world.u_keyworker.pk, detail__startswith="Picture").count() == 1
    )
    # Begun: the mentor knows of it and reads nothing; the student fills it too; home not at all.
    mentor, student, parent = (as_user(world.users[who]) for who in ("mentor", "student", "parent"))
    assert mentor.get(staff).status_code == 404
    assert student.get(own).status_code == 200 and student.get(staff).status_code == 403
    assert parent.get(home).status_code == 404
    type(sheet).objects.filter(pk=sheet.pk).update(
        done_at=row.added_at, share_with_home=True, shared_with=everyone_at_home(sheet.student)
    )
    assert mentor.get(staff).status_code == 200 and parent.get(home).status_code == 200
    assert as_user(world.u_slt).get(staff).status_code == 404
    assert as_user(world.u_parent_restricted).get(home).status_code == 404
    type(sheet).objects.filter(pk=sheet.pk).update(share_with_home=False, shared_with=[])
    assert parent.get(home).status_code == 404


def test_a_recording_is_had_in_pieces(keyworker, sheet, world, as_user):
    add(keyworker, sheet, SOUNDS["voice.ogg"][0], box="sound")
    place = reverse("tsp:attachment", args=[Attachment.objects.get().pk])
    first = keyworker.get(place, headers={"Range": "bytes=0-3"})
    assert (first.status_code, first.content, first["Content-Range"]) == (206, b"OggS", "bytes 0-3/84")
    assert first["X-Content-Type-Options"] == "nosniff"
    assert len(keyworker.get(place, headers={"Range": "bytes=80-"}).content) == 4
    assert keyworker.get(place, headers={"Range": "bytes=84-"}).status_code == 416
    assert keyworker.get(place, headers={"Range": "bytes=5-2"}).status_code == 416
    assert keyworker.get(place, headers={"Range": "lines=1-2"}).status_code == 200
    assert as_user(world.u_mentor).get(place, headers={"Range": "bytes=0-3"}).status_code == 404
    assert (
        RecordOpening.objects.filter(user_id=world.u_keyworker.pk, detail__startswith="Recording").count()
        == 2
    )


def test_removed_with_its_history(keyworker, sheet, world, as_user):
    add(keyworker, sheet, picture())
    row = Attachment.objects.get()
    remove = reverse("tsp:attachment_remove", args=[row.pk])
    assert as_user(world.u_mentor).post(remove).status_code == 404
    assert keyworker.post(remove).status_code == 302
    row.refresh_from_db()
    assert row.removed_by == world.u_keyworker
    assert keyworker.get(reverse("tsp:attachment", args=[row.pk])).status_code == 404
    assert keyworker.post(remove).status_code == 404
    assert "Picture, added" not in keyworker.get(reverse("tsp:sheet_fill", args=[sheet.pk])).content.decode()
    assert Attachment.pgh_event_model.objects.filter(pgh_obj_id=row.pk).count() == 2


def test_a_sheet_may_be_a_drawing_and_nothing_else(keyworker, sheet):
    sheet.answers.all().delete()
    fill = reverse("tsp:sheet_fill", args=[sheet.pk])
    empty = keyworker.post(fill, {"finish": "1", "share": "nobody"})
    assert empty.status_code == 422 and "Nothing is written here yet" in empty.content.decode()
    add(keyworker, sheet, picture())
    assert keyworker.post(fill, {"finish": "1", "share": "nobody"}).status_code == 302
    assert (
        "What is going well for me" in keyworker.get(reverse("tsp:sheet", args=[sheet.pk])).content.decode()
    )

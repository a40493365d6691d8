"""A student's whole file: everything about one student, nothing about another, for whoever may read it all."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from pghistory.models import Event

from contacts.models import HomeContact
from keywork import clock
from keywork.models import RecordOpening
from keywork.scoped import ScopedQuerySet
from outbox.models import Job
from reports import student_file
from reports.models import StudentFile
from reports.tasks import clear_files
from safety.models import Worry
from students.models import ChangeRequest, Student
from tests import world as cast
from tests.access.records import contact
from tests.forms import form_of


@pytest.fixture
def made(world_with_records):
    row = student_file.order_file(
        student=world_with_records.mina, reason="Asked for by her mother.", by=world_with_records.u_dsl
    )
    student_file.make_file(row)
    return row


@pytest.fixture
def parts(made):
    with zipfile.ZipFile(made.archive.open("rb")) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_each_record_of_the_student_is_in_it(made, parts):
    found = json.loads(parts["student.json"])["records"]
    for model in apps.get_models():
        rows = model._default_manager.all()
        if isinstance(rows, ScopedQuerySet) and model not in student_file.WITHOUT:
            pks = set(rows.filter(**{rows.student_path: made.student_id}).values_list("pk", flat=True))
            told = found.get(model._meta.label_lower, {"rows": []})["rows"]
            assert {row[model._meta.pk.name] for row in told} == pks, model
    for label in (
        "keywork.assignment",
        "reports.recipient",
        "reports.outsidecopy",
        "reports.reportcomment",
        "contacts.homecontact",
        "tsp.sheet",
        "ilsa.answer",
    ):
        assert label in found
    assert {row["surname"] for row in found["students.familymember"]["rows"]}


def test_a_record_without_its_document_is_told(world):
    assert (
        json.loads(
            json.dumps(
                student_file.records(student_file.about(world.mina))["students.student"]["rows"][0]["photo"]
            )
        )
        == ""
    )


def test_nothing_of_another_student_and_no_key_is_in_it(parts):
    text = parts["student.json"].decode()
    assert cast.OTHER_SURNAME not in text
    assert not any(f'"{name}"' in text for name in student_file.LEFT_OUT)
    assert "care.partasked" in text and '"Sam"' not in text  # another's student, who was asked to take part


def test_that_somebody_did_not_feel_safe_is_not_in_it(parts, world_with_records):
    """The student may have kept it from the very person who takes the file out."""
    text = parts["student.json"].decode()
    assert Worry.objects.filter(student=world_with_records.mina).exists()
    assert "safety.worry" not in text and "Worry words" not in text and "not_safe" not in text


def test_what_a_student_asked_for_reaches_whom_they_chose(world_with_records, as_user):
    """Left out unless it is put in, a file of its own then, and never made for or given to one of their keyworkers."""
    w = world_with_records
    words = ChangeRequest.objects.filter(student=w.mina).values_list("words", flat=True)[0]
    page, dsl = reverse("reports:student_file", args=[w.mina.pk]), as_user(w.u_dsl)
    shown = dsl.get(page).content.decode()
    assert "Put in what Min wrote when asking for another keyworker" in shown
    dsl.post(page, {**form_of(shown, "kw-form"), "reason": "Her own request.", "with_requests": "on"})
    held = StudentFile.objects.get(reason="Her own request.")
    left_out = student_file.order_file(student=w.mina, reason="Home asked.", by=w.u_dsl)
    found = []
    for row in (held, left_out):
        with zipfile.ZipFile(io.BytesIO(student_file.archive(row))) as archive:
            found.append({name: archive.read(name).decode(errors="replace") for name in archive.namelist()})
    assert words in found[0].pop(student_file.REQUESTS) and "asked-for" in found[0]["contents.txt"]
    assert not any(words in text for parts in found for text in parts.values())
    assert student_file.REQUESTS not in found[1]

    cast.assign(w.mina, w.u_dsl, "deputy", start=date(2023, 9, 1), end=date(2023, 9, 30))
    shown = dsl.get(page).content.decode()
    assert "one of their keyworkers" in shown and 'name="with_requests"' not in shown
    student_file.make_file(held)
    assert dsl.get(reverse("reports:student_file_download", args=[held.pk])).status_code == 404
    again = student_file.order_file(student=w.mina, reason="Again.", by=w.u_dsl, with_requests=True)
    assert not again.with_requests


def test_what_was_moved_to_another_child_is_not_in_it(world_with_records):
    w = world_with_records
    entry = contact(w.mina, w.u_keyworker, notes="About the other child.")
    HomeContact.objects.filter(pk=entry.pk).update(
        voided_on=entry.logged_on, voided_by=w.u_head, void_reason="Moved."
    )
    there = contact(w.otto, w.u_keyworker, notes="About the other child.")
    HomeContact.objects.filter(pk=there.pk).update(moved_from=entry.pk)
    row = student_file.order_file(student=w.mina, reason="Why.", by=w.u_dsl)
    assert "About the other child." not in json.dumps(
        student_file.records(student_file.about(w.mina)), default=str
    )
    assert "About the other child." not in student_file.log_page(row)


def test_each_model_that_names_a_student_is_in_it_or_left_out_on_purpose(world):
    told = {model for model, _ in student_file.about(world.mina)} | student_file.WITHOUT
    for model in apps.get_models():
        names_one = any(field.related_model is Student for field in model._meta.concrete_fields)
        if names_one and not issubclass(model, Event):  # history is told with its own rows
            assert model in told, model


def test_a_damaged_archive_is_not_given_out(made, world_with_records, as_user):
    dsl = as_user(world_with_records.u_dsl)
    StudentFile.objects.filter(pk=made.pk).update(sha256="0" * 64)
    assert dsl.get(reverse("reports:student_file_download", args=[made.pk])).status_code == 404
    page = dsl.get(reverse("reports:student_file", args=[made.student_id])).content.decode()
    assert "Lost or damaged: make it again" in page


def test_what_changed_is_in_it_as_it_was(world_with_records):
    mina = world_with_records.mina
    mina.read_first = "Ring after four."
    mina.save()
    mina.read_first = "Ring before four."
    mina.save()
    versions = student_file.records(student_file.about(mina))["students.student"]["versions"]
    assert [one["read_first"] for one in versions][-2:] == ["Ring after four.", "Ring before four."]


def test_its_contents_are_told_with_their_digests(parts):
    lines = parts.pop("contents.txt").decode().splitlines()
    told = dict(reversed(line.split("  ", 1)) for line in lines)
    assert told == {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    assert parts["log.pdf"].startswith(b"%PDF")
    assert any(name.startswith("documents/report-") for name in parts)


def test_a_lost_document_is_said(world_with_records):
    row = student_file.order_file(student=world_with_records.mina, reason="Why.", by=world_with_records.u_dsl)
    name, file = next(iter(student_file.documents(student_file.about(row.student))))
    content = file.open("rb").read()
    file.storage.delete(file.name)
    with zipfile.ZipFile(io.BytesIO(student_file.archive(row))) as archive:
        assert f"The file of {name} is lost." in archive.read("contents.txt").decode()
    file.storage.save(file.name, io.BytesIO(content))


def test_asked_for_on_the_page_made_by_the_worker_and_downloaded(
    world_with_records, as_user, eager, django_capture_on_commit_callbacks
):
    mina, dsl = world_with_records.mina, as_user(world_with_records.u_dsl)
    page = reverse("reports:student_file", args=[mina.pk])
    assert page in dsl.get(reverse("reports:student", args=[mina.pk])).content.decode()
    refused = dsl.post(page, {"reason": ""})
    assert refused.status_code == 422 and "Say why it is taken out" in refused.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert dsl.post(page, {"reason": "Moves school."}).status_code == 302
    row = StudentFile.objects.get(student=mina, reason="Moves school.")
    assert Job.objects.get(kind=student_file.MAKE, key=str(row.pk)).state == Job.State.DONE
    url = reverse("reports:student_file_download", args=[row.pk])
    assert url in dsl.get(page).content.decode()
    answer = dsl.get(url)
    content = b"".join(answer)
    assert hashlib.sha256(content).hexdigest() == row.sha256
    assert answer["Content-Disposition"] == 'attachment; filename="Min-H-whole-file.zip"'
    left = RecordOpening.objects.filter(student_id=mina.pk, user_id=world_with_records.u_dsl.pk)
    assert left.filter(what="whole file asked for", reason="Moves school.").exists()
    assert left.filter(what="export", detail="whole file").exists()


def test_what_could_not_be_made_is_said(world_with_records, as_user):
    row = student_file.order_file(student=world_with_records.mina, reason="Why.", by=world_with_records.u_dsl)
    page = reverse("reports:student_file", args=[world_with_records.mina.pk])
    dsl = as_user(world_with_records.u_dsl)
    waiting = dsl.get(page).content.decode()
    assert "Being made" in waiting and "every 4s" in waiting
    assert not re.search(r"<body[^>]* hx-disable", waiting)  # or it would never look again
    Job.objects.filter(key=str(row.pk)).update(state=Job.State.FAILED, error="The disk is full")
    assert "Could not be made" in dsl.get(page).content.decode()


def test_it_is_deleted_after_some_days(made, world_with_records, as_user):
    StudentFile.objects.exclude(pk=made.pk).update(deleted_at=made.made_at)  # its file is for other tests
    name, storage = made.archive.name, made.archive.storage
    with clock.frozen(made.made_at + timedelta(days=student_file.KEPT_DAYS)):
        clear_files()
    made.refresh_from_db()
    assert made.archive
    with clock.frozen(made.made_at + timedelta(days=student_file.KEPT_DAYS, minutes=1)):
        clear_files()
    made.refresh_from_db()
    assert made.deleted_at is not None and not made.archive and not storage.exists(name)
    dsl = as_user(world_with_records.u_dsl)
    assert dsl.get(reverse("reports:student_file_download", args=[made.pk])).status_code == 404
    page = dsl.get(reverse("reports:student_file", args=[made.student_id])).content.decode()
    assert "Asked for by her mother." in page and "Deleted" in page

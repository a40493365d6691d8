"""What the forms of local authorities ask for about a student: written down with the other details, read with the family's."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from keywork.models import RecordOpening
from students.models import Attendance, Student
from tests.forms import form_of
from tests.students.test_edit import edit

FACTS = {
    "maintained_by": "Aldershire",
    "pupil_premium": "yes",
    "ethnicity": "Any other ethnic group",
    "address": "3 Mill Row\nAldermere",
    "phone": "07700 900123",
    "email": "mina@students.example",
    "social_worker": "Bryony Castle",
    "social_worker_reach": "01632 960123",
}


@pytest.fixture
def week(world):
    return Attendance.objects.create(
        student=world.mina,
        starts_on=date(2026, 11, 2),
        ends_on=date(2026, 11, 6),
        source="Register of the school",
        possible=10,
        attended=7,
        authorised=2,
        unauthorised=1,
        suspended_days="0.5",
    )


def people(client, student) -> str:
    return client.get(reverse("students:people", args=[student.pk])).content.decode()


def test_they_are_written_down_kept_and_read_by_the_team(world, as_user, week):
    assert edit(as_user(world.u_admin), world.mina, **FACTS).status_code == 302
    mina = Student.objects.get(pk=world.mina.pk)
    assert {name: getattr(mina, name) for name in FACTS} == FACTS
    before, after = Student.pgh_event_model.objects.filter(pgh_obj_id=mina.pk).order_by("-pgh_id")[:2][::-1]
    assert (before.ethnicity, after.ethnicity) == ("", "Any other ethnic group")
    page = people(as_user(world.u_keyworker), mina)
    for words in (
        "Aldershire",
        "Any other ethnic group",
        "3 Mill Row<br>Aldermere",
        "Bryony Castle, 01632 960123",
    ):
        assert words in page
    assert "7 of 10" in page and "0.5 days" in page and "Register of the school" in page


def test_a_teacher_does_not_read_them(world, as_user, week):
    edit(as_user(world.u_admin), world.mina, **FACTS)
    page = people(as_user(world.u_teacher), world.mina)
    assert not [words for words in (*FACTS.values(), "Register of the school") if words in page]


def test_another_change_meanwhile_is_kept(world, as_user):
    admin = as_user(world.u_admin)
    url = reverse("students:edit", args=[world.mina.pk])
    page = form_of(admin.get(url).content.decode(), "social_worker")
    Student.objects.filter(pk=world.mina.pk).update(ethnicity="Welsh", version=world.mina.version + 1)
    assert admin.post(url, {**page, "social_worker": "Femi Adeyinka"}).status_code == 302
    mina = Student.objects.get(pk=world.mina.pk)
    assert (mina.ethnicity, mina.social_worker) == ("Welsh", "Femi Adeyinka")


def test_attendance_is_a_table_for_a_spreadsheet(world, as_user, week):
    answer = as_user(world.u_head).get("/reports/tables/attendance/2026-27.csv").content.decode()
    assert "Register of the school,10,7,2,1,0.5" in answer
    assert RecordOpening.objects.filter(what="export", student_id=world.mina.pk).exists()

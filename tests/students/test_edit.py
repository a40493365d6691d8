"""A student's details by hand: what is checked, what happens when two write at once, who sees the photo."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from enquiries.models import Enquiry
from keywork import clock
from keywork.models import Assignment, RecordOpening
from students.models import Student
from tests import world as cast
from tests.forms import form_of
from tsp.enquiries import INPUT


def drawn(kind: str, mode: str = "RGB", size: tuple[int, int] = (4, 2), **more) -> bytes:
    """A picture whose left half is red, the right half blue."""
    image = Image.new(mode, size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


JPEG = drawn("JPEG")
PNG = drawn("PNG", "RGBA")
GIVEN = {
    "legal_forename": "Ida",
    "legal_surname": "Ashdown",
    "born_on": "2013-05-17",
    "nc_year": "9",
    "placement": "day",
    "joined_on": "2026-09-03",
}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def admin(world, as_user):
    return as_user(world.u_admin)


def add(client, **given):
    return client.post(reverse("students:add"), {**GIVEN, **given})


def edit(client, student, **given):
    kept = {
        "legal_forename": student.legal_forename,
        "legal_surname": student.legal_surname,
        "preferred_forename": student.preferred_forename,
        "born_on": student.born_on,
        "nc_year": student.nc_year,
        "placement": student.placement,
        "sen_status": student.sen_status,
        "joined_on": student.joined_on,
        "upn": student.upn,
    }
    return client.post(reverse("students:edit", args=[student.pk]), {**kept, **given})


def ida() -> Student:
    return Student.objects.get(legal_surname="Ashdown")


def test_a_student_is_added_with_everything(admin):
    answer = add(
        admin,
        preferred_forename="Idy",
        pronouns="she/her",
        sex="F",
        upn="p 207000016049",
        former_upn="b801200005001",
        mis_id="41",
        reg_group="9 Elm",
        placement="weekly",
        sen_status="E",
        needs=["semh", "sensory_physical"],
        home_language="Welsh",
        read_first="Ring before six.",
        looked_after="on",
        left_on="2027-07-16",
    )
    one = ida()
    assert answer.url == reverse("students:people", args=[one.pk])
    assert (one.name, one.pronouns, one.sex, one.upn, one.former_upn) == (
        "Idy Ashdown",
        "she/her",
        "F",
        "P207000016049",
        "B801200005001",
    )
    assert (one.mis_id, one.reg_group, one.placement, one.sen_status) == ("41", "9 Elm", "weekly", "E")
    assert (one.needs, one.home_language, one.read_first) == (
        ["semh", "sensory_physical"],
        "Welsh",
        "Ring before six.",
    )
    assert (one.looked_after, one.joined_on, one.left_on) == (True, date(2026, 9, 3), date(2027, 7, 16))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"legal_forename": "", "legal_surname": ""}, "Write the name."),
        ({"nc_year": ""}, "Choose the year group"),
        ({"nc_year": "21"}, "Choose one of the answers"),
        ({"born_on": "2027-01-01"}, "Choose a date in the past"),
        ({"born_on": "1971-01-01"}, "more than 30 years ago"),
        ({"born_on": "31/02/2013"}, "Write a real date"),
        ({"joined_on": "2010-01-01"}, "Choose a day after the date of birth"),
        ({"joined_on": "2036-09-01"}, "Look at the year: that is more than a year ahead"),
        ({"left_on": "2026-09-02"}, "Choose a day on or after the first"),
        ({"upn": "Q207000016049"}, "it would be P"),
        ({"upn": "B80120000500"}, "Write a letter and 12 digits"),
        (
            {"photo": SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>", "image/jpeg")},
            "Choose a JPEG or PNG picture",
        ),
        ({"photo": SimpleUploadedFile("a.jpg", JPEG + b"\0" * (5 * 1024 * 1024))}, "larger than 5 MB"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(admin, given, sentence):
    answer = add(admin, reg_group="9 Elm", **given)
    text = answer.content.decode()
    assert answer.status_code == 422 and sentence in text and "9 Elm" in text
    assert not Student.objects.filter(reg_group="9 Elm").exists()


def test_numbers_of_another_student_are_refused_without_naming_them(admin, world):
    Student.objects.filter(pk=world.otto.pk).update(upn="P207000016049", mis_id="41")
    text = add(admin, upn="P207000016049", mis_id="41").content.decode()
    assert "Another student has this UPN" in text and "Another student has this MIS number" in text
    assert cast.OTHER_SURNAME not in text


def test_the_same_name_and_birthday_are_asked_about_once(admin):
    add(admin)
    again = add(admin, legal_forename="Idá")
    assert again.status_code == 422
    text = again.content.decode()
    assert "There is already Ida Ashdown, born on 17 May 2013" in text and "Add all the same" in text
    assert Student.objects.filter(legal_surname="Ashdown").count() == 1
    assert add(admin, legal_forename="Idá", all_the_same="on").status_code == 302
    assert add(admin, born_on="2013-05-18").status_code == 302  # a twin's day, a friend of the same name
    assert Student.objects.filter(legal_surname="Ashdown").count() == 3


def test_a_surname_that_is_too_long_says_so(admin):
    long = add(admin, legal_surname="A" * 101)
    assert long.status_code == 422 and "legal_surname" in long.context["form"].errors


@pytest.mark.parametrize("where", ["students:add", "students:edit"])
def test_the_same_number_given_at_the_same_moment_is_no_error(admin, world, monkeypatch, where):
    """Another saves it after the form was looked through and before it is written."""
    Student.objects.filter(pk=world.otto.pk).update(upn="P207000016049")
    monkeypatch.setattr("students.forms.student.StudentForm._others", lambda form: Student.objects.none())
    wanted = {"upn": "P207000016049", "reg_group": "9 Elm"}
    answer = add(admin, **wanted) if where == "students:add" else edit(admin, world.mina, **wanted)
    assert answer.status_code == 409 and "9 Elm" in answer.content.decode()
    assert not Student.objects.filter(reg_group="9 Elm").exists()


def test_a_bad_upn_from_a_file_does_not_stop_other_changes(admin, world):
    Student.objects.filter(pk=world.mina.pk).update(upn="Q207000016049")
    world.mina.refresh_from_db()
    assert edit(admin, world.mina, reg_group="9 Elm").status_code == 302
    assert edit(admin, Student.objects.get(pk=world.mina.pk), upn="Q207000016048").status_code == 422


def test_a_year_far_from_the_age_is_saved_and_doubted(admin):
    answer = admin.post(reverse("students:add"), {**GIVEN, "nc_year": "6"}, follow=True)
    assert "By age Ida would be in year 9. If Year 6 is right, leave it." in answer.content.decode()
    assert ida().nc_year == "6"


def test_editing_keeps_what_the_form_does_not_hold(admin, world):
    Student.objects.filter(pk=world.mina.pk).update(sen_types=["ASD"])
    world.mina.refresh_from_db()
    edit(admin, world.mina, nc_year="10")
    after = Student.objects.get(pk=world.mina.pk)
    assert (after.nc_year, after.sen_types, after.user, after.version) == ("10", ["ASD"], world.u_student, 2)


def test_two_who_write_at_once_do_not_overwrite_each_other(admin, world):
    url = reverse("students:edit", args=[world.mina.pk])
    mine = form_of(admin.get(url).content.decode(), "reg_group")
    edit(admin, world.mina, reg_group="9 Elm", home_language="Yoruba")
    answer = admin.post(url, mine | {"reg_group": "9 Oak", "pronouns": "she"})
    text = answer.content.decode()
    assert answer.status_code == 409 and "9 Elm" in text
    assert Student.objects.get(pk=world.mina.pk).reg_group == "9 Elm"
    again = form_of(text, "reg_group")
    assert again["reg_group"] == ["9 Oak"] and again["home_language"] == ["Yoruba"]
    assert admin.post(url, again).status_code == 409, "nothing is chosen yet"
    mine_stands = re.search(r'name="(choice:reg_group)" value="(mine[^"]+)"', text)
    assert admin.post(url, again | {mine_stands[1]: mine_stands[2]}).status_code == 302
    after = Student.objects.get(pk=world.mina.pk)
    assert (after.reg_group, after.home_language, after.pronouns) == ("9 Oak", "Yoruba", "she")


def leave(client, student, last_day):
    """Look at what a last day does, then save it. Both answers."""
    looked = edit(client, student, left_on=last_day)
    token = re.search(r'name="leaving" value="(\w+)"', looked.content.decode()).group(1)
    return looked, edit(client, student, left_on=last_day, leaving=token)


def test_a_last_day_is_looked_at_before_it_is_saved(admin, world):
    Assignment.objects.filter(student=world.mina, kind="mentor").update(ends_on=date(2027, 1, 3))
    cast.assign(world.mina, world.u_senco, "mentor", start=date(2027, 1, 4))
    Enquiry.objects.create(
        student=world.mina,
        kind=INPUT,
        period="2026-27-autumn",
        user=world.u_teacher,
        asked_at=clock.now(),
        asked_by=world.u_keyworker,
        answer_by=date(2026, 12, 4),
    )
    before = Assignment.objects.count()
    looked, saved = leave(admin, world.mina, "2026-12-18")
    page = looked.content.decode()
    assert looked.status_code == 200 and "Nothing is saved yet." in page
    for line in (
        "Keyworker Keyworker: last day Friday 18 December.",
        "Deputy keyworker Deputy: last day Friday 18 December.",
        "Academic mentor Mentor: last day Friday 18 December.",
        "Senco does not become academic mentor on Monday 4 January 2027: that plan goes.",
        "are owed until Friday 18 December.",
        "One person has been asked for their part of the TSP and not answered.",
    ):
        assert line in page, line
    assert saved.status_code == 302
    assert before - Assignment.objects.count() == 1  # the plan that went


def test_looking_at_a_last_day_saves_nothing_and_keeps_what_was_typed(admin, world):
    before = list(Assignment.objects.order_by("pk").values())
    page = edit(admin, world.mina, left_on="2026-12-18", pronouns="she/her").content.decode()
    assert list(Assignment.objects.order_by("pk").values()) == before
    world.mina.refresh_from_db()
    assert world.mina.left_on is None and world.mina.pronouns == ""
    assert 'value="she/her"' in page and 'value="2026-12-18"' in page


def test_what_changed_since_the_preview_is_shown_again(admin, world):
    looked = edit(admin, world.mina, left_on="2026-12-18").content.decode()
    token = re.search(r'name="leaving" value="(\w+)"', looked).group(1)
    cast.assign(world.mina, world.u_senco, "core", start=world.today)
    again = edit(admin, world.mina, left_on="2026-12-18", leaving=token)
    assert again.status_code == 200 and "Senco" in again.content.decode()
    world.mina.refresh_from_db()
    assert world.mina.left_on is None


def test_a_later_last_day_takes_the_team_along(admin, world):
    leave(admin, world.mina, "2026-12-18")
    world.mina.refresh_from_db()
    looked, _ = leave(admin, world.mina, "2027-03-26")
    assert "Keyworker Keyworker: last day Friday 26 March 2027." in looked.content.decode()
    post = Assignment.objects.get(student=world.mina, user=world.u_keyworker, kind="keyworker")
    assert post.ends_on == date(2027, 3, 26)
    world.mina.refresh_from_db()
    looked, _ = leave(admin, world.mina, "")
    assert "Min stays on roll" in looked.content.decode()
    post.refresh_from_db()
    assert (post.ends_on, post.end_reason) == (None, "")


def test_a_planned_last_day_stands_in_the_header_and_on_the_board(admin, world, as_user):
    leave(admin, world.mina, "2026-12-18")
    record = as_user(world.u_keyworker).get(reverse("students:record", args=[world.mina.pk]))
    assert "<span>Last day Friday 18 December</span>" in record.content.decode()
    board = as_user(world.u_head).get(reverse("portal:assignments")).content.decode()
    assert "leaves Friday 18 December" in board and "last day Friday 18 December. Keyworker and team" in board


def test_a_last_day_ends_the_team(admin, world):
    leave(admin, world.mina, "2026-12-18")
    ends = set(
        Assignment.objects.filter(student=world.mina, ends_on__gte=world.today).values_list(
            "ends_on", flat=True
        )
    )
    assert ends == {date(2026, 12, 18)}
    assert not Assignment.objects.filter(student=world.mina, ends_on=None).exists()


def test_opening_the_details_leaves_a_trace(admin, world):
    admin.get(reverse("students:edit", args=[world.mina.pk]))
    assert RecordOpening.objects.filter(
        student_id=world.mina.pk, user_id=world.u_admin.pk, what="details"
    ).exists()


# ---------------------------------------------------------------------- photo


def photographed(admin, world, data=JPEG, name="me.png") -> Student:
    edit(admin, world.mina, photo=SimpleUploadedFile(name, data))
    return Student.objects.get(pk=world.mina.pk)


@pytest.mark.parametrize(("data", "kind"), [(JPEG, "image/jpeg"), (PNG, "image/png")])
def test_the_photo_is_what_its_bytes_are(admin, world, data, kind):
    mina = photographed(admin, world, data, "me.exe")
    answer = admin.get(reverse("students:photo", args=[mina.pk]))
    with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as shown:
        assert (shown.get_format_mimetype(), shown.size) == (kind, (4, 2))
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (kind, "nosniff")
    assert answer["Cache-Control"] == "no-store, private"
    assert re.fullmatch(
        r"photos/[A-Za-z0-9]{20,}\.(png|jpe?g)", mina.photo.name
    )  # neither her name nor the file's


def test_a_photo_is_drawn_upright_and_without_its_place(admin, world):
    """A camera on its side says so in EXIF, and where it was; the picture kept says nothing and stands upright."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    exif[0x010F] = "Camera of the Harcastles"
    mina = photographed(admin, world, drawn("JPEG", size=(40, 20), quality=95, exif=exif))
    kept = b"".join(admin.get(reverse("students:photo", args=[mina.pk])).streaming_content)
    assert b"Exif" not in kept and b"Harcastles" not in kept
    with Image.open(io.BytesIO(kept)) as shown:
        assert shown.size == (20, 40) and not shown.getexif()
        top, foot = shown.getpixel((10, 4)), shown.getpixel((10, 36))
    assert top[0] > 200 > 100 > top[2] and foot[2] > 200 > 100 > foot[0]


def test_a_photo_of_a_printer_is_drawn_for_a_screen(admin, world):
    mina = photographed(admin, world, drawn("JPEG", "CMYK"))
    with Image.open(io.BytesIO(mina.photo.read())) as shown:
        assert shown.mode == "RGB"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("truncated.jpg", drawn("JPEG", size=(400, 200))[:500], "This picture is broken"),
        ("fake.jpg", b"\xff\xd8\xff\xe0" + b"not a picture" * 40, "This picture is broken"),
        ("fake.heic", b"\0\0\0\x18ftypheic" + b"\0" * 400, "Choose a JPEG or PNG picture"),
        ("a.gif", drawn("GIF"), "Choose a JPEG or PNG picture"),
    ],
)
def test_a_broken_or_false_photo_is_refused_and_the_old_one_stays(admin, world, name, data, words):
    old = photographed(admin, world).photo.name
    answer = edit(admin, world.mina, photo=SimpleUploadedFile(name, data, "image/jpeg"))
    assert answer.status_code == 422 and words in answer.content.decode()
    mina = Student.objects.get(pk=world.mina.pk)
    assert mina.photo.name == old and mina.photo.storage.exists(old)


def test_the_photo_is_only_for_those_who_may_open_the_record(admin, world, as_user):
    mina = photographed(admin, world)
    url = reverse("students:photo", args=[mina.pk])
    seen = {
        name: as_user(world.users[name]).get(url).status_code
        for name in (
            "keyworker",
            "head",
            "keyworker_other",
            "former",
            "staff_parent",
            "parent",
            "student_other",
        )
    }
    assert seen == {
        "keyworker": 200,
        "head": 200,
        "keyworker_other": 404,
        "former": 404,
        "staff_parent": 404,
        "parent": 403,
        "student_other": 403,
    }


def test_a_photo_is_replaced_and_removed(admin, world, settings, eager, django_capture_on_commit_callbacks):
    def files() -> int:
        return sum(path.is_file() for path in settings.MEDIA_ROOT.rglob("*"))

    mina = photographed(admin, world)
    with django_capture_on_commit_callbacks(execute=True):
        edit(admin, mina, photo=SimpleUploadedFile("b.png", PNG))
    assert files() == 1
    mina.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        edit(admin, mina, remove_photo="on")
    assert files() == 0
    assert admin.get(reverse("students:photo", args=[mina.pk])).status_code == 404


# --------------------------------------------------------------------- access


@pytest.mark.parametrize("name", ["keyworker", "head", "dsl", "coordinator", "parent", "student"])
def test_only_the_administrator_edits(world, as_user, name):
    client = as_user(world.users[name])
    before = Student.objects.count()
    assert add(client).status_code == 403
    assert edit(client, world.mina, reg_group="9 Elm").status_code == 403
    assert Student.objects.count() == before
    assert Student.objects.get(pk=world.mina.pk).reg_group == ""


def test_an_administrator_does_not_edit_their_own_child(admin, world):
    link = world.mina_mum
    link.member.user = world.u_admin
    link.member.save()
    assert edit(admin, world.mina, reg_group="9 Elm").status_code == 404
    assert edit(admin, world.otto, reg_group="9 Elm").status_code == 302


# ---------------------------------------------------------- names, years and limits


@pytest.mark.parametrize("given", [("Suharta", ""), ("", "Suharta")])
def test_someone_with_one_name_is_added(admin, given):
    add(admin, legal_forename=given[0], legal_surname=given[1], mis_id="s1")
    assert Student.objects.get(mis_id="s1").name == "Suharta"


def test_one_line_fields_keep_no_marks_of_direction_and_no_line_break(admin):
    add(admin, legal_forename="Zoe\u0308\u202e", legal_surname="Ash\r\ndown\u2066", mis_id="s1")
    student = Student.objects.get(mis_id="s1")
    assert (student.legal_forename, student.legal_surname) == ("Zo\u00eb", "Ash down")


@pytest.mark.parametrize(
    "sign", ["\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", "\U0001fae8"]
)
def test_the_flag_of_wales_and_a_new_emoji_stay_in_one_line(admin, sign):
    """A flag is spelt in signs that nobody sees; the shaking face is newer than Python's own table."""
    add(admin, legal_forename="Zoe", legal_surname=f"Ash {sign} down", mis_id="s1")
    assert Student.objects.get(mis_id="s1").legal_surname == f"Ash {sign} down"


def test_letters_that_nobody_sees_stay_only_in_a_flag(admin):
    add(admin, legal_forename="Zoe", legal_surname="Ash\U000e0067\U000e007fdown", mis_id="s1")
    assert Student.objects.get(mis_id="s1").legal_surname == "Ash down"


@pytest.mark.parametrize(
    "unseen", ["\u200c", "\u3164", "\u2800", "\u115f", "\ufe0f", "\u034f\u200b", "\u202e"]
)
def test_a_name_that_nobody_can_see_is_none(admin, unseen):
    answer = add(admin, legal_forename="", legal_surname=unseen, mis_id="s1")
    assert answer.status_code == 422 and not Student.objects.filter(mis_id="s1").exists()


@pytest.mark.parametrize("year", ["26", "0026", "9999"])
@pytest.mark.parametrize("field", ["born_on", "joined_on", "left_on"])
def test_a_year_that_cannot_be_is_looked_at(admin, field, year):
    answer = add(admin, mis_id="s1", **{field: f"{year}-12-01"})
    assert answer.status_code == 422 and "Look at the year" in answer.content.decode()
    assert not Student.objects.filter(mis_id="s1").exists()


def test_a_number_that_stands_for_none_is_not_a_students(admin, world):
    answer = edit(admin, world.mina, phone="0000")
    assert answer.status_code == 422
    assert "“0000” is nobody’s number. Leave this empty if none is known" in answer.content.decode()


def test_a_line_break_counts_once(admin, world):
    """Ten lines of 29 letters are 299 to the browser, which sends 308."""
    text = "\r\n".join(["a" * 29] * 10)
    assert edit(admin, world.mina, read_first=text).status_code == 302
    assert Student.objects.get(pk=world.mina.pk).read_first == text.replace("\r\n", "\n")
    answer = edit(admin, world.mina, read_first=text + "\r\nbb").content.decode()
    assert "Make this shorter: it has 302 characters, and there is room for 300" in answer

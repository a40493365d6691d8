"""The import as a person meets it: file, columns, every row, in. Without script; only for the administrator."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.models import Assignment, School
from students.actions.imports import purge
from students.importing import columns
from students.models import FamilyLink, ImportBatch, ImportMapping, Student
from students.stays import Stay

CSV = "Pupil no,Last name,Forename,DOB,Year,Date of entry,Forename,Surname,PR\n41,Ashdown,Ida,2013-05-17,9,2024-09-03,Nell,Ashdown,T\n"
CHOSEN = [
    "mis_id",
    "legal_surname",
    "legal_forename",
    "dob",
    "nc_year",
    "entry_date",
    "contact_forename",
    "contact_surname",
    "contact_has_pr",
]
URLS = ("import_preview", "import_columns", "import_cancel", "import_result", "import_rejected")


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def admin(world, as_user):
    return as_user(world.u_admin)


def upload(client, text: str | bytes = CSV, name: str = "people.csv"):
    data = text.encode() if isinstance(text, str) else text
    return client.post(reverse("students:import"), {"file": SimpleUploadedFile(name, data)})


def match(client, batch, chosen=CHOSEN):
    return client.post(
        reverse("students:import_columns", args=[batch.pk]),
        {f"column_{n}": name for n, name in enumerate(chosen)},
    )


def ready(client, text: str = CSV, chosen=CHOSEN) -> ImportBatch:
    upload(client, text)
    batch = ImportBatch.objects.latest("pk")
    match(client, batch, chosen)
    batch.refresh_from_db()
    return batch


def put_in(client, batch, **answers):
    return client.post(reverse("students:import_preview", args=[batch.pk]), answers, follow=True)


def kept_files(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_from_file_to_result(admin, settings, world, eager, django_capture_on_commit_callbacks):
    answer = upload(admin)
    batch = ImportBatch.objects.get()
    assert answer.url == reverse("students:import_columns", args=[batch.pk])
    page = admin.get(answer.url).content.decode()
    assert "Holds Ashdown" in page and "What the columns are" in page
    # All but the heading nobody knows are found; a second Forename is the contact's.
    assert batch.columns == ["", *CHOSEN[1:]]

    match(admin, batch)
    page = admin.get(reverse("students:import_preview", args=[batch.pk])).content.decode()
    assert (
        "Ida Ashdown and Nell Ashdown" in page
        and "New contact: Nell Ashdown" in page
        and "Nothing has changed yet" in page
    )
    assert not Student.objects.filter(legal_surname="Ashdown").exists()
    assert len(kept_files(settings)) == 1

    with django_capture_on_commit_callbacks(execute=True):
        page = put_in(admin, batch).content.decode()
    assert "1 student new, 0 changed" in page and "Go on with the set-up" not in page
    assert Student.objects.get(legal_surname="Ashdown").mis_id == "41"
    batch.refresh_from_db()
    School.objects.update(opened_on=None)
    page = admin.get(reverse("students:import_result", args=[batch.pk])).content.decode()
    assert "Go on with the set-up" in page and reverse("portal:setup") in page
    assert (batch.status, batch.by, batch.upload.name) == ("imported", world.u_admin, "")
    assert kept_files(settings) == []


def test_columns_are_remembered(admin):
    ready(admin)
    upload(admin, CSV.replace("Ida", "Bo"), "next-week.csv")
    assert ImportBatch.objects.latest("pk").columns == CHOSEN
    # In another shape of file each heading means what it last meant.
    upload(admin, "DOB,Pupil no,Last name,Forename\n2013-05-17,41,Ashdown,Ida\n")
    assert ImportBatch.objects.latest("pk").columns == ["dob", "mis_id", "legal_surname", "legal_forename"]
    assert ImportMapping.objects.count() == 1


def test_a_choice_that_cannot_be_is_refused_beside_the_columns(admin):
    upload(admin)
    batch = ImportBatch.objects.get()
    answer = match(
        admin,
        batch,
        ["mis_id", "legal_surname", "legal_surname", "", "nc_year", "entry_date", "", "", "contact_has_pr"],
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    for sentence in (
        "No column is matched to forename.",
        "No column is matched to date of birth.",
        "More than one column is matched to surname. Choose one.",
        "Columns of a contact are matched, but not the contact’s name.",
    ):
        assert sentence in text
    batch.refresh_from_db()
    assert batch.status == "waiting"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"\0\0\0", "NUL"),
        ("a.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><CTfile/>', "document type or entities"),
        ("a.pdf", b"%PDF-1.4", "This is a PDF"),
        ("a.csv", b"", "empty"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_nothing(admin, settings, name, data, words):
    answer = upload(admin, data, name)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not ImportBatch.objects.exists() and kept_files(settings) == []


def test_a_file_over_the_limit_is_refused(admin, settings):
    settings.IMPORT_MAX_BYTES = 1000
    answer = upload(admin, CSV * 20)
    assert answer.status_code == 422 and "larger than 50 MB" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_no_file_is_asked_for(admin):
    assert "Choose a file" in admin.post(reverse("students:import")).content.decode()


def test_someone_of_the_same_name_is_asked_about(admin):
    ida = Student.objects.create(
        legal_forename="Ida",
        legal_surname="Ashdown",
        born_on="2013-05-17",
        joined_on="2024-09-03",
        nc_year="9",
    )
    batch = ready(admin)
    page = admin.get(reverse("students:import_preview", args=[batch.pk])).content.decode()
    assert "The same person as Ida Ashdown, Year 9" in page
    put_in(admin, batch, row_2=str(ida.pk))
    ida.refresh_from_db()
    assert ida.mis_id == "41" and Student.objects.filter(legal_surname="Ashdown").count() == 1


@pytest.mark.parametrize(
    ("answers", "students", "out"), [({"row_2": "new"}, 2, 0), ({}, 1, 1), ({"match_names": "on"}, 1, 0)]
)
def test_the_other_answers(admin, answers, students, out):
    Student.objects.create(
        legal_forename="Ida",
        legal_surname="Ashdown",
        born_on="2013-05-17",
        joined_on="2024-09-03",
        nc_year="9",
    )
    batch = ready(admin)
    put_in(admin, batch, **answers)
    assert Student.objects.filter(legal_surname="Ashdown").count() == students
    batch.refresh_from_db()
    assert batch.counts["rows_ask"] == out


def test_an_answer_that_was_never_offered_is_refused(admin, world):
    Student.objects.create(
        legal_forename="Ida",
        legal_surname="Ashdown",
        born_on="2013-05-17",
        joined_on="2024-09-03",
        nc_year="9",
    )
    batch = ready(admin)
    answer = admin.post(reverse("students:import_preview", args=[batch.pk]), {"row_2": str(world.otto.pk)})
    assert answer.status_code == 422
    world.otto.refresh_from_db()
    assert world.otto.mis_id == ""


def test_leavers_are_proposed_and_leave_only_when_ticked(admin, world):
    batch = ready(admin)
    assert {world.mina.pk, world.otto.pk} == set(batch.leavers)
    url = reverse("students:import_preview", args=[batch.pk])
    assert "Write their last day on roll" in admin.post(url, {"leavers": [world.otto.pk]}).content.decode()
    looked = put_in(admin, batch, leavers=[world.otto.pk], last_day="2026-11-20")
    token = looked.context["leaving"].token
    put_in(admin, batch, leavers=[world.otto.pk], last_day="2026-11-20", leaving=token)
    world.mina.refresh_from_db()
    world.otto.refresh_from_db()
    assert world.mina.left_on is None
    assert str(world.otto.left_on) == "2026-11-20"
    assert not Assignment.objects.current(world.today).filter(student=world.otto).exists()
    assert Assignment.objects.current(world.today).filter(student=world.mina).exists()


def test_rows_left_out_can_be_downloaded(admin):
    batch = ready(admin, CSV + "42,Birch,=Bo,17/05/13,9,2024-09-03,,,\n")
    put_in(admin, batch)
    answer = admin.get(reverse("students:import_rejected", args=[batch.pk]))
    text = answer.content.decode("utf-8-sig")
    assert answer["Content-Type"].startswith("text/csv") and answer["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer["Content-Disposition"]
    assert text.splitlines()[0].startswith("row,reason,MIS number,Surname,Forename")
    assert "has a year of two digits" in text and "'=Bo" in text and "Ashdown" not in text


def test_a_file_of_rejected_rows_can_be_put_right_and_imported(admin):
    batch = ready(admin, CSV.replace("2013-05-17", "17/05/13"))
    put_in(admin, batch)
    text = admin.get(reverse("students:import_rejected", args=[batch.pk])).content.decode("utf-8-sig")
    upload(admin, text.replace("17/05/13", "17/05/2013"))
    again = ImportBatch.objects.latest("pk")
    assert columns.problems(again.columns) == []
    match(admin, again, again.columns)
    put_in(admin, again)
    assert Student.objects.get(legal_surname="Ashdown").mis_id == "41"
    assert FamilyLink.objects.get(student__legal_surname="Ashdown").member.name == "Nell Ashdown"


def test_what_was_made_harmless_comes_back_as_it_was(admin):
    batch = ready(
        admin,
        "Adm No,Surname,Forename,DOB,Date of entry,Contact name,Mobile\n"
        "41,Ashdown,Ida,17/05/13,2024-09-03,Nell Ashdown,+44 7700 900801\n",
        ["mis_id", "legal_surname", "legal_forename", "dob", "entry_date", "contact_name", "contact_mobile"],
    )
    put_in(admin, batch)
    text = admin.get(reverse("students:import_rejected", args=[batch.pk])).content.decode("utf-8-sig")
    assert "'+44 7700 900801" in text
    upload(admin, text.replace("17/05/13", "17/05/2013"))
    again = ImportBatch.objects.latest("pk")
    match(admin, again, again.columns)
    put_in(admin, again)
    assert FamilyLink.objects.get(student__legal_surname="Ashdown").member.mobile == "+44 7700 900801"


@pytest.mark.parametrize(
    "text",
    [
        "Dear colleagues,\nthe minibus leaves at nine.\nPlease be there.\n",
        "Dear all, thank you for coming, and for the cake, which was good\nSee you soon\n",
        "name;born\nIda;2013-05-17\n",
    ],
)
def test_a_text_that_is_no_table_of_students_is_refused_beside_the_file(admin, text):
    answer = upload(admin, text, "letter.txt")
    page = answer.content.decode()
    assert answer.status_code == 422 and "This is no table of students" in page
    assert 'id="id_file_error"' in page and not ImportBatch.objects.exists()


def test_cancelling_deletes_the_file_and_its_preview(
    admin, settings, eager, django_capture_on_commit_callbacks
):
    batch = ready(admin)
    assert admin.get(reverse("students:import_cancel", args=[batch.pk])).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(reverse("students:import_cancel", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.status == "cancelled" and not batch.rows.exists() and kept_files(settings) == []
    # Whoever goes on in another tab meets what came of it, and changes nothing.
    put_in(admin, batch)
    assert not Student.objects.filter(legal_surname="Ashdown").exists()


def test_importing_twice_does_it_once(admin):
    batch = ready(admin)
    put_in(admin, batch)
    answer = put_in(admin, batch)
    assert answer.redirect_chain[-1][0] == reverse("students:import_result", args=[batch.pk])
    assert Student.objects.filter(legal_surname="Ashdown").count() == 1


def test_old_uploads_and_values_go(admin, settings, eager, django_capture_on_commit_callbacks):
    waiting = ready(admin)
    done = ready(admin, CSV.replace("2013-05-17", "never"))
    put_in(admin, done)
    with django_capture_on_commit_callbacks(execute=True):
        assert purge(before=clock.now() - timedelta(days=1)) == 0
        assert purge(before=clock.now() + timedelta(days=1)) == 1
    waiting.refresh_from_db()
    assert waiting.status == "cancelled" and waiting.upload.name == ""
    assert list(done.rows.values_list("values", flat=True)) == [{}]
    assert not (settings.MEDIA_ROOT / "imports").exists() or len(kept_files(settings)) <= 1


def test_ctf_codes_become_the_schools_words(admin, request):
    sample = request.config.rootpath / "docs" / "samples" / "8011234_CTF_8019999_001.xml"
    upload(admin, sample.read_bytes(), sample.name)
    batch = ImportBatch.objects.get()
    url = reverse("students:import_columns", args=[batch.pk])
    assert "CTF version 25.0." in admin.get(url).content.decode()
    admin.post(url, {"code_0": "Foster carer", "code_1": "Mother"})
    put_in(admin, batch)
    assert sorted(
        FamilyLink.objects.filter(student__legal_surname="Dziedzic").values_list("relationship", flat=True)
    ) == [
        "Foster carer",
        "Mother",
    ]
    upload(admin, sample.read_bytes(), sample.name)
    assert (
        'value="Mother"'
        in admin.get(reverse("students:import_columns", args=[batch.pk + 1])).content.decode()
    )


@pytest.mark.parametrize("name", ["coordinator", "keyworker", "dsl", "senco", "parent", "student"])
def test_only_the_administrator_imports(admin, world, as_user, name):
    batch = ready(admin)
    other = as_user(world.users[name])
    assert other.get(reverse("students:import")).status_code == 403
    assert upload(other).status_code == 403
    for url in URLS:
        assert other.get(reverse(f"students:{url}", args=[batch.pk])).status_code == 403
        assert other.post(reverse(f"students:{url}", args=[batch.pk])).status_code in (403, 405)
    assert not Student.objects.filter(legal_surname="Ashdown").exists()
    assert ImportBatch.objects.count() == 1


def test_the_preview_asks_the_same_of_the_database_for_any_number_of_rows(admin):
    def queries(rows: int) -> int:
        text = CSV + "".join(
            f"{n},Birch,Bo{n},2013-05-17,9,2024-09-03,Al,Birch{n},T\n" for n in range(100, 100 + rows)
        )
        batch = ready(admin, text)
        with CaptureQueriesContext(connection) as seen:
            admin.get(reverse("students:import_preview", args=[batch.pk]))
        return len(seen)

    queries(1)  # the school is read for the first time
    assert queries(1) == queries(49) <= 20


def test_a_large_upload_by_chunks(admin):
    """Above 2.5 MB Django keeps uploads on disk, not in memory."""
    head, line = CSV.splitlines()
    lines = [
        line.replace("41,", f"{n},").replace("Ida", f"Ida{n}").replace("9,2024", "9,2024") + " " * 400
        for n in range(7000)
    ]
    data = io.StringIO("\n".join([head, *lines]))
    assert len(data.getvalue()) > 2_700_000
    assert upload(admin, data.getvalue()).status_code == 302


def test_adding_by_hand_is_offered_only_to_those_who_may(world, as_user):
    for who, offered in ((world.u_admin, True), (world.u_head, False)):
        client = as_user(who)
        page = client.get(reverse("students:import"))
        assert (reverse("students:add") in page.content.decode()) is offered
        assert (client.get(reverse("students:add")).status_code == 200) is offered


@pytest.mark.parametrize(
    ("name", "codes"),
    [("people.csv", 0), ("people.xlsx", 0), ("8011234_CTF_8019999_001.xml", 2)],
)
def test_each_sample_goes_in_through_the_page(admin, request, name, codes):
    """An upload is kept under a name without an ending, which once shut out every workbook."""
    sample = request.config.rootpath / "docs" / "samples" / name
    assert upload(admin, sample.read_bytes(), name).status_code == 302
    batch = ImportBatch.objects.get()
    answers = {f"code_{n}": "Carer" for n in range(codes)} or {
        f"column_{n}": column for n, column in enumerate(batch.columns)
    }
    answer = admin.post(reverse("students:import_columns", args=[batch.pk]), answers, follow=True)
    assert "Nothing has changed yet" in answer.content.decode()
    before = Student.objects.count()
    put_in(admin, batch)
    batch.refresh_from_db()
    assert batch.status == "imported" and batch.counts["students_created"] > 0
    assert Student.objects.count() == before + batch.counts["students_created"]


# Somebody who has left and is back

LEFT = """Admission Number,UPN,Surname,Forename,DOB,Year,Date of entry,Date of leaving
9041,,Varga,Ilona,2012-05-05,9,2024-09-03,2026-02-13
"""
BACK = LEFT.splitlines()[0] + "\n9041,,Varga,Ilona,2012-05-05,10,2026-11-02,\n"
BACK_BY_NAME = BACK.replace("9041", "9741")
STUDENT_COLUMNS = [
    "mis_id",
    "upn",
    "legal_surname",
    "legal_forename",
    "dob",
    "nc_year",
    "entry_date",
    "leaving_date",
]
STAYS = [Stay(date(2024, 9, 3), date(2026, 2, 13)), Stay(date(2026, 11, 2))]


@pytest.fixture
def ilona(admin) -> Student:
    put_in(admin, ready(admin, LEFT, STUDENT_COLUMNS))
    return Student.objects.get(mis_id="9041")


def test_the_import_offers_the_return_of_who_has_left(admin, ilona):
    batch = ready(admin, BACK, STUDENT_COLUMNS)
    page = admin.get(reverse("students:import_preview", args=[batch.pk])).content.decode()
    assert "Is back since Monday 2 November" in page and "left on 13 February 2026" in page
    assert "Has not come back" in page and "match by name" not in page
    put_in(admin, batch, row_2="back")
    ilona.refresh_from_db()
    assert (ilona.stays, ilona.nc_year) == (STAYS, "10")
    # Both files once more: neither takes anything back.
    for text in (BACK, LEFT):
        again = ready(admin, text, STUDENT_COLUMNS)
        put_in(admin, again)
        ilona.refresh_from_db()
        assert ilona.stays == STAYS
    (row,) = again.rows.all()
    assert "The dates are of an earlier stay." in row.warnings[0]


def test_without_an_answer_who_has_left_is_left_alone(admin, ilona):
    batch = ready(admin, BACK, STUDENT_COLUMNS)
    page = put_in(admin, batch)
    assert "1 row left out" in page.content.decode()
    ilona.refresh_from_db()
    assert (ilona.stays, ilona.nc_year, ilona.version) == (STAYS[:1], "9", 1)


def test_a_return_under_a_new_number_is_found_by_name(admin, ilona):
    batch = ready(admin, BACK_BY_NAME, STUDENT_COLUMNS)
    page = admin.get(reverse("students:import_preview", args=[batch.pk])).content.decode()
    assert "who left on Friday 13 February and is back since Monday 2 November" in page
    put_in(admin, batch, row_2=str(ilona.pk))
    ilona.refresh_from_db()
    assert (ilona.stays, ilona.mis_id) == (STAYS, "9741")
    assert Student.objects.filter(legal_surname="Varga").count() == 1


CTF = """<CTfile><Header><DocumentName>Common Transfer File</DocumentName></Header><CTFpupilData><Pupil>
<UPN>Q207000016049</UPN><Surname>Varga</Surname><Forename>Ilona</Forename><DOB>2012-05-05</DOB><Sex>F</Sex>
</Pupil></CTFpupilData></CTfile>"""


def test_a_ctf_of_who_has_left_asks_for_the_first_day_back(admin, ilona):
    """A CTF has no day of entry, and is sent when somebody moves to the school."""
    Student.objects.filter(pk=ilona.pk).update(upn="Q207000016049")
    upload(admin, CTF, "back.xml")
    batch = ImportBatch.objects.latest("pk")
    admin.post(reverse("students:import_columns", args=[batch.pk]), {})
    url = reverse("students:import_preview", args=[batch.pk])
    page = admin.get(url).content.decode()
    assert "Is back since the day below" in page
    (number,) = batch.rows.values_list("number", flat=True)
    for typed, words in (
        ("", "Write the first day back"),
        ("2026-02-13", "Choose a day after Friday 13 February, the last day on roll"),
        ("2036-11-02", "Look at the year: that is more than a year ahead"),
    ):
        answer = admin.post(url, {f"row_{number}": "back", f"back_{number}": typed})
        assert answer.status_code == 422 and words in answer.content.decode()
    put_in(admin, batch, **{f"row_{number}": "back", f"back_{number}": "2026-11-02"})
    ilona.refresh_from_db()
    assert ilona.stays == STAYS


def test_the_preview_says_what_a_last_day_ends(admin, world):
    """As the details do, for who leaves by the file and for who is not in it any more."""
    Student.objects.filter(pk=world.mina.pk).update(mis_id="41")
    text = LEFT.splitlines()[0] + "\n41,,Harcastle,Mina,2013-05-17,9,2024-09-03,2026-11-27\n"
    batch = ready(admin, text, STUDENT_COLUMNS)
    page = admin.get(reverse("students:import_preview", args=[batch.pk])).content.decode()
    assert "Keyworker Keyworker: last day Friday 27 November." in page
    assert "Deputy keyworker Deputy: last day Friday 27 November." in page
    answers = {"leavers": [str(world.otto.pk)], "last_day": "2026-11-20"}
    url = reverse("students:import_preview", args=[batch.pk])
    looked = admin.post(url, answers)
    assert looked.status_code == 200
    said = f"{world.otto.name}: Keyworker Keyworker Other: last day Friday 20 November."
    assert said in looked.content.decode()
    assert Student.objects.get(pk=world.otto.pk).left_on is None
    put_in(admin, batch, **answers, leaving=looked.context["leaving"].token)
    assert Student.objects.get(pk=world.otto.pk).left_on == date(2026, 11, 20)

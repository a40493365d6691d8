"""Attendance and points of a week: from the file to what the keyworker talks about. The day is Monday 23 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from students.models import Attendance, ImportBatch, Points

# As exports head their columns; what a school has otherwise it matches once.
ARBOR = "Student,UPN,Date from,Possible sessions,Present,Authorised absent,Unauthorised absent,Positive points,Negative points\n"
SIMS = "Adno,Week beginning,Possible,Attendances,Authorised Absences,Unauthorised Absences,Achievement Points,Behaviour Points\n"
BROMCOM = "AdmissionNumber,From,To,PossibleMarks,PresentMarks,AuthorisedAbsences,UnauthorisedAbsences,Positive,Negative\n"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def mina(world):
    world.mina.mis_id, world.mina.upn = "0071", "B801200005001"
    world.mina.save()
    return world.mina


@pytest.fixture
def admin(world, as_user):
    return as_user(world.u_admin)


def upload(client, text: str, **told):
    file = SimpleUploadedFile("week.csv", text.encode())
    return client.post(reverse("students:weeks"), {"file": file, "source": "Arbor", **told}, follow=True)


def put_in(client, text: str, **told) -> str:
    """The page of the result."""
    upload(client, text, **told)
    batch = ImportBatch.objects.latest("pk")
    return client.post(reverse("students:weeks_preview", args=[batch.pk]), follow=True).content.decode()


@pytest.mark.parametrize(
    "text",
    [
        ARBOR + "Mina,b801200005001,16/11/2026,10,9,1,0,7,-2\n",
        SIMS + "0071,2026-11-16,10,9,1,0,7,2\n",
        BROMCOM + "0071,16/11/2026,20/11/2026,10,9,1,0,7,2\n",
    ],
    ids=["Arbor", "SIMS", "Bromcom"],
)
def test_a_week_from_the_file_to_the_session_form(admin, mina, as_user, world, text):
    preview = upload(admin, text).content.decode()
    assert (
        "9 of 10 sessions, missed 1 authorised" in preview and "7 for achievement, 2 for behaviour" in preview
    )
    assert not Attendance.objects.exists()

    result = put_in(admin, text)

    assert "1 week of attendance and 1 of points new" in " ".join(result.split())
    week = Attendance.objects.get()
    assert (week.student, week.starts_on, week.ends_on) == (mina, date(2026, 11, 16), date(2026, 11, 20))
    assert (week.possible, week.attended, week.authorised, week.source) == (10, 9, 1, "Arbor")
    keyworker = as_user(world.u_keyworker)
    for name in ("contacts:log_session", "students:record"):
        page = keyworker.get(reverse(name, args=[mina.pk])).content.decode()
        assert "9 of 10 sessions (90%), to Friday 20 November." in page, name
        assert "7 for achievement, 2 for behaviour, to Friday 20 November." in page, name
    assert "No attendance" not in page


def test_the_same_file_changes_nothing_and_a_week_put_right_keeps_what_it_was(admin, mina):
    put_in(admin, SIMS + "0071,2026-11-16,10,9,1,0,7,2\n")
    first = Attendance.objects.get()

    again = put_in(admin, SIMS + "0071,2026-11-16,10,9,1,0,7,2\n")
    assert "No change" in again and Attendance.objects.get().recorded_at == first.recorded_at
    assert Attendance.pgh_event_model.objects.count() == Points.pgh_event_model.objects.count() == 1

    right = put_in(admin, SIMS + "0071,2026-11-16,10,8,1,1,7,2\n")
    assert "8 of 10 sessions" in right and "it was: 9 of 10 sessions" in right
    assert Attendance.objects.get().attended == 8
    assert list(Attendance.pgh_event_model.objects.order_by("pgh_id").values_list("attended", flat=True)) == [
        9,
        8,
    ]
    assert Points.pgh_event_model.objects.count() == 1


def test_wrong_rows_are_named_and_the_others_go_in(admin, mina, world):
    rows = (
        "0071,2026-11-16,10,9,1,0,7,2\n"  # 2: goes in
        "0071,2026-11-16,10,8,1,0,7,2\n"  # 3: again
        "999,2026-11-16,10,9,1,0,7,2\n"  # 4: nobody
        "0071,2026-11-09,10,11,0,0,,\n"  # 5: more than possible
        "0071,2026-11-02,ten,9,0,0,,\n"  # 6: no number
        "0071,2026-11-30,10,9,0,0,,\n"  # 7: to come
        "0071,2026-11-18,6,6,0,0,,\n"  # 8: overlaps what is kept, once row 2 is in
        ",2026-11-16,10,9,0,0,,\n"  # 9
        "0071,11/16/2026,10,9,0,0,,\n"  # 10: month first
        "0071,2026-10-12,10,9,0,0,sNaN,2\n"  # 11: what only a computer takes for a number
        "0071,2026-10-05,10,9,0,0,7,-1E+999999999999\n"  # 12
        "0071,0026-09-28,10,9,0,0,,\n"  # 13: the year 26
    )
    page = put_in(admin, SIMS + rows)
    for words in (
        "Row 2 is of the same student and week.",
        "Nobody here has the MIS number 999.",
        "11 sessions attended are more than the 10 possible.",
        "“ten” is not a number that can be kept.",
        "is still to come.",
        "The row has neither a UPN nor a MIS number.",
        "First day of the week:",
        "“sNaN” is not a number that can be kept.",
        "“-1E+999999999999” is not a number that can be kept.",
        "The year 26 cannot be right.",
    ):
        assert words in page, words
    batch = ImportBatch.objects.latest("pk")
    left_out = admin.get(reverse("students:import_rejected", args=[batch.pk])).content.decode()
    assert "Sessions possible" in left_out and "999" in left_out
    again = put_in(admin, SIMS + "0071,2026-11-19,6,6,0,0,,\n")
    assert "would be counted twice" in again


def test_a_file_of_which_nothing_goes_in_says_so_and_has_nothing_to_press(admin, mina):
    page = upload(admin, SIMS + "999,2026-11-16,10,9,1,0,7,2\n").content.decode()
    assert "Nothing of this file would go in" in page and "The others go in" not in page
    assert ">Import</button>" not in page


def test_a_file_without_days_is_of_the_week_that_is_chosen(admin, mina):
    text = "UPN,Possible,Present\nB801200005001,10,10\n"
    refused = upload(admin, text)
    assert refused.status_code == 422 and "Choose its first day" in refused.content.decode()
    put_in(admin, text, week="2026-11-16")
    assert Attendance.objects.get().ends_on == date(2026, 11, 20)


def test_unknown_headings_are_matched_once(admin, mina):
    text = "No,Woche,Soll,Ist\n0071,2026-11-16,10,9\n"
    page = upload(admin, text)
    assert page.redirect_chain[-1][0].endswith("/columns/")
    chosen = {f"column_{n}": name for n, name in enumerate(["mis_id", "starts_on", "possible", "attended"])}
    wrong = admin.post(page.redirect_chain[-1][0], {**chosen, "column_3": ""})
    assert wrong.status_code == 422 and "Attendance needs both columns" in wrong.content.decode()
    assert "9 of 10 sessions" in admin.post(page.redirect_chain[-1][0], chosen, follow=True).content.decode()
    assert "9 of 10 sessions" in upload(admin, text).content.decode()


def test_what_was_not_imported_is_said(world, as_user, mina):
    keyworker, url = as_user(world.u_keyworker), reverse("contacts:log_session", args=[world.mina.pk])
    assert "No attendance has been imported yet." in keyworker.get(url).content.decode()
    Attendance.objects.create(
        student=mina, starts_on="2026-11-02", ends_on="2026-11-06", source="MIS", possible=10, attended=10
    )
    page = keyworker.get(url).content.decode()
    assert "10 of 10 sessions (100%), to Friday 6 November." in page
    assert "No attendance has been imported since 6 November." in page


def test_the_command_imports_and_says_what_it_left_out(db, mina, tmp_path, capsys):
    path = tmp_path / "week.csv"
    path.write_text(SIMS + "0071,2026-11-16,10,9,1,0,7,2\n999,2026-11-16,10,9,1,0,7,2\n")
    call_command("import_weeks", path, "--source", "SIMS", "--dry-run")
    assert not Attendance.objects.exists()
    call_command("import_weeks", path, "--source", "SIMS")
    assert Attendance.objects.get().source == "SIMS"
    said = capsys.readouterr().out
    assert "row 3: left out: 999. Nobody here has the MIS number 999." in said
    assert "1 weeks of attendance and 1 of points new, 0 put right; 1 of 2 rows left out." in said

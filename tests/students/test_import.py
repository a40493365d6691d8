"""What an import does to the people here: matching, changes, reasons, warnings, and doing it twice."""

from __future__ import annotations

import csv
import io
from datetime import date
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from contacts.actions.misses import record_misses
from keywork import clock, duties
from keywork.actions.school import set_up_school
from keywork.models import Assignment, User
from students.actions.imports import import_file, rejected_lines
from students.importing.planned import Outcome
from students.models import FamilyLink, FamilyMember, ImportBatch, ImportMapping, ImportRow, Student
from tests import world as cast

HEADINGS = {
    "mis": "Admission Number",
    "upn": "UPN",
    "surname": "Surname",
    "forename": "Forename",
    "known": "Chosen name",
    "dob": "Date of Birth",
    "year": "Year Group",
    "form": "Form",
    "sen": "SEN status",
    "types": "SEN type",
    "boarder": "Boarder",
    "joined": "Date of entry",
    "left": "Date of leaving",
    "records": "Keywork records from",
    "c_id": "Parent ID",
    "c_forename": "Contact forename",
    "c_surname": "Contact surname",
    "relation": "Relationship",
    "pr": "Parental responsibility",
    "home": "Lives with",
    "email": "Home Email",
    "mobile": "Mobile",
    "phone": "Home phone",
}
ASH = {
    "mis": "001",
    "surname": "Ashdown",
    "forename": "Ida",
    "dob": "17/05/2013",
    "year": "9",
    "joined": "03/09/2024",
}
MUM = {
    "c_forename": "Nell",
    "c_surname": "Ashdown",
    "relation": "Mother",
    "pr": "T",
    "home": "T",
    "email": "nell@home.example",
}


@pytest.fixture(params=["command", "page"])
def run(request, db, today, tmp_path, settings, as_user):
    """Import rows given as dicts; every key used becomes a column. Through the command's action, and as an Excel
    workbook through every page an administrator walks."""

    def go(*rows, by=None, **options):
        keys = list(dict.fromkeys(key for row in rows for key in row))
        lines = [[HEADINGS[key] for key in keys], *([row.get(key, "") for key in keys] for row in rows)]
        if request.param == "page":
            return by_page(as_user, lines, by, **options)
        path = tmp_path / "people.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
        plan, _ = import_file(path=path, by=by, by_name="Test", **options)
        return plan

    settings.MEDIA_ROOT = tmp_path / "media"
    return go


def by_page(as_user, lines, by=None, match_names=False):
    """Upload a workbook, match its columns as suggested, look through it, and import. The rows as they are kept."""
    by = (
        by
        or User.objects.get_or_create(
            email="import@school.example", defaults={"name": "Imp Orter", "roles": ["admin"]}
        )[0]
    )
    client = as_user(by)
    uploaded = client.post(
        reverse("students:import"), {"file": SimpleUploadedFile("people.xlsx", workbook(lines))}
    )
    assert uploaded.status_code == 302, uploaded.content.decode()
    batch = ImportBatch.objects.latest("pk")
    columns = {f"column_{place}": name for place, name in enumerate(batch.columns)}
    assert client.post(uploaded.url, columns).status_code == 302
    page = reverse("students:import_preview", args=[batch.pk])
    assert client.get(page).status_code == 200
    batch.refresh_from_db()
    leavers = list(Student.objects.filter(pk__in=batch.leavers))
    client.post(page, {"match_names": "on"} if match_names else {})
    batch.refresh_from_db()
    assert batch.status == ImportBatch.Status.IMPORTED
    rows = [
        SimpleNamespace(
            outcome=row.outcome,
            changes=row.changes,
            options=[tuple(option) for option in row.options],
            reasons=row.reasons,
            warnings=row.warnings,
            label=row.label,
        )
        for row in batch.rows.order_by("number")
    ]
    return SimpleNamespace(rows=rows, leavers=leavers, counts=batch.counts)


def workbook(lines) -> bytes:
    """An Excel file in which every cell is text, also one that looks like a formula."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    for row in book.active:
        for cell in row:
            cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def only(plan):
    (row,) = plan.rows
    return row


def reasons(plan) -> list[str]:
    return [text for row in plan.rows for text in row.reasons]


def warnings(plan) -> list[str]:
    return [text for row in plan.rows for text in row.warnings]


# --------------------------------------------------------------- what comes in


def test_a_pupil_added_after_go_live_owes_nothing_from_before(run):
    """C1: on roll since 2024, added today: not at once two years over."""
    set_up_school(name="Aldermere School", went_live_on=cast.LIVE_ON)
    run({**ASH, **MUM})
    ida = Student.objects.get()
    assert (ida.joined_on, ida.known_from) == (date(2024, 9, 3), cast.TODAY)
    for states in duties.states_for([ida], cast.TODAY).values():
        assert not [
            state for state in states if state.status in (duties.Status.OVERDUE, duties.Status.MISSED)
        ]
    record_misses()
    assert not ida.misses.exists()


def test_the_file_says_since_when_the_school_has_the_records(run):
    run({**ASH, **MUM, "records": "01/09/2025"})
    assert Student.objects.get().known_from == date(2025, 9, 1)


def test_a_student_and_a_parent_come_in_whole(run):
    run(
        {
            **ASH,
            **MUM,
            "upn": "p207000016049",
            "known": "Idy",
            "form": "9 Elm",
            "sen": "E - EHC plan",
            "types": "ASD; SLCN",
            "boarder": "weekly",
            "mobile": "07700 900001",
            "c_id": "77",
        }
    )
    ida = Student.objects.get()
    assert (ida.mis_id, ida.upn, ida.name, ida.full_name) == (
        "001",
        "P207000016049",
        "Idy Ashdown",
        "Idy (Ida) Ashdown",
    )
    assert (ida.born_on, ida.joined_on, ida.nc_year, ida.reg_group) == (
        date(2013, 5, 17),
        date(2024, 9, 3),
        "9",
        "9 Elm",
    )
    assert (ida.sen_status, ida.sen_types, ida.placement) == ("E", ["ASD", "SLCN"], "weekly")
    link = FamilyLink.objects.select_related("member").get(student=ida)
    assert (link.relationship, link.has_pr, link.lives_with, link.priority) == ("Mother", "yes", True, 1)
    assert (link.member.name, link.member.email, link.member.mis_id) == (
        "Nell Ashdown",
        "nell@home.example",
        "77",
    )


def test_students_repeat_one_row_for_each_contact(run):
    run({**ASH, **MUM}, {**ASH, "c_forename": "Ewan", "c_surname": "Gale", "pr": "T", "home": "F"})
    assert Student.objects.count() == 1
    assert [(link.member.forename, link.priority) for link in FamilyLink.objects.all()] == [
        ("Nell", 1),
        ("Ewan", 2),
    ]


def test_siblings_share_one_parent(run):
    run({**ASH, **MUM}, {**ASH, **MUM, "mis": "002", "forename": "Bo", "dob": "02/02/2015", "year": "7"})
    assert FamilyMember.objects.get().links.count() == 2


def test_namesakes_without_a_way_to_reach_them_stay_two(run):
    other = {**MUM, "email": "another@home.example"}
    run(
        {**ASH, **MUM},
        {
            **ASH,
            **other,
            "mis": "002",
            "forename": "Bo",
            "surname": "Birch",
            "dob": "02/02/2015",
            "year": "7",
        },
    )
    assert FamilyMember.objects.count() == 2


@pytest.mark.parametrize("written", ["Year 7", "Yr 7", "Y7", "7", "07", "year group 7"])
def test_year_groups_as_schools_write_them(run, written):
    run({**ASH, "year": written, "dob": "2015-02-02"})
    assert Student.objects.get().nc_year == "7"


@pytest.mark.parametrize(("written", "kept"), [("Reception", "R"), ("N1", "N1"), ("x", "X"), ("14", "14")])
def test_year_groups_that_are_no_plain_number(run, written, kept):
    run({**ASH, "year": written})
    assert Student.objects.get().nc_year == kept


@pytest.mark.parametrize(
    ("written", "kept"), [("T", "yes"), ("yes", "yes"), ("F", "no"), ("No", "no"), ("", "unknown")]
)
def test_parental_responsibility(run, written, kept):
    run({**ASH, **MUM, "pr": written})
    assert FamilyLink.objects.get().has_pr == kept


def test_someone_neither_responsible_nor_at_home_gets_nothing_sent(run):
    run({**ASH, **MUM}, {**ASH, "c_forename": "Gus", "c_surname": "Neighbour", "pr": "F", "home": "F"})
    gus = FamilyLink.objects.get(member__forename="Gus")
    nell = FamilyLink.objects.get(member__forename="Nell")
    assert not gus.may_receive_reports and not gus.may_receive_keywork_contact
    assert nell.may_receive_reports and nell.may_receive_keywork_contact


def test_without_first_day_or_year_they_are_taken_and_said(run):
    plan = run({"surname": "Ashdown", "forename": "Ida", "dob": "2013-05-17"})
    ida = Student.objects.get()
    assert (ida.joined_on, ida.nc_year) == (cast.TODAY, "9")
    assert warnings(plan) == [
        "There is no first day on roll: today is taken.",
        "There is no year group: 9 is taken, by age.",
    ]


# ------------------------------------------------------------------- left out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"surname": "", "forename": ""}, "There is no name."),
        ({"surname": ".", "forename": "-"}, "There is no name."),
        ({"dob": ""}, "There is no date of birth."),
        ({"dob": "17/05/13"}, "Date of birth: “17/05/13” has a year of two digits. Write all four."),
        (
            {"dob": "05/17/2013"},
            "Date of birth: “05/17/2013” has the month first. Write day, month, year: 17/05/2013.",
        ),
        ({"dob": "17 May 2013"}, "Date of birth: “17 May 2013” is not a date like 2013-05-17 or 17/05/2013."),
        ({"dob": "30/02/2013"}, "Date of birth: “30/02/2013” is a day that does not exist."),
        ({"dob": "2027-01-01"}, "Date of birth: “2027-01-01” is not in the past."),
        ({"dob": "1971-01-01"}, "Date of birth: “1971-01-01” is more than 30 years ago."),
        ({"joined": "01/01/24"}, "First day on roll: “01/01/24” has a year of two digits. Write all four."),
        ({"joined": "0026-09-01"}, "First day on roll: Look at the year: write all four digits, like 2026."),
        ({"joined": "2036-09-01"}, "First day on roll: Look at the year: that is more than a year ahead."),
        ({"left": "9999-12-31"}, "Last day on roll: Look at the year: 9999 is not between 1966 and 2046."),
        ({"joined": "01/01/2010"}, "The first day on roll is not after the date of birth."),
        ({"left": "01/09/2024"}, "The last day on roll is before the first."),
        ({"surname": "A" * 101}, "The surname is longer than 100 letters."),
    ],
)
def test_rows_left_out_say_why(run, change, reason):
    plan = run({**ASH, **change})
    assert only(plan).outcome == Outcome.REJECT
    assert reasons(plan) == [reason]
    assert not Student.objects.exists()


def test_the_others_go_in_all_the_same(run):
    plan = run({**ASH, "dob": ""}, {**ASH, "mis": "002", "forename": "Bo"})
    assert [row.outcome for row in plan.rows] == [Outcome.REJECT, Outcome.CREATE]
    assert Student.objects.get().legal_forename == "Bo"


def test_the_same_row_twice_and_a_row_that_contradicts(run):
    plan = run(
        {**ASH, **MUM},
        {**ASH, **MUM},
        {**ASH, "year": "8"},
        {**ASH, "c_forename": "Ewan", "c_surname": "Gale"},
    )
    assert reasons(plan) == [
        "The same as row 2.",
        "Row 2 is about the same student, with another year group.",
    ]
    assert FamilyLink.objects.count() == 2


def test_one_upn_for_two_mis_numbers_is_left_out(run):
    plan = run(
        {**ASH, "upn": "P207000016049"}, {**ASH, "upn": "P207000016049", "mis": "002", "forename": "Bo"}
    )
    assert reasons(plan) == ["Row 2 has the same UPN and another MIS number."]


def test_numbers_of_two_different_students_are_left_out(run):
    run({**ASH}, {**ASH, "mis": "", "forename": "Bo", "upn": "P207000016049", "dob": "2012-01-01"})
    plan = run({**ASH, "upn": "P207000016049"})
    assert reasons(plan) == ["The MIS number is that of Ida Ashdown, the UPN that of Bo Ashdown."]


def test_a_number_used_again_for_someone_else_overwrites_nobody(run):
    run(ASH)
    plan = run({**ASH, "surname": "Zander", "forename": "Kit", "dob": "2010-10-10"})
    assert reasons(plan) == [
        "The MIS number is that of Ida Ashdown, born 17 May 2013: name and date of birth both differ."
    ]
    assert Student.objects.get().name == "Ida Ashdown"


# --------------------------------------------------------------------- warned


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (
            {"upn": "Q207000016049"},
            "The UPN Q207000016049 has the wrong check letter: P would be right. It is kept.",
        ),
        ({"upn": "S801200005001"}, "The UPN S801200005001 is not made as a UPN should be. It is kept."),
        ({"year": "6"}, "The year group is Year 6; by age it would be Year 9."),
        ({"types": "ASD QQQ"}, "Keywork does not know the SEN type QQQ. It is kept."),
        ({"sen": "Z"}, "SEN status: “Z” is not an SEN status (E, K or N). It is left out."),
        ({"left": "2026-07-17"}, "Has left already, on 17 July 2026."),
        ({"boarder": "Yes"}, "Residential, but not whether weekly or termly: termly is taken."),
        ({**MUM, "pr": "F"}, "No contact has parental responsibility."),
        ({**MUM, "email": "not an address"}, "“not an address” is not an e-mail address and is left out."),
        (
            {**MUM, "pr": "perhaps"},
            "Parental responsibility: “perhaps” is neither yes nor no. It is left out, and a new contact gets no "
            "reports and is not contacted until somebody says so.",
        ),
    ],
)
def test_rows_that_go_in_with_a_warning(run, change, warning):
    plan = run({**ASH, **change})
    assert warning in warnings(plan)
    assert only(plan).outcome == Outcome.CREATE
    assert Student.objects.exists()


def test_a_year_one_off_is_no_matter(run):
    assert warnings(run({**ASH, "year": "8"})) == []


def test_one_email_in_two_households(run):
    dad = {"c_forename": "Ewan", "c_surname": "Gale", "pr": "T", "email": "nell@home.example"}
    apart = run({**ASH, **MUM}, {**ASH, **dad, "home": "F"})
    assert "Nell Ashdown and Ewan Gale have the same e-mail but do not live together." in warnings(apart)


def test_one_email_in_one_household_is_no_matter(run):
    dad = {"c_forename": "Ewan", "c_surname": "Gale", "pr": "T", "email": "nell@home.example", "home": "T"}
    assert warnings(run({**ASH, **MUM}, {**ASH, **dad})) == []


def test_someone_who_has_left_is_pointed_out_and_stays_left(run):
    run({**ASH, "left": "2026-07-17"})
    plan = run(ASH)
    assert warnings(plan) == [
        "Left on 17 July 2026. For someone who has come back there is “Back on roll” on their page."
    ]
    assert Student.objects.get().left_on == date(2026, 7, 17)


# ------------------------------------------------------------------ once more


def test_a_second_time_nothing_changes(run):
    rows = [
        {**ASH, **MUM, "upn": "Q207000016049", "boarder": "Yes"},
        {
            **ASH,
            "c_forename": "Ewan",
            "c_surname": "Gale",
            "email": "nell@home.example",
            "mobile": "07700 900001",
        },
        {**ASH, **MUM, "mis": "002", "forename": "Bo", "joined": "", "year": "", "mobile": "07700 900002"},
        {**ASH, "mis": "003", "forename": "Cy", "c_surname": "Ashdown", "left": "2026-07-17"},
    ]
    run(*rows)
    before = [list(model.objects.order_by("pk").values()) for model in (Student, FamilyMember, FamilyLink)]
    plan = run(*rows)
    assert {row.outcome for row in plan.rows} == {Outcome.SAME}
    assert [
        list(model.objects.order_by("pk").values()) for model in (Student, FamilyMember, FamilyLink)
    ] == before


def test_the_file_wins_where_it_says_something_and_empties_nothing(run):
    run({**ASH, **MUM, "form": "9 Elm", "mobile": "07700 900001"})
    ida = Student.objects.get()
    plan = run({**ASH, **MUM, "year": "10", "form": "", "mobile": "", "relation": "Mum"})
    assert only(plan).changes == ["Year group 9 → 10", "Nell Ashdown: Relationship Mother → Mum"]
    after = Student.objects.get()
    assert (after.pk, after.nc_year, after.reg_group, after.version) == (
        ida.pk,
        "10",
        "9 Elm",
        ida.version + 1,
    )
    link = FamilyLink.objects.select_related("member").get()
    assert (link.relationship, link.member.mobile) == ("Mum", "07700 900001")


def test_by_upn_when_the_mis_numbers_are_new(run):
    run({**ASH, "upn": "P207000016049"})
    plan = run({**ASH, "upn": "P207000016049", "mis": "A-1"})
    assert only(plan).changes == ["MIS number 001 → A-1"]
    assert Student.objects.get().mis_id == "A-1"


def test_by_name_and_birthday_a_person_is_asked(run):
    run({**ASH, "mis": ""})
    plan = run(ASH)
    row = only(plan)
    assert row.outcome == Outcome.ASK
    assert [tuple(one[:2]) for one in row.options] == [(Student.objects.get().pk, "Ida Ashdown, Year 9")]
    assert "Same name and date of birth as Ida Ashdown, Year 9" in reasons(plan)[0]
    assert Student.objects.get().mis_id == ""


def test_match_names_answers_for_all(run):
    run({**ASH, "mis": ""})
    plan = run({**ASH, **MUM}, match_names=True)
    assert only(plan).outcome == Outcome.UPDATE
    assert Student.objects.get().mis_id == "001"


def test_match_names_never_joins_two_mis_numbers(run):
    run(ASH)
    assert only(run({**ASH, "mis": "002"}, match_names=True)).outcome == Outcome.ASK


def test_a_contact_ended_here_stays_ended(run):
    run({**ASH, **MUM})
    FamilyLink.objects.update(ended_on=date(2026, 10, 1))
    plan = run({**ASH, **MUM})
    assert "Nell Ashdown was ended as a contact on 1 October 2026, and stays so." in warnings(plan)
    assert FamilyLink.objects.get().ended_on == date(2026, 10, 1)


def test_a_restriction_is_out_of_reach_of_a_file(run):
    run({**ASH, **MUM})
    FamilyLink.objects.update(court_restriction="No contact.", restricted_from=date(2026, 1, 1))
    run({**ASH, **MUM, "relation": "Mum"})
    link = FamilyLink.objects.get()
    assert (link.relationship, link.court_restriction, link.restricted_from) == (
        "Mum",
        "No contact.",
        date(2026, 1, 1),
    )


def test_nobody_goes_by_not_being_named(run):
    run(ASH, {**ASH, "mis": "002", "forename": "Bo"})
    plan = run(ASH)
    assert [student.legal_forename for student in plan.leavers] == ["Bo"]
    assert Student.objects.filter(left_on=None).count() == 2


def test_a_leaving_date_ends_the_team(world, run):
    world.mina.mis_id = "900"
    world.mina.save()
    run({"mis": "900", "surname": "Harcastle", "forename": "Mina", "dob": "2013-05-17", "left": "2026-11-20"})
    open_after = Assignment.objects.filter(student=world.mina).exclude(ends_on__lte=date(2026, 11, 20))
    assert not open_after.exists()


# ---------------------------------------------------------------------- staff


def test_a_parent_who_works_here_is_shut_out(world, run):
    teacher = world.u_keyworker_other
    plan = run({**ASH, **MUM, "email": teacher.email.upper()})
    assert "Nell Ashdown works here: as staff they will not see this student’s record." in warnings(plan)
    assert FamilyMember.objects.get(forename="Nell").user == teacher
    assert warnings(run({**ASH, **MUM, "email": teacher.email})) == []


def test_an_administrator_does_not_import_their_own_child(world, run):
    world.mina.mis_id = "900"
    world.mina.save()
    FamilyMember.objects.filter(forename="Folake").update(user=world.u_admin)
    plan = run(
        {"mis": "900", "surname": "Harcastle", "forename": "Mina", "dob": "2013-05-17", "year": "10"},
        by=world.u_admin,
    )
    assert reasons(plan) == ["You are family of this student. Ask another administrator to import this row."]
    world.mina.refresh_from_db()
    assert world.mina.nc_year == "9"
    assert world.mina.pk not in [student.pk for student in plan.leavers]


# ----------------------------------------------------------------- the record


def test_every_import_leaves_a_trace(world, run):
    run({**ASH, **MUM}, {**ASH, "dob": ""}, by=world.u_admin)
    batch = ImportBatch.objects.get()
    assert batch.file_name == f"people.{batch.kind}" and batch.kind in ("csv", "xlsx")
    assert (batch.by, batch.status) == (world.u_admin, "imported")
    assert len(batch.sha256) == 64 and batch.at == clock.now()
    assert (
        batch.counts["students_created"],
        batch.counts["contacts_created"],
        batch.counts["rows_reject"],
    ) == (1, 1, 1)
    kept = {row.outcome: row.values for row in batch.rows.all()}
    assert kept[Outcome.CREATE] == {} and kept[Outcome.REJECT]["legal_surname"] == "Ashdown"


@pytest.mark.parametrize("run", ["command"], indirect=True)
def test_a_dry_run_leaves_no_row_anywhere(run):
    run({**ASH, **MUM}, dry_run=True)
    for model in (Student, FamilyMember, FamilyLink, ImportBatch, ImportRow, ImportMapping):
        assert not model.objects.exists(), model


def test_rejected_rows_cannot_act_as_formulas(run):
    run(
        {**ASH, "surname": "=cmd|' /C calc'!A0", "forename": "+Ida", "dob": ""},
        {**ASH, "forename": "@Bo", "dob": "-1"},
    )
    lines = rejected_lines(ImportBatch.objects.get())
    assert lines[0][:2] == ["row", "reason"]
    assert [line[0] for line in lines[1:]] == [2, 3]
    cells = [str(cell) for line in lines for cell in line]
    assert "'=cmd|' /C calc'!A0" in cells and "'+Ida" in cells and "'@Bo" in cells and "'-1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_one_list_of_what_begins_a_formula_and_no_other_cell_is_touched(run):
    run({**ASH, "surname": "|Ash", "forename": "%Ida", "form": "R-9=a", "dob": ""})
    lines = rejected_lines(ImportBatch.objects.get())
    assert "'|Ash" in lines[1] and "'%Ida" in lines[1] and "R-9=a" in lines[1]


def test_one_number_given_twice_is_kept_once(run):
    run({**ASH, **MUM, "mobile": "07700 900801", "phone": "+44 7700 900801"})
    mum = FamilyMember.objects.get()
    assert (mum.mobile, mum.phone) == ("07700 900801", "")
    run({**ASH, **MUM, "phone": "07700900801"})  # in a later file, beside what is known
    mum.refresh_from_db()
    assert (mum.mobile, mum.phone) == ("07700 900801", "")
    assert mum.numbers == ["07700 900801"]
    mum.phone = "+44 7700 900801"  # kept before, or typed
    assert mum.numbers == ["07700 900801"]


# ----------------------------------------------------------------- on the line


@pytest.fixture
def command(db, today, capsys):
    def go(*args):
        call_command("import_people", *map(str, args))
        return capsys.readouterr().out

    return go


def sample(name: str, request):
    return request.config.rootpath / "docs" / "samples" / name


def test_the_command_tells_row_by_row(command, request):
    out = command(sample("people.csv", request))
    assert (
        "row 2: new: Tobias Okonjo-Vale and Adaeze Okonjo-Vale. New student · New contact: Adaeze Okonjo-Vale"
        in out
    )
    assert (
        "5 students new, 0 changed; 5 contacts new, 0 changed; 0 of 6 rows left out, 1 with a warning." in out
    )


def test_the_command_dry_run(command, request):
    out = command(sample("people.xlsx", request), "--dry-run")
    assert "Would be: 5 students new" in out and "Dry run: nothing was changed." in out
    assert not Student.objects.exists() and not ImportBatch.objects.exists()


def test_csv_then_xlsx_then_ctf_of_the_same_people(command, request):
    command(sample("people.csv", request))
    assert "0 students new, 0 changed" in command(sample("people.xlsx", request))
    out = command(sample("8011234_CTF_8019999_001.xml", request))
    assert "0 students new, 1 changed; 1 contacts new" in out
    zofia = FamilyLink.objects.get(member__forename="Zofia")
    piotr = FamilyLink.objects.get(member__forename="Piotr")
    assert (zofia.has_pr, zofia.relationship) == ("unconfirmed", "Code MOT")
    # What a school sent never replaces what this school has confirmed, nor a code a word.
    assert (piotr.has_pr, piotr.relationship) == ("no", "Foster carer")
    assert "not in the file" not in out


def test_one_bad_file_says_so_and_the_others_go_in(command, request, tmp_path, capsys):
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"\0\0")
    with pytest.raises(CommandError, match="1 of 2 files"):
        command(bad, sample("people.csv", request))
    assert "Nothing was imported from this file." in capsys.readouterr().err
    assert Student.objects.count() == 5


def test_headings_nobody_knows_are_not_guessed(command, tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("Foo,Bar,Baz\n1,2,17/05/2013\n")
    with pytest.raises(CommandError):
        command(path)
    assert "No column is matched to surname." in capsys.readouterr().err


def test_the_command_in_someones_name(world, command, request):
    command(sample("people.csv", request), "--by", world.u_admin.email)
    assert ImportBatch.objects.get().by == world.u_admin
    with pytest.raises(CommandError, match="no active account"):
        command(sample("people.csv", request), "--by", "nobody@nowhere.example")


@pytest.mark.parametrize("run", ["command"], indirect=True)
def test_nothing_is_half_imported(run, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the power went")

    monkeypatch.setattr("students.actions.imports.link_staff_parents", broken)
    with pytest.raises(RuntimeError):
        run({**ASH, **MUM})
    assert (
        not Student.objects.exists()
        and not FamilyMember.objects.exists()
        and not ImportBatch.objects.exists()
    )

"""Tables of the school for a spreadsheet: the right rows, no words, no formulas, a trace of each."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.db.models import TextField
from django.test.utils import CaptureQueriesContext

from care.models import FiledDocument
from care.models import Meeting as MeetingHeld
from keywork.models import RecordOpening
from reports.school_data import TABLES
from tests.access.records import contact
from tests.world import make_student

PAGE = "/reports/tables/"


@pytest.fixture
def head(world_with_records, as_user):
    FiledDocument.objects.filter(student=world_with_records.otto).update(level="general")
    return as_user(world_with_records.u_head)


def rows_of(client, name: str) -> list[dict[str, str]]:
    answer = client.get(f"{PAGE}{name}")
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("slug", TABLES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_each_table_opens_with_its_headings(head, slug, kind):
    answer = head.get(f"{PAGE}{slug}/all.{kind}")
    if kind == "csv":
        lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    assert lines[0] == list(TABLES[slug].columns)
    assert len(lines) > 1 and {len(line) for line in lines} == {len(lines[0])}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_column_holds_what_somebody_wrote(table):
    for path in table.columns.values():
        field = table.rows().model
        for name in path.split("__"):
            found = field._meta.get_field(name)
            field = found.related_model or field
        assert not isinstance(found, TextField), path
        assert path.rpartition("__")[2] not in ("notes", "reason", "void_reason", "with_name", "note"), path


def test_what_is_restricted_stays_and_what_is_not_there_goes_into_no_year(head, world_with_records):
    w = world_with_records
    contact(w.mina, w.u_keyworker, happened_on=date(2026, 11, 2), logged_on=date(2026, 11, 2))
    contact(
        w.mina,
        w.u_keyworker,
        happened_on=date(2026, 11, 3),
        logged_on=date(2026, 11, 3),
        level="safeguarding",
    )
    days = [row["Day"] for row in rows_of(head, "contacts/2026-27.csv")]
    assert "2026-11-02" in days and "2026-11-03" not in days
    assert "2026-11-02" not in [row["Day"] for row in rows_of(head, "contacts/2025-26.csv")]
    plans = {row["Plan"] for row in rows_of(head, "plans/all.csv")}
    assert "Risk profile and management plan" in plans and not any("afeguarding" in name for name in plans)
    MeetingHeld.objects.filter(student=w.mina).update(level="restricted")
    assert {row["Surname"] for row in rows_of(head, "documents/all.csv")} == {w.otto.surname}
    assert {row["Surname"] for row in rows_of(head, "meetings/all.csv")} == {w.otto.surname}
    assert {row["Reached"] for row in rows_of(head, "contacts/all.csv")} <= {
        "We spoke",
        "They replied",
        "Message left",
        "No answer",
        "It failed",
    }


def test_a_name_is_no_formula(head):
    make_student("=HYPERLINK(1)", "Hale")
    assert "'=HYPERLINK(1)" in [row["Known as"] for row in rows_of(head, "students/all.csv")]


def test_each_student_in_it_has_a_trace_of_it(head, world_with_records):
    head.get(f"{PAGE}students/all.xlsx")
    left = RecordOpening.objects.filter(what="export", detail="table: students")
    assert world_with_records.mina.pk in left.values_list("student_id", flat=True)


@pytest.mark.parametrize("name", ["nothing/all.csv", "contacts/1999-00.csv", "contacts/all.pdf"])
def test_what_there_is_none_of(head, name):
    assert head.get(f"{PAGE}{name}").status_code == 404


def test_as_many_queries_for_one_row_as_for_fifty(head, world_with_records):
    w, counts = world_with_records, set()
    for rows in (1, 50):
        for _ in range(rows):
            contact(w.mina, w.u_keyworker, happened_on=date(2026, 9, 8), logged_on=date(2026, 9, 8))
        with CaptureQueriesContext(connection) as queries:
            head.get(f"{PAGE}contacts/all.csv")
        counts.add(len(queries))
    assert len(counts) == 1


def test_the_page_offers_the_year_that_runs(head):
    page = head.get(PAGE).content.decode()
    assert f"{PAGE}contacts/2026-27.xlsx" in page
    assert f"{PAGE}contacts/all.csv" in head.get(PAGE, {"year": "all"}).content.decode()
    assert f"{PAGE}contacts/all.csv" in head.get(PAGE, {"year": "1 OR 1"}).content.decode()
    assert PAGE in head.get("/reports/").content.decode()

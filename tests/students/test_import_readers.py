"""Files as they come, and files as an attacker would send them: read whole, or refused with a sentence."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import openpyxl
import pytest

from keywork.errors import Refused
from students.importing import readers, xlsx_file

HEAD = "Surname,Forename,DOB"


def refused(path) -> str:
    with pytest.raises(Refused) as error:
        readers.read(path, path.name)
    return str(error.value)


@pytest.fixture
def written(tmp_path):
    def write(name: str, data: bytes | str):
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


@pytest.fixture
def workbook(tmp_path):
    def make(*rows, name="people.xlsx"):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return make


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_encodings_and_delimiters(written, encoding, mark):
    text = "Admission Number,Surname,Forename\r\n00041,Brontë,Zoë\r\n".replace(",", mark)
    table = readers.read(written("a.csv", text.encode(encoding)), "a.csv")
    assert table.headings == ("Admission Number", "Surname", "Forename")
    assert table.rows[0].cells == ("00041", "Brontë", "Zoë")


def test_csv_rows_carry_the_line_they_begin_on(written):
    path = written("a.csv", f'{HEAD}\n"Ash\n(line two)",Ida,2013-01-01\n\nElm,Jo,2013-01-02\n')
    assert [(row.number, row.cells[0]) for row in readers.read(path, path.name).rows] == [
        (2, "Ash (line two)"),
        (5, "Elm"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", HEAD.encode(), "no rows"),
        ("a.csv", (HEAD + "\nA\0sh,Ida,2013-01-01").encode(), "NUL"),
        ("a.csv", (HEAD + "\nAsh,Ida,2013-01-01\n").encode("utf-16"), "UTF-16"),
        ("a.csv", (HEAD + "\nAsh,Ida,2013-01-01\n").encode("utf-16-le"), "NUL"),
        ("a.csv", HEAD.encode() + b"\nA\x81\x8dsh,Ida,2013-01-01", "neither as UTF-8 nor"),
        ("a.csv", HEAD.encode() + b"\nA\x07sh,Ida,2013-01-01", "control characters"),
        ("a.csv", HEAD + '\n"Ash,Ida,2013-01-01', "quotation mark"),
        ("a.csv", HEAD + "\nAsh,Ida,2013-01-01,more", "more cells"),
        ("a.csv", b"%PDF-1.7 ...", "a PDF"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("a.csv", b"\x7fELF\x02\x01", "a program"),
        ("a.csv", b"PK\x03\x04....", "a ZIP or Excel file"),
        ("a.csv", b"<CTfile/>", "XML"),
        ("a.xlsx", b"Surname,Forename\nAsh,Ida", "plain text"),
        ("a.xlsx", b"PK\x03\x04 and then nothing", "not an Excel workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old Excel"),
        ("a.exe", b"Surname,Forename\nAsh,Ida", "must end in"),
        ("a.xml", b"<html><body/></html>", "not a Common Transfer File"),
        ("a.xml", b"<CTfile><CTFpupilData>", "damaged"),
        ("a.xml", b"<CTfile><CTFpupilData/></CTfile>", "no pupils"),
        ("a.xml", b'<?xml version="1.0" encoding="klingon"?><CTfile/>', "encoding"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(written, name, data, words):
    assert words in refused(written(name, data))


def test_too_many_rows_are_refused(written, monkeypatch):
    monkeypatch.setattr("students.importing.source.MAX_ROWS", 3)
    assert "rows" in refused(written("a.csv", HEAD + "\nAsh,Ida,2013-01-01" * 4))


def test_workbook_cells_become_text(workbook):
    path = workbook(
        ["Admission Number", "DOB", "Year", "In care", "Mobile"],
        ["00041", date(2013, 5, 17), 7, True, "07700 900123"],
        [],
        [None, "2013-05-18", 7.0, False, None],
    )
    table = readers.read(path, path.name)
    assert table.rows[0].cells == ("00041", "2013-05-17", "7", "Yes", "07700 900123")
    assert (table.rows[1].number, table.rows[1].cells) == (4, ("", "2013-05-18", "7", "No", ""))


def test_a_formula_is_refused_by_the_name_of_its_cell(workbook):
    assert "Cell B3" in refused(
        workbook(["Surname", "Forename"], ["Ash", "Ida"], ["Elm", '=HYPERLINK("http://x")'])
    )


def test_a_cell_with_an_error_is_refused(workbook):
    path = workbook(["Surname"], ["#REF!"])
    assert "#REF!" in refused(path)


def package(path, parts: dict[str, bytes]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def repacked(path, name: str, change) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = change(parts.get(name, b""))
    package(path, parts)


def test_a_zip_bomb_is_not_unpacked(workbook):
    path = workbook(["Surname"], ["Ash"])
    repacked(path, "xl/worksheets/sheet9.xml", lambda _: b"0" * (8 * 1024 * 1024))
    assert path.stat().st_size < 50_000
    assert "packed far more tightly" in refused(path)


def test_a_workbook_that_unpacks_too_large_is_refused(workbook, monkeypatch):
    monkeypatch.setattr(xlsx_file, "MAX_UNPACKED", 2_000)
    assert "unpacks to more than" in refused(workbook(["Surname"], ["Ash"]))


def test_a_workbook_of_very_many_parts_is_refused(tmp_path):
    path = package(tmp_path / "a.xlsx", {f"part{n}": b"" for n in range(xlsx_file.MAX_ENTRIES + 1)})
    assert "parts inside" in refused(path)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_workbook_with_entities_is_refused(workbook, part):
    path = workbook(["Surname"], ["Ash"])
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    repacked(
        path, part, lambda data: data.replace(b"?>", b"?>" + entity, 1) if b"?>" in data else entity + data
    )
    assert "entities" in refused(path)


def test_macros_are_refused(workbook):
    path = workbook(["Surname"], ["Ash"])
    repacked(path, "xl/vbaProject.bin", lambda _: b"x")
    assert "macros" in refused(path)


def test_a_sheet_that_lies_about_its_size_costs_nothing(workbook, monkeypatch):
    monkeypatch.setattr(xlsx_file, "MAX_ROWS", 500)  # as far as it reads; with 20,000 it is ten seconds
    path = workbook(["Surname"], ["Ash"])
    repacked(
        path,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'r="2"', b'r="1048576"').replace(b'"A2"', b'"A1048576"'),
    )
    assert "rows" in refused(path)


PUPIL = """<Pupil><UPN>P207000016049</UPN><Surname>Dziedzic</Surname><Forename>Halina</Forename><DOB>2012-06-30</DOB>
<{sex}>F</{sex}><BasicDetails><NCyearActual>9</NCyearActual><PreferredForename>Hal</PreferredForename><Ethnicity>WROM</Ethnicity></BasicDetails>
<LookedAfter><InCare>true</InCare></LookedAfter>
<SENhistory><SEN><StartDate>2025-03-10</StartDate><SENprovision>E</SENprovision></SEN>
<SEN><StartDate>2019-09-01</StartDate><SENprovision>K</SENprovision></SEN>
<SENneeds><SENneed><SENtypeRank>2</SENtypeRank><SENtype>SEMH</SENtype></SENneed>
<SENneed><SENtypeRank>1</SENtypeRank><SENtype>SPLD</SENtype></SENneed>
<SENneed><NeedEndDate>2020-01-01</NeedEndDate><SENtype>MLD</SENtype></SENneed></SENneeds></SENhistory>
<Address><PAON>14</PAON><Street>Quarry Lane</Street><PostCode>ZZ1 1AA</PostCode></Address>
<Contacts><Contact><Order>1</Order><Surname>Wrona</Surname><Forename>Piotr</Forename><Relationship>FPA</Relationship>
<Responsibility>true</Responsibility><AddressAsPupil>true</AddressAsPupil>
<Phones><Phone><TelephoneType>H</TelephoneType><PhoneNo>01632 960104</PhoneNo></Phone>
<Phone><TelephoneType>M</TelephoneType><PhoneNo>07700 900104</PhoneNo></Phone></Phones></Contact>
<Contact><Order>2</Order><Surname>Dziedzic</Surname><Forename>Zofia</Forename><Responsibility>false</Responsibility>
<Address><AddressLine1>3 Mill Row</AddressLine1><AddressLine2>Aldermere</AddressLine2></Address></Contact></Contacts>
<Hat>red</Hat><Scarf><Knitted>yes</Knitted></Scarf></Pupil>"""


def ctf(body: str, namespace: str = "") -> str:
    return f'<?xml version="1.0"?><CTfile{namespace}><Header><CTFversion>25.0</CTFversion></Header><CTFpupilData>{body}</CTFpupilData></CTfile>'


@pytest.mark.parametrize("sex", ["Sex", "Gender"])
@pytest.mark.parametrize("namespace", ["", ' xmlns="urn:example:ctf"'])
def test_ctf_pupils_and_contacts(written, sex, namespace):
    table = readers.read(written("a.xml", ctf(PUPIL.format(sex=sex), namespace)), "a.xml")
    first, second = (dict(zip(table.headings, row.cells, strict=True)) for row in table.rows)
    assert first["legal_surname"] == "Dziedzic" and first["preferred_forename"] == "Hal"
    assert (first["upn"], first["dob"], first["sex"], first["nc_year"]) == (
        "P207000016049",
        "2012-06-30",
        "F",
        "9",
    )
    assert (first["sen_status"], first["sen_type"], first["looked_after"]) == ("E", "SPLD SEMH", "true")
    assert (first["contact_has_pr"], first["contact_lives_with"]) == ("true", "yes")
    assert (first["contact_mobile"], first["contact_phone"]) == ("07700 900104", "01632 960104")
    assert first["contact_address"] == first["student_address"] == "14, Quarry Lane, ZZ1 1AA"
    assert first["ethnicity"] == "Gypsy or Roma"
    assert (second["contact_has_pr"], second["contact_address"]) == ("false", "3 Mill Row, Aldermere")
    assert table.notes == ("CTF version 25.0.", "2 elements that Keywork does not know were passed over.")


BILLION = '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "doctype",
    [
        BILLION,
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://example.org/evil.dtd">',
    ],
)
def test_ctf_document_types_and_entities_are_refused(written, doctype):
    words = refused(written("a.xml", f'<?xml version="1.0"?>{doctype}<CTfile><CTFpupilData/></CTfile>'))
    assert "document type or entities" in words


def test_ctf_nested_too_deep_is_refused(written):
    assert "deeper" in refused(written("a.xml", ctf("<Pupil>" + "<A>" * 60 + "</A>" * 60 + "</Pupil>")))


def test_ctf_with_one_endless_pupil_is_refused(written):
    assert "fuller" in refused(written("a.xml", ctf("<Pupil>" + "<Surname>A</Surname>" * 6000 + "</Pupil>")))


FILES = {".csv", ".xlsx", ".xml"}  # beside them are samples of reports


def test_samples_in_docs_can_be_read(request):
    samples = request.config.rootpath / "docs" / "samples"
    tables = {
        path.name: readers.read(path, path.name) for path in sorted(samples.iterdir()) if path.suffix in FILES
    }
    assert {table.kind for table in tables.values()} == {"csv", "xlsx", "ctf"}
    as_csv, as_xlsx = tables["people.csv"], tables["people.xlsx"]
    assert as_csv.headings == as_xlsx.headings and len(as_csv.rows) == len(as_xlsx.rows) == 6


def test_rejected_size_is_said_in_megabytes():
    from students.importing.source import size_and_hash

    with pytest.raises(Refused, match="larger than 1 MB"):
        size_and_hash(io.BytesIO(b"x" * (1024 * 1024 + 1)), 1024 * 1024)


@pytest.mark.parametrize(
    ("code", "words"),
    [("WEEU", "White Eastern European"), ("OKRD", "Kurdish"), ("ZZZZ", "Code ZZZZ"), ("", "")],
)
def test_a_national_code_is_said_in_words_and_any_other_as_a_code(written, code, words):
    said = PUPIL.format(sex="Sex").replace("WROM", code)
    table = readers.read(written("a.xml", ctf(said)), "a.xml")
    assert dict(zip(table.headings, table.rows[0].cells, strict=True))["ethnicity"] == words

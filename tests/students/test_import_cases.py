"""Files as other systems and people make them, with what is right of each, through the pages. People are invented."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from students.importing.values import is_no_one_name, parts_of_name
from students.models import FamilyLink, FamilyMember, ImportBatch, Student

FILES = Path(__file__).parent / "files"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def admin(world, as_user):
    return as_user(world.u_admin)


def upload(client, name: str, data: bytes | None = None):
    file = SimpleUploadedFile(name, (FILES / name).read_bytes() if data is None else data)
    return client.post(reverse("students:import"), {"file": file})


def looked_through(client, name: str, data: bytes | None = None) -> tuple[ImportBatch, str]:
    """Upload and match as suggested; the import and the page that shows its rows."""
    answer = upload(client, name, data)
    assert answer.status_code == 302, answer.content.decode()
    batch = ImportBatch.objects.latest("pk")
    given = {f"column_{place}": column for place, column in enumerate(batch.columns)}
    page = client.post(answer.url, given, follow=True).content.decode()
    batch.refresh_from_db()
    assert batch.status == "previewed", page
    return batch, page


def imported(client, name: str, data: bytes | None = None, **answers) -> ImportBatch:
    batch, _ = looked_through(client, name, data)
    client.post(reverse("students:import_preview", args=[batch.pk]), answers)
    batch.refresh_from_db()
    assert batch.status == "imported"
    return batch


def warnings(batch) -> str:
    return "\n".join(text for row in batch.rows.all() for text in row.warnings)


# ------------------------------------------------------------------- kinds of file


@pytest.mark.parametrize(
    ("name", "student", "born_on"),
    [
        ("cp1252.csv", "Zoë O’Neill", "2013-07-05"),
        ("semicolon-bom.csv", "Séan Ó Briain", "2013-07-05"),
        ("sep-line.csv", "Ify Okafor", "2013-07-05"),
        ("title-row.csv", "Ify Okafor", "2013-07-05"),
        ("cover-sheet.xlsx", "B A", "2013-07-05"),
    ],
)
def test_each_kind_is_read(admin, name, student, born_on):
    imported(admin, name)
    found = Student.objects.latest("pk")
    assert (found.name, str(found.born_on)) == (student, born_on)


@pytest.mark.parametrize(("name", "words"), [("utf16.csv", "UTF-16"), ("macroman.csv", "come from a Mac")])
def test_letters_that_cannot_be_read_are_refused_in_words(admin, name, words):
    answer = upload(admin, name)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_midnight_behind_a_date_is_no_part_of_it(admin):
    batch = imported(admin, "datetime.csv")
    came_in = set(Student.objects.filter(legal_surname="Okafor").values_list("legal_forename", flat=True))
    assert came_in == {"Ify", "Obi"}
    refused = [reason for row in batch.rows.all() for reason in row.reasons]
    assert len(refused) == 4 and all("is not a date like" in reason for reason in refused)


# ------------------------------------------------------------------------- people


def test_spellings_of_one_name_ask(admin):
    imported(admin, "spelling-first.csv")
    before = Student.objects.count()
    batch, page = looked_through(admin, "spelling-second.csv")
    assert [row.outcome for row in batch.rows.all()] == ["ask"] * 3
    assert "The same person as Zoë Smith-Jones, Year 9" in page
    assert "Nearly the same name and the same date of birth as Mary Ann O’Shea, Year 9" in page
    zoe = Student.objects.get(legal_forename="Zoë")
    admin.post(reverse("students:import_preview", args=[batch.pk]), {"row_2": str(zoe.pk)})
    assert Student.objects.count() == before


def test_letters_made_of_two_marks_are_kept_as_one(admin):
    imported(admin, "a.csv", "Surname,Forename,DOB\nSmith,Zoe\u0308,2013-03-03\n".encode())
    assert Student.objects.get(legal_surname="Smith").legal_forename == "Zo\u00eb"


@pytest.mark.parametrize(
    ("name", "mother", "adults"),
    [("two-families.csv", "Sarah", 2), ("two-families-b.csv", "Noreen", 2), ("two-families-b.csv", "Jo", 2)],
)
def test_a_placeholder_is_nobodys_telephone(admin, name, mother, adults):
    batch = imported(admin, name)
    found = FamilyMember.objects.filter(forename=mother)
    assert found.count() == adults
    assert {(one.mobile, one.email) for one in found} == {("", "")}
    assert {one.links.count() for one in found} == {1}
    assert "is nobody’s, and is left out." in warnings(batch)
    again = imported(admin, name)
    assert found.count() == adults
    assert {row.outcome for row in again.rows.all()} == {"same"}


TWO_HOMES = (
    "Adno,Surname,Forename,DOB,Contact forename,Contact surname,Relationship,PR,Mobile,Address\n"
    "1,Jones,Efan,2013-01-05,Sarah,Jones,mother,Yes,07700 900811,{}\n"
    "2,Jones,Tariq,2014-02-06,Sarah,Jones,mother,Yes,+44 7700 900811,{}\n"
)


def test_one_number_in_two_spellings_is_one_adult(admin):
    imported(admin, "a.csv", TWO_HOMES.format("1 Beck Row", "1 Beck Row").encode())
    sarah = FamilyMember.objects.get(forename="Sarah")
    assert sarah.links.count() == 2 and sarah.mobile == "07700 900811"


@pytest.mark.parametrize(
    ("answer", "adults"), [({}, 2), ({"contact_3": "new"}, 2), ({"contact_3": "row 2"}, 1)]
)
def test_a_differing_address_asks(admin, answer, adults):
    data = TWO_HOMES.format("1 Beck Row", "99 Quarry Bank").encode()
    _, page = looked_through(admin, "a.csv", data)
    assert "The same person as Sarah Jones, 1 Beck Row" in page
    imported(admin, "a.csv", data, **answer)
    assert FamilyMember.objects.filter(forename="Sarah").count() == adults
    assert Student.objects.filter(legal_surname="Jones").count() == 2


def test_father_and_grandfather_of_one_name_are_two(admin):
    head = "Adno,Surname,Forename,DOB,Contact forename,Contact surname,Relationship,PR,Home phone\n"
    rows = (
        "1,Hale,Ana,2013-01-05,John,Hale,Father,Yes,01632 960800\n"
        "1,Hale,Ana,2013-01-05,John,Hale,Grandfather,No,01632 960800\n"
    )
    imported(admin, "a.csv", (head + rows).encode())
    links = FamilyLink.objects.filter(student__legal_surname="Hale").order_by("pk")
    assert [link.relationship for link in links] == ["Father", "Grandfather"]
    assert len({link.member_id for link in links}) == 2
    again = imported(admin, "a.csv", (head + rows).encode())
    assert {row.outcome for row in again.rows.all()} == {"same"} and links.count() == 2


def test_someone_with_one_name_goes_in(admin):
    batch = imported(admin, "single-name.csv")
    assert list(batch.rows.order_by("number").values_list("label", flat=True)) == [
        "Suharta and Wening",
        "Thiri and Nanda",
        "Ketut and Made",
    ]
    found = {s.mis_id: s for s in Student.objects.filter(mis_id__startswith="900")}
    assert {key: s.name for key, s in found.items()} == {"9001": "Suharta", "9002": "Thiri", "9003": "Ketut"}
    assert sorted(
        FamilyMember.objects.filter(mobile__startswith="07700 90080").values_list("forename", "surname")
    ) == [
        ("", "Wening"),
        ("Made", ""),
        ("Nanda", ""),
    ]
    page = admin.get(reverse("students:people", args=[found["9001"].pk])).content.decode()
    assert "Suharta" in page and "None" not in page


def test_a_name_like_a_formula_warns(admin):
    batch = imported(admin, "odd-names.csv")
    assert 'The name “=HYPERLINK("http://x")” begins with “=”, as a formula does.' in warnings(batch)
    assert "The name “+Plus” begins with “+”" in warnings(batch)


# --------------------------------------------------------------------- search and order


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("oshea", {"Mary Ann O’Shea"}),
        ("O'Shea", {"Mary Ann O’Shea"}),
        ("darcy", {"Ma'at D'Arcy-O’Hara"}),
        ("nguyen", {"Đức Thắng Nguyễn"}),
        ("duc", {"Đức Thắng Nguyễn"}),
        ("weiss", {"Jürgen Weiß"}),
        ("aesa", {"Æsa Þórsdóttir"}),
        ("thorsdottir", {"Æsa Þórsdóttir"}),
        ("smith jones", {"Zoë Smith-Jones"}),
        ("odegaard", {"Nils Ødegaard"}),
        ("小明", {"小明 王"}),
    ],
)
def test_letters_fold_in_search(admin, typed, names):
    for name in ("odd-names.csv", "spelling-first.csv"):
        imported(admin, name)
    found = admin.get(reverse("portal:search"), {"q": typed}).context["found"]
    assert {student.name for student in found} == names


def test_the_list_is_in_a_readers_order(admin):
    imported(admin, "odd-names.csv")
    for data in (
        "Nuñez,Íñigo",
        "Ní Dhomhnaill,Aoife",
        "Ó Briain,Séan",
        "Alvey,Jo",
        "Oakes,Jo",
        "Peters,Jo",
        "Dale,Jo",
    ):
        imported(admin, "a.csv", f"Surname,Forename,DOB\n{data},2013-03-04\n".encode())
    wanted = [
        "Álvarez",
        "Alvey",
        "Dale",
        "D'Arcy-O’Hara",
        "de Souza",
        "Ní Dhomhnaill",
        "Nuñez",
        "Ó Briain",
        "Oakes",
        "Ødegaard",
        "Peters",
        "Weiß",
    ]
    shown = []
    for page in (1, 2):
        table = admin.get(reverse("students:list"), {"page": page}).context["table"]
        shown += [row.record.surname for row in table.page if row.record.surname in wanted]
    assert list(dict.fromkeys(shown)) == wanted


def test_a_new_name_is_found_and_in_its_place(admin, world):
    data = "Adno,Surname,Forename,DOB\n77,Zander,Kit,2013-03-04\n"
    imported(admin, "a.csv", data.encode())
    imported(admin, "a.csv", data.replace("Zander", "Åberg").encode())
    kit = Student.objects.get(mis_id="77")
    assert (kit.surname, kit.found_by) == ("Åberg", "kit aberg")
    assert Student.objects.first() == kit


# ------------------------------------------------------------- other systems' exports


def test_a_full_name_as_preferred_name(admin):
    imported(admin, "sims.csv")
    found = Student.objects.filter(mis_id__startswith="A10").order_by("mis_id")
    assert [one.name for one in found] == ["Bethan Ormerod", "Jago Penhallow", "Tam Sandiford"]
    assert found[2].full_name == "Tam (Tamsin) Sandiford"


def test_headings_of_arbor(admin):
    imported(admin, "arbor.csv")
    assert list(
        Student.objects.filter(mis_id__in=["201", "202", "203"])
        .order_by("mis_id")
        .values_list("legal_surname", "nc_year")
    ) == [("Marchbanks", "9"), ("Pryce-Nolan", "10"), ("Trent", "N2")]


def test_a_students_own_mobile_is_no_contacts(admin, capsys):
    batch = imported(admin, "pupil-data.csv")
    assert not [name for name in batch.columns if name.startswith("contact_")]
    assert Student.objects.get(mis_id="501").name == "Perdy Wainscott"
    call_command("import_people", str(FILES / "pupil-data.csv"))
    said = capsys.readouterr().out
    assert "Forename as Forename" in said and "Columns left out: ULN, Title" in said


def test_without_a_number_the_page_and_the_command_warn(admin, capsys):
    text = b"Surname,Forename,DOB\nHale,Ana,2013-01-05\n"
    _, page = looked_through(admin, "a.csv", text)
    assert "every later file will ask about each of them" in page
    path = Path(__file__).parent / "files" / "title-row.csv"
    call_command("import_people", str(path), "--dry-run")
    said = capsys.readouterr().out
    assert "every later file will ask about each of them" in said
    assert "The headings are in row 3" in said and "They are: " in said


def test_a_second_column_for_a_fact_whose_first_is_empty(admin):
    text = (
        "Surname,Forename,DOB,Contact forename,Contact surname,Primary Email,Home Email\n"
        "Hale,Ana,2013-01-05,Mo,Hale,,mo@home.example\n"
    )
    imported(admin, "a.csv", text.encode())
    assert FamilyMember.objects.get(surname="Hale").email == "mo@home.example"


def test_a_parent_in_one_column(admin):
    text = (
        "Surname,Forename,DOB,Parent name,Relationship,Parent phone,Parent email\n"
        "Hale,Ana,2013-01-05,Mrs Mo de Souza,Mother,01632 960123,mo@home.example\n"
        'Hale,Ben,2014-01-05,"Okafor, Grace",Aunt,01632 960124,\n'
        "Hale,Cai,2015-01-05,Mr and Mrs Hale,Parents,01632 960125,\n"
    )
    batch = imported(admin, "a.csv", text.encode())
    found = FamilyMember.objects.order_by("surname", "forename").values_list(
        "title", "forename", "surname", "phone"
    )
    assert [one for one in found if "960" in one[3] and one[2] != "Hale"] == [
        ("", "Grace", "Okafor", "01632 960124"),
        ("Mrs", "Mo", "de Souza", "01632 960123"),
    ]
    assert family("Hale")["Mo"].relationship == "Mother"
    assert "“Mr and Mrs Hale” is not the name of one person alone." in warnings(batch)
    assert family("Hale")[""].member.name == "Hale"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ana Hale", ("", "Ana", "Hale")),
        ("Dr. Ana Maria Hale", ("Dr.", "Ana Maria", "Hale")),
        ("Hale, Mr Ben", ("Mr", "Ben", "Hale")),
        ("Jan van der Berg", ("", "Jan", "van der Berg")),
        ("Tove", ("", "", "Tove")),
        ("Miss Hale", ("Miss", "", "Hale")),
        ("Mr. & Mrs Hale", ("", "", "Hale")),
        ("", ("", "", "")),
    ],
)
def test_the_parts_of_a_whole_name(text, parts):
    assert parts_of_name(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Ana and Ben Hale",
        "Ana Hale; Ben Hale",
        "Ana Hale (aunt)",
        "Ana Hale 07700 900123",
        "Hale, Ana, Mrs",
        "Mrs",
    ],
)
def test_what_is_more_than_a_name_is_warned_of(text):
    assert is_no_one_name(text)
    assert not is_no_one_name("Mrs Ana-Mo O’Shea de Souza") and not is_no_one_name("Okafor, Grace")


# ------------------------------------------------------------------------------ CTF


def family(surname: str) -> dict[str, FamilyLink]:
    links = FamilyLink.objects.filter(student__legal_surname=surname).select_related("member")
    return {link.member.forename: link for link in links}


def test_every_form_of_address_in_a_ctf(admin):
    imported(admin, "ctf-bs7666.xml")
    links = family("Farrowby")
    assert links["Ruth"].lives_with
    assert links["Ruth"].member.address == "Flat 2, 17, Tanyard Row, Netherwick, Aldermere, Invented, ZZ2 3AB"
    assert links["Owen"].member.address == "5 Saddlers Yard, Netherwick, ZZ2 3AC"
    assert Student.objects.get(legal_surname="Farrowby").home_language == "English"


@pytest.mark.parametrize(
    ("name", "surname", "who"), [("ctf-bs7666.xml", "Farrowby", "Nneka"), ("ctf-flat.xml", "Mallory", "Sal")]
)
def test_not_responsible_in_a_ctf_gets_nothing(admin, name, surname, who):
    imported(admin, name)
    link = family(surname)[who]
    assert (link.has_pr, link.may_receive_reports, link.may_receive_keywork_contact) == ("no", False, False)


def test_a_value_not_understood_opens_nothing(admin):
    data = (FILES / "ctf-flat.xml").read_bytes().replace(b"<Responsibility>false", b"<Responsibility>perhaps")
    batch = imported(admin, "ctf-flat.xml", data)
    link = family("Mallory")["Sal"]
    assert (link.has_pr, link.may_receive_reports, link.may_receive_keywork_contact) == (
        "unknown",
        False,
        False,
    )
    assert "“perhaps” is neither yes nor no" in warnings(batch)


@pytest.mark.parametrize("name", ["atf.xml", "ctf-repeated-contacts.xml"])
def test_repeated_contacts(admin, name):
    imported(admin, name)
    caspian = Student.objects.get(legal_surname="Holloway-Reed")
    assert (caspian.sen_types, caspian.known_as) == (["NSA"], "Cas")
    links = family("Holloway-Reed")
    assert links.keys() == {"Ingrid", "Bram"} and links["Ingrid"].member.mobile == "07700 900221"
    assert links["Ingrid"].has_pr == "unconfirmed"


def test_an_address_that_yields_nothing_is_said(admin):
    data = (FILES / "ctf-flat.xml").read_bytes()
    data = data.replace(
        b"<PAON>1</PAON><Street>Top Row</Street><Town>Aldermere</Town><PostCode>ZZ1 1AB</PostCode>",
        b"<Odd>1 Top Row</Odd>",
    )
    page = admin.get(upload(admin, "ctf-flat.xml", data).url).content.decode()
    assert "The address of Fern Mallory is written in a way that Keywork does not know" in page


def test_a_partial_ctf_is_read_as_before(admin):
    imported(admin, "ctf-partial.xml")
    assert Student.objects.filter(legal_surname__in=["Brockhurst", "Vance"]).count() == 2

"""The local authorities' own forms: kept once, filled for each student, and nothing let in that does harm."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from care.models import Outcome
from keywork.errors import Refused
from keywork.models import Draft, RecordOpening
from outbox.models import Job
from reports import tasks, word
from reports.authority import filling, marks, package, samples
from reports.models import AuthorityFilling, AuthorityForm
from students.models import Attendance, Student
from tests.access.records import outcome, plan, short_form
from tests.forms import form_of
from tsp.models import Judgement

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NAMES = {"authority": "Aldershire", "name": "Annual review", "year": "2026-27", "part": "whole"}
ANSWERS = {
    "review_held": "2026-12-01",
    "review_kind": "annual",
    "review_chaired_by": "Imogen <b>Tarrant</b> & Osei",
    "review_recommendation": "amend",
    "review_sections": ["b", "f"],
    "review_changes": "Section F:\na card for help.",
    "views_student": "I like {{ cooking }} & swimming.",
    "views_parents": "She is happier.",
    "school_head": "Anthea Mbeki",
    "adulthood_employment": "The café.",
    "people_0_name": "Zofia Dziedzic",
    "people_0_role": "mum",
    "people_0_invited": "on",
    "people_0_present": "on",
    "people_1_name": "Dr Femi Adeyinka",
    "people_1_role": "Psychologist",
    "people_1_invited": "on",
    "people_1_advice": "on",
}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def coordinator(world, as_user):
    return as_user(world.u_coordinator)


@pytest.fixture
def mina(world) -> Student:
    """With all that a form asks for, but outcomes; no court restricts anybody."""
    links(world.mina).update(restricted_from=None, restricted_until=None, court_restriction="")
    Student.objects.filter(pk=world.mina.pk).update(
        maintained_by="Aldershire",
        pupil_premium="yes",
        ethnicity="White and Asian",
        address="3 Mill Row\nAldermere",
        social_worker="Bryony Castle",
        social_worker_reach="01632 960123",
        sex="F",
        upn="P207000016049",
        home_language="Polish",
    )
    for first, attended in ((date(2026, 11, 2), 9), (date(2026, 11, 9), 8)):
        Attendance.objects.create(
            student=world.mina,
            starts_on=first,
            ends_on=first.replace(day=first.day + 4),
            source="Register",
            possible=10,
            attended=attended,
            unauthorised=10 - attended,
            suspended_days="0.5",
        )
    # Of another source and another year: neither is counted.
    Attendance.objects.create(student=world.mina, starts_on=date(2026, 10, 5), ends_on=date(2026, 10, 9), source="MIS", possible=10, attended=0)  # fmt: skip
    Attendance.objects.create(student=world.mina, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 5), source="Register", possible=10, attended=0)  # fmt: skip
    return Student.objects.get(pk=world.mina.pk)


def upload(client, content: bytes, name: str = "form.docx", **names):
    file = SimpleUploadedFile(name, content, package_type)
    return client.post(reverse("reports:authority_forms"), {**NAMES, **names, "file": file})


package_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def kept(client, content: bytes, **names) -> AuthorityForm:
    answer = upload(client, content, **names)
    assert answer.status_code == 302, re.findall(r"invalid-feedback[^>]*>(.*?)<", answer.content.decode())
    return AuthorityForm.objects.order_by("-pk").first()


def fill(client, student, form, **answers) -> str:
    """Type the answers on the page; the address of the page."""
    url = reverse("reports:authority_fill", args=[student.pk, form.pk])
    page = form_of(client.get(url).content.decode(), "views_student") if answers else {}
    assert client.post(url, {**page, **answers}).status_code == 302
    return url


def taken_out(client, student, form) -> tuple[bytes, object]:
    answer = client.get(reverse("reports:authority_word", args=[student.pk, form.pk]))
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    return answer.content, Document(io.BytesIO(answer.content))


def words(document) -> str:
    """Everything that is shown: body, headers, footers."""
    parts = [document.element, *(one._element for s in document.sections for one in (s.header, s.footer))]
    return "\n".join("".join(p.itertext()) for part in parts for p in part.iter(f"{{{W[9:-1]}}}p"))


def with_outcomes(mina, user, count: int) -> None:
    made = plan(mina, user, la_reference="EHC/0413")
    for number in range(1, count + 1):
        one = outcome(
            made,
            number=number,
            text=f"Outcome {number}: asks for help & says why.",
            target_on=date(2027, 3, 14),
        )
        if number == 1:
            Judgement.objects.create(
                outcome=one,
                word="on_track",
                words="In 9 of 12 lessons.",
                made_on=date(2026, 11, 12),
                by=user,
                at="2026-11-12T10:00Z",
            )
        if number == 2:
            Outcome.objects.filter(pk=one.pk).update(status="achieved", closed_on=date(2026, 11, 1))


def test_the_samples_are_those_that_the_script_makes():
    for name, make in samples.SAMPLES.items():
        there = (samples.FOLDER / name).read_bytes()
        assert package.unpacked(there) == package.unpacked(make()), (
            f"run python -m reports.authority.samples: {name}"
        )


@pytest.mark.parametrize("count", [0, 1, 12])
def test_the_long_table_filled(world, coordinator, mina, count):
    with_outcomes(mina, world.u_keyworker, count)
    form = kept(coordinator, samples.aldershire())
    assert form.unknown == []
    fill(coordinator, mina, form, **ANSWERS)
    content, document = taken_out(coordinator, mina, form)
    if count == 1:
        assert taken_out(coordinator, mina, form)[0] == content  # the same, the same bytes
    text = words(document)
    assert "{{" not in text.replace("{\u200a{", "") and "{%" not in text
    [table] = document.tables
    rows = [[cell.text for cell in dict.fromkeys(row.cells)] for row in table.rows]
    by_label = {row[0]: row[1:] for row in rows}
    assert by_label["Full legal name"] == [
        f"{mina.legal_forename} {mina.legal_surname}",
        "Date of birth: 17 May 2013 / Year group: Year 9",
    ]
    assert by_label["UPN"] == ["P207000016049", "Sex", "Female", "Ethnicity", "White and Asian"]
    assert by_label["Address"][0] == "3 Mill Row\nAldermere" and by_label["Address"][1] == "Case number"
    assert "EHC/0413" in text and "Click to type" not in text  # a content control, by its tag
    assert by_label["Looked after Y / N"] == ["N", "Pupil premium", "Yes ✓", "No "]
    assert by_label["Social worker"] == ["Bryony Castle", "Contact", "01632 960123"]
    assert by_label["Attendance"] == ["85 %", "Days suspended", "1", "Out of year", "No"]
    assert by_label["Plan in force"][-1] == "1 December 2026"
    parents = [row for row in rows if row[0] == "Name" and row[2] == "Relationship"]
    assert [row[1] for row in parents] == [link.member.name for link in links(mina)][:2]
    assert parents[0][-1] == "Yes ☒ No ☐"
    at = next(place for place, row in enumerate(rows) if row[:2] == ["Name", "Role"])
    assert rows[at + 1] == ["Zofia Dziedzic", "mum", "✓", "✓", "N"]
    assert rows[at + 2] == ["Dr Femi Adeyinka", "Psychologist", "✓", "", "Y"]
    first = next(place for place, row in enumerate(rows) if row[0] == "No.") + 1
    last = next(place for place, row in enumerate(rows) if row[0].startswith("Part E"))
    assert [row[0] for row in rows[first:last]] == [str(number) for number in range(1, count + 1)]
    if count:
        assert rows[first] == [
            "1",
            "Outcome 1: asks for help & says why.",
            "On track In 9 of 12 lessons.",
            "N",
        ]
    if count > 1:
        assert rows[first + 1][-1] == "Y" and rows[first + 2][-1] == ""
    assert (
        "I like" in by_label["Views of the young person"][0]
        and "& swimming." in by_label["Views of the young person"][0]
    )
    assert by_label["Sections to change"] == ["B ☒", "E ☐", "F ☒", "I ☐", "All: B, F"]
    boxes = re.findall(r'checked w14:val="(\d)"', document.element.xml)
    assert boxes == ["0", "1", "0"]  # keep, change, end: Word's own boxes
    assert "showingPlcHdr" not in document.element.xml


@pytest.mark.parametrize("count", [0, 1, 12])
def test_the_free_text_filled(world, coordinator, mina, count):
    with_outcomes(mina, world.u_keyworker, count)
    form = kept(coordinator, samples.netherwick(), authority="Netherwick")
    fill(coordinator, mina, form, **{name: value for name, value in ANSWERS.items() if "people" not in name})
    _, document = taken_out(coordinator, mina, form)
    text = words(document)
    assert "{%" not in text and "{{" not in text
    lines = [one.text for one in document.paragraphs]
    for line in (
        "Tick one: annual ☒  interim ☐  early ☐  Year 9 ☐",
        "Date of meeting ....1 December 2026....  Chair ....Imogen <b>Tarrant</b> & Osei....",
        "In care: yes ☐ no ☒",
        "17 of 20 sessions (85 %), 3 unauthorised.",
        "☐ The plan stays as it is",
        "☒ The plan is changed",
        "What should change: Section F:\na card for help.",
        "Employment: The café.",
    ):
        assert line in lines, line
    assert re.search(r"last reviewed never\.", text)
    annexes = [line for line in lines if line.startswith("Annex for outcome")]
    assert annexes == [f"Annex for outcome {number}" for number in range(1, count + 1)]
    assert document.element.xml.count('w:br w:type="page"') == count
    assert (
        f"{mina.legal_forename} {mina.legal_surname}, born 17 May 2013"
        in document.sections[0].header.paragraphs[0].text
    )
    assert document.sections[0].footer.paragraphs[0].text == "Case EHC/0413"


def links(student):
    return (
        student.family_links.filter(ended_on__isnull=True).order_by("priority", "pk").select_related("member")
    )


def test_who_took_it_out_is_kept_and_what_stays_empty_is_said(world, coordinator, mina):
    with_outcomes(mina, world.u_keyworker, 1)
    form = kept(coordinator, samples.netherwick())
    url = fill(coordinator, mina, form, views_student="Calm.")
    page = coordinator.get(url).content.decode()
    empty = re.search(r"Left empty, for a pen: (.*?)</p>", page)[1]
    assert (
        "views of the parents" in empty
        and "date of the meeting" in empty
        and "views of the student" not in empty
    )
    taken_out(coordinator, mina, form)
    row = RecordOpening.objects.filter(student_id=mina.pk, what="export").latest("pk")
    assert (row.user_name, row.detail) == (
        world.u_coordinator.name,
        "authority form: Aldershire: Annual review",
    )
    assert RecordOpening.objects.filter(student_id=mina.pk, what="authority form").exists()


def test_nothing_of_how_to_reach_the_family_where_a_court_restricts_somebody(world, coordinator, mina):
    form = kept(coordinator, short_form("{{ student.address }}|{{ parent1.phone }}|{{ parent1.name }}"))
    links(mina).filter(pk=links(mina)[0].pk).update(
        restricted_from=date(2026, 1, 1), court_restriction="Non-molestation order."
    )
    _, document = taken_out(coordinator, mina, form)
    assert document.paragraphs[0].text == f"||{links(mina)[1].member.name}"
    page = coordinator.get(reverse("reports:authority_fill", args=[mina.pk, form.pk])).content.decode()
    assert "A court restriction is in force" in page and "Mill Row" not in page


WAYS = {
    "{{ student.looked_after }}": "No",
    "{{ student.looked_after.y_n }}": "N",
    "{{ student.pupil_premium.tick }}": "✓",
    "{{ student.pupil_premium.box }}": "☒",
    "[{{ student.pupil_premium.yes }}|{{ student.pupil_premium.no }}]": "[✓|]",
    "{{ student.pupil_premium.yes.box }}{{ student.pupil_premium.no.box }}": "☒☐",
    "{{ student.sex.male.box }} {{ student.sex.female.box }}": "☐ ☒",
    "{% if student.looked_after %}in care{% else %}at home{% endif %}": "at home",
    "{% if not plan.last_review %}never{% endif %}": "never",
    "{{ parents[0].name }} {{ parents[9].name }}.": "Folake Harcastle .",
    "{% for one in parents %}{{ loop.index }}{% endfor %}": "1",
}


def test_ticks_in_each_way_that_forms_have(coordinator, mina):
    links(mina).exclude(pk=links(mina)[0].pk).delete()
    form = kept(coordinator, short_form(*WAYS))
    _, document = taken_out(coordinator, mina, form)
    assert dict(zip(WAYS, (one.text for one in document.paragraphs), strict=True)) == WAYS


def test_names_that_are_no_field_are_told_by_place_and_settled(coordinator, mina):
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Ref {{ student.ref }}"
    table = document.add_table(rows=4, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = (
        "Views of the young person",
        "{{ student.veiws }}",
    )
    table.rows[1].cells[0].text = "{%tr for parent in parents %}"
    table.rows[2].cells[0].text, table.rows[2].cells[1].text = "{{ parent.nmae }}", "{{ funding.top_up }}"
    table.rows[3].cells[0].text = "{%tr endfor %}"
    out = io.BytesIO()
    document.save(out)
    form = kept(coordinator, out.getvalue())
    url = reverse("reports:authority_form", args=[form.pk])
    page = coordinator.get(url).content.decode()
    assert "“student.veiws”, table 1, row 1, cell 2, beside “Views of the young person”" in page
    assert "“student.ref”, page header, paragraph 1 (“Ref …”)" in page
    assert "Perhaps you meant name." in page and "Perhaps you meant views of the student." in page
    assert "sex" not in " ".join(re.findall(r"Perhaps you meant (.*?)\.", page))
    said = dict(re.findall(r'for="id_(place_\d)"[^>]*>\s*“(\S+)”', page))
    box = {name: place for place, name in said.items()}
    there = reverse("reports:authority_word", args=[mina.pk, form.pk])
    assert coordinator.get(there).status_code == 302  # not before it is settled
    typed = form_of(page, "place_0")
    typed |= {box["student.veiws"]: "views.student", box["student.ref"]: "plan.case_number", box["parent.nmae"]: "name", box["funding.top_up"]: "pen"}  # fmt: skip
    assert coordinator.post(url, typed).status_code == 302
    assert (
        'name="views_student"'
        in coordinator.get(reverse("reports:authority_fill", args=[mina.pk, form.pk])).content.decode()
    )
    fill(coordinator, mina, form, views_student="Calm.")
    _, document = taken_out(coordinator, mina, form)
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[0] == ["Views of the young person", "Calm."]
    assert cells[1:] == [[link.member.name, ""] for link in links(mina)]


def test_what_is_typed_is_kept_unsent_and_no_change_undoes_anothers(world, coordinator, as_user, mina):
    form = kept(coordinator, samples.netherwick())
    url = reverse("reports:authority_fill", args=[mina.pk, form.pk])
    keyworker = as_user(world.u_keyworker)
    draft = reverse("reports:authority_draft", args=[mina.pk, form.pk])
    page = form_of(keyworker.get(url).content.decode(), "views_student")
    assert keyworker.post(draft, {**page, "views_student": "Not sent yet."}).status_code == 204
    assert Draft.objects.filter(student_id=mina.pk).exists()
    assert "Not sent yet." in keyworker.get(url).content.decode()
    fill(coordinator, mina, form, views_parents="Theirs.", views_student="Also theirs.")
    answer = keyworker.post(url, {**page, "views_student": "Mine.", "review_place": ""})
    assert answer.status_code == 409 and "Also theirs." in answer.content.decode()
    typed = form_of(answer.content.decode(), "views_student")
    choice = re.search(r'name="(choice:views_student)" value="(mine[^"]*)"', answer.content.decode())
    assert keyworker.post(url, {**typed, choice[1]: choice[2], "views_student": "Mine."}).status_code == 302
    saved = AuthorityFilling.objects.get(student=mina)
    assert (saved.answers["views.student"], saved.answers["views.parents"]) == ("Mine.", "Theirs.")
    assert saved.pgh_event_model.objects.filter(pgh_obj_id=saved.pk).count() == 2


def test_what_an_outcome_lacks_is_typed_kept_and_gives_way_to_the_record(world, coordinator, as_user, mina):
    with_outcomes(mina, world.u_keyworker, 3)  # the first is judged, the second reached
    form = kept(coordinator, samples.netherwick())
    url = reverse("reports:authority_fill", args=[mina.pk, form.pk])
    keyworker = as_user(world.u_keyworker)
    html = keyworker.get(url).content.decode()
    assert "Two outcomes are not judged in the record since the last review: their boxes" in html
    first, second, third = Outcome.objects.in_force().order_by("number")
    page = form_of(html, "views_student")
    assert "<p>Outcome 3: asks for help &amp; says why.</p>" in html
    assert f"outcomes_{first.pk}_progress" not in page and f"outcomes_{third.pk}_text" not in page
    assert f"outcomes_{second.pk}_achieved" not in page and f"outcomes_{second.pk}_progress" in page
    typed = {
        f"outcomes_{third.pk}_progress": "Begun",
        f"outcomes_{third.pk}_why": "Twice & in art.",
        f"outcomes_{third.pk}_achieved": "no",
    }
    draft = reverse("reports:authority_draft", args=[mina.pk, form.pk])
    assert keyworker.post(draft, {**page, **typed}).status_code == 204
    page = form_of(keyworker.get(url).content.decode(), "views_student")
    assert page[f"outcomes_{third.pk}_why"] == ["Twice & in art."]
    assert keyworker.post(url, page).status_code == 302
    assert not Draft.objects.filter(student_id=mina.pk).exists()
    _, document = taken_out(keyworker, mina, form)
    lines = [one.text for one in document.paragraphs]
    assert "Reached: yes ☐ no ☒. Begun. Twice & in art." in lines
    assert "Reached: yes ☐ no ☒. On track. In 9 of 12 lessons." in lines
    html = keyworker.get(url).content.decode()
    assert "progress in one word of outcome 2" in re.search(r"for a pen: (.*?)</p>", html)[1]
    Judgement.objects.create(
        outcome=third, word="not_yet", words="", made_on=date(2026, 11, 20), by=world.u_keyworker, at="2026-11-20T10:00Z"
    )  # fmt: skip
    html = keyworker.get(url).content.decode()
    assert "The record says “Not yet” by now" in html and 'value="Begun"' in html
    _, document = taken_out(keyworker, mina, form)
    # Nobody said why in the record.
    assert "Reached: yes ☐ no ☒. Not yet. Twice & in art." in [one.text for one in document.paragraphs]
    fill(coordinator, mina, form, views_student="Calm.")
    assert (
        AuthorityFilling.objects.get(student=mina).answers["outcomes"][str(third.pk)]["progress"] == "Begun"
    )


def test_any_field_that_the_record_has_empty_can_be_typed(world, coordinator, mina):
    with_outcomes(mina, world.u_keyworker, 0)
    marks = (
        "{{ plan.last_review }}",
        "{{ student.ethnicity }}",
        "{{ attendance.percent }}",
        "{{ parent1.language }}.",
    )
    form = kept(coordinator, short_form("{{ views.student }}", *marks))
    Student.objects.filter(pk=mina.pk).update(ethnicity="")
    Attendance.objects.filter(student=mina).delete()
    links(mina).update(language="")
    link = links(mina)[0]
    url = fill(
        coordinator,
        mina,
        form,
        plan_last_review="2025-12-04",
        student_ethnicity="White British",
        attendance_percent="91",
        **{f"parents_{link.pk}_language": "Yoruba"},
    )
    _, document = taken_out(coordinator, mina, form)
    assert [one.text for one in document.paragraphs][1:] == [
        "4 December 2025",
        "White British",
        "91",
        "Yoruba.",
    ]
    assert "student_name" not in coordinator.get(url).content.decode()
    Student.objects.filter(pk=mina.pk).update(ethnicity="Roma")
    _, document = taken_out(coordinator, mina, form)
    assert document.paragraphs[2].text == "Roma"


def test_how_to_reach_the_family_is_not_typed_past_a_court_restriction(world, coordinator, mina):
    link = links(mina)[0]
    link.member.mobile = link.member.phone = ""
    link.member.save(update_fields=["mobile", "phone"])
    form = kept(coordinator, short_form("{{ views.student }}", "{{ student.phone }}|{{ parent1.phone }}"))
    typed = {"student_phone": "07700 900555", f"parents_{link.pk}_phone": "07700 900556"}
    url = fill(coordinator, mina, form, **typed)
    assert taken_out(coordinator, mina, form)[1].paragraphs[1].text == "07700 900555|07700 900556"
    links(mina).exclude(pk=link.pk).update(
        restricted_from=date(2026, 1, 1), court_restriction="No contact order."
    )
    assert taken_out(coordinator, mina, form)[1].paragraphs[1].text == "|"
    html = coordinator.get(url).content.decode()
    assert "07700 90055" not in html and 'name="student_phone"' not in html


def test_what_was_typed_before_the_meeting_is_there_after_it(coordinator, mina):
    before = kept(coordinator, short_form("{{ views.student }}"), part="before")
    after = kept(coordinator, short_form("{{ views.student }} {{ review.recommendation }}"), part="after")
    fill(coordinator, mina, before, views_student="Calm.")
    page = coordinator.get(reverse("reports:authority_fill", args=[mina.pk, after.pk])).content.decode()
    assert "Calm." in page


def test_a_form_taken_out_of_use_is_offered_no_more(coordinator, mina):
    form = kept(coordinator, short_form("{{ student.name }}"))
    there = reverse("reports:authority_student", args=[mina.pk])
    assert "Annual review" in coordinator.get(there).content.decode()
    assert "Ready" in coordinator.get(reverse("reports:authority_forms")).content.decode()
    assert coordinator.post(reverse("reports:authority_form_retire", args=[form.pk])).status_code == 302
    assert "Annual review" not in coordinator.get(there).content.decode()
    assert coordinator.get(reverse("reports:authority_word", args=[mina.pk, form.pk])).status_code == 404


def test_a_pdf_is_drawn_by_the_worker(coordinator, mina, ordered, monkeypatch):
    form = kept(coordinator, short_form("{{ student.name }}"))
    url = reverse("reports:authority_pdf", args=[mina.pk, form.pk])
    monkeypatch.setattr(filling, "office", lambda: "/usr/bin/soffice")
    monkeypatch.setattr(filling, "pdf_of", lambda content: b"%PDF of " + content[:4])
    monkeypatch.setattr(filling, "pages_of", lambda pdf: 1)
    assert "It is being" in coordinator.get(url).content.decode() or len(ordered) == 1
    tasks.print_ordered(*ordered[0])
    answer = coordinator.get(url)
    assert answer["Content-Type"] == "application/pdf" and answer.content == b"%PDF of PK\x03\x04"
    assert RecordOpening.objects.filter(student_id=mina.pk, what="export").exists()
    assert Job.objects.count() == 1


def test_without_libreoffice_the_page_says_so(coordinator, mina, monkeypatch):
    form = kept(coordinator, short_form("{{ student.name }}"))
    monkeypatch.setattr(filling, "office", lambda: None)
    page = coordinator.get(reverse("reports:authority_fill", args=[mina.pk, form.pk])).content.decode()
    assert "LibreOffice is not installed" in page and "Get it as PDF" not in page
    answer = coordinator.get(reverse("reports:authority_pdf", args=[mina.pk, form.pk]), follow=True)
    assert "so there is no PDF" in answer.content.decode()


def test_all_fields_stand_on_the_page_to_copy(coordinator):
    page = coordinator.get(reverse("reports:authority_fields")).content.decode()
    for name in (
        "student.name",
        "outcome.text",
        "person.advice",
        "review.recommendation",
        "attendance.percent",
    ):
        assert f"{{{{ {name} }}}}" in page


def changed(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A plain form whose parts were changed."""
    parts = package.parts_of(short_form("{{ student.name }}"))
    change(parts)
    return package.packed(parts)


def in_body(xml: str) -> bytes:
    return changed(
        lambda parts: parts.update(
            {"word/document.xml": parts["word/document.xml"].replace(b"<w:body>", f"<w:body>{xml}".encode())}
        )
    )


def related(kind: str, target: str) -> bytes:
    link = f'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    name = "word/_rels/document.xml.rels"
    return changed(
        lambda parts: parts.update({name: parts[name].replace(b"</Relationships>", link.encode())})
    )


def typed_as(kind: bytes) -> bytes:
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    name = "[Content_Types].xml"
    return changed(lambda parts: parts.update({name: parts[name].replace(plain, kind)}))


def zipped(*more: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO(short_form("{{ student.name }}"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as made:
        for name, content in more:
            made.writestr(name, content)
    return out.getvalue()


def table(*rows: tuple[str, ...]) -> bytes:
    document = Document()
    made = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, told in zip(made.rows, rows, strict=True):
        for cell, text in zip(row.cells, told, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def field(words: str, element: str = "instrText") -> bytes:
    return in_body(
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:{element}>{words}</w:{element}></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document '
    + W.encode()
    + b"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
)
HOSTILE = {
    "not a zip": (lambda: b"Just words", "not a Word document"),
    "an old Word file": (lambda: b"\xd0\xcf\x11\xe0" + b"x" * 100, "made by an old Word"),
    "a zip of something else": (lambda: zipped()[:0] or _zip_of("a.txt"), "not a Word document"),
    "macros": (lambda: changed(lambda parts: parts.update({"word/vbaProject.bin": b"x"})), "macros"),
    "a form with macros called docx": (lambda: typed_as(b"application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
    "a template": (lambda: typed_as(b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"), "template"),
    "a template fetched": (lambda: related("attachedTemplate", "http://elsewhere.example/t.dotm"), "fetches a template"),
    "a picture fetched": (lambda: related("image", "http://elsewhere.example/p.png"), "fetches a picture"),
    "something else fetched": (lambda: related("webVideo", "http://elsewhere.example/"), "fetches something"),
    "a link to a file": (lambda: related("hyperlink", "file://server/share"), "no web or e-mail address"),
    "another program's file": (lambda: changed(lambda parts: parts.update({"word/embeddings/oleObject1.bin": b"x"})), "another program"),
    "a program": (lambda: changed(lambda parts: parts.update({"word/media/run.exe": b"MZ"})), "neither words nor a picture"),
    "DDE": (lambda: field('DDEAUTO c:\\windows\\cmd.exe "/k calc"'), "fetch or run"),
    "INCLUDETEXT": (lambda: field('INCLUDETEXT "http://elsewhere.example/a.docx"'), "fetch or run"),
    "INCLUDEPICTURE in one piece": (lambda: in_body('<w:p><w:fldSimple w:instr="INCLUDEPICTURE &quot;http://elsewhere.example&quot;"/></w:p>'), "fetch or run"),
    "a macro of a field": (lambda: in_body('<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:entryMacro w:val="Run"/></w:ffData></w:fldChar></w:r></w:p>'), "macro"),
    "entities": (lambda: changed(lambda parts: parts.update({"word/document.xml": BOMB})), "entities of its own"),
    "broken XML": (lambda: changed(lambda parts: parts.update({"word/document.xml": b"<w:document>"})), "damaged"),
    "a bomb": (lambda: zipped(("word/media/a.xml", b" " * (30 * 1024 * 1024)), ("word/media/b.xml", b" " * (30 * 1024 * 1024))), "far larger"),
    "one large part": (lambda: zipped(("word/media/a.png", b"0" * (3 * 1024 * 1024))), "far larger"),
    "many parts": (lambda: zipped(*((f"word/media/{n}.xml", b"<a/>") for n in range(401))), "more than 400 parts"),
    "a part that leads out": (lambda: zipped(("../../etc/passwd.xml", b"<a/>")), "leads out of it"),
    "a pointer": (lambda: zipped((_pointer(), b"/etc/passwd")), "pointer"),
    "twice the same part": (lambda: zipped(("WORD/document.xml", b"<a/>")), "the same name"),
    "what Python has": (lambda: short_form("{{ student.__class__.__mro__ }}"), "reaches outside"),
    "a filter": (lambda: short_form("{{ student.name|upper }}"), "more than the name of a field"),
    "a call": (lambda: short_form("{{ student.name.upper() }}"), "more than the name of a field"),
    "a sum": (lambda: short_form("{{ 9 * 9 }}"), "more than the name of a field"),
    "another file": (lambda: short_form('{% include "/etc/passwd" %}'), "no mark that Keywork knows"),
    "an import": (lambda: short_form('{% import "os" as os %}'), "no mark that Keywork knows"),
    "a macro in the marks": (lambda: short_form("{% macro a() %}{% endmacro %}"), "no mark that Keywork knows"),
    "a setting": (lambda: short_form("{% set a = 1 %}"), "no mark that Keywork knows"),
    "a comment": (lambda: short_form("{# nothing #}"), "no mark that Keywork knows"),
    "a loop over what is not offered": (lambda: short_form("{%p for one in everyone %}", "{%p endfor %}"), "no list of rows"),
    "a loop over numbers": (lambda: short_form("{%p for one in range(9) %}", "{%p endfor %}"), "no mark that Keywork knows"),
    "rows within rows": (lambda: short_form("{%p for a in outcomes %}", "{%p for b in outcomes %}", "{%p endfor %}", "{%p endfor %}"), "too deep"),
    "rows that never end": (lambda: table(("{%tr for one in outcomes %}",), ("{{ one.text }}",)), "The rows for outcomes begin in table 1, row 1, cell 1 and never end"),
    "an end without a beginning": (lambda: short_form("{%p endfor %}"), "ends something that was not begun"),
    "rows whose words would go away": (lambda: table(("{%tr for one in outcomes %} {{ one.text }}",), ("{%tr endfor %}",)), "must stand alone in its row"),
    "a mark that is not ended": (lambda: short_form("{{ student.name"), "begun and not ended"),
    "a list as words": (lambda: short_form("{{ outcomes }}"), "is a list"),
    "a mark where nothing is filled": (lambda: changed(lambda parts: parts.update({"docProps/core.xml": parts["docProps/core.xml"].replace(b"</cp:core", b"<cp:category>{{ student.name }}</cp:category></cp:core")})), "a part that is not filled"),
    "a mark in an attribute": (lambda: in_body('<w:bookmarkStart w:id="9" w:name="{{ student.name }}"/>'), "could not be listed"),
    "a mark in deleted words": (lambda: in_body("<w:p><w:del><w:r><w:delText>{{ student.name }}</w:delText></w:r></w:del></w:p>"), "could not be listed"),
    "a mark in two paragraphs": (lambda: in_body("<w:p><w:r><w:t>{</w:t></w:r></w:p><w:p><w:r><w:t>{ student.name }}</w:t></w:r></w:p>"), "begun and not ended"),
    "a mark where only an old Word looks": (lambda: in_body('<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Fallback><w:p><w:r><w:t>{{ student.upn }}</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:r></w:p>'), "could not be listed"),
    "a mark in a remark": (lambda: in_body("<!-- {{ student.name }} -->"), "could not be listed"),
    "INCLUDETEXT in words that are deleted": (lambda: field('INCLUDETEXT "http://elsewhere.example/a.docx"', "delInstrText"), "fetch or run"),
    "a picture fetched by an old drawing": (lambda: in_body('<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata src="http://elsewhere.example/p.png"/></v:shape></w:pict></w:r></w:p>'), "fetches a picture"),
    "elements within each other": (lambda: in_body("<w:p>" + "<w:smartTag>" * 300 + "</w:smartTag>" * 300 + "</w:p>"), "deeper than any form"),
    "elements far deeper in another part": (lambda: changed(lambda parts: parts.update({"word/x.xml": b"<a>" * 100_000 + b"</a>" * 100_000})), "deeper than any form"),
    "far more elements than a form": (lambda: changed(lambda parts: parts.update({"word/x.xml": b"<a>" + b"".join(b"<b%x/>" % (n * 7_919) for n in range(300_001)) + b"</a>"})), "far more in it"),
    "a damaged stream": (lambda: damaged(), "damaged"),
    "marks begun and never ended": (lambda: short_form("{%" * 40_000), "more than 1000 marks"),
    "rows without end": (lambda: in_body("<w:tbl>" + "<w:tr><w:tc><w:p><w:r><w:t>{ x</w:t></w:r></w:p></w:tc></w:tr>" * 6_000 + "</w:tbl>"), "more than 3000 rows"),
    "words without end": (lambda: zipped(("word/x.xml", words_of(5_000_000))), "longer than 6 MB"),
    "columns without end": (lambda: in_body("<w:tbl><w:tblPr/><w:tblGrid>" + "<w:gridCol/>" * 201 + "</w:tblGrid></w:tbl>"), "more than 200 columns"),
    "a page header that is named twice": (lambda: changed(two_headers), "damaged"),
    "far more elements in many parts": (lambda: changed(lambda parts: parts.update({f"word/x{n}.xml": b"<a>" + b"<b/>" * 30_000 + b"</a>" for n in range(4)})), "far more in it"),
    "paragraphs without end": (lambda: in_body("<w:p/>" * 20_001), "more than 20000 paragraphs"),
}  # fmt: skip


def words_of(count: int) -> bytes:
    """That are packed no better than those of a form are."""
    return b"<a>" + "".join(f"{n:x} " for n in range(count // 4)).encode() + b"</a>"


def two_headers(parts: dict[str, bytes]) -> None:
    link = '<Relationship Id="rId{}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/>'
    name = "word/_rels/document.xml.rels"
    links = (link.format(91) + link.format(92) + "</Relationships>").encode()
    parts[name] = parts[name].replace(b"</Relationships>", links)


def _zip_of(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, "a")
    return out.getvalue()


def damaged() -> bytes:
    """A zip whose list of parts is whole, and one part of which cannot be unpacked."""
    content = bytearray(short_form("{{ student.name }}"))
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        at = made.getinfo("word/document.xml").header_offset
    start = at + 30 + int.from_bytes(content[at + 26 : at + 28], "little") + int.from_bytes(content[at + 28 : at + 30], "little")  # fmt: skip
    content[start : start + 8] = b"\xff" * 8
    return bytes(content)


def _pointer() -> zipfile.ZipInfo:
    made = zipfile.ZipInfo("word/media/a.png")
    made.external_attr = 0o120777 << 16
    return made


# The others are looked at without a page, which is quicker.
THROUGH_THE_PAGE = (
    "not a zip",
    "an old Word file",
    "macros",
    "a template fetched",
    "a picture fetched",
    "another program's file",
    "DDE",
    "entities",
    "a bomb",
    "a part that leads out",
    "what Python has",
    "another file",
    "a loop over what is not offered",
    "rows that never end",
    "a mark in an attribute",
    "elements within each other",
    "a damaged stream",
)


@pytest.mark.parametrize("name", THROUGH_THE_PAGE)
def test_a_hostile_form_is_refused_with_a_sentence(coordinator, name):
    make, says = HOSTILE[name]
    answer = upload(coordinator, make())
    page = answer.content.decode()
    assert answer.status_code == 422 and not AuthorityForm.objects.exists()
    assert says in page, re.findall(r"invalid-feedback.*?</", page, re.S)


@pytest.mark.parametrize("name", sorted(HOSTILE.keys() - {*THROUGH_THE_PAGE}))
def test_so_is_each_other(name):
    make, says = HOSTILE[name]
    with pytest.raises(Refused, match=re.escape(says)):
        filling.checked(make())


def test_a_link_that_somebody_may_click_is_let_in():
    for content in (
        related("hyperlink", "https://aldershire.example/send"),
        field('HYPERLINK "mailto:send@aldershire.example"'),
        field("PAGE \\* MERGEFORMAT"),
    ):
        assert filling.checked(content).uses == {"student.name"}


def test_a_form_of_many_rows_is_looked_at_once():
    """Each mark and each row once: nothing is gone through again for every paragraph."""
    rows = "<w:tr><w:tc><w:p><w:r><w:t>Said { here</w:t></w:r></w:p></w:tc></w:tr>" * 2_900
    parts = package.parts_of(in_body(f"<w:tbl>{rows}</w:tbl>"))
    begun = time.process_time()
    assert marks.look_at(parts).uses == {"student.name"}
    assert time.process_time() - begun < 5  # 100 s and more where every row is listed for every other


RUN = "<w:r><w:t>a</w:t></w:r>"
CONTROL = '<w:sdt><w:sdtPr><w:tag w:val="{}"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>'
# A fifth of each that is let in: whole it took a minute before it was bounded, or was gone through again and again.
LARGE = {
    "runs": lambda: f"<w:p>{'<w:r/>' * 20_000}</w:p>",
    "words in runs": lambda: f"<w:p>{RUN * 10_000}</w:p>",
    "lines in the file": lambda: "<w:p><w:r><w:t>" + "a\n" * 500_000 + "</w:t></w:r></w:p>",
    "sections": lambda: "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>" * 3_800,
    "controls": lambda: CONTROL.format("student.name") * 190 + CONTROL.format("x") * 3_000,
    "an answer of lines in a long paragraph": lambda: (
        f"<w:p><w:r><w:t>{{{{ student.address }}}}</w:t></w:r>{RUN * 10_000}</w:p>"
    ),
    "a mark over many runs": lambda: (
        f"<w:p><w:r><w:t>{{{{ student.na</w:t></w:r>{'<w:r><w:t/></w:r>' * 10_000}<w:r><w:t>me }}}}</w:t></w:r></w:p>"
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_form_is_looked_at_once(name):
    content = unpressed(in_body(LARGE[name]()))
    begun = time.process_time()
    assert filling.checked(content).uses >= {"student.name"}
    assert (
        time.process_time() - begun < 3
    )  # 0.2 to 0.6 s on a computer that does nothing else; the square of it takes 4 and more


def unpressed(content: bytes) -> bytes:
    """The same file, packed without pressing: how far it grows says nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as pressed, zipfile.ZipFile(out, "w") as made:
        for one in pressed.namelist():
            made.writestr(one, pressed.read(one))
    return out.getvalue()


def test_marks_are_cut_out_of_words_in_one_go():
    assert marks.cut("a {{ b }} c {% if d %}{# e #}") == (
        ["{{ b }}", "{% if d %}", "{# e #}"],
        ["a ", " c ", "", ""],
    )
    assert marks.cut("}} {{ a {% b }}") == (["{{ a {% b }}"], ["}} ", ""])
    begun = time.process_time()
    assert marks.cut("{%{{" * 200_000) == ([], ["{%{{" * 200_000])
    assert time.process_time() - begun < 5


UNHELD = "\x01\x0b\x1f\ufffe\uffff\u202e"


def test_signs_that_a_word_file_cannot_hold_are_left_out(coordinator, mina):
    """Also those that turn the direction of writing: words would stand there that nobody typed."""
    form = kept(coordinator, short_form("{{ views.student }}"))
    fill(coordinator, mina, form, views_student=f"Cal{UNHELD}m.")
    typed = AuthorityFilling.objects.get(student=mina).answers["views.student"]
    assert typed == "Cal\u202em."  # as typed, but for what cannot be written in any file
    _, document = taken_out(coordinator, mina, form)
    assert document.paragraphs[0].text == "Calm."
    made = word.word(f"<body><p>Cal\x00{UNHELD}m.</p></body>", title=f"Re{UNHELD}port", made_at=datetime(2026, 12, 1, tzinfo=UTC))  # fmt: skip
    document = Document(io.BytesIO(made))
    about = document.core_properties
    assert (document.paragraphs[0].text, about.title) == ("Calm.", "Report")


def test_who_is_under_a_court_restriction_is_not_put_down(world, coordinator, as_user, mina):
    """Neither as a parent nor as a person at the review, also where the name was typed for another part of it."""
    first, second = links(mina)[0], links(mina)[1]
    before = kept(coordinator, short_form("{{ review.kind }}{{ views.student }}{% for one in people %}{{ one.name }}{% endfor %}"), part="before")  # fmt: skip
    after = kept(coordinator, short_form("{{ parent1.name }}|{{ parent2.name }}|{% for one in people %}{{ one.name }}, {% endfor %}"), part="after")  # fmt: skip
    url = reverse("reports:authority_fill", args=[mina.pk, before.pk])
    assert first.member.name in coordinator.get(url).content.decode()
    fill(coordinator, mina, before, people_0_name=first.member.name.upper(), people_1_name=second.member.name)
    links(mina).filter(pk=first.pk).update(restricted_from=date(2026, 1, 1), court_restriction="An order.")
    page = coordinator.get(reverse("reports:authority_fill", args=[mina.pk, after.pk])).content.decode()
    assert first.member.name.upper() not in page.upper() and second.member.name in page
    _, document = taken_out(coordinator, mina, after)
    assert first.member.name not in words(document)
    assert document.paragraphs[0].text.split("|")[0] == second.member.name
    AuthorityFilling.objects.all().delete()
    page = coordinator.get(url).content.decode()
    assert first.member.name not in page and second.member.name in page and "left out" not in page
    world.u_coordinator.roles = ["coordinator", "dsl"]
    world.u_coordinator.save()
    assert "is left out" in as_user(world.u_coordinator).get(url).content.decode()

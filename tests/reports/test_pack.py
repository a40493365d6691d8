"""Evidence for a needs assessment: what may go in, names covered, nothing made before it was read, one file of it all."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from docx import Document
from pypdf import PdfReader
from weasyprint.formatting_structure import boxes

from care.documents import actions as filing
from care.documents.uploads import PDF, Kept
from contacts.models import HomeContact, KeyworkSession
from keywork import clock
from keywork.access import Can
from keywork.errors import Refused
from keywork.levels import Level
from keywork.models import RecordOpening
from keywork.school import load
from outbox.models import Job
from reports import rendering, tasks
from reports.masking import Masker, names_around
from reports.models import EvidencePack
from reports.pack import actions, content, making, offers
from reports.pack.words import FIELDS, NEEDED
from students.models import FamilyLink
from tests.access.records import contact, session
from tests.forms import form_of
from tests.reports.conftest import Ordered
from tests.reports.test_paper import inside
from tests.tsp.factories import make_goal, make_score, make_sheet
from tsp.models import Tool

PAPER = rendering.pdf(
    "<!doctype html><html lang='en-GB'><head><title>A</title></head><p>A</p></html>"
).content
WRITTEN = {slug: f"{label}: words." for slug, (label, _) in FIELDS.items()}


@pytest.fixture
def pack(world):
    world.note = contact(world.mina, world.u_keyworker, notes=f"After {world.otto.name} shouted, Otto left.")
    session(world.mina, world.u_keyworker, notes="Drew the stairs.")
    make_sheet(world.mina, world.u_keyworker, Tool.VOICE, answers={"going-well": "Art."})
    make_sheet(
        world.mina,
        world.u_keyworker,
        Tool.PARENT,
        member=world.mina_mum.member,
        answers={"home-going-well": "Mornings are calmer.", "home-worries": "Kept"},
    )
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_senco, student_words="I can go back in.")
    make_score(goal, world.u_keyworker, 0, evidence="Seen in art.")
    today = clock.today()
    return actions.begin(
        student=world.mina,
        starts_on=today - timedelta(days=90),
        ends_on=today,
        authority="Aldershire",
        by=world.u_senco,
    )


@pytest.fixture
def waiting(db):
    """What the worker is asked to print; `ordered` is what has become of a pack here."""
    return Ordered()


@pytest.fixture
def senco(client, world):
    client.force_login(world.u_senco)
    return client


def rows(pack):
    pack.refresh_from_db()
    return actions.rows_of(pack, pack.begun_by)


def row(pack, key):
    return next(one for one in rows(pack) if one.item.key == key)


def read_all(pack):
    some = [one for one in rows(pack) if one.chosen and one.item.lines and not one.is_read]
    decisions = [actions.Decision(one.item.key, one.item.digest) for one in some]
    actions.read(pack=pack, decisions=decisions, by=pack.begun_by)


def finish(pack):
    actions.write(pack=pack, words=WRITTEN, authority=pack.authority, version=pack.version)
    pack.refresh_from_db()
    chosen = [one.item.key for one in rows(pack)]
    actions.choose(pack=pack, offered=chosen, wanted=chosen, version=pack.version)
    read_all(pack)
    pack.refresh_from_db()


def ordered(pack):
    finish(pack)
    actions.order(pack=pack, by=pack.begun_by, version=pack.version)
    pack.refresh_from_db()
    return pack


def frozen(pack):
    some = rows(pack)
    return content.frozen(pack, [one for one in some if one.chosen], len(some), load())


def test_what_only_some_may_read_is_never_offered_and_nothing_tells_of_it(world, pack):
    before, keys = frozen(pack), [one.item.key for one in rows(pack)]
    by, today = world.u_keyworker, clock.today()
    contact(world.mina, by, level=Level.RESTRICTED, notes="Hidden")
    session(world.mina, by, level=Level.SAFEGUARDING, notes="Hidden")
    contact(world.mina, by, needs_approval=True, notes="Hidden")
    session(world.mina, by, needs_approval=True, notes="Hidden")
    contact(world.mina, by, withheld_reason="Not for home", notes="Hidden")
    contact(world.mina, by, voided_on=today, voided_by=by, void_reason="Wrong child", notes="Hidden")
    make_sheet(world.mina, by, Tool.CIRCLE, wording="staff", answers={"more-of": "Hidden"})
    make_sheet(world.mina, by, Tool.STRENGTHS, done=False, answers={"strengths": ["Hidden"]})
    contact(world.otto, by, notes="Hidden")
    assert [one.item.key for one in rows(pack)] == keys
    assert frozen(pack) == before


def test_each_part_of_the_record_is_offered(pack):
    parts = {one.item.part for one in rows(pack)}
    assert parts >= {"views", "home", "cycles", "log"}
    assert "Kept" not in json.dumps(frozen(pack))  # what is marked as sensitive on the form


def test_what_the_student_did_not_choose_to_show_goes_in_only_when_somebody_says_so(world, pack):
    shown = make_sheet(
        world.mina, world.u_keyworker, Tool.VOICE, share_with_home=True, answers={"going-well": "Maths."}
    )
    chosen = {one.item.key: one.chosen for one in rows(pack) if one.item.part == "views"}
    assert chosen.pop(f"sheet-{shown.pk}")
    assert not any(chosen.values())
    # Left out for their sake, and not because it said nothing: the paper gives no reason that is not so.
    html = rendering.page(making.TEMPLATE, making.context(frozen(pack)))
    assert "The others were left out." in html and "say nothing about" not in html


def test_what_was_said_with_one_home_goes_to_another_only_when_somebody_says_so(world, pack, senco):
    father = FamilyLink.objects.get(student=world.mina, relationship="dad")
    mother = contact(world.mina, world.u_keyworker, member=world.mina_mum.member, with_name="Mum Home")
    keys = [f"contact-{mother.pk}", f"contact-{world.note.pk}"]
    assert [row(pack, key).chosen for key in keys] == [True, True]
    FamilyLink.objects.filter(pk=father.pk).update(
        court_restriction="", restricted_from=None, household="Elsewhere", may_receive_reports=True
    )
    assert [row(pack, key).chosen for key in keys] == [False, False]
    assert not any(one.chosen for one in rows(pack) if one.item.part == "home")
    shown = senco.get(reverse("reports:pack_items", args=[pack.pk])).content.decode()
    assert "This was with Mum Home, and another household reads the pack." in shown


def test_words_of_its_own_are_short(pack, senco):
    page = reverse("reports:pack_words", args=[pack.pk])
    shown = senco.get(page).context["form"]
    given = {name: shown[name].value() or "" for name in shown.fields}
    answer = senco.post(page, {**given, **WRITTEN, "authority": "Aldershire", "in_short": "x" * 4001})
    assert answer.status_code == 422
    assert "Make this shorter: it has 4001 characters, and there is room for 4000" in answer.content.decode()


def test_how_many_texts_are_read_is_said_in_one_sentence(pack, senco):
    page = " ".join(senco.get(f"/reports/packs/{pack.pk}/").content.decode().split())
    assert re.search(r"<p>\d+ of (one text|[a-z]+ texts|\d+ texts) read\.</p>", page)


def test_what_must_be_written_is_not_called_optional(pack, senco):
    page = senco.get(reverse("reports:pack_words", args=[pack.pk])).content.decode()
    labels = [" ".join(one.split()) for one in re.findall(r"<label[^>]*>(.*?)</label>", page, re.DOTALL)]
    may = {one.split(" <")[0] for one in labels if "(optional)" in one}
    must = {FIELDS[slug][0] for slug in NEEDED}
    assert may == {label for label, _ in FIELDS.values()} - must


def test_pasted_marks_turn_no_words_on_paper(pack):
    actions.write(
        pack=pack,
        words={**WRITTEN, "in_short": "Left \u202eright\u202c."},
        authority="A",
        version=pack.version,
    )
    html = rendering.page(making.TEMPLATE, making.context(frozen(pack)))
    assert "Left right." in html
    assert not set("\u202e\u202c") & set(html)


def test_names_of_others_are_covered_and_what_was_decided_is_kept_with_its_reason(world, pack, senco):
    key = f"contact-{world.note.pk}"
    page = reverse("reports:pack_read", args=[pack.pk])
    shown = senco.get(page).content.decode()
    assert '<span class="kw-tag">another student (A)</span>' in shown
    assert "<mark>Otto</mark>" in shown
    posted = {f"cover-{key}": "Otto", f"more-{key}": "", f"why-{key}": ""}
    refused = senco.post(page, posted)
    assert refused.status_code == 422
    assert "Say why, so that it can be told later" in refused.content.decode()
    assert senco.post(page, {**posted, f"more-{key}": "not there"}).status_code == 422
    assert senco.post(page, {**posted, f"why-{key}": "Another student."}).status_code == 302
    found = row(pack, key)
    assert found.is_read
    assert found.reading.reason == "Another student."
    words = "".join(masked.text for _, masked in found.lines)
    assert "After another student (A) shouted, another student (" in words
    [one] = [one for one in frozen(pack)["coverings"] if one["why"] == "Another student."]
    assert one["times"] == 1


def test_a_name_is_left_only_with_a_reason(world, pack):
    item = row(pack, f"contact-{world.note.pk}").item
    decision = actions.Decision(item.key, item.digest, leave=[world.otto.name])
    with pytest.raises(Refused):
        actions.read(pack=pack, decisions=[decision], by=pack.begun_by)
    given = actions.Decision(item.key, item.digest, leave=[world.otto.name], reason="Both families agreed.")
    actions.read(pack=pack, decisions=[given], by=pack.begun_by)
    assert not row(pack, item.key).covered


def test_nothing_is_made_before_all_is_written_and_read_and_read_again_when_it_changed(world, pack, senco):
    url = reverse("reports:pack_order", args=[pack.pk])
    senco.post(url, {"version": pack.version})
    pack.refresh_from_db()
    assert pack.is_open
    finish(pack)
    assert not actions.missing(pack, rows(pack))
    HomeContact.objects.filter(pk=world.note.pk).update(notes="Other words.")
    assert actions.missing(pack, rows(pack)) == ["Read 1 text for names"]
    read_all(pack)
    senco.post(url, {"version": pack.version})
    pack.refresh_from_db()
    assert not pack.is_open
    assert Job.objects.get(kind=actions.MAKE).arguments == {"pack": pack.pk}
    with pytest.raises(Refused):
        actions.choose(pack=pack, offered=[], wanted=[], version=pack.version)


def test_it_is_made_once_as_it_was_read_and_each_download_leaves_a_row(
    world, pack, senco, settings, tmp_path, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path
    drawn = []
    monkeypatch.setattr(
        making, "drawn", lambda said: drawn.append(said) or rendering.Pdf(b"%PDF-1.7 pack", 12)
    )
    ordered(pack)
    # A worker that is killed leaves a file and no row: it is made again, and the file is nobody's.
    orphan = EvidencePack(pk=pack.pk).pdf
    orphan.save("orphan.pdf", ContentFile(b"x"), save=False)
    tasks.make_evidence_pack(pack.pk)
    tasks.make_evidence_pack(pack.pk)
    pack.refresh_from_db()
    assert len(drawn) == 1
    assert drawn[0] == pack.content
    assert (pack.pages, pack.is_whole()) == (12, True)
    assert senco.get(reverse("reports:pack", args=[pack.pk])).status_code == 200
    got = senco.get(reverse("reports:pack_pdf", args=[pack.pk]))
    assert b"".join(got.streaming_content) == b"%PDF-1.7 pack"
    [left] = RecordOpening.objects.filter(what="export", student_id=world.mina.pk)
    assert left.detail == f"evidence pack, {pack.sha256[:12]}"


def test_a_new_pack_goes_on_from_the_last_one(world, pack):
    finish(pack)
    after = actions.begin(
        student=world.mina,
        starts_on=pack.starts_on,
        ends_on=pack.ends_on,
        authority="Aldershire",
        by=world.u_senco,
    )
    assert not actions.missing(after, rows(after))


def a_book(pages: int) -> bytes:
    book = pikepdf.new()
    for number in range(1, pages + 1):
        page = book.add_blank_page(page_size=(300, 500))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        words = f"/P <</MCID 0>> BDC BT /F1 12 Tf 20 400 Td (Theirs {number}) Tj ET EMC"
        page.obj.Contents = book.make_stream(words.encode())
        page.obj.StructParents = 0
    out = io.BytesIO()
    book.save(out, deterministic_id=True)
    return out.getvalue()


def test_the_whole_file_has_one_count_of_pages_and_keeps_its_tags(world, pack, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    facts = {"title": "Speech and language", "author": "A therapist", "dated_on": clock.today(), "advice": ""}
    actions.attach(pack=pack, facts=facts, pdf=ContentFile(a_book(2)), by=world.u_senco)
    ordered(pack)
    made = making.drawn(pack.content)
    assert making.drawn(pack.content).content == made.content
    with pikepdf.open(io.BytesIO(made.content)) as book:
        assert len(book.pages) == made.pages
        assert str(book.Root.Lang) == "en-GB"
        assert book.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in book.Root
        assert "Evidence for a needs assessment" in str(book.docinfo["/Title"])
        with book.open_outline() as outline:
            titles = [str(one.title) for top in outline.root for one in (top, *top.children)]
        assert {
            "What is in this pack",
            "Speech and language, 23 November 2026",
            "What was covered, and why",
        } <= set(titles)
        theirs = {}
        for page in book.pages:
            told = b"\n".join(
                pikepdf.unparse_content_stream([one]) for one in pikepdf.parse_content_stream(page, "Do")
            )
            for name in re.findall(rb"/(Attached\w+) Do", told):
                theirs[name] = page.resources.XObject[f"/{name.decode()}"].read_bytes()
        assert list(theirs) == [b"AttachedA1", b"AttachedA2"]
        assert b"Theirs 1" in theirs[b"AttachedA1"]
        assert b"Theirs 2" in theirs[b"AttachedA2"]
        assert not any(b"BDC" in one for one in theirs.values())


def test_what_is_longer_than_a_page_begins_below_its_heading_and_goes_on_below_the_head_of_its_table(pack):
    long = [["", [[" ".join(f"word{number}" for number in range(1500)), False]]]]
    told = ordered(pack).content
    told["log"] = [{**told["log"][0], "lines": long}, *told["log"]]
    told["views"] = [{**told["views"][0], "lines": long}]
    reader = PdfReader(io.BytesIO(making.drawn(told).content))
    pages = [page.extract_text().split() for page in reader.pages]
    begins = [page for page in pages if "word0" in page]
    assert len(begins) == 2 and "views" in " ".join(begins[0]) and "Chronology," in begins[1]
    last = next(number for number, page in enumerate(pages) if page is begins[1])
    going_on = [page for page in pages[last + 1 :] if any(one.startswith("word") for one in page)]
    assert len(going_on) > 1 and all("happened" in page for page in going_on), "the head comes again"


def test_the_longest_day_stays_in_its_column(pack):
    said = frozen(pack)
    said["log"] = [{**one, "on": "2026-09-30"} for one in said["log"]]
    drawn = rendering.laid_out(rendering.page(making.TEMPLATE, making.context(said)))
    cells = [
        (cell, part)
        for page in drawn.pages
        for cell in inside(page._page_box)
        if isinstance(cell, boxes.TableCellBox)
        for part in inside(cell)
        if isinstance(part, boxes.TextBox)
    ]
    assert any("30 September 2026" in part.text for _, part in cells)
    out = [
        part.text
        for cell, part in cells
        if part.position_x + part.width > cell.position_x + cell.border_width() + 1
    ]
    assert out == []


def test_words_are_masked_in_the_order_of_the_pack(world, pack):
    found = [piece for one in rows(pack) for piece in one.covered]
    assert [one.covers for one in found] == ["another student (A)"]
    assert Masker(names_around(world.mina)).mask(world.otto.name).text == "another student (A)"
    assert set(offers.PARTS) >= {one.item.part for one in rows(pack)}


def test_a_part_is_offered_to_those_who_have_its_right(world, as_user, pack, monkeypatch):
    page, items = as_user(world.u_senco), reverse("reports:pack_items", args=[pack.pk])
    key = f"session-{KeyworkSession.objects.get().pk}"
    assert key in page.get(items).content.decode()
    ready = ordered(pack)
    tasks.make_evidence_pack(ready.pk)
    file = reverse("reports:pack_pdf", args=[pack.pk])
    assert page.get(file).status_code == 200
    again = actions.begin(
        student=world.mina,
        starts_on=pack.starts_on,
        ends_on=pack.ends_on,
        authority="Aldershire",
        by=world.u_senco,
    )
    for part in ("log", "documents"):
        monkeypatch.setitem(offers.PARTS, part, replace(offers.PARTS[part], can=Can.VIEW_CIRCLE))
    items = reverse("reports:pack_items", args=[again.pk])
    listed = page.get(items).content.decode()
    assert key not in listed and offers.PARTS["log"].title not in listed
    form = form_of(listed, "seen") | {"log": [key]}
    page.post(items, form)
    read = page.get(f"{reverse('reports:pack_read', args=[again.pk])}").content.decode()
    assert "Drew the stairs." not in read
    assert not [one for one in actions.rows_of(again, world.u_senco) if one.item.part == "log"]
    assert page.get(reverse("reports:pack_documents", args=[again.pk])).status_code == 404
    assert page.get(file).status_code == 404, "what is made holds every part"


@pytest.mark.parametrize("field", ["title", "author"])
def test_the_title_of_an_attached_report_names_no_other_student(senco, world, pack, field):
    url = reverse("reports:pack_documents", args=[pack.pk])
    said = senco.get(url).content.decode()
    assert "filed to the record already" in said and reverse("reports:pack_items", args=[pack.pk]) in said
    given = {
        "title": "OT report",
        "author": "Hollis Tern",
        "dated_on": "2026-10-01",
        "looked_through": "on",
        field: f"OT report, {world.otto.name}",
    }
    refused = senco.post(url, form_of(senco.get(url).content.decode(), "title") | given)
    assert refused.status_code == 422
    assert f"“{world.otto.name}” is another student or family. Leave the name out" in refused.content.decode()
    mine = senco.post(url, given | {field: f"OT report, {world.mina.name}"})
    assert "is another student or family" not in mine.content.decode()


def test_what_was_decided_names_its_text(world, pack, senco):
    finish(pack)
    note = row(pack, f"contact-{world.note.pk}")
    decision = actions.Decision(note.item.key, note.item.digest, cover=("shouted",), reason="It tells who")
    actions.read(pack=pack, decisions=[decision], by=pack.begun_by)
    pack.refresh_from_db()
    actions.order(pack=pack, by=pack.begun_by, version=pack.version)
    page = re.sub("<[^<>]*>", " ", senco.get(reverse("reports:pack", args=[pack.pk])).content.decode())
    decided = f"{note.item.title}, Monday 23 November 2026. Covered: shouted. It tells who."
    assert decided in " ".join(page.split())


def test_once_ordered_it_is_to_be_had_in_other_forms_as_it_was_read(
    world, pack, senco, waiting, monkeypatch, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    url = reverse("reports:pack_pages", args=[pack.pk])
    ordered(pack)
    HomeContact.objects.filter(pk=world.note.pk).update(notes="Changed since.")
    page = senco.get(reverse("reports:pack", args=[pack.pk])).content.decode()
    assert f'href="{url}?word=1"' not in page  # it is not made yet
    senco.get(f"{url}?word=1")
    tasks.print_ordered(*waiting[0])
    file = senco.get(f"{url}?word=1&take=1")
    document = Document(io.BytesIO(file.content))
    words = "\n".join(cell.text for table in document.tables for line in table.rows for cell in line.cells)
    assert "After another student (A) shouted" in words and world.otto.name not in words
    assert "Changed since." not in words
    [left] = RecordOpening.objects.filter(what="export", student_id=world.mina.pk)
    assert left.detail.startswith("evidence-pack-") and left.detail.endswith(" as a Word file")
    # Who may not read a part of it is given none of it.
    monkeypatch.setitem(
        offers.PARTS, "attendance", replace(offers.PARTS["attendance"], can=Can.VIEW_SAFEGUARDING)
    )
    assert senco.get(f"{url}?word=1&take=1").status_code == 404


def test_filed_documents_are_offered_but_none_that_few_read(world, pack):
    facts = {"kind": "agency", "author": "Dr Pollard", "dated_on": clock.today()}

    def file(title, level=Level.GENERAL, words="", content_type="", ending="pdf"):
        upload = Kept(content_type, ending, PAPER) if content_type else None
        fields = {**facts, "title": title, "level": level, "words": words}
        return filing.file_document(student=world.mina, fields=fields, upload=upload, by=world.u_keyworker)

    report, note = file(f"On {world.otto.name}", content_type=PDF), file("Note", words="She rests at noon.")
    file("Secret", Level.RESTRICTED, content_type=PDF)
    file("Drawing", content_type="image/png", ending="png")
    filing.void_document(
        document=file("Wrong", words="Wrong child."), reason="Wrong child", by=world.u_keyworker
    )
    keys = {f"filed-{report.pk}": "documents", f"filed-{note.pk}": "log"}
    found = [one for one in rows(pack) if one.item.key.startswith("filed-")]
    assert {one.item.key: one.item.part for one in found} == keys and not any(one.chosen for one in found)
    lead = offers.offered(world.mina, pack.starts_on, pack.ends_on, world.u_dsl, load())
    assert {one.key for one in lead if one.key.startswith("filed-")} == set(keys), (
        "not to who reads more, either"
    )
    actions.choose(pack=pack, offered=list(keys), wanted=list(keys), version=pack.version)
    read_all(pack)
    told = frozen(pack)
    [appendix] = [one for one in told["documents"] if one["title"] == "Report from outside school"]
    assert appendix["pages"] == 1 and any("She rests at noon." in json.dumps(one) for one in told["log"])
    assert world.otto.name not in json.dumps([told["documents"], told["index"]]), "a title may name somebody"

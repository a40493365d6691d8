"""EHC plans: versions that stay as they were, outcomes, who sees and keeps them, and the document."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from PIL import Image

from care.actions import ehc_plan as actions
from care.models import EhcPlan, Outcome
from keywork.access import Can, allows
from keywork.errors import ChangedMeanwhile
from keywork.models import RecordOpening
from students.uploads import without_metadata
from tests import world as cast
from tests.access.records import outcome, plan, shared
from tests.forms import form_of


def _pdf() -> bytes:
    """A plan of one page, with what programs write beside it."""
    book, out = pikepdf.new(), io.BytesIO()
    book.add_blank_page()
    with book.open_metadata() as about:
        about["dc:creator"] = ["Mina's mother"]
    book.docinfo["/Author"] = "Mina's mother"
    book.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    book.attachments["secret.txt"] = b"attached"
    book.save(out, deterministic_id=True)
    return out.getvalue()


def _photo_pdf() -> bytes:
    """A page with a photograph that says where it was taken, to itself and to the PDF."""
    picture, out = io.BytesIO(), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Mina's garden"
    Image.new("RGB", (8, 8), "red").save(picture, "JPEG", exif=exif, comment=b"Mina's garden")
    book = pikepdf.new()
    page = book.add_blank_page()
    drawn = pikepdf.Stream(
        book,
        picture.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=8,
        Height=8,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
        Metadata=pikepdf.Stream(book, b"<x>Mina's garden</x>"),
    )
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=drawn))
    book.save(out)
    return out.getvalue()


def test_a_picture_in_a_pdf_loses_where_it_was_taken_and_nothing_else():
    raw = _photo_pdf()
    assert raw.count(b"Mina's garden") >= 2
    kept = without_metadata(io.BytesIO(raw)).read()
    assert b"garden" not in kept
    with pikepdf.open(io.BytesIO(kept)) as book:
        picture = book.pages[0].obj.Resources.XObject.I
        assert b"garden" not in picture.read_raw_bytes() and "/Metadata" not in picture
        drawn = pikepdf.PdfImage(picture).as_pil_image()
    assert drawn.size == (8, 8) and drawn.getpixel((4, 4))[0] > 240


def test_a_link_in_a_pdf_leads_and_runs_nothing():
    book, out, name = pikepdf.new(), io.BytesIO(), pikepdf.Name
    page = book.add_blank_page()

    def link(**does):
        facts = {"Type": name.Annot, "Subtype": name.Link, "Rect": [0, 0, 9, 9], "AA": pikepdf.Dictionary()}
        return pikepdf.Dictionary(**facts, A=pikepdf.Dictionary(**does))

    leads = link(S=name.URI, URI="https://example.org/")
    runs = [link(S=name.JavaScript, JS="app.alert()"), book.make_indirect(link(S=name.Launch, F="cmd.exe"))]
    page.obj.Annots = pikepdf.Array([leads, *runs, link(S=name.URI, URI="x", Next=pikepdf.Dictionary())])
    book.save(out)
    with pikepdf.open(io.BytesIO(without_metadata(io.BytesIO(out.getvalue())).read())) as kept:
        does = [one.get("/A") for one in kept.pages[0].obj.Annots]
        assert [str(one.URI) if one is not None else None for one in does] == [
            "https://example.org/",
            None,
            None,
            None,
        ]
        assert not any("/AA" in one for one in kept.pages[0].obj.Annots)


def test_nothing_in_a_pdf_runs_plays_or_holds_a_file():
    """XFA, attachments, what plays, scripts where they hide: in a form, a bookmark, an address; content kept elsewhere."""
    book, out, name, made = pikepdf.new(), io.BytesIO(), pikepdf.Name, pikepdf.Dictionary
    page = book.add_blank_page()
    file = made(Type=name.Filespec, F="evil.exe", EF=made(F=pikepdf.Stream(book, b"Evil file")))
    script = made(S=name.JavaScript, JS="app.alert('Evil script')")

    def note(kind, **facts):
        return made(Type=name.Annot, Subtype=pikepdf.Name(f"/{kind}"), Rect=[0, 0, 9, 9], **facts)

    play = book.make_indirect(note("RichMedia", RichMediaContent=made(Assets=made(Names=["a", file]))))
    field = book.make_indirect(note("Widget", FT=name.Tx, T="a", AA=made(K=script)))
    page.obj.Annots = book.make_indirect(
        pikepdf.Array(
            [
                note("FileAttachment", FS=file), play, note("Popup", Parent=play), note("Movie", Movie=made(F=file)),
                note("Screen", A=made(S=name.Rendition, R=made())), note("Sound", Sound=pikepdf.Stream(book, b"Evil")),
                note("Link", A=made(S=name.URI, URI="javascript:alert('Evil')")),
                note("Link", A=made(S=name.SetOCGState), PA=made(S=name.URI, URI="javascript:'Evil'")), field,
                note("Link", A=made(S=name.URI, URI="https://example.org/")),
            ]
        )
    )  # fmt: skip
    packet = pikepdf.Stream(book, b"<xdp>Evil form</xdp>")
    book.Root.AcroForm = made(XFA=["preamble", packet, "script", packet], Fields=[field], AA=made(C=script))
    book.Root.NeedsRendering = True
    book.Root.AF = pikepdf.Array([file])
    book.Root.Collection = made(View=name.D)
    page.obj.Contents = book.make_stream(b"q Q", F=made(F="\\\\evil.example\\Evil"), FFilter=name.FlateDecode)
    page.obj.PresSteps = made(NA=script)
    book.Root.Names = made(JavaScript=made(Names=["a", script]), EmbeddedFiles=made(Names=["b", file]))
    book.save(out)
    raw = without_metadata(io.BytesIO(out.getvalue())).read()
    with pikepdf.open(io.BytesIO(raw)) as kept:
        streams = [one.read_bytes() for one in kept.objects if isinstance(one, pikepdf.Stream)]
        said = "".join(str(one.unparse(resolved=True)) for one in kept.objects) + repr(streams)
        assert not any(
            word in said for word in ("Evil", "/XFA", "/EF", "RichMedia", "/JS", "Rendition", "/AF", "/AA")
        )
        notes = [
            (str(one.Subtype), str(one.A.URI) if "/A" in one else "") for one in kept.pages[0].obj.Annots
        ]
        assert notes == [
            ("/Popup", ""), ("/Link", ""), ("/Link", ""), ("/Widget", ""), ("/Link", "https://example.org/"),
        ]  # fmt: skip
        assert "/Collection" not in kept.Root and "/NeedsRendering" not in kept.Root


PDF = _pdf()
KEPT = without_metadata(io.BytesIO(PDF)).read()
WORDS = "Mina asks for help in most lessons."
FACTS = {
    "plan_type": "ehcp",
    "issued_on": "2026-11-02",
    "next_review_on": "2027-10-01",
    "la_reference": "NY/1",
}
GIVEN = {
    "number": "3",
    "text": "Mina travels a known route.",
    "area_of_need": "sensory_physical",
    "pfa": ["independent_living", "community"],
    "target_on": "2027-08-31",
}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def first(world) -> EhcPlan:
    made = plan(world.mina, world.u_senco)
    outcome(made, text=WORDS)
    outcome(
        made,
        number=2,
        text="Mina reads a timetable.",
        area_of_need="cognition_learning",
        pfa=[],
        status="achieved",
        closed_on=date(2026, 7, 3),
    )
    return made


@pytest.fixture
def senco(world, as_user):
    return as_user(world.u_senco)


def to(name: str, student, **more) -> str:
    return reverse(f"care:{name}", kwargs={"pk": student.pk, **more})


def bytes_of(number: int) -> list[tuple]:
    """Every column of a version and its outcomes as Postgres keeps them, and the bytes of its document."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text, p.xmin::text FROM care_ehcplan p WHERE number = %s", [number])
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT o::text, o.xmin::text FROM care_outcome o JOIN care_ehcplan p ON p.id = o.plan_id "
            "WHERE p.number = %s ORDER BY o.id",
            [number],
        )
        rows += cursor.fetchall()
    return [*rows, *((one.pdf.read(),) for one in EhcPlan.objects.filter(number=number) if one.pdf)]


def second(first: EhcPlan, by, carry=None, **fields) -> EhcPlan:
    outcomes = list(first.outcomes.all())
    return actions.add_plan(
        student=first.student,
        fields={"issued_on": date(2026, 11, 2), "next_review_on": None, **fields},
        carry=[one.pk for one in outcomes] if carry is None else carry,
        seen=actions.seen_as(first, outcomes),
        by=by,
    )


class TestReading:
    def test_outcomes_in_words(self, world, first, as_user):
        page = as_user(world.u_member).get(to("plan", world.mina)).content.decode()
        assert WORDS in page and "Communication and interaction" in page and "Independent living" in page
        assert "Achieved on" in page and "Friday 3 July 2026" in page
        assert first.la_reference in page and "Friday 7 May 2027" in page
        assert to("plan_add", world.mina) not in page  # reads, does not keep

    def test_a_review_that_is_late(self, world, first, senco):
        EhcPlan.objects.update(next_review_on=cast.TODAY - timedelta(days=1))
        assert "Overdue" in senco.get(to("plan", world.mina)).content.decode()
        EhcPlan.objects.update(next_review_on=cast.TODAY)
        assert "Overdue" not in senco.get(to("plan", world.mina)).content.decode()

    def test_none_yet(self, world, senco, as_user):
        assert to("plan_add", world.mina) in senco.get(to("plan", world.mina)).content.decode()
        page = as_user(world.u_member).get(to("plan", world.mina)).content.decode()
        assert "No EHC plan is kept here yet" in page and to("plan_add", world.mina) not in page
        assert senco.get(to("outcome_add", world.mina)).status_code == 404

    def test_every_opening_is_kept(self, world, first, as_user):
        client = as_user(world.u_member)
        client.get(to("plan", world.mina))
        client.get(to("plan_pdf", world.mina, number=1))
        assert list(
            RecordOpening.objects.order_by("pk").values_list("user_id", "student_id", "what", "detail")
        ) == [
            (world.u_member.pk, world.mina.pk, "plan", "version 1"),
            (world.u_member.pk, world.mina.pk, "plan", "PDF of version 1"),
        ]

    def test_the_same_queries_for_one_outcome_and_fifty(self, world, first, senco, django_assert_num_queries):
        Outcome.objects.filter(number=2).delete()
        url = to("plan", world.mina)
        senco.get(url)
        with django_assert_num_queries(9):
            senco.get(url)
        for number in range(2, 51):
            outcome(first, number=number)
        newest = second(first, world.u_senco)
        for _ in range(3):
            newest = actions.add_plan(
                student=world.mina,
                fields={"issued_on": cast.TODAY},
                carry=newest.outcomes.values_list("pk", flat=True),
                seen=actions.seen_as(newest, newest.outcomes.all()),
                by=world.u_senco,
            )
        with django_assert_num_queries(9):
            page = senco.get(url)
        assert page.content.decode().count('id="outcome-') == 50

    @pytest.mark.parametrize("who", ["keyworker_other", "former", "future", "staff_parent", "admin"])
    def test_somebody_elses_plan_is_like_none(self, world, first, as_user, who):
        client = as_user(world.users[who])
        for name, more in (("plan", {}), ("plan_version", {"number": 1}), ("plan_pdf", {"number": 1})):
            assert client.get(to(name, world.mina, **more)).status_code == 404
        assert not RecordOpening.objects.exists()

    def test_the_tab_only_for_those_it_opens_to(self, world, first, as_user):
        for who, there in (("teacher", False), ("keyworker", True), ("admin", False)):
            page = (
                as_user(world.users[who])
                .get(reverse("students:record", args=[world.mina.pk]))
                .content.decode()
            )
            assert (to("plan", world.mina) in page) is there

    def test_cover_reads_it_and_keeps_nothing(self, world, first, as_user):
        shared(world.mina, world.u_future, "cover", world.u_dsl)
        client = as_user(world.u_future)
        assert client.get(to("plan", world.mina)).status_code == 200
        assert client.get(to("plan_add", world.mina)).status_code == 404


class TestVersions:
    def test_a_new_version_copies_what_is_ticked_and_leaves_the_old_one_to_the_byte(
        self, world, first, senco
    ):
        before = bytes_of(1)
        page = senco.get(to("plan_add", world.mina))
        kept = first.outcomes.get(number=1)
        form = page.context["form"]
        assert form.initial["carry"] == [str(kept.pk)]  # what is achieved stays behind unless ticked
        assert "Mina reads a timetable. (achieved)" in page.content.decode()

        sent = {**FACTS, "carry": [kept.pk], "seen": form["seen"].value()}
        answer = senco.post(to("plan_add", world.mina), sent)
        assert answer["Location"] == to("plan", world.mina)
        newest = EhcPlan.objects.current().get()
        copy = newest.outcomes.get()
        assert (newest.number, newest.created_by, newest.la_reference) == (2, world.u_senco, "NY/1")
        assert (copy.same_as, copy.text, copy.pfa) == (kept, WORDS, ["independent_living"])

        senco.post(
            to("outcome_edit", world.mina, outcome_id=copy.pk),
            {**GIVEN, "number": 1, "text": "Reworded."},
        )
        senco.post(
            to("outcome_status", world.mina, outcome_id=copy.pk),
            {"status": "achieved", "closed_on": "2026-11-20"},
        )
        senco.post(to("outcome_add", world.mina), GIVEN)
        senco.post(
            to("plan_edit", world.mina, number=2),
            {**FACTS, "pdf": SimpleUploadedFile("a.pdf", PDF)},
        )
        assert sorted(newest.outcomes.values_list("text", "status")) == [
            ("Mina travels a known route.", "open"),
            ("Reworded.", "achieved"),
        ]
        assert EhcPlan.objects.current().get().pdf.read() == KEPT
        assert bytes_of(1) == before

    def test_old_versions_are_read_and_only_read(self, world, first, senco):
        newest = second(first, world.u_senco)
        newest.outcomes.filter(number=1).update(text="Reworded.")
        now = senco.get(to("plan", world.mina)).content.decode()
        assert "Reworded." in now and "It was outcome 1" in now and WORDS in now
        then = senco.get(to("plan_version", world.mina, number=1)).content.decode()
        assert "kept as it was" in then and WORDS in then and "Reworded." not in then
        assert to("plan_edit", world.mina, number=1) not in then and "/outcomes/" not in then
        assert senco.get(to("plan_version", world.mina, number=3)).status_code == 404

    @pytest.mark.parametrize(
        ("name", "sent"),
        [
            ("plan_edit", {**FACTS}),
            ("outcome_edit", {**GIVEN}),
            (
                "outcome_status",
                {"status": "ceased", "closed_on": "2026-11-20", "closed_note": "x"},
            ),
            ("outcome_remove", {}),
        ],
    )
    def test_nobody_changes_an_old_one(self, world, first, senco, name, sent):
        second(first, world.u_senco)
        before = bytes_of(1)
        more = {"number": 1} if name == "plan_edit" else {"outcome_id": first.outcomes.get(number=1).pk}
        answer = senco.post(to(name, world.mina, **more), sent)
        assert answer.status_code == 409
        assert "followed by a newer one" in answer.content.decode()
        assert bytes_of(1) == before

    def test_nor_does_a_write_past_the_actions(self, world, first):
        newest = second(first, world.u_senco)
        old = first.outcomes.get(number=1)
        writes = (
            lambda: EhcPlan.objects.filter(pk=first.pk).update(la_reference="other"),
            lambda: Outcome.objects.filter(pk=old.pk).update(text="other"),
            lambda: Outcome.objects.filter(number=1, plan=newest).update(plan=first),
            lambda: outcome(first, number=9),
            lambda: Outcome.objects.filter(plan=first).delete(),
            lambda: EhcPlan.objects.filter(pk=first.pk).delete(),
        )
        before = bytes_of(1)
        for write in writes:
            with pytest.raises(IntegrityError), transaction.atomic():
                write()
        assert bytes_of(1) == before

    def test_an_outcome_continues_only_one_of_the_version_before(self, world, first):
        theirs = outcome(plan(world.otto, world.u_senco))
        newest = second(first, world.u_senco, carry=())
        for wrong in (theirs, outcome(newest)):
            with pytest.raises(IntegrityError), transaction.atomic():
                outcome(newest, number=8, same_as=wrong)
        outcome(newest, number=8, same_as=first.outcomes.get(number=1))
        with pytest.raises(IntegrityError), transaction.atomic():
            outcome(newest, number=9, same_as=first.outcomes.get(number=1))

    def test_what_was_saved_meanwhile_is_not_left_out(self, world, first, senco):
        seen = senco.get(to("plan_add", world.mina)).context["form"]["seen"].value()
        added = actions.add_outcome(
            plan=first, fields={"number": 3, "text": "New.", "area_of_need": "semh"}, by=world.u_keyworker
        )
        answer = senco.post(to("plan_add", world.mina), {**FACTS, "seen": seen})
        page = answer.content.decode()
        assert answer.status_code == 409 and "Somebody changed this while you were writing" in page
        assert f'value="{added.pk}"' in page and EhcPlan.objects.count() == 1
        sent = {**FACTS, "seen": answer.context["form"]["seen"].value(), "carry": [added.pk]}
        assert senco.post(to("plan_add", world.mina), sent).status_code == 302

    def test_pressed_twice_it_is_one_version(self, world, first):
        second(first, world.u_senco)
        with pytest.raises(ChangedMeanwhile):
            second(first, world.u_senco)
        assert EhcPlan.objects.count() == 2

    def test_a_forged_outcome_is_not_carried(self, world, first, senco):
        theirs = outcome(plan(world.otto, world.u_senco))
        seen = senco.get(to("plan_add", world.mina)).context["form"]["seen"].value()
        answer = senco.post(to("plan_add", world.mina), {**FACTS, "seen": seen, "carry": [theirs.pk]})
        assert answer.status_code == 422 and EhcPlan.objects.filter(student=world.mina).count() == 1

    def test_history_says_who(self, world, first, senco):
        one = first.outcomes.get(number=1)
        senco.post(to("outcome_edit", world.mina, outcome_id=one.pk), {**GIVEN, "number": 1})
        event = one.events.order_by("pgh_id").last()
        assert event.text == GIVEN["text"] and event.pgh_context.metadata["user"] == world.u_senco.pk


class TestWriting:
    def test_the_first_plan(self, world, senco):
        sent = {**FACTS, "seen": "0", "pdf": SimpleUploadedFile("Mina Harcastle.pdf", PDF)}
        answer = senco.post(to("plan_add", world.mina), sent, follow=True)
        made = EhcPlan.objects.get()
        assert "Add its outcomes next" in answer.content.decode()
        assert (made.student, made.number, made.issued_on) == (world.mina, 1, date(2026, 11, 2))
        assert re.fullmatch(r"[\w/]*/\w{24}\.pdf", made.pdf.name)

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"issued_on": ""}, "Write the date on the plan"),
            ({"issued_on": "2026-11-24"}, "Choose a date that is today or earlier"),
            ({"issued_on": "2026-05-06"}, "Version 1 was issued on 7 May 2026"),
            ({"next_review_on": "2026-11-02"}, "Choose a day after the date issued"),
            ({"reviewed_on": "2026-11-24"}, "Choose a date that is today or earlier"),
            ({"reviewed_on": "2026-11-01"}, "Choose the date issued, or a later day"),
            ({"reviewed_on": "soon"}, "Write a real date"),
            (
                {"reviewed_on": "2026-11-20", "next_review_on": "2026-11-20"},
                "Choose a day after the last review",
            ),
            ({"plan_type": "isp"}, "Choose one of the answers"),
        ],
    )
    def test_refused_with_what_was_typed(self, world, first, senco, changed, words):
        seen = senco.get(to("plan_add", world.mina)).context["form"]["seen"].value()
        answer = senco.post(to("plan_add", world.mina), {**FACTS, "seen": seen, **changed})
        page = answer.content.decode()
        assert answer.status_code == 422 and words in page and "NY/1" in page
        assert EhcPlan.objects.count() == 1

    def test_the_last_review_is_written_down_and_stays_with_its_version(self, world, first, senco):
        assert "No review since it was issued" in senco.get(to("plan", world.mina)).content.decode()
        outcomes = bytes_of(1)[1:3]
        edit = to("plan_edit", world.mina, number=1)
        sent = {**FACTS, "issued_on": "2026-05-07", "reviewed_on": "2026-11-23"}
        assert senco.post(edit, sent).status_code == 302
        page = senco.get(to("plan", world.mina)).content.decode()
        assert "Last reviewed on" in page and "Monday 23 November 2026" in page
        assert 'value="2026-11-23"' in senco.get(edit).content.decode()
        assert bytes_of(1)[1:3] == outcomes  # a review by itself changes no outcome
        first.refresh_from_db()
        newest = second(first, world.u_senco, issued_on=cast.TODAY)
        assert newest.reviewed_on is None and newest.since == cast.TODAY
        first.refresh_from_db()
        assert first.reviewed_on == first.since == cast.TODAY

    @pytest.mark.parametrize(
        "wrong",
        [
            {"reviewed_on": date(2026, 5, 6)},
            {"reviewed_on": date(2026, 11, 20), "next_review_on": date(2026, 11, 20)},
        ],
    )
    def test_the_database_keeps_the_days_in_order(self, world, first, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            EhcPlan.objects.filter(pk=first.pk).update(**wrong)

    def test_another_kind_of_plan_is_one_more_entry(self, world, senco, monkeypatch):
        from care import plan_types

        monkeypatch.setitem(
            plan_types.PLAN_TYPES,
            "isp",
            plan_types.PlanType("isp", "individual support plan", "Outcomes", "school"),
        )
        assert "individual support plan" in senco.get(to("plan_add", world.mina)).content.decode()
        senco.post(to("plan_add", world.mina), {**FACTS, "plan_type": "isp", "seen": "0"})
        assert "individual support plan, version 1" in senco.get(to("plan", world.mina)).content.decode()

    def test_an_outcome_is_added_changed_and_taken_out(self, world, first, senco):
        assert senco.get(to("outcome_add", world.mina)).context["form"]["number"].value() == 3
        answer = senco.post(to("outcome_add", world.mina), GIVEN)
        made = first.outcomes.get(number=3)
        assert answer["Location"].endswith(f"#outcome-{made.pk}")
        assert (made.pfa, made.target_on) == (["independent_living", "community"], date(2027, 8, 31))
        senco.post(
            to("outcome_edit", world.mina, outcome_id=made.pk),
            {**GIVEN, "pfa": [], "number": 4},
        )
        made.refresh_from_db()
        assert (made.number, made.pfa, made.version) == (4, [], 2)
        url = to("outcome_remove", world.mina, outcome_id=made.pk)
        assert "out of the plan?" in senco.get(url).content.decode()
        assert senco.post(url).status_code == 302
        assert first.outcomes.count() == 2

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"number": "1"}, "Outcome 1 is in this version already"),
            ({"number": "0"}, "Numbers go from 1 to 99"),
            ({"target_on": "0026-12-14"}, "Look at the year"),
            ({"text": " "}, "Write the outcome as the plan words it"),
            ({"area_of_need": ""}, "Choose the area of need"),
            ({"area_of_need": "other"}, "Choose one of the answers"),
            ({"pfa": ["wealth"]}, "Choose one of the answers"),
        ],
    )
    def test_an_outcome_refused(self, world, first, senco, changed, words):
        answer = senco.post(to("outcome_add", world.mina), {**GIVEN, **changed})
        assert answer.status_code == 422 and words in answer.content.decode()
        assert first.outcomes.count() == 2

    def test_two_writers_and_nothing_lost(self, world, first, senco, as_user):
        one = first.outcomes.get(number=1)
        url = to("outcome_edit", world.mina, outcome_id=one.pk)
        mine = form_of(senco.get(url).content.decode(), "target_on") | {"text": "Mine."}
        as_user(world.u_keyworker).post(url, {**GIVEN, "number": 1, "text": "Theirs."})
        answer = senco.post(url, mine)
        page = answer.content.decode()
        assert answer.status_code == 409 and "Mine." in page and "Theirs." in page
        one.refresh_from_db()
        assert one.text == "Theirs."
        theirs = re.search(r'name="(choice:text)" value="(theirs[^"]+)"', page)
        assert senco.post(url, form_of(page, "target_on") | {theirs[1]: theirs[2]}).status_code == 302
        one.refresh_from_db()
        assert one.text == "Theirs."

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"status": "achieved", "closed_on": ""}, "Write the day"),
            ({"status": "achieved", "closed_on": "2026-11-24"}, "today or earlier"),
            ({"status": "ceased", "closed_on": "2026-11-20"}, "Say why it is no longer sought"),
            ({"status": "gone", "closed_on": "2026-11-20"}, "Choose one of the answers"),
        ],
    )
    def test_how_it_ended_is_asked(self, world, first, senco, given, words):
        one = first.outcomes.get(number=1)
        answer = senco.post(to("outcome_status", world.mina, outcome_id=one.pk), {**given})
        assert answer.status_code == 422 and words in answer.content.decode()
        one.refresh_from_db()
        assert one.status == "open"

    def test_ended_shown_and_opened_again(self, world, first, senco):
        one = first.outcomes.get(number=1)
        url = to("outcome_status", world.mina, outcome_id=one.pk)
        sent = {
            "status": "ceased",
            "closed_on": "2026-11-20",
            "closed_note": "Agreed with home.",
        }
        page = senco.post(url, sent, follow=True).content.decode()
        assert (
            "No longer sought" in page and "Agreed with home." in page and "Friday 20 November 2026" in page
        )
        senco.post(url, {**sent, "status": "open"})
        one.refresh_from_db()
        assert (one.status, one.closed_on, one.closed_note) == ("open", None, "")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"closed_on": date(2026, 11, 20)},
            {"status": "achieved"},
            {"status": "ceased", "closed_on": date(2026, 11, 20)},
            {"area_of_need": "other"},
            {"pfa": ["wealth"]},
            {"text": ""},
            {"number": 1},
        ],
    )
    def test_the_database_refuses_what_cannot_be_said(self, first, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            outcome(first, **{"number": 7, **wrong})

    def test_another_students_outcome_is_not_here(self, world, first, as_user):
        theirs = outcome(plan(world.otto, world.u_senco))
        client = as_user(world.u_head)
        for name in ("outcome_edit", "outcome_status", "outcome_remove"):
            assert client.post(to(name, world.mina, outcome_id=theirs.pk), GIVEN).status_code == 404

    @pytest.mark.parametrize("who", ["teacher", "mentor", "member", "dsl", "slt", "admin", "former"])
    def test_readers_do_not_write(self, world, first, as_user, who):
        client = as_user(world.users[who])
        assert client.post(to("outcome_add", world.mina), GIVEN).status_code in (403, 404)
        assert first.outcomes.count() == 2
        assert not allows(world.users[who], Can.EDIT_PLANS, world.mina)


class TestDocument:
    def attach(self, senco, world, file, **more):
        return senco.post(to("plan_edit", world.mina, number=1), {**FACTS, "pdf": file, **more})

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"<html><script>alert(1)</script></html>", "not a PDF"),
            (b"<svg onload=alert(1)>%PDF-1.7", "not a PDF"),
            (b"MZ\x90\x00" + PDF, "not a PDF"),
            (b"%PDF", "not a PDF"),
            (PDF[:200], "damaged or locked"),
            (b"", "empty"),
            (PDF + b"\0" * (20 * 1024 * 1024), "larger than 20 MB"),
        ],
        ids=["html", "svg", "program", "short", "cut", "empty", "large"],
    )
    def test_only_a_pdf_of_a_fair_size(self, world, first, senco, data, words):
        before = first.pdf.name
        answer = self.attach(senco, world, SimpleUploadedFile("plan.pdf", data, "application/pdf"))
        assert answer.status_code == 422 and words in answer.content.decode()
        assert EhcPlan.objects.get().pdf.name == before

    def test_served_as_what_it_is(self, world, first, senco):
        self.attach(senco, world, SimpleUploadedFile("../../evil<b>.html", PDF, "text/html"))
        answer = senco.get(to("plan_pdf", world.mina, number=1))
        assert b"".join(answer.streaming_content) == KEPT
        assert answer["Content-Type"] == "application/pdf"
        assert (
            answer["X-Content-Type-Options"] == "nosniff" and answer["Cache-Control"] == "no-store, private"
        )
        assert answer["Content-Disposition"] == 'attachment; filename="ehcp-version-1.pdf"'
        assert answer["Content-Security-Policy"].startswith("sandbox")
        with pikepdf.open(io.BytesIO(KEPT)) as book:
            assert len(book.pages) == 1 and not dict(book.docinfo) and not dict(book.attachments)
            assert "/Metadata" not in book.Root and "/OpenAction" not in book.Root
        assert b"Mina" not in KEPT
        assert re.fullmatch(r"[\w/]*/\w{24}\.pdf", EhcPlan.objects.get().pdf.name)

    def test_replaced_and_removed(self, world, first, senco, eager, django_capture_on_commit_callbacks):
        storage, old = first.pdf.storage, first.pdf.name
        with django_capture_on_commit_callbacks(execute=True):
            self.attach(senco, world, SimpleUploadedFile("b.pdf", PDF))
        now = EhcPlan.objects.get().pdf.name
        assert not storage.exists(old) and storage.exists(now)
        with django_capture_on_commit_callbacks(execute=True):
            self.attach(senco, world, "", remove_pdf="on")
        assert not EhcPlan.objects.get().pdf and not storage.exists(now)
        assert senco.get(to("plan_pdf", world.mina, number=1)).status_code == 404
        assert "No PDF of this version is attached" in senco.get(to("plan", world.mina)).content.decode()

    def test_saved_by_someone_meanwhile_no_file_takes_its_place(self, world, first, senco):
        before, url = first.pdf.name, to("plan_edit", world.mina, number=1)
        mine = form_of(senco.get(url).content.decode(), "issued_on") | {"la_reference": "Mine"}
        senco.post(url, {**FACTS, "la_reference": "Theirs"})
        answer = senco.post(url, {**mine, "pdf": SimpleUploadedFile("b.pdf", PDF)})
        assert answer.status_code == 409 and EhcPlan.objects.get().pdf.name == before

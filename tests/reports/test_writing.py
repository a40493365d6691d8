"""A report that the keyworker writes: filled from the record, checked, approved, printed, released."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from html import escape, unescape

import pikepdf
import pytest
from celery import current_app
from django.template.loader import render_to_string
from django.urls import reverse
from docx import Document

from keywork import clock
from keywork.errors import Refused
from keywork.models import Draft, RecordOpening
from outbox.kinds import NotDone
from outbox.models import Job
from reports import rendering
from reports.actions import make_reports, order_batch
from reports.kinds import WRITTEN
from reports.models import Batch, Recipient, Report, WrittenLine, WrittenReport
from reports.sections import _nothing
from reports.tasks import begin_reports, print_ordered
from reports.writing import actions, views
from reports.writing.review_period import notify_writers
from students.models import Attendance, FamilyLink
from tests import world as cast
from tests.forms import form_of
from tests.reports import every_kind
from tests.tsp.factories import make_evidence, make_goal, make_outcome, make_point, make_sheet
from tsp.models import Evidence, Tool
from tsp.questions.templates import current

TERM = "2026-27-autumn"
NEEDED = {
    "own-words": "I like the library because it is quiet.",
    "being-here": "Came to school on 54 of 57 days.",
    "at-home": "Use the same words: is it too loud?",
    "next-term": "A third lunch each week, with someone new.",
}


@pytest.fixture
def mina(world):
    point = make_point(world.mina, world.u_keyworker)
    for day, words in ((8, "Asked for help once."), (9, "Asked twice."), (10, "Asked by herself.")):
        make_evidence(point, world.u_keyworker, current().in_use[0].slug, on=date(2026, 11, day), words=words)
    make_goal(world.mina, world.u_keyworker, checker=world.u_senco, student_words="I want to say no.")
    return world.mina


@pytest.fixture
def report(world, mina):
    return actions.begin(student=mina, kind="tsp-termly", term=TERM, by=world.u_keyworker)


@pytest.fixture
def whole(report, world):
    """With words in each section that needs them."""
    for section, words in NEEDED.items():
        actions.write_section(
            report=report, section=section, wanted=actions.Wanted({}, [], [words]), by=world.u_keyworker
        )
    report.refresh_from_db()
    return report


@pytest.fixture
def sent(whole, world):
    return actions.send(report=whole, by=world.u_keyworker, version=whole.version)


def lines(report, section):
    return list(report.lines.filter(section=section).order_by("place", "pk"))


def as_posted(form_page, **changes):
    """What a browser would post of the page's form, with changes."""
    data = {name: value for name, value in form_page.context["form"].initial.items()}
    form = form_page.context["form"]
    data = {
        form.add_prefix(name): bound.value()
        for name, bound in ((name, form[name]) for name in form.fields)
        if bound.value() not in (None, False, "")
    }
    return {**data, **changes}


def test_it_begins_with_the_record_and_says_where_each_line_is_from(client, world, mina):
    client.force_login(world.u_keyworker)
    page = client.post(
        reverse("reports:written_begin", args=[mina.pk]), {"kind": "tsp-termly", "term": TERM}, follow=True
    )
    said = page.content.decode()
    assert "Asked by herself." in said and "Asked twice." in said
    assert "1 line not in it" in said  # two dated examples: the third waits to be put in
    assert "As in the record. " in said and "Example written down by" in said
    again = actions.begin(student=mina, kind="tsp-termly", term=TERM, by=world.u_keyworker)
    assert WrittenReport.objects.get() == again
    assert RecordOpening.objects.filter(student_id=mina.pk, what="written report").exists()


def test_where_figures_are_from_is_one_link_away(client, world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Attendance.objects.create(
        student=world.mina, starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 6), source="MIS", possible=10, attended=9
    )  # fmt: skip
    every_kind.build(world)
    client.force_login(world.u_keyworker)
    linked, opened = {}, set()
    for row in WrittenReport.objects.all():
        page = client.get(reverse("reports:written", args=[row.pk])).content.decode()
        for section in WRITTEN[row.kind].sections:
            [card] = re.findall(rf'<article [^>]*id="s-{section.key}">.*?</article>', page, re.S)
            there = re.search(r"From the record: (.*?)</p>", card, re.S)
            linked[row.kind, section.key] = bool(there)
            urls = {unescape(url) for url in re.findall(r'href="([^"#]+)', there[1])} if there else set()
            alone = client.get(
                reverse("reports:written_section", args=[row.pk, section.key])
            ).content.decode()
            assert all(f'href="{escape(url)}' in alone for url in urls), section.key
            opened |= urls
        assert 'people/#attendance">Attendance: MIS.</a>' in page or row.kind == "ilsa"
    # Every section with figures of its own says where they are from; the others are lines, each with its link.
    with_facts = {
        (kind.slug, one.key)
        for kind in WRITTEN.values()
        for one in kind.sections
        if one.facts is not _nothing
    }
    assert {key for key, found in linked.items() if found} == with_facts
    assert {client.get(url).status_code for url in opened} == {200} and len(opened) >= 6
    log = next(url for url in opened if "kind=contact" in url)
    assert f"term={TERM}" in log and "Home contacts</option>" in client.get(log).content.decode()


def test_words_are_changed_left_out_and_added_and_nothing_is_lost(client, world, report):
    first, second, third = lines(report, "gone-well")
    client.force_login(world.u_keyworker)
    url = reverse("reports:written_section", args=[report.pk, "gone-well"])
    page = client.get(url)
    posted = as_posted(page, new="He held a door.\n\nHe sang.", stay="on")
    posted[f"words-{third.pk}"] = "Now asks by himself."
    posted[f"out-{second.pk}"] = "on"
    posted.pop(f"out-{first.pk}")  # put back in
    assert client.post(url, posted).status_code == 302
    first, second, third, *own = lines(report, "gone-well")
    assert not first.is_left_out and second.is_left_out
    assert (third.words, third.recorded) == ("Now asks by himself.", "Asked by herself.")
    assert [one.text for one in own] == ["He held a door.", "He sang."]
    said = client.get(reverse("reports:written", args=[report.pk])).content.decode()
    assert "The record says: Asked by herself." in said
    assert "Added, with nothing in the record behind it" in said


def test_filled_again_what_was_written_stays_and_what_is_gone_goes_out(world, report):
    _, gone, last = lines(report, "gone-well")
    wanted = actions.Wanted({last.pk: "In my words."}, [])
    actions.write_section(report=report, section="gone-well", wanted=wanted, by=world.u_keyworker)
    for line in (gone, last):
        point_evidence = line.key.removeprefix("evidence-")
        Evidence.objects.filter(pk=point_evidence).update(
            removed_at=clock.now(), removed_by=world.u_keyworker
        )
    report.refresh_from_db()
    actions.fill_again(
        report=report, starts_on=report.starts_on, ends_on=report.ends_on, version=report.version
    )
    _, gone, last = lines(report, "gone-well")
    assert gone.is_left_out
    assert not last.is_left_out and last.text == "In my words."


def test_it_is_not_sent_before_every_section_says_something(client, world, report):
    client.force_login(world.u_keyworker)
    page = client.post(
        reverse("reports:written_send", args=[report.pk]), {"version": report.version}, follow=True
    )
    assert "Nothing is written yet in “In my words”, “Being here and joining in”" in page.content.decode()
    report.refresh_from_db()
    assert report.state == "draft"


def test_it_is_sent_back_with_words_then_approved_and_printed(client, world, sent):
    client.force_login(world.u_coordinator)
    page = client.post(
        reverse("reports:written_send_back", args=[sent.pk]), {"version": sent.version, "comment": ""}
    )
    assert page.status_code == 422 and "Say what to change" in page.content.decode()
    client.post(
        reverse("reports:written_send_back", args=[sent.pk]),
        {"version": sent.version, "comment": "Can “gone well” have dates?"},
    )
    client.force_login(world.u_keyworker)
    said = client.get(reverse("reports:written", args=[sent.pk])).content.decode()
    assert "asks for a change" in said and "Can “gone well” have dates?" in said
    sent.refresh_from_db()
    client.post(reverse("reports:written_send", args=[sent.pk]), {"version": sent.version})
    sent.refresh_from_db()
    client.force_login(world.u_coordinator)
    page = client.post(reverse("reports:written_approve", args=[sent.pk]), {"version": sent.version})
    batch = Batch.objects.get()
    assert page.url == reverse("reports:batch", args=[batch.pk])
    sent.refresh_from_db()
    assert sent.is_approved and sent.decided_by == world.u_coordinator


def test_who_sent_it_does_not_approve_it(client, world, whole):
    """One coordinator: the Head does. Neither its own page, nor the list of many, nor a forged post lets them."""
    mine = actions.send(report=whole, by=world.u_coordinator, version=whole.version)
    client.force_login(world.u_coordinator)
    page = client.get(reverse("reports:written", args=[mine.pk])).content.decode()
    assert f"so somebody else approves it: {world.u_head.name}." in page and ">Approve<" not in page
    listed = client.get(reverse("reports:written_list"))
    assert not listed.context["waiting"] and listed.context["sent"] == [mine]
    assert "No report is being written." in client.get(reverse("portal:coordinator")).content.decode()
    ticked = client.post(reverse("reports:written_list"), {"reports": [f"{mine.pk}-{mine.version}"]})
    assert ticked.status_code == 422
    forged = client.post(
        reverse("reports:written_approve", args=[mine.pk]), {"version": mine.version}, follow=True
    )
    assert "somebody else approves it" in forged.content.decode()
    mine.refresh_from_db()
    assert mine.state == "sent"
    client.force_login(world.u_head)
    assert len(client.get(reverse("reports:written_list")).context["waiting"]) == 1
    client.post(reverse("reports:written_approve", args=[mine.pk]), {"version": mine.version})
    mine.refresh_from_db()
    assert mine.is_approved and mine.decided_by == world.u_head


def test_nothing_is_written_while_it_is_checked(client, world, sent):
    client.force_login(world.u_keyworker)
    url = reverse("reports:written_section", args=[sent.pk, "at-home"])
    line = lines(sent, "at-home")[0]
    page = client.post(url, {f"words-{line.pk}": "Other words."})
    assert "Take it back first" in page.content.decode()
    assert ">\nOther words.</textarea>" in page.content.decode(), "what was typed stays on the page"
    assert "You left these words here unsent." in client.get(url).content.decode()
    client.post(reverse("reports:written_take_back", args=[sent.pk]), {"version": sent.version})
    again = client.get(url).content.decode()
    assert "This is what you left unfinished" in again and "Other words." in again
    line.refresh_from_db()
    assert line.text == NEEDED["at-home"]
    client.post(reverse("reports:written_take_back", args=[sent.pk]), {"version": sent.version})
    assert client.post(url, {f"words-{line.pk}": "Other words."}).status_code == 302


def test_the_page_of_before_approves_nothing(client, world, sent):
    client.force_login(world.u_coordinator)
    page = client.post(
        reverse("reports:written_approve", args=[sent.pk]), {"version": sent.version - 1}, follow=True
    )
    assert "while you were" in page.content.decode()
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_the_keyworker_approves_nothing(client, world, sent):
    client.force_login(world.u_keyworker)
    assert client.post(reverse("reports:written_approve", args=[sent.pk])).status_code == 403
    page = client.post(reverse("reports:written_list"), {"reports": [sent.pk]})
    assert page.status_code == 422
    sent.refresh_from_db()
    assert sent.state == "sent"


@pytest.fixture
def approved(sent, world):
    (batch,) = actions.approve(reports=[sent], by=world.u_coordinator)
    return batch


def test_what_is_printed_is_what_was_approved_whatever_changes_after(approved, world, sent, monkeypatch):

    printed = []
    monkeypatch.setattr(
        rendering, "pdf", lambda html: printed.append(html) or rendering.Pdf(html.encode(), 1)
    )
    Evidence.objects.update(words="Something else.")
    make_reports(batch=approved, student_ids=[sent.student_id])
    made = Report.objects.filter(batch=approved)
    assert made.count() == len(printed) > 0
    assert all(len(one.printed_with) == 12 for one in made)
    assert all("Asked by herself." in html and "Something else." not in html for html in printed)
    assert all(words in html for html in printed for words in ("A third lunch", "I want to say no."))


def test_a_student_whose_report_is_not_approved_is_named(world, sent, rf):
    batch = order_batch(kind="tsp-termly", term=TERM, students=[sent.student], by=world.u_coordinator)
    with pytest.raises(NotDone):
        make_reports(batch=batch, student_ids=[sent.student_id])
    assert "not approved" in batch.students.get().error.lower() or batch.students.get().state == "failed"
    assert not Report.objects.exists()


def test_what_a_student_shared_with_one_household_is_in_no_other(world, mina):
    links = FamilyLink.objects.filter(student=mina, may_receive_reports=True, ended_on__isnull=True)
    mum = links.order_by("priority").first().member_id
    sheet = make_sheet(
        mina,
        world.u_keyworker,
        Tool.VOICE,
        answers={"going-well": "Art. I like the quiet."},
        share_with_home=True,
        shared_with=[mum],
    )
    report = actions.begin(student=mina, kind="tsp-termly", term=TERM, by=world.u_keyworker)
    assert [one.shared_with for one in lines(report, "own-words")] == [[mum]], sheet
    papers = {
        tuple(home["readers"]): views.paper(report.pk, place, report.started_by_id).html
        for place, home in enumerate(views.build.homes_of(report))
    }
    for readers, html in papers.items():
        assert ("I like the quiet." in html) == (set(readers) <= {mum})


def test_a_home_without_contact_is_not_told_that_no_home_had_one():
    home = {"count": 0, "for_somebody": True, "interval": 14}
    said = " ".join(render_to_string("reports/_paper_in_touch.html", {"home": home}).split())
    assert "No contact with your home is written down for this term." in said


def test_of_two_homes_the_longest_silence_of_both_is_told_to_neither(world, mina):
    report = actions.begin(student=mina, kind="tsp-termly", term=TERM, by=world.u_keyworker)
    homes = next(
        facts["homes"] for facts in report.facts.values() if isinstance(facts, dict) and "homes" in facts
    )
    assert len(homes) > 1 and [home["longest"] for home in homes] == [None] * len(homes)
    assert "The longest time without a word" not in views.paper(report.pk, 0, report.started_by_id).html


def test_what_was_not_shared_with_home_is_not_offered(world, mina):
    make_sheet(mina, world.u_keyworker, Tool.VOICE, answers={"going-well": "A secret."})
    report = actions.begin(student=mina, kind="tsp-termly", term=TERM, by=world.u_keyworker)
    assert "A secret." not in [one.recorded for one in lines(report, "own-words")]


def test_in_the_reviews_each_is_begun_once_and_everybody_is_told_once(world, mina):
    with clock.frozen(date(2026, 11, 26)):
        assert begin_reports() == 0
    with clock.frozen(date(2026, 12, 2)):
        begun = begin_reports()
        assert begun == WrittenReport.objects.count() > 0
        assert begin_reports() == 0
        job = Job.objects.get(kind="reports.to_write")
        letters = list(notify_writers(**job.arguments))
        assert len({letter.to for letter in letters}) == len(letters)
        told = {str(getattr(letter.to, "email", letter.to)): letter.body for letter in letters}
        assert world.u_keyworker.email in told and world.u_coordinator.email in told
        assert not any(world.mina.surname in body for body in told.values())
        # One of two students has a keyworker; what has gone well is filled from the record of hers alone.
        mine, all_ = told[world.u_keyworker.email], told[world.u_coordinator.email]
        assert mine.startswith("1 report for Autumn term 2026/27 is begun and waits for your words")
        assert "Still missing: “In my words”, “Being here and joining in” and “What home can do”." in mine
        assert all_.startswith(f"{begun} reports for Autumn term 2026/27 are begun and wait for words")
        assert f"“In my words” in {begun}" in all_ and f"“What has gone well” in {begun - 1}" in all_
        assert "Nothing leaves without your approval." in all_


def test_by_itself_drafts_are_begun_told_and_nothing_leaves(client, world, mina, settings):
    """As beat sends it: by the name of the task in its timetable."""
    with clock.frozen(date(2026, 12, 2)):
        current_app.tasks[settings.CELERY_BEAT_SCHEDULE["reports-begin"]["task"]]()
        client.force_login(world.u_keyworker)
        assert "One report waits for your words." in client.get(reverse("portal:today")).content.decode()
        listed = client.get(reverse("reports:written_list")).content.decode()
        assert "Nothing yet in: In my words" in listed
        client.force_login(world.u_coordinator)
        home = client.get(reverse("portal:coordinator")).content.decode()
        drafts = WrittenReport.objects.count()
        assert drafts == 2 and "Two reports are being written." in home
        listed = client.get(reverse("reports:written_list")).content.decode()
        assert f"Two reports. Still missing: “In my words” in {drafts}" in listed
        for row in WrittenReport.objects.all():
            answer = client.post(
                reverse("reports:written_approve", args=[row.pk]), {"version": row.version}, follow=True
            )
            assert "waits to be checked any more" in answer.content.decode()
        ordered = client.post(reverse("reports:list"), {"kind": "tsp-termly", "term": TERM, "who": "all"})
        assert ordered.status_code == 422
        client.force_login(world.u_parent)
        assert "Report for home" not in client.get(reverse("portal:family"), follow=True).content.decode()
        assert not Report.objects.exists() and not Batch.objects.exists() and not Recipient.objects.exists()


def test_a_section_that_must_say_something_is_not_called_optional(client, world, report):
    client.force_login(world.u_keyworker)
    url = reverse("reports:written_section", args=[report.pk, "at-home"])
    assert "(optional)" not in client.get(url).content.decode().split("<main")[1]
    wanted = actions.Wanted({}, [], ["Say it once."])
    actions.write_section(report=report, section="at-home", wanted=wanted, by=world.u_keyworker)
    assert "(optional)" in client.get(url).content.decode()


def test_two_who_write_the_same_line_both_see_it(client, world, report):
    line = lines(report, "gone-well")[-1]
    client.force_login(world.u_keyworker)
    url = reverse("reports:written_section", args=[report.pk, "gone-well"])
    first, second = as_posted(client.get(url)), as_posted(client.get(url))
    client.post(url, {**first, f"words-{line.pk}": "Mine."})
    client.force_login(world.u_coordinator)
    page = client.post(url, {**second, f"words-{line.pk}": "Theirs."})
    assert page.status_code == 409
    assert WrittenLine.objects.get(pk=line.pk).words == "Mine."


def test_queries_do_not_grow_with_the_reports(
    client, world, report, django_assert_max_num_queries, django_assert_num_queries
):
    client.force_login(world.u_coordinator)
    client.get(reverse("reports:written_list"))
    with django_assert_max_num_queries(30) as few:
        client.get(reverse("reports:written_list"))
    for number in range(3):
        student = cast.make_student("Another", f"Number{number}")
        actions.begin(student=student, kind="tsp-termly", term=TERM, by=world.u_keyworker)
    with django_assert_num_queries(len(few)):
        client.get(reverse("reports:written_list"))


def test_the_same_words_are_to_be_had_in_word(client, world, approved, sent, monkeypatch):
    monkeypatch.setattr(rendering, "pdf", lambda html: rendering.Pdf(b"%PDF", 1))
    make_reports(batch=approved, student_ids=[sent.student_id])
    report = Report.objects.filter(batch=approved).first()
    client.force_login(world.u_keyworker)
    files = [client.get(reverse("reports:word", args=[report.pk])).content for _ in range(2)]
    assert files[0] == files[1]
    document = Document(io.BytesIO(files[0]))
    said = "\n".join(one.text for one in document.paragraphs)
    assert "Asked by herself." in said and "I want to say no." in said
    assert [one.text for one in document.paragraphs if one.style.name == "Heading 1"] == [
        f"{sent.student.known_as}’s autumn term 2026/27"
    ]
    assert document.core_properties.title == report.title


def test_the_first_pages_say_what_waits(client, world, sent):
    client.force_login(world.u_coordinator)
    assert "One report waits to be checked" in client.get(reverse("portal:coordinator")).content.decode()
    actions.send_back(report=sent, comment="Dates?", by=world.u_coordinator, version=sent.version)
    client.force_login(world.u_keyworker)
    said = client.get(reverse("portal:today")).content.decode()
    assert "One report waits for your words: it was sent back." in said


def test_an_order_is_to_be_had_in_one_file(client, world, approved, sent):
    make_reports(batch=approved, student_ids=[sent.student_id])
    made = list(Report.objects.filter(batch=approved).order_by("pk"))
    client.force_login(world.u_coordinator)
    page = client.get(reverse("reports:batch_zip", args=[approved.pk]))
    with zipfile.ZipFile(io.BytesIO(page.content)) as archive:
        assert [archive.read(name)[:5] for name in archive.namelist()] == [b"%PDF-"] * len(made)
        assert archive.namelist() == [
            f"{number:03}-Min-H-report-for-home-{TERM}-{one.pk}.pdf" for number, one in enumerate(made, 1)
        ]
    one = client.get(reverse("reports:pdf", args=[made[0].pk]))["Content-Disposition"]
    assert one == f'inline; filename="Min-H-report-for-home-{TERM}-{made[0].pk}.pdf"'
    page = client.get(reverse("reports:batch_print", args=[approved.pk]))
    with pikepdf.open(io.BytesIO(page.content)) as pdf:
        assert len(pdf.pages) == sum(one.pages for one in made)
        assert str(pdf.docinfo["/Title"]) and str(pdf.Root.Lang) == "en-GB"
        with pdf.open_outline() as outline:
            assert [one.title for one in outline.root] == [one.title for one in made]
        with pdf.open_outline() as outline:
            assert [one.title for one in outline.root] == [one.title for one in made]
    made[0].pdf.storage.delete(made[0].pdf.name)
    said = client.get(reverse("reports:batch_zip", args=[approved.pk]), follow=True).content.decode()
    assert "is missing or damaged" in said


def test_what_to_change_is_kept_while_it_is_typed(as_user, world, sent):
    client, url = as_user(world.u_coordinator), reverse("reports:written_send_back", args=[sent.pk])

    def page() -> str:
        answer = client.get(url, follow=True)
        assert answer.redirect_chain == [(f"{reverse('reports:written', args=[sent.pk])}#back", 302)]
        return answer.content.decode()

    kept_at = re.search(r'data-draft-url="([^"]+)"', page())[1]
    typed = form_of(page(), "comment") | {"comment": "Can “gone well” have dates?"}
    assert client.post(kept_at, typed).status_code == 204
    form = form_of(page(), "comment")
    assert form["comment"] == ["Can “gone well” have dates?"]
    other = as_user(world.u_head).get(url, follow=True).content.decode()
    assert "have dates?" not in other

    # Read anew after it was taken back and sent again, the words stand and the version is the one that is read.
    back = actions.take_back(report=sent, by=world.u_keyworker, version=sent.version)
    actions.send(report=back, by=world.u_keyworker, version=back.version)
    late = as_user(world.u_coordinator).post(url, form)
    assert "have dates?" in late.content.decode() and late.status_code == 409
    again = form_of(late.content.decode(), "comment")
    assert as_user(world.u_coordinator).post(url, again).status_code == 302
    sent.refresh_from_db()
    assert sent.is_written and not Draft.objects.exists()


def test_sent_back_after_approval_nobody_gets_what_was_made_before(client, world, approved, sent, drawn_once):
    make_reports(batch=approved, student_ids=[sent.student_id])
    sent.refresh_from_db()
    client.force_login(world.u_coordinator)
    client.post(
        reverse("reports:written_send_back", args=[sent.pk]),
        {"version": sent.version, "comment": "The wrong child is named."},
    )
    assert not Report.objects.releasable().filter(batch=approved).exists()
    report = Report.objects.filter(batch=approved).first()
    page = client.get(reverse("reports:word", args=[report.pk]), follow=True)
    assert "It is being written anew" in page.content.decode()


def test_many_are_approved_only_as_they_were_read(client, world, sent):
    client.force_login(world.u_coordinator)
    url = reverse("reports:written_list")
    assert f'value="{sent.pk}-{sent.version}"' in client.get(url).content.decode()
    ticked = f"{sent.pk}-{sent.version}"
    back = actions.take_back(report=sent, by=world.u_keyworker, version=sent.version)
    wanted = actions.Wanted({}, [], ["Not read by anybody."])
    back = actions.write_section(report=back, section="at-home", wanted=wanted, by=world.u_keyworker)
    actions.send(report=back, by=world.u_keyworker, version=back.version)
    page = client.post(url, {"reports": [ticked]})
    assert page.status_code == 422 and "nothing is approved" in page.content.decode()
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_of_two_kinds_approved_together_both_orders_are_led_to(client, world, sent):
    make_outcome(world.mina, world.u_keyworker)
    other = actions.begin(student=world.mina, kind="annual-review", term=TERM, by=world.u_keyworker)
    for section in actions.missing(other, list(other.lines.all())):
        asked = {line.pk: "Words." for line in lines(other, section.key) if not line.text}
        wanted = actions.Wanted(asked, [], [] if asked else ["Words."])
        actions.write_section(report=other, section=section.key, wanted=wanted, by=world.u_keyworker)
    other.refresh_from_db()
    other = actions.send(report=other, by=world.u_keyworker, version=other.version)
    client.force_login(world.u_coordinator)
    url = reverse("reports:written_list")
    ticked = [f"{one.pk}-{one.version}" for one in (sent, other)]
    answer = client.post(url, {"reports": ticked}, follow=True)
    assert answer.redirect_chain[0][0] == reverse("reports:list")
    told = answer.content.decode()
    assert (
        "in 2 orders: Report for home (autumn term 2026/27) and Annual-review report (autumn term 2026/27)."
        in told
    )
    orders = Batch.objects.all()
    assert {one.kind for one in orders} == {"tsp-termly", "annual-review"}
    for one in orders:
        assert reverse("reports:batch", args=[one.pk]) in told


@pytest.fixture
def shared(world, mina):
    """A voice sheet shared with the mother alone, and its line in a report, in the writer's words."""
    mum = FamilyLink.objects.filter(student=mina, may_receive_reports=True).order_by("priority").first()
    sheet = make_sheet(
        mina,
        world.u_keyworker,
        Tool.VOICE,
        answers={"going-well": "Art. I like the quiet."},
        share_with_home=True,
        shared_with=[mum.member_id],
    )
    report = actions.begin(student=mina, kind="tsp-termly", term=TERM, by=world.u_keyworker)
    (line,) = lines(report, "own-words")
    wanted = actions.Wanted({line.pk: "She likes art, and quiet."}, [])
    actions.write_section(report=report, section="own-words", wanted=wanted, by=world.u_keyworker)
    for section, words in NEEDED.items():
        actions.write_section(
            report=report, section=section, wanted=actions.Wanted({}, [], [words]), by=world.u_keyworker
        )
    report.refresh_from_db()
    return sheet, report, mum


def test_what_a_student_shares_no_longer_goes_out_whatever_was_written_of_it(world, shared):
    sheet, report, _ = shared
    sent = actions.send(report=report, by=world.u_keyworker, version=report.version)
    sheet.share_with_home, sheet.shared_with = False, []
    sheet.save()
    with pytest.raises(Refused, match="other people who may read"):
        actions.approve(reports=[sent], by=world.u_coordinator)
    back = actions.send_back(report=sent, comment="Again.", by=world.u_coordinator, version=sent.version)
    again = actions.send(report=back, by=world.u_keyworker, version=back.version)
    assert lines(again, "own-words")[0].is_left_out
    assert actions.approve(reports=[again], by=world.u_coordinator)


def test_who_joins_the_household_later_gets_no_copy_written_for_others(world, shared, drawn_once):
    _, report, mum = shared
    sent = actions.send(report=report, by=world.u_keyworker, version=report.version)
    (batch,) = actions.approve(reports=[sent], by=world.u_coordinator)
    make_reports(batch=batch, student_ids=[report.student_id])
    copy = next(one for one in Report.objects.filter(batch=batch) if one.is_for(mum))
    later = cast.make_family(report.student, "Joanne", "Later", household=mum.household or "")
    mum.refresh_from_db()
    assert copy.is_for(mum) and not copy.is_for(later)


def test_a_line_that_names_another_child_waits_for_the_writer(client, world, mina):
    point = mina.tsp_points.get()
    words = f"{world.otto.legal_forename} {world.otto.legal_surname} let her go first."
    make_evidence(point, world.u_keyworker, current().in_use[0].slug, on=date(2026, 11, 20), words=words)
    report = actions.begin(student=mina, kind="tsp-termly", term=TERM, by=world.u_keyworker)
    line = lines(report, "gone-well")[-1]
    assert line.is_left_out and world.otto.legal_surname not in line.recorded
    actions.write_section(
        report=report, section="at-home", wanted=actions.Wanted({}, [], [words]), by=world.u_keyworker
    )
    client.force_login(world.u_keyworker)
    said = client.get(reverse("reports:written", args=[report.pk])).content.decode()
    assert "Is somebody else’s child named here?" in said


def test_filled_from_other_days_and_back_all_stands_as_before(world, report):
    before = {line.key: line.is_left_out for line in report.lines.all()}
    for first, last in ((date(2019, 1, 7), date(2019, 2, 1)), (report.starts_on, report.ends_on)):
        report.refresh_from_db()
        actions.fill_again(report=report, starts_on=first, ends_on=last, version=report.version)
    assert {line.key: line.is_left_out for line in report.lines.all()} == before


def test_a_long_line_of_the_record_blocks_nothing(client, world, mina):
    make_sheet(mina, world.u_keyworker, Tool.OBSERVATION, answers={"what-happened": "Asked. " * 300})
    report = actions.begin(student=mina, kind="tsp-termly", term=TERM, by=world.u_keyworker)
    client.force_login(world.u_keyworker)
    url = reverse("reports:written_section", args=[report.pk, "gone-well"])
    assert client.post(url, as_posted(client.get(url))).status_code == 302


def test_two_versions_are_compared_word_by_word(client, world, sent):
    """What the coordinator sent back, and what came again: told to eyes and ears."""
    client.force_login(world.u_coordinator)
    client.post(
        reverse("reports:written_send_back", args=[sent.pk]), {"version": sent.version, "comment": "Dates?"}
    )
    client.force_login(world.u_keyworker)
    url = reverse("reports:written_section", args=[sent.pk, "gone-well"])
    out, *_, last = lines(sent, "gone-well")
    posted = as_posted(client.get(url), new="He held a door.", stay="on")
    posted |= {f"words-{last.pk}": "Asked twice by herself.", f"out-{lines(sent, 'gone-well')[1].pk}": "on"}
    posted.pop(f"out-{out.pk}")
    client.post(url, posted)
    page = client.get(reverse("reports:written", args=[sent.pk]))
    url = reverse("reports:written_compare", args=[sent.pk])
    assert url in page.content.decode()
    past = page.content.decode().partition('id="past"')[2].partition("</section>")[0]
    page = client.get(url)
    assert f"Version {page.context['before'].number}: sent back" in past and "<ol" not in past
    assert "(sent back, " in page.content.decode() and world.u_coordinator.name in page.content.decode()
    (part,) = page.context["parts"]
    assert part.title == "What has gone well" and part.kept == 0
    assert [(one.what, one.before, one.after) for one in part.changes] == [
        ("Put back", "", "Asked for help once."),
        ("Left out", "Asked twice.", ""),
        ("Changed", "Asked by herself.", "Asked twice by herself."),
        ("New", "", "He held a door."),
    ]
    said = " ".join(page.content.decode().split())
    assert (
        'Asked <ins><span class="visually-hidden">[put in: </span>twice<span class="visually-hidden">]'
        "</span></ins> by herself." in said
    )
    assert '<del><span class="visually-hidden">[taken out: </span>Asked twice.' in said
    newest = page.context["after"].number
    same = client.get(url, {"from": newest, "to": newest}).content.decode()
    assert "Nothing changed" in same
    assert client.get(url, {"from": "x", "to": 10**30}).context["after"].number == newest


def test_every_version_is_there_with_what_the_record_said_then(client, world, report):
    actions.write_section(
        report=report,
        section="at-home",
        wanted=actions.Wanted({}, [], ["Say it once."]),
        by=world.u_keyworker,
    )
    report.refresh_from_db()
    goal = report.student.goals.get()
    goal.student_words = "I want to say no to noise."
    goal.save()
    actions.fill_again(
        report=report, starts_on=date(2026, 9, 14), ends_on=report.ends_on, version=report.version
    )
    client.force_login(world.u_keyworker)
    page = client.get(reverse("reports:written_compare", args=[report.pk]))
    assert [one.number for one in page.context["versions"]] == [3, 2, 1]
    found = {part.title: part.changes for part in page.context["parts"]}
    assert found["Days of the record"][0].before.startswith("From Monday 7 September")
    new, gone = (one for one in found["Goals"] if "no" in one.label)
    assert new.label == "“I want to say no to noise.”" and new.after and not new.before
    assert gone.label == "“I want to say no.”" and gone.before == new.after
    assert [one.after for one in found["What home can do"]] == ["Say it once."]
    first = client.get(reverse("reports:written_compare", args=[report.pk]), {"from": 1, "to": 2})
    assert [part.title for part in first.context["parts"]] == ["What home can do"]


def test_a_draft_is_to_be_had_as_a_word_file(client, world, whole, ordered):
    client.force_login(world.u_keyworker)
    address = reverse("reports:written_pages", args=[whole.pk, 0])
    assert (
        f'href="{address}?word=1"' in client.get(reverse("reports:written", args=[whole.pk])).content.decode()
    )
    client.get(f"{address}?word=1")
    print_ordered(*ordered[0])
    file = client.get(f"{address}?word=1&take=1")
    assert file["Content-Disposition"] == f'attachment; filename="Min-H-report-for-home-{TERM}.docx"'
    document = Document(io.BytesIO(file.content))
    words = "\n".join(one.text for one in document.paragraphs)
    assert NEEDED["at-home"] in words
    left = RecordOpening.objects.get(what="export", student_id=whole.student_id)
    assert left.detail == f"report-for-home-{TERM} as a Word file"


def test_the_pages_are_there_in_large_print(client, world, report, ordered, monkeypatch):
    client.force_login(world.u_keyworker)
    address = reverse("reports:written_pages", args=[report.pk, 0])
    page = client.get(reverse("reports:written", args=[report.pk])).content.decode()
    assert f'href="{address}?large=1"' in page
    client.get(f"{address}?large=1")
    drawn: list[float] = []

    def written(document, zoom=1):
        drawn.append(zoom)
        return rendering.Pdf(b"%PDF", 1)

    monkeypatch.setattr(rendering, "written", written)
    print_ordered(*ordered[0])
    assert drawn == [rendering.LARGE]
    assert client.get(f"{address}?large=1")["Content-Type"] == "application/pdf"
    assert client.get(address)["Content-Type"].startswith("text/html")  # a paper of its own

"""How paper looks: every kind of document the product makes is laid out, and its boxes are measured."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from weasyprint.formatting_structure import boxes

from care.models import EhcPlan
from ilsa import templates
from ilsa.models import Assessment
from keywork import clock, school
from keywork.models import Assignment, StaffAbsence, User
from reports import contact_log, letters, paper_form, rendering
from reports.kinds import KINDS, MADE_AT_ONCE, WRITTEN
from reports.models import Recipient, Report
from reports.writing import actions
from students.models import FamilyLink
from tests.access.records import contact, session
from tests.ilsa.factories import assessment_of, filled, form_of, opened
from tests.reading import as_read
from tests.world import TODAY, make_student

TERM = "2026-27-autumn"


def inside(box) -> Iterator[boxes.Box]:
    yield box
    for child in getattr(box, "children", ()):
        yield from inside(child)


def with_class(page, name: str) -> list[boxes.Box]:
    """The boxes of elements of a class: the outermost of each."""
    return [
        box
        for box in inside(page._page_box)
        if box.element is not None
        and name in (box.element.get("class") or "").split()
        and isinstance(box, boxes.BlockLevelBox)
    ]


def lines_of(box) -> list[str]:
    return [
        "".join(part.text for part in inside(line) if isinstance(part, boxes.TextBox)).strip()
        for line in inside(box)
        if isinstance(line, boxes.LineBox)
    ]


def fill(page) -> float:
    """How far down the page its content reaches, from 0 to 1. Only what is printed counts, no empty space."""
    sheet = page._page_box
    seen = [
        box.position_y + box.height
        for child in sheet.children
        if not isinstance(child, boxes.MarginBox)
        for box in inside(child)
        if isinstance(box, boxes.TextBox | boxes.ReplacedBox)
        or (box.element is not None and "kp-lines" in (box.element.get("class") or ""))
    ]
    return (max(seen, default=0) - sheet.content_box_y()) / sheet.height


def check(document, lines: int, one_thing: bool = False) -> None:
    """Nothing of the letterhead is broken (it has `lines` lines), no page but the last is under half full, nor that one bare.

    `one_thing`: each page is one thing by design, such as a cover letter, and may be short.
    """
    [head] = with_class(document.pages[0], "kp-letterhead")
    said = lines_of(head)
    assert len(said) == lines, said
    for number, page in enumerate([] if one_thing else document.pages[:-1], 1):
        assert fill(page) >= 0.5, f"page {number} of {len(document.pages)} is {fill(page):.0%} full"
    assert fill(document.pages[-1]) >= 0.1, "the last page is a line or two"
    assert over_edge(document) == []


def over_edge(document) -> list[str]:
    """The words that run over the edge of their page."""
    found = []
    for page in document.pages:
        right = page._page_box.content_box_x() + page._page_box.width
        found += [
            getattr(box, "text", "a picture")
            for child in page._page_box.children
            if not isinstance(child, boxes.MarginBox)
            for box in inside(child)
            if isinstance(box, boxes.TextBox | boxes.ReplacedBox) and box.position_x + box.width > right + 1
        ]
    return found


def sizes_in_large_print(document) -> list[float]:
    """Of all its words but the foot, in points."""
    return [
        box.style["font_size"] * 0.75 * rendering.LARGE
        for page in document.pages
        for child in page._page_box.children
        if not isinstance(child, boxes.MarginBox)
        for box in inside(child)
        if isinstance(box, boxes.TextBox) and box.text.strip()
    ]


LETTERHEAD = {"annual-review": 18}  # lines of it: four, or the facts of the plan, each a line under its name


def approved(kind, student, by) -> None:
    """A report that somebody writes, with a line in each section, checked and approved; with all it is made of."""
    if kind.slug == "annual-review":
        EhcPlan.objects.create(
            student=student, number=1, issued_on=date(2026, 1, 12), created_by=by, created_at=clock.now()
        )
    if kind.slug == "ilsa":
        if not Assessment.objects.filter(student=student).exists():
            opened(by)
        filled(form_of(student, "keyworker"), by)
    row = actions.begin(student=student, kind=kind.slug, term=TERM, by=by)
    for section in kind.sections:
        asked = {
            line.pk: "Words of some length." for line in row.lines.filter(section=section.key, recorded="")
        }
        wanted = actions.Wanted(asked, [], ["A line of its own."] if section.asks else [])
        actions.write_section(report=row, section=section.key, wanted=wanted, by=by)
    row.refresh_from_db()
    sent = actions.send(report=row, by=by, version=row.version)
    checker = User.objects.filter(roles__overlap=["coordinator", "head"]).exclude(pk=by.pk).first()
    actions.approve(reports=[sent], by=checker)


def contexts(kind, student, by):
    facts = school.load()
    if kind.is_written:
        approved(kind, student, by)
    return kind.build([student], facts.calendar.term(TERM), TODAY, facts)[student.pk]


def written(world, entries: int) -> None:
    """So many contacts with mum, one a day, and a session every third."""
    day = date(2026, 9, 8)
    for number in range(entries):
        on = {"happened_on": day + timedelta(days=number), "logged_on": day + timedelta(days=number)}
        contact(world.mina, world.u_keyworker, member=world.mina_mum.member, **on)
        if number % 3 == 0:
            session(world.mina, world.u_keyworker, **on)


MEASURED = [
    *((kind, entries) for kind in MADE_AT_ONCE.values() for entries in (0, 1, 12, 45)),
    *((kind, 12) for kind in WRITTEN.values()),
]


@pytest.mark.parametrize(
    ("kind", "entries"), MEASURED, ids=[f"{kind.slug}-{entries}" for kind, entries in MEASURED]
)
def test_every_kind_of_report_keeps_its_letterhead_and_fills_its_pages(world, kind, entries, laid_out_once):
    written(world, entries)
    context = contexts(kind, world.mina, world.u_head)[0]
    if not kind.is_written:
        assert len(context["listed"]) == entries  # rows of the household that is written for, so measured
    document = laid_out_once(rendering.page(kind.template, context))
    check(document, lines=LETTERHEAD.get(kind.slug, 4))


@pytest.mark.parametrize(("contacts_listed", "sessions"), [(3, 1), (4, 6), (7, 1), (8, 0), (11, 0), (14, 6)])
def test_the_slip_to_send_back_is_never_alone_on_a_page(world, laid_out_once, contacts_listed, sessions):
    kind = KINDS["keeping-in-touch"]
    written(world, 14)
    context = contexts(kind, world.mina, world.u_head)[0]
    context |= {
        "listed": context["listed"][:contacts_listed],
        "sessions": (context["sessions"] * 2)[:sessions],
    }
    last = laid_out_once(rendering.page(kind.template, context)).pages[-1]
    [slip] = with_class(last, "kp-two")
    before = [
        box.text
        for child in last._page_box.children
        if not isinstance(child, boxes.MarginBox)
        for box in inside(child)
        if isinstance(box, boxes.TextBox) and box.position_y + box.height <= slip.position_y
    ]
    assert before, "it stands alone"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_very_long_name_breaks_where_it_must_and_stays_on_the_page(world, kind, laid_out_once):
    student = make_student("Wolfeschlegelstein" * 5, "Hausenbergerdorff" * 5)
    document = laid_out_once(rendering.page(kind.template, contexts(kind, student, world.u_head)[0]))
    [head] = with_class(document.pages[0], "kp-letterhead")
    right = document.pages[0]._page_box.content_box_x() + document.pages[0]._page_box.width
    assert all(
        box.position_x + box.width <= right + 1 for box in inside(head) if isinstance(box, boxes.TextBox)
    )


@pytest.mark.parametrize("kind", WRITTEN.values(), ids=WRITTEN)
def test_in_large_print_all_letters_are_large_and_stay_on_their_sheet_of_a4(world, kind, laid_out_once):
    html = rendering.page(kind.template, contexts(kind, world.mina, world.u_head)[0])
    document = laid_out_once(rendering.in_large_print(html))
    assert over_edge(document) == []
    sizes = sizes_in_large_print(document)
    assert min(sizes) > 15 and sorted(sizes)[len(sizes) // 2] >= 16, min(sizes)
    with pikepdf.open(io.BytesIO(rendering.written(document, zoom=rendering.LARGE).content)) as pdf:
        assert {tuple(round(float(side)) for side in page.MediaBox) for page in pdf.pages} == {
            (0, 0, 595, 842)
        }


def test_a_very_long_word_breaks_in_its_column_and_leaves_the_other_its_room(world, laid_out_once):
    kind = KINDS["tsp-termly"]
    context = contexts(kind, world.mina, world.u_head)[0]
    context["lines"] |= {"next_term": [{"text": "A walk."}], "at_home": [{"text": "Donaudampfschiff" * 10}]}
    last = laid_out_once(rendering.page(kind.template, context)).pages[-1]
    [columns] = with_class(last, "kp-two")
    left, right = columns.children
    assert left.width > columns.width / 3
    assert all(
        box.position_x + box.width <= columns.position_x + columns.width + 1
        for box in inside(right)
        if isinstance(box, boxes.TextBox)
    )


@pytest.mark.parametrize("large", [False, True], ids=["plain", "large"])
@pytest.mark.parametrize("audience", templates.AUDIENCES)
def test_every_paper_form_keeps_its_letterhead_and_fills_its_pages(world, audience, large, laid_out_once):
    opened(world.u_head)
    form = Assessment.objects.select_related("student", "round").get(pk=assessment_of(world.mina).pk)
    document = laid_out_once(paper_form.page_of(form, audience, large, school.load()))
    check(document, lines=2)


@pytest.mark.parametrize("entries", [0, 1, 45])
def test_a_log_keeps_its_letterhead_and_fills_its_pages(world, entries, laid_out_once):
    written(world, entries)
    days = [day.isoformat() for day in (date(2026, 9, 1), TODAY)]
    check(laid_out_once(contact_log.paper(world.mina.pk, world.u_dsl.pk, *days).html), lines=4)


def letters_of(world, count: int) -> str:
    """The page of cover letters to mum, each with a report that is not printed here."""
    report = Report(student=world.mina, title="Min: keeping in touch, Autumn term 2026/27", known_on=TODAY)
    mum = FamilyLink.objects.get(member__user=world.u_parent, student=world.mina).member
    mum.address = "1 The Street\nSome Town\nAB1 2CD"
    envelopes = [Recipient(pk=n, report=report, member=mum, sent_by=world.u_head) for n in range(count)]
    return as_read(letters.page_of(letters.written_to(envelopes)))


def test_a_cover_letter_says_whom_to_ring(world):
    User.objects.filter(pk=world.u_keyworker.pk).update(phone="020 7946 0101", reach_note="before 4 pm")
    User.objects.filter(pk=world.u_head.pk).update(phone="020 7946 0999")
    world.u_head.refresh_from_db()
    letter = letters_of(world, 1)
    assert "020 7946 0101" in letter and "(before 4 pm)" in letter and world.u_keyworker.name in letter
    assert "is away" not in letter
    StaffAbsence.objects.create(user=world.u_keyworker, starts_on=TODAY, ends_on=TODAY)
    letter = letters_of(world, 1)
    assert "is away until Monday 23 November 2026. Until then, tell Deputy." in letter
    assert world.u_deputy.email in letter
    Assignment.objects.filter(student=world.mina, kind="keyworker").delete()
    assert "020 7946 0999" in letters_of(world, 1) and world.u_head.email in letters_of(world, 1)


def test_a_cover_letter_is_a_page_with_its_letterhead_whole(world, laid_out_once):
    document = laid_out_once(letters_of(world, 3))
    assert len(document.pages) == 3
    check(document, lines=2, one_thing=True)


def test_every_template_that_is_paper_is_measured_here():
    """A new kind of document is added to the tests above."""
    folder = Path(get_template("reports/keeping_in_touch.html").origin.name).parents[1]
    found = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.html")
        if 'class="kp-paper' in path.read_text()
    }
    known = {kind.template for kind in KINDS.values()}
    assert found == known | {
        "reports/independence_paper.html",
        "reports/cover_letter.html",
        "portal/entry_letters.html",  # tests/portal/test_setting_up.py
        "portal/sign_in_card_paper.html",  # tests/signin/test_cards.py
        "reports/kept_plan.html",  # tests/care/test_kept_plans.py
        contact_log.TEMPLATE,
        # Drawn in tests of their own, which count their pages: test_pack, test_profile, test_oversight_report.
        "reports/evidence_pack.html",
        "reports/oversight_paper.html",
        "reports/profile.html",
    }


def test_paper_never_loads_the_sites_stylesheet_or_its_names(world):
    opened(world.u_head)
    form = Assessment.objects.select_related("student", "round").get(pk=assessment_of(world.mina).pk)
    pages = [paper_form.page_of(form, one, True, school.load()) for one in templates.AUDIENCES]
    pages.append(letters_of(world, 1))
    for kind in KINDS.values():
        pages.append(rendering.page(kind.template, contexts(kind, world.mina, world.u_head)[0]))
    # Nor does the file's title say whom it is about: it stands in the window and in lists of files.
    titles = [re.search(r"<title>(.*?)</title>", page)[1] for page in pages]
    assert all(title.endswith("– Aldermere School") for title in titles)
    assert not [title for title in titles if "Min" in title or "Harcastle" in title]
    names = {
        name for page in pages for found in re.findall(r'class="([^"]*)"', page) for name in found.split()
    }
    assert {name for name in names if not name.startswith("kp-")} == set()
    sheet = Path(finders.find("paper.css")).read_text()
    assert ".kp-letterhead" in sheet
    assert re.findall(r"\.(?:kw|is)-[a-z-]+|--kw-", sheet) == []


def test_a_page_is_measured_by_what_is_printed_on_it():
    """The measure itself: a page with an empty half is seen, and a broken letterhead is."""
    made = rendering.laid_out(
        '<html lang="en"><title>x</title><body class="kp-paper"><header class="kp-letterhead"><p>a<br>b</p></header>'
        '<p style="break-before: page">c</p>'
    )
    assert fill(made.pages[0]) < 0.1
    with pytest.raises(AssertionError, match="page 1 of 2"):
        check(made, lines=2)
    with pytest.raises(AssertionError, match="a"):
        check(made, lines=1)

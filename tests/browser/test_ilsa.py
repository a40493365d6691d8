"""The yearly assessment as people do it: a parent on a phone over two visits, a student by keys alone, a keyworker
talking over the differences, and a paper form typed in."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from ilsa import actions, templates
from ilsa.models import Agreement, Answer, Round
from tests.ilsa.factories import YEAR, filled, form_of
from tests.ilsa.pages import complete
from tests.world import TODAY, assign, make_family, make_student, make_user

from .axe import faults_here
from .conftest import DESK, PHONE
from .flows import sign_in_again

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEAST_TARGET = 44  # CSS pixels


@pytest.fixture
def tam(site):
    """A student in the round of the year, with a keyworker and a mother of their own."""
    site._made += 1
    name = f"ilsa_{site._made}"
    people = SimpleNamespace(
        keyworker=make_user(f"{name}_kw", "staff"),
        own=make_user(name, "student"),
        mother=make_user(f"{name}_mum", "family"),
    )
    student = make_student("Tam", f"Larkrise{site._made}", user=people.own, nc_year="13")
    assign(student, people.keyworker)
    people.link = make_family(student, "Ines", f"Larkrise{site._made}", user=people.mother)
    actions.add_newcomers(by=site.w.u_head, round=Round.objects.get(year=YEAR))
    people.student = student
    return people


def saved(page: Page, count: int) -> None:
    expect(page.locator("#parts")).to_contain_text(f"{count} of 7 answered")


def answers(form) -> dict[str, object]:
    return {row.item: row.answer for row in Answer.objects.filter(form=form)}


def test_a_parent_on_a_phone_over_two_visits(site, open_browser, tam):
    form = form_of(tam.student, "parent_carer", tam.link.member)
    items = templates.current().domains[0].items
    page = open_browser(tam.mother, PHONE, has_touch=True)
    page.goto("/home/")
    page.get_by_role("link", name="What Tam can do alone").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Personal care")
    assert faults_here(page) == []
    first = page.get_by_role("group", name=items[0].parent)
    for choice in first.locator(".form-check-label").all():
        size = choice.bounding_box()
        assert size["height"] >= LEAST_TARGET and size["width"] >= LEAST_TARGET
    first.get_by_text("With someone there to prompt").tap()
    second = page.get_by_role("group", name=items[1].parent)
    second.get_by_text("I have not had the chance to see this").tap()
    second.get_by_text("Add a note").tap()
    second.get_by_role("textbox").fill("Gran does mornings.")
    saved(page, 2)  # nobody pressed anything
    expect(page.locator(".kw-draft")).to_contain_text("Saved at")
    page.get_by_role("button", name="Stop for now").tap()
    page.wait_for_url("**/home/**")
    page.context.close()

    # Another day, another phone: on where it was left. All but one are answered by then.
    complete(form, tam.mother, but=(items[2].slug,))
    page = open_browser(tam.mother, PHONE, has_touch=True)
    page.goto("/home/")
    page.get_by_role("link", name="What Tam can do alone").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Personal care")
    expect(
        page.get_by_role("group", name=items[0].parent).get_by_label("With someone there to prompt")
    ).to_be_checked()
    page.goto(f"/independence/child/{tam.student.pk}/{YEAR}/send/")
    page.get_by_role("button", name="Send my answers").tap()
    expect(page.get_by_role("alert")).to_contain_text("One question still needs an answer")
    page.get_by_role("link", name=items[2].parent).tap()
    third = page.get_by_role("group", name=items[2].parent)
    expect(third).to_contain_text("Choose one.")
    third.get_by_text("By themselves without reminders").tap()
    saved_all = page.locator("#parts")
    expect(saved_all).to_contain_text("look and send")
    page.goto(f"/independence/child/{tam.student.pk}/{YEAR}/send/")
    page.get_by_role("button", name="Send my answers").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are in")
    assert faults_here(page) == []
    form.refresh_from_db()
    given = answers(form)
    assert form.is_submitted and len(given) == 72
    assert [given[item.slug] for item in items[:3]] == [2, "no", 4]
    assert Answer.objects.get(form=form, item=items[1].slug).note == "Gran does mornings."


def test_a_student_by_keyboard_alone(site, open_browser, tam):
    form = form_of(tam.student, "pupil")
    items = templates.current().domains[-1].items
    complete(form, tam.own, but=tuple(item.slug for item in items))
    page = open_browser(tam.own, DESK)
    page.goto(f"/independence/mine/{YEAR}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(templates.current().domains[-1].student_title)
    assert faults_here(page) == []

    def tab_to(name: str) -> None:
        """Tab until the focus is on an element with this accessible name; nothing is clicked."""
        for _ in range(80):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "() => { const it = document.activeElement; return it.type === 'radio' ? it.name : it.textContent.trim() }"
            )
            if focused.startswith(name):
                return
        raise AssertionError(f"no way to {name}")

    for place, item in enumerate(items):
        tab_to(item.slug)
        page.keyboard.press("Space")  # the first of the five
        for _ in range(place % 7):
            page.keyboard.press("ArrowDown")
    expect(page.locator("#parts")).to_contain_text("look and send")
    tab_to("Look at what is left")
    page.keyboard.press("Enter")
    page.wait_for_url("**/send/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything is answered")
    tab_to("Send my answers")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are in")
    given = answers(form)
    assert [given[item.slug] for item in items] == [0, 1, 2, 3, 4, "no", "na", 0]


def test_the_keyworker_agrees_two_differences(site, open_browser, tam):
    filled(form_of(tam.student, "keyworker"), tam.keyworker, 2, {"pc-wash": 1, "pc-teeth": 1, "pc-dress": 3})
    filled(form_of(tam.student, "pupil"), tam.own, 2, {"pc-wash": 4, "pc-teeth": 3, "pc-dress": "no"})
    filled(form_of(tam.student, "parent_carer", tam.link.member), tam.mother, 2)
    before = list(Answer.objects.order_by("pk").values())
    page = open_browser(tam.keyworker, DESK)
    page.goto(f"/independence/students/{tam.student.pk}/")
    page.get_by_role("link", name="Look at 2026/27").click()
    expect(page.get_by_role("heading", name="Two differences to talk over")).to_be_visible()
    expect(page.get_by_text("One item seen in one place only")).to_be_visible()
    page.get_by_text("Show as a table").click()
    table = page.locator(".kw-chart table")
    expect(table.get_by_role("row", name="Personal care").get_by_role("cell")).to_have_count(3)
    assert faults_here(page) == []

    page.get_by_role("link", name="Agree a value").first.click()
    page.get_by_label("2 With prompting", exact=True).check()
    page.get_by_text("Does it in one place only", exact=True).click()
    page.get_by_role("textbox", name="Note").fill("Only with school so far.")
    assert faults_here(page) == []
    page.get_by_role("button", name="Save what we agreed").click()
    page.wait_for_url("**/2026-27/#flags")
    expect(page.get_by_text("“Only with school so far.”")).to_be_visible()
    page.get_by_role("link", name="Agree a value").first.click()
    page.get_by_role("button", name="Save what we agreed").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose one of the five")
    page.get_by_label("3 Independently with reminders", exact=True).check()
    page.get_by_role("button", name="Save what we agreed").click()
    page.wait_for_url("**/2026-27/#flags")
    expect(page.get_by_role("link", name="Agree a value")).to_have_count(0)
    assert sorted(Agreement.objects.filter(assessment__student=tam.student).values_list("item", "score")) == [
        ("pc-teeth", 3),
        ("pc-wash", 2),
    ]
    assert list(Answer.objects.order_by("pk").values()) == before


def test_a_paper_form_is_typed_in(site, open_browser, tam):
    form = form_of(tam.student, "parent_carer", tam.link.member)
    items = templates.current().domains[0].items
    complete(form, tam.keyworker, but=tuple(item.slug for item in items))
    page = open_browser(tam.keyworker, DESK)
    page.goto(f"/independence/students/{tam.student.pk}/{YEAR}/")
    row = page.get_by_role("listitem").filter(has_text="Ines")
    row.get_by_role("link", name="Type in a paper form").click()
    expect(page.get_by_text("Typing in a paper form")).to_be_visible()
    page.wait_for_load_state()  # the digits are answered by a script
    # Digits answer and go on, so that a form is typed as fast as it is read out.
    page.get_by_role("group", name=items[0].parent).get_by_role("radio").first.focus()
    for key in "01234n3":
        page.keyboard.press(key)
    expect(page.locator("#parts")).to_contain_text("look and send")
    page.get_by_role("link", name="look and send").click()
    page.get_by_label("Date on the paper").fill((TODAY - timedelta(days=7)).isoformat())
    page.get_by_label("Who helped them with it").fill("Gran")
    assert faults_here(page) == []
    page.get_by_role("button", name="The paper form is complete").click()
    expect(page.get_by_text("From paper, dated")).to_be_visible()
    form.refresh_from_db()
    assert form.from_paper and form.typed_by == tam.keyworker and form.rater is None
    assert (form.answered_on, form.helped_by) == (TODAY - timedelta(days=7), "Gran")
    assert [answers(form)[item.slug] for item in items] == [0, 1, 2, 3, 4, "no", 3]
    page.goto(f"/independence/students/{tam.student.pk}/{YEAR}/")
    expect(page.get_by_text("(from paper)")).to_be_visible()


def test_a_part_in_two_tabs_of_one_person_loses_and_doubles_nothing(site, open_browser, tam):
    """Signed in again in another tab the first goes on; what both changed asks which of the two stands."""
    form = form_of(tam.student, "keyworker")
    item = templates.current().domains[0].items[0]
    one = open_browser(tam.keyworker, DESK)
    two = one.context.new_page()
    for page in (one, two):
        page.goto(reverse("ilsa:form", args=[form.pk]))
    sign_in_again(one, tam.keyworker)
    choices = [page.locator(f"input[type=radio][name='{item.slug}']") for page in (one, two)]
    for page, radios, place, status in ((one, choices[0], 1, 200), (two, choices[1], 2, 409)):
        with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            radios.nth(place).evaluate("it => it.click()")
        assert answer.value.status == status
    expect(two.get_by_text("changed this while you were writing")).to_be_visible()
    assert Answer.objects.filter(form=form, item=item.slug).count() == 1

"""The rating form through its three doors: kept as one goes, sent when nothing is blank, with script and without."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ilsa import actions, templates
from ilsa.models import Answer, Round
from students.models import FamilyLink, Student
from tests.forms import form_of as fields_of
from tests.world import TODAY

from .factories import answer, form_of, opened
from .pages import YEAR, autosave, chosen, complete, held, save, words

pytestmark = pytest.mark.django_db

CARE = "parts/personal-care/"
MINE = f"/independence/mine/{YEAR}/"


@pytest.fixture
def round(world):
    return opened(world.u_head)


@pytest.fixture
def student(world, as_user, round):
    return as_user(world.u_student)


@pytest.fixture
def mum(world, as_user, round):
    return as_user(world.u_parent)


@pytest.fixture
def child(world):
    return f"/independence/child/{world.mina.pk}/{YEAR}/"


def stored(form) -> dict[str, object]:
    return {row.item: row.answer for row in Answer.objects.filter(form=form)}


def test_a_part_is_kept_and_leads_to_the_next(world, student):
    answer_page = save(student, MINE + CARE, pc_wash="3", note__pc_wash="With my list.")
    assert answer_page.status_code == 302
    assert answer_page.url == f"{MINE}parts/food-cooking/"
    row = Answer.objects.get(item="pc-wash")
    assert (row.answer, row.note, row.by) == (3, "With my list.", world.u_student)
    assert chosen(student.get(MINE + CARE), "pc-wash") == "3"
    assert save(student, MINE + CARE, pc_wash="3", stop="1").url == "/my-page/"


def test_go_on_where_it_was_left(world, student):
    assert student.get(MINE).url == f"{MINE}{CARE}"
    form = form_of(world.mina, "pupil")
    for item in templates.current().domains[0].items:
        answer(form, world.u_student, item.slug, 2)
    assert student.get(MINE).url == f"{MINE}parts/food-cooking/"
    complete(form, world.u_student)
    assert student.get(MINE).url == f"{MINE}send/"


def test_each_rater_is_asked_in_their_words(world, as_user, student, mum, child):
    item = templates.current().domains[0].items[0]
    keyworker = as_user(world.u_keyworker)
    staff = words(keyworker.get(f"/independence/forms/{form_of(world.mina, 'keyworker').pk}/{CARE}"))
    own, home = words(student.get(MINE + CARE)), words(mum.get(child + CARE))
    assert item.staff in staff and item.student in own and item.parent in home
    assert item.student not in home and item.student not in staff
    assert "Read it to me" in own and own.count("kw-help") == 5 * 7  # a picture beside each of the five
    for page in (own, home, staff):  # not seen and does not apply are always there
        assert page.count('value="no"') == page.count('value="na"') == 7


def test_script_is_told_what_was_kept(world, student):
    page = student.get(MINE + CARE)
    told = autosave(student, MINE + CARE, page, pc_wash="3")
    assert told.status_code == 200
    assert told.json()["saved"] == {"pc-wash": 1}
    assert "1 of 7 answered" in told.json()["parts"]["parts"]


def test_script_is_told_of_an_answer_from_another_device(world, student):
    page = student.get(MINE + CARE)
    answer(form_of(world.mina, "pupil"), world.u_student, "pc-wash", 1)
    told = autosave(student, MINE + CARE, page, pc_wash="3", pc_teeth="2")
    assert told.status_code == 409
    assert told.json()["saved"] == {"pc-teeth": 1}
    conflict = told.json()["conflicts"]["pc-wash"]
    assert conflict["values"] == ["1"]
    assert templates.current().scale[1].student in conflict["html"]  # in words, not as a number
    assert stored(form_of(world.mina, "pupil"))["pc-wash"] == 1


def test_script_is_told_what_is_wrong(world, student):
    page = student.get(MINE + CARE)
    told = autosave(student, MINE + CARE, page, pc_wash="7", note__pc_teeth="x" * 501, pc_dress="2")
    assert told.status_code == 422
    assert set(told.json()["errors"]) == {"pc-wash", "note:pc-teeth"}
    assert not Answer.objects.filter(item="pc-wash").exists()


def test_without_script_both_answers_are_shown_and_one_is_chosen(world, student):
    page = student.get(MINE + CARE)
    answer(form_of(world.mina, "pupil"), world.u_student, "pc-wash", 1)
    differ = save(student, MINE + CARE, page, pc_wash="3")
    assert differ.status_code == 409
    shown = words(differ)
    assert "changed this while you were writing" in shown and templates.current().scale[1].student in shown
    assert chosen(differ, "pc-wash") == "3"  # mine is still there
    again = {"base:pc-wash": held(differ, "pc-wash"), "pc-wash": "3"}
    kept = student.post(MINE + CARE, {**again, "keep-theirs": "pc-wash"})
    assert chosen(kept, "pc-wash") == "1" and stored(form_of(world.mina, "pupil"))["pc-wash"] == 1
    student.post(MINE + CARE, {**again, "use-mine": "pc-wash"})
    assert stored(form_of(world.mina, "pupil"))["pc-wash"] == 3


def test_a_plain_second_save_does_not_win(world, student):
    """Nothing was chosen: both are shown once more, and the first's answer stands."""
    page = fields_of(student.get(MINE + CARE).content.decode(), "data-autosave")
    answer(form_of(world.mina, "pupil"), world.u_student, "pc-wash", 1)
    differ = student.post(MINE + CARE, page | {"pc-wash": ["3"]})
    for _ in range(2):
        again = fields_of(differ.content.decode(), "data-autosave")
        differ = student.post(MINE + CARE, again)
        assert differ.status_code == 409 and "changed this while you were writing" in words(differ)
        assert stored(form_of(world.mina, "pupil"))["pc-wash"] == 1
    mine = fields_of(differ.content.decode(), "data-autosave") | {"use-mine": "pc-wash"}
    assert student.post(MINE + CARE, mine).status_code == 200
    assert stored(form_of(world.mina, "pupil"))["pc-wash"] == 3


def test_a_part_of_another_domain_is_never_written(world, student):
    page = student.get(MINE + CARE)
    bases = {"base:mo-save": "0", "mo-save": "4", "base:pc-wash": held(page, "pc-wash"), "pc-wash": "2"}
    student.post(MINE + CARE, bases)
    assert stored(form_of(world.mina, "pupil")) == {"pc-wash": 2}


def test_what_is_blank_is_listed_with_a_way_to_it(world, student):
    form = form_of(world.mina, "pupil")
    complete(form, world.u_student, but=("pc-wash", "mo-budget", "pc-teeth"))
    blank = {item.slug for item in templates.current().in_use} - set(stored(form))
    sent = student.post(MINE + "send/")
    assert sent.status_code == 422
    for slug in blank:
        assert f"?blanks=1#q-{slug}" in sent.content.decode()
    form.refresh_from_db()
    assert not form.is_submitted
    there = words(student.get(f"{MINE}{CARE}?blanks=1"))
    assert "2 questions still need you" in there and there.count("Choose one. If you have not seen it") == 2


def test_sent_for_good(world, student):
    form = form_of(world.mina, "pupil")
    complete(form, world.u_student)
    looked = words(student.post(MINE + "send/", {"check": "1"}))  # what Enter presses
    assert "This is what I say" in looked and looked.count("<dt>") == 72
    item = templates.current().domains[0].items[0]
    assert f"<dt>{item.student}</dt><dd>{templates.current().scale[2].student}</dd>" in looked
    form.refresh_from_db()
    assert not form.is_submitted
    assert student.post(MINE + "send/").status_code == 302
    form.refresh_from_db()
    assert (form.is_submitted, form.rater, form.answered_on) == (True, world.u_student, TODAY)
    assert "Your answers are in" in words(student.get(MINE + "send/"))
    late = student.post(MINE + CARE, {"base:pc-wash": "1", "pc-wash": "0"})
    assert late.status_code == 409 and "sent already" in words(late)
    assert stored(form)["pc-wash"] == 2


def test_what_was_changed_after_it_was_shown_is_shown_again(world, student):
    form = form_of(world.mina, "pupil")
    complete(form, world.u_student)
    shown = student.get(MINE + "send/").context["preview_token"]
    save(student, MINE + CARE, student.get(MINE + CARE), pc_wash="0")
    page = student.post(MINE + "send/", {"preview_token": shown})
    assert page.status_code == 409 and "changed after this page was shown" in words(page)
    form.refresh_from_db()
    assert not form.is_submitted
    assert student.post(MINE + "send/", {"preview_token": page.context["preview_token"]}).status_code == 302


@pytest.mark.parametrize("paper", [{}, {"answered_on": "2026-11-16", "helped_by": ""}])
def test_pressed_twice_it_is_sent_once_and_answered_alike(world, student, as_user, paper):
    form = form_of(world.mina, "pupil")
    complete(form, world.u_student)
    client = as_user(world.u_keyworker) if paper else student
    url = f"/independence/forms/{form.pk}/send/" if paper else MINE + "send/"
    kept = set()
    for _ in range(2):
        answer = client.post(url, paper, follow=True)
        assert answer.redirect_chain == [(url, 302)]
        assert ("The paper form is in." if paper else "Sent. Thank you.") in words(answer)
        form.refresh_from_db()
        kept.add((form.submitted_at, form.answered_on, form.version))
    assert len(kept) == 1


def test_does_not_apply_is_suggested_to_the_young(world, student):
    Student.objects.filter(pk=world.mina.pk).update(nc_year="5")
    page = student.get(MINE + CARE)
    assert chosen(page, "pc-puberty") == "na" and chosen(page, "pc-wash") is None
    assert "often for older students" in words(page)
    # Leaving it as it stands writes nothing; choosing another answer does.
    save(student, MINE + CARE, page, pc_puberty="na", pc_wash="2")
    assert stored(form_of(world.mina, "pupil")) == {"pc-wash": 2}
    save(student, MINE + CARE, page, pc_puberty="1")
    assert stored(form_of(world.mina, "pupil"))["pc-puberty"] == 1


def test_a_paper_form_is_typed_in_and_marked_as_such(world, as_user, round):
    form = form_of(world.mina, "pupil")
    keyworker, path = as_user(world.u_keyworker), f"/independence/forms/{form.pk}/"
    assert "Typing in a paper form" in words(keyworker.get(path + CARE))
    complete(form, world.u_keyworker)
    assert "Give the date on the paper" in words(keyworker.post(path + "send/"))
    future = keyworker.post(path + "send/", {"answered_on": "2026-11-24"})
    assert future.status_code == 422 and "still to come" in words(future)
    typed = {"answered_on": "2026-11-16", "helped_by": "Gran"}
    looked = keyworker.post(
        path + "send/", typed | {"check": "1"}
    )  # Enter: kept where it stands, nothing goes
    assert looked.status_code == 200 and 'value="Gran"' in words(looked)
    form.refresh_from_db()
    assert not form.is_submitted
    assert (
        keyworker.post(path + "send/", {"answered_on": "2026-11-16", "helped_by": "Gran"}).status_code == 302
    )
    form.refresh_from_db()
    assert (form.from_paper, form.rater, form.typed_by, form.helped_by) == (
        True,
        None,
        world.u_keyworker,
        "Gran",
    )
    assert "From paper" in words(keyworker.get(path + "send/"))
    assert "(from paper)" in words(keyworker.get(f"/independence/students/{world.mina.pk}/{YEAR}/"))


def test_a_parent_has_their_own_form_and_no_other(world, as_user, mum, child):
    save(mum, child + CARE, pc_wash="3")
    aunt = as_user(world.u_staff_parent)
    assert chosen(aunt.get(child + CARE), "pc-wash") is None
    save(aunt, child + CARE, pc_wash="1")
    assert chosen(mum.get(child + CARE), "pc-wash") == "3"


@pytest.mark.parametrize(
    "who", ["parent_restricted", "parent_former", "parent_other", "student_other", "teacher"]
)
def test_nobody_else_finds_the_parents_form(world, as_user, round, child, who):
    client = as_user(world.users[who])
    for path in ("", CARE, "send/", "result/"):
        assert client.get(child + path).status_code in (403, 404)
    assert client.post(child + CARE, {"base:pc-wash": "0", "pc-wash": "3"}).status_code in (403, 404)
    assert not Answer.objects.filter(form__assessment__student=world.mina).exists()


def test_a_parent_of_two_answers_for_each(world, mum, child, as_user):
    link = FamilyLink.objects.create(
        student=world.otto, member=world.mina_mum.member, relationship="aunt", has_pr="no", lives_with=False
    )
    other = f"/independence/child/{world.otto.pk}/{YEAR}/"
    assert mum.get(other + CARE).status_code == 404  # not asked about this one yet
    actions.add_newcomers(by=world.u_head, round=Round.objects.get())
    save(mum, other + CARE, pc_wash="4")
    save(mum, child + CARE, pc_wash="1")
    assert stored(form_of(world.otto, "parent_carer", link.member)) == {"pc-wash": 4}
    assert stored(form_of(world.mina, "parent_carer", link.member)) == {"pc-wash": 1}


def test_queries_do_not_grow_with_the_answers(world, student):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            student.get(MINE + CARE)
        return len(queries)

    student.get(MINE + CARE)
    few = count()
    complete(form_of(world.mina, "pupil"), world.u_student)
    assert count() == few


def test_the_duty_leads_somebody_who_only_reads_to_what_is_in(world, as_user, round):
    form = form_of(world.mina, "keyworker")
    compare = f"/independence/students/{world.mina.pk}/{YEAR}/"
    for who in (world.u_head, world.u_mentor):
        answer = as_user(who).get(f"/independence/forms/{form.pk}/")
        assert (answer.status_code, answer.url) == (302, compare)
        assert as_user(who).get(compare).status_code == 200
    assert "/parts/" in as_user(world.u_keyworker).get(f"/independence/forms/{form.pk}/").url


def test_staff_rate_in_one_row_an_item_and_families_down_the_page(world, as_user, mum, child):
    """The seven answers side by side for staff, as in the TSP workspace; a parent reads one below the other."""
    form = form_of(world.mina, "keyworker")
    page = as_user(world.u_keyworker).get(f"/independence/forms/{form.pk}/{CARE}").content.decode()
    rows = page.split('<div class="kw-choices kw-scale is-seven">')[1:]
    items = templates.current().domains[0].items
    assert len(rows) == len(items) and "is-rows" not in page
    assert all(row.split("</fieldset>")[0].count('type="radio"') == 7 for row in rows)
    assert "0 Not yet" in rows[0] and "4 Fully independent" in rows[0]
    theirs = mum.get(f"{child}{CARE}").content.decode()
    assert "is-seven" not in theirs and "is-rows" in theirs

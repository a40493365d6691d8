"""What the student and their family read: never a note of staff, never another parent's view unless the policy says so."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core import mail

from ilsa import actions
from ilsa.actions import submit
from ilsa.models import Answer, RaterForm, Round
from keywork import clock
from keywork.models import PolicyVersion, School, User
from students.models import FamilyLink
from tests.world import TODAY, make_family, make_user

from .factories import answer, assessment_of, filled, form_of, opened
from .pages import YEAR, complete, words

pytestmark = pytest.mark.django_db

STAFF_NOTE = "Sentinel of the staff"
MINE = f"/independence/mine/{YEAR}/result/"


@pytest.fixture
def child(world):
    return f"/independence/child/{world.mina.pk}/{YEAR}/result/"


@pytest.fixture
def dad(world, as_user):
    user = make_user("dad", "family")
    link = make_family(world.mina, "Theo", "Harcastle", user=user, lives_with=False, relationship="dad")
    client = as_user(user)
    client.link, client.user = link, user
    return client


@pytest.fixture
def rated(world, dad):
    """Keyworker 2s with a note, student 3s, mother 1s with a note of hers, father 4s."""
    opened(world.u_head)
    keyworker = form_of(world.mina, "keyworker")
    answer(keyworker, world.u_keyworker, "pc-wash", 2, STAFF_NOTE)
    _send(keyworker, world.u_keyworker, 2)
    _send(form_of(world.mina, "pupil"), world.u_student, 3)
    mother = form_of(world.mina, "parent_carer", world.mina_mum.member)
    answer(mother, world.u_parent, "pc-wash", 1, "Words of the mother")
    _send(mother, world.u_parent, 1)
    _send(form_of(world.mina, "parent_carer", dad.link.member), dad.user, 4)
    return assessment_of(world.mina)


def _send(form, by, default):
    complete(form, by, default)
    submit(by=by, form=form, nc_year="14")


def allow_each_other():
    PolicyVersion.objects.update(overrides={"ilsa_parents_see_each_other": True})
    School.objects.update(stamp=uuid4())


def test_a_note_of_staff_is_never_on_their_pages(world, as_user, rated, child, dad):
    """Must show 4. The same note stands on the keyworker's page."""
    staff = words(as_user(world.u_keyworker).get(f"/independence/students/{world.mina.pk}/{YEAR}/"))
    assert STAFF_NOTE in staff and "Words of the mother" in staff
    allow_each_other()
    student, mum = as_user(world.u_student), as_user(world.u_parent)
    for client, paths in (
        (student, (MINE, f"/independence/mine/{YEAR}/send/", "/my-page/")),
        (mum, (child, child.replace("result", "send"), "/home/")),
        (dad, (child, "/home/")),
    ):
        for path in paths:
            page = words(client.get(path))
            assert STAFF_NOTE not in page
            assert client is mum or "Words of the mother" not in page


def test_the_student_is_spoken_to_not_of(world, as_user, rated):
    page = as_user(world.u_student).get(MINE).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert ">Me<" in main and ">My keyworker<" in main
    assert not re.search(rf"\b{world.mina.known_as}\b", main)


def test_in_polish_it_is_a_whole_sentence(world, as_user, rated, child):
    User.objects.filter(pk__in=(world.u_parent.pk, world.u_student.pk)).update(language="pl")
    page = words(as_user(world.u_parent).get(child))
    assert "</strong> w tym, co Państwo mogli zobaczyć." in page
    assert "50% pełnej samodzielności</strong> w tym, co opiekun mógł zobaczyć." in page
    page = words(as_user(world.u_student).get(MINE))
    assert "</strong> w tym, co było dla mnie widoczne." in page
    assert "</strong> w tym, co opiekun mógł zobaczyć." in page


def test_a_parent_never_sees_another_parents_rating(world, as_user, rated, child, dad):
    """Must show 4: by default no."""
    page = words(as_user(world.u_parent).get(child))
    assert "Folake" in page and "You say: 25%" in page and "The keyworker says" in page and "50%" in page
    assert "Theo" not in page and "100% of full" not in page
    theirs = words(dad.get(child))
    assert (
        "Theo" in theirs
        and "100% of full" in theirs
        and "Folake" not in theirs
        and "25% of full" not in theirs
    )


def test_a_parent_sees_another_parents_rating_where_the_policy_says_so(world, as_user, rated, child):
    allow_each_other()
    page = words(as_user(world.u_parent).get(child))
    assert "Theo" in page and "100% of full" in page


def test_a_parent_shut_out_since_is_not_shown_to_the_other(world, as_user, rated, child, dad):
    allow_each_other()
    FamilyLink.objects.filter(pk=dad.link.pk).update(court_restriction="No contact.", restricted_from=TODAY)
    assert "Theo" not in words(as_user(world.u_parent).get(child))
    assert dad.get(child).status_code == 404


def test_the_student_reads_their_own_and_the_keyworkers(world, as_user, rated):
    page = words(as_user(world.u_student).get(MINE))
    assert "I say: 75% of full independence" in page and "My keyworker says: 50%" in page
    assert "Folake" not in page and "Theo" not in page
    assert "Looking after myself: My keyworker 50%, Me 75%" in page and "Show as a table" in page


def _agreed(world, rated) -> None:
    actions.agree(
        by=world.u_keyworker, assessment=rated, item="pc-wash", score=3, tags=["misread"],
        note="Mum says only with school so far.", agreed_on=TODAY, seen=0,
    )  # fmt: skip


def test_what_was_agreed_is_read_at_home_with_its_note(world, as_user, rated, child):
    allow_each_other()
    _agreed(world, rated)
    for client, path in ((as_user(world.u_parent), child), (as_user(world.u_student), MINE)):
        page = words(client.get(path))
        assert "What we agreed when we talked" in page and "only with school so far." in page
        assert "Misread" not in page  # why the views differed is for staff


def test_a_note_of_what_was_agreed_does_not_cross_to_another_household(world, as_user, rated, child, dad):
    _agreed(world, rated)
    for client in (dad, as_user(world.u_parent)):
        page = words(client.get(child))
        assert "What we agreed when we talked" in page and "only with school so far." not in page
    assert "only with school so far." in words(as_user(world.u_student).get(MINE))


def test_who_has_yet_to_answer_does_not_read_the_others_first(world, as_user, child):
    opened(world.u_head)
    _send(form_of(world.mina, "keyworker"), world.u_keyworker, 2)
    mum = as_user(world.u_parent)
    page = words(mum.get(child))
    assert "First say how you see it" in page and "50%" not in page
    assert "What each of us sees" not in words(mum.get("/home/"))
    assert "50%" not in words(as_user(world.u_student).get(MINE))
    form = form_of(world.mina, "parent_carer", world.mina_mum.member)
    actions.note_missing(by=world.u_keyworker, form=form, reason="declined", words="Sentinel reason", seen=1)
    page = words(mum.get(child))
    assert "50%" in page and "Sentinel reason" not in page


def test_a_student_and_a_parent_would_rather_not_and_change_their_mind(world, as_user, child):
    """No view of another is read by saying so; staff cannot be declined for; answering after all takes it back."""
    opened(world.u_head)
    _send(form_of(world.mina, "keyworker"), world.u_keyworker, 2)
    student, mum = as_user(world.u_student), as_user(world.u_parent)
    for client, there, home, result, role in (
        (student, f"/independence/mine/{YEAR}/", "/my-page/", MINE, "pupil"),
        (mum, f"/independence/child/{world.mina.pk}/{YEAR}/", "/home/", child, "parent_carer"),
    ):
        member = world.mina_mum.member if role == "parent_carer" else None
        assert "I would rather not" in client.get(there, follow=True).text
        assert client.post(f"{there}send/", {"cannot": "1", "words": "x" * 301}).status_code == 422
        done = client.post(f"{there}send/", {"cannot": "1", "words": "Too long"}, follow=True)
        assert (
            done.redirect_chain[-1][0].startswith(home[:5]) and "would rather not. That is fine." in done.text
        )
        row = form_of(world.mina, role, member)
        assert (row.missing, row.missing_words) == ("declined", "Too long")
        assert f'href="{there}"' not in words(client.get(home)) and result in words(client.get(home))
        page = client.get(result).text
        assert "50%" not in page and f'href="{there}"' in page
        answer(row, world.u_student if role == "pupil" else world.u_parent, "pc-wash", 2)
        row.refresh_from_db()
        assert not row.missing
    staff = form_of(world.mina, "parent_carer", world.mina_mum.member)
    as_user(world.u_keyworker).post(f"/independence/forms/{staff.pk}/send/", {"cannot": "1"})
    staff.refresh_from_db()
    assert not staff.missing


def test_after_the_window_all_may_read(world, as_user, child):
    opened(world.u_head)
    _send(form_of(world.mina, "keyworker"), world.u_keyworker, 2)
    Round.objects.update(opens_on="2026-11-01", closes_on="2026-11-22")
    assert "50%" in words(as_user(world.u_parent).get(child))


# ------------------------------------------------------------------ their homes


def test_my_turn_and_your_turn(world, as_user, dad):
    student, mum = as_user(world.u_student), as_user(world.u_parent)
    assert "What I can do by myself" not in words(student.get("/my-page/"))
    opened(world.u_head)
    page = words(student.get("/my-page/"))
    assert f'href="/independence/mine/{YEAR}/"' in page and "Send it by Monday 21 December." in page
    assert page.count("Start<span") == 3  # never more in all
    home = words(mum.get("/home/"))
    assert f'href="/independence/child/{world.mina.pk}/{YEAR}/"' in home and home.count("Start<span") <= 3
    form = form_of(world.mina, "parent_carer", world.mina_mum.member)
    answer(form, world.u_parent, "pc-wash", 2)
    assert "You have begun this. Send it by" in words(mum.get("/home/"))
    complete(form, world.u_parent)
    mum.post(f"/independence/child/{world.mina.pk}/{YEAR}/send/")
    done = words(mum.get("/home/"))
    assert f'/independence/child/{world.mina.pk}/{YEAR}/"' not in done
    assert f"/independence/child/{world.mina.pk}/{YEAR}/result/" in done
    # The other parent's own is still open.
    assert f'href="/independence/child/{world.mina.pk}/{YEAR}/"' in words(dad.get("/home/"))


def test_nobody_is_asked_before_it_opens_nor_who_takes_no_part_nor_last_years(world, as_user):
    student = as_user(world.u_student)
    opened(world.u_head, "2025-26")
    assert "What I can do by myself" not in words(student.get("/my-page/"))
    opened(world.u_head)
    Round.objects.filter(year=YEAR).update(opens_on="2026-11-24")
    assert "What I can do by myself" not in words(student.get("/my-page/"))
    Round.objects.filter(year=YEAR).update(opens_on="2026-11-23")
    assert "What I can do by myself" in words(student.get("/my-page/"))
    RaterForm.objects.filter(role="pupil").update(missing="declined", missing_noted_at=clock.now())
    assert "What I can do by myself" not in words(student.get("/my-page/"))


@pytest.mark.parametrize("who", ["parent_restricted", "parent_former"])
def test_a_restricted_or_former_parent_is_asked_nothing(world, as_user, who):
    opened(world.u_head)
    assert "independence" not in words(as_user(world.users[who]).get("/home/"))
    assert not mail.outbox and not Answer.objects.exists()


def test_a_parent_of_two_is_asked_on_each_childs_page(world, as_user):
    FamilyLink.objects.create(
        student=world.otto, member=world.mina_mum.member, relationship="aunt", has_pr="yes", lives_with=True
    )
    opened(world.u_head)
    mum = as_user(world.u_parent)
    for student, other in ((world.mina, world.otto), (world.otto, world.mina)):
        page = words(mum.get(f"/home/{student.pk}/"))
        assert f'href="/independence/child/{student.pk}/{YEAR}/"' in page
        assert f"/independence/child/{other.pk}/" not in page
    filled(form_of(world.mina, "parent_carer", world.mina_mum.member), world.u_parent)
    assert (
        "independence"
        not in words(mum.get(f"/home/{world.mina.pk}/")).split("Your turn")[1].split("</section>")[0]
    )

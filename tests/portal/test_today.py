"""Today: whose cards, in what order, what each says, and what it costs."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from contacts.models import ContactHold
from keywork import clock
from students.models import EarlierStay
from tests import world as cast
from tests.access.stage import without_tokens

TODAY = "/today/"


def names(response, part: str) -> list[str]:
    return [card.student.known_as for card in response.context[part]]


def test_shows_own_students_and_nobody_elses(world, as_user):
    response = as_user(world.u_keyworker).get(TODAY)

    assert names(response, "mine") == ["Min"]
    assert names(response, "covered") == []
    assert cast.OTHER_SURNAME not in response.content.decode()


@pytest.mark.parametrize("who", ["deputy", "mentor"])
def test_deputy_and_mentor_cover(world, as_user, who):
    response = as_user(world.users[who]).get(TODAY)

    assert (names(response, "mine"), names(response, "covered")) == ([], ["Min"])
    page = response.content.decode()
    assert "You also cover" in page
    assert page.index('href="#covered"') < page.index('id="covered"')  # over what waits, on a phone


@pytest.mark.parametrize("who", ["former", "future", "staff_parent", "head"])
def test_nobody_to_keep_watch_over_says_what_comes(world, as_user, who):
    response = as_user(world.users[who]).get(TODAY)

    assert names(response, "mine") + names(response, "covered") == []
    assert "No student is named for you yet" in response.content.decode()


def test_most_urgent_first_and_never_contacted_before_others(world, as_user, spoke, met):
    """Overdue by the same rule, the student nobody has spoken about with home yet stands on top."""
    keyworker = world.u_keyworker
    spoke(world.mina, keyworker, 20)
    late = [cast.make_student(name, "Ashby") for name in ("Fay", "Dev", "Sol")]
    for student in late:
        cast.assign(student, keyworker)
    for student in (world.mina, *late):
        met(student, keyworker)
    _, dev, sol = late  # Fay: overdue, and never a contact
    spoke(dev, keyworker, 12)  # due in two days
    spoke(sol, keyworker, 1)  # in time

    response = as_user(keyworker).get(TODAY)

    assert names(response, "mine") == ["Fay", "Min", "Dev", "Sol"]
    assert [card.level for card in response.context["mine"]] == ["overdue", "overdue", "soon", "ok"]
    assert (
        response.context["sentence"] == "Two home contacts are overdue and one home contact is due this week."
    )


def test_a_card_says_what_is_owed_in_words_with_a_date(world, as_user, spoke, ran):
    spoke(world.mina, world.u_keyworker, 17)
    world.mina.read_first = "Ring before 5 pm."
    world.mina.save(update_fields=["read_first"])

    page = as_user(world.u_keyworker).get(TODAY).content.decode()

    assert "Home contact is overdue" in page
    assert "Due Friday 20 November, 3 days ago" in page
    assert "Monday 23 November 2026" in page
    assert "Ring before 5 pm." in page
    assert reverse("contacts:log_contact", args=[world.mina.pk]) in page
    assert reverse("contacts:log_session", args=[world.mina.pk]) in page
    assert "nightly work has not run" not in page


def test_what_is_done_or_far_off_is_folded_and_what_needs_somebody_is_not(world, as_user, spoke, met):
    """A card of today: what is done stands behind one line, with its links; what was missed never does."""
    keyworker = world.u_keyworker
    spoke(world.mina, keyworker, 12)  # due on Wednesday
    met(world.mina, keyworker)
    missed = cast.make_student("Fay", "Ashby")
    cast.assign(missed, keyworker)
    spoke(missed, keyworker, 12)

    response = as_user(keyworker).get(TODAY)

    done, late = (
        next(card for card in response.context["mine"] if card.student == one) for one in (world.mina, missed)
    )
    assert done.rows == "" and done.folded.endswith("up to date")
    levels = re.findall(r"kw-state is-(\w+)", done.folded_rows)
    assert len(levels) >= 2 and set(levels) <= {"ok", "none"}
    assert "is-missed" in late.rows and "is-missed" not in late.folded_rows
    page = response.content.decode()
    shown = page.split(f'id="s-{world.mina.pk}"')[1].split("</article>")[0]
    before, _, folded = shown.partition('<details class="kw-more">')
    assert "Keywork session" in folded and "kw-duty" not in before
    # Due on Wednesday, the same as the sentence at the top counts: behind what was missed, and in sight.
    assert "Home contact" in late.rows


def test_who_is_covered_and_needs_nothing_this_week_is_folded(world, as_user, spoke, met):
    deputy = world.users["deputy"]
    quiet = cast.make_student("Fay", "Ashby")
    cast.assign(quiet, deputy, kind="deputy")
    spoke(quiet, deputy, 1)
    met(quiet, deputy)
    spoke(world.mina, deputy, 20)

    response = as_user(deputy).get(TODAY)

    assert (names(response, "covered"), names(response, "covered_quiet")) == (["Min"], ["Fay"])
    folded = response.content.decode().split("One more student with nothing to do this week: Fay")[1]
    assert f'id="s-{quiet.pk}"' in folded.split("</details></section>")[0]


def test_no_number_to_ring_while_home_is_on_hold(world, as_user, spoke):
    spoke(world.mina, world.u_keyworker, 12, member=world.mina_mum.member)
    world.mina_mum.member.mobile = "+447700900127"
    world.mina_mum.member.save()
    client, form = as_user(world.u_keyworker), reverse("contacts:log_contact", args=[world.mina.pk])
    assert all("tel:" in client.get(path).content.decode() for path in (TODAY, form))

    ContactHold.objects.create(
        student=world.mina,
        starts_on=cast.TODAY,
        ends_on=cast.TODAY + timedelta(days=10),
        reason="Police asked",
        placed_by=world.u_dsl,
        placed_at=clock.now(),
    )

    assert all("tel:" not in client.get(path).content.decode() for path in (TODAY, form))


def test_leavers_and_those_yet_to_join_have_no_card(world, as_user):
    gone = cast.make_student("Gone", "Ashby", left_on=cast.TODAY - timedelta(days=1))
    coming = cast.make_student("Coming", "Ashby", joined_on=cast.TODAY + timedelta(days=1))
    last_day = cast.make_student("Lastday", "Ashby", left_on=cast.TODAY)
    for student in (gone, coming, last_day):
        cast.assign(student, world.u_keyworker)

    assert sorted(names(as_user(world.u_keyworker).get(TODAY), "mine")) == ["Lastday", "Min"]


def test_who_has_come_back_has_not_joined(world, as_user):
    back, new = (cast.make_student(name, "Ashby", joined_on=date(2026, 11, 2)) for name in ("Back", "New"))
    EarlierStay.objects.create(student=back, joined_on=date(2024, 9, 3), left_on=date(2026, 2, 13))
    for student in (back, new):
        cast.assign(student, world.u_keyworker)
    client = as_user(world.u_keyworker)
    said = {card.student: card.meta for card in client.get(TODAY).context["mine"]}
    assert "Back since Monday 2 November" in said[back] and "Joined" not in said[back]
    assert "Joined Monday 2 November" in said[new]
    alone = client.get(f"/today/{back.pk}/card/", headers={"HX-Request": "true"}).content.decode()
    assert "Back since Monday 2 November" in alone


def test_says_when_the_nightly_work_is_late(world, as_user, ran):
    client = as_user(world.u_keyworker)
    assert client.get(TODAY).context["late_job"] is None

    type(ran).objects.filter(pk=ran.pk).update(finished_at=ran.finished_at - timedelta(hours=26))
    response = client.get(TODAY)

    assert response.context["late_job"] is not None
    assert "nightly work has not run since Sunday 22 November at 9 am" in response.content.decode()


def test_the_same_queries_for_one_card_and_many(world, as_user, spoke, django_assert_num_queries):
    client = as_user(world.u_keyworker)
    spoke(world.mina, world.u_keyworker, 20)
    client.get(TODAY)
    with django_assert_num_queries(9) as one:
        client.get(TODAY)
    for number in range(10):
        student = cast.make_student("Student", f"Number{number}", joined_on=date(2025, 9, 3))
        cast.assign(student, world.u_keyworker)
        spoke(student, world.u_keyworker, 10 + number)
    with django_assert_num_queries(len(one)):
        assert len(client.get(TODAY).context["mine"]) == 11


def test_families_and_students_have_no_today(world, as_user):
    for who in ("parent", "student"):
        assert as_user(world.users[who]).get(TODAY).status_code == 403


class TestCard:
    def url(self, student) -> str:
        return reverse("portal:card", args=[student.pk])

    def test_closed_and_open(self, world, as_user):
        client = as_user(world.u_keyworker)
        closed = client.get(self.url(world.mina), headers={"HX-Request": "true"}).content.decode()
        opened = client.get(
            self.url(world.mina) + "?open=contact", headers={"HX-Request": "true"}
        ).content.decode()

        assert "is-wide" not in closed and "Log contact" in closed
        assert "is-wide" in opened and "Log contact" not in opened
        assert f"{reverse('contacts:log_contact', args=[world.mina.pk])}?card=" in opened
        assert "<html" not in closed + opened

    def test_without_script_it_leads_to_the_page(self, world, as_user):
        client = as_user(world.u_keyworker)
        assert client.get(self.url(world.mina))["Location"] == f"/today/#s-{world.mina.pk}"
        there = client.get(self.url(world.mina) + "?open=session")
        assert there["Location"] == reverse("contacts:log_session", args=[world.mina.pk])

    def test_somebody_elses_student_is_not_there(self, world, as_user):
        client = as_user(world.u_keyworker)
        other = client.get(self.url(world.otto), headers={"HX-Request": "true"})
        none = client.get(reverse("portal:card", args=[10**9]), headers={"HX-Request": "true"})
        assert (other.status_code, none.status_code) == (404, 404)
        assert without_tokens(other.content) == without_tokens(none.content)

    def test_a_saved_contact_answers_in_its_card(self, world, as_user):
        client = as_user(world.u_keyworker)
        log = reverse("contacts:log_contact", args=[world.mina.pk])
        typed = {
            "reached": "spoke",
            "person": str(world.mina_mum.pk),
            "channel": "phone",
            "direction": "out",
            "happened_on": "2026-11-23",
            "notes": "All well.",
            "level": "general",
            "card": self.url(world.mina),
            "next": TODAY,
        }
        saved = client.post(log, typed, headers={"HX-Request": "true"})
        assert (saved.status_code, saved["Location"]) == (302, self.url(world.mina)), saved.content
        card = client.get(saved["Location"], headers={"HX-Request": "true"}).content.decode()

        assert "Contact saved." in card
        page = client.get(TODAY)
        headline = '<span id="today-owed"{}>' + f" {page.context['sentence']}</span>"
        assert headline.format(' hx-swap-oob="true"') in card and headline.format("") in page.content.decode()
        assert "next home contact is due Monday 7 December" in card
        again = client.get(self.url(world.mina), headers={"HX-Request": "true"}).content.decode()
        assert "Contact saved." not in again and "today-owed" not in again

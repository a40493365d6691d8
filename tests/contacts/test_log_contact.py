"""Writing a contact down: defaults, refusals, lateness, siblings, sharing, the card (C6 to C10, C15)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from contacts.actions.contacts import Person, log_contact
from contacts.models import ContactHold, HomeContact
from keywork import clock
from keywork.access import forget_relations
from keywork.errors import Refused
from students.models import FamilyLink
from tests import world as cast

HTMX = {"HX-Request": "true"}


def page(response) -> str:
    return response.content.decode()


def test_the_form_begins_with_the_usual_person_and_now(keyworker, log_url, world):
    form = keyworker.get(log_url).context["form"]
    assert form.shown("person") == str(world.mina_mum.pk)
    assert form.shown("channel") == "phone"
    assert form.who_line == "Phone call to Folake Harcastle (mum), today at 12 pm"


def test_it_begins_with_the_last_person_and_channel(keyworker, log_url, spoke, world):
    gran = cast.make_family(world.mina, "Greta", "Harcastle", relationship="gran", priority=2)
    keyworker.post(log_url, spoke(person=str(gran.pk), channel="text", reached="replied"))
    form = keyworker.get(log_url).context["form"]
    assert (form.shown("person"), form.shown("channel")) == (str(gran.pk), "text")


def test_a_contact_is_saved_with_what_was_told(keyworker, log_url, spoke, world):
    response = keyworker.post(log_url, spoke(share="on"))
    assert response.status_code == 302
    assert response["Location"] == reverse("students:record", args=[world.mina.pk])
    contact = HomeContact.objects.get()
    assert (contact.student_id, contact.made_by_id) == (world.mina.pk, world.u_keyworker.pk)
    assert (contact.outcome, contact.person_marked, contact.with_name) == (
        "two_way",
        True,
        "Folake Harcastle (mum)",
    )
    assert (contact.logged_on, contact.needs_approval) == (cast.TODAY, False)
    assert (
        contact.shared_summary == "Keyworker spoke with you on Monday 23 November about what is going well."
    )


def test_the_message_says_what_is_due_next_and_offers_undo(keyworker, log_url, spoke, world):
    keyworker.post(log_url, spoke())
    message = str(
        next(iter(keyworker.get(reverse("contacts:log", args=[world.mina.pk])).context["messages"]))
    )
    assert message.startswith("Contact saved. Min’s next home contact is due Monday 7 December.")
    assert reverse("contacts:undo_contact", args=[HomeContact.objects.get().pk]) in message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reached": None}, "Say whether you reached them"),
        ({"happened_on": "2026-11-24"}, "Choose a date that is today or earlier"),
        ({"happened_on": "2024-09-02"}, "Min joined on Tuesday 3 September 2024"),
        ({"person": "other"}, "Say who it was"),
        ({"share": "on", "level": "restricted"}, "is not shared with home"),
        ({"reached": "shouted"}, "Choose one of the answers"),
    ],
)
def test_a_refused_save_says_why_and_keeps_the_text(keyworker, log_url, spoke, changes, words):
    response = keyworker.post(log_url, spoke(**changes))
    assert response.status_code == 422
    assert words in page(response)
    assert "Home is pleased with the climbing wall." in page(response)
    assert page(response).count('class="kw-errors"') == 1
    assert not HomeContact.objects.exists()


def test_nothing_is_logged_after_a_student_left(keyworker, log_url, spoke, world):
    world.mina.left_on = date(2026, 11, 20)
    world.mina.save()
    response = keyworker.post(log_url, spoke())
    assert "Min left on Friday 20 November. Choose that day or earlier" in page(response)
    assert keyworker.post(log_url, spoke(happened_on="2026-11-20")).status_code == 302


def test_a_restricted_parent_is_never_offered(keyworker, log_url):
    assert "Rufus" not in page(keyworker.get(log_url))


def test_a_forged_post_does_not_reach_a_restricted_parent(keyworker, log_url, spoke, world):
    link = FamilyLink.objects.get(member__forename="Rufus")
    assert keyworker.post(log_url, spoke(person=str(link.pk))).status_code == 422
    for someone in (world.otto_mum, FamilyLink.objects.get(member__forename="Idris")):
        assert keyworker.post(log_url, spoke(person=str(someone.pk))).status_code == 422
    with pytest.raises(Refused):
        log_contact(
            by=world.u_keyworker,
            student=world.mina,
            person=Person(link=link),
            happened_on=cast.TODAY,
            channel="phone",
            reached="spoke",
        )
    assert not HomeContact.objects.exists()


def test_someone_else_is_kept_and_does_not_count(keyworker, log_url, spoke):
    keyworker.post(log_url, spoke(person="other", other_name="Taxi driver"))
    contact = HomeContact.objects.get()
    assert (contact.with_name, contact.member_id, contact.person_marked) == ("Taxi driver", None, False)


def test_with_nobody_marked_the_form_says_so(keyworker, log_url, world):
    FamilyLink.objects.filter(student=world.mina).update(may_receive_keywork_contact=False)
    response = keyworker.get(log_url)
    assert "Nobody is down for keywork contact" in page(response)
    assert response.context["form"].shown("person") == "other"


@pytest.mark.parametrize(
    ("days", "flagged", "waits"), [(3, False, False), (4, True, False), (14, True, False), (15, True, True)]
)
def test_late_entries_are_flagged_then_wait(keyworker, log_url, spoke, world, days, flagged, waits):
    keyworker.post(log_url, spoke(happened_on=(cast.TODAY - timedelta(days=days)).isoformat()))
    contact = HomeContact.objects.get()
    assert contact.needs_approval is waits
    text = page(keyworker.get(reverse("contacts:log", args=[world.mina.pk])))
    assert (f"Logged {days} days later" in text) is flagged
    assert (
        "It will count once" in text or f"It is {days} days late: it will count once Head approves it" in text
    ) is waits


def _sibling(world):
    """Otto's sister Pia shares Mina's mum, and Mina's keyworker is her deputy."""
    pia = cast.make_student("Pia", "Harcastle")
    FamilyLink.objects.create(student=pia, member=world.mina_mum.member, relationship="mum")
    cast.assign(pia, world.u_keyworker, "deputy")
    forget_relations(world.u_keyworker)
    return pia


def test_one_call_serves_siblings(keyworker, log_url, spoke, world):
    pia = _sibling(world)
    assert "This call was also about" in page(keyworker.get(log_url))
    keyworker.post(log_url, spoke(siblings=[str(pia.pk)]))
    mine, theirs = HomeContact.objects.order_by("pk")
    assert (mine.student_id, theirs.student_id) == (world.mina.pk, pia.pk)
    assert mine.call == theirs.call


def test_a_sibling_one_may_not_log_for_is_neither_offered_nor_taken(keyworker, log_url, spoke, world):
    FamilyLink.objects.create(student=world.otto, member=world.mina_mum.member, relationship="aunt")
    assert cast.OTHER_SURNAME not in page(keyworker.get(log_url))
    assert keyworker.post(log_url, spoke(siblings=[str(world.otto.pk)])).status_code == 422
    assert not HomeContact.objects.exists()


def test_a_sibling_of_whom_this_person_is_no_family_is_refused(keyworker, log_url, spoke, world):
    pia = _sibling(world)
    gran = cast.make_family(world.mina, "Greta", "Harcastle", relationship="gran", priority=2)
    response = keyworker.post(log_url, spoke(person=str(gran.pk), siblings=[str(pia.pk)]))
    assert "Greta Harcastle (gran) is not down as family of Pia Harcastle" in page(response)


def test_undo_takes_back_the_whole_call(keyworker, log_url, spoke, world):
    pia = _sibling(world)
    keyworker.post(log_url, spoke(siblings=[str(pia.pk)]))
    url = reverse("contacts:undo_contact", args=[HomeContact.objects.first().pk])
    assert keyworker.get(url).status_code == 200
    assert HomeContact.objects.filter(voided_on__isnull=True).count() == 2
    assert keyworker.post(url).status_code == 302
    assert set(HomeContact.objects.values_list("void_reason", flat=True)) == {"Saved by mistake"}


def test_what_was_undone_stands_in_the_form_again(keyworker, log_url, spoke, world):
    pia = _sibling(world)
    typed = spoke(
        siblings=[str(pia.pk)], notes="She rang about the bus.", direction="in", happened_time="08:15",
        topics=["attendance"], share="on", summary="We spoke about the bus.", channel="text",
    )  # fmt: skip
    keyworker.post(log_url, typed)
    entry = HomeContact.objects.get(student=world.mina)
    keyworker.post(reverse("contacts:undo_contact", args=[entry.pk]))
    said = page(keyworker.get(f"/students/{world.mina.pk}/"))
    assert f'<a href="{log_url}">stands in the form again</a>' in said
    form = keyworker.get(log_url).context["form"]
    for name, value in typed.items():
        shown = form.shown(name)
        shown = {True: "on", False: ""}.get(shown, shown) if isinstance(shown, bool) else shown
        assert shown == value, name
    keyworker.post(log_url, typed | {"notes": "She rang about the taxi."})
    assert "taxi" not in page(keyworker.get(log_url))


def test_someone_else_stands_in_the_form_again_too(keyworker, log_url, spoke):
    keyworker.post(log_url, spoke(person="other", other_name="Aunt Bea"))
    keyworker.post(reverse("contacts:undo_contact", args=[HomeContact.objects.get().pk]))
    form = keyworker.get(log_url).context["form"]
    assert (form.shown("person"), form.shown("other_name")) == ("other", "Aunt Bea")


def test_undo_is_for_the_same_person_on_the_same_day(keyworker, log_url, spoke, world, as_user):
    keyworker.post(log_url, spoke())
    url = reverse("contacts:undo_contact", args=[HomeContact.objects.get().pk])
    assert as_user(world.u_mentor).post(url).status_code == 403
    with clock.frozen(cast.TODAY + timedelta(days=1)):
        assert keyworker.post(url).status_code == 409
    assert HomeContact.objects.get().voided_on is None


# Inside a card


def test_in_a_card_the_form_is_a_piece_and_saving_leads_to_the_card(keyworker, log_url, spoke, world):
    card = f"/today/{world.mina.pk}/card/"
    piece = keyworker.get(log_url, {"card": card}, headers=HTMX)
    assert "<html" not in page(piece)
    assert f'name="card" value="{card}"' in page(piece)
    saved = keyworker.post(log_url, spoke(card=card), headers=HTMX)
    assert (saved.status_code, saved["Location"]) == (302, card)
    after = page(keyworker.get(card, headers=HTMX))
    assert "Contact saved." in after
    assert "kw-next is-" in after  # and what is next stays in sight
    refused = keyworker.post(log_url, spoke(card=card, reached=None), headers=HTMX)
    assert refused.status_code == 422
    assert refused["HX-Retarget"].startswith("#")


@pytest.mark.parametrize(
    "bad",
    ["https://evil.example/today/", "//evil.example/today/", "/accounts/logout/", "javascript:alert(1)"],
)
def test_a_card_or_next_elsewhere_is_ignored(keyworker, log_url, spoke, world, bad):
    piece = page(keyworker.get(log_url, {"card": bad}, headers=HTMX))
    assert 'name="card"' not in piece
    if bad.startswith("/a"):
        return
    response = keyworker.post(log_url, spoke(next=bad))
    assert response["Location"] == reverse("students:record", args=[world.mina.pk])


def test_the_preview_shows_what_home_will_see_and_saves_nothing(keyworker, log_url, spoke):
    text = page(keyworker.post(log_url, spoke(preview="1", reached="no_answer", share="on"), headers=HTMX))
    assert "Keyworker tried to reach you by phone on Monday 23 November" in text
    whole = keyworker.post(log_url, spoke(preview="1", reached=None))
    assert whole.status_code == 200
    assert "Home is pleased" in page(whole)
    assert not HomeContact.objects.exists()


def test_a_line_break_in_words_for_home_counts_once(keyworker, log_url, spoke):
    """Twenty lines of 49 letters are 999 to the browser, which sends each line break as two characters."""
    words = "\r\n".join(["a" * 49] * 20)
    assert keyworker.post(log_url, spoke(share="on", summary=words)).status_code == 302
    assert HomeContact.objects.get().shared_summary == words.replace("\r\n", "\n")
    text = page(keyworker.post(log_url, spoke(share="on", summary=words + "\r\nab")))
    assert "Make this shorter: it has 1002 characters, and there is room for 1000" in text


def test_own_words_for_home_are_kept(keyworker, log_url, spoke):
    keyworker.post(log_url, spoke(share="on", summary="A good week, thank you."))
    assert HomeContact.objects.get().shared_summary == "A good week, thank you."


def test_a_hold_is_told_before_anyone_rings(keyworker, log_url, world):
    ContactHold.objects.create(
        student=world.mina,
        starts_on=cast.TODAY,
        ends_on=cast.TODAY + timedelta(days=3),
        reason="Sentinel reason",
        placed_by=world.u_dsl,
        placed_at=clock.now(),
    )
    text = page(keyworker.get(log_url))
    assert "Contact with home is on hold until Thursday 26 November" in text
    assert "Sentinel reason" not in text


# Who may


@pytest.mark.parametrize(
    ("actor", "status"),
    [
        ("keyworker", 302),
        ("deputy", 302),
        ("mentor", 302),
        ("member", 302),
        ("head", 302),
        ("former", 404),
        ("future", 404),
        ("keyworker_other", 404),
        ("teacher", 404),
        ("staff_parent", 404),
        ("dsl", 404),
        ("parent", 403),
        ("student", 403),
    ],
)
def test_who_may_log(world, as_user, log_url, spoke, actor, status):
    assert as_user(world.users[actor]).post(log_url, spoke()).status_code == status
    assert HomeContact.objects.exists() is (status == 302)


def test_only_levels_one_reads_oneself_are_offered_and_taken(world, as_user, log_url, spoke):
    member = as_user(world.u_member)
    assert "Safeguarding lead only" not in page(member.get(log_url))
    assert member.post(log_url, spoke(level="restricted")).status_code == 422
    assert as_user(world.u_keyworker).post(log_url, spoke(level="restricted")).status_code == 302
    assert HomeContact.objects.get().level == "restricted"


def test_saving_asks_the_database_little(keyworker, log_url, spoke, django_assert_max_num_queries):
    keyworker.get(log_url)
    # Who, reach, student, family, school, contact, draft, two for the due date; the rest is transactions.
    with django_assert_max_num_queries(15):
        keyworker.post(log_url, spoke())


# ------------------------------------------------------------------ what home sees


def test_a_contact_is_kept_from_home_only_with_a_reason(keyworker, log_url, spoke):
    form = keyworker.get(log_url).content.decode()
    assert "Home sees on their page that you were in touch" in form
    keyworker.post(log_url, spoke(withheld="  He asked us not to tell.  "))
    kept = HomeContact.objects.get()
    assert (kept.withheld_reason, kept.shared) == ("He asked us not to tell.", False)
    assert (
        "Kept from home: He asked us not to tell." in keyworker.get(f"/contacts/{kept.pk}/").content.decode()
    )
    both = keyworker.post(log_url, spoke(withheld="He asked us not to.", share="on"))
    assert both.status_code == 422 and "Choose one of the two" in both.content.decode()


def test_the_words_for_home_are_shown_only_where_share_is_ticked(keyworker, log_url, spoke):
    shown = keyworker.post(log_url, spoke(preview="1")).content.decode()
    assert "Home will see:" not in shown
    assert "On home’s page: Keyworker spoke with you, with the day and how." in shown
    assert "Home will see:" in keyworker.post(log_url, spoke(preview="1", share="on")).content.decode()
    assert HomeContact.objects.count() == 0


def test_no_answer_asks_nothing_about_topics(keyworker, log_url, spoke):
    """Ticked before the answer was chosen, they are hidden by the style sheet and not written down."""
    assert "kw-if-reached" in keyworker.get(log_url).content.decode()
    keyworker.post(log_url, spoke(reached="no_answer"))
    assert HomeContact.objects.get().topics == []
    keyworker.post(log_url, spoke(reached="message"))
    assert HomeContact.objects.first().topics == ["going_well"]

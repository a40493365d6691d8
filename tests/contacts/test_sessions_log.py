"""Writing sessions down (H2, H5, H6, H9)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from contacts.models import KeyworkSession
from keywork import clock
from keywork.models import RecordOpening
from tests import world as cast
from tests.access.records import session
from tests.policies import set_policy

IN_HOLIDAY = date(2026, 10, 29)  # after Autumn 1, which ends on 23 October 2026


@pytest.fixture
def url(world):
    return reverse("contacts:log_session", args=[world.mina.pk])


def test_a_session_is_saved_with_what_was_told(keyworker, url, met, world):
    assert keyworker.post(url, met()).status_code == 302
    session = KeyworkSession.objects.get()
    assert (session.status, session.topics, session.minutes) == (
        "held",
        ["attendance", "social_progress"],
        20,
    )
    assert (session.agreed, session.made_by_id, session.catch_up_for) == (
        "Meet at the gate.",
        world.u_keyworker.pk,
        "",
    )


def test_a_held_session_needs_a_topic_and_a_declined_one_does_not(keyworker, url, met):
    refused = keyworker.post(url, met(topics=None))
    assert refused.status_code == 422
    assert "Choose what you talked about" in refused.content.decode()
    assert "Talked about mornings." in refused.content.decode()
    keyworker.post(url, met(status="declined", topics=None))
    session = KeyworkSession.objects.get()
    assert (session.status, session.minutes) == ("declined", None)


@pytest.mark.parametrize("status", ["", "planned"])
def test_the_status_must_be_one_of_four(keyworker, url, met, status):
    assert keyworker.post(url, met(status=status)).status_code == 422


def test_a_late_session_waits_for_approval(keyworker, url, met):
    keyworker.post(url, met(happened_on="2026-11-02"))
    assert KeyworkSession.objects.get().needs_approval is True


def test_in_the_holiday_a_session_can_make_up_for_the_half_term(keyworker, url, met):
    with clock.frozen(IN_HOLIDAY):
        assert "This makes up for" in keyworker.get(url).content.decode()
        keyworker.post(url, met(happened_on=IN_HOLIDAY.isoformat(), catch_up="on"))
    assert KeyworkSession.objects.get().catch_up_for == "2026-27-autumn-1"


def test_catching_up_is_not_offered_in_term_and_refused_for_a_day_of_term(keyworker, url, met):
    with clock.frozen(date(2026, 12, 10)):
        assert "This makes up for" not in keyworker.get(url).content.decode()
    with clock.frozen(date(2026, 11, 4)):  # term again, the holiday still within reach
        assert "This makes up for" in keyworker.get(url).content.decode()
        refused = keyworker.post(url, met(happened_on="2026-11-04", catch_up="on"))
        assert "only in the holiday" in refused.content.decode()
        assert keyworker.post(url, met(happened_on="2026-10-30", catch_up="on")).status_code == 302
    assert KeyworkSession.objects.get().catch_up_for == "2026-27-autumn-1"


def test_the_lengths_of_the_policy_are_offered(keyworker, url, met):
    set_policy(effective_on=date(2026, 9, 1), preset="ies-breckland", by=None)
    assert "60 minutes" in keyworker.get(url).content.decode()
    keyworker.post(url, met(minutes="", usual_minutes="60"))
    assert KeyworkSession.objects.get().minutes == 60


@pytest.mark.parametrize(
    ("actor", "status"),
    [("keyworker", 302), ("member", 302), ("former", 404), ("teacher", 404), ("parent", 403)],
)
def test_who_may_log_a_session(world, as_user, url, met, actor, status):
    assert as_user(world.users[actor]).post(url, met()).status_code == status
    assert KeyworkSession.objects.exists() is (status == 302)


def test_a_session_may_be_amended_and_crossed_out(keyworker, url, met):
    keyworker.post(url, met())
    session = KeyworkSession.objects.get()
    assert (
        keyworker.post(reverse("contacts:amend_session", args=[session.pk]), met(minutes="45")).status_code
        == 302
    )
    session.refresh_from_db()
    assert (session.minutes, session.version) == (45, 2)
    keyworker.post(reverse("contacts:void_session", args=[session.pk]), {"reason": "Wrong student"})
    session.refresh_from_db()
    assert session.voided_on == cast.TODAY


# ------------------------------------------------------------------ the set heads, and what was agreed


def said(client, url) -> str:
    """What stands on the page the form leads to."""
    return " ".join(client.get(url).content.decode().split())


def test_the_form_says_which_heads_are_still_open(keyworker, url, met):
    before = said(keyworker, url)
    assert "All three are still open this half-term: attendance, engagement and social progress" in before
    assert "by Friday 18 December, in 25 days" in before
    assert before.count("Still open") == 3
    keyworker.post(url, met(topics=["attendance"], happened_on="2026-11-20"))
    now = said(keyworker, url)
    assert "Two of three are still open this half-term: engagement and social progress, by" in now
    assert now.count("Still open") == 2 and "Friday 20 November</span>" in now
    keyworker.post(url, met(topics=["engagement", "social_progress"]))
    assert "All three are talked about this half-term." in said(keyworker, url)


def test_a_past_half_term_shows_no_day_of_a_later_one(keyworker, world):
    old = session(world.mina, world.u_keyworker, happened_on=date(2026, 10, 14), topics=["attendance"])
    session(world.mina, world.u_keyworker, happened_on=date(2026, 11, 18), topics=["attendance"])
    shown = said(keyworker, reverse("contacts:amend_session", args=[old.pk]))
    assert "Wednesday 14 October</span>" in shown and "Wednesday 18 November</span>" not in shown


def test_saved_answers_with_what_is_left_and_can_be_undone(keyworker, url, met, world):
    keyworker.post(url, met(topics=["attendance", "social_progress"]))
    saved = said(keyworker, "/today/")
    assert "Session saved. Two of three talked about; engagement by Friday 18 December." in saved
    session = KeyworkSession.objects.get()
    undo = reverse("contacts:undo_session", args=[session.pk])
    assert undo in saved and "Undo this session?" in said(keyworker, undo)
    keyworker.post(undo)
    session.refresh_from_db()
    assert session.void_reason == "Saved by mistake"
    assert "Session undone." in said(keyworker, "/today/")
    form = keyworker.get(url).context["form"]
    assert (form.shown("status"), form.shown("topics")) == ("held", ["attendance", "social_progress"])
    keyworker.post(url, met(topics=["attendance", "engagement", "social_progress"]))
    assert "All three talked about this half-term. The next half-term begins on" in said(keyworker, "/today/")


def test_a_session_is_undone_on_the_same_day_by_who_saved_it(keyworker, url, met, as_user, world):
    keyworker.post(url, met())
    undo = reverse("contacts:undo_session", args=[KeyworkSession.objects.get().pk])
    assert as_user(world.u_deputy).post(undo).status_code == 403
    with clock.frozen(date(2026, 11, 24)):
        assert keyworker.post(undo).status_code == 409
    assert KeyworkSession.objects.get().voided_on is None


def test_the_form_shows_what_was_agreed_last_time_and_leaves_a_row(keyworker, url, met, world, as_user):
    keyworker.post(url, met(agreed="Ros asks about <b>maths</b>.", happened_on="2026-11-18"))
    keyworker.post(url, met(agreed="Kept for the pair.", happened_on="2026-11-19", level="restricted"))
    keyworker.post(url, met(status="declined", agreed="", happened_on="2026-11-20"))
    shown = said(as_user(world.u_mentor), url)
    assert "Ros asks about &lt;b&gt;maths&lt;/b&gt;." in shown and "Wednesday 18 November" in shown
    assert "Kept for the pair." not in shown  # the mentor does not read restricted entries
    agreed = KeyworkSession.objects.get(happened_on=date(2026, 11, 18))
    assert RecordOpening.objects.filter(
        user_id=world.u_mentor.pk, what="session", detail=str(agreed.pk)
    ).exists()
    assert "Kept for the pair." in said(keyworker, url)


def went(client, url) -> dict[str, str]:
    """What the form asks about, by its words: the name of its field."""
    page = client.get(url).content.decode()
    found = re.findall(
        r'<legend class="kw-legend">([^<]+)</legend><p class="form-text">.*?name="(went-[^"]+)"',
        page,
        re.DOTALL,
    )
    return dict(found)


def test_how_it_went_is_said_and_what_goes_on_is_asked_again(keyworker, url, met, world, as_user):
    keyworker.post(
        url, met(agreed="Tell one more adult.\nAsk about maths.\nTry the library.", happened_on="2026-11-17")
    )
    asked = went(keyworker, url)
    assert list(asked) == ["Tell one more adult.", "Ask about maths.", "Try the library."]
    answers = {asked["Tell one more adult."]: "goes_on", asked["Ask about maths."]: "done"}
    assert keyworker.post(url, met(agreed="", happened_on="2026-11-18", **answers)).status_code == 302
    _, second = KeyworkSession.objects.order_by("happened_on")
    read = said(keyworker, reverse("contacts:session", args=[second.pk]))
    assert 'Ask about maths. <span class="kw-tag">Done</span>' in read
    assert 'Tell one more adult. <span class="kw-tag">Goes on</span>' in read
    # Nothing new was agreed: what nobody answered is asked again too; what is done is not.
    assert list(went(keyworker, url)) == ["Tell one more adult.", "Try the library."]
    keyworker.post(url, met(agreed="See the new room.", happened_on="2026-11-19"))
    assert list(went(keyworker, url)) == ["Tell one more adult.", "See the new room."]
    # Amended, the session shows what it said, and leaving it as it stands changes nothing.
    change = reverse("contacts:amend_session", args=[second.pk])
    assert keyworker.get(change).content.decode().count("checked") >= 2
    keyworker.post(change, met(agreed="", happened_on="2026-11-18", **answers))
    second.refresh_from_db()
    assert [one["went"] for one in second.answered] == ["goes_on", "done"]
    refused = keyworker.post(url, met(**{asked["Tell one more adult."]: "perhaps"}))
    assert refused.status_code == 422


def test_how_it_went_tells_nobody_the_words_of_a_session_they_may_not_read(
    keyworker, url, met, world, as_user
):
    keyworker.post(url, met(agreed="Kept for the pair.", happened_on="2026-11-18", level="restricted"))
    [(words, name)] = went(keyworker, url).items()
    keyworker.post(url, met(agreed="", **{name: "done"}))
    session = KeyworkSession.objects.get(agreed="")
    read = reverse("contacts:session", args=[session.pk])
    assert words in said(keyworker, read)
    assert words not in said(as_user(world.u_mentor), read)
    assert "Kept" not in str(session.answered)


def test_a_session_that_was_not_held_has_no_topics(keyworker, url, met):
    keyworker.post(url, met(status="declined"))
    assert KeyworkSession.objects.get().topics == []


def test_in_the_holiday_the_form_speaks_of_the_half_term_just_ended(keyworker, url, met):
    with clock.frozen(IN_HOLIDAY):
        assert "All three were left open in" in said(keyworker, url)
        assert "A session now can make up for it, until" in said(keyworker, url)


def test_the_filter_of_the_log_names_each_year_once(keyworker, world):
    page = said(keyworker, reverse("contacts:log", args=[world.mina.pk]))
    assert "Autumn term 2026/27</option>" in page and "2026/27 2026" not in page

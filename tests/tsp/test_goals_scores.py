"""Scores with evidence, second views, what was wrong; attainment with its safeguards; goals on the timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from goals import score_actions as actions
from goals.actions import check_levels
from keywork import clock, school
from keywork.calendar import term_name
from keywork.errors import ChangedMeanwhile, Refused
from students import chronicle
from tests.access.records import contact, session
from tsp.models import GasScale, Goal, GoalScore

from .factories import LEVELS, make_goal, make_score

DAY = timedelta(days=1)


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


@pytest.fixture
def goal(world):
    """Agreed a week ago."""
    return agreed(world, world.mina, days_ago=7)


def agreed(world, student, *, days_ago: int = 0, **fields) -> Goal:
    with clock.frozen(clock.today() - days_ago * DAY):
        return make_goal(student, world.u_keyworker, checker=world.u_mentor, **fields)


def url(name: str, *args: object) -> str:
    return reverse(f"goals:{name}", args=args)


def words_of(response) -> str:
    return response.content.decode()


def typed(goal: Goal, **fields) -> dict:
    scale = goal.scales.get()
    return {
        "level": "0",
        "scored_on": clock.today().isoformat(),
        "evidence": "Four lessons of five, counted.",
        "scale": scale.pk,
        **fields,
    }


# ------------------------------------------------------------------------------------------------- scoring


def test_scored_with_evidence_and_ended(world, keyworker, goal):
    assert keyworker.post(url("score", goal.pk), typed(goal, end="on")).status_code == 302
    score = goal.scores.get()
    assert (score.level, score.second, score.by) == (0, False, world.u_keyworker)
    goal.refresh_from_db()
    assert goal.closed_at is not None
    page = keyworker.get(url("goal", goal.pk))
    assert page.context["line"].level_words == "Expected outcome"
    assert "Four lessons of five, counted." in words_of(page)
    assert keyworker.get(url("score", goal.pk)).status_code == 409


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"level": ""}, "Choose one of the five levels"),
        ({"level": "3"}, "Choose one of the answers"),
        ({"evidence": " "}, "Say how you know"),
        ({"partial": "on"}, "goes with level −1 only"),
        ({"scored_on": "2026-11-24"}, "today or earlier"),
        ({"scored_on": "2026-11-15"}, "agreed on Monday 16 November 2026"),
    ],
)
def test_a_score_that_says_too_little_is_refused(world, keyworker, goal, change, sentence):
    answer = keyworker.post(url("score", goal.pk), typed(goal, **change))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert not goal.scores.exists()


def test_partial_progress_is_said_and_counts_as_minus_one(world, keyworker, goal):
    keyworker.post(url("score", goal.pk), typed(goal, level="-1", partial="on"))
    page = keyworker.get(url("goals", world.mina.pk))
    assert "Somewhat less than expected, with some progress" in words_of(page)
    assert (page.context["result"].progressed, page.context["result"].met) == (0, 0)


def test_no_partial_progress_from_minus_two(world, keyworker):
    low = agreed(world, world.mina, scale={"baseline": -2})
    assert "partial" not in keyworker.get(url("score", low.pk)).context["form"].fields
    with pytest.raises(Refused, match="start at −1"):
        actions.score_goal(
            by=world.u_keyworker,
            goal=low,
            scale_id=low.scales.get().pk,
            level=-1,
            partial=True,
            scored_on=clock.today(),
            evidence="Some.",
        )


def test_the_newest_standing_score_is_the_level(world, keyworker, goal):
    make_score(goal, world.u_keyworker, 1)
    make_score(goal, world.u_keyworker, -1, scored_on=clock.today() - 3 * DAY)
    assert keyworker.get(url("goal", goal.pk)).context["line"].level == 1


def test_scored_on_the_levels_that_were_read(world, goal):
    old = goal.scales.get()
    new = GasScale.objects.create(
        goal=goal,
        number=2,
        reason="Too easy",
        written_by=world.u_keyworker,
        written_at=clock.now(),
        asked_at=clock.now(),
        measure="Counted",
        support="A nod",
        review_on=clock.today() + 9 * DAY,
        **{name: f"{words}, every day" for name, words in LEVELS.items()},
    )
    check_levels(by=world.u_mentor, goal=goal, version=new.version)
    told = {
        "by": world.u_keyworker,
        "goal": goal,
        "level": 1,
        "scored_on": clock.today(),
        "evidence": "Seen.",
    }
    with pytest.raises(ChangedMeanwhile):
        actions.score_goal(scale_id=old.pk, **told)
    assert actions.score_goal(scale_id=new.pk, **told).scale == new


def test_the_page_keeps_what_was_typed_when_the_levels_changed(world, keyworker, goal):
    answer = keyworker.post(url("score", goal.pk), typed(goal, scale=0, evidence="Kept words."))
    assert answer.status_code == 409
    assert "Kept words." in words_of(answer)
    assert not GoalScore.objects.exists()


# ----------------------------------------------------------------------------------- what a score rests on


def test_an_entry_of_the_timeline_is_evidence_and_never_a_restricted_one(world, keyworker, goal):
    plain = session(world.mina, world.u_keyworker, notes="She stayed in all lessons.")
    hidden = contact(world.mina, world.u_keyworker, level="restricted", notes="Not for everyone.")
    contact(world.mina, world.u_keyworker, reached="no_answer", outcome="no_answer", notes="A try.")
    session(world.mina, world.u_keyworker, notes="Too old.", happened_on=clock.today() - 30 * DAY)
    form = keyworker.get(url("score", goal.pk)).context["form"]
    assert [value for value, _ in form.fields["source"].choices] == ["", f"session-{plain.pk}"]
    refused = keyworker.post(url("score", goal.pk), typed(goal, evidence="", source=f"contact-{hidden.pk}"))
    assert refused.status_code == 422
    keyworker.post(url("score", goal.pk), typed(goal, evidence="", source=f"session-{plain.pk}"))
    score = goal.scores.get()
    assert (score.source_kind, score.source_pk) == ("session", plain.pk)
    assert "She stayed" not in score.evidence  # its words stay where they are
    page = keyworker.get(url("goal", goal.pk))
    assert page.context["scores"][0]["entry"].pk == plain.pk
    # Crossed out or made restricted since: whoever may not read it is told so, and no more.
    plain.level = "safeguarding"
    plain.save()
    page = keyworker.get(url("goal", goal.pk))
    assert (page.context["scores"][0]["entry"], page.context["scores"][0]["hidden"]) == (None, True)


# ---------------------------------------------------------------------------------------- the second scorer


def test_a_second_view_stands_beside_and_is_never_the_level(world, as_user, keyworker, goal):
    make_score(goal, world.u_keyworker, 2, evidence="All week.")
    mentor = as_user(world.u_mentor)
    asked = mentor.get(url("second", goal.pk))
    assert "All week." not in words_of(asked)  # they are not told the answer
    mentor.post(url("second", goal.pk), typed(goal, level="-1", evidence="Once in three."))
    page = keyworker.get(url("goal", goal.pk))
    assert page.context["line"].level == 2
    assert "Second view" in words_of(page) and "Once in three." in words_of(page)
    for answer in (
        keyworker.get(url("second", goal.pk)),
        keyworker.post(url("second", goal.pk), typed(goal)),
    ):
        assert answer.status_code == 409


# ------------------------------------------------------------------------------------------- what was wrong


def test_a_score_crossed_out_keeps_its_reason_and_gives_way(world, keyworker, goal):
    make_score(goal, world.u_keyworker, -1, scored_on=clock.today() - DAY)
    wrong = make_score(goal, world.u_keyworker, 2)
    assert keyworker.post(url("score_void", wrong.pk), {"reason": ""}).status_code == 422
    keyworker.post(url("score_void", wrong.pk), {"reason": "Another student’s lesson."})
    page = keyworker.get(url("goal", goal.pk))
    assert page.context["line"].level == -1
    assert "Another student’s lesson." in words_of(page)
    assert keyworker.get(url("score_void", wrong.pk)).status_code == 409


def test_a_goal_that_ended_with_a_wrong_score_goes_on_if_there_is_room(world, keyworker, goal):
    keyworker.post(url("score", goal.pk), typed(goal, end="on"))
    others = [agreed(world, world.mina) for _ in range(4)]
    score = goal.scores.get()
    full = keyworker.post(url("score_void", score.pk), {"reason": "Wrong day"})
    assert full.status_code == 409
    assert "four others are active" in words_of(full)
    keyworker.post(url("withdraw", others[0].pk), {"reason": "Enough."})
    keyworker.post(url("score_void", score.pk), {"reason": "Wrong day"})
    goal.refresh_from_db()
    assert goal.closed_at is None


def test_a_goal_ends_only_with_a_level_and_with_no_new_levels_in_writing(world, keyworker, goal):
    assert keyworker.post(url("end", goal.pk)).status_code == 409
    make_score(goal, world.u_keyworker, 1)
    pending = GasScale.objects.create(
        goal=goal, number=2, reason="Harder", written_by=world.u_keyworker, written_at=clock.now()
    )
    assert "New levels are being written" in words_of(keyworker.post(url("end", goal.pk)))
    pending.delete()
    assert keyworker.post(url("end", goal.pk)).status_code == 302


# ------------------------------------------------------------------------------------------------ attainment


def test_levels_in_words_first_then_how_many_then_t(world, keyworker):
    for level in (1, 0, 0):
        make_score(agreed(world, world.mina), world.u_keyworker, level)
    page = keyworker.get(url("goals", world.mina.pk))
    result = page.context["result"]
    # domain 2.5: three at −1 are 36.3, and 1, 0, 0 are 54.6
    assert [str(one) for one in (result.baseline_t, result.achieved_t, result.difference)] == [
        "36.3",
        "54.6",
        "18.3",  # of the figures before they were rounded
    ]
    text = words_of(page)
    places = [text.index(words) for words in ("Somewhat more than expected", "3 of 3 scored goals", ">36.3<")]
    assert places == sorted(places)


def test_no_t_for_one_goal_or_when_more_than_a_third_were_withdrawn(world, keyworker):
    first = agreed(world, world.mina)
    make_score(first, world.u_keyworker, 1)
    page = keyworker.get(url("goals", world.mina.pk))
    assert "A T-score needs at least two scored goals." in words_of(page)
    make_score(agreed(world, world.mina), world.u_keyworker, 0)
    assert keyworker.get(url("goals", world.mina.pk)).context["result"].achieved_t is not None
    for number in range(2):  # two of four
        gone = agreed(world, world.mina)
        keyworker.post(url("withdraw", gone.pk), {"reason": f"Reason {number}"})
    page = keyworker.get(url("goals", world.mina.pk))
    assert "More than a third of the goals were withdrawn" in words_of(page)
    assert page.context["result"].achieved_t is None
    assert "Reached</dt>" not in words_of(page)


def test_a_term_speaks_of_its_own_goals(world, keyworker):
    old = agreed(world, world.mina, term="2025-26-summer", student_words="From last summer.")
    make_score(old, world.u_keyworker, 2)
    closed = agreed(world, world.mina, term="2025-26-summer", student_words="Long over.")
    make_score(closed, world.u_keyworker, 0)
    with clock.frozen(school.load().calendar.term("2025-26-summer").ends_on):
        actions.close_goal(by=world.u_keyworker, goal=closed)
    now = keyworker.get(url("goals", world.mina.pk))
    assert [line.words for line in now.context["carried"]] == ["From last summer."]
    assert now.context["result"].scored == 0
    then = keyworker.get(url("goals", world.mina.pk), {"term": "2025-26-summer"})
    assert term_name("2025-26-summer") in words_of(then)
    assert then.context["result"].scored == 2


# ----------------------------------------------------------------------------- the check on easy goals


def test_the_head_sees_the_share_above_expected_and_no_figure_of_anybody(world, as_user):
    for student, level in ((world.mina, 2), (world.mina, 0), (world.otto, 1)):
        make_score(agreed(world, student), world.u_keyworker, level)
    gone = agreed(world, world.mina, withdrawn_at=clock.now(), withdrawn_reason="Over")
    make_score(gone, world.u_keyworker, 2)
    agreed(world, world.otto)
    page = as_user(world.u_head).get(url("above"))
    share = page.context["share"]
    assert (share.scored, share.above, share.per_cent, share.without_second) == (3, 2, 67, 3)
    assert "2 of 3 scored goals (67%) are at +1 or +2" in words_of(page)
    assert world.u_keyworker.name not in words_of(page)
    assert "T-score" not in words_of(page)
    assert as_user(world.u_senco).get(url("above")).status_code == 403


# ------------------------------------------------------------------------------------------- the timeline


def entries(student, reader, **asked):
    page = chronicle.page(student, reader, school=school.load(), **asked)
    return [one for one in page.entries if one.kind.startswith("goal_")]


def test_goals_on_the_timeline(world, goal):
    make_score(goal, world.u_keyworker, 1, evidence="Counted in art.")
    make_goal(world.mina, world.u_keyworker, asked=True)  # not agreed: not there
    agreed(
        world,
        world.mina,
        withdrawn_at=clock.now(),
        withdrawn_by=world.u_keyworker,
        withdrawn_reason="Enough.",
    )
    shown = entries(world.mina, world.u_mentor)
    assert [one.kind for one in shown] == ["goal_withdrawn", "goal_scored", "goal_agreed", "goal_agreed"]
    assert "Counted in art." in shown[1].text
    assert [one.kind for one in entries(world.mina, world.u_slt, kind="goal_scored")] == ["goal_scored"]
    assert [one.kind for one in entries(world.mina, world.u_mentor, search="in ART")] == ["goal_scored"]
    for nobody in (
        world.u_teacher,
        world.u_former,
        world.u_staff_parent,
        world.u_keyworker_other,
        world.u_parent,
    ):
        assert entries(world.mina, nobody) == []


def test_pages_of_the_timeline_lose_nothing_of_a_day(world):
    for number in range(20):
        made = agreed(world, world.mina, withdrawn_at=clock.now(), withdrawn_reason=f"Reason {number}")
        if number % 2:
            make_score(made, world.u_keyworker, 0)
    seen, before = [], None
    while True:
        page = chronicle.page(world.mina, world.u_keyworker, school=school.load(), before=before)
        seen += [(one.kind, one.pk) for one in page.entries]
        if not page.older:
            break
        before = chronicle.place_of(page.older)
    assert len(seen) == len(set(seen)) == 50

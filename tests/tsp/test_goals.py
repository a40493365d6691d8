"""Goals from the student's words to a score: written, checked by a second adult, locked, changed, withdrawn."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from goals import actions
from keywork import clock, school
from keywork.actions.drafts import find_drafts
from keywork.errors import ChangedMeanwhile, Refused
from tests import world as cast
from tests.forms import form_of
from tests.policies import set_policy
from tsp.models import GasScale, Goal

from .factories import LEVELS, make_goal, make_outcome, make_score
from .goal_forms import ASK, GOAL_FORM, KEEP, LEVELS_FORM


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


@pytest.fixture
def mentor(world, as_user):
    return as_user(world.u_mentor)


def url(name: str, *args: object) -> str:
    return reverse(f"goals:{name}", args=args)


def write(client, student, **fields):
    return client.post(url("add", student.pk), {**GOAL_FORM, **ASK, **fields})


def words_of(response) -> str:
    return response.content.decode()


def the_goal() -> Goal:
    return Goal.objects.get()


def typed_levels(**changed) -> dict:
    return {**LEVELS_FORM, "reason": "The first ones were too easy.", **ASK, **changed}


# ------------------------------------------------------------------------------------------ the whole way


def test_from_the_students_words_to_agreed_levels(world, keyworker, mentor):
    outcome = make_outcome(world.mina, world.u_keyworker)
    done = write(keyworker, world.mina, outcomes=[outcome.pk])
    goal = the_goal()
    assert done.url == url("goal", goal.pk)
    assert (goal.student_words, goal.term) == ("I want to stay in maths.", "2026-27-autumn")
    assert list(goal.outcomes.all()) == [outcome]
    assert goal.agreed_at is None

    assert "I want to stay in maths." in words_of(mentor.get(url("to_check")))
    page = mentor.get(url("check", goal.pk))
    version = page.context["form"]["version"].value()
    mentor.post(url("check", goal.pk), {"decision": "agree", "version": version})
    goal.refresh_from_db()
    scale = goal.scales.get()
    assert (goal.agreed_by, scale.checked_by) == (world.u_mentor, world.u_mentor)
    assert scale.agreed_at is not None
    assert scale.zero == LEVELS_FORM["zero"]
    assert "I want to stay in maths." not in words_of(mentor.get(url("to_check")))


def test_need_and_adulthood_come_from_the_statement_and_may_be_others(world, keyworker):
    write(keyworker, world.mina)
    own = the_goal()
    assert (own.need, own.pfa) == ("communication_interaction", ["independent_living"])
    write(keyworker, world.mina, need="semh", pfa=["health", "community"])
    other = Goal.objects.latest("pk")
    assert (other.need, other.pfa) == ("semh", ["health", "community"])
    # Written again unchanged, both stay as they are.
    for goal in (own, other):
        form = keyworker.get(url("edit", goal.pk)).context["form"]
        assert form["need"].value() == ("" if goal == own else "semh")
    assert own.outcomes.count() == 0
    assert "Additional need" in words_of(keyworker.get(url("goal", own.pk)))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"student_words": " "}, "own words"),
        ({"area": ""}, "Choose the area"),
        ({"statement": "comm-ask-help"}, "Choose a statement of"),
        ({"measure": ""}, "Say what is counted"),
        ({"support": ""}, "Say what adults will do"),
        ({"minus_2": ""}, "Write level −2"),
        ({"review_on": ""}, "Choose the day it is reviewed"),
        ({"review_on": "2026-11-23"}, "Choose a day after today"),
        ({"review_on": "0026-12-14"}, "Look at the year"),
        ({"review_on": "9999-12-14"}, "Look at the year"),
        ({"plus_1": "stays in THREE lessons of five "}, "Two levels say the same"),
    ],
)
def test_what_a_second_adult_could_not_check_is_not_sent_to_one(world, keyworker, typed, sentence):
    answer = write(keyworker, world.mina, **typed)
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert GOAL_FORM["plus_2"] in words_of(answer)  # what was typed is still there
    assert not Goal.objects.exists()
    (draft,) = find_drafts(by=world.u_keyworker, form="goal-new", student_id=world.mina.pk)
    assert draft.data["plus_2"] == [GOAL_FORM["plus_2"]]


def test_an_unfinished_goal_is_put_aside_and_gone_on_with(world, keyworker):
    gaps = {"plus_2": "", "minus_2": "", "measure": "", "review_on": ""}
    keyworker.post(url("add", world.mina.pk), {**GOAL_FORM, **gaps, **KEEP})
    goal = the_goal()
    assert goal.scales.get().asked_at is None
    refused = keyworker.post(url("ask", goal.pk), {"version": "1"})
    assert refused.status_code == 409
    assert "Write level −2" in words_of(refused)
    done = keyworker.post(url("edit", goal.pk), {**GOAL_FORM, **ASK})
    assert done.status_code == 302
    assert goal.scales.get().asked_at is not None


def test_a_draft_waits_and_goes_when_the_goal_is_saved(world, keyworker):
    write(keyworker, world.mina, measure="")
    again = keyworker.get(url("add", world.mina.pk))
    assert again.context["form"]["plus_2"].value() == GOAL_FORM["plus_2"]
    assert "left unfinished" in words_of(again)
    write(keyworker, world.mina)
    assert not find_drafts(by=world.u_keyworker, form="goal-new", student_id=world.mina.pk)
    write(keyworker, world.mina, measure="")
    keyworker.post(url("add", world.mina.pk), {"discard": "1"})
    assert not keyworker.get(url("add", world.mina.pk)).context["form"]["plus_2"].value()


def test_only_outcomes_of_this_students_plan_in_force(world, keyworker):
    theirs = make_outcome(world.otto, world.u_keyworker_other)
    mine = make_outcome(world.mina, world.u_keyworker)
    assert write(keyworker, world.mina, outcomes=[theirs.pk]).status_code == 422
    told = {"by": world.u_keyworker, "student": world.mina, "calendar": school.load().calendar}
    fields = {"student_words": "Mine.", "area": "flexibility", "need": "semh", "pfa": []}
    with pytest.raises(Refused, match="plan in force"):
        actions.start_goal(**told, fields=fields, scale={}, outcomes=[mine.pk, theirs.pk])
    assert not Goal.objects.exists()


def test_a_fifth_active_goal_is_refused_until_one_has_ended(world, keyworker):
    goals = [make_goal(world.mina, world.u_keyworker, checker=world.u_mentor) for _ in range(4)]
    for answer in (keyworker.get(url("add", world.mina.pk)), write(keyworker, world.mina)):
        assert answer.status_code == 409
        assert "has four goals already" in words_of(answer)
    told = {"by": world.u_keyworker, "student": world.mina, "calendar": school.load().calendar}
    with pytest.raises(Refused, match="four goals already"):
        actions.start_goal(**told, fields={"student_words": "Mine."}, scale={})
    keyworker.post(url("withdraw", goals[0].pk), {"reason": "She wants another."})
    assert write(keyworker, world.mina).status_code == 302


# ---------------------------------------------------------------------------------------- the second adult


def test_no_writer_ever_checks_the_own_levels(world, as_user, keyworker):
    goal = make_goal(world.mina, world.u_keyworker, asked=True)
    # The deputy changes a word: from then on both have written it.
    deputy = as_user(world.u_deputy)
    deputy.post(url("edit", goal.pk), {**GOAL_FORM, **ASK})
    for client in (keyworker, deputy):
        for answer in (
            client.get(url("check", goal.pk)),
            client.post(url("check", goal.pk), {"decision": "agree", "version": "2"}),
        ):
            assert answer.status_code == 409
            assert "You wrote these levels" in words_of(answer)
    scale = goal.scales.get()
    for user in (world.u_keyworker, world.u_deputy):
        with pytest.raises(Refused, match="You wrote"):
            actions.check_levels(by=user, goal=goal, version=scale.version)
    assert actions.check_levels(by=world.u_member, goal=goal, version=scale.version).agreed_at


def test_sent_back_with_words_and_asked_again(world, keyworker, mentor):
    goal = make_goal(world.mina, world.u_keyworker, asked=True)
    scale = goal.scales.get()
    empty = mentor.post(url("check", goal.pk), {"decision": "back", "version": scale.version})
    assert empty.status_code == 422
    answer = {"decision": "back", "words": "Level 0 is already there.", "version": scale.version}
    mentor.post(url("check", goal.pk), answer)
    assert "Level 0 is already there." in words_of(keyworker.get(url("goal", goal.pk)))
    assert mentor.get(url("check", goal.pk)).status_code == 409  # nobody asks now
    assert goal.scales.get().agreed_at is None
    keyworker.post(url("ask", goal.pk), {"version": goal.scales.get().version})
    assert mentor.get(url("check", goal.pk)).status_code == 200


def test_whoever_checks_agrees_with_what_they_read(world, keyworker, mentor):
    goal = make_goal(world.mina, world.u_keyworker, asked=True)
    seen = mentor.get(url("check", goal.pk)).context["form"]["version"].value()
    keyworker.post(url("edit", goal.pk), {**GOAL_FORM, **ASK, "zero": "Something else."})
    answer = mentor.post(url("check", goal.pk), {"decision": "agree", "version": seen})
    assert answer.status_code == 409
    assert "changed the levels while you were reading" in words_of(answer)
    assert "Something else." in words_of(answer)
    assert goal.scales.get().agreed_at is None
    again = answer.context["form"]["version"].value()
    assert mentor.post(url("check", goal.pk), {"decision": "agree", "version": again}).status_code == 302


def test_the_list_holds_only_ones_own_students_and_not_the_own_goals(world, as_user):
    make_goal(world.mina, world.u_keyworker, asked=True, student_words="Mina’s wish.")
    make_goal(world.otto, world.u_keyworker_other, asked=True, student_words="Otto’s wish.")
    make_goal(world.mina, world.u_keyworker, student_words="Not asked yet.")
    seen = {
        name: [row.goal.student_words for row in as_user(user).get(url("to_check")).context["rows"]]
        for name, user in world.users.items()
        if name
        in ("keyworker", "deputy", "mentor", "senco", "teacher", "former", "keyworker_other", "staff_parent")
    }
    assert seen == {
        "keyworker": [],
        "deputy": ["Mina’s wish."],
        "mentor": ["Mina’s wish."],
        "senco": ["Mina’s wish.", "Otto’s wish."],
        "teacher": [],
        "former": [],
        "keyworker_other": [],
        "staff_parent": [],
    }
    assert "Goals to check" in words_of(as_user(world.u_mentor).get("/today/"))
    assert "Goals to check" not in words_of(as_user(world.u_keyworker).get("/today/"))


# ------------------------------------------------------------------------------------- what the database keeps


def test_agreed_levels_are_locked_by_the_database(world):
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    scale = goal.scales.get()
    for change in ({"zero": "Easier"}, {"baseline": -2}, {"review_on": date(2027, 1, 1)}):
        with pytest.raises(DatabaseError), transaction.atomic():
            GasScale.objects.filter(pk=scale.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tsp_ladder WHERE id = %s", [scale.pk])
    scale.refresh_from_db()
    assert scale.zero == LEVELS["zero"]


def test_weights_are_fixed_once_agreed_and_whoever_wrote_never_checked(world):
    draft = make_goal(world.mina, world.u_keyworker)
    Goal.objects.filter(pk=draft.pk).update(importance=3)
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    for change in ({"importance": 2}, {"difficulty": 3}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Goal.objects.filter(pk=goal.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        GasScale.objects.filter(goal=draft).update(checked_by=world.u_keyworker)
    with pytest.raises(IntegrityError), transaction.atomic():
        GasScale.objects.filter(goal=draft).update(agreed_at=clock.now())  # nobody checked it


# --------------------------------------------------------------------------------------------- two editors


def test_two_editors_of_a_goal_never_overwrite_each_other(world, as_user, keyworker):
    goal = make_goal(world.mina, world.u_keyworker)
    where = url("edit", goal.pk)
    mine = form_of(keyworker.get(where).content.decode(), "baseline") | KEEP
    deputy = as_user(world.u_deputy)
    theirs = form_of(deputy.get(where).content.decode(), "baseline") | KEEP
    theirs |= {"zero": "The deputy’s level.", "support": "The deputy’s help."}
    assert deputy.post(where, theirs).status_code == 302
    answer = keyworker.post(where, mine | {"zero": "My own level.", "measure": "My own count."})
    assert answer.status_code == 409
    assert "The deputy’s level." in words_of(answer)
    assert answer.context["form"]["zero"].value() == "My own level."
    assert goal.scales.get().zero == "The deputy’s level."
    text = answer.content.decode()
    chosen = re.search(r'name="(choice:zero)" value="(mine[^"]+)"', text)
    again = form_of(text, "baseline") | KEEP | {chosen[1]: chosen[2]}
    assert keyworker.post(where, again).status_code == 302
    scale = goal.scales.get()
    assert (scale.zero, scale.measure) == ("My own level.", "My own count.")
    assert scale.support == "The deputy’s help."


def test_a_goal_agreed_while_it_was_changed_stays_as_agreed(world, keyworker):
    goal = make_goal(world.mina, world.u_keyworker, asked=True)
    seen = goal.scales.get().version
    actions.check_levels(by=world.u_mentor, goal=goal, version=seen)
    with pytest.raises(ChangedMeanwhile):
        actions.save_goal(
            by=world.u_keyworker,
            goal=goal,
            version=seen,
            fields={"student_words": "Other words."},
            scale={"zero": "Easier."},
        )
    # The page shows the form of new levels by now; the old one's answer is not taken for that.
    late = keyworker.post(url("edit", goal.pk), {**GOAL_FORM, **ASK})
    assert late.status_code == 409 and "agreed while you were writing" in words_of(late)
    assert (the_goal().student_words, goal.scales.get().zero) == (goal.student_words, LEVELS["zero"])


# ------------------------------------------------------------------------------------------- after agreement


def test_other_levels_are_a_new_scale_with_a_reason_checked_again(world, keyworker, mentor):
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    make_score(goal, world.u_keyworker, 2)
    opened_before = form_of(keyworker.get(url("edit", goal.pk)).content.decode(), "reason")
    no_reason = keyworker.post(url("edit", goal.pk), typed_levels(reason=""))
    assert no_reason.status_code == 422
    keyworker.post(url("edit", goal.pk), typed_levels())
    page = keyworker.get(url("goal", goal.pk))
    assert page.context["line"].where == LEVELS["plus_2"]  # those agreed stay in force
    assert "The first ones were too easy." in words_of(page)
    second_page = opened_before | typed_levels(zero="Something else.")
    assert keyworker.post(url("edit", goal.pk), second_page).status_code == 409
    assert goal.scales.count() == 2
    version = mentor.get(url("check", goal.pk)).context["form"]["version"].value()
    mentor.post(url("check", goal.pk), {"decision": "agree", "version": version})
    page = keyworker.get(url("goal", goal.pk))
    # What was scored on the old levels says nothing of the new ones.
    assert (page.context["line"].level, page.context["line"].where) == (None, LEVELS_FORM["minus_1"])
    assert "Levels agreed before" in words_of(page)
    assert [scale.number for scale in goal.scales.all()] == [2, 1]


def test_new_levels_can_be_dropped_and_must_be_new(world, keyworker):
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    agreed = goal.scales.get()
    same = {name: getattr(agreed, name) for name in actions.SCALE_FIELDS}
    with pytest.raises(Refused, match="Nothing is different"):
        actions.change_levels(by=world.u_keyworker, goal=goal, version=0, scale=same, reason="None")
    keyworker.post(url("edit", goal.pk), typed_levels())
    assert keyworker.post(url("keep_levels", goal.pk)).status_code == 302
    assert goal.scales.get() == agreed


def test_a_reason_that_only_one_wrote_is_not_disputed(world, keyworker, mentor):
    """The levels were agreed while their writer changed them again: the new reason is for the next ones."""
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    where = url("edit", goal.pk)
    keyworker.post(where, typed_levels())
    page = form_of(keyworker.get(where).content.decode(), "reason")
    version = goal.scales.order_by("pk").last().version
    mentor.post(url("check", goal.pk), {"decision": "agree", "version": version})
    answer = keyworker.post(where, page | KEEP | {"reason": "Still too easy.", "plus_2": "Leads a lesson."})
    assert answer.status_code == 302
    assert goal.scales.order_by("pk").last().reason == "Still too easy."


def test_withdrawn_with_a_reason_and_listed(world, keyworker):
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor)
    assert keyworker.post(url("withdraw", goal.pk), {"reason": " "}).status_code == 422
    keyworker.post(url("withdraw", goal.pk), {"reason": "She moved on to another wish."})
    listed = words_of(keyworker.get(url("goals", world.mina.pk)))
    assert "She moved on to another wish." in listed
    for name in ("edit", "withdraw", "score"):
        assert keyworker.get(url(name, goal.pk)).status_code == 409
    with pytest.raises(Refused, match="withdrawn"):
        actions.withdraw_goal(by=world.u_keyworker, goal=goal, reason="Again")


# ------------------------------------------------------------------------------------------------- weights


def test_weights_only_where_the_school_turned_them_on(world, keyworker):
    shown = keyworker.get(url("add", world.mina.pk)).context["form"]
    assert "importance" not in shown.fields
    write(keyworker, world.mina, importance="3", difficulty="2")
    assert (the_goal().importance, the_goal().difficulty) == (1, 1)

    set_policy(
        effective_on=cast.TODAY, preset="breckenbrough", overrides={"tsp_goal_weights": True}, by=world.u_head
    )
    done = write(keyworker, world.mina, importance="3", difficulty="2")
    assert done.status_code == 302
    weighed = Goal.objects.latest("pk")
    assert (weighed.importance, weighed.difficulty) == (3, 2)
    assert "Importance 3" in words_of(keyworker.get(url("goal", weighed.pk)))
    assert write(keyworker, world.mina, importance="0", difficulty="2").status_code == 422


def test_between_terms_a_goal_serves_the_one_that_comes(world):
    calendar = school.load().calendar
    autumn, spring = calendar.term("2026-27-autumn"), calendar.term("2026-27-spring")
    with clock.frozen(autumn.ends_on + timedelta(days=2)):
        assert actions.serving_term(calendar) == spring.id
    with clock.frozen(calendar.terms[-1].ends_on + timedelta(days=1)), pytest.raises(Refused):
        actions.serving_term(calendar)

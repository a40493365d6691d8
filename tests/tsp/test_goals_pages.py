"""What goals and outcomes show to whom, and that pages cost the same for one goal or many."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from care.actions.ehc_plan import add_plan, seen_as
from goals.actions import judge
from goals.lines import goal_lines
from goals.outcomes import bearing_on, outcomes_view, quiet_outcomes
from keywork import clock, school
from keywork.access import forget_relations
from keywork.errors import ChangedMeanwhile
from keywork.models import RecordOpening
from tsp.models import Goal, Judgement
from tsp.questions.templates import current

from .factories import (
    LEVELS,
    TERM,
    make_evidence,
    make_goal,
    make_judgement,
    make_outcome,
    make_point,
    make_score,
)

DAY = timedelta(days=1)


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


def url(name: str, *args: object) -> str:
    return reverse(f"goals:{name}", args=args)


def words_of(response) -> str:
    return response.content.decode()


def words_for(reader, student, term: str = TERM) -> list[str]:
    return [line.words for line in goal_lines(student, term, reader)]


# ------------------------------------------------------------------------------------- who reads a goal


def test_staff_read_all_goals_those_at_home_the_agreed_ones(world):
    make_goal(world.mina, world.u_keyworker, student_words="Being written.")
    make_goal(world.mina, world.u_keyworker, asked=True, student_words="To be checked.")
    make_goal(world.mina, world.u_keyworker, checker=world.u_mentor, student_words="Agreed.")
    make_goal(
        world.mina,
        world.u_keyworker,
        checker=world.u_mentor,
        student_words="Withdrawn.",
        withdrawn_at=clock.now(),
        withdrawn_reason="Private words.",
    )
    make_goal(world.otto, world.u_keyworker_other, checker=world.u_senco, student_words="Otto’s.")
    for name in ("keyworker", "deputy", "mentor", "member", "head", "coordinator", "dsl", "senco", "slt"):
        assert len(words_for(world.users[name], world.mina)) == 4, name
    for name in ("student", "parent"):
        lines = goal_lines(world.mina, TERM, world.users[name])
        assert [line.words for line in lines] == ["Agreed."]
        assert (lines.may_keep, lines.add_url, lines.lines[0].url, lines.lines[0].note) == (False, "", "", "")
    for name in (
        "teacher", "former", "future", "keyworker_other", "admin", "nobody",
        "parent_other", "parent_restricted", "parent_former", "student_other",
    ):  # fmt: skip
        assert words_for(world.users[name], world.mina) == [], name
    # A member of staff is here as the aunt she is, and reads what home reads.
    assert words_for(world.u_staff_parent, world.mina) == ["Agreed."]


def test_the_column_says_how_many_are_agreed_and_what_is_next(world, keyworker):
    none = goal_lines(world.mina, TERM, world.u_keyworker)
    assert (none.heading, none.to_go, none.may_add) == ("Goals, none yet", 3, True)
    goal = make_goal(
        world.mina,
        world.u_keyworker,
        checker=world.u_mentor,
        outcomes=[make_outcome(world.mina, world.u_keyworker)],
    )
    one = goal_lines(world.mina, TERM, world.u_keyworker)
    assert (one.heading, one.to_go) == ("Goals, 1 of 3 agreed", 2)
    line = one.lines[0]
    assert line.note == "Links to EHC outcome 1. Checked by Mentor, 23 November."
    assert [step.label for step in line.steps] == ["+2", "+1", "0", "−1", "−2"]
    assert line.where == LEVELS["minus_1"]
    make_score(goal, world.u_keyworker, 1)
    make_score(goal, world.u_mentor, -2, second=True)
    scored = goal_lines(world.mina, TERM, world.u_keyworker).lines[0]
    assert (scored.level, scored.where) == (1, LEVELS["plus_1"])
    for _ in range(3):
        make_goal(world.mina, world.u_keyworker)
    assert not goal_lines(world.mina, TERM, world.u_keyworker).may_add
    assert not goal_lines(world.mina, TERM, world.u_mentor).may_keep


def test_no_goal_is_offered_for_a_term_that_is_over(world):
    over = goal_lines(world.mina, "2025-26-summer", world.u_keyworker)
    assert (over.may_add, len(over)) == (False, 0)
    assert goal_lines(world.mina, TERM, world.u_keyworker).may_add
    with clock.frozen(date(2026, 12, 28)):
        assert not goal_lines(world.mina, TERM, world.u_keyworker).may_add
        assert goal_lines(world.mina, "2026-27-spring", world.u_keyworker).may_add


def test_goals_that_have_all_ended_are_not_called_none(world, keyworker):
    for words in ("One.", "Two."):
        goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor, student_words=words)
        make_score(goal, world.u_keyworker, 0)
        Goal.objects.filter(pk=goal.pk).update(closed_at=clock.now())
    page = keyworker.get(f"/tsp/students/{world.mina.pk}/").content.decode()
    assert "These goals have ended" in page and "Add another goal" in page and "No goals yet" not in page
    with clock.frozen(date(2027, 2, 1)):
        page = keyworker.get(f"/tsp/students/{world.mina.pk}/{TERM}/review/").content.decode()
    assert "Goals, 2 agreed" in page and "No goals" not in page
    assert "Add a" not in page.partition('aria-labelledby="goals"')[2].partition("</section>")[0]


def test_a_goal_of_another_student_is_not_found(world, as_user):
    theirs = make_goal(world.otto, world.u_keyworker_other, checker=world.u_senco)
    score = make_score(theirs, world.u_keyworker_other, 0)
    outcome = make_outcome(world.otto, world.u_keyworker_other)
    mine = as_user(world.u_keyworker)
    for path in (
        url("goal", theirs.pk),
        url("edit", theirs.pk),
        url("score", theirs.pk),
        url("second", theirs.pk),
        url("score_void", score.pk),
        url("judge", world.mina.pk, outcome.pk),
    ):
        assert mine.get(path).status_code == 404, path


# ---------------------------------------------------------------------------------- the same for one or many


def count(client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def fill(world, many: int) -> None:
    for _ in range(many):
        outcome = make_outcome(world.mina, world.u_keyworker)
        goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor, outcomes=[outcome])
        make_score(goal, world.u_keyworker, 1)
        make_score(goal, world.u_mentor, 0, second=True)
        make_judgement(outcome, world.u_keyworker, words="So far.")
        make_goal(world.otto, world.u_keyworker_other, asked=True)


@pytest.mark.parametrize("name", ["goals", "outcomes", "to_check", "above"])
def test_pages_cost_the_same_for_one_goal_and_many(world, as_user, name):
    client = as_user(world.u_head)
    path = url(name, world.mina.pk) if name in ("goals", "outcomes") else url(name)
    point = make_point(world.mina, world.u_keyworker, ratings={"comm-ask-help": 2})
    make_evidence(point, world.u_keyworker, "comm-ask-help")
    fill(world, 1)
    one = count(client, path)
    fill(world, 6)
    assert count(client, path) == one


def test_lines_cost_the_same_for_one_goal_and_many(world):
    def asked() -> int:
        forget_relations(world.u_keyworker)
        with CaptureQueriesContext(connection) as queries:
            goal_lines(world.mina, TERM, world.u_keyworker)
        return len(queries)

    fill(world, 1)
    asked()  # the form and the calendar are read once a process
    one = asked()
    fill(world, 3)
    assert asked() == one <= 8


# --------------------------------------------------------------------------------------------- outcomes


def view(world, reader=None):
    return outcomes_view(world.mina, reader or world.u_keyworker, school=school.load())


def test_what_bears_on_an_outcome(world):
    outcome = make_outcome(world.mina, world.u_keyworker, area_of_need="semh", pfa=["health"])
    form = current()
    by_rule = {one.slug for one in bearing_on(outcome, form, ())}
    assert by_rule
    for slug in by_rule:
        assert (form.statements[slug].need, form.statements[slug].pfa) == ("semh", "health")
    outcome.pfa = []
    assert {one.slug for one in bearing_on(outcome, form, ())} == {
        one.slug for one in form.in_use if one.need == "semh"
    }
    grown = {one.slug for one in bearing_on(outcome, form, {"comm-ask-help"})}
    assert "comm-ask-help" in grown


def test_goals_ratings_and_evidence_stand_with_their_outcome(world, keyworker):
    outcome = make_outcome(world.mina, world.u_keyworker)
    other = make_outcome(world.mina, world.u_keyworker, area_of_need="cognition_learning", pfa=["employment"])
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor, outcomes=[outcome])
    make_score(goal, world.u_keyworker, 0)
    beyond = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor, student_words="Beyond.")
    make_point(world.mina, world.u_keyworker, term="2025-26-summer", ratings={"comm-ask-help": 1})
    point = make_point(world.mina, world.u_keyworker, ratings={"comm-ask-help": 3, "comm-give-view": None})
    make_evidence(point, world.u_keyworker, "comm-ask-help", words="Asked in art.")
    make_evidence(point, world.u_keyworker, "comm-ask-help", words="Long before.", on=date(2025, 6, 2))
    shown = view(world)
    state, empty = shown.states
    assert [line.pk for line in state.goals] == [goal.pk]
    rated = state.ratings[0]
    assert (rated.first, rated.latest) == ("1 Beginning", "3 Mostly")
    assert rated.first_in == "Summer term 2025/26, baseline"
    assert [piece.words for piece in state.evidence] == ["Asked in art."]
    assert (empty.goals, empty.outcome) == ((), other)
    assert [line.pk for line in shown.additional] == [beyond.pk]
    page = words_of(keyworker.get(url("outcomes", world.mina.pk)))
    assert "Asked in art." in page and "3 Mostly" in page and "Long before." not in page


def test_a_goal_stays_with_its_outcome_in_the_next_version_of_the_plan(world):
    first = make_outcome(world.mina, world.u_keyworker)
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_mentor, outcomes=[first])
    ended = make_goal(
        world.mina,
        world.u_keyworker,
        checker=world.u_mentor,
        outcomes=[first],
        closed_at=clock.now() - 40 * DAY,
    )
    make_judgement(first, world.u_keyworker, "not_yet", made_on=clock.today() - 30 * DAY, words="Then.")
    plan = first.plan
    add_plan(
        student=world.mina,
        fields={
            "plan_type": plan.plan_type,
            "la_reference": "",
            "issued_on": clock.today() - 5 * DAY,
            "next_review_on": None,
        },
        carry=[first.pk],
        seen=seen_as(plan, [first]),
        by=world.u_keyworker,
    )
    shown = view(world)
    assert shown.since == clock.today() - 5 * DAY
    (state,) = shown.states
    assert state.outcome.same_as == first
    assert [line.pk for line in state.goals] == [goal.pk]
    assert ended.pk not in [line.pk for line in state.goals]
    # Judged before the last review: kept, and no longer the word on it.
    assert (state.judgement, [one.words for one in state.earlier]) == (None, ["Then."])
    assert not state.quiet


def test_progress_is_counted_from_the_last_review_where_one_is_written_down(world, keyworker):
    outcome = make_outcome(world.mina, world.u_keyworker)  # issued on 12 January 2026
    point = make_point(world.mina, world.u_keyworker, ratings={"comm-ask-help": 3})
    for day, words in (
        (date(2026, 3, 2), "Before it."),
        (date(2026, 10, 5), "That day."),
        (date(2026, 11, 2), "After."),
    ):
        make_evidence(point, world.u_keyworker, "comm-ask-help", on=day, words=words)
    make_judgement(outcome, world.u_keyworker, "not_yet", made_on=date(2026, 9, 30), words="For the review.")
    ended = make_goal(
        world.mina,
        world.u_keyworker,
        checker=world.u_mentor,
        outcomes=[outcome],
        closed_at=clock.now() - 60 * DAY,
    )
    page = words_of(keyworker.get(url("outcomes", world.mina.pk)))
    assert "Since the plan in force was issued on Monday 12 January 2026" in page
    assert "Before it." in page and ended.student_words in page
    (state,) = view(world).states
    assert state.judgement.words == "For the review."

    type(outcome.plan).objects.update(reviewed_on=date(2026, 10, 5))
    shown = view(world)
    (state,) = shown.states
    assert (shown.since, shown.since_words) == (date(2026, 10, 5), "since the last review")
    assert {piece.words for piece in state.evidence} == {"That day.", "After."}
    assert state.goals == () and state.judgement is None
    assert [one.words for one in state.earlier] == ["For the review."]
    page = words_of(keyworker.get(url("outcomes", world.mina.pk)))
    assert "Since the last review, on Monday 5 October 2026" in page
    assert "Not judged since the last review" in page and "since the plan was issued" not in page


def test_an_outcome_with_nothing_this_term_is_said(world, keyworker, as_user):
    quiet = make_outcome(world.mina, world.u_keyworker, area_of_need="semh", pfa=["health"])
    reached = make_outcome(world.mina, world.u_keyworker, status="achieved", closed_on=clock.today())
    facts = school.load()
    assert quiet_outcomes(world.mina, school=facts) == [quiet]
    assert reached not in quiet_outcomes(world.mina, school=facts)
    assert "has nothing this term" in words_of(keyworker.get(url("outcomes", world.mina.pk)))
    assert "has nothing this term" not in words_of(as_user(world.u_slt).get(url("outcomes", world.mina.pk)))
    with clock.frozen(date(2026, 12, 28)):  # between terms nothing is asked
        assert quiet_outcomes(world.mina, school=facts) == []
    # A goal of an earlier term that ended then is nothing of this one; evidence of this term is enough.
    make_goal(
        world.mina,
        world.u_keyworker,
        checker=world.u_mentor,
        outcomes=[quiet],
        statement="emo-recover",
        term="2025-26-summer",
        closed_at=clock.now() - 150 * DAY,
    )
    assert quiet_outcomes(world.mina, school=facts) == [quiet]
    point = make_point(world.mina, world.u_keyworker, ratings={"emo-recover": 2})
    piece = make_evidence(point, world.u_keyworker, "emo-recover", on=date(2026, 7, 1))
    assert quiet_outcomes(world.mina, school=facts) == [quiet]
    piece.on = clock.today()
    piece.save()
    assert quiet_outcomes(world.mina, school=facts) == []


def test_judged_in_words_and_the_words_before_stay(world, as_user, keyworker):
    outcome = make_outcome(world.mina, world.u_keyworker)
    path = url("judge", world.mina.pk, outcome.pk)
    assert keyworker.post(path, {"word": "on_track", "words": " "}).status_code == 422
    assert (
        keyworker.post(path, {"word": "on_track", "words": "Three of four.", "seen": "0"}).status_code == 302
    )
    # The deputy has read none of it, and is shown it before theirs is added.
    answer = as_user(world.u_deputy).post(path, {"word": "some", "words": "I see less.", "seen": "0"})
    assert answer.status_code == 409
    assert "Three of four." in words_of(answer) and "I see less." in words_of(answer)
    seen = answer.context["form"]["seen"].value()
    as_user(world.u_deputy).post(path, {"word": "some", "words": "I see less.", "seen": seen})
    (state,) = view(world).states
    assert (state.judgement.words, [one.words for one in state.earlier]) == (
        "I see less.",
        ["Three of four."],
    )
    with pytest.raises(ChangedMeanwhile):
        judge(by=world.u_keyworker, outcome=outcome, word="some", words="Late.", seen=0)
    assert Judgement.objects.count() == 2


def test_an_outcome_that_has_ended_is_not_judged(world, keyworker):
    ended = make_outcome(world.mina, world.u_keyworker, status="achieved", closed_on=clock.today())
    type(world.mina).objects.filter(pk=world.mina.pk).update(read_first="Knock, then wait.")
    answer = keyworker.get(url("judge", world.mina.pk, ended.pk))
    assert answer.status_code == 409
    # It leaves no row, so nothing of the record stands on it.
    assert "Knock" not in words_of(answer)
    assert not RecordOpening.objects.filter(student_id=world.mina.pk, user_id=world.u_keyworker.pk).exists()


def test_the_plan_leads_to_progress_for_whoever_reads_the_tsp(world, as_user):
    make_outcome(world.mina, world.u_keyworker)
    plan = reverse("care:plan", args=[world.mina.pk])
    assert url("outcomes", world.mina.pk) in words_of(as_user(world.u_slt).get(plan))
    assert url("outcomes", world.mina.pk) not in words_of(as_user(world.u_teacher).get(plan))


def test_outcomes_without_a_plan_lead_to_the_plan(world, as_user):
    page = as_user(world.u_keyworker).get(f"/tsp/students/{world.mina.pk}/outcomes/").content.decode()
    empty = page[page.index("No EHC plan is kept here yet") :]
    assert f'href="/students/{world.mina.pk}/plan/"' in empty[: empty.index("To the EHC plan")]

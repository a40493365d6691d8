"""TSP of the demo school: every state in it, kind words for everyone, and nothing the product itself refuses."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from django.db import connection

from contacts.history import versions
from contacts.models import HomeContact
from demo import cast
from demo.build import build
from demo.goals import AIMS
from demo.sheets import EXAMPLES
from demo.words import texts
from enquiries import states
from enquiries.models import Enquiry
from goals.gas_scales import missing_parts, state_of
from keywork import access, clock, duties, school, terms
from keywork.access import Can
from keywork.models import User
from questionnaires import fields
from students.models import FamilyMember, Student
from tsp.models import (
    Answer,
    AssessmentPoint,
    Evidence,
    GasScale,
    Goal,
    GoalScore,
    Judgement,
    Narrative,
    Proposal,
    Rating,
    Reminder,
    Sheet,
    Tool,
)
from tsp.questions import templates
from tsp.rating import rules

MONDAY = date(2026, 11, 23)
SEPTEMBER = date(2026, 9, 29)
TERM = "2026-27-autumn"


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@{cast.DOMAIN}")


def child(forename: str) -> Student:
    return Student.objects.get(legal_forename=forename)


def tsp_states(as_of: date) -> Counter[str]:
    found = duties.states_for(list(Student.objects.all()), as_of)
    return Counter(str(state.status) for states in found.values() for state in states if state.kind == "tsp")


def test_every_state_of_the_duty_in_november(sixty):
    assert {"ok", "open", "due_soon", "met", "met_late", "missed", "not_owed", "none"} <= set(
        tsp_states(MONDAY)
    )


def test_every_state_of_the_duty_in_september(db, demo):
    with clock.frozen(SEPTEMBER):
        build(students=30, years=1)
        assert {"overdue", "met", "met_late"} <= set(tsp_states(SEPTEMBER))


def test_nothing_is_dated_after_today_or_before_the_student_came(sixty):
    now = clock.now()
    for model, moment in (
        (AssessmentPoint, "opened_at"),
        (Rating, "at"),
        (Sheet, "started_at"),
        (Answer, "at"),
    ):
        assert not model.objects.filter(**{f"{moment}__gt": now}).exists()
    for model, moment in (
        (Goal, "started_at"),
        (GasScale, "written_at"),
        (GoalScore, "at"),
        (Enquiry, "asked_at"),
    ):
        assert not model.objects.filter(**{f"{moment}__gt": now}).exists()
    assert not GasScale.objects.filter(agreed_at__gt=now).exists()
    for joined_on, opened_at in AssessmentPoint.objects.values_list("student__joined_on", "opened_at"):
        assert opened_at.date() >= joined_on
    assert not Evidence.objects.filter(on__gt=MONDAY).exists()
    connection.check_constraints()


def test_baselines_of_this_term_in_every_state(sixty):
    facts, form = school.load(), templates.current()
    period = terms.baseline_period(facts.calendar.term(TERM), facts.policy(MONDAY), facts.calendar)
    now = AssessmentPoint.objects.filter(term=TERM, kind="baseline").prefetch_related("ratings")
    done = [one for one in now if one.is_finished]
    assert any(one.done_on <= period.due_on for one in done)
    assert any(one.done_on > period.due_on for one in done)
    for one in done:
        assert {rating.statement for rating in one.ratings.all()} == {one.slug for one in form.in_use}
        assert all(rating.counts for rating in one.ratings.all())
    begun = [one for one in now if not one.is_finished]
    assert any(len({rating.by_id for rating in one.ratings.all()}) == 2 for one in begun)
    assert any(not rating.counts for one in begun for rating in one.ratings.all())
    here = Student.objects.on_roll(MONDAY).exclude(tsp_points__term=TERM)
    assert here.exists()


def test_ratings_rise_stay_and_fall(sixty):
    form = templates.current()
    slugs = {area.slug: [one.slug for one in area.statements] for area in form.areas}
    by_point: dict[int, dict[str, rules.Rating]] = {}
    for rating in Rating.objects.filter(point__kind="review"):
        by_point.setdefault(rating.point_id, {})[rating.statement] = rating.rating
    ways: Counter[str] = Counter()
    too_few = 0
    last: dict[int, dict[str, rules.Rating]] = {}
    for point in AssessmentPoint.objects.filter(kind="review", finished_at__isnull=False).order_by(
        "student", "done_on"
    ):
        now, before = by_point[point.pk], last.get(point.student_id)
        for mine in slugs.values():
            score = rules.area_score([now.get(slug) for slug in mine])
            too_few += score is None
            earlier = rules.area_score([before.get(slug) for slug in mine]) if before else None
            if score is not None and earlier is not None:
                step = score - earlier
                ways[
                    "rise" if step >= rules.AREA_STEP else "fall" if step <= -rules.AREA_STEP else "level"
                ] += 1
        last[point.student_id] = now
    assert too_few and ways["level"] > ways["rise"] > ways["fall"] > 20
    contexts = {
        code for found in AssessmentPoint.objects.values_list("contexts", flat=True) for code in found
    }
    assert len(contexts) >= 4
    assert Rating.objects.filter(value=None).exists() and Rating.objects.exclude(carried_from=None).exists()


def test_evidence_is_of_the_student_and_open_to_their_team(sixty):
    from contacts.models import HomeContact, KeyworkSession

    models = {"contact": HomeContact, "session": KeyworkSession}
    pointing = Evidence.objects.exclude(source_kind="").select_related("point")
    assert set(pointing.values_list("source_kind", flat=True)) == set(models)
    for kind, model in models.items():
        entries = {entry.pk: entry for entry in model.objects.all()}
        for piece in pointing.filter(source_kind=kind):
            entry = entries[piece.source_pk]
            assert entry.student_id == piece.point.student_id and entry.happened_on == piece.on
            assert entry.level == "general" and entry.void_reason == ""
    high = Rating.objects.filter(value__gte=3, point__term__in=[TERM, "2025-26-summer"]).values_list(
        "point", "statement"
    )
    shown = set(Evidence.objects.values_list("point", "statement"))
    share = sum(one in shown for one in high) / len(high)
    assert 0.3 < share < 0.8


def test_every_tool_in_every_state(sixty):
    found: dict[str, set[str]] = {}
    for sheet in Sheet.objects.filter(term=TERM):
        state = "done" if sheet.done_at else "declined" if sheet.declined_at else "begun"
        found.setdefault(sheet.tool, set()).add(state)
    assert set(found) == set(Tool.values)
    for tool in (Tool.VOICE, Tool.PARENT, Tool.CIRCLE):
        assert found[tool] == {"done", "begun", "declined"}
    assert {"done", "begun"} <= found[Tool.STRENGTHS] & found[Tool.REGULATION]
    assert not Sheet.objects.exclude(declined_at=None).filter(declined_words="").exists()


def test_answers_are_what_the_form_itself_would_keep(sixty):
    form = templates.current()
    for sheet in Sheet.objects.filter(term=TERM).prefetch_related("answers"):
        tool = form.tool(sheet.tool)
        for answer in sheet.answers.all():
            field = fields.question(answer.field, tool.fields, form)
            assert field is not None, (sheet.tool, answer.field)
            assert fields.parse(field, fields.inputs(field, answer.value), form, answer.value) == answer.value


def test_records_of_one_conversation_do_not_name_the_other(sixty):
    records = (
        Sheet.objects.filter(tool=Tool.RESTORATIVE).select_related("student").prefetch_related("answers")
    )
    together: dict[object, list[Sheet]] = {}
    for record in records:
        together.setdefault(record.together, []).append(record)
    assert together and all(len({one.student_id for one in pair}) == 2 for pair in together.values())
    for one, other in together.values():
        for mine, theirs in ((one, other), (other, one)):
            words = " ".join(str(answer.value) for answer in mine.answers.all())
            assert not re.search(rf"\b{re.escape(theirs.student.known_as)}\b", words)


def test_separated_parents_have_conversations_of_their_own(sixty):
    theirs = Sheet.objects.filter(student=child("Teddy"), tool=Tool.PARENT, term=TERM, done_at__isnull=False)
    assert theirs.values("member").distinct().count() == 2
    # Nobody under a restriction is ever asked.
    for sheet in Sheet.objects.filter(tool=Tool.PARENT).select_related("student", "member"):
        link = sheet.student.family_links.get(member=sheet.member)
        assert not link.is_restricted(sheet.happened_on)


def test_goals_in_every_state(sixty):
    goals = Goal.objects.prefetch_related("scales", "scores")
    states = Counter(state_of(goal, list(goal.scales.all())) for goal in goals)
    assert set(states) == {"draft", "asked", "sent_back", "agreed", "closed", "withdrawn"}
    scores = GoalScore.objects.filter(goal__term=TERM)
    assert set(scores.filter(second=False).values_list("level", flat=True)) == {-2, -1, 0, 1, 2}
    assert scores.filter(partial=True).exists() and scores.filter(second=True).exists()
    assert GasScale.objects.filter(number=2).exists()
    assert Goal.objects.filter(outcomes=None).exists() and Goal.objects.exclude(outcomes=None).exists()
    for goal in goals:
        for scale in goal.scales.all():
            if scale.asked_at and not scale.agreed_at:
                assert not missing_parts(scale)
    active = Counter(Goal.objects.active().values_list("student", flat=True))
    assert max(active.values()) <= rules.MOST_ACTIVE_GOALS
    assert set(Judgement.objects.values_list("word", flat=True)) >= {
        "achieved",
        "on_track",
        "some",
        "not_yet",
    }


def test_nobody_is_asked_to_check_what_they_wrote(sixty):
    waiting = GasScale.objects.asked()
    assert waiting
    for scale in waiting:
        assert scale.pk in waiting.with_mine(scale.written_by).filter(mine=True).values_list("pk", flat=True)


def test_the_first_version_of_an_entry_says_who_wrote_it_when(sixty):
    entry = HomeContact.objects.select_related("logged_by").order_by("pk").first()
    first = versions(entry, user("head"))[-1]
    assert (first.at, first.who) == (entry.logged_at, entry.logged_by.name)


def test_asks_in_every_state(sixty):
    found = {
        (
            bool(ask.user_id),
            states.state_of(
                answered_at=ask.answered_at,
                declined_at=ask.declined_at,
                withdrawn_at=ask.withdrawn_at,
                expires_at=ask.expires_at,
                tries=ask.tries,
                now=clock.now(),
            ),
        )
        for ask in Enquiry.objects.all()
    }
    assert {
        (True, "waiting"),
        (True, "answered"),
        (True, "declined"),
        (False, "waiting"),
        (False, "ended"),
    } <= found
    assert all(
        email.endswith(".example") for email in Enquiry.objects.values_list("email", flat=True) if email
    )
    assert Reminder.objects.exists() and set(Proposal.objects.values_list("status", flat=True)) == {
        "open",
        "declined",
    }


def test_each_sign_in_finds_something(sixty):
    bj, kacper = child("Bartholomew-James"), child("Kacper")
    baseline = AssessmentPoint.objects.get(student=bj, term=TERM)
    assert [
        rules.completion([one.rating for one in baseline.ratings.all()]).rated,
        len(cast.BJ_RATINGS),
    ] == [
        31,
        42,
    ]
    assert kacper.user == user("student")
    assert not Sheet.objects.filter(student=kacper, term=TERM, tool=Tool.VOICE).exists()  # it is his turn
    assert Goal.objects.active().filter(student=kacper, term=TERM, agreed_at__isnull=False).count() == 2
    magda = FamilyMember.objects.get(user=user("parent"))
    assert not Sheet.objects.filter(member=magda, term=TERM, student=kacper).exists()
    assert Sheet.objects.done().filter(member__user=user("parent2"), term=TERM).exists()
    for name in ("mentor", "teacher"):
        assert Enquiry.objects.waiting().filter(user=user(name), period=TERM).exists()
    waiting = Goal.objects.filter(scales__asked_at__isnull=False, scales__agreed_at=None)
    assert waiting.filter(access.scope_q(user("mentor"), Can.CHECK_GOALS, "student_id")).exists()
    low = Answer.objects.filter(field="feel-safe", value__lte=1, sheet__student=child("Aoife"))
    assert low.exists() and access.allows(user("dsl"), Can.VIEW_SHEETS, child("Aoife"))


def test_whoever_wrote_it_stood_by_the_student(sixty):
    posts = set(Student.objects.values_list("pk", "assignments__user"))
    head = user("head").pk
    for student_id, by in AssessmentPoint.objects.values_list("student", "opened_by"):
        assert by == head or (student_id, by) in posts
    for student_id, by in Goal.objects.values_list("student", "started_by"):
        assert by == head or (student_id, by) in posts
    assert not any(
        one.checked_by_id == one.written_by_id for one in GasScale.objects.exclude(checked_by=None)
    )


def test_every_sentence_is_filled_in_and_begins_with_a_capital(sixty):
    texts = [
        *Narrative.objects.values_list("text", flat=True),
        *Evidence.objects.exclude(words="").values_list("words", flat=True),
        *Goal.objects.values_list("student_words", flat=True),
        *GasScale.objects.values_list("support", flat=True),
        *GoalScore.objects.values_list("evidence", flat=True),
        *(
            str(value)
            for value in Answer.objects.exclude(
                field__in=("stages", "people", "agreed", "agreed-actions", "example")
            ).values_list("value", flat=True)
        ),
    ]
    assert not [text for text in texts if re.search(r"\{\w*\}|selfs|\bthemself\b", text)]
    told = [text for text in texts[: Narrative.objects.count()] if text]
    assert not [text for text in told if not (text[0].isupper() or text[0] in "“‘")]


def test_words_for_everything_on_the_form():
    from tsp.questions.questionnaire import TSP

    doc = TSP.shipped()
    statements = {item["slug"] for area in doc["areas"] for item in area["items"]}
    areas = {area["slug"] for area in doc["areas"]}
    assert set(EXAMPLES) == statements
    for said in ("areas", "well", "hard", "next"):
        assert areas == set(texts("assessment-points")[said])
    for aim in AIMS:
        assert aim["area"] in areas and aim["statement"] in statements and len(set(aim["levels"])) == 5

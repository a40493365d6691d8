"""Independence in the demo school: every state in it, rising over the years, and something for each sign-in."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from django.db import connection

from contacts.models import Miss
from demo import cast
from demo.words import texts
from ilsa import comparison, rules, templates
from ilsa.actions import suggested
from ilsa.models import Agreement, Answer, Assessment, RaterForm, Round
from ilsa.progress import state_of
from keywork import clock, duties
from keywork.access import Can
from keywork.models import User
from students.models import FamilyLink, Student
from tsp.models import Goal

MONDAY = date(2026, 11, 23)
THIS_YEAR, LAST_YEAR = "2026-27", "2025-26"


def user(name: str) -> User:
    return User.objects.get(email=f"{name}@{cast.DOMAIN}")


def assessment(forename: str, year: str = THIS_YEAR) -> Assessment:
    found = Assessment.objects.select_related("student", "round")
    return found.get(student__legal_forename=forename, round__year=year)


def states(year: str) -> dict[str, set[str]]:
    """By rater: in, begun, none, or why they take no part."""
    found: dict[str, set[str]] = defaultdict(set)
    for form in RaterForm.objects.filter(assessment__round__year=year):
        state = state_of(form.is_submitted, form.missing, form.started_at is not None)
        found[form.role].add(form.missing if state == "missing" else state)
    return found


def test_a_round_each_year_and_this_years_is_open(sixty):
    assert list(Round.objects.values_list("year", flat=True)) == [THIS_YEAR, LAST_YEAR, "2024-25"]
    now = Round.objects.get(year=THIS_YEAR)
    assert now.opens_on < MONDAY <= now.closes_on
    here = Student.objects.on_roll(MONDAY)
    assert set(now.assessments.values_list("student", flat=True)) == set(here.values_list("pk", flat=True))


def test_this_years_round_has_every_state(sixty):
    found = states(THIS_YEAR)
    assert found["keyworker"] == {"in", "begun", "none"}
    for role in ("pupil", "parent_carer"):
        assert {"in", "begun", "none"} <= found[role]
    assert set(rules.NOT_TAKING_PART) <= found["pupil"] | found["parent_carer"]
    assert RaterForm.objects.filter(from_paper=True, role="parent_carer").exists()
    assert RaterForm.objects.filter(from_paper=True, role="pupil").exists()


def test_only_adults_who_may_be_asked(sixty):
    for form in RaterForm.objects.filter(role="parent_carer").select_related("assessment"):
        links = FamilyLink.objects.for_reports(MONDAY).filter(student=form.assessment.student_id)
        assert links.filter(member=form.member_id).exists()


def test_submitted_forms_have_no_blanks(sixty):
    form = templates.current()
    answers: dict[int, set[str]] = defaultdict(set)
    for form_id, item in Answer.objects.exclude(kind="").values_list("form", "item"):
        answers[form_id].add(item)
    wanted = {item.slug for item in form.in_use}
    for one in RaterForm.objects.all():
        if one.is_submitted:
            assert answers[one.pk] == wanted
        else:
            assert len(answers[one.pk]) < len(wanted) and bool(answers[one.pk]) == bool(one.started_at)


def test_nothing_is_dated_after_today_or_out_of_order(sixty):
    now = clock.now()
    for form in RaterForm.objects.select_related("assessment__student"):
        student = form.assessment.student
        moments = [form.invited_at, form.started_at, form.submitted_at]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known) and known[-1] <= now
        assert student.joined_on <= form.assessment.opened_at.date()
        if form.answered_on:
            assert form.assessment.opened_at.date() <= form.answered_on <= form.submitted_at.date()
        if form.role == "keyworker" and form.answered_on and student.left_on:
            assert form.answered_on <= student.left_on
    assert not Answer.objects.filter(at__gt=now).exists()
    assert not Agreement.objects.filter(agreed_on__gt=MONDAY).exists()
    connection.check_constraints()


def test_the_young_are_not_asked_for_what_comes_later(sixty):
    template = templates.current()
    marked = Answer.objects.filter(suggested=True, form__assessment__round__year=THIS_YEAR)
    assert marked.filter(form__assessment__student__nc_year="7").exists()
    for item, year, kind in marked.values_list("item", "form__assessment__student__nc_year", "kind"):
        assert kind == "na" and item in suggested(template, year)


def test_answers_rise_with_the_years(sixty):
    """Like for like, and from the youngest to the oldest."""
    assessments = list(Assessment.objects.select_related("round", "student"))
    forms = list(RaterForm.objects.submitted().filter(role="keyworker"))
    by_student = defaultdict(list)
    for one in assessments:
        by_student[one.student_id].append(one)
    changes, older, younger = [], [], []
    for mine in by_student.values():
        pks = {one.pk for one in mine}
        known = comparison.years_of(mine, [form for form in forms if form.assessment_id in pks])
        changes += [step.overall for step in comparison.steps(known, "keyworker") if step.overall is not None]
        now = known[-1].overall("keyworker") if known[-1].label == THIS_YEAR else None
        if now is not None and now.per_cent is not None:
            (older if mine[0].student.nc_year in ("11", "12", "13") else younger).append(now.per_cent)
    assert len(changes) > 50
    assert 0.8 * len(changes) < sum(change > 0 for change in changes) <= len(changes)
    assert sum(older) / len(older) > sum(younger) / len(younger) + 5


def test_raters_differ_as_people_do_and_some_talked(sixty):
    flagged = Counter()
    for one in Assessment.objects.filter(round__year=LAST_YEAR).select_related("student", "round"):
        found = comparison.load(one)
        if len(found.columns) > 1:
            flagged[bool(found.agenda)] += 1
            assert set(found.agreed) <= {row.item.slug for row in found.agenda}
    assert flagged[True] > flagged[False]
    agreed = Agreement.objects.all()
    assert set(rules.EXPLANATIONS) == {tag for tags in agreed.values_list("tags", flat=True) for tag in tags}
    assert agreed.exclude(note="").exists() and not agreed.filter(note__contains="{").exists()
    assert not RaterForm.objects.filter(missing_words__contains="{").exists()
    assert Answer.objects.filter(kind="no").exists() and Answer.objects.exclude(note="").exists()


def test_notes_are_about_items_of_the_form(sixty):
    assert {slug for notes in texts("independence")["notes"].values() for slug in notes} <= set(
        templates.current().items
    )


def test_one_was_answered_far_apart(sixty):
    found = comparison.load(assessment("Mo", LAST_YEAR))
    assert not found.is_one_assessment
    assert {column.role for column in found.columns} == {"keyworker", "pupil", "parent_carer"}


def test_the_duty_is_met_for_nearly_all_of_the_past(sixty):
    missed = Miss.objects.standing().filter(duty="ilsa").count()
    owed = Assessment.objects.exclude(round__year=THIS_YEAR).count()
    assert missed <= 0.04 * owed
    found = Counter(
        str(state.status)
        for every in duties.states_for(list(Student.objects.on_roll(MONDAY)), MONDAY).values()
        for state in every
        if state.kind == "ilsa"
    )
    assert {"met", "open"} <= set(found)


def test_each_sign_in_finds_something(sixty, as_user):
    kacper = assessment("Kacper").student
    student = as_user(user("student")).get("/my-page/").content.decode()
    assert "What I can do by myself" in student and "You have begun this." in student
    parent = as_user(user("parent")).get(f"/home/{kacper.pk}/").content.decode()
    assert "You have begun this." in parent
    teddy = assessment("Teddy").student
    result = as_user(user("parent2")).get(f"/independence/child/{teddy.pk}/{THIS_YEAR}/result/")
    assert result.status_code == 200
    head = as_user(user("head")).get(f"/independence/rounds/{THIS_YEAR}/").content.decode()
    assert "Teddy" in head


def test_the_keyworker_finds_three_views_and_a_goal_that_grew(sixty, as_user):
    teddy = assessment("Teddy")
    found = comparison.load(teddy)
    assert len(found.columns) == 3
    assert sum(row.agreed is None for row in found.agenda) >= 2 and len(found.agreed) == 2
    page = as_user(user("keyworker")).get(f"/independence/students/{teddy.student_id}/{THIS_YEAR}/")
    assert page.status_code == 200
    ros = user("keyworker")
    mine = Student.objects.visible_to(ros, Can.RATE_ILSA)
    grown = Goal.objects.filter(student__in=mine).exclude(grew_from="")
    assert grown.exists()
    for goal in grown:
        _, pk, item = goal.grew_from.split(":")
        origin = Answer.objects.get(form__assessment=int(pk), form__role="keyworker", item=item)
        assert origin.score in (1, 2) and origin.form.answered_on < goal.started_at.date()

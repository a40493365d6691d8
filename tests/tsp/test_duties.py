"""What TSP owes: both tables of the rule book through the provider, then the rules one by one (T1 to T6)."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.actions.misses import record_misses
from contacts.digests import notify_of_misses
from contacts.models import Miss
from keywork import clock, duties, school, terms
from keywork.actions.school import set_up_school
from keywork.dates import day_in_full
from keywork.duties import Status
from keywork.models import HalfTerm, School
from students.models import Absence, Student
from tests.rules.helpers import d
from tests.rules.test_terms import NEW_STUDENTS, TERMS
from tests.tsp.factories import finish, make_point, make_review, rate_all
from tests.world import LIVE_ON, TODAY, assign, make_student
from tsp import deadlines
from tsp.duties import TspDuty
from tsp.models import AssessmentPoint

DAY = timedelta(days=1)
AUTUMN = "2026-27-autumn"
# Late, or missed, or the review when its point has opened by then.
AFTER_DUE = (
    ("baseline", "overdue"),
    ("baseline", "missed"),
    ("review", "open"),
    ("review", "due_soon"),
)


@pytest.fixture
def mina(world):
    return world.mina


@pytest.fixture
def by(world):
    return world.u_keyworker


def state_of(student, as_of=TODAY, known_on=None):
    return TspDuty().states([student], as_of, known_on)[0]


def shown(student, as_of):
    """Which of the two, and how it stands."""
    state = state_of(student, as_of)
    return state.standing.kind, str(state.status)


def joined(student, day, left=None):
    Student.objects.filter(pk=student.pk).update(joined_on=day, left_on=left)
    student.refresh_from_db()
    return student


# ------------------------------------------------------------------------- the tables of 5.4


@pytest.mark.parametrize(("term", "opens", "due", "review_opens", "review_due"), TERMS)
def test_the_table_of_terms(mina, by, term, opens, due, review_opens, review_due):
    assert shown(mina, d(opens)) == ("baseline", "open")
    assert state_of(mina, d(opens)).due_on == d(due)
    assert shown(mina, d(due)) == ("baseline", "due_soon")
    assert shown(mina, d(due) + DAY) == ("baseline", "overdue")

    make_point(mina, by, term=term, done_on=d(due))
    assert shown(mina, d(due)) == ("baseline", "met")
    assert shown(mina, d(review_opens) - DAY) == ("baseline", "met")
    assert state_of(mina, d(due)).when.endswith(f"The review opens {day_in_full(d(review_opens), d(due))}.")
    assert shown(mina, d(review_opens)) == ("review", "open")
    assert state_of(mina, d(review_opens)).due_on == d(review_due)
    assert shown(mina, d(review_due)) == ("review", "due_soon")
    assert shown(mina, d(review_due) + DAY) == (
        "review",
        "overdue",
    )  # the holidays, until the next term begins

    make_review(mina, by, term=term, done_on=d(review_due))
    assert shown(mina, d(review_due)) == ("review", "met")
    assert shown(mina, d(review_due) + DAY) == ("review", "met")


@pytest.mark.parametrize(("first_day", "twentieth", "due", "serves"), NEW_STUDENTS)
def test_the_table_of_new_students(mina, first_day, twentieth, due, serves):
    joined(mina, d(first_day))
    on_time = state_of(mina, d(due))

    assert (on_time.status, on_time.due_on) == (Status.DUE_SOON, d(due))
    assert on_time.standing.term.id == serves and on_time.standing.kind == "baseline"
    assert on_time.first
    assert shown(mina, d(due) + DAY) in AFTER_DUE
    assert f"{day_in_full(d(twentieth), d(due))}" in on_time.reason


def test_no_baseline_is_owed_for_the_part_term_before(mina):
    joined(mina, date(2025, 12, 1))
    for day in (date(2025, 12, 1), date(2025, 12, 19), date(2026, 1, 2)):
        state = state_of(mina, day)
        assert (state.status, state.due_on) == (Status.OK, date(2026, 1, 19))
        assert state.label.startswith("From 6 January")
        assert not state.action_url
    assert shown(mina, date(2026, 1, 6)) == ("baseline", "open")
    assert list(TspDuty().misses(date(2026, 1, 6), students=[mina.pk])) == []


# ------------------------------------------------------------------------------ rule by rule


def test_who_was_here_before_the_calendar_is_not_new(mina):
    joined(mina, date(2024, 9, 3))
    assert state_of(mina, date(2025, 9, 2)).due_on == date(2025, 9, 15)
    joined(mina, date(2025, 8, 20))  # in the holiday before: the 20th school day, as for anybody new
    assert state_of(mina, date(2025, 9, 2)).due_on == date(2025, 9, 29)


def test_a_school_that_begins_inside_a_term_is_new_to_it(db, today):
    set_up_school(name="Newmere School", went_live_on=date(2026, 10, 5))
    student = make_student("Ife", "Lasker", joined_on=date(2025, 9, 3))
    state = state_of(student, date(2026, 10, 5))

    assert (state.status, state.due_on) == (Status.OPEN, date(2026, 11, 6))
    assert "Newmere School began with Keywork on Monday 5 October" in state.reason
    assert state_of(student, date(2026, 10, 2)).status is Status.NONE


class TestLate:
    """T3, in the autumn of 2026: due Monday 21 September, missed after the 30th school day."""

    MISSED_ON = date(2026, 10, 19)

    def test_the_thirtieth_school_day(self, world):
        calendar = school.load().calendar
        assert terms.baseline_missed_on(calendar.term(AUTUMN), calendar) == self.MISSED_ON

    def test_late_is_still_the_baseline_with_its_true_date(self, mina, by):
        make_point(mina, by, done_on=date(2026, 10, 5))
        state = state_of(mina, date(2026, 10, 5))

        assert (state.status, state.finished_on) == (Status.MET_LATE, date(2026, 10, 5))
        assert state.label == "Done late" and "Finished Monday 5 October." in state.when
        assert list(TspDuty().misses(TODAY, date(2026, 9, 1), students=[mina.pk])) == []

    def test_overdue_until_the_thirtieth_then_missed(self, mina):
        assert shown(mina, self.MISSED_ON) == ("baseline", "overdue")
        assert "Monday 19 October, the 30th school day of the term" in state_of(mina, self.MISSED_ON).reason
        missed = state_of(mina, self.MISSED_ON + DAY)
        assert missed.status is Status.MISSED and missed.due_on == date(2026, 9, 21)
        assert "Change is measured from the first ratings of this term." in missed.reason

    def test_the_first_ratings_of_the_term_end_it(self, mina, by):
        make_point(mina, by, done_on=date(2026, 11, 2))
        assert shown(mina, date(2026, 11, 2)) == ("baseline", "met_late")
        assert [miss.kind for miss in TspDuty().misses(TODAY, date(2026, 9, 1), students=[mina.pk])] == [
            "tsp_baseline"
        ]

    def test_the_review_matters_once_its_point_opens(self, mina):
        assert shown(mina, date(2026, 11, 27)) == ("baseline", "missed")
        assert shown(mina, date(2026, 11, 30)) == ("review", "open")

    def test_a_new_students_own_due_date_may_be_later(self, mina):
        joined(mina, date(2026, 10, 12))
        due = terms.new_student_baseline(
            date(2026, 10, 12), school.load().policy(TODAY), school.load().calendar
        )
        assert due.due_on > self.MISSED_ON
        assert shown(mina, due.due_on) == ("baseline", "due_soon")
        assert shown(mina, due.due_on + DAY) == ("baseline", "missed")
        assert "its due date" in state_of(mina, due.due_on + DAY).reason


class TestTooEarly:
    """T4."""

    def test_ratings_before_the_point_are_no_baseline(self, mina, by):
        make_point(mina, by, done_on=date(2026, 9, 7))
        state = state_of(mina, date(2026, 9, 8))

        assert state.status is Status.OPEN
        assert "Monday 7 September were made before the baseline opened" in state.reason
        assert "carried in and confirmed" in state.reason
        assert state_of(mina, date(2026, 10, 20)).status is Status.MISSED

    def test_confirmed_inside_the_point_they_are(self, mina, by):
        point = make_point(mina, by, done_on=date(2026, 9, 7))
        reopen(point)
        finish(point, by, on=date(2026, 9, 10))
        state = state_of(mina, date(2026, 9, 14))

        assert (state.status, state.finished_on) == (Status.MET, date(2026, 9, 10))


class TestLeavers:
    """T6: 20 school days attended since the baseline, and leaving inside the term."""

    LAST_DAY = date(2026, 11, 13)

    @pytest.fixture
    def ada(self, mina, by):
        joined(mina, date(2024, 9, 3), self.LAST_DAY)
        make_point(mina, by, done_on=date(2026, 9, 21))
        return mina

    def test_a_closing_review_by_the_last_day(self, ada):
        state = state_of(ada, date(2026, 11, 12))

        assert (state.name, state.status, state.due_on) == (
            "TSP closing review",
            Status.DUE_SOON,
            self.LAST_DAY,
        )
        assert "at least 20 school days were attended" in state.reason
        assert shown(ada, self.LAST_DAY + DAY) == ("baseline", "none")
        (miss,) = TspDuty().misses(TODAY, date(2026, 11, 1), students=[ada.pk])
        assert (miss.kind, miss.due_on, miss.klass) == ("tsp_review", self.LAST_DAY, "missed")

    def test_done_it_is_met(self, ada, by):
        make_review(ada, by, done_on=self.LAST_DAY)
        assert shown(ada, self.LAST_DAY) == ("review", "met")
        assert list(TspDuty().misses(TODAY, date(2026, 11, 1), students=[ada.pk])) == []

    def test_away_too_long_none_is_owed(self, ada):
        Absence.objects.create(student=ada, starts_on=date(2026, 9, 22), ends_on=date(2026, 10, 20))
        state = state_of(ada, date(2026, 11, 12))

        assert state.status is Status.NOT_OWED and "no closing review is owed" in state.reason
        assert list(TspDuty().misses(TODAY, date(2026, 11, 1), students=[ada.pk])) == []

    def test_leaving_before_the_baseline_is_due_owes_nothing(self, mina):
        joined(mina, date(2024, 9, 3), date(2026, 9, 18))
        assert state_of(mina, date(2026, 9, 14)).status is Status.NOT_OWED
        assert list(TspDuty().misses(TODAY, date(2026, 9, 1), students=[mina.pk])) == []

    def test_leaving_while_it_is_late_misses_it(self, mina):
        joined(mina, date(2024, 9, 3), date(2026, 10, 2))
        assert shown(mina, date(2026, 10, 2)) == ("baseline", "overdue")
        (miss,) = TspDuty().misses(TODAY, date(2026, 9, 1), students=[mina.pk])
        assert (miss.kind, miss.due_on) == ("tsp_baseline", date(2026, 9, 21))

    def test_at_the_very_end_the_ordinary_review_serves(self, mina, by):
        joined(mina, date(2024, 9, 3), date(2026, 12, 18))
        make_point(mina, by, done_on=date(2026, 9, 21))
        state = state_of(mina, date(2026, 12, 1))
        assert (state.name, state.due_on) == ("TSP review", date(2026, 12, 18))


def reopen(point):
    AssessmentPoint.objects.filter(pk=point.pk).update(
        done_on=None, finished_at=None, finished_by=None, reopened_reason="A rating was wrong."
    )
    point.refresh_from_db()


def test_opened_again_it_stays_met_and_says_so(mina, by):
    point = make_point(mina, by, done_on=date(2026, 9, 18))
    reopen(point)
    state = state_of(mina)

    assert (state.status, state.finished_on) == (Status.MET, date(2026, 9, 18))
    assert state.open_again and state.note == "Baseline, open again"
    assert list(TspDuty().misses(TODAY, date(2026, 9, 1), students=[mina.pk])) == []
    finish(point, by, on=TODAY)
    assert state_of(mina).finished_on == date(2026, 9, 18)
    assert not state_of(mina).open_again


def test_how_far_it_is(mina, by):
    make_point(mina, by, ratings=dict(list(rate_all(2).items())[:41]))
    with_carried = make_point(mina, by, kind="review", ratings=rate_all(1), confirmed=True)
    state = state_of(mina, date(2026, 9, 28))

    assert with_carried.pk and state.answered == 0  # nothing was rated by then
    overdue = state_of(mina, TODAY)
    assert overdue.status is Status.MISSED
    assert "41 of 54 statements are rated." in overdue.reason


def test_ratings_carried_over_and_not_confirmed_do_not_count(mina, by):
    before = make_review(mina, by, term="2025-26-summer", done_on=date(2026, 7, 10))
    make_point(mina, by, ratings=rate_all(2), carried_from=before, confirmed=False)
    assert state_of(mina).answered == 0


def test_as_of_a_day_before_it_was_done(mina, by):
    make_point(mina, by, done_on=date(2026, 9, 18))
    assert shown(mina, date(2026, 9, 17)) == ("baseline", "due_soon")


def test_between_terms_the_last_review_is_shown(mina, by):
    make_point(mina, by, done_on=date(2026, 9, 18))
    make_review(mina, by, done_on=date(2026, 12, 21))
    state = state_of(mina, date(2026, 12, 25))
    assert (state.status, state.finished_on) == (Status.MET_LATE, date(2026, 12, 21))
    assert shown(mina, date(2027, 1, 4)) == ("review", "met_late")  # a day for staff only
    assert shown(mina, date(2027, 1, 5)) == ("baseline", "open")


def test_without_a_calendar_nothing_falls_due(mina):
    HalfTerm.objects.all().delete()
    School.objects.update(stamp=uuid4())  # as every action that changes the calendar does
    state = state_of(mina)
    assert state.status is Status.NONE and "no term dates yet" in state.reason
    assert list(TspDuty().misses(TODAY)) == []


@pytest.mark.parametrize(
    ("first", "left", "words"),
    [
        (date(2024, 9, 3), date(2026, 11, 20), "Min left on Friday 20 November."),
        (date(2026, 11, 24), None, "Min joins on Tuesday 24 November."),
    ],
)
def test_not_on_roll(mina, first, left, words):
    joined(mina, first, left)
    state = state_of(mina)
    assert (state.status, state.reason, state.action_url) == (Status.NONE, words, "")


# -------------------------------------------------------------------------------- many at once

SPREAD = st.lists(
    st.tuples(
        st.dates(date(2025, 8, 1), date(2027, 7, 1)),
        st.none() | st.integers(0, 200),
        st.lists(st.tuples(st.booleans(), st.integers(0, 100)), max_size=2),
    ),
    min_size=3,
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=SPREAD, as_of=st.dates(date(2025, 9, 1), date(2027, 8, 1)))
def test_many_stand_as_each_alone_and_as_the_pure_rule(world, by, people, as_of):
    students = []
    for number, (first, days, points) in enumerate(people):
        left = None if days is None else first + timedelta(days=days)
        student = make_student(f"S{number}", "Spread", joined_on=first, left_on=left)
        students.append(student)
        term = deadlines.term_shown(as_of, school.load().calendar)
        for is_review, offset in points if term else ():
            kind = "review" if is_review else "baseline"
            if not AssessmentPoint.objects.filter(student=student, term=term.id, kind=kind).exists():
                make_point(
                    student, by, term=term.id, kind=kind, done_on=term.starts_on + timedelta(days=offset)
                )
    together = TspDuty().states(students, as_of)
    known = school.load()
    for student, state in zip(students, together, strict=True):
        alone = state_of(student, as_of)
        assert _plain(state) == _plain(alone)
        mine = AssessmentPoint.objects.filter(student=student, done_on__lte=as_of)
        if state.standing.term is not None:
            mine = mine.filter(term=state.standing.term.id)
        done = deadlines.Done(
            tuple(mine.filter(kind="baseline").values_list("done_on", flat=True)),
            tuple(mine.filter(kind="review").values_list("done_on", flat=True)),
        )
        facts = deadlines.TspFacts(student.joined_on, student.left_on, None, done)
        assert state.standing == deadlines.standing(
            facts, as_of, LIVE_ON, known.policy(as_of), known.calendar
        )
        assert state.label and state.headline and state.reason
    _misses_agree_with_states(students, as_of)
    AssessmentPoint.objects.filter(student__in=students)._raw_delete("default")
    Student.objects.filter(pk__in=[one.pk for one in students])._raw_delete("default")


def _plain(state):
    return (
        state.kind,
        state.student_id,
        state.status,
        state.due_on,
        state.standing,
        state.label,
        state.reason,
    )


def _misses_agree_with_states(students, as_of):
    """Every baseline missed by the day was seen as missed, or as gone, and none that was met is among them."""
    found = {
        (one.student_id, one.kind) for one in TspDuty().misses(as_of, students=[one.pk for one in students])
    }
    term = deadlines.term_shown(as_of, school.load().calendar)
    for student in students:
        state = state_of(student, as_of)
        if state.status is Status.MISSED:
            assert (student.pk, "tsp_baseline") in found
        if state.status is Status.MET and state.standing.kind == "baseline" and term:
            of_term = [
                one
                for one in TspDuty().misses(as_of, term.starts_on, students=[student.pk])
                if one.kind == "tsp_baseline"
            ]
            assert of_term == []


def test_queries_do_not_grow(world, by):
    rng = random.Random(3)
    students = [world.mina]
    for number in range(30):
        student = make_student(f"S{number}", "Many", joined_on=TODAY - rng.randint(0, 90) * DAY)
        student.left_on = TODAY + 10 * DAY if number % 3 == 0 else None
        assign(student, by, start=student.joined_on)
        make_point(student, by, ratings=rate_all(2) if number % 2 else {})
        students.append(student)
    students[0].left_on = TODAY + 10 * DAY
    make_point(world.mina, by, ratings=rate_all(1))
    facts = school.load()
    counts = []
    for some in (students[:1], students):
        with CaptureQueriesContext(connection) as queries:
            for state in TspDuty().states(some, TODAY, school=facts):
                assert state.label and state.headline and state.reason and isinstance(state.when, str)
        counts.append(len(queries))
    assert counts == [3, 3]  # the points, when those who leave were away, and how far what is open is
    with CaptureQueriesContext(connection) as queries:
        assert TspDuty().states([], TODAY, school=facts) == []
    assert len(queries) == 0


# -------------------------------------------------------------------------------------- misses


def tsp_misses(student):
    return list(
        Miss.objects.filter(student=student, duty__startswith="tsp_")
        .order_by("due_on")
        .values_list("duty", "due_on", "klass")
    )


class TestMisses:
    @pytest.fixture(autouse=True)
    def _from_this_term(self, world):
        """Counting begins with the autumn of 2026, so that there is one term to miss."""
        row = School.objects.get()
        row.went_live_on = date(2026, 9, 1)
        row.save()
        assert duties.miss_names()["tsp_baseline"] == "TSP baseline"

    def test_exactly_once_however_often_it_runs(self, world, mina):
        for day in (date(2026, 10, 19), date(2026, 10, 20), date(2026, 10, 21), TODAY):
            with clock.frozen(day):
                record_misses()
                expected = [("tsp_baseline", date(2026, 9, 21), "missed")] if day > date(2026, 10, 19) else []
                assert [row[:2] for row in tsp_misses(mina)] == [row[:2] for row in expected]

    def test_a_review_the_day_after_it_was_due(self, mina, by):
        make_point(mina, by, done_on=date(2026, 9, 18))
        for day, count in ((date(2026, 12, 18), 0), (date(2026, 12, 19), 1), (date(2027, 1, 8), 1)):
            with clock.frozen(day):
                record_misses()
                assert len(tsp_misses(mina)) == count
        assert tsp_misses(mina)[0][:2] == ("tsp_review", date(2026, 12, 18))

    def test_whose_it_is(self, world, by):
        people = {}
        for name, start in (("nobody", None), ("lately", date(2026, 9, 14)), ("long", date(2026, 9, 1))):
            people[name] = make_student(name.title(), "Charged", joined_on=date(2025, 9, 3))
            if start:
                assign(people[name], by, start=start)
        record_misses()
        assert {name: tsp_misses(one)[0][2] for name, one in people.items()} == {
            "nobody": "unassigned",
            "lately": "handover",
            "long": "missed",
        }

    def test_taken_back_when_the_facts_are_put_right(self, mina):
        record_misses()
        assert len(tsp_misses(mina)) == 1
        joined(mina, date(2026, 11, 2))  # they only came in November
        record_misses()
        row = Miss.objects.get(student=mina, duty="tsp_baseline")
        assert row.withdrawn_at is not None

    def test_the_digest_names_it(self, world, mina, mailoutbox):
        Miss.objects.create(
            student=mina,
            duty="tsp_baseline",
            due_on=date(2026, 9, 21),
            klass="missed",
            keyworker=world.u_keyworker,
            as_of=TODAY,
            detected_at=datetime(2026, 11, 23, 6, tzinfo=ZoneInfo("Europe/London")),
        )
        notify_of_misses()
        (mail,) = [one for one in mailoutbox if one.to == [world.u_keyworker.email]]
        assert mail.subject == "A TSP baseline is overdue in Keywork"
        assert "TSP baseline, due Monday 21 September" in mail.body


def test_the_way_to_the_workspace(mina, by):
    assert state_of(mina, date(2026, 9, 10)).action_url == f"/tsp/students/{mina.pk}/{AUTUMN}/baseline/"
    make_point(mina, by, done_on=date(2026, 9, 18))
    assert state_of(mina).action_url == ""
    review = state_of(mina, date(2026, 12, 1))
    assert review.action_url == f"/tsp/students/{mina.pk}/{AUTUMN}/review/"
    assert review.page_label == "Start the review"

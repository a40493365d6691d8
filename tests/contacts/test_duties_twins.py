"""`states` and `misses` are the pure rules: random schools compared with the rules student by student."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db.models import QuerySet

from contacts import misses
from contacts import sessions as session_rules
from contacts.duties import HomeContactDuty, SessionDuty
from contacts.home_contact import HomeHistory, LoggedContact, evaluate, missed
from contacts.models import ContactHold, HomeContact, KeyworkSession
from keywork import school
from keywork.duties import Status
from keywork.models import Assignment
from students.models import Absence, Student
from tests import world as cast
from tests.contacts.rows import ALL_TOPICS, contact, hold, session
from tests.policies import set_policy

LIVE = date(2024, 9, 2)
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
POLICIES = {
    "count": {},
    "pause": {"holiday_rule": "pause"},
    "strict": {"contact_one_way_counts": False, "contact_interval_days": 7},
    "lenient": {"contact_voicemail_counts": True, "holiday_rule": "pause", "session_min_per_window": 2},
}


def _day(rng: random.Random, first: date = LIVE - 60 * DAY, last: date = TODAY) -> date:
    return first + timedelta(days=rng.randint(0, (last - first).days))


def build(seed: int, by, size: int = 40) -> list[Student]:
    """Students with everything that can bend a rule, at random."""
    rng = random.Random(seed)
    students = []
    for n in range(size):
        joined = _day(rng, LIVE - 200 * DAY, TODAY - DAY)
        left = joined + timedelta(days=rng.randint(0, 500)) if rng.random() < 0.3 else None
        students.append(
            Student(
                legal_forename=f"F{n}",
                legal_surname="Random",
                born_on=date(2012, 1, 1),
                nc_year="9",
                joined_on=joined,
                left_on=left,
            )
        )
    Student.objects.bulk_create(students)
    contacts, sessions, holds, absences, posts = [], [], [], [], []
    for student in students:
        last = min(student.left_on or TODAY, TODAY)
        if last <= student.joined_on:
            continue
        for _ in range(rng.choice((0, 1, 5, 40, 60))):
            on = _day(rng, student.joined_on, last)
            logged = min(TODAY, on + timedelta(days=rng.choice((0, 0, 0, 0, 2, 9, 20, 40))))
            logged = max(logged, on)
            contacts.append(
                contact(
                    student,
                    on,
                    by,
                    rng.choice(("spoke", "spoke", "replied", "message", "no_answer", "failed")),
                    rng.choice(("phone", "phone", "text", "email", "meeting", "letter", "postcard")),
                    logged=logged,
                    approved=logged if rng.random() < 0.3 else None,
                    voided=TODAY if rng.random() < 0.05 else None,
                    person_marked=rng.random() < 0.95,
                )
            )
        for _ in range(rng.choice((0, 4, 20, 30))):
            on = _day(rng, student.joined_on, last)
            some = rng.choice((ALL_TOPICS, ALL_TOPICS, ("attendance",), ("engagement", "social_progress")))
            block = school.load().calendar.block_before(on)
            sessions.append(
                session(
                    student,
                    on,
                    by,
                    rng.choice(("held", "held", "held", "declined", "cancelled")),
                    some,
                    logged=min(TODAY, on + timedelta(days=rng.choice((0, 0, 3, 30)))),
                    voided=TODAY if rng.random() < 0.05 else None,
                    catch_up_for=block.id if block and rng.random() < 0.1 else "",
                )
            )
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            first = _day(rng, student.joined_on, last)
            holds.append(hold(student, first, first + timedelta(days=rng.randint(0, 40)), by))
        for _ in range(rng.choice((0, 0, 1, 2))):
            first = _day(rng, student.joined_on, last)
            absences.append(
                Absence(student=student, starts_on=first, ends_on=first + timedelta(days=rng.randint(0, 40)))
            )
        if rng.random() < 0.8:
            posts.append(
                Assignment(
                    student=student, user=by, kind="keyworker", starts_on=_day(rng, student.joined_on, last)
                )
            )
    HomeContact.objects.bulk_create(contacts)
    KeyworkSession.objects.bulk_create(sessions)
    ContactHold.objects.bulk_create(holds)
    Absence.objects.bulk_create(absences)
    Assignment.objects.bulk_create(posts)
    return students


def by_student(rows: QuerySet) -> dict[int, list]:
    """Read once: the pure rules are asked of one student after another, for many days."""
    found = defaultdict(list)
    for row in rows:
        found[row.student_id].append(row)
    return found


def spans(rows) -> list[tuple[date, date]]:
    return [(row.starts_on, row.ends_on) for row in rows]


def is_known(row, known_on: date) -> bool:
    """Written down by then, and not crossed out (C17)."""
    return row.logged_on <= known_on and not (row.voided_on and row.voided_on <= known_on)


def waits(row, known_on: date) -> bool:
    """For approval (C10)."""
    return row.needs_approval and not (row.approved_on and row.approved_on <= known_on)


def home_history(student, contacts, on_hold, known_on=TODAY) -> HomeHistory:
    """A student's facts from model instances, as `contacts.facts` should find them."""
    logged = [
        LoggedContact(row.happened_on, row.channel, row.outcome, row.person_marked)
        for row in sorted(contacts, key=lambda row: (row.happened_on, row.pk))
        if is_known(row, known_on) and not waits(row, known_on)
    ]
    return HomeHistory(student.joined_on, student.left_on, logged, tuple(spans(on_hold)))


@pytest.fixture
def students(db, today, seed):
    return build(seed, cast.build().u_keyworker)


@pytest.fixture
def under(students):
    """`for facts in under():` the same school under one policy after another."""

    def each() -> Iterator[school.SchoolFacts]:
        for overrides in POLICIES.values():
            set_policy(effective_on=LIVE, preset="breckenbrough", overrides=overrides, by=None)
            yield school.load()

    return each


@pytest.mark.parametrize("seed", [1])
def test_home_contact_states_are_the_pure_function(under, students, seed):
    for facts in under():
        rng = random.Random(seed)
        contacts, on_hold = (
            by_student(HomeContact.objects.all()),
            by_student(ContactHold.objects.order_by("starts_on")),
        )
        seen = set()
        for known_on in (None, TODAY):
            for as_of in [_day(rng, LIVE, TODAY) for _ in range(4)] + [TODAY]:
                for student, state in zip(
                    students, HomeContactDuty().states(students, as_of, known_on), strict=True
                ):
                    holds = [one for one in on_hold[student.pk] if one.starts_on <= as_of]
                    history = home_history(student, contacts[student.pk], holds, known_on or TODAY)
                    pure = evaluate(history.at(as_of, as_of, facts), as_of, facts)
                    assert (state.status, state.due_on, state.do_by) == (pure.status, pure.due_on, pure.do_by)
                    assert state.label and state.headline and state.reason
                    seen.add(state.status)
        assert {Status.OVERDUE, Status.OK, Status.NONE} <= seen


@pytest.mark.parametrize("seed", [3])
def test_session_states_are_the_pure_function(under, students, seed):
    for facts in under():
        rng = random.Random(seed)
        sessions, absences = session_rows()
        seen = set()
        for as_of in [_day(rng, LIVE, TODAY) for _ in range(6)] + [TODAY, date(2026, 10, 30)]:
            for student, state in zip(students, SessionDuty().states(students, as_of), strict=True):
                seen.add(state.status)
                assert state.label and state.headline and state.reason
                known = session_facts(student, sessions[student.pk], absences[student.pk], as_of)
                pure = session_rules.evaluate(known, as_of, facts)
                for name in (
                    "status",
                    "block",
                    "due_on",
                    "met_on",
                    "topics_left",
                    "available_days",
                    "next_by",
                ):
                    assert getattr(state.result, name) == getattr(pure, name)
        assert {Status.MET, Status.MISSED, Status.NONE} <= seen


def session_rows() -> tuple[dict[int, list], dict[int, list]]:
    return by_student(KeyworkSession.objects.all()), by_student(Absence.objects.order_by("starts_on"))


def session_facts(student, sessions, absences, as_of) -> session_rules.SessionFacts:
    logged = [
        session_rules.LoggedSession(
            row.happened_on, row.status, frozenset(row.topics), row.catch_up_for, waits(row, TODAY)
        )
        for row in sessions
        if is_known(row, TODAY) and row.happened_on <= as_of
    ]
    away = [span for span in spans(absences) if span[0] <= as_of]
    return session_rules.SessionFacts(student.joined_on, student.left_on, logged, away)


@pytest.mark.parametrize("seed", [5])
def test_missed_contacts_are_what_each_morning_says(under, students, seed):
    for facts in under():
        policy = facts.policy(TODAY)
        contacts, on_hold = by_student(HomeContact.objects.all()), by_student(ContactHold.objects.all())
        histories = {
            student.pk: home_history(student, contacts[student.pk], on_hold[student.pk])
            for student in students
        }
        expected = {
            (pk, one.due_on): one
            for pk, history in histories.items()
            for one in missed(history, LIVE, TODAY - DAY, facts)
        }
        ids = {student.pk for student in students}
        found = [miss for miss in HomeContactDuty().misses(TODAY) if miss.student_id in ids]
        assert len(found) == len({(miss.student_id, miss.due_on) for miss in found})
        assert {(miss.student_id, miss.due_on) for miss in found} == set(expected)
        assert expected
        for since in (date(2026, 9, 20), date(2025, 12, 25)):
            later = {
                (miss.student_id, miss.due_on)
                for miss in HomeContactDuty().misses(TODAY, since)
                if miss.student_id in ids
            }
            assert later == {pair for pair in expected if pair[1] >= since}
        some = sorted(ids)[::3]
        of_some = {(miss.student_id, miss.due_on) for miss in HomeContactDuty().misses(TODAY, students=some)}
        assert of_some == {pair for pair in expected if pair[0] in some}
        posts = {row.student_id: row for row in Assignment.objects.filter(student__in=ids)}
        for miss in found:
            one, post = expected[miss.student_id, miss.due_on], posts.get(miss.student_id)
            klass = misses.miss_class(histories[miss.student_id].contacts, one.since, miss.due_on, policy)
            in_post = post is not None and post.starts_on <= miss.due_on
            if klass == "missed":
                charged = misses.attribution(miss.due_on, post.starts_on if in_post else None, policy)
                klass = "missed" if charged == "keyworker" else charged
            assert miss == type(miss)(
                miss.kind, miss.student_id, miss.due_on, klass, post.user_id if in_post else None
            )


@pytest.mark.parametrize("seed", [7])
def test_missed_sessions_are_the_missed_windows_of_each_student(under, students, seed):
    for facts in under():
        sessions, absences = session_rows()
        expected = {
            (student.pk, due_on)
            for student in students
            for known in [session_facts(student, sessions[student.pk], absences[student.pk], TODAY)]
            for due_on in session_rules.missed(known, facts.went_live_on, TODAY - DAY, TODAY, facts)
        }
        ids = {student.pk for student in students}
        found = [miss for miss in SessionDuty().misses(TODAY) if miss.student_id in ids]
        assert {(miss.student_id, miss.due_on) for miss in found} == expected
        assert expected
        since = date(2026, 3, 1)
        later = {
            (miss.student_id, miss.due_on)
            for miss in SessionDuty().misses(TODAY, since)
            if miss.student_id in ids
        }
        assert later == {pair for pair in expected if pair[1] >= since}

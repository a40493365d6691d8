"""Very many plain students in a few statements: enough for the duties, nothing to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection

from keywork import clock
from keywork.actions.school import set_up_school
from keywork.final import emptying
from keywork.models import User
from keywork.school import load
from students.models import Student
from tsp.questions.templates import current

TABLES = ("students_student", "contacts_homecontact", "contacts_keyworksession", "tsp_window")


def make_crowd(size: int, overdue: int = 0) -> None:
    """`size` students of a school that went live 20 days ago, all heard from in time but for `overdue` of them.

    Each of those has missed exactly one due date, six days ago. Every second student has a TSP baseline: half of
    those finished, half begun.
    """
    today = clock.today()
    if Student.objects.count() >= size:
        return
    live_on = today - timedelta(days=20)
    set_up_school(name="Crowd", went_live_on=live_on)
    user, _ = User.objects.get_or_create(
        email="bench@school.example", defaults={"name": "Bench", "roles": ["staff", "head"]}
    )
    # A keyworker matters only to whoever is overdue, and the exclusion constraint is slow to fill by the 100,000.
    posts = overdue or size
    values: dict[str, Any] = {
        "size": size,
        "overdue": overdue,
        "posts": posts,
        "user": user.pk,
        "today": today,
        "joined": live_on,
        "term": (load().calendar.term_on(today) or load().calendar.terms[-1]).id,
        "form": current().version_id,
    }
    with connection.cursor() as cursor:
        with without_triggers(TABLES):
            with emptying():
                cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
            for rows in (STUDENTS, CONTACTS, POSTS, WINDOWS):
                cursor.execute(rows, values)
        cursor.execute("ANALYZE")


@contextmanager
def without_triggers(tables: Iterable[str]) -> Iterator[None]:
    """Those of ours; foreign keys are checked all the same."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


STUDENTS = """
INSERT INTO students_student (legal_forename, legal_surname, preferred_forename, preferred_surname,
    pronouns, born_on, sex, upn, former_upn, mis_id, nc_year, reg_group, placement, sen_status, sen_types,
    needs, home_language, read_first, looked_after, photo, joined_on, created_at, version, in_order, found_by,
    address, phone, email, maintained_by, pupil_premium, ethnicity, social_worker, social_worker_reach)
SELECT 'Child' || n, 'Crowd' || n, '', '', '', '2013-05-17', '', '', '', 'C' || n, '9', '', 'day', 'E', '{}',
    '{}', '', '', false, '', %(joined)s, now(), 1, lpad(n::text, 6, '0'), 'child' || n || ' crowd' || n,
    '', '', '', '', '', '', '', ''
FROM generate_series(1, %(size)s) n
"""
CONTACTS = """
INSERT INTO contacts_homecontact (student_id, call, direction, channel, reached, outcome, with_name, person_marked,
    topics, notes, level, made_by_id, logged_by_id, logged_at, logged_on, happened_on, needs_approval,
    approval_reason, void_reason, version, shared, shared_summary, withheld_reason)
SELECT id, gen_random_uuid(), 'out', 'phone', 'spoke', 'two_way', 'Home', true, '{}', 'All well.', 'general',
    %(user)s, %(user)s, now(), %(today)s::date - (7 + id %% 7)::int, %(today)s::date - (7 + id %% 7)::int,
    false, '', '', 1, false, '', ''
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM students_student) s
WHERE place > %(overdue)s
"""
POSTS = """
INSERT INTO keywork_assignment (student_id, user_id, kind, starts_on, reason, reason_note, over_cap_reason,
    end_reason, end_note, assigned_at)
SELECT id, %(user)s, 'keyworker', %(joined)s, 'first', '', '', '', '', now() FROM students_student
ORDER BY id LIMIT %(posts)s
"""
WINDOWS = """
INSERT INTO tsp_window (student_id, term, kind, template_id, contexts, opened_at, opened_by_id, done_on,
    finished_at, finished_by_id, reopened_reason, version)
SELECT id, %(term)s, 'baseline', %(form)s, '{}', now(), %(user)s,
    CASE WHEN id %% 4 = 0 THEN %(joined)s::date + 9 END, CASE WHEN id %% 4 = 0 THEN now() END,
    CASE WHEN id %% 4 = 0 THEN %(user)s END, '', 1
FROM students_student WHERE id %% 2 = 0
"""

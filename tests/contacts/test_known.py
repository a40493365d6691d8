"""What was known on a day, asked later, is what was answered on that day: over random histories of edits.

Twenty histories here; `make fuzz` takes three hundred (KEYWORK_FUZZ_SEEDS).
"""

from __future__ import annotations

import io
import json
import os
import random
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from care.models import EhcPlan
from contacts.clock import outcome
from contacts.models import ContactHold, HomeContact, KeyworkSession
from ilsa.actions import add_newcomers
from ilsa.models import RaterForm, Round
from keywork import clock, sql
from keywork.models import Assignment, Closure, HalfTerm, InsetDay, User
from students.models import Absence
from tests import world as cast
from tests.contacts.rows import ALL_TOPICS, contact, hold, session
from tests.ilsa.factories import opened
from tests.policies import set_policy
from tests.tsp.factories import finish, make_point, rate_all
from tsp.models import AssessmentPoint, Rating

HISTORIES = min(300, int(os.environ.get("KEYWORK_FUZZ_SEEDS", "20")))
A_DAY = timedelta(days=1)
FIRST = date(2026, 9, 28)
DAYS = [FIRST + 4 * n * A_DAY for n in range(14)]
TODAY = DAYS[-1] + 30 * A_DAY


class History:
    """The row history of this transaction, dated by the school's clock and not by the database's."""

    def __init__(self) -> None:
        self.tables = [
            model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")
        ]
        with connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # they take new rows only
        self.date(datetime.combine(FIRST - 30 * A_DAY, time(12), clock.LONDON))

    @contextmanager
    def on(self, day: date):
        """What is written inside is written at noon of that day."""
        with clock.frozen(day):
            yield
            self.date(clock.now())

    def date(self, moment: datetime) -> None:
        with connection.cursor() as cursor:
            for table in self.tables:
                cursor.execute(
                    f"UPDATE {table} SET pgh_created_at = %s WHERE pgh_created_at = now()", [moment]
                )


@pytest.fixture
def history(db, monkeypatch):
    monkeypatch.setattr(sql, "A_PAGE", 5)  # as in a school of more than sixty
    with clock.frozen(FIRST - 30 * A_DAY):
        made = cast.build()
    past = History()
    past.made = made
    return past


def asked(day: date, known_on: date | None = None) -> list[dict]:
    """What the command says of everybody on roll on a day, words and all."""
    out = io.StringIO()
    known = [] if known_on is None else ["--known-on", known_on.isoformat()]
    call_command("duties", "--json", "--as-of", day.isoformat(), *known, stdout=out)
    return sorted(json.loads(out.getvalue()), key=lambda row: (row["student"], row["duty"]))


def differing(then: list[dict], later: list[dict]) -> list[tuple]:
    names = {(row["student"], row["duty"]) for row in (*then, *later)}
    told = [{(row["student"], row["duty"]): row for row in rows} for rows in (then, later)]
    return [
        (day["as_of"], *name, field, value, other and other[field])
        for name in sorted(names)
        for day, other in [(told[0].get(name) or told[1][name], told[1].get(name))]
        for field, value in day.items()
        if other is None or other[field] != value
    ]


def test_what_was_known_on_a_day_is_what_was_answered_then(history):
    rng = random.Random(HISTORIES)
    by, other = history.made.u_keyworker, history.made.u_keyworker_other
    answers = {}
    with history.on(FIRST - 10 * A_DAY):
        students = [
            cast.make_student(f"F{n}", f"Random{n}", joined_on=FIRST - rng.choice((5, 30, 200)) * A_DAY)
            for n in range(HISTORIES)
        ]
        cast.assign(students[0], by, start=FIRST - 5 * A_DAY)
    for day in DAYS:
        with history.on(day):
            for student in students:
                for change in rng.sample(CHANGES, rng.choice((0, 1, 1, 2))):
                    change(rng, student, day, by, rng.choice(students), other)
            for change in rng.sample(OF_THE_SCHOOL, rng.choice((0, 0, 1, 1))):
                change(rng, day)
        with clock.frozen(day):
            answers[day] = asked(day)
    with clock.frozen(TODAY):
        assert any(asked(day) != answer for day, answer in answers.items())
        for day, answer in answers.items():
            assert differing(answer, asked(day, known_on=day)) == []


# What people do to a record: each takes the student of the day, and another


def log_contact(rng, student, day, by, *_):
    on = day - rng.choice((0, 0, 1, 2, 9, 20)) * A_DAY
    reached = rng.choice(("spoke", "spoke", "message", "no_answer", "failed"))
    contact(student, on, by, reached, rng.choice(("phone", "text", "letter")), logged=day).save()


def log_session(rng, student, day, by, *_):
    on = day - rng.choice((0, 0, 2, 20)) * A_DAY
    topics = rng.choice((ALL_TOPICS, ALL_TOPICS, ["attendance"], ["engagement", "social_progress"]))
    status = rng.choice(("held", "held", "declined", "cancelled"))
    catch_up = rng.choice(("", "", "2026-27-autumn-1"))
    session(student, on, by, status, topics, logged=day, catch_up_for=catch_up).save()


def one_of(rng, rows):
    found = list(rows)
    return rng.choice(found) if found else None


def entry(rng, student):
    model = rng.choice((HomeContact, KeyworkSession))
    return one_of(rng, model.objects.filter(student=student, voided_on__isnull=True).order_by("pk"))


def amend(rng, student, day, *_):
    row = entry(rng, student)
    if row is None:
        return
    row.happened_on = row.logged_on - rng.choice((0, 3, 12)) * A_DAY
    if isinstance(row, HomeContact):
        row.reached, row.person_marked = rng.choice(("spoke", "no_answer")), rng.random() < 0.8
        row.outcome = outcome(row.reached, row.channel)
    else:
        row.status, row.topics = rng.choice(("held", "no_show")), list(rng.choice((ALL_TOPICS, ["points"])))
    row.changed_on, row.needs_approval = day, rng.random() < 0.2
    row.save()


def approve(rng, student, day, by, *_):
    for row in HomeContact.objects.filter(student=student, needs_approval=True, approved_on=None)[:1]:
        row.approved_on, row.approved_by, row.approval_reason = day, by, "Seen."
        row.save()


def cross_out(rng, student, day, by, *_):
    row = entry(rng, student)
    if row is not None:
        row.voided_on, row.voided_by, row.void_reason = day, by, "Wrong."
        row.save()
    return row


def move(rng, student, day, by, another, *_):
    row = cross_out(rng, student, day, by)
    if row is None or another == student:
        return
    row.moved_from_id, row.pk, row.student = row.pk, None, another
    row.voided_on, row.voided_by, row.void_reason = None, None, ""
    row._state.adding = True
    row.save()


def place_hold(rng, student, day, by, *_):
    first = day + rng.choice((-3, 0, 4)) * A_DAY
    hold(student, first, first + rng.randint(0, 20) * A_DAY, by, placed=day).save()


def end_hold(rng, student, day, *_):
    row = one_of(rng, ContactHold.objects.filter(student=student, ends_on__gte=day))
    if row is None:
        return
    if row.starts_on >= day:
        row.delete()
    else:
        row.ends_on = day - A_DAY
        row.save()


def be_away(rng, student, day, *_):
    first = day - rng.choice((0, 10)) * A_DAY
    Absence.objects.create(student=student, starts_on=first, ends_on=first + rng.randint(0, 40) * A_DAY)


def be_back(rng, student, day, *_):
    row = one_of(rng, Absence.objects.filter(student=student))
    if row is not None and rng.random() < 0.5:
        row.delete()
    elif row is not None:
        row.ends_on = row.starts_on
        row.save()


def change_roll(rng, student, day, *_):
    student.refresh_from_db()
    student.joined_on = FIRST - rng.choice((0, 5, 100)) * A_DAY
    student.left_on = rng.choice((None, day + 10 * A_DAY))
    student.known_from = rng.choice((None, FIRST + 5 * A_DAY))
    student.preferred_forename = rng.choice(("", "Kit"))
    student.save()


def change_keyworker(rng, student, day, by, another, other):
    row = one_of(rng, Assignment.objects.filter(student=student, kind="keyworker"))
    if row is None:
        start = day - rng.choice((0, 8)) * A_DAY
        Assignment.objects.create(
            student=student, user=rng.choice((by, other)), kind="keyworker", starts_on=start
        )
    elif rng.random() < 0.5:
        row.delete()
    else:
        row.ends_on = max(day, row.starts_on)
        row.save()


def open_point(rng, student, day, by, *_):
    kind = rng.choice(("baseline", "baseline", "review"))
    if not AssessmentPoint.objects.filter(student=student, kind=kind).exists():
        make_point(
            student, by, kind=kind, ratings={slug: 2 for slug in list(rate_all(2))[: rng.randint(0, 3)]}
        )


def rate(rng, student, day, by, *_):
    point = one_of(rng, AssessmentPoint.objects.filter(student=student, finished_at=None).order_by("pk"))
    if point is None:
        return
    row = one_of(rng, point.ratings.all())
    if row is None or rng.random() < 0.5:
        left = set(rate_all(2)) - {one.statement for one in point.ratings.all()}
        Rating.objects.create(
            point=point, statement=min(left), value=1, by=by, at=clock.now(), confirmed_at=clock.now()
        )
    else:
        row.delete()


def finish_or_open_again(rng, student, day, by, *_):
    point = one_of(rng, AssessmentPoint.objects.filter(student=student).order_by("pk"))
    if point is not None and point.finished_at is None:
        finish(point, by, on=day - rng.choice((0, 0, 9)) * A_DAY)
    elif point is not None:
        point.done_on = point.finished_at = point.finished_by = None
        point.reopened_reason = "A rating was wrong."
        point.save()


def rate_independence(rng, student, day, by, *_):
    form = one_of(
        rng, RaterForm.objects.filter(assessment__student=student, submitted_at=None).order_by("pk")
    )
    if form is None:
        return
    done = rng.choice(("started", "missing", "submitted"))
    if done == "started":
        form.started_at = clock.now()
    elif done == "missing":
        form.missing = "" if form.missing else "declined"
        form.missing_noted_at = clock.now() if form.missing else None
    else:
        form.missing, form.missing_noted_at = "", None
        form.answered_on, form.submitted_at = day - rng.choice((0, 5)) * A_DAY, clock.now()
        form.rater = form.typed_by = by
        form.from_paper = True
    form.save()


def plan_review(rng, student, day, by, *_):
    plan = EhcPlan.objects.filter(student=student).order_by("-number").first()
    if plan is None or rng.random() < 0.5:
        plan = EhcPlan(
            student=student, number=plan.number + 1 if plan else 1, created_by=by, created_at=clock.now()
        )
    plan.issued_on, plan.next_review_on = FIRST - 99 * A_DAY, day + rng.randint(1, 60) * A_DAY
    plan.save()


CHANGES = [
    log_contact, log_contact, log_session, amend, amend, approve, cross_out, move, place_hold, end_hold, be_away,
    be_back, change_roll, change_keyworker, open_point, rate, finish_or_open_again, finish_or_open_again,
    rate_independence, rate_independence, plan_review,
]  # fmt: skip


def shut(rng, day):
    first = day - rng.choice((0, 2)) * A_DAY
    Closure.objects.create(starts_on=first, ends_on=first + rng.randint(0, 9) * A_DAY, reason="Snow")


def open_again(rng, day):
    Closure.objects.all().delete()


def change_calendar(rng, day):
    block = HalfTerm.objects.get(slug="2026-27-autumn-1")
    block.ends_on = date(2026, 10, 23) + rng.randint(-3, 2) * A_DAY
    block.save()
    InsetDay.objects.filter(day__gt=day).delete()
    InsetDay.objects.get_or_create(day=day + 4 * A_DAY)


def change_policy(rng, day):
    overrides = {
        "contact_interval_days": rng.choice((7, 14, 21)),
        "holiday_rule": rng.choice(("count", "pause")),
    }
    start = day + rng.choice((-20, 0, 5)) * A_DAY
    set_policy(effective_on=start, preset="breckenbrough", overrides=overrides, by=None)


def close_an_account(rng, day):
    user = User.objects.get(email="keyworker_other@school.example")
    closed = user.deactivated_at is None
    user.is_active, user.deactivated_at = not closed, clock.now() if closed else None
    user.name = rng.choice(("Ros", "Rosa"))
    user.save()


def open_round(rng, day):
    by, round = User.objects.get(email="head@school.example"), Round.objects.first()
    if round is None:
        opened(by)
    else:
        add_newcomers(by=by, round=round)


OF_THE_SCHOOL = [
    shut,
    shut,
    open_again,
    change_calendar,
    change_policy,
    close_an_account,
    open_round,
    open_round,
]

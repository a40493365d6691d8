"""Independence: pages of 200 students with ten years behind them, beside a bare page; opening a round for 2,000."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from bench.crowd import fill
from bench.timing import queries_of
from bench.visits import autosave, get, measured, signed_in
from demo.years import missing_years
from ilsa import templates
from ilsa.actions import open_round
from ilsa.enquiries import RATING, RELATION
from ilsa.models import RaterForm, Role, Round
from keywork import clock
from keywork.actions.school import load_calendar, set_up_school
from keywork.models import AcademicYear, Assignment, User

RUNS = 100
TODAY = date(2026, 11, 23)
FIRST_DAY = date(2017, 9, 4)
YEARS = [f"{year}-{(year + 1) % 100:02d}" for year in range(2017, 2027)]
ON_ROLL, WITH_HISTORY = 2000, 200
RATERS = (Role.KEYWORKER, Role.PUPIL, Role.PARENT)


def build() -> tuple[User, User]:
    """A keyworker of the first student and the head. Made once, in a database of its own."""
    cache.clear()
    if not User.objects.filter(email="head@bench.example").exists():
        with transaction.atomic():
            _make()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
    keyworker, head = (User.objects.get(email=f"{name}@bench.example") for name in ("keyworker", "head"))
    return keyworker, head


def _make() -> None:
    set_up_school(name="Bench", went_live_on=FIRST_DAY)
    known = set(AcademicYear.objects.values_list("slug", flat=True))
    load_calendar(data={"academic_years": missing_years(known, FIRST_DAY, TODAY)})
    by = User.objects.create(email="keyworker@bench.example", name="Ros Whitcombe", roles=["staff"])
    User.objects.create(email="head@bench.example", name="Delyth Pryce-Amadi", roles=["staff", "head"])
    form = templates.current()
    fill(
        "ilsa", on_roll=ON_ROLL, some=WITH_HISTORY, joined=FIRST_DAY, user=by.pk, form=form.version_id, years=YEARS,
        items=[item.slug for item in form.in_use], roles=[*RATERS], kind=RATING,
        relations=[RELATION.get(role, "") for role in RATERS],
    )  # fmt: skip


def opening(head: User, runs: int = 5) -> dict[str, float]:
    """Seconds to open a round for everyone on roll, constraints checked; undone each time."""
    wall, cpu, forms = [], [], 0
    for _ in range(runs):
        with transaction.atomic():
            worked, began = time.process_time(), time.perf_counter()
            made = open_round(by=head, year="2027-28", opens_on=TODAY, closes_on=TODAY + timedelta(days=41))
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - worked)
            assert made.assessments.count() == ON_ROLL
            forms = RaterForm.objects.filter(assessment__round=made).count()
            transaction.set_rollback(True)
    return {
        "median_s": round(sorted(wall)[runs // 2], 3),
        "worst_s": round(max(wall), 3),
        "cpu_median_s": round(sorted(cpu)[runs // 2], 3),
        "forms": forms,
    }


def constant(client: Client, student: int) -> dict[str, int]:
    """Queries of the tab and of the three views with ten years, and with only the newest."""
    pages = {
        "tab": f"/independence/students/{student}/",
        "three views": f"/independence/students/{student}/{YEARS[-1]}/",
    }
    calls = {name: get(client, url) for name, url in pages.items()}
    ten = queries_of(calls)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(
                "UPDATE ilsa_assessment SET student_id = %s WHERE student_id = %s AND round_id <> %s",
                [student + WITH_HISTORY, student, Round.objects.get(year=YEARS[-1]).pk],
            )
        one = queries_of(calls)
        transaction.set_rollback(True)
    assert one == ten, (one, ten)
    return ten


def main() -> None:
    with clock.frozen(TODAY):
        by, head = build()
        keyworker, office = signed_in(by), signed_in(head)
        student = Assignment.objects.get(user=by).student_id
        with transaction.atomic():
            # One form is open again, to be answered; undone at the end.
            form = RaterForm.objects.create(
                assessment=Round.objects.get(year=YEARS[-1]).assessments.create(
                    student_id=student + WITH_HISTORY + 1,
                    template_id=templates.current().version_id,
                    opened_at=clock.now(),
                ),
                role="keyworker",
                invited_at=clock.now(),
            )
            Assignment.objects.create(
                student_id=student + WITH_HISTORY + 1, user=by, kind="keyworker", starts_on=FIRST_DAY
            )
            here, page = f"/independence/students/{student}/", f"/independence/forms/{form.pk}/parts/"
            calls = {
                "three views": get(keyworker, f"{here}{YEARS[-1]}/"),
                "ten years": get(keyworker, here),
                "rating a domain": get(keyworker, f"{page}money/"),
                "autosave, an answer": autosave(keyworker, f"{page}money/", "mo-save", ("1", "3"), 0),
                "the round of 200": get(office, f"/independence/rounds/{YEARS[-1]}/"),
                "across the school": get(office, "/independence/school/"),
            }
            found = measured(keyworker, calls, RUNS)
            transaction.set_rollback(True)
        constant(keyworker, student)
        opened = opening(head)
    found[f"opening a round for {ON_ROLL} students"] = opened
    print(json.dumps(found))


main()

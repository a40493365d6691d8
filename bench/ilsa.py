"""Independence: pages of 200 students with ten years behind them, beside a bare page; opening a round for 2,000."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import keywork.wsgi

application = keywork.wsgi.application  # loaded first, as the web server does

from datetime import date, timedelta  # noqa: E402  settings must be ready first
from random import Random  # noqa: E402

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench.timing import in_turn, summary  # noqa: E402
from demo.ilsa import ask, write_answers  # noqa: E402
from demo.ilsa.levels import Course, Form  # noqa: E402
from demo.rows import Rows, at  # noqa: E402
from demo.years import missing_years  # noqa: E402
from ilsa import templates  # noqa: E402
from ilsa.actions import open_round  # noqa: E402
from ilsa.models import Agreement, Answer, Assessment, RaterForm, Round  # noqa: E402
from keywork import clock  # noqa: E402
from keywork.actions.school import load_calendar, set_up_school  # noqa: E402
from keywork.models import AcademicYear, Assignment, User  # noqa: E402
from students.models import FamilyLink, FamilyMember, Student  # noqa: E402

RUNS = 100
TODAY = date(2026, 11, 23)
FIRST_DAY = date(2017, 9, 4)
YEARS = [f"{year}-{(year + 1) % 100:02d}" for year in range(2017, 2027)]
ON_ROLL, WITH_HISTORY = 2000, 200
settings.ROOT_URLCONF = "bench.urls"
settings.ALLOWED_HOSTS = ["testserver"]


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
    students = Student.objects.bulk_create(
        Student(
            legal_forename=f"Child{number}",
            legal_surname="Castellan",
            born_on=date(2013, 5, 17),
            nc_year=str(7 + number % 7),
            joined_on=FIRST_DAY,
            sen_status="E",
        )
        for number in range(ON_ROLL)
    )
    adults = FamilyMember.objects.bulk_create(
        FamilyMember(forename=f"Adult{number}", surname="Castellan") for number in range(2 * ON_ROLL)
    )
    FamilyLink.objects.bulk_create(
        FamilyLink(student=student, member=adult, relationship="parent", priority=place)
        for number, student in enumerate(students)
        for place, adult in enumerate(adults[2 * number : 2 * number + 2], 1)
    )
    Assignment.objects.create(student=students[0], user=by, kind="keyworker", starts_on=FIRST_DAY)
    _rounds(by, students[:WITH_HISTORY], [adult.pk for adult in adults[::2]])


def _rounds(by: User, students: list[Student], adults: list[int]) -> None:
    """Ten rounds of keyworker, student and one parent, the newest with agreed values where two differ."""
    template, rows = templates.current(), Rows()
    form = Form(template)
    for year in YEARS:
        opens_on = date(int(year[:4]), 11, 2)
        rows.add(
            Round, year=year, template_id=template.version_id, opens_on=opens_on, opened_by_id=by.pk,
            closes_on=opens_on + timedelta(days=41), opened_at=at(opens_on, "08:00"),
        )  # fmt: skip
    for number, student in enumerate(students):
        course = Course(form, Random(f"bench {number}"), boards=False)
        for round in rows.tables[Round]:
            nc_year, on = int(student.nc_year) - (2026 - int(round["year"][:4])), round["opens_on"]
            then = at(on + timedelta(days=9), "16:00")
            made = rows.add(
                Assessment,
                round_id=round["id"],
                student_id=student.pk,
                template_id=template.version_id,
                opened_at=then,
            )
            sets = []
            for role, member in (("keyworker", None), ("pupil", None), ("parent_carer", adults[number])):
                one = rows.add(
                    RaterForm, assessment_id=made["id"], role=role, member_id=member, started_at=then, submitted_at=then,
                    answered_on=on + timedelta(days=9), from_paper=True, typed_by_id=by.pk, invited_at=then,
                )  # fmt: skip
                values = course.answers(role, nc_year, member)
                notes = {3: "Words of a rater.", 40: "Words of a rater."}
                rows.packed[Answer].append((one["id"], values, frozenset(), notes, then, by.pk))
                sets.append(values)
            for place, found in enumerate(zip(*sets, strict=True)):
                scores = [value for value in found if value < 5]
                if place % 2 and len(scores) > 1 and max(scores) - min(scores) > 1:
                    rows.add(
                        Agreement, assessment_id=made["id"], item=form.slugs[place], score=min(scores) + 1,
                        tags=["one_place"], note="We begin where it goes well.",
                        agreed_on=on + timedelta(days=20), by_id=by.pk, at=then,
                    )  # fmt: skip
    ask(rows)
    rows.write()
    write_answers(rows)


def get(client: Client, url: str) -> Callable[[], None]:
    def call() -> None:
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)

    return call


def autosave(client: Client, form: RaterForm, item: str) -> Callable[[], None]:
    """One answer changed each time, with the version seen last, as autosave.js does."""
    state = {"version": 0, "place": 0}
    domain = templates.current().items[item].domain
    url = f"/independence/forms/{form.pk}/parts/{domain}/"

    def call() -> None:
        state["place"] = 1 - state["place"]
        data = {"autosave": "1", f"base:{item}": str(state["version"]), item: "13"[state["place"]]}
        response = client.post(url, data)
        assert response.status_code == 200, response.content[:300]
        state["version"] = response.json()["saved"][item]

    return call


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


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def queries_of(call: Callable[[], None]) -> int:
    call()
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def constant(client: Client, student: int) -> dict[str, int]:
    """Queries of the tab and of the three views with ten years, and with only the newest."""
    pages = {
        "tab": f"/independence/students/{student}/",
        "three views": f"/independence/students/{student}/{YEARS[-1]}/",
    }
    ten = {name: queries_of(get(client, url)) for name, url in pages.items()}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(
                "UPDATE ilsa_assessment SET student_id = %s WHERE student_id = %s AND round_id <> %s",
                [student + WITH_HISTORY, student, Round.objects.get(year=YEARS[-1]).pk],
            )
        one = {name: queries_of(get(client, url)) for name, url in pages.items()}
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
            here = f"/independence/students/{student}/"
            calls = {
                "bare page": get(keyworker, "/bench-bare/"),
                "three views": get(keyworker, f"{here}{YEARS[-1]}/"),
                "ten years": get(keyworker, here),
                "rating a domain": get(keyworker, f"/independence/forms/{form.pk}/parts/money/"),
                "autosave, an answer": autosave(keyworker, form, "mo-save"),
                "the round of 200": get(office, f"/independence/rounds/{YEARS[-1]}/"),
                "across the school": get(office, "/independence/school/"),
            }
            queries = {name: queries_of(call) for name, call in calls.items()}
            taken = in_turn(calls, RUNS)
            transaction.set_rollback(True)
        constant(keyworker, student)
        opened = opening(head)
    bare = summary(taken["bare page"])["p50_ms"]
    found: dict[str, dict[str, float]] = {}
    for name, values in taken.items():
        figures = summary(values)
        times = round(figures["p50_ms"] / bare, 1)
        found[name] = {**figures, "times_bare": times, "queries": queries[name]}
    found[f"opening a round for {ON_ROLL} students"] = opened
    print(json.dumps(found))


main()

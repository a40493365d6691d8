"""Independence: pages of 200 students with ten years behind them, beside a bare page; opening a round for 2,000."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta

from bench.visits import autosave, get, measured, signed_in  # isort: skip  first: it loads the application

from django.core.cache import cache  # isort: skip
from django.db import connection, transaction  # isort: skip
from django.test import Client  # isort: skip

from bench.crowd import at, fill, without_triggers  # isort: skip
from bench.timing import queries_of  # isort: skip
from demo.years import missing_years  # isort: skip
from enquiries.models import Enquiry  # isort: skip
from ilsa import templates  # isort: skip
from ilsa.actions import open_round  # isort: skip
from ilsa.enquiries import RATING, RELATION  # isort: skip
from ilsa.models import Agreement, Answer, Assessment, RaterForm, Role, Round  # isort: skip
from keywork import clock  # isort: skip
from keywork.actions.school import load_calendar, set_up_school  # isort: skip
from keywork.models import AcademicYear, Assignment, User  # isort: skip
from students.models import FamilyLink, FamilyMember, Student  # isort: skip

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
    told = {"on_roll": ON_ROLL, "some": WITH_HISTORY, "joined": FIRST_DAY, "user": by.pk}
    with without_triggers(
        (Student, FamilyMember, FamilyLink, Round, Assessment, RaterForm, Answer, Agreement)
    ):
        everybody = "generate_series(1, %(on_roll)s) n"
        fill(
            Student, everybody, told, legal_forename="'Child' || n", legal_surname="'Castellan'", sen_status="'E'",
            born_on="'2013-05-17'", nc_year="(7 + n %% 7)::text", joined_on="%(joined)s", created_at="now()",
            in_order="'castellan' || n", found_by="'child' || n || ' castellan'",
        )  # fmt: skip
        adults = f"{everybody} CROSS JOIN generate_series(1, 2) place"
        fill(
            FamilyMember, adults, told, forename="'Adult' || n", surname="'Castellan'", created_at="now()",
            in_order="'castellan adult' || n",
        )  # fmt: skip
        first, adult = (model.objects.order_by("pk")[0] for model in (Student, FamilyMember))
        told |= {"before": first.pk - 1, "adult": adult.pk}
        fill(
            FamilyLink, "students_student CROSS JOIN generate_series(0, 1) place", told, student_id="id",
            member_id="%(adult)s + 2 * (id - %(before)s - 1) + place", relationship="'parent'", priority="place + 1",
        )  # fmt: skip
        Assignment.objects.create(student_id=first.pk, user=by, kind="keyworker", starts_on=FIRST_DAY)
        _rounds(told)


def _rounds(told: dict[str, object]) -> None:
    """Ten rounds of keyworker, student and one parent, with agreed values where two differ."""
    form = templates.current()
    told = {
        **told, "form": form.version_id, "items": [item.slug for item in form.in_use], "years": YEARS,
        "roles": [*RATERS], "relations": [RELATION.get(role, "") for role in RATERS],
    }  # fmt: skip
    opens = "(left(year, 4) || '-11-02')::date"
    fill(
        Round, "unnest(%(years)s::text[]) year", told, year="year", template_id="%(form)s", opens_on=opens,
        closes_on=f"{opens} + 41", opened_at=at(opens), opened_by_id="%(user)s",
    )  # fmt: skip
    then = at("r.opens_on + 9")
    fill(
        Assessment, "students_student s CROSS JOIN ilsa_round r WHERE s.id - %(before)s <= %(some)s", told, round_id="r.id",
        student_id="s.id", template_id="%(form)s", opened_at=then,
    )  # fmt: skip
    of_round = "ilsa_assessment a JOIN ilsa_round r ON r.id = a.round_id"
    raters = "unnest(%(roles)s::text[], %(relations)s::text[]) AS one(rater, relation)"
    fill(
        RaterForm, f"{of_round} CROSS JOIN {raters}", told, assessment_id="a.id", role="rater", started_at=then,
        member_id="CASE WHEN rater = 'parent_carer' THEN %(adult)s + 2 * (a.student_id - %(before)s - 1) END", submitted_at=then,
        answered_on="r.opens_on + 9", from_paper="true", typed_by_id="%(user)s", invited_at=then,
    )  # fmt: skip
    fill(
        Enquiry, f"ilsa_raterform f JOIN {of_round} ON a.id = f.assessment_id JOIN {raters} ON rater = f.role", told,
        kind=f"'{RATING}'", student_id="a.student_id", period="r.year", target_id="f.id", relation="relation",
        member_id="f.member_id", asked_at="f.invited_at", asked_by_id="%(user)s", answer_by="r.closes_on",
        opened_at="f.started_at", answered_at="f.submitted_at",
    )  # fmt: skip
    # Better from year to year, some items harder, one in four does not apply; now and then a rater is two steps below
    # the others, as the demo has it.
    level = "0.6 + (a.round_id %% 10) * 0.15 + hashtext(item) %% 100 / 80.0"
    seen = "CASE WHEN hashtext(item || f.id) %% 45 = 0 THEN -2 WHEN hashtext(item || f.id) %% 3 = 0 THEN 1 ELSE 0 END"
    is_na = "hashtext(item || a.student_id) %% 4 = 0"
    fill(
        Answer, f"ilsa_raterform f JOIN {of_round} ON a.id = f.assessment_id"
        " CROSS JOIN unnest(%(items)s::text[]) WITH ORDINALITY AS one(item, place)", told,
        form_id="f.id", item="item", kind=f"CASE WHEN {is_na} THEN 'na' ELSE 'score' END",
        score=f"CASE WHEN NOT ({is_na}) THEN greatest(0, least(4, round({level}) + {seen})) END",
        note="CASE WHEN place IN (4, 41) THEN 'Words of a rater.' ELSE '' END", at="f.submitted_at", by_id="%(user)s",
        note_version="(place IN (4, 41))::int", version="1",
    )  # fmt: skip
    apart = """(
        SELECT f.assessment_id, item, min(score) AS least FROM ilsa_answer JOIN ilsa_raterform f ON f.id = form_id
        GROUP BY 1, 2 HAVING max(score) - min(score) > 1 AND array_position(%(items)s::text[], item) %% 2 = 0
    ) d JOIN ilsa_assessment a ON a.id = d.assessment_id JOIN ilsa_round r ON r.id = a.round_id"""
    fill(
        Agreement, apart, told, assessment_id="a.id", item="item", score="least + 1", tags="'{one_place}'",
        note="'We begin where it goes well.'", agreed_on="r.opens_on + 20", by_id="%(user)s", at=then,
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

"""Server time and queries of the TSP workspace and of its autosave, with ten terms of history, beside a bare page."""

from __future__ import annotations

import json
from datetime import date

from django.core.cache import cache

from bench.crowd import fill
from bench.visits import autosave, get, measured, signed_in
from demo.years import example_year
from keywork import clock
from keywork.actions.school import load_calendar, set_up_school
from keywork.models import Assignment, User
from students.models import Student
from tsp.questions.templates import current
from tsp.rating.assessment_points import area_part

RUNS = 100
TODAY, FIRST_DAY = date(2026, 9, 23), date(2023, 9, 4)
TERMS = [
    f"{year}-{year % 100 + 1}-{season}"
    for year in (2023, 2024, 2025)
    for season in ("autumn", "spring", "summer")
]
NOW = "2026-27-autumn"


def build() -> tuple[User, Student]:
    """One student with ten terms behind them; made anew each time, in a database of its own."""
    cache.clear()
    set_up_school(name="Bench", went_live_on=FIRST_DAY)
    load_calendar(data={"academic_years": [example_year(year) for year in (2023, 2024)]})
    number = User.objects.count()
    by = User.objects.create(email=f"keyworker{number}@bench.example", name="Ros Whitcombe", roles=["staff"])
    student = Student.objects.create(
        legal_forename="Bryn", legal_surname="Castellan", born_on=date(2013, 5, 17), nc_year="9",
        joined_on=FIRST_DAY, sen_status="E",
    )  # fmt: skip
    Assignment.objects.create(student=student, user=by, kind="keyworker", starts_on=FIRST_DAY)
    form = current()
    fill(
        "tsp", student=student.pk, user=by.pk, now=clock.now(), this_term=NOW, form=form.version_id, terms=TERMS,
        statements=[one.slug for one in form.in_use],
        parts=["summary", "next-steps", *(area_part(area.slug) for area in form.areas)],
    )  # fmt: skip
    return by, student


def main() -> None:
    with clock.frozen(TODAY):
        by, student = build()
        client, here = signed_in(by), f"/tsp/students/{student.pk}/{NOW}/baseline/"
        asked = {"HX-Request": "true"}
        calls = {
            "workspace": get(client, here),
            "autosave, a rating": autosave(client, f"{here}save/", "rating:emo-recover", ("1", "3"), 1),
            "autosave, words": autosave(client, f"{here}save/", "narrative:summary", ("Calm.", "Calmer."), 1),
            "examples to choose from": get(client, f"{here}examples/emo-recover/", **asked),
            "looking what others wrote": get(client, f"{here}live/", **asked),
            "a finished review": get(client, f"/tsp/students/{student.pk}/{TERMS[-1]}/review/"),
        }
        print(json.dumps(measured(client, calls, RUNS)))


main()

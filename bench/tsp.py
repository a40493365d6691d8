"""Server time and queries of the TSP workspace and of its autosave, with ten terms of history, beside a bare page."""

from __future__ import annotations

import json
from collections.abc import Callable

import keywork.wsgi

application = keywork.wsgi.application  # loaded first, as the web server does

from datetime import date, timedelta  # noqa: E402  settings must be ready first

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.test import Client  # noqa: E402

from bench.timing import in_turn, queries_of, summary  # noqa: E402
from contacts.models import KeyworkSession  # noqa: E402
from demo.years import example_year  # noqa: E402
from keywork import clock  # noqa: E402
from keywork.actions.school import load_calendar, set_up_school  # noqa: E402
from keywork.models import Assignment, User  # noqa: E402
from students.models import Student  # noqa: E402
from tsp.models import AssessmentPoint, Evidence, Narrative, Rating, Setting  # noqa: E402
from tsp.questions.templates import current  # noqa: E402
from tsp.rating.assessment_points import area_part  # noqa: E402

RUNS = 100
TODAY = date(2026, 9, 23)
TERMS = [
    f"{year}-{year % 100 + 1}-{season}"
    for year in (2023, 2024, 2025)
    for season in ("autumn", "spring", "summer")
]
NOW = "2026-27-autumn"
settings.ROOT_URLCONF = "bench.urls"
settings.ALLOWED_HOSTS = ["testserver"]


def point(student: Student, by: User, term: str, kind: str, *, finished: bool) -> AssessmentPoint:
    """Whole: 54 ratings, a note on each area, two examples for every third statement."""
    form, now = current(), clock.now()
    made = AssessmentPoint.objects.create(
        student=student, term=term, kind=kind, template_id=form.version_id, opened_at=now, opened_by=by
    )
    Rating.objects.bulk_create(
        Rating(point=made, statement=one.slug, value=place % 5, by=by, at=now, confirmed_at=now)
        for place, one in enumerate(form.in_use)
    )
    Narrative.objects.bulk_create(
        Narrative(point=made, part=part, text="Words of a keyworker. " * 12, by=by, at=now)
        for part in ("summary", "next-steps", *(area_part(area.slug) for area in form.areas))
    )
    Evidence.objects.bulk_create(
        Evidence(
            point=made, statement=one.slug, on=TODAY, setting=setting, words="Seen at lunch.", by=by, at=now
        )
        for one in form.in_use[::3]
        for setting in (Setting.LESSON, Setting.SOCIAL)
    )
    if finished:
        AssessmentPoint.objects.filter(pk=made.pk).update(finished_at=now, finished_by=by, done_on=TODAY)
    return made


def build() -> tuple[User, Student]:
    """One student with ten terms behind them; made anew each time, in a database of its own."""
    cache.clear()
    set_up_school(name="Bench", went_live_on=date(2023, 9, 4))
    load_calendar(data={"academic_years": [example_year(year) for year in (2023, 2024)]})
    number = User.objects.count()
    by = User.objects.create(email=f"keyworker{number}@bench.example", name="Ros Whitcombe", roles=["staff"])
    student = Student.objects.create(
        legal_forename="Bryn",
        legal_surname="Castellan",
        born_on=date(2013, 5, 17),
        nc_year="9",
        joined_on=date(2023, 9, 4),
        sen_status="E",
    )
    Assignment.objects.create(student=student, user=by, kind="keyworker", starts_on=date(2023, 9, 4))
    for term in TERMS:
        for kind in ("baseline", "review"):
            point(student, by, term, kind, finished=True)
    point(student, by, NOW, "baseline", finished=False)
    KeyworkSession.objects.bulk_create(
        KeyworkSession(
            student=student,
            happened_on=TODAY - timedelta(days=7 * week),
            status="held",
            topics=["attendance"],
            notes="Asked for a break with the card.",
            made_by=by,
            logged_by=by,
            logged_at=clock.now(),
            logged_on=TODAY,
        )
        for week in range(100)
    )
    return by, student


def get(client: Client, url: str, **headers: str) -> Callable[[], None]:
    def call() -> None:
        response = client.get(url, headers=headers or None)
        assert response.status_code == 200, (url, response.status_code)

    return call


def autosave(client: Client, url: str, field: str, answers: tuple[str, str]) -> Callable[[], None]:
    """One field changed each time, with the version seen last, as autosave.js does."""
    state = {"version": 1, "place": 0}

    def call() -> None:
        state["place"] = 1 - state["place"]
        data = {"autosave": "1", f"base:{field}": str(state["version"]), field: answers[state["place"]]}
        response = client.post(url, data)
        assert response.status_code == 200, response.content[:300]
        state["version"] = response.json()["saved"][field]

    return call


def main() -> None:
    with clock.frozen(TODAY):
        by, student = build()
        client = Client()
        client.force_login(by)
        here = f"/tsp/students/{student.pk}/{NOW}/baseline/"
        calls = {
            "bare page": get(client, "/bench-bare/"),
            "workspace": get(client, here),
            "autosave, a rating": autosave(client, f"{here}save/", "rating:emo-recover", ("1", "3")),
            "autosave, words": autosave(client, f"{here}save/", "narrative:summary", ("Calm.", "Calmer.")),
            "examples to choose from": get(client, f"{here}examples/emo-recover/", **{"HX-Request": "true"}),
            "looking what others wrote": get(client, f"{here}live/", **{"HX-Request": "true"}),
            "a finished review": get(client, f"/tsp/students/{student.pk}/{TERMS[-1]}/review/"),
        }
        queries = queries_of(calls)
        taken = in_turn(calls, RUNS)
    bare = summary(taken["bare page"])["p50_ms"]
    found = {}
    for name, values in taken.items():
        figures = summary(values)
        times = round(figures["p50_ms"] / bare, 1)
        found[name] = {**figures, "times_bare": times, "queries": queries[name]}
    print(json.dumps(found))


main()

"""Terms of history for students who are there already: for benchmarks and for tests of crowded pages."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from django.db import transaction

from keywork import clock, terms
from keywork.models import User
from keywork.school import SchoolFacts
from students.models import Student
from tsp.models import AssessmentPoint, Evidence, Narrative, Rating
from tsp.questions import templates

from ..copying import silent
from .profile import Course, Reading
from .rows import NO_OPPORTUNITY
from .words_examples import EXAMPLES
from .words_windows import LEVEL, NEXT

_TABLES = (AssessmentPoint, Rating, Narrative, Evidence)


@transaction.atomic
def give_history(
    students: Sequence[Student], *, by: User, school: SchoolFacts, many: int = 10, seed: int = 1
) -> list[str]:
    """A finished baseline and review in each of the last `many` terms that have ended, with words and evidence.

    The students should have no TSP of these terms yet. Returns the terms' ids, oldest first: fewer than `many`
    where the calendar does not reach back so far. Written without history, as the demo school is.
    """
    today, form = clock.today(), templates.current()
    past = [term for term in school.calendar.terms if term.ends_on < today][-many:]
    slugs = [one.slug for area in form.areas for one in area.statements]
    windows: list[AssessmentPoint] = []
    readings: list[Reading] = []
    for student in students:
        course = Course.begin(form, Random(f"{seed} {student.pk}"), student.needs, 0)
        for term in past:
            policy = school.policy(term.starts_on)
            for kind, found in (
                (AssessmentPoint.Kind.BASELINE, terms.baseline_window(term, policy, school.calendar)),
                (AssessmentPoint.Kind.REVIEW, terms.review_window(term, policy, school.calendar)),
            ):
                due_on = found.due_on if found else term.ends_on
                windows.append(
                    AssessmentPoint(
                        student=student,
                        term=term.id,
                        kind=kind,
                        template_id=form.version_id,
                        opened_at=clock.now(),
                        opened_by=by,
                        done_on=due_on,
                        finished_at=clock.now(),
                        finished_by=by,
                    )
                )
                readings.append(course.rate())
            course.a_term_passes()
    with silent(*_TABLES):
        AssessmentPoint.objects.bulk_create(windows, batch_size=1000)
        for window, reading in zip(windows, readings, strict=True):
            _fill(window, reading, slugs, by)
    return [term.id for term in past]


def _fill(window: AssessmentPoint, reading: Reading, slugs: Sequence[str], by: User) -> None:
    at = window.opened_at
    Rating.objects.bulk_create(
        Rating(
            window=window,
            statement=slug,
            value=None if value == NO_OPPORTUNITY else value,
            confirmed_at=at,
            by=by,
            at=at,
        )
        for slug, value in zip(slugs, reading.values, strict=True)
    )
    Narrative.objects.bulk_create(
        Narrative(window=window, part=part, text=text, by=by, at=at)
        for part, text in (
            ("summary", LEVEL[1].replace("{n}", window.student.known_as)),
            ("next-steps", NEXT["engagement"][0]),
        )
    )
    Evidence.objects.bulk_create(
        Evidence(
            window=window,
            statement=slug,
            on=window.done_on or at.date(),
            setting=setting,
            words=words.format(
                n=window.student.known_as, he="they", He="They", his="their", him="them", it="art"
            ),
            by=by,
            at=at,
        )
        for slug, value in zip(slugs, reading.values, strict=True)
        if value in (3, 4)
        for setting, words in EXAMPLES.get(slug, ())[:2]
    )

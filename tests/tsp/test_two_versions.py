"""Version 2 of the form is published in mid-year, between a baseline and its review.

One statement is taken out, one is new, one is reworded. What was rated with version 1 stays as it was to the byte and
reads in its own words; then and now are put side by side over the statements both have.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection

from keywork import clock, school
from questionnaires import edit
from tests.tsp.factories import make_evidence
from tests.tsp.workspace import typed, url
from tsp.models import AssessmentPoint, TemplateVersion
from tsp.questions import templates
from tsp.questions.questionnaire import AREAS
from tsp.questions.templates import FORM
from tsp.rating import history, pictures
from tsp.rating.actions import finish_point, open_point, save_fields

TERM, AREA, OTHER = "2026-27-autumn", "flexibility", "communicating"
BASELINE_ON, PUBLISHED_ON, REVIEW_ON = date(2026, 9, 18), date(2026, 11, 2), date(2026, 12, 10)
OUT, REWORDED = "flex-planned-change", "flex-try-new"
NEW_WORDS = "Tries something unfamiliar when it was shown first."
ADDED = {
    "statement": "Finds another way when the usual one is shut.",
    "pupil_wording": "When my way is blocked I can find another.",
    "parent_wording": "Finds another way when plans fail.",
    "ehcp_area_of_need": "communication_interaction",
    "pfa_outcome": "independent_living",
}


def rate(point, by, special, usual):
    form = templates.version(point.template_id)
    saving = save_fields(
        by=by,
        point=point,
        typed=[typed(f"rating:{one.slug}", special.get(one.slug, usual)) for one in form.in_use],
    )
    assert not saving.errors and not saving.conflicts


def second_version(by):
    """Publishes it; the slug of the new statement."""
    first = TemplateVersion.objects.get(number=1)
    kept = frozenset(one.slug for one in templates.version(first.pk).in_use)
    FORM.start(by=by)
    added = []

    def add(doc):
        doc, slug = edit.add_question(AREAS, doc, AREA, ADDED, "2.0.0")
        added.append(slug)
        return doc

    def reword(doc):
        item = AREAS.question_of(doc, REWORDED)[1]
        values = {**{name: item[name] for name in ADDED}, "statement": NEW_WORDS}
        doc, slug = edit.reword_question(
            AREAS, doc, REWORDED, values, new_meaning=False, equivalent=False, version="2.0.0", kept=kept
        )
        assert slug == REWORDED
        return doc

    for change in (lambda doc: edit.retire_question(AREAS, doc, OUT, kept), add, reword):
        draft = FORM.change(by=by, change=change)
    FORM.publish(by=by, note="One out, one new, one in plainer words", seen_lock=draft.lock)
    return added[-1]


def to_the_byte(point):
    """Every row of a point and of its form as the database holds it, with the transaction that wrote it."""
    found = {}
    with connection.cursor() as cursor:
        for table, condition in (
            ("tsp_window", "id = %(point)s"),
            ("tsp_rating", "point_id = %(point)s"),
            ("tsp_passage", "point_id = %(point)s"),
            ("tsp_evidence", "point_id = %(point)s"),
            ("tsp_templateversion", "id = %(form)s"),
        ):
            cursor.execute(
                "SELECT count(*), md5(string_agg(one.ctid::text || one.xmin::text || one::text, '|' ORDER BY id))"
                f" FROM {table} AS one WHERE {condition}",
                {"point": point.pk, "form": point.template_id},
            )
            found[table] = cursor.fetchone()
    return found


@pytest.fixture
def year(world):
    """The baseline with version 1, version 2, and the review with it."""
    by, mina = world.u_keyworker, world.mina
    with clock.frozen(date(2026, 9, 10)):
        baseline = open_point(by=by, student=mina, term=TERM, kind="baseline")
        rate(baseline, by, {OUT: 4}, 1)
        save_fields(by=by, point=baseline, typed=[typed("narrative:summary", "A careful start.")])
        make_evidence(baseline, by, OUT, words="Went to the hall after the fire drill.")
    with clock.frozen(BASELINE_ON):
        finish_point(by=by, point=baseline)
    baseline.refresh_from_db()
    before = to_the_byte(baseline)
    with clock.frozen(PUBLISHED_ON):
        new = second_version(world.u_coordinator)
    with clock.frozen(REVIEW_ON):
        review = open_point(by=by, student=mina, term=TERM, kind="review")
        rate(review, by, {new: 4}, 2)
        finish_point(by=by, point=review)
    review.refresh_from_db()
    return SimpleNamespace(baseline=baseline, review=review, before=before, new=new, by=by, mina=mina)


def test_what_was_rated_with_version_1_is_unchanged_to_the_byte(year):
    assert year.before == to_the_byte(AssessmentPoint.objects.get(pk=year.baseline.pk))
    assert [count for count, _ in year.before.values()] == [1, 54, 1, 1, 1]
    first = TemplateVersion.objects.get(pk=year.baseline.template_id)
    assert (first.number, FORM.digest_of(first.content)) == (1, first.digest)


def test_each_point_keeps_the_form_it_was_made_with(year):
    assert templates.version(year.baseline.template_id).number == 1
    assert templates.version(year.review.template_id).number == 2
    was = set(year.baseline.ratings.values_list("statement", flat=True))
    now = set(year.review.ratings.values_list("statement", flat=True))
    assert (was - now, now - was) == ({OUT}, {year.new})


def test_the_old_page_reads_in_its_old_words(year, as_user):
    client = as_user(year.by)
    old = client.get(url(year.mina)).content.decode()
    new = client.get(url(year.mina, kind="review")).content.decode()
    first = templates.version(year.baseline.template_id).statements
    for words in (first[OUT].staff, first[REWORDED].staff):
        assert words in old and words not in new
    for words in (ADDED["statement"], NEW_WORDS):
        assert words in new and words not in old


def test_then_and_now_are_compared_over_what_both_have(year):
    points = history.points_of(year.mina, school.load().calendar)
    start, now = points
    own = (start.scores[AREA], now.scores[AREA])
    compared = history.compare(start, now)[AREA]

    assert own == (Decimal("1.5"), Decimal("2.3"))
    assert (compared.then, compared.now, compared.shared) == (Decimal("1.0"), Decimal("2.0"), 5)
    assert (compared.only_then, compared.only_now) == ((OUT,), (year.new,))
    change = history.area_changes(start, [now])[AREA]
    assert (change.by, change.standing) == (Decimal("1.0"), "once")


def test_the_pictures_say_so(year, as_user):
    with clock.frozen(REVIEW_ON):
        html = as_user(year.by).get(f"/tsp/students/{year.mina.pk}/").content.decode()
    assert "The form changed in between, from version 1 to version 2." in html
    assert "Over 5 statements rated both times: 1 is new and 1 was taken out." in html
    assert html.count("Over 5 statements rated both times") == 2  # beside the picture and in its table

    points = history.points_of(year.mina, school.load().calendar)
    areas = {area.slug: area for area in pictures.over_terms(points, REVIEW_ON).areas}
    assert (areas[AREA].segments, areas[AREA].breaks) == ((), ("50%",))
    assert len(areas[OTHER].segments) == 1 and areas[OTHER].breaks == ()

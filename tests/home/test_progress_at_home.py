"""How a child is getting on, term by term and year by year: at home once the term's report went to that person."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ilsa.models import Round
from keywork import clock
from reports.models import Batch, Recipient, Report
from tests.ilsa.factories import filled, form_of, opened
from tests.tsp.factories import TERMS, make_history, make_point, rate_all
from tests.world import TODAY, make_family, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(world, as_user):
    def read(user=None):
        answer = as_user(user or world.u_parent).get(f"/home/{world.mina.pk}/progress/")
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.content.decode())

    return read


def give_out(student, by, term: str, *members) -> Report:
    now = clock.now()
    batch = Batch.objects.create(
        kind="tsp-termly", term=term, known_on=TODAY, total=1, created_by=by, created_at=now
    )
    made = Report.objects.create(
        batch=batch, student=student, kind=batch.kind, term=term, title="How the term went", known_on=TODAY,
        rendered_at=now, released_at=now, released_by=by,
    )  # fmt: skip
    Recipient.objects.bulk_create(Recipient(report=made, member=one, sent_at=now) for one in members)
    return made


def test_a_term_is_seen_once_its_report_was_given_to_that_person(world, as_user, page):
    mum, by = world.mina_mum.member, world.u_keyworker
    dad = make_user("dad_progress", "family")
    make_family(world.mina, "Theo", "Harcastle", user=dad, household="Quay Street", lives_with=False)
    make_history(world.mina, by, terms=TERMS[3:5], start=1)
    make_point(
        world.mina, by, term=TERMS[5], ratings=rate_all(4), finished=True,
        contexts=["medication_change"],
    )  # fmt: skip
    assert f'href="/home/{world.mina.pk}/progress/"' in as_user(world.u_parent).get("/home/").content.decode()
    assert "Beginning" not in page() and "When you have a report" in page()
    give_out(world.mina, by, TERMS[4], world.mina_mum.member)
    html = page()
    assert "Spring term 2025/26, at the start" in html and "Autumn term 2025/26" not in html
    given = give_out(world.mina, by, TERMS[3], mum)
    html = page()
    assert "Autumn term 2025/26, at the start: Beginning (with a lot of help)" in html
    assert html.count("kw-svg-way") == 9 * 3 and "Secure" not in html and "edication" not in html
    assert "Spring term 2025/26, at the end: Developing (with prompts)" in html
    assert "Developing" not in page(dad)  # it went to the other home
    given.withdrawn_at, given.withdrawn_by, given.withdrawal_reason = clock.now(), by, "Wrong child"
    given.save()
    assert "Autumn term 2025/26, at the start" not in page()
    with CaptureQueriesContext(connection) as few:
        page()
    give_out(world.mina, by, TERMS[5], mum)
    make_history(world.mina, by, terms=TERMS[:3])
    for term in TERMS[:3]:
        give_out(world.mina, by, term, mum)
    with CaptureQueriesContext(connection) as many:
        html = page()
    assert (
        len(many) == len(few) and "Secure (independent, across settings)" in html and "edication" not in html
    )


def test_independence_over_the_years_without_what_others_at_home_said(world, page):
    dad = make_user("dad_years", "family")
    other = make_family(world.mina, "Theo", "Harcastle", user=dad, household="Quay Street", lives_with=False)
    for year, level in (("2025-26", 1), ("2026-27", 3)):
        opened(world.u_head, year)
        filled(form_of(world.mina, "keyworker", year=year), world.u_keyworker, level)
        filled(form_of(world.mina, "parent_carer", other.member, year=year), dad, 4)
        if year == "2025-26":
            mine = form_of(world.mina, "parent_carer", world.mina_mum.member, year=year)
            filled(mine, world.u_parent, 2)
            Round.objects.filter(year=year).update(opens_on="2025-11-03", closes_on="2025-12-01")
    html = page()
    # Their own of this year is not in: until then they do not read another's.
    assert ">25%<" in html and ">50%<" in html and ">75%<" not in html and ">100%<" not in html
    filled(form_of(world.mina, "parent_carer", world.mina_mum.member), world.u_parent, 2)
    html = page()
    assert ">75%<" in html and "Overall independence by year" in html and html.count("kw-svg-line") == 2
    assert ">100%</td>" not in html and "Theo" not in html
    assert ">100%</td>" in page(dad)

"""One answer: page, CSV, digest, Missed rows, report, `duties` and the parent's page, over random schools.

Twenty-five seeds here; `make fuzz` takes five hundred (KEYWORK_FUZZ_SEEDS).
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
from collections import defaultdict
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.urls import reverse

from contacts import digests
from contacts.actions.misses import record_misses
from contacts.duties import HomeContactDuty, SessionDuty
from contacts.models import Miss
from ilsa.duties import IlsaDuty
from keywork import duties, school
from keywork.duties import Status
from portal.homes import next_contact_by
from reports.kinds import KINDS, terms_to_report
from students.models import Student
from tests import world as cast
from tests.contacts.test_duties_twins import POLICIES, build
from tests.policies import set_policy
from tsp.duties import TspDuty

SEEDS = int(os.environ.get("KEYWORK_FUZZ_SEEDS", "25"))
TODAY = cast.TODAY
A_DAY = timedelta(days=1)
CHECK_IN = {"holiday_rule": "pause", "long_closure_check_in": {"min_days": 14, "contacts": 1}}
SCHOOLS = {**POLICIES, "check in": CHECK_IN}
REPORT = KINDS["keeping-in-touch"]


@pytest.fixture(params=SCHOOLS)
def students(request, db, today):
    """A share of the seeds, a few students each, under one policy that is changed in mid-term once."""
    made = cast.build()
    place = list(SCHOOLS).index(request.param)
    overrides = SCHOOLS[request.param]
    live = school.load().went_live_on
    set_policy(effective_on=live, preset="breckenbrough", overrides=overrides, by=None)
    seeds = range(place, SEEDS, len(SCHOOLS))
    rng = random.Random(place)
    set_policy(
        effective_on=live + timedelta(days=rng.randint(200, 700)),
        preset="breckenbrough",
        overrides={**overrides, "contact_interval_days": rng.choice((10, 21))},
        by=None,
    )
    found = [student for seed in seeds for student in build(seed, made.u_keyworker, size=4)]
    for student in found:
        student.legal_surname = f"Random{student.pk}"
        if rng.random() < 0.2:
            student.known_from = student.joined_on + timedelta(days=rng.randint(0, 300))
        student.save()
    record_misses()
    return list(Student.objects.filter(pk__in=[student.pk for student in found]))


def test_everything_gives_one_answer(students, as_user, world_head):
    facts = school.load()
    on_roll = [one for one in students if one.joined_on <= TODAY and (one.left_on or TODAY) >= TODAY]
    states = duties.states_for(on_roll, TODAY, school=facts)
    misses = defaultdict(set)
    for miss in Miss.objects.standing().filter(student__in=students):
        misses[miss.duty, miss.student_id].add(miss.due_on)

    # Oversight and its CSV
    head = as_user(world_head)
    oversight = reverse("portal:oversight")
    listed = head.get(oversight, {"show": "everyone"}).context["table"].paginator
    pages = {
        row.student.pk: row
        for number in listed.page_range
        for row in head.get(oversight, {"page": number, "show": "everyone"}).context["rows"]
    }
    sheet = csv.DictReader(
        io.StringIO(
            head.get(reverse("portal:oversight_csv"), {"show": "everyone"}).content.decode("utf-8-sig")
        )
    )
    rows = {row["Student"]: row for row in sheet}
    # The command
    out = io.StringIO()
    call_command("duties", "--json", stdout=out)
    told = {(row["student"], row["duty"]): row for row in json.loads(out.getvalue())}
    names = {provider.kind: provider.name for provider in duties.providers()}
    lines = digests.DigestRun(TODAY).lines
    still = {
        (miss.student_id, miss.duty, miss.due_on)
        for miss in Miss.objects.filter(pk__in=[pk for pk, line in lines.items() if line.is_overdue])
    }
    for student in on_roll:
        for state, shown in zip(states[student.pk], pages[student.pk].states, strict=True):
            name, by = names[state.kind], state.by.isoformat() if state.by else None
            said = told[student.pk, state.kind]
            cells = rows[student.name]
            assert (shown.status, shown.by, shown.label) == (state.status, state.by, state.label)
            assert (said["state"], said["by"], said["reason"]) == (state.status, by, state.reason)
            assert (cells[name], cells[f"{name}: due"] or None) == (state.label, by)
            is_late = state.status is Status.MISSED or (
                state.status is Status.OVERDUE and state.kind == "home_contact"
            )
            if is_late:
                # By the day it names, or by the one named first where the rule was changed since.
                late = [day for day in misses[state.miss_kind, student.pk] if day >= state.since]
                assert state.due_on in late or (late and state.kind == "home_contact"), (student, late)
                assert any((student.pk, state.miss_kind, day) in still for day in late)
        # The parent's page
        link = SimpleNamespace(lives_with=True, may_receive_keywork_contact=True)
        promised = next_contact_by(student, link, TODAY, facts)
        home = states[student.pk][0]
        assert promised in (None, home.by)

    # What was missed is what the duty said on the morning after
    for duty, provider, status in (
        ("home_contact", HomeContactDuty(), Status.OVERDUE),
        ("session", SessionDuty(), Status.MISSED),
        ("tsp_review", TspDuty(), Status.OVERDUE),
        ("ilsa", IlsaDuty(), Status.MISSED),
    ):
        mornings = defaultdict(list)
        for one in students:
            for due_on in misses[duty, one.pk]:
                if (one.left_on or date.max) > due_on:
                    mornings[due_on].append(one)
        for due_on, some in mornings.items():
            morning = due_on + A_DAY
            changes = [effective_on for effective_on, _ in facts.policies]
            if any(due_on < effective_on <= due_on + 31 * A_DAY for effective_on in changes):
                continue  # the rule that was changed then may have named a date that had passed
            for state in provider.states(some, morning, school=facts):
                acted = duty == "home_contact" and (state.last_on == morning or state.held_until)
                assert acted or (state.status, state.due_on) == (status, due_on), (state.student, due_on)

    # The report of each term lists what the Missed page lists
    for term in terms_to_report(facts, TODAY):
        span = term.starts_on, facts.calendar.until_next_term(term)
        for pk, editions in REPORT.build(students, term, TODAY, facts).items():
            due = {one for one in misses["home_contact", pk] if span[0] <= one <= span[1]}
            assert {tuple(one["figures"].late) for one in editions} == {tuple(sorted(due))}


@pytest.fixture
def world_head(students):
    from keywork.models import User

    return User.objects.filter(roles__contains=["head"], is_active=True).first()

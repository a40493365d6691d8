"""The report for the annual review: from the last review of the plan until today, for everybody at the meeting."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from care.models import EhcPlan
from contacts.models import KeyworkSession
from ilsa import templates
from ilsa.actions import agree
from keywork import clock
from keywork.dates import LONDON
from keywork.errors import Refused
from keywork.levels import Level
from reports.writing import actions, views
from students.models import Attendance, FamilyLink
from tests.access.records import contact, session
from tests.ilsa.factories import assessment_of, filled, form_of, opened
from tests.reading import as_read
from tests.tsp.factories import (
    make_evidence,
    make_goal,
    make_judgement,
    make_outcome,
    make_point,
    make_review,
    make_score,
    make_sheet,
    rate_all,
)
from tests.world import TODAY, make_family
from tsp.models import Tool

TERM = "2026-27-autumn"
ISSUED = date(2026, 1, 12)


def with_plan(world, count: int = 1, **plan) -> list:
    EhcPlan.objects.create(
        student=world.mina,
        number=1,
        created_by=world.u_senco,
        created_at=clock.now(),
        **{"issued_on": ISSUED, "next_review_on": date(2027, 1, 11), **plan},
    )
    return [
        make_outcome(world.mina, world.u_senco, text=f"Asks for help in {number + 1} lessons out of four.")
        for number in range(count)
    ]


def begun(world):
    return actions.begin(student=world.mina, kind="annual-review", term=TERM, by=world.u_keyworker)


def lines(report, section):
    return list(report.lines.filter(section=section).order_by("place", "pk"))


def put_in(report, by, section: str, *keys: str) -> None:
    """The writer puts lines in that were only offered."""
    rows = [line for line in lines(report, section) if line.key in keys]
    actions.write_section(
        report=report, section=section, by=by, wanted=actions.Wanted({one.pk: one.text for one in rows}, [])
    )


def html_of(report) -> str:
    return as_read(views.paper(report.pk, 0, report.started_by_id).html)


@pytest.mark.parametrize(
    ("days", "said"),
    [("0", ""), ("0.5", " Min was suspended for half a day."), ("2.5", " Min was suspended for 3 days.")],
)
def test_attendance_says_how_long_somebody_was_suspended(world, days, said):
    """Of the register with the most sessions; another one's days are not added to it."""
    with_plan(world)
    for week, source, suspended in (
        (2, "MIS", days),
        (9, "MIS", "0.5" if days == "2.5" else "0"),
        (2, "AP", "1"),
    ):
        Attendance.objects.create(
            student=world.mina, starts_on=date(2026, 11, week), ends_on=date(2026, 11, week + 4), source=source,
            possible=10 if source == "MIS" else 4, attended=4, suspended_days=suspended,
        )  # fmt: skip
    line = next(one for one in lines(begun(world), "here") if one.key == "attendance")
    assert line.text == f"Min came to 8 of 20 sessions (half days).{said}"


def test_it_is_about_the_days_since_the_last_review(world):
    with_plan(world, reviewed_on=date(2026, 3, 2))
    report = begun(world)
    assert (report.starts_on, report.ends_on) == (date(2026, 3, 2), TODAY)


def test_without_a_plan_there_is_no_review_to_write_for(world):
    with pytest.raises(Refused, match="Min has no plan"):
        begun(world)


def test_an_outcome_has_its_goal_its_example_and_its_judgement_beside_it(world):
    (outcome,) = with_plan(world)
    goal = make_goal(world.mina, world.u_keyworker, checker=world.u_senco, outcomes=[outcome])
    make_score(goal, world.u_keyworker, 0)
    point = make_point(world.mina, world.u_keyworker)
    make_evidence(point, world.u_keyworker, "comm-ask-help", words="Asked the cook.", on=date(2026, 11, 9))
    make_judgement(outcome, world.u_keyworker, "on_track")
    report = begun(world)
    then, now, shows = lines(report, "outcomes")
    assert then.text == "Leaves without a sign, then shows the card when asked later"
    assert now.text == "Shows the card before leaving in 3 lessons of 5"
    assert shows.text == "Asked the cook (9 November)"
    said = html_of(report)
    assert "On track" in said and "I show my card before I go." in said
    assert "<strong>1 on track</strong>" in said


def test_what_is_confidential_is_offered_and_stands_only_when_put_in(world):
    with_plan(world)
    make_family(world.mina, "Simon", "Other", household="elm")
    make_sheet(world.mina, world.u_keyworker, Tool.VOICE, answers={"going-well": "Only for Ros."})
    make_sheet(
        world.mina, world.u_keyworker, Tool.VOICE, answers={"proud-of": "For all."}, share_with_home=True
    )
    make_sheet(
        world.mina,
        world.u_keyworker,
        Tool.PARENT,
        answers={"aspirations": "A job."},
        member=world.mina_mum.member,
    )
    report = begun(world)
    assert {one.text: one.is_left_out for one in lines(report, "own-words")} == {
        "Only for Ros.": True,
        "For all.": False,
    }
    (view,) = lines(report, "home-views")
    assert view.is_left_out and "Ask Folake Harcastle before it stands here" in view.source
    assert "A job." not in html_of(report) and "Only for Ros." not in html_of(report)
    put_in(report, world.u_keyworker, "home-views", view.key)
    assert "<strong>Folake Harcastle (mum):</strong> “A job.”" in html_of(report)


def test_an_answer_of_the_student_stands_below_its_question(world):
    with_plan(world)
    given = {"find-hard": "Being watched."}
    make_sheet(world.mina, world.u_keyworker, Tool.VOICE, answers=given, share_with_home=True)
    report = begun(world)
    (line,) = lines(report, "own-words")
    put_in(report, world.u_keyworker, "own-words", line.key)
    assert "<small>What I find hard right now</small> Being watched." in html_of(report)


def test_restricted_entries_and_parents_shut_out_are_nowhere(world):
    with_plan(world)
    on = {"happened_on": date(2026, 11, 9), "logged_on": date(2026, 11, 9)}
    contact(world.mina, world.u_keyworker, member=world.mina_mum.member, **on)
    contact(world.mina, world.u_keyworker, member=world.mina_mum.member, level=Level.SAFEGUARDING, **on)
    session(world.mina, world.u_keyworker, **on)
    secret = session(world.mina, world.u_keyworker, **on)
    KeyworkSession.objects.filter(pk=secret.pk).update(level=Level.SAFEGUARDING)
    dad = FamilyLink.objects.get(student=world.mina, member__forename="Rufus").member
    make_sheet(world.mina, world.u_keyworker, Tool.PARENT, answers={"aspirations": "His."}, member=dad)
    report = begun(world)
    assert report.facts["here"]["count"] == report.facts["here"]["held"] == 1
    assert not lines(report, "home-views")
    assert "Rufus" not in html_of(report) and "Rufus" not in str(
        list(report.lines.values_list("recorded", "source", "prompt"))
    )


def test_what_others_rated_stands_with_their_word(world):
    with_plan(world)
    opened(world.u_head)
    mum = world.mina_mum.member
    make_family(world.mina, "Simon", "Other", household="elm")
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 2)
    filled(form_of(world.mina, "parent_carer", mum), world.u_parent, 4)
    report = begun(world)
    said = html_of(report)
    assert "Keyworker 50 per cent" in said and "Folake (mum) 100 per cent" not in said
    put_in(report, world.u_keyworker, "independence", *(one.key for one in lines(report, "independence")))
    assert "Folake (mum) 100 per cent" in html_of(report)


@pytest.mark.parametrize(("year", "asked"), [("8", 0), ("9", 12), ("14", 12), ("X", 0)])
def test_from_year_nine_it_looks_at_adulthood(world, year, asked):
    world.mina.nc_year = year
    world.mina.save()
    with_plan(world)
    report = begun(world)
    assert len(lines(report, "adulthood")) == asked
    assert ("Preparing for adulthood" in html_of(report)) == bool(asked)


def a_year(world, count: int):
    """A year of records on a plan of `count` outcomes."""
    outcomes = with_plan(world, count)
    with clock.frozen(datetime(2026, 2, 2, 9, tzinfo=LONDON)):
        make_point(world.mina, world.u_keyworker, term="2025-26-spring", ratings=rate_all(1), finished=True)
    make_review(world.mina, world.u_keyworker, value=3)
    for number, outcome in enumerate(outcomes[:7]):
        goal = make_goal(world.mina, world.u_keyworker, checker=world.u_senco, outcomes=[outcome])
        make_score(goal, world.u_keyworker, number % 3)
        make_judgement(
            outcome, world.u_keyworker, ["achieved", "on_track", "some", "not_yet", "not_right"][number % 5]
        )
    make_sheet(world.mina, world.u_keyworker, Tool.REGULATION)
    make_sheet(
        world.mina,
        world.u_keyworker,
        Tool.TEAM,
        answers={"what-works": "A first step on a note.", "what-does-not": "Questions."},
    )
    opened(world.u_head)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 2)
    filled(form_of(world.mina, "parent_carer", world.mina_mum.member), world.u_parent, 3)
    return begun(world)


def test_the_same_record_gives_the_same_page(world):
    report = a_year(world, 2)
    said = html_of(report)
    assert said == html_of(report)
    for words in (
        "Up 2.0",
        "A first step on a note.",
        "What makes it hard: the bell",
        "T-score of the 2 goals",
    ):
        assert words in said


def test_words_that_are_the_same_then_and_now_are_said_once_and_then_has_its_name(world):
    first, second = with_plan(world, 2, reviewed_on=None)
    report = begun(world)
    said = {line.about: line for line in lines(report, "outcomes")}
    assert "when the plan was issued" in said[f"then-{first.pk}"].prompt
    words = {
        f"then-{first.pk}": "Puts up a hand.",
        f"now-{first.pk}": "Puts up a hand.",
        f"then-{second.pk}": "With an adult.",
        f"now-{second.pk}": "Alone.",
    }
    wanted = actions.Wanted({said[about].pk: text for about, text in words.items()}, [])
    actions.write_section(report=report, section="outcomes", by=world.u_keyworker, wanted=wanted)
    html = html_of(report)
    assert html.count("Puts up a hand.") == 1
    assert '<td colspan="2">Puts up a hand.<small>The same then and now</small></td>' in html
    assert "<td>With an adult.</td><td>Alone.</td>" in html
    assert ">When the plan was issued</th>" in html and ">Last review</th>" not in html
    EhcPlan.objects.filter(student=world.mina).update(reviewed_on=date(2026, 5, 4))
    report.refresh_from_db()
    actions.fill_again(
        report=report, starts_on=report.starts_on, ends_on=report.ends_on, version=report.version
    )
    assert ">Last review</th>" in html_of(report)


def test_where_one_view_stands_alone_no_difference_is_told(world):
    """That one was agreed would tell that somebody else rated it otherwise."""
    with_plan(world)
    opened(world.u_head)
    item = templates.current().domains[0].items[0].slug
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 2)
    filled(form_of(world.mina, "parent_carer", world.mina_mum.member), world.u_parent, 2, {item: 0})
    agree(
        by=world.u_keyworker,
        assessment=assessment_of(world.mina),
        item=item,
        seen=0,
        score=2,
        tags=["one_place"],
        note="",
        agreed_on=TODAY,
    )
    report = begun(world)
    assert "Talked over:" not in html_of(report)
    put_in(report, world.u_keyworker, "independence", *(one.key for one in lines(report, "independence")))
    assert "Talked over:" in html_of(report)

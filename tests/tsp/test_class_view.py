"""The class view: who is complete and what is missing, by whose eyes, at what cost; and chasing it."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from keywork import clock, school
from keywork.access import forget_relations
from keywork.models import RecordOpening
from tests import world as cast
from tests.world import TODAY, make_student, make_user
from tsp.class_view.completeness import CompletenessRow, asked_for, completeness, in_words, state_words
from tsp.class_view.reminders import remind
from tsp.models import AssessmentPoint, Reminder, Tool
from tsp.questions.templates import current

from . import factories as make

BASELINE = {"term": make.TERM, "kind": "baseline"}
REVIEW = {"term": make.TERM, "kind": "review"}
URL = "/tsp/class/"
ALL = {**BASELINE, "show": "all"}


def rows(world, user=None, on=TODAY, **asked) -> dict[str, CompletenessRow]:
    facts = school.load()
    what = asked_for(facts, on, asked.get("term", make.TERM), asked.get("kind", "baseline"))
    assert what is not None
    found = completeness(user or world.u_head, facts, what, on)
    return {row.student.known_as: row for row in found}


def words(row: CompletenessRow, kind: str = "baseline", on: date = TODAY) -> tuple[str, str]:
    what = asked_for(school.load(), on, make.TERM, kind)
    assert what is not None
    return state_words(row, on, what)[:2]


def everything(world, **fields) -> None:
    """A whole baseline of Mina."""
    by = world.u_keyworker
    make.make_point(world.mina, by, ratings=make.rate_all(2), finished=True, **fields)
    for tool in (Tool.VOICE, Tool.STRENGTHS, Tool.REGULATION):
        make.make_sheet(world.mina, by, tool)
    make.make_sheet(world.mina, by, Tool.PARENT, member=world.mina_mum.member)
    make.make_goal(world.mina, by, checker=world.u_mentor)


# ------------------------------------------------------------------------------- what is missing


def test_nothing_yet_is_all_missing(world):
    row = rows(world)["Min"]
    assert row.missing == (
        "baseline:not-started",
        "tool:student-voice",
        "tool:parent-conversation",
        "tool:strengths-interests",
        "tool:regulation-map",
        "goals",
    )
    assert in_words(row.missing, current())[0] == "baseline not started"
    assert (row.keyworker, row.answered, row.of, row.areas_of) == ("Keyworker", 0, 54, 9)


def test_a_whole_baseline_is_complete_and_says_whether_it_was_late(world):
    everything(world, done_on=date(2026, 9, 21))
    row = rows(world)["Min"]
    assert row.missing == () and row.due_on == date(2026, 9, 21) and not row.is_late
    assert words(row) == ("ok", "Finished")
    AssessmentPoint.objects.update(done_on=date(2026, 9, 22))
    assert words(rows(world)["Min"]) == ("ok", "Finished late")


def test_ratings_count_once_they_are_confirmed(world):
    by = world.u_keyworker
    before = make.make_review(world.mina, by, term="2025-26-summer")
    carried = dict(list(make.rate_all(2).items())[:20])
    point = make.make_point(world.mina, by, ratings=carried, carried_from=before, confirmed=False)
    assert rows(world)["Min"].answered == 0
    point.ratings.filter(statement__in=make.area_of("flexibility", *[1] * 6)).delete()
    for slug, value in make.area_of("flexibility", 1, 2, None, 0, 4, 3).items():
        point.ratings.create(statement=slug, value=value, by=by, at=clock.now(), confirmed_at=clock.now())
    row = rows(world)["Min"]
    assert (row.answered, row.areas) == (6, 1)  # "no opportunity" is an answer
    assert row.missing[0] == "baseline:6-of-54"
    assert in_words(row.missing, current())[0] == "baseline 6 of 54 rated"
    assert words(row) == ("overdue", "6 of 54")


def test_rated_and_not_finished_is_still_missing(world):
    make.make_point(world.mina, world.u_keyworker, ratings=make.rate_all(1))
    row = rows(world)["Min"]
    assert row.missing[0] == "baseline:rated" and words(row)[1] == "Rated, not finished"
    assert in_words(row.missing[:1], current()) == ["baseline rated, not finished"]


def test_a_tool_is_in_declined_begun_or_missing(world):
    by = world.u_keyworker
    make.make_sheet(world.mina, by, Tool.VOICE, declined="Not this time.")
    make.make_sheet(world.mina, by, Tool.REGULATION, done=False)
    make.make_sheet(world.mina, by, Tool.STRENGTHS, term="2025-26-autumn")  # stands until a newer one is done
    make.make_sheet(
        world.mina, by, Tool.PARENT, member=world.mina_mum.member, term="2025-26-autumn"
    )  # of another term
    row = rows(world)["Min"]
    assert {slug: state for slug, _, state in row.tools} == {
        "student-voice": "declined",
        "parent-conversation": "missing",
        "strengths-interests": "in",
        "regulation-map": "begun",
    }
    assert row.tools_in == 2
    assert set(row.missing) >= {"tool:parent-conversation", "tool:regulation-map"}
    assert "tool:student-voice" not in row.missing


def test_a_home_view_or_a_crossed_out_sheet_is_not_the_map(world):
    by = world.u_keyworker
    make.make_sheet(world.mina, world.u_parent, Tool.REGULATION, wording="parent")
    make.make_sheet(
        world.mina, by, Tool.REGULATION, voided_at=clock.now(), voided_by=by, void_reason="Wrong child"
    )
    assert "tool:regulation-map" in rows(world)["Min"].missing


def test_the_social_circle_map_is_not_even_counted(world, as_user):
    """Whether there is one is for the student, keyworker, deputy and DSL alone."""
    before = as_user(world.u_head).get(URL, ALL).content.decode()
    make.make_sheet(world.mina, world.u_keyworker, Tool.CIRCLE)
    page = as_user(world.u_head).get(URL, ALL).content.decode()
    assert "ircle" not in page
    assert page.count("<td") == before.count("<td") and "0 of 4" in page


def test_strengths_are_wanted_in_autumn(world):
    with clock.frozen(date(2027, 2, 1)):
        row = rows(world, on=date(2027, 2, 1), term="2026-27-spring")["Min"]
    assert [slug for slug, _, _ in row.tools] == ["student-voice", "parent-conversation", "regulation-map"]


def test_before_a_point_opens_nothing_is_missing(world, as_user):
    row = rows(world, **REVIEW)["Min"]
    assert row.missing == () and words(row, "review") == ("none", "Not open yet")
    page = as_user(world.u_head).get(URL, {**REVIEW, "show": "all"}).content.decode()
    assert " missing</span>" not in page and "Complete<" not in page and "opens on Monday 30 November" in page


def test_team_input_is_missing_from_a_review(world):
    by, december = world.u_keyworker, date(2026, 12, 7)
    assert "input:nobody" in rows(world, on=december, **REVIEW)["Min"].missing
    make.make_ask(world.mina, by, world.u_teacher, answered_at=clock.now())
    make.make_ask(world.mina, by, world.u_member, declined_at=clock.now(), declined_words="Away")
    make.make_ask(world.mina, by, world.u_mentor)
    make.make_ask(world.mina, by, withdrawn_at=clock.now(), withdrawn_by=by)
    row = rows(world, on=december, **REVIEW)["Min"]
    assert (row.asked, row.input_answered, row.cannot) == (3, 1, 1)
    assert row.missing == ("review:not-started", "input:1")
    assert in_words(row.missing, current()) == ["review not started", "team input of 1 person"]


def test_goals_of_before_that_are_still_worked_on_count(world):
    by, checker = world.u_keyworker, world.u_mentor
    make.make_goal(world.mina, by, checker=checker, term="2025-26-summer")
    make.make_goal(world.mina, by, term="2025-26-summer")  # a draft of then
    make.make_goal(world.mina, by)  # a draft of now
    make.make_goal(
        world.mina, by, withdrawn_at=clock.now(), withdrawn_by=by, withdrawn_reason="It was not theirs"
    )
    row = rows(world)["Min"]
    assert (row.goals, row.goals_drafted) == (1, 1)
    assert "goals" not in row.missing


# --------------------------------------------------------------------------------- whose rows


def test_everybody_on_roll_in_the_point(world):
    make_student("Gone", "Before", left_on=date(2026, 9, 1))
    make_student("Left", "Within", left_on=date(2026, 9, 15))
    make_student("New", "Later", joined_on=date(2026, 11, 2))
    make_student("Yet", "Tocome", joined_on=TODAY + timedelta(days=3))
    found = rows(world)
    assert set(found) == {"Min", "Otto", "Left", "New"}
    assert not found["Left"].on_roll
    # Twenty pupil days on roll (T2), a staff-only day among them not counted.
    assert found["New"].due_on == date(2026, 11, 30)
    assert words(found["New"]) == ("open", "Not started")
    assert set(rows(world, **REVIEW)) == {"Min", "Otto", "New", "Yet"}


def test_who_joined_too_late_owes_no_baseline_this_term(world):
    make_student("Late", "Comer", joined_on=TODAY)
    row = rows(world)["Late"]
    assert row.due_on is None and row.missing == () and words(row) == ("none", "Not owed")


def test_a_head_does_not_follow_their_own_child(world, as_user):
    cast.make_family(world.otto, "Parent", "Ofotto", user=world.u_head)
    forget_relations(world.u_head)
    assert set(rows(world)) == {"Min"}
    response = as_user(world.u_head).post(reverse("tsp:remind", args=[world.otto.pk]))
    assert response.status_code == 404 and not Reminder.objects.exists()


def test_the_point_begins_as_this_terms_open_one(world):
    facts = school.load()
    asked = asked_for(facts, date(2026, 11, 20), "", "")
    assert asked is not None and (asked.term.id, asked.kind) == (make.TERM, "baseline")
    asked = asked_for(facts, date(2026, 12, 18), "nonsense", "nonsense")
    assert asked is not None and (asked.term.id, asked.kind) == (make.TERM, "review")


# ----------------------------------------------------------------------------------- the page


def test_filters_and_sorting(world, as_user):
    everything(world)
    page = as_user(world.u_coordinator)

    def names(**asked) -> list[str]:
        html = page.get(URL, {**ALL, **asked}).content.decode()
        order = sorted((html.find(f">{name}"), name) for name in ("Min Harcastle", "Otto Zzyzx"))
        return [name for place, name in order if place >= 0]

    assert names() == ["Min Harcastle", "Otto Zzyzx"]
    assert names(sort="-student") == ["Otto Zzyzx", "Min Harcastle"]
    assert names(sort="point") == ["Otto Zzyzx", "Min Harcastle"]
    assert names(sort="nonsense") == ["Min Harcastle", "Otto Zzyzx"]
    assert names(show="incomplete") == ["Otto Zzyzx"]
    assert names(keyworker=str(world.u_keyworker.pk)) == ["Min Harcastle"]
    assert names(year="11") == []


def test_it_begins_with_whose_ratings_are_owed_now(world, as_user):
    """A soft tool that never came is no reason to chase two months on; it is a choice away."""
    make.make_point(world.mina, world.u_keyworker, ratings=make.rate_all(2), finished=True)
    page = as_user(world.u_coordinator)

    def names(**asked) -> set[str]:
        html = page.get(URL, {**BASELINE, **asked}).content.decode()
        return {name for name in ("Min Harcastle", "Otto Zzyzx") if f">{name}" in html}

    assert names() == {"Otto Zzyzx"} == names(show="nonsense")
    assert names(show="incomplete") == names(show="all") == {"Min Harcastle", "Otto Zzyzx"}
    told = page.get("/tsp/class/chase/", BASELINE).content.decode()
    assert "Otto Zzyzx" in told and "Min Harcastle" not in told
    assert (
        "Min Harcastle" in page.get("/tsp/class/chase/", {**BASELINE, "show": "incomplete"}).content.decode()
    )
    make.make_point(world.otto, world.u_keyworker_other, ratings=make.rate_all(2), finished=True)
    html = page.get(URL, BASELINE).content.decode()
    assert "No ratings are owed now" in html and "show=all" in html


def test_a_page_holds_twenty_and_chasing_all_of_them_those_of_every_page(world, as_user):
    for number in range(21):
        make_student("Student", f"Number{number:03}")
    page = as_user(world.u_head)
    first, second = (page.get(URL, {**BASELINE, "page": n}).content.decode() for n in (1, 2))
    assert first.count('<th scope="row"') == 20 and second.count('<th scope="row"') == 3
    assert "1 to 20 of 23 students" in first and "page=2" in first
    assert "page=" not in re.findall(r'class="kw-sort" href="([^"]+)"', second)[0]
    assert 'href="/tsp/class/chase/?term=2026-27-autumn&amp;kind=baseline"' in second


def test_names_are_escaped(world, as_user):
    make_student("<b>Bo", "O'Neil<script>")
    page = as_user(world.u_head).get(URL, ALL).content.decode()
    assert "<b>Bo" not in page and "&lt;b&gt;Bo" in page and "<script>" not in page.split("<main")[1]


def test_the_download_holds_the_same_and_no_formula(world, as_user):
    everything(world)
    make_student("=HYPERLINK(1)", "@Sum", nc_year="11")
    response = as_user(world.u_coordinator).get("/tsp/class/download/", ALL)
    lines = list(csv.DictReader(io.StringIO(response.content.decode().removeprefix("\ufeff"))))
    assert [line["Student"] for line in lines] == [
        "'=HYPERLINK(1) @Sum",
        "Min Harcastle",
        f"Otto {cast.OTHER_SURNAME}",
    ]
    mina = lines[1]
    assert (mina["State"], mina["Statements answered"], mina["Areas rated"]) == ("Finished late", "54", "9")
    assert (mina["Student voice sheet"], mina["Goals agreed"], mina["Missing"]) == ("in", "1", "")
    assert "no goal agreed" in lines[2]["Missing"]
    assert RecordOpening.objects.filter(what="export", detail="TSP class view").count() == 3


def test_the_same_queries_for_two_students_and_twenty(world, as_user, django_assert_num_queries):
    everything(world)
    page = as_user(world.u_head)
    page.get(URL, ALL)
    with django_assert_num_queries(20, exact=False) as few:
        page.get(URL, ALL)
    for number in range(18):
        student = make_student("Student", f"Number{number}")
        by = make_user(f"staff_{number}", "staff")
        cast.assign(student, by)
        make.make_point(student, by, ratings=make.area_of("flexibility", 1, 2, 3))
        make.make_sheet(student, by)
        make.make_ask(student, by, world.u_teacher)
        make.make_goal(student, by)
    with django_assert_num_queries(len(few)):
        assert b"Number17" in page.get(URL, ALL).content  # all of them on one page


# ------------------------------------------------------------------------------------- chasing


def test_one_click_writes_to_the_keyworker_once_a_day(world, as_user, mails):
    page, url = as_user(world.u_coordinator), reverse("tsp:remind", args=[world.mina.pk])
    with mails() as box:
        response = page.post(f"{url}?kind=baseline&sort=goals")
        page.post(f"{url}?kind=baseline")
        as_user(world.u_head).post(f"{url}?kind=baseline")
    assert response.url == f"{URL}?kind=baseline&sort=goals"
    [mail] = box
    assert mail.to == [world.u_keyworker.email]
    told = f"{mail.subject}\n{mail.body}"
    assert "MH" in told and "baseline not started, student voice sheet" in told
    assert "Coordinator asks you" in told and "autumn term 2026/27" in told
    for secret in ("Min ", "Mina", "Harcastle"):
        assert secret not in told
    [row] = Reminder.objects.all()
    assert (row.student, row.keyworker, row.sent_by) == (world.mina, world.u_keyworker, world.u_coordinator)
    assert row.missing[0] == "baseline:not-started" and row.term == make.TERM
    html = page.get(URL, ALL).content.decode()
    assert "Chased on Monday 23 November" in html
    assert url not in html
    with clock.frozen(TODAY + timedelta(days=1)), mails() as box:
        page.post(f"{url}?kind=baseline")
    assert len(box) == 1


def test_the_new_keyworker_of_the_same_day_may_be_written_to(world, mails):
    """Once a day for each student and keyworker: a handover at noon loses nothing."""
    missing = {world.mina.pk: ("goals",)}
    remind(by=world.u_head, term=make.TERM, kind_words="baseline", missing=missing)
    post = world.mina.assignments.get(kind="keyworker", ends_on=None)
    post.user = world.u_teacher
    post.save()
    done = remind(by=world.u_head, term=make.TERM, kind_words="baseline", missing=missing)
    assert [row.keyworker for row in done.sent] == [world.u_teacher]


def test_nobody_is_written_to_about_nobody(world, as_user, mails):
    alone = make_student("Nolla", "Body")
    with mails() as box:
        as_user(world.u_head).post(f"{reverse('tsp:remind', args=[alone.pk])}?kind=baseline")
    done = remind(by=world.u_head, term=make.TERM, kind_words="b", missing={alone.pk: ("goals",)})
    assert not box and not done.sent and list(done.nobody) == [alone.pk]


def test_a_keyworker_who_is_family_or_gone_is_not_written_to(world):
    cast.make_family(world.mina, "Aunt", "Keyworker", user=world.u_keyworker)
    world.u_keyworker_other.is_active = False
    world.u_keyworker_other.deactivated_at = clock.now()
    world.u_keyworker_other.save()
    missing = {world.mina.pk: ("goals",), world.otto.pk: ("goals",)}
    done = remind(by=world.u_head, term=make.TERM, kind_words="b", missing=missing)
    assert not done.sent and set(done.nobody) == {world.mina.pk, world.otto.pk}


def test_chasing_all_shows_whom_first_and_writes_one_mail_a_keyworker(world, as_user, mails):
    second = make_student("Bea", "Second")
    cast.assign(second, world.u_keyworker)
    make_student("Nolla", "Nobodys")
    page, url = as_user(world.u_coordinator), "/tsp/class/chase/?kind=baseline"
    shown = page.get(url).content.decode()
    assert "Write to two keyworkers about three students?" in shown
    assert "Bea Second" in shown and "Nobodys" not in shown
    with mails() as box:
        page.post(url)
        page.post(url)
    assert sorted(mail.to[0] for mail in box) == sorted(
        [world.u_keyworker.email, world.u_keyworker_other.email]
    )
    [mine] = [mail for mail in box if mail.to == [world.u_keyworker.email]]
    assert "MH" in mine.body and "BS" in mine.body and "2 TSPs" in mine.subject
    assert not [name for name in ("Harcastle", "Second", "Bea") if name in mine.body]
    assert Reminder.objects.count() == 3
    assert "Nobody to chase" in page.get(url).content.decode()


def test_chasing_all_follows_the_filters(world, as_user, mails):
    with mails() as box:
        as_user(world.u_head).post(f"/tsp/class/chase/?kind=baseline&keyworker={world.u_keyworker.pk}")
    assert [mail.to for mail in box] == [[world.u_keyworker.email]]


@pytest.mark.parametrize(
    "asked", ["kind=review", "kind=baseline&term=2025-26-autumn"], ids=["before it opens", "an old term"]
)
def test_what_is_not_open_or_long_over_is_not_chased(world, as_user, mails, asked):
    page = as_user(world.u_head)
    html = page.get(f"{URL}?{asked}").content.decode()
    assert "Chase" not in html.split("<main")[1]
    with mails() as box:
        page.post(f"/tsp/class/chase/?{asked}")
        page.post(f"{reverse('tsp:remind', args=[world.mina.pk])}?{asked}")
    assert not box and not Reminder.objects.exists()


def test_who_has_left_or_is_complete_is_not_chased(world, as_user, mails):
    everything(world)
    world.otto.left_on = TODAY - timedelta(days=1)
    world.otto.save()
    with mails() as box:
        for student in (world.mina, world.otto):
            as_user(world.u_head).post(f"{reverse('tsp:remind', args=[student.pk])}?kind=baseline")
    assert not box

"""The school's calendar: a snow day entered and taken back, staff-only days, term dates, the next year, the feed."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from icalendar import Calendar

from keywork import clock, duties, school
from keywork.models import AcademicYear, Closure, HalfTerm, InsetDay
from students.models import Student

URL = "/school/calendar/"
DAYS_OFF = f"{URL}days-off/"
SNOW = {"kind": "closed", "starts_on": "2026-12-04", "ends_on": "", "reason": "Snow"}


def words(response) -> str:
    return " ".join(response.content.decode().split())


def dates(today):
    """Every date that anybody is asked to keep."""
    found = duties.states_for(list(Student.objects.on_roll(today)), today)
    return {
        pk: [(one.kind, one.status, one.due_on, one.do_by) for one in states] for pk, states in found.items()
    }


def look_and_do(client, url, typed):
    looked = client.post(url, {**typed, "do": "look"})
    assert looked.status_code == 200, words(looked)
    return looked, client.post(
        url, {**typed, "do": "make", "preview_token": looked.context["effect"].preview_token}
    )


def test_a_snow_day_says_what_moves_is_told_and_can_be_taken_back(world, as_user, spoke, today, mails):
    # Due Saturday 5 December: the last school day before it is Friday 4, which is to be a snow day.
    spoke(world.mina, world.u_keyworker, days_ago=2)  # Saturday 21 November
    before = dates(today)
    client = as_user(world.u_head)
    with mails() as sent:
        looked = client.post(DAYS_OFF, {**SNOW, "do": "look"})
    page = words(looked)
    assert "Nothing is saved yet" in page and not Closure.objects.exists() and not sent
    assert "Friday 4 December" in page and "Thursday 3 December" in page and "due Saturday 5 December" in page
    assert f"<strong>{world.mina.name}</strong>" in page and "Keyworker, by e-mail" in page
    assert "Close the school on Friday 4 December 2026" in page
    token = looked.context["effect"].preview_token
    with mails() as sent:
        made = client.post(DAYS_OFF, {**SNOW, "do": "make", "preview_token": token})
    assert made.status_code == 302
    closure = Closure.objects.get()
    assert (closure.starts_on, closure.ends_on, closure.reason) == (
        date(2026, 12, 4),
        date(2026, 12, 4),
        "Snow",
    )
    after = dates(today)
    assert after != before
    home = dict((kind, by) for kind, _, _, by in after[world.mina.pk])
    assert home["home_contact"] == date(2026, 12, 3)
    assert [one.to for one in sent] == [[world.u_keyworker.email]]
    assert world.mina.surname not in sent[0].body + sent[0].subject
    assert "Fri 4: closed, snow" in words(client.get(URL))
    # Sent twice: it is closed already.
    assert client.post(DAYS_OFF, {**SNOW, "do": "make", "preview_token": token}).status_code in (
        302,
        409,
        422,
    )
    assert Closure.objects.count() == 1
    looked, done = look_and_do(client, f"{URL}closures/{closure.pk}/take-back/", {"x": "1"})
    assert "Take back: the school is to close on Friday 4 December 2026" in words(looked)
    assert done.status_code == 302 and not Closure.objects.exists()
    assert dates(today) == before


def test_what_was_not_looked_at_is_not_done(world, as_user):
    client = as_user(world.u_admin)
    assert client.post(DAYS_OFF, {**SNOW, "do": "make"}).status_code == 409
    looked = client.post(DAYS_OFF, {**SNOW, "do": "look"})
    other = {
        **SNOW,
        "starts_on": "2026-12-03",
        "do": "make",
        "preview_token": looked.context["effect"].preview_token,
    }
    answer = client.post(DAYS_OFF, other)
    assert answer.status_code == 409 and "You changed something since you last looked" in words(answer)
    InsetDay.objects.create(day=date(2026, 12, 2))
    answer = client.post(
        DAYS_OFF, {**SNOW, "do": "make", "preview_token": looked.context["effect"].preview_token}
    )
    assert answer.status_code == 409 and "Somebody else changed the calendar" in words(answer)
    assert not Closure.objects.exists()


def test_who_reads_no_log_is_told_how_many_dates_move_and_not_whose(world, as_user, spoke):
    spoke(world.mina, world.u_keyworker, days_ago=2)  # Saturday 21 November
    page = words(as_user(world.u_admin).post(DAYS_OFF, {**SNOW, "do": "look"}))
    assert world.mina.surname not in page
    assert "of students whose log you do not read" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"starts_on": "2026-12-05"}, "No student would be at school on Saturday 5 December 2026 anyway"),
        ({"starts_on": "2026-12-25", "ends_on": "2026-12-28"}, "on any of these days anyway"),
        ({"ends_on": "2026-12-03"}, "Choose a last day that is on or after the first"),
        ({"ends_on": "2027-12-04"}, "That is more than 60 days"),
        ({"starts_on": ""}, "Fill in “First day”"),
    ],
)
def test_a_day_that_cannot_be(world, as_user, typed, said):
    answer = as_user(world.u_head).post(DAYS_OFF, {**SNOW, **typed, "do": "look"})
    assert answer.status_code == 422 and said in words(answer)
    assert "Snow" in words(answer)


def test_a_staff_only_day_is_no_day_with_students(world, as_user):
    client = as_user(world.u_head)
    typed = {**SNOW, "kind": "inset", "ends_on": "2026-12-07", "reason": "Moving rooms"}
    _, done = look_and_do(client, DAYS_OFF, typed)
    assert done.status_code == 302
    added = InsetDay.objects.filter(note="Moving rooms")
    assert [one.day for one in added] == [date(2026, 12, 4), date(2026, 12, 7)]
    assert not school.load().calendar.is_pupil_day(date(2026, 12, 7))
    inset = added.get(day=date(2026, 12, 7))
    _, done = look_and_do(client, reverse("portal:calendar_take_back_inset", args=[inset.pk]), {"x": "1"})
    assert done.status_code == 302 and school.load().calendar.is_pupil_day(date(2026, 12, 7))


def test_term_dates_are_put_right(world, as_user):
    client = as_user(world.u_admin)
    year = AcademicYear.objects.get(slug="2026-27")
    url = reverse("portal:calendar_half_terms", args=[year.slug])
    form = client.get(url).context["form"]
    typed = {name: form.initial[name].isoformat() for name in form.initial if name != "seen"}
    typed["seen"] = form.fields["seen"].initial
    row = HalfTerm.objects.get(slug="2026-27-spring-1")
    looked, done = look_and_do(client, url, {**typed, f"first-{row.pk}": "2027-01-05"})
    assert "Spring 1 begins on Tuesday 5 January 2027, not on Monday 4 January 2027." in words(looked)
    assert done.status_code == 302, words(done)
    row.refresh_from_db()
    year.refresh_from_db()
    assert (row.starts_on, year.status) == (date(2027, 1, 5), "verified")
    later = HalfTerm.objects.get(slug="2026-27-spring-2")
    wrong = client.post(url, {**typed, f"first-{later.pk}": "2027-02-01", "do": "look"})
    assert wrong.status_code == 422 and "Spring 2 starts before Spring 1 ends" in words(wrong)
    wrong = client.post(url, {**typed, f"last-{later.pk}": "2028-03-25", "do": "look"})
    assert wrong.status_code == 422 and "1 September to 31 August" in words(wrong)


def test_the_next_year_is_copied_on_the_same_days_of_the_week(world, as_user):
    client = as_user(world.u_head)
    answer = client.post(reverse("portal:calendar_copy_year"))
    assert answer.status_code == 302 and answer["Location"].endswith("/years/2028-29/")
    first = HalfTerm.objects.get(slug="2028-29-autumn-1")
    before = HalfTerm.objects.get(slug="2027-28-autumn-1")
    assert (first.starts_on - before.starts_on).days == 364 and first.term == "2028-29-autumn"
    assert InsetDay.objects.filter(day__year=2029).exists()
    page = words(client.get(f"{URL}?year=2028-29"))
    assert "These dates came with Keywork or were copied" in page
    assert "There is no calendar for 2029/30 yet" in page


@pytest.mark.parametrize(("day", "missing"), [(date(2028, 4, 28), False), (date(2028, 5, 1), True)])
def test_from_may_on_the_head_and_the_administrator_hear_that_next_year_is_missing(
    world, as_user, day, missing
):
    said = "no term dates for 2028/29 yet"
    with clock.frozen(day):
        for who, url in (("head", "/oversight/"), ("admin", "/school/"), ("head", URL)):
            assert (said in words(as_user(getattr(world, f"u_{who}")).get(url))) is missing, (who, url)


def test_all_staff_see_the_year_and_only_who_keeps_it_can_change_it(world, as_user):
    page = words(as_user(world.u_teacher).get(URL))
    assert "2026/27 at a glance" in page and "Fri 27: INSET" in page and DAYS_OFF not in page
    assert "Sat 19 to Sun 3 Jan: Christmas holiday" in page
    assert as_user(world.u_parent).get(URL).status_code == 403


def test_a_calendar_program_reads_the_feed_without_signing_in(world, as_user, client, today):
    Closure.objects.create(starts_on=date(2026, 12, 3), ends_on=date(2026, 12, 4), reason="Snow <b>")
    address = as_user(world.u_teacher).get(URL).context["feed_url"]
    path = address.partition("://")[2].partition("/")[2]
    answer = client.get(f"/{path}")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    events = {str(one["uid"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}
    shut = next(one for uid, one in events.items() if uid.startswith("closed-"))
    assert (shut.decoded("dtstart"), shut.decoded("dtend")) == (date(2026, 12, 3), date(2026, 12, 5))
    assert str(events["half-term-2026-27-autumn-1-first@keywork"]["summary"]) == "Autumn 1 2026/27 starts"
    assert client.get("/calendar/another.ics").status_code == 404


def test_the_page_asks_a_constant_number_of_questions(world, as_user, django_assert_max_num_queries):
    client = as_user(world.u_head)
    client.get(URL)
    with django_assert_max_num_queries(16):
        client.get(URL)
    Closure.objects.bulk_create(
        Closure(starts_on=date(2027, 2, day), ends_on=date(2027, 2, day)) for day in range(1, 13)
    )
    client.get(URL)
    with django_assert_max_num_queries(16):
        client.get(URL)

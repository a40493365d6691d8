"""Somebody who leaves and comes back has two stays on roll: each is judged by itself, and the first stays as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.actions.misses import record_misses
from contacts.models import Miss
from keywork import duties, school
from keywork.duties import Status
from keywork.errors import Refused
from keywork.models import Assignment, User
from reports.kinds import KINDS, students_of, terms_to_report
from students.actions.students import record_absence
from students.models import EarlierStay, Student
from students.stays import Stay, came_back_on, stay_on
from tests import world as cast
from tests.contacts.rows import contact
from tests.world import assign, make_family, make_student
from tsp.class_view.completeness import asked_for, completeness

FIRST = Stay(date(2025, 9, 8), date(2026, 2, 13))
BACK_ON = date(2026, 11, 2)
SECOND = Stay(BACK_ON)
DAY = timedelta(days=1)


@pytest.fixture
def ilona(world):
    """At school from September 2025 to February 2026, and since 2 November 2026."""
    student = make_student("Ilona", "Varga", joined_on=BACK_ON)
    EarlierStay.objects.create(student=student, joined_on=FIRST.joined_on, left_on=FIRST.left_on)
    return student


@pytest.mark.parametrize(
    ("on", "found"),
    [
        (FIRST.joined_on - DAY, FIRST),  # the next to begin
        (FIRST.joined_on, FIRST),
        (FIRST.left_on, FIRST),
        (FIRST.left_on + DAY, FIRST),  # the latest that has begun
        (BACK_ON - DAY, FIRST),
        (BACK_ON, SECOND),
        (date(2027, 7, 1), SECOND),
    ],
)
def test_the_nearest_stay_decides(on, found):
    assert stay_on([FIRST, SECOND], on) == found


def test_days_between_stays():
    assert came_back_on([FIRST, SECOND], FIRST.left_on + DAY) == BACK_ON
    assert [came_back_on([FIRST, SECOND], on) for on in (FIRST.left_on, BACK_ON)] == [None, None]
    assert came_back_on([FIRST], BACK_ON) is None


def test_the_database_keeps_stays_apart(ilona):
    for joined_on, left_on in (
        (date(2024, 9, 3), FIRST.joined_on),  # into the first
        (date(2026, 9, 1), BACK_ON),  # into the latest
        (date(2025, 1, 1), date(2024, 12, 31)),  # upside down
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            EarlierStay.objects.create(student=ilona, joined_on=joined_on, left_on=left_on)
    with pytest.raises(IntegrityError), transaction.atomic():
        Student.objects.filter(pk=ilona.pk).update(joined_on=FIRST.left_on)


def test_on_roll_in_either_stay_and_not_between(ilona):
    for on, here in (
        (FIRST.joined_on - DAY, False),
        (FIRST.left_on, True),
        (FIRST.left_on + DAY, False),
        (BACK_ON, True),
    ):
        assert Student.objects.on_roll(on).filter(pk=ilona.pk).exists() is here
        assert ilona.is_on_roll(on) is here


def test_states_by_the_stay_nearest_the_day(ilona):
    def home(on):
        return duties.states_for([Student.objects.get(pk=ilona.pk)], on)[ilona.pk][0]

    assert (home(date(2025, 9, 9)).status, home(date(2025, 9, 9)).since) == (Status.OK, FIRST.joined_on)
    between = home(date(2026, 6, 1))
    assert between.status is Status.NONE and between.reason == "Ilona left on Friday 13 February."
    back = home(BACK_ON)  # the clock starts anew: no backlog for the months between (C1)
    assert (back.status, back.since, back.days_over) == (Status.OK, BACK_ON, 0)


def test_each_stay_has_its_own_misses(world):
    """The misses of the first stay stand after the return, and the months between owe nothing."""
    student = make_student("Ilona", "Varga", joined_on=FIRST.joined_on, left_on=FIRST.left_on)
    record_misses(as_of=date(2026, 10, 1))
    before = set(Miss.objects.standing().filter(student=student).values_list("duty", "due_on"))
    assert {duty for duty, _ in before} >= {"home_contact", "session", "tsp_baseline"}
    student.joined_on, student.left_on, student.version = BACK_ON, None, student.version + 1
    student.save()
    EarlierStay.objects.create(student=student, joined_on=FIRST.joined_on, left_on=FIRST.left_on)
    record_misses()
    after = set(Miss.objects.standing().filter(student=student).values_list("duty", "due_on"))
    assert before <= after
    assert after - before == {("home_contact", date(2026, 11, 16))}


# Back on roll, by page


@pytest.fixture
def gone(world):
    """Left in February; a keyworker, a mother with an account and a student's account were there."""
    student = make_student(
        "Ilona",
        "Varga",
        joined_on=FIRST.joined_on,
        left_on=FIRST.left_on,
        user=cast.make_user("ilona", "student"),
    )
    assign(student, world.u_former, start=FIRST.joined_on, end=FIRST.left_on)
    make_family(student, "Edit", "Varga", user=cast.make_user("edit", "family"), ended_on=FIRST.left_on)
    return student


def back(client, student, on, **given):
    data = {"joined_on": str(on), **given}
    return client.post(reverse("students:come_back", args=[student.pk]), data, follow=True)


def test_somebody_comes_back_by_page(gone, world, as_user):
    """Two stays; what ended with the first stays ended, and nobody gets in by it again."""
    admin = as_user(world.u_admin)
    record = reverse("students:record", args=[gone.pk])
    url = reverse("students:come_back", args=[gone.pk])
    assert f'href="{url}"' in admin.get(record).content.decode()
    asked = admin.get(url).content.decode()
    assert "Friday 13 February" in asked and f'href="{url}"' not in asked
    page = back(admin, gone, BACK_ON)
    assert "Ilona Varga is back on roll since Monday 2 November." in page.content.decode()
    student = Student.objects.get(pk=gone.pk)
    assert student.stays == [FIRST, SECOND]
    said = admin.get(record).content.decode()
    assert "At school from 8 September 2025 to 13 February, back since 2 November" in said
    assert "No keyworker" in said and "has left" not in said and "First year here" not in said
    assert as_user(world.u_former).get(record).status_code == 404
    assert as_user(User.objects.get(name="Edit")).get(f"/home/{gone.pk}/").status_code == 404
    assert Assignment.objects.get(student=student).ends_on == FIRST.left_on
    assert not admin.get(reverse("students:list"), {"roll": "leavers"}).context["count"]


def test_coming_back_twice_makes_one_stay(gone, world, as_user):
    admin = as_user(world.u_admin)
    back(admin, gone, BACK_ON)
    page = back(admin, gone, BACK_ON)
    assert "Ilona Varga has not left." in page.content.decode()
    assert Student.objects.get(pk=gone.pk).stays == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("2026-02-13", "Choose a day after Friday 13 February, the last day on roll"),
        (
            "2025-10-01",
            "Choose a day after Friday 13 February, the last day on roll",
        ),  # inside the first stay
        ("", "Write the first day back"),
        ("0026-11-02", "Look at the year"),
        ("2036-11-02", "Look at the year: that is more than a year ahead"),
    ],
)
def test_a_first_day_back_that_cannot_be(gone, world, as_user, given, words):
    page = back(as_user(world.u_admin), gone, given)
    assert page.status_code == 422 and words in page.content.decode()
    assert f'value="{given}"' in page.content.decode() or not given
    assert not EarlierStay.objects.exists()


def test_details_written_while_somebody_came_back_are_kept_beside_the_stays_of_now(gone, world, as_user):
    admin, url = as_user(world.u_admin), reverse("students:edit", args=[gone.pk])
    open_tab = _inputs(admin.get(url))
    back(admin, gone, BACK_ON)
    page = admin.post(url, open_tab | {"reg_group": "9 Oak"})
    text = page.content.decode()
    assert page.status_code == 409 and "while you were writing" in text
    assert "Write the first day" not in text and "The days on roll below are those of now" in text
    again = _inputs(page)
    assert again["reg_group"] == "9 Oak"
    assert admin.post(url, again).status_code == 302
    student = Student.objects.get(pk=gone.pk)
    assert (student.reg_group, student.stays) == ("9 Oak", [FIRST, SECOND])


def _inputs(page) -> dict:
    """What the form on the page would post as it stands."""
    form = page.context["form"]
    held = {box.html_name: box.value() for box in form if box.name != "photo"}
    return {name: value for name, value in held.items() if value not in (None, False)}


def test_somebody_on_roll_cannot_come_back(world, as_user):
    page = back(as_user(world.u_admin), world.mina, BACK_ON)
    assert "Min Harcastle has not left." in page.content.decode()


def details(student, **given):
    form = {
        "legal_forename": student.legal_forename,
        "legal_surname": student.legal_surname,
        "born_on": str(student.born_on),
        "nc_year": student.nc_year,
        "placement": student.placement,
        "joined_on": str(student.joined_on),
        "left_on": str(student.left_on or ""),
    }
    for place, stay in enumerate(student.stays[:-1]):
        form |= {f"stay_{place}_joined_on": str(stay.joined_on), f"stay_{place}_left_on": str(stay.left_on)}
    return form | given


def test_a_new_first_day_after_the_last_is_a_return(gone, world, as_user):
    """By the details it would take the place of the first stay: the page points to the act."""
    url = reverse("students:edit", args=[gone.pk])
    page = as_user(world.u_admin).post(url, details(gone, joined_on=str(BACK_ON), left_on=""))
    assert page.status_code == 422 and "“Back on roll”" in page.content.decode()
    assert Student.objects.get(pk=gone.pk).stays == [FIRST]


def test_the_days_of_an_earlier_stay_are_put_right(ilona, world, as_user):
    admin, url = as_user(world.u_admin), reverse("students:edit", args=[ilona.pk])
    assert "Earlier stay: first day on roll" in admin.get(url).content.decode()
    page = admin.post(url, details(ilona, stay_0_left_on="2026-02-20"))
    assert page.status_code == 302
    ilona.refresh_from_db()
    assert ilona.stays == [Stay(FIRST.joined_on, date(2026, 2, 20)), SECOND]
    assert ilona.version == 2
    # Both at once, whichever way they move.
    page = admin.post(url, details(ilona, stay_0_left_on="2026-10-30", joined_on="2026-11-09"))
    ilona.refresh_from_db()
    assert ilona.stays == [Stay(FIRST.joined_on, date(2026, 10, 30)), Stay(date(2026, 11, 9))]
    page = admin.post(url, details(ilona, stay_0_left_on="2026-02-13", joined_on="2026-03-02"))
    ilona.refresh_from_db()
    assert ilona.stays == [FIRST, Stay(date(2026, 3, 2))]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"stay_0_left_on": "2025-09-01"}, "stay_0_left_on", "Choose a day on or after the first"),
        (
            {"stay_0_left_on": "2026-11-02"},
            "stay_0_left_on",
            "Choose a day before Monday 2 November, the first day of the stay after it",
        ),
        ({"stay_0_joined_on": ""}, "stay_0_joined_on", "Write the first day of this stay"),
        ({"stay_0_joined_on": "2010-01-01"}, "stay_0_joined_on", "Choose a day after the date of birth"),
        (
            {"joined_on": "2026-02-13"},
            "stay_0_left_on",
            "Choose a day before Friday 13 February, the first day of the stay after it",
        ),
    ],
)
def test_days_of_an_earlier_stay_that_cannot_be(ilona, world, as_user, given, field, words):
    url = reverse("students:edit", args=[ilona.pk])
    page = as_user(world.u_admin).post(url, details(ilona, **given))
    assert page.status_code == 422
    assert page.context["form"].errors[field] == [words]
    assert Student.objects.get(pk=ilona.pk).stays == [FIRST, SECOND]


def test_a_return_written_down_by_mistake_is_undone(ilona, world, as_user):
    """The two are one stay again, and it has its last day back."""
    url = reverse("students:edit", args=[ilona.pk])
    form = details(ilona, stay_0_is_one="on", left_on=str(FIRST.left_on))
    page = as_user(world.u_admin).post(url, form)
    token = page.context["leaving"].token
    assert as_user(world.u_admin).post(url, form | {"leaving": token}).status_code == 302
    assert Student.objects.get(pk=ilona.pk).stays == [FIRST]


# What was written and owed in the first stay


def test_the_log_of_the_first_stay_is_all_there(ilona, world, as_user):
    """Its terms, its entries and the right to amend them; a day between the stays is no day of a contact."""
    entry = contact(ilona, date(2026, 1, 14), world.u_keyworker, notes="She asked about the choir.")
    entry.save()
    assign(ilona, world.u_keyworker, start=BACK_ON)
    keyworker = as_user(world.u_keyworker)
    log = keyworker.get(reverse("contacts:log", args=[ilona.pk]))
    assert "Spring term 2025/26" in [term.name for term in log.context["terms"]]
    assert "She asked about the choir." in log.content.decode()
    assert (
        "Wednesday 14 January" in keyworker.get(reverse("students:record", args=[ilona.pk])).content.decode()
    )

    url = reverse("contacts:amend_contact", args=[entry.pk])
    given = {
        "happened_on": "2026-01-14",
        "happened_time": "10:42",
        "channel": "phone",
        "reached": "spoke",
        "person": "same",
        "level": "general",
        "notes": "She asked about the choir, twice.",
    }
    assert keyworker.post(url, given).status_code == 302
    entry.refresh_from_db()
    assert (entry.notes, entry.version) == ("She asked about the choir, twice.", 2)
    words = "Ilona left on Friday 13 February and came back on Monday 2 November. Choose a day at school"
    between = contact(ilona, BACK_ON, world.u_keyworker)
    between.save()
    url = reverse("contacts:amend_contact", args=[between.pk])
    page = keyworker.post(url, given | {"happened_on": "2026-06-01"})
    assert page.context["form"].errors["happened_on"] == [words]


def test_days_away_lie_within_one_stay(ilona, world):
    record_absence(
        student=ilona, starts_on=date(2026, 1, 12), ends_on=date(2026, 1, 16), by=world.u_keyworker
    )
    for starts_on, ends_on in ((date(2026, 2, 12), date(2026, 2, 16)), (date(2026, 2, 12), BACK_ON)):
        with pytest.raises(Refused, match="left on 13 February 2026"):
            record_absence(student=ilona, starts_on=starts_on, ends_on=ends_on, by=world.u_keyworker)


def test_a_term_of_the_first_stay_has_its_report(ilona, world):
    """And one term with both of them counts both; the months between count in neither."""
    facts, kind = school.load(), KINDS["keeping-in-touch"]
    terms = {term.id: term for term in terms_to_report(facts, cast.TODAY)}
    EarlierStay.objects.create(student=ilona, joined_on=date(2026, 9, 7), left_on=date(2026, 10, 9))
    record_misses()
    late = set(
        Miss.objects.standing().filter(student=ilona, duty="home_contact").values_list("due_on", flat=True)
    )
    told = set()
    for name, about in (
        ("2025-26-spring", True), ("2025-26-summer", False), ("2026-27-autumn", True), ("2025-26-autumn", True),
    ):  # fmt: skip
        term = terms[name]
        assert (ilona in students_of(Student.objects.all(), term, cast.TODAY)) is about
        (found,) = kind.build([ilona], term, cast.TODAY, facts)[ilona.pk]
        told |= set(found["figures"].late)
        assert (found["figures"].counted_days > 0) is about
    assert told == late and late


def test_the_class_page_of_a_term_of_the_first_stay(ilona, world):
    facts = school.load()
    asked = asked_for(facts, cast.TODAY, "2025-26-spring", "baseline")
    row = next(
        row for row in completeness(world.u_head, facts, asked, cast.TODAY) if row.student.pk == ilona.pk
    )
    assert (row.student.joined_on, row.on_roll, row.due_on is not None) == (FIRST.joined_on, True, True)


def test_lists_ask_no_more_for_those_who_came_back(world, as_user):
    head, counts = as_user(world.u_head), []
    pages = [reverse("students:list"), reverse("students:list") + "?roll=all", reverse("portal:oversight")]
    for many in (1, 6):
        for number in range(many):
            student = make_student("Ilona", f"Varga{many}{number}", joined_on=BACK_ON)
            EarlierStay.objects.create(student=student, joined_on=FIRST.joined_on, left_on=FIRST.left_on)
            coming = make_student("Ida", f"Coming{many}{number}", joined_on=date(2027, 1, 11))
            EarlierStay.objects.create(student=coming, joined_on=FIRST.joined_on, left_on=FIRST.left_on)
        found = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert head.get(page).status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]

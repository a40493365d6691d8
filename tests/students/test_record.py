"""The record: who sees how much of it, the timeline and its pages, people, sharing, days away, openings."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse

from contacts.models import HomeContact
from keywork import clock
from keywork.access import Can, allows, forget_relations
from keywork.models import RecordOpening
from students.models import Absence, StudentAccess
from tests import world as cast
from tests.access.stage import without_tokens

WORDS = "Folake was glad to hear about the climbing wall."


def log(student, by, days_ago: int, **fields) -> HomeContact:
    day = cast.TODAY - timedelta(days=days_ago)
    return HomeContact.objects.create(
        student=student,
        happened_on=day,
        made_by=by,
        logged_by=by,
        logged_at=datetime.combine(day, time(15), tzinfo=clock.LONDON),
        logged_on=day,
        **{
            "channel": "phone",
            "reached": "spoke",
            "outcome": "two_way",
            "person_marked": True,
            "with_name": "Folake Harcastle (mum)",
            "notes": WORDS,
            **fields,
        },
    )


@pytest.fixture
def mina(world):
    log(world.mina, world.u_keyworker, 3)
    return world.mina


def without_token(response) -> bytes:
    return without_tokens(response.content)


def url(student, tail: str = "") -> str:
    return f"/students/{student.pk}/{tail}"


class TestRecord:
    def test_keyworker_reads_everything(self, world, mina, as_user):
        page = as_user(world.u_keyworker).get(url(mina)).content.decode()

        assert WORDS in page
        assert "What is owed" in page
        assert "Keyworker Keyworker (8 weeks)" in page
        assert "Core team" in page

    @pytest.mark.parametrize("who", ["teacher", "admin"])
    def test_without_the_log_no_word_of_it(self, world, mina, as_user, who):
        response = as_user(world.users[who]).get(url(mina))
        page = response.content.decode()

        assert response.status_code == 200
        assert WORDS not in page
        assert "What is owed" not in page
        assert "not the key worker log" in page

    @pytest.mark.parametrize("who", ["keyworker_other", "former", "future", "staff_parent"])
    def test_somebody_elses_record_is_like_none(self, world, mina, as_user, who):
        client = as_user(world.users[who])
        theirs, none = client.get(url(mina)), client.get("/students/999999/")
        assert (theirs.status_code, none.status_code) == (404, 404)
        assert without_token(theirs) == without_token(none)

    @pytest.mark.parametrize("who", ["parent", "student", "nobody"])
    def test_not_for_families_and_students(self, world, mina, as_user, who):
        assert as_user(world.users[who]).get(url(mina)).status_code == 403

    def test_each_opening_is_kept(self, world, mina, as_user):
        as_user(world.u_keyworker).get(url(mina))
        as_user(world.u_keyworker_other).get(url(mina))

        rows = RecordOpening.objects.filter(student_id=mina.pk)
        assert [(row.user_id, row.what) for row in rows] == [(world.u_keyworker.pk, "record")]

    def test_first_year_names_the_transition_manager(self, world, as_user):
        cast.make_user("transition", "staff transition")
        new = cast.make_student("New", "Ashby", joined_on=date(2026, 9, 3))
        page = as_user(world.u_head).get(url(new)).content.decode()
        assert "Transition Manager first: Transition" in page
        assert "First year here" not in as_user(world.u_head).get(url(world.mina)).content.decode()

    def test_leavers_stay_readable_and_log_nothing(self, world, mina, as_user):
        mina.left_on = cast.TODAY - timedelta(days=1)
        mina.save(update_fields=["left_on"])
        page = as_user(world.u_head).get(url(mina)).content.decode()
        assert "Min has left." in page and WORDS in page
        assert "/contacts/new/" not in page

    def test_read_first_stands_on_top_for_all_who_open_it(self, world, mina, as_user):
        mina.read_first = "Nut allergy: two pens."
        mina.save(update_fields=["read_first"])
        for who in ("keyworker", "teacher", "head"):
            assert "Nut allergy: two pens." in as_user(world.users[who]).get(url(mina)).content.decode()

    def test_the_same_queries_for_one_entry_and_many(self, world, mina, as_user, django_assert_num_queries):
        client = as_user(world.u_keyworker)
        client.get(url(mina))
        with django_assert_num_queries(12):
            client.get(url(mina))
        for number in range(40):
            log(mina, world.u_keyworker, 4 + number)
        with django_assert_num_queries(12):
            client.get(url(mina))


def test_why_somebody_is_in_post_is_said_of_their_post(world, as_user):
    told = (
        as_user(world.u_keyworker).get(reverse("students:keyworkers", args=[world.mina.pk])).content.decode()
    )
    parts = {
        re.sub("<.*?>", "", part.split("</h2>")[0]).split(">")[-1]: part for part in told.split("<h2 ")[1:]
    }
    assert "First keyworker" in parts["Keyworker"]
    for label in ("Academic mentor", "Deputy keyworker"):
        assert "First in this post" in parts[label] and "First keyworker" not in parts[label]


class TestTimeline:
    def entries(self, response) -> list[int]:
        return [entry.pk for entry in response.context["page"].entries]

    def test_pages_meet_without_gap_or_repeat(self, world, as_user):
        made = [log(world.mina, world.u_keyworker, number // 3).pk for number in range(40)]
        client = as_user(world.u_keyworker)
        seen: list[int] = []
        place = {}
        for _ in range(5):
            response = client.get(url(world.mina), place)
            seen += self.entries(response)
            if not response.context["page"].older:
                break
            place = {"before": response.context["page"].older}

        assert sorted(seen) == sorted(made)
        assert seen[:3] == sorted(made[:3], reverse=True)

    def test_older_entries_come_as_a_piece_for_htmx(self, world, as_user):
        for number in range(20):
            log(world.mina, world.u_keyworker, number)
        client = as_user(world.u_keyworker)
        older = client.get(url(world.mina)).context["page"].older
        piece = client.get(url(world.mina), {"before": older}, headers={"HX-Request": "true"})
        assert "<html" not in piece.content.decode()
        assert len(self.entries(piece)) == 5

    def test_kind_and_search(self, world, mina, as_user):
        other = log(mina, world.u_keyworker, 1, notes="The minibus was late.")
        client = as_user(world.u_keyworker)

        assert self.entries(client.get(url(mina), {"q": "MINIBUS"})) == [other.pk]
        assert self.entries(client.get(url(mina), {"kind": "session"})) == []
        assert len(self.entries(client.get(url(mina), {"kind": "contact"}))) == 2
        assert "Nothing on the timeline matches" in client.get(url(mina), {"q": "giraffe"}).content.decode()

    @pytest.mark.parametrize("place", ["nonsense", "2026-13-45.contact.1", "2026-11-01.contact.x"])
    def test_a_place_nobody_wrote_is_the_beginning(self, world, mina, as_user, place):
        assert len(self.entries(as_user(world.u_keyworker).get(url(mina), {"before": place}))) == 1

    def test_restricted_entries_only_for_those_who_read_them(self, world, mina, as_user):
        secret = log(mina, world.u_keyworker, 1, notes="Between us three.", level="restricted")
        assert secret.pk in self.entries(as_user(world.u_deputy).get(url(mina)))
        for who in ("member", "head", "mentor"):
            response = as_user(world.users[who]).get(url(mina))
            assert secret.pk not in self.entries(response)
            assert "Between us three." not in response.content.decode()


class TestKeyworkers:
    def test_history_with_dates_and_how_long(self, world, as_user):
        page = as_user(world.u_keyworker).get(url(world.mina, "keyworkers/")).content.decode()
        assert "Former" in page and "Tuesday 3 September 2024" in page and "2 years" in page
        assert "8 weeks" in page
        assert "yet to begin" in page  # the core team member who starts tomorrow

    def test_reasons_only_with_the_log(self, world, as_user):
        row = world.mina.assignments.get(user=world.u_keyworker, kind="keyworker")
        row.reason_note = "Asked for somebody calmer"
        row.save(update_fields=["reason_note"])
        address = url(world.mina, "keyworkers/")
        assert "Asked for somebody calmer" in as_user(world.u_keyworker).get(address).content.decode()
        assert "Asked for somebody calmer" not in as_user(world.u_teacher).get(address).content.decode()


class TestPeople:
    def test_family_with_its_flags_in_words(self, world, as_user):
        page = as_user(world.u_keyworker).get(url(world.mina, "people/")).content.decode()
        assert "Folake Harcastle" in page and "07700900123" in page
        assert "Min lives with them." in page
        assert "Idris" not in page  # the link ended yesterday

    def test_do_not_contact_for_all_and_the_order_for_the_dsl_alone(self, world, as_user):
        address = url(world.mina, "people/")
        for who in ("keyworker", "head"):
            page = as_user(world.users[who]).get(address).content.decode()
            assert "Do not contact" in page
            assert "Non-molestation" not in page
            assert "rufus.harcastle@home.example" not in page
        assert "Non-molestation" in as_user(world.u_dsl).get(address).content.decode()

    @pytest.mark.parametrize("who", ["teacher", "slt"])
    def test_no_family_without_the_right(self, world, as_user, who):
        page = as_user(world.users[who]).get(url(world.mina, "people/")).content.decode()
        assert "Folake" not in page and "Rufus" not in page
        assert world.u_keyworker.email in page

    def test_looking_is_kept(self, world, as_user):
        as_user(world.u_head).get(url(world.mina, "people/"))
        assert RecordOpening.objects.get().what == "people"


class TestSharing:
    def share(self, client, world, **changed):
        asked = {
            "share-user": world.u_keyworker_other.pk,
            "share-what": "view_log",
            "share-expires_on": "2026-12-04",
            "share-reason": "Covers the trip",
        }
        return client.post(url(world.mina, "people/share/"), asked | changed)

    def test_opens_until_its_last_day_and_ends_early(self, world, as_user):
        client = as_user(world.u_dsl)
        assert self.share(client, world).status_code == 302
        shared = StudentAccess.objects.get()
        assert (shared.reason, shared.granted_by, shared.expires_on) == (
            "Covers the trip",
            world.u_dsl,
            date(2026, 12, 4),
        )

        reader = world.u_keyworker_other
        assert as_user(reader).get(url(world.mina)).status_code == 200
        assert "Covers the trip" in client.get(url(world.mina, "people/")).content.decode()
        forget_relations(reader)
        assert not allows(reader, Can.VIEW_LOG, world.mina, on=date(2026, 12, 5))

        client.post(url(world.mina, f"people/share/{shared.pk}/end/"))
        assert as_user(reader).get(url(world.mina)).status_code == 404
        assert "Covers the trip" not in client.get(url(world.mina, "people/")).content.decode()

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"share-user": ""}, "Choose who it is shared with"),
            ({"share-what": ""}, "Choose what they may do"),
            ({"share-expires_on": "2026-11-22"}, "Choose a date that is today or later"),
            ({"share-expires_on": "2028-01-01"}, "Choose a date within a year"),
            ({"share-reason": "  "}, "Say why they need it"),
        ],
    )
    def test_refused_beside_the_field_with_what_was_typed(self, world, as_user, changed, words):
        response = self.share(as_user(world.u_dsl), world, **changed)
        page = response.content.decode()
        assert response.status_code == 422
        assert words in page
        if "share-reason" not in changed:
            assert "Covers the trip" in page
        assert not StudentAccess.objects.exists()

    def test_never_with_the_childs_own_family(self, world, as_user):
        response = self.share(as_user(world.u_head), world, **{"share-user": world.u_staff_parent.pk})
        assert response.status_code == 422
        assert "is family of Min" in response.content.decode()

    def test_only_by_head_and_dsl(self, world, as_user):
        for who in ("keyworker", "admin", "teacher"):
            assert self.share(as_user(world.users[who]), world).status_code in (403, 404)
        assert not StudentAccess.objects.exists()

    def test_a_share_of_another_student_is_not_ended_here(self, world, as_user):
        self.share(as_user(world.u_dsl), world)
        shared = StudentAccess.objects.get()
        assert as_user(world.u_dsl).post(url(world.otto, f"people/share/{shared.pk}/end/")).status_code == 404


class TestAbsences:
    def add(self, client, student, **given):
        return client.post(url(student, "people/absences/add/"), {"away-starts_on": "2026-11-16", **given})

    def test_kept_shown_and_taken_back(self, world, as_user):
        client = as_user(world.u_keyworker)
        assert (
            self.add(
                client, world.mina, **{"away-ends_on": "2026-11-18", "away-note": "Chickenpox"}
            ).status_code
            == 302
        )
        row = Absence.objects.get()
        assert (row.starts_on, row.ends_on, row.recorded_by) == (
            date(2026, 11, 16),
            date(2026, 11, 18),
            world.u_keyworker,
        )
        assert "Chickenpox" in client.get(url(world.mina, "people/")).content.decode()

        client.post(url(world.mina, f"people/absences/{row.pk}/remove/"))
        assert not Absence.objects.exists()

    def test_one_day_needs_one_date(self, world, as_user):
        self.add(as_user(world.u_keyworker), world.mina)
        assert Absence.objects.get().ends_on == date(2026, 11, 16)

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"away-starts_on": ""}, "Choose the first day away"),
            ({"away-ends_on": "2026-11-15"}, "Choose a last day that is on or after the first"),
            ({"away-starts_on": "2024-09-02"}, "Min came on 3 September 2024"),
        ],
    )
    def test_refused(self, world, as_user, given, words):
        response = self.add(as_user(world.u_keyworker), world.mina, **given)
        assert response.status_code == 422
        assert words in response.content.decode()
        assert not Absence.objects.exists()

    def test_the_same_days_once(self, world, as_user):
        client = as_user(world.u_keyworker)
        self.add(client, world.mina)
        assert "in the list already" in self.add(client, world.mina).content.decode()
        assert Absence.objects.count() == 1

    def test_not_for_another_keyworkers_student(self, world, as_user):
        assert self.add(as_user(world.u_keyworker_other), world.mina).status_code == 404
        assert self.add(as_user(world.u_teacher), world.mina).status_code == 404
        assert not Absence.objects.exists()


def test_openings_are_shown_to_head_and_dsl(world, as_user):
    as_user(world.u_keyworker).get(url(world.mina))
    page = as_user(world.u_dsl).get(url(world.mina, "openings/")).content.decode()
    assert "Keyworker" in page and "Monday 23 November 2026, 12 pm" in page
    for who in ("keyworker", "admin", "teacher"):
        assert as_user(world.users[who]).get(url(world.mina, "openings/")).status_code in (403, 404)

"""What somebody tries who means harm: foreign ids, other methods, forged headers, lost tokens, odd addresses."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from contacts.models import HomeContact
from keywork import clock
from keywork.models import Draft
from students.models import FamilyLink, Student, StudentAccess
from tests.world import OTHER_SURNAME, TODAY

from .expectations import TABLE
from .stage import NOT_SIGNED_IN, ask, client_of, send, written

pytestmark = pytest.mark.django_db

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    "https:///evil.example",
    " https://evil.example",
    "/\t/evil.example",
)


def a_contact(house, **data) -> dict:
    return {
        "reached": "spoke",
        "person": house.mina_mum.pk,
        "channel": "phone",
        "direction": "out",
        "happened_on": TODAY,
        "notes": "Planted",
        "topics": ["going_well"],
        **data,
    }


# ------------------------------------------------------------------ methods


@pytest.mark.parametrize("name", sorted(TABLE))
def test_no_method_is_a_way_round(house, refusals_once, name):
    """Whatever the method, the refused stay refused and write nothing.

    All methods by one who gets past the door, if any of them does; sign-in and door look at none.
    """
    row = TABLE[name]
    url = reverse(name, kwargs=row.args(house, house.otto))
    may = row.may_other if row.other is not None else row.may_mine
    refused = [actor for actor in ("former", "parent", "anonymous") if actor not in may]
    past_the_door = "parent" if row.door == "family" else "former"
    before = written()
    for actor in refused:
        thorough = actor == (past_the_door if past_the_door in refused else refused[0])
        for method in ("head", "put", *(("options", "patch", "delete", "trace") if thorough else ())):
            with house.reads.kept():
                response = send(
                    house, actor, method, url, **({"HX-Request": "true"} if method == "put" else {})
                )
            fine = (200, 302, 403, 405) if actor in NOT_SIGNED_IN else (403, 404, 405)
            assert response.status_code in fine, (actor, method, response.status_code)
            assert OTHER_SURNAME.encode() not in response.content_read
            if response.status_code == 200:  # htmx is sent to sign in
                assert response.content_read == b"" and response["HX-Redirect"].startswith("/accounts/login/")
    assert written() == before


@pytest.mark.parametrize("name", sorted(n for n, row in TABLE.items() if 405 not in row.post))
def test_every_write_needs_its_token(house, name):
    """The token is asked even of those whom the door lets in."""
    row = TABLE[name]
    actor = min(row.may_mine)
    client = house.strict
    client.cookies = deepcopy(house.clients[actor].cookies)
    before = written()
    response = client.post(reverse(name, kwargs=row.args(house, house.mina)))
    assert response.status_code == 403
    assert written() == before
    assert b"Harcastle" not in response.content


# ------------------------------------------------------------------ ids


@pytest.mark.parametrize(
    ("actor", "name", "argument", "record"),
    [
        ("admin", "students:family_edit", "link_id", "link"),
        ("admin", "students:family_end", "link_id", "link"),
        ("dsl", "students:restriction", "link_id", "link"),
        ("dsl", "students:end_share", "access_id", "access"),
        ("keyworker", "students:remove_absence", "absence_id", "absence"),
        ("head", "students:remove_absence", "absence_id", "absence"),
        ("head", "care:outcome_edit", "outcome_id", "outcome"),
        ("head", "care:outcome_status", "outcome_id", "outcome"),
        ("head", "care:outcome_remove", "outcome_id", "outcome"),
        ("head", "care:review_move", "review_id", "review"),
        ("head", "care:cycle", "cycle_id", "cycle"),
        ("head", "care:assessment_edit", "assessment_id", "assessment"),
    ],
)
def test_a_record_under_the_wrong_student(house, actor, name, argument, record):
    """Otto's record under Mina's address is no record, for those too who may see both."""
    theirs = getattr(house.of[house.otto.pk], record)
    url = reverse(name, kwargs={"pk": house.mina.pk, argument: theirs.pk})
    for method in ("get", "post"):
        assert ask(house, actor, method, url).status_code in (404, 405)
    assert ask(house, actor, "post", url).status_code == 404


def test_a_part_of_another_review(house):
    """Otto's person, or change asked for, in Mina's review is no record, for those too who may see both."""
    mine, theirs = house.of[house.mina.pk], house.of[house.otto.pk]
    for name, part in (("person", theirs.review_person), ("change", theirs.review_change)):
        url = reverse(f"care:review_{name}", args=[house.mina.pk, mine.review.pk, part.pk])
        assert ask(house, "head", "get", url).status_code == 404
        assert ask(house, "head", "post", url).status_code == 404


def test_ids_in_the_body_change_nothing(house):
    """Fields that no form has: whose, by whom, which version, approved already."""
    forged = {
        "student": house.otto.pk,
        "student_id": house.otto.pk,
        "made_by": house.u_head.pk,
        "logged_by": house.u_head.pk,
        "needs_approval": "",
        "approved_by": house.u_head.pk,
        "outcome": "two_way",
        "call": house.of[house.otto.pk].contact.call,
        "member": house.otto_mum.member_id,
        "id": house.of[house.otto.pk].contact.pk,
        "pk": house.of[house.otto.pk].contact.pk,
    }
    url = reverse("contacts:log_contact", args=[house.mina.pk])
    assert (
        house.clients["keyworker"].post(url, a_contact(house, reached="no_answer", **forged)).status_code
        == 302
    )
    row = HomeContact.objects.get(notes="Planted")
    assert (row.student, row.made_by, row.logged_by) == (house.mina, house.u_keyworker, house.u_keyworker)
    assert row.member_id == house.mina_mum.member_id and row.outcome != "two_way"
    assert row.call != forged["call"]


def test_one_cannot_write_oneself_a_role(house):
    me = house.clients["teacher"]
    me.post(
        reverse("portal:me"),
        {"phone": "1", "roles": ["head"], "is_active": "", "name": "Head", "email": "x@y.example"},
    )
    house.u_teacher.refresh_from_db()
    assert house.u_teacher.roles == ["staff"] and house.u_teacher.email == "teacher@school.example"


def test_only_known_roles_are_given(house):
    admin = house.clients["admin"]
    url = reverse("portal:account", args=[house.u_teacher.pk])
    answer = admin.post(url, {"name": "Teacher", "roles": ["staff", "superuser"], "is_superuser": "on"})
    assert answer.status_code == 422
    house.u_teacher.refresh_from_db()
    assert house.u_teacher.roles == ["staff"] and not house.u_teacher.is_superuser


@pytest.mark.parametrize("who", ["own", "whole"])
def test_batches_of_others_are_not_found(house, who):
    batch = house.of[house.otto.pk].batch if who == "own" else house.batch
    for actor in ("keyworker", "teacher", "slt", "dsl"):
        assert house.clients[actor].get(reverse("reports:batch", args=[batch.pk])).status_code == 404
    if who == "own":  # the head releases the school's orders and their own
        assert (
            house.clients["head"].post(reverse("reports:release_batch", args=[batch.pk])).status_code == 404
        )


def test_a_draft_is_found_by_its_writer_only(house):
    url = reverse("keywork:draft", args=[house.mina.pk, "contact-new"])
    house.clients["keyworker"].post(
        url, {"notes": "Half a thought", "user": house.u_deputy.pk, "key": "contact-new:1"}
    )
    assert Draft.objects.get().user == house.u_keyworker
    form = reverse("contacts:log_contact", args=[house.mina.pk])
    assert "Half a thought" in house.clients["keyworker"].get(form).content.decode()
    for actor in ("deputy", "mentor", "head"):
        assert "Half a thought" not in house.clients[actor].get(form).content.decode()


@pytest.mark.parametrize("form", ["contact-1", "x" * 41, "UPPER", "contact_new", "a-b-c-d-e"])
def test_odd_names_of_drafts_are_refused_or_ones_own(house, form):
    url = f"/drafts/{house.mina.pk}/{form}/"
    assert house.clients["keyworker"].post(url, {"notes": "x"}).status_code in (204, 404, 422)
    assert not Draft.objects.exclude(user=house.u_keyworker).exists()


# ------------------------------------------------------------------ where one is led


@pytest.mark.parametrize("away", ELSEWHERE)
def test_nobody_is_led_elsewhere(house, away):
    url = reverse("contacts:log_contact", args=[house.mina.pk])
    keyworker = house.clients["keyworker"]
    home = reverse("students:record", args=[house.mina.pk])
    assert keyworker.post(url, a_contact(house, next=away, card=away))["Location"] == home
    fragment = keyworker.post(url, a_contact(house, next=away, card=away), headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == home
    assert "evil.example" not in keyworker.get(url, {"next": away, "card": away}).content.decode()
    mine = HomeContact.objects.filter(notes="Planted").first()
    undo = reverse("contacts:undo_contact", args=[mine.pk])
    assert "evil.example" not in keyworker.get(undo, {"next": away}).content.decode()
    assert "evil" not in keyworker.post(undo, {"next": away})["Location"]


@pytest.mark.parametrize("away", ELSEWHERE)
def test_a_forged_page_of_htmx_is_not_followed(house, away):
    url = reverse("portal:card", args=[house.mina.pk])
    lost = house.clients["anonymous"].get(url, headers={"HX-Request": "true", "HX-Current-URL": away})
    assert lost["HX-Redirect"].startswith("/accounts/login/?next=/") and "evil" not in lost["HX-Redirect"]
    posted = house.clients["anonymous"].post(url, headers={"Referer": away})
    assert posted["Location"].startswith("/accounts/login/?next=/") and "evil" not in posted["Location"]


@pytest.mark.parametrize(
    "header", ["HX-Boosted", "HX-Target", "HX-Trigger", "HX-Prompt", "X-HTTP-Method-Override"]
)
def test_headers_open_nothing(house, header):
    for name in ("students:record", "contacts:log", "reports:batch", "portal:card"):
        row = TABLE[name]
        url = reverse(name, kwargs=row.args(house, house.otto))
        for value in ("true", "batch", "GET"):
            answer = house.clients["keyworker"].get(url, headers={"HX-Request": "true", header: value})
            assert answer.status_code == 404
            assert OTHER_SURNAME.encode() not in answer.content


# ------------------------------------------------------------------ sessions


def test_a_closed_account_is_out_with_its_next_click(house):
    record = reverse("students:record", args=[house.mina.pk])
    assert house.clients["keyworker"].get(record).status_code == 200
    type(house.u_keyworker).objects.filter(pk=house.u_keyworker.pk).update(
        is_active=False, deactivated_at=clock.now()
    )
    assert house.clients["keyworker"].get(record).status_code == 302
    assert (
        house.clients["keyworker"].post(reverse("contacts:log_contact", args=[house.mina.pk])).status_code
        == 302
    )


def test_an_ended_post_a_lost_role_and_an_order_count_from_the_next_click(house):
    record = reverse("students:record", args=[house.mina.pk])
    house.mina.assignments.filter(user=house.u_keyworker).update(ends_on=TODAY - timedelta(days=1))
    assert house.clients["keyworker"].get(record).status_code == 404
    type(house.u_head).objects.filter(pk=house.u_head.pk).update(roles=["staff"])
    assert house.clients["head"].get(record).status_code == 404
    home = reverse("portal:family_child", args=[house.mina.pk])
    assert house.clients["parent"].get(home).status_code == 200
    FamilyLink.objects.filter(pk=house.mina_mum.pk).update(court_restriction="Order", restricted_from=TODAY)
    assert house.clients["parent"].get(home).status_code == 404
    sent = reverse("reports:family_pdf", args=[house.of[house.mina.pk].released.pk])
    assert house.clients["parent"].get(sent).status_code == 404


def test_home_and_own_page_close_with_the_link_and_the_account(house):
    """In sessions that are open: the next click finds nothing, and where the account is closed, the door."""
    home, mine = reverse("portal:family_child", args=[house.mina.pk]), reverse("portal:my_page")
    sheets, mum, student = reverse("home:sheets"), house.clients["parent"], house.clients["student"]
    assert {mum.get(home).status_code, student.get(mine).status_code, student.get(sheets).status_code} == {
        200
    }
    FamilyLink.objects.filter(pk=house.mina_mum.pk).update(ended_on=TODAY)
    assert mum.get(home).status_code == 404
    FamilyLink.objects.filter(pk=house.mina_mum.pk).update(ended_on=None)
    users = type(house.u_parent).objects.filter(pk__in=[house.u_parent.pk, house.u_student.pk])
    users.update(is_active=False, deactivated_at=clock.now())
    assert mum.get(home).status_code == student.get(mine).status_code == 302


def test_what_a_young_person_shuts_is_shut(house):
    home, mum = reverse("portal:family_child", args=[house.mina.pk]), house.clients["parent"]
    sent = reverse("reports:family_pdf", args=[house.of[house.mina.pk].released.pk])
    theirs = house.of[house.mina.pk].own_choice.at_home
    assert (mum.get(home).status_code, mum.get(sent).status_code) == (200, 200)
    theirs.update(sees="page")
    assert (mum.get(home).status_code, mum.get(sent).status_code) == (200, 404)
    theirs.update(sees="nothing")
    assert (mum.get(home).status_code, mum.get(sent).status_code) == (404, 404)


def test_a_shared_record_closes_when_it_is_ended(house):
    from .records import shared

    shared(house.mina, house.u_teacher, "cover", house.u_dsl)
    log = reverse("contacts:log", args=[house.mina.pk])
    assert house.clients["teacher"].get(log).status_code == 200
    given = StudentAccess.objects.get(user=house.u_teacher)
    house.clients["head"].post(reverse("students:end_share", args=[house.mina.pk, given.pk]))
    assert house.clients["teacher"].get(log).status_code == 404


# ------------------------------------------------------------------ files and odd addresses


def test_a_photo_keeps_no_name_of_the_sender(house, settings):
    mina = house.mina
    fields = {
        "legal_forename": mina.legal_forename, "legal_surname": mina.legal_surname, "born_on": mina.born_on,
        "nc_year": mina.nc_year, "placement": "day", "joined_on": mina.joined_on, "version": mina.version,
    }  # fmt: skip
    picture = BytesIO()
    Image.new("RGB", (4, 4), "blue").save(picture, "PNG")
    sent = SimpleUploadedFile("../../../evil.html.png", picture.getvalue(), content_type="text/html")
    answer = house.clients["admin"].post(reverse("students:edit", args=[mina.pk]), {**fields, "photo": sent})
    assert answer.status_code == 302, answer.context["form"].errors
    name = Student.objects.get(pk=mina.pk).photo.name
    assert re.fullmatch(r"photos/\w{24}\.jpg", name)
    served = house.clients["keyworker"].get(reverse("students:photo", args=[mina.pk]))
    assert served["Content-Type"] == "image/jpeg" and served["X-Content-Type-Options"] == "nosniff"
    b"".join(served.streaming_content)


@pytest.mark.parametrize("actor", ["anonymous", "keyworker", "head"])
def test_no_address_reads_a_file(house, actor, settings):
    settings.WHITENOISE_USE_FINDERS = True  # with every static file in reach
    client = client_of(None if actor == "anonymous" else house.users[actor])
    report, photo = house.of[house.otto.pk].report.pdf.name, house.otto.photo.name
    for path in (
        f"/media/{report}",
        f"/media/{photo}",
        f"/static/../media/{report}",
        f"/static/..%2fmedia%2f{photo}",
        f"/{report}",
        "/static/../keywork/settings.py",
        "/students/1/photo/../../../etc/passwd",
        "/reports/..%2f..%2fetc%2fpasswd/pdf/",
        "/reports/1/pdf/../../../../etc/passwd",
    ):
        answer = client.get(path)
        assert answer.status_code in (302, 404), path
        assert b"root:" not in answer.content


@pytest.mark.parametrize("number", ["0", "-1", "1e9", "9" * 30, "1%20or%201=1", "%00", "1.0", "٣"])
def test_odd_numbers_are_not_found(house, number):
    for path in (
        f"/students/{number}/",
        f"/contacts/{number}/",
        f"/reports/{number}/pdf/",
        f"/today/{number}/card/",
    ):
        assert house.clients["head"].get(path).status_code == 404, path


@pytest.mark.parametrize("typed", ["\x00", "a\x00b", "'; drop table", "%", "\\", "🦦" * 300, "\ud7ff"])
def test_odd_words_are_only_not_found(house, typed):
    record = reverse("students:record", args=[house.mina.pk])
    for actor, url, names in (
        ("head", reverse("portal:search"), ("q",)),
        ("head", reverse("students:list"), ("q", "year", "placement", "roll", "sort", "page")),
        ("head", reverse("portal:oversight"), ("show", "keyworker", "year", "sort", "page")),
        ("head", reverse("portal:assignments"), ("q", "page", "nobody", "planned")),
        ("keyworker", record, ("q", "kind", "before")),
        ("keyworker", reverse("contacts:log", args=[house.mina.pk]), ("kind", "term")),
        ("admin", reverse("portal:accounts"), ("q", "role", "state", "sort")),
        ("admin", reverse("portal:invite_family"), ("q",)),
        ("admin", reverse("portal:invite_student"), ("q",)),
    ):
        for name in names:
            answer = ask(house, actor, "get", url, {name: typed})
            assert answer.status_code in (200, 400, 404), (url, name, answer.status_code)
            assert actor != "keyworker" or OTHER_SURNAME not in answer.content.decode()

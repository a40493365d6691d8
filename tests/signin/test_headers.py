"""What every answer tells the browser: keep nothing, ask for nothing; and forget, once somebody signed out."""

from __future__ import annotations

import gzip
import re

import pytest

from .conftest import is_in, sign_in

pytestmark = pytest.mark.django_db
FORGET = '"cache", "storage"'


@pytest.fixture
def keyworker(world, later):
    client, _ = sign_in(world.u_keyworker.email)
    assert is_in(client)
    return client


@pytest.mark.parametrize(
    "path", ["/me/", "/today/", "/students/{}/", "/students/{}/plan/", "/students/999999/", "/nowhere/", "/"]
)
def test_no_answer_is_kept(keyworker, world, path):
    answer = keyworker.get(path.format(world.mina.pk))
    assert answer["Cache-Control"] == "no-store, private"


def test_nor_a_file(as_user, world_with_records):
    w = world_with_records
    for path in (f"/students/{w.mina.pk}/photo/", f"/reports/{w.of[w.mina.pk].report.pk}/pdf/"):
        answer = as_user(w.u_keyworker).get(path)
        assert answer.status_code == 200 and answer["Cache-Control"] == "no-store, private"
        assert b"".join(answer.streaming_content)


def test_nor_a_refusal_or_the_way_to_the_door(client, db):
    assert client.get("/me/")["Cache-Control"] == "no-store, private"
    assert client.get("/accounts/login/")["Cache-Control"] == "no-store, private"


def test_signing_out_has_the_browser_forget(keyworker):
    answer = keyworker.post("/accounts/logout/")
    assert answer.status_code == 302 and answer["Clear-Site-Data"] == FORGET
    assert not is_in(keyworker)


def test_but_not_while_the_page_holds_something(keyworker):
    assert "Clear-Site-Data" not in keyworker.post("/accounts/logout/", {"unsent": "1"})
    assert not is_in(keyworker)


def test_asking_whether_to_sign_out_forgets_nothing(keyworker):
    assert "Clear-Site-Data" not in keyworker.get("/accounts/logout/")


def test_a_session_that_ran_out_forgets_nothing(keyworker, later):
    later(minutes=31)
    for answer in (
        keyworker.get("/me/"),
        keyworker.post("/me/", {"phone": "01632 960 184", "reach_note": "After two"}),
        keyworker.post("/accounts/logout/"),
    ):
        assert "Clear-Site-Data" not in answer


def test_nor_one_with_something_unsent(keyworker, world, later):
    key = re.search(r'name="form_key" value="([^"]+)"', keyworker.get("/me/").content.decode())[1]
    later(minutes=31)
    keyworker.post("/me/", {"form_key": key, "phone": "01632 960 184", "reach_note": "After two"})
    sign_in(world.u_keyworker.email, client=keyworker)
    assert "Clear-Site-Data" not in keyworker.post("/accounts/logout/")


def test_the_page_may_ask_the_browser_for_nothing(keyworker):
    refused = keyworker.get("/me/")["Permissions-Policy"]
    for feature in ("camera=()", "microphone=()", "geolocation=()", "publickey-credentials-get=(self)"):
        assert feature in refused


def test_pages_are_compressed_by_keywork_itself(keyworker, world):
    plain = keyworker.get("/me/")
    packed = keyworker.get("/me/", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"]
    assert "Content-Encoding" not in plain
    assert len(packed.content) < len(plain.content) / 2
    assert b"<h1" in gzip.decompress(packed.content)


def test_files_go_as_they_are(as_user, world_with_records):
    w = world_with_records
    photo = as_user(w.u_keyworker).get(f"/students/{w.mina.pk}/photo/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in photo and b"".join(photo.streaming_content)

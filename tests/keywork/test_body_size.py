"""What is too large is refused before it is read; files are the owner's alone."""

from __future__ import annotations

import io
import stat

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from keywork.local.files import private_directory
from keywork.models import PendingSubmission
from tests.forms import form_of

pytestmark = pytest.mark.django_db


class Unread(io.BytesIO):
    """A body that tells how much of it was read."""

    taken = 0

    def read(self, size=-1):
        got = super().read(size)
        self.taken += len(got)
        return got

    def readline(self, size=-1):
        got = super().readline(size)
        self.taken += len(got)
        return got


def send(client: Client, body: Unread, path: str = "/accounts/login/", **extra):
    kind = "multipart/form-data; boundary=b"
    return client.generic("POST", path, b"", kind, **{"wsgi.input": body, **extra})


def multipart(size: int) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n'
    return head + b"x" * size + b"\r\n--b--\r\n"


def test_refused_pages_lead_back_to_what_was_typed(world, as_user):
    """413, 411 and the 404 of a button pressed twice: to the page they were on, where that is one of ours."""
    client, page = as_user(world.u_head), "/oversight/?show=everyone"
    gone = "/oversight/saved/4711/remove/"
    for came, link in ((f"http://testserver{page}", page), ("http://elsewhere.example/x/", None), ("", None)):
        said = [
            client.post("/me/", HTTP_REFERER=came, CONTENT_LENGTH=str(10**9)),
            client.post("/me/", HTTP_REFERER=came, HTTP_TRANSFER_ENCODING="chunked"),
            client.post(gone, HTTP_REFERER=came),
        ]
        assert [one.status_code for one in said] == [413, 411, 404]
        for one in said:
            words = one.content.decode()
            assert ("Back to the page you were on" in words) == (link is not None)
            assert link is None or f'href="{link}"' in words
            assert "elsewhere" not in words
    assert "it was done the first time" in said[2].content.decode()


@pytest.mark.parametrize("path", ["/accounts/login/", "/enquiries/link/nobody/", "/no/such/page/"])
def test_signed_out_a_large_body_is_refused_unread(world, path):
    body = Unread(multipart(1_000_001))
    response = send(Client(), body, path, CONTENT_LENGTH=str(len(body.getvalue())))
    assert response.status_code == 413 and body.taken == 0
    assert "larger than Keywork takes" in response.content.decode()
    assert "sessionid" not in response.cookies


def test_of_a_page_that_needs_signing_in_it_says_where_the_words_are(world):
    body = Unread(multipart(1_000_001))
    response = send(Client(), body, "/students/", CONTENT_LENGTH=str(len(body.getvalue())))
    assert response.status_code == 413 and body.taken <= 4096, "of a stranger only the beginning is read"
    page = response.content.decode()
    assert "You are signed out" in page and "Sign in in another tab first" in page


def test_a_made_up_cookie_is_not_signed_in(world):
    client = Client()
    client.cookies["sessionid"] = "a" * 32
    body = Unread(multipart(1_000_001))
    assert send(client, body, CONTENT_LENGTH=str(len(body.getvalue()))).status_code == 413
    assert body.taken == 0


def test_signed_in_files_pass_and_more_than_the_limit_does_not(world, as_user, settings):
    settings.BODY_MAX_BYTES = 3_000_000
    admin = as_user(world.u_admin)
    passes = Unread(multipart(2_000_000))
    length = str(len(passes.getvalue()))
    assert send(admin, passes, "/students/import/", CONTENT_LENGTH=length).status_code != 413
    refused = Unread(multipart(3_000_000))
    response = send(admin, refused, "/students/import/", CONTENT_LENGTH=str(len(refused.getvalue())))
    assert response.status_code == 413 and refused.taken == 0


def test_a_body_that_hides_its_length_is_not_taken(world, as_user):
    for client in (Client(), as_user(world.u_admin)):
        body = Unread(multipart(5))
        response = send(client, body, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
        assert response.status_code == 411 and body.taken == 0
        assert "could not tell how much" in response.content.decode()


def test_what_was_sent_after_the_session_ended_is_still_held(world, as_user, settings):
    settings.BODY_MAX_BYTES_SIGNED_OUT = 10
    client = as_user(world.u_keyworker)
    session = client.session
    session.update({"keywork_began": 1, "keywork_renewed": 1})
    session.save()
    response = client.post(f"/students/{world.mina.pk}/contacts/new/", {"summary": "A long talk with home."})
    assert response.status_code == 302 and "unsent" in response["Location"]


def test_what_was_sent_after_signing_out_in_another_tab_is_held(world, as_user, settings):
    settings.BODY_MAX_BYTES_SIGNED_OUT = 10
    client = as_user(world.u_keyworker)
    url = f"/students/{world.mina.pk}/contacts/new/"
    key = form_of(client.get(url).content.decode(), "notes")["form_key"]
    client.post("/accounts/logout/")
    response = client.post(url, {"notes": "A long talk with home.", "form_key": key})
    assert response.status_code == 302 and "unsent" in response["Location"]


@pytest.mark.parametrize("known", [True, False])
def test_a_large_form_of_ours_is_held_also_without_any_cookie(world, as_user, settings, known):
    """With a picture in it, and a key that says whose it is; of strangers no more than the beginning is read."""
    settings.BODY_MAX_BYTES_SIGNED_OUT = 10_000
    admin = as_user(world.u_admin)
    form = form_of(admin.get("/students/add/").content.decode(), "legal_forename")
    stranger = Client(enforce_csrf_checks=True)
    picture = SimpleUploadedFile("p.png", b"0" * 300_000, "image/png")
    sent = {
        "form_key": form["form_key"] if known else ["1.made:up"],
        "photo": picture,
        "legal_forename": "Words",
    }
    answer = stranger.post("/students/add/", sent)
    if known:
        assert answer.status_code == 302 and "unsent" in answer["Location"]
        held = PendingSubmission.objects.get()
        assert (held.user, held.had_files) == (world.u_admin, True) and [
            "legal_forename",
            "Words",
        ] in held.fields
    else:
        assert answer.status_code == 413 and not PendingSubmission.objects.exists()


def test_uploads_and_the_data_directory_are_the_owners_alone(settings, tmp_path):
    old = tmp_path / "old"
    old.mkdir(mode=0o755)
    for directory in (old, tmp_path / "new"):
        private_directory(directory)
        assert stat.S_IMODE(directory.stat().st_mode) in (0o700, 0o710)
        assert not stat.S_IMODE(directory.stat().st_mode) & 0o067
    storage = FileSystemStorage(location=tmp_path / "media")
    name = storage.save("plans/secret.pdf", ContentFile(b"x" * 100))
    assert stat.S_IMODE((tmp_path / "media" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "media/plans").stat().st_mode) == 0o700

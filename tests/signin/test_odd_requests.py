"""Requests that no browser sends: refused in words, never an error of ours."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
ODD = {
    "a form in utf-16": ("login=a&password=b".encode("utf-16"), f"{FORM}; charset=utf-16"),
    "a form in utf-7": (b"login=a&password=b", f"{FORM}; charset=utf-7"),
    "a form in nothing known": (b"login=a&password=b", f"{FORM}; charset=nothing"),
    "parts without a boundary": (b"login=a", "multipart/form-data"),
    "parts with an odd boundary": (b"--x\r\n", "multipart/form-data; boundary=\xff\xfe"),
    "parts in utf-16": (b"--x\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x; charset=utf-16"),
    "parts that end too soon": (
        b'--x\r\nContent-Disposition: form-data; name="login"\r\n',
        "multipart/form-data; boundary=x",
    ),
    "parts of length -1": (
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n',
        "multipart/form-data; boundary=x",
    ),
    "too many fields": (b"&".join(b"a=1" for _ in range(2000)), FORM),
}
PATHS = ["/accounts/login/", "/me/", "/students/import/", "/help/", "/nowhere/"]


@pytest.fixture
def clients(world, as_user):
    """Somebody in, nobody in, and somebody who is asked for the token; none of them raises what the server would."""
    signed_in = as_user(world.u_admin)
    guarded = Client(enforce_csrf_checks=True)
    guarded.cookies = signed_in.cookies
    found = [signed_in, Client(), guarded]
    for client in found:
        client.raise_request_exception = False
    return found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("odd", ODD)
def test_odd_forms_are_refused(clients, path, odd):
    body, kind = ODD[odd]
    for client in clients:
        answer = client.generic("POST", path, body, content_type=kind)
        assert answer.status_code < 500, (odd, path)
        assert answer.status_code in (200, 302, 400, 403, 404, 405, 415, 422)


def test_the_refusal_is_a_page_of_ours(clients):
    answer = clients[0].generic("POST", "/me/", b"x", content_type="multipart/form-data")
    assert answer.status_code == 400 and "<h1" in answer.content.decode()


@pytest.mark.parametrize("name", ["people.csv", "people.txt"])
@pytest.mark.parametrize(
    "line",
    ["Surname," * 5000, "x" * 200_000, '"' + "y" * 140_000, "\x00" * 30_000, "Surname\r" * 30_000],
    ids=["many headings", "one long heading", "an open quote", "nothing but NUL", "old line ends"],
)
def test_a_file_with_a_first_line_without_end_is_refused_in_words(
    world, as_user, name, line, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    client = as_user(world.u_admin)
    client.raise_request_exception = False
    sent = SimpleUploadedFile(name, f"{line}\n1,2\n".encode())
    answer = client.post("/students/import/", {"file": sent}, follow=True)
    assert answer.status_code in (200, 422), answer.status_code

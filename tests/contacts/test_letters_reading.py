"""What mail programs make of words, as the words they were. No database."""

from __future__ import annotations

import base64

import pytest

from contacts.letters import reading

HEAD = b"From: Ann <ann@school.example>\r\nTo: b@home.example\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n"


def made(kind: str, body: bytes, encoding: str = "8bit") -> reading.Received:
    return reading.read(
        HEAD + f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body
    )


@pytest.mark.parametrize(
    ("kind", "encoding", "body", "words"),
    [
        ('text/plain; charset="utf-8"', "8bit", "Café\r\nok\r\n".encode(), "Café\nok"),
        (
            'text/plain; charset="iso-8859-1"',
            "quoted-printable",
            b"Caf=E9 and a long =\r\nline",
            "Café and a long line",
        ),
        ('text/plain; charset="windows-1252"', "8bit", b"\x93Hi\x94", "“Hi”"),
        ('text/plain; charset="utf-8"', "base64", base64.b64encode("Łódź".encode()), "Łódź"),
        ('text/plain; charset="x-unknown"', "8bit", b"plain", "plain"),
        ('text/plain; charset="utf-8"', "8bit", b"a\x00b\xff", "ab"),
        (
            'text/html; charset="utf-8"',
            "8bit",
            b"<p>One<br>two</p><div>&lt;b&gt; &amp; three</div>",
            "One\ntwo\n\n<b> & three",
        ),
        (
            'text/html; charset="utf-8"',
            "8bit",
            b"<html><head><title>t</title><style>p{}</style></head><body><script>alert(1)</script><p>Left</p></body>",
            "Left",
        ),
        ("text/html", "8bit", b"<p>never <b>closed", "never closed"),
        ("text/html", "8bit", b"<!-- <p>not this</p> --><p>3 < 4<br>I <3 you</p><!-- nor", "3 < 4\nI <3 you"),
        ("text/plain", "8bit", b"", ""),
    ],
)
def test_words(kind, encoding, body, words):
    assert made(kind, body, encoding).words == words


def test_the_text_of_a_message_that_has_both():
    body = (
        b'--b\r\nContent-Type: text/plain; charset="utf-8"\r\n\r\nplain\r\n'
        b'--b\r\nContent-Type: text/html; charset="utf-8"\r\n\r\n<p>markup</p>\r\n--b--\r\n'
    )
    assert made('multipart/alternative; boundary="b"', body).words == "plain"


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: auto-generated", True),
        ("Precedence: Bulk", True),
        ("X-Autoreply: yes", True),
        ("Return-Path: <>", True),
        ("Return-Path: <ann@school.example>", False),
        ("List-Unsubscribe: <mailto:x@y.example>", True),
    ],
)
def test_what_programs_send(header, automatic):
    raw = HEAD + header.encode() + b"\r\nContent-Type: text/plain\r\n\r\nx"
    assert reading.read(raw).is_automatic is automatic


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"From: <<>>,,@\r\nDate: nonsense\r\n\r\nx", b"To: \r\n\r\n"]
)
def test_nothing_that_comes_makes_it_fail(raw):
    found = reading.read(raw)
    assert found.sender == "" and found.to == () and found.message_id


def test_a_subject_and_names_of_files_in_other_letters():
    raw = HEAD + b"Subject: =?utf-8?q?Caf=C3=A9?=\r\nContent-Type: text/plain\r\n\r\nx"
    assert reading.read(raw).subject == "Café"
    turned = HEAD + (
        b"Subject: =?utf-8?q?Plan_=E2=80=AEfdp=E2=80=AC_=00for_you?=\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''plan%E2%80%AEexe.pdf\r\n\r\nx"
    )
    found = reading.read(turned)
    assert found.subject == "Plan fdp for you" and [name for name, _ in found.files] == ["planexe.pdf"]


@pytest.mark.parametrize("never_closed", ["<a ", "<a b='", "<!--", "</a", "<?", "<![CDATA["])
def test_markup_that_never_closes_does_not_hold_the_others_up(never_closed):
    words = made("text/html", b"<p>Hello</p>" + never_closed.encode() * 100_000).words
    assert words.startswith("Hello")


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("Ann <ann@school.example>", "ann@school.example"),
        ('"Ann@School.example" <ann@school.example>', "ann@school.example"),
        ("=?utf-8?q?Ann_=C5=81?= <ann@school.example>", "ann@school.example"),
        ("ann@school.example <else@where.example>", ""),
        ("<ann@school.example> <else@where.example>", ""),
        ('"ann@school.example" <else@where.example>', ""),
        ("ann@school.example, else@where.example", ""),
        ("ann@school.example\r\nFrom: else@where.example", ""),
    ],
)
def test_a_sender_is_who_stands_there_alone(written, sender):
    assert reading.read(f"From: {written}\r\n\r\nx".encode()).sender == sender

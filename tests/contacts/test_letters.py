"""E-mail and the log: written on the record and sent, or copied to the student's address and read from a mailbox."""

from __future__ import annotations

import io
from datetime import timedelta
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from contacts import tasks
from contacts.letters import mailbox, receiving
from contacts.models import ContactHold, HomeContact, HomeLetter, IncomingMail, LogAddress, MailFile
from keywork import clock, duties, school
from keywork.models import User
from outbox import actions as outbox
from outbox.kinds import queue_of
from outbox.models import Job, Mail
from students.models import FamilyLink
from tests import imap, smtp
from tests.access.records import BOOK
from tests.world import PASSWORD, TODAY

pytestmark = pytest.mark.django_db
DOMAIN = "log.school.example"


@pytest.fixture
def server(settings):
    with smtp.running() as running:
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "outbox.smtp.EmailBackend", 10
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        yield running


@pytest.fixture(scope="module")
def inbox_url():
    with imap.running() as url:
        yield url


@pytest.fixture
def inbox(inbox_url, settings, tmp_path):
    """The mailbox, empty; `put` a message in it, `read` them as beat does."""
    settings.LOG_MAIL_URL, settings.LOG_MAIL_DOMAIN, settings.MEDIA_ROOT = inbox_url, DOMAIN, tmp_path
    with imap.opened(inbox_url) as box:
        for folder in [one.name for one in box.folder.list()]:
            box.folder.set(folder)
            box.delete(box.uids())
        box.folder.set("INBOX")

    def put(*messages: EmailMessage | bytes) -> None:
        with imap.opened(inbox_url) as box:
            for one in messages:
                box.append(one if isinstance(one, bytes) else one.as_bytes(), "INBOX")

    def read() -> Job:
        return outbox.do_here("contacts.read_mailbox", key="mailbox")

    def left(folder: str = "INBOX") -> int:
        with imap.opened(inbox_url) as box:
            if not box.folder.exists(folder):
                return 0
            box.folder.set(folder)
            return len(box.uids())

    return SimpleNamespace(put=put, read=read, left=left)


@pytest.fixture
def address(world, settings):
    settings.LOG_MAIL_DOMAIN = DOMAIN
    return f"{receiving.new_address(by=world.u_keyworker, student=world.mina).local}@{DOMAIN}"


def message(world, to: str, **headers: str) -> EmailMessage:
    """From the keyworker to Mina's mum, with a hidden copy to the address."""
    made = EmailMessage()
    given = {
        "From": world.u_keyworker.email,
        "To": world.mina_mum.member.email,
        "Subject": "This week",
        "Delivered-To": to,
        "Date": "Mon, 23 Nov 2026 09:30:00 +0000",
        "Message-ID": "<one@school.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name, value in given.items():
        made[name] = value
    made.set_content("Hello Folake,\n\nshe had a good week. Café visit on Friday.\n")
    return made


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "navy").save(out, "PNG")
    return out.getvalue()


# ------------------------------------------------------------------------------------ written on the record


def write(client, world, words="She had a good week.", link=None):
    return client.post(
        f"/students/{world.mina.pk}/mail/write/", {"person": (link or world.mina_mum).pk, "words": words}
    )


def next_home_contact(student):
    [states] = duties.states_for([student], TODAY, school=school.load()).values()
    return next(one.due_on for one in states if one.kind == "home_contact")


def test_an_email_from_the_record_is_in_the_log_once_a_server_took_it(
    world, as_user, server, eager, django_capture_on_commit_callbacks
):
    client = as_user(world.u_keyworker)
    with django_capture_on_commit_callbacks(execute=True):
        assert write(client, world).status_code == 302
    [(to, mail)] = server.got
    assert to == world.mina_mum.member.email and mail["Reply-To"] == world.u_keyworker.email
    assert "She had a good week." in mail.get_content() and "Harcastle" not in mail.get_content()
    [contact] = HomeContact.objects.all()
    assert (contact.channel, contact.outcome, contact.notes) == ("email", "delivered", "She had a good week.")
    assert contact.person_marked and contact.made_by == world.u_keyworker
    assert next_home_contact(world.mina) == TODAY + timedelta(days=14), (
        "an e-mail counts, and no reply is needed"
    )
    outbox.try_again(jobs=[Job.objects.get().pk], by=None)
    assert HomeContact.objects.count() == 1 and len(server.got) == 1
    page = client.get(f"/students/{world.mina.pk}/mail/").content.decode()
    assert "Sent, and in the log" in page
    # What goes into the log by itself is not what somebody is about to log by hand.
    form = client.get(f"/students/{world.mina.pk}/contacts/new/").context["form"]
    assert form.shown("channel") == "phone"


def test_what_is_restricted_later_is_read_by_whoever_reads_the_entry(
    world, as_user, server, eager, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        write(as_user(world.u_keyworker), world)
    page = f"/students/{world.mina.pk}/mail/"
    assert "a good week" in as_user(world.u_member).get(page).content.decode()
    HomeContact.objects.update(level="restricted")
    for user, reads in ((world.u_keyworker, True), (world.u_member, False), (world.u_head, False)):
        said = as_user(user).get(page).content.decode()
        assert ("a good week" in said) is reads, user


def test_a_refused_email_is_not_in_the_log_and_says_so(
    world, as_user, server, eager, django_capture_on_commit_callbacks
):
    server.refuses = {world.mina_mum.member.email: "550 5.1.1 unknown"}
    client = as_user(world.u_keyworker)
    with django_capture_on_commit_callbacks(execute=True):
        write(client, world)
    assert not HomeContact.objects.exists()
    assert "There is no such mailbox" in client.get(f"/students/{world.mina.pk}/mail/").content.decode()


def test_taken_or_not_it_is_logged_once(world, as_user, server, eager, django_capture_on_commit_callbacks):
    server.breaks = {world.mina_mum.member.email}
    with django_capture_on_commit_callbacks(execute=True):
        write(as_user(world.u_keyworker), world)
    assert not HomeContact.objects.exists()
    server.breaks = set()
    Job.objects.update(due_at=clock.now())
    outbox.try_again(jobs=[Job.objects.get().pk], by=None)
    outbox.do_here(
        "contacts.home_letter", key=str(HomeLetter.objects.get().pk), letter=HomeLetter.objects.get().pk
    )
    first, second = server.got
    assert first[1]["Message-ID"] == second[1]["Message-ID"] and HomeContact.objects.count() == 1


@pytest.mark.parametrize("who", ["restricted", "surname", "hold"])
def test_what_may_not_be_sent_is_not(world, as_user, mails, who):
    link, words = world.mina_mum, "Well done."
    if who == "restricted":
        link = FamilyLink.objects.get(student=world.mina, relationship="dad")
    elif who == "surname":
        words = "Dear Mrs harcastle, well done."
    else:
        ContactHold.objects.create(
            student=world.mina,
            starts_on=TODAY,
            ends_on=TODAY,
            reason="x",
            placed_by=world.u_dsl,
            placed_at=clock.now(),
        )
    with mails() as box:
        assert write(as_user(world.u_keyworker), world, words, link).status_code == 422
    assert not box and not HomeLetter.objects.exists()


def test_who_may_not_be_written_to_any_more_gets_nothing(world, as_user, mailoutbox):
    write(as_user(world.u_keyworker), world)
    FamilyLink.objects.filter(pk=world.mina_mum.pk).update(court_restriction="x", restricted_from=TODAY)
    letter = HomeLetter.objects.get()
    outbox.do_here("contacts.home_letter", key=str(letter.pk), letter=letter.pk)
    assert not mailoutbox and not HomeContact.objects.exists()
    page = as_user(world.u_keyworker).get(f"/students/{world.mina.pk}/mail/").content.decode()
    assert "may not be written to now" in page


# ---------------------------------------------------------------------------------- read from the mailbox


def test_a_copy_becomes_a_draft_and_is_in_the_log_only_when_somebody_says_so(world, address, inbox, as_user):
    made = message(world, address)
    made.add_attachment(picture(), maintype="image", subtype="png", filename="drawing.png")
    made.add_attachment(BOOK, maintype="application", subtype="pdf", filename="plan.pdf")
    made.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="run.exe")
    inbox.put(made)
    assert inbox.read().state == "done" and inbox.left() == 0
    [mail] = IncomingMail.objects.all()
    assert (
        mail.state == "waiting" and mail.member == world.mina_mum.member and not HomeContact.objects.exists()
    )
    assert mail.left_out == ["run.exe (neither a picture nor a PDF)"]
    client = as_user(world.u_keyworker)
    assert "E-mail waits to be put in the log" in client.get("/today/").content.decode()
    form = client.get(f"/mail/{mail.pk}/log/")
    assert "Café visit on Friday" in form.content.decode()
    posted = {
        "reached": "message",
        "person": world.mina_mum.pk,
        "channel": "email",
        "direction": "out",
        "happened_on": "2026-11-23",
        "notes": "A good week.",
        "level": "general",
    }
    assert client.post(f"/mail/{mail.pk}/log/", posted).status_code == 302
    [contact] = HomeContact.objects.all()
    mail.refresh_from_db()
    assert (contact.outcome, contact.notes, mail.contact) == ("delivered", "A good week.", contact)
    assert (mail.state, mail.words, mail.subject) == ("logged", "", "")
    assert next_home_contact(world.mina) == TODAY + timedelta(days=14)
    client.post(f"/mail/{mail.pk}/log/", posted)  # a second window
    assert HomeContact.objects.count() == 1
    page = client.get(f"/contacts/{contact.pk}/").content.decode()
    for file in MailFile.objects.all():
        assert f"/mail-files/{file.pk}/" in page
        answer = client.get(f"/mail-files/{file.pk}/")
        assert answer.status_code == 200 and answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Type"] == file.content_type
    HomeContact.objects.update(level="safeguarding")
    assert client.get(f"/mail-files/{file.pk}/").status_code == 404


def test_what_is_thrown_away_leaves_no_words(world, address, inbox, as_user):
    made = message(world, address)
    made.add_attachment(picture(), maintype="image", subtype="png", filename="drawing.png")
    inbox.put(made)
    inbox.read()
    [mail] = IncomingMail.objects.all()
    client, page, said = as_user(world.u_keyworker), f"/students/{world.mina.pk}/mail/", mail.words
    client.post(f"/mail/{mail.pk}/throw-away/")
    assert not client.get(page).context["waiting"] and "Put it back" in client.get(page).content.decode()
    file = MailFile.objects.get()
    assert client.get(f"/mail-files/{file.pk}/").status_code == 404
    client.post(f"/mail/{mail.pk}/put-back/")
    assert [(one.pk, one.words) for one in client.get(page).context["waiting"]] == [(mail.pk, said)]
    client.post(f"/mail/{mail.pk}/throw-away/")
    with clock.frozen(clock.now() + timedelta(hours=25)):
        tasks.record_and_notify(clock.today().isoformat())
        late = as_user(world.u_keyworker).post(f"/mail/{mail.pk}/put-back/", follow=True)
        assert "Its words are gone by now" in late.content.decode()
    mail.refresh_from_db()
    assert (mail.state, mail.words) == ("thrown_away", "") and not MailFile.objects.exists()
    assert Job.objects.filter(kind="students.delete_file").exists()


def test_what_home_wrote_and_was_forwarded_is_their_reply(world, address, inbox, as_user):
    made = message(world, address, To=address, Subject="Fwd: Friday")
    made.set_content("---- Forwarded ----\nFrom: Folake <folake.harcastle@home.example>\n\nThank you!\n")
    inbox.put(made)
    inbox.read()
    [mail] = IncomingMail.objects.all()
    assert mail.is_from_home and mail.member == world.mina_mum.member
    form = as_user(world.u_keyworker).get(f"/mail/{mail.pk}/log/").context["form"]
    assert (form["reached"].value(), form["direction"].value()) == ("replied", "in")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("stranger", "stranger"),
        ("parent", "stranger"),
        ("closed", "stranger"),
        ("teacher", "not_theirs"),
        ("other", "not_theirs"),
        ("two_senders", "stranger"),
        ("old", "old_address"),
        ("nobodys", "no_address"),
        ("unproven", "not_proven"),
        ("forged_proof", "not_proven"),
        ("auto", "automatic"),
        ("out_of_office", "automatic"),
        ("list", "automatic"),
        ("loop", "automatic"),
    ],
)
def test_what_is_refused_keeps_no_words_and_says_why(world, address, settings, spoil, why):
    given: dict[str, str] = {}
    if spoil == "stranger":
        given = {"From": "keyworker@elsewhere.example"}
    elif spoil == "parent":
        given = {"From": world.u_parent.email}
    elif spoil == "closed":
        User.objects.filter(pk=world.u_keyworker.pk).update(is_active=False, deactivated_at=clock.now())
    elif spoil in ("teacher", "other"):
        given = {"From": world.users["teacher" if spoil == "teacher" else "keyworker_other"].email}
    elif spoil == "two_senders":
        given = {"From": f"{world.u_keyworker.email}, someone@elsewhere.example"}
    elif spoil == "old":
        receiving.new_address(by=world.u_keyworker, student=world.mina)
    elif spoil == "nobodys":
        address = f"log-aaaaaaaaaaaaaaaaaaaa@{DOMAIN}"
    elif spoil in ("unproven", "forged_proof"):
        settings.LOG_MAIL_AUTHSERV = "mx.school.example"
        told = (
            "mx.elsewhere.example; dmarc=pass" if spoil == "forged_proof" else "mx.school.example; dmarc=fail"
        )
        given = {"Authentication-Results": told}
    elif spoil == "auto":
        given = {"Auto-Submitted": "auto-replied"}
    elif spoil == "out_of_office":
        given = {"Precedence": "auto_reply"}
    elif spoil == "list":
        given = {"List-Id": "<all.school.example>"}
    else:
        settings.DEFAULT_FROM_EMAIL = "Keywork <keywork@school.example>"
        given = {"From": settings.DEFAULT_FROM_EMAIL}
    assert receiving.take(message(world, address, **given).as_bytes()) is (why != "automatic")
    [mail] = IncomingMail.objects.all()
    assert (mail.state, mail.why, mail.words, mail.student) == ("refused", why, "", None)


def test_what_is_refused_is_kept_aside_in_the_mailbox_and_shown_to_the_administrator(
    world, address, inbox, as_user
):
    inbox.put(
        message(world, address, From="someone@elsewhere.example"),
        message(world, address, Auto_Submitted="auto-replied", Message_ID="<two@school.example>"),
    )
    assert inbox.read().state == "done"
    assert inbox.left() == 0 and inbox.left(mailbox.ASIDE) == 1
    admin = as_user(world.u_admin)
    admin.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = admin.get("/school/health/").content.decode()
    assert "The sender is no member of staff" in page and "someone@elsewhere.example" in page
    assert "sent by a program" not in page and "good week" not in page


def test_proven_by_the_schools_own_server(world, address, settings):
    settings.LOG_MAIL_AUTHSERV = "mx.school.example"
    proven = message(world, address, Authentication_Results="mx.school.example 1; spf=pass; dmarc=pass")
    receiving.take(proven.as_bytes())
    assert IncomingMail.objects.get().state == "waiting"


@pytest.mark.parametrize(
    "found",
    [
        "dmarc=fail header.from=school.example; spf=pass smtp.mailfrom=dmarc=pass@where.example",
        "dmarc=fail; spf=pass (domain of x; dmarc=pass (y) designates it) smtp.mailfrom=x@where.example",
        'dmarc=fail; spf=pass smtp.mailfrom="a\\"; dmarc=pass (b"@where.example',
        "spf=pass; x-dmarc=pass",
    ],
)
def test_what_a_sender_can_write_into_the_proof_proves_nothing(world, address, settings, found):
    settings.LOG_MAIL_AUTHSERV = "mx.school.example"
    header = f"Authentication-Results: mx.school.example; {found}\r\n".encode()
    receiving.take(header + message(world, address).as_bytes())
    assert IncomingMail.objects.get().why == "not_proven"


def test_each_message_once_whatever_is_killed(world, address, inbox, monkeypatch):
    """Before it is handled, and after it was handled and before it was taken out."""
    inbox.put(message(world, address), message(world, address, Message_ID="<two@school.example>"))
    real = receiving.take
    calls = []

    def killed_before(raw):
        calls.append(raw)
        if len(calls) == 1:
            raise OSError("killed before")
        made = real(raw)
        if len(calls) == 2:
            raise OSError("killed after")
        return made

    monkeypatch.setattr(receiving, "take", killed_before)
    for _ in range(3):
        inbox.read()
    assert inbox.left() == 0 and IncomingMail.objects.count() == 2
    inbox.put(message(world, address))  # the mail server delivers it a second time
    inbox.read()
    assert inbox.left() == 0 and IncomingMail.objects.count() == 2


def test_a_mailbox_that_is_away_loses_nothing_and_is_shown(world, address, inbox, settings):
    inbox.put(message(world, address))
    there = settings.LOG_MAIL_URL
    settings.LOG_MAIL_URL = "imap://log:x@127.0.0.1:1/INBOX"
    job = inbox.read()
    assert job.state == "waiting" and job.error
    settings.LOG_MAIL_URL = there
    inbox.read()
    assert IncomingMail.objects.count() == 1


def test_one_that_cannot_be_read_stops_no_other(world, address, inbox, monkeypatch):
    inbox.put(b"From: \xff\xfe\r\n\r\nx\r\n", message(world, address))
    real = receiving.take
    monkeypatch.setattr(
        receiving, "take", lambda raw: real(raw) if b"good week" in raw else {}["what nobody thought of"]
    )
    assert inbox.read().state == "done"
    assert set(IncomingMail.objects.values_list("state", "why")) == {
        ("waiting", ""),
        ("refused", "unreadable"),
    }


def test_of_very_many_files_the_first_are_looked_at(world, address, inbox, as_user):
    made = message(world, address)
    for number in range(200):
        made.add_attachment(b"x", maintype="application", subtype="zip", filename=f"{number}.zip")
    inbox.put(made)
    inbox.read()
    left_out = IncomingMail.objects.get().left_out
    assert len(left_out) == receiving.MOST_LOOKED_AT + 1 and left_out[-1] == "160 more files"


def test_a_report_that_names_no_letter_that_can_be_stops_no_other(world, address, inbox):
    inbox.put(
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: failed\r\n\r\n"
        b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <a\x00b@x>\r\n--b--\r\n",
        message(world, address),
    )
    assert inbox.read().state == "done"
    assert IncomingMail.objects.get().state == "waiting" and inbox.left() == 0


def test_what_the_database_cannot_keep_stops_no_other(world, address, inbox, monkeypatch):
    inbox.put(b"From: a@b.example\r\n\r\nx\r\n", message(world, address))
    real = receiving.take

    def take(raw: bytes) -> bool:
        if b"good week" not in raw:
            User.objects.filter(email="\x00").exists()
        return real(raw)

    monkeypatch.setattr(receiving, "take", transaction.atomic(take))
    assert inbox.read().state == "done"
    assert set(IncomingMail.objects.values_list("state", "why")) == {
        ("waiting", ""),
        ("refused", "unreadable"),
    }


def test_a_letter_that_comes_back_is_a_refused_address(world, address, inbox, as_user, mails):
    with mails():
        write(as_user(world.u_keyworker), world)
    sent = Mail.objects.get()
    inbox.put(
        f"From: mailer-daemon@home.example\r\nTo: keywork@school.example\r\nAuto-Submitted: auto-replied\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; home.example\r\n\r\n"
        f"Final-Recipient: rfc822; x@home.example\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {sent.message_id}\r\n--b--\r\n".encode()
    )
    inbox.read()
    sent.refresh_from_db()
    assert (sent.state, sent.error) == ("refused", "The mailbox is full") and inbox.left() == 0
    admin = as_user(world.u_admin)
    admin.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert "The mailbox is full" in admin.get("/school/health/").content.decode()


def test_the_address_is_a_secret_that_can_be_renewed(world, as_user, settings):
    settings.LOG_MAIL_DOMAIN = DOMAIN
    client, there = as_user(world.u_keyworker), f"/students/{world.mina.pk}/mail/"
    assert f"@{DOMAIN}" not in client.get(there).content.decode()
    shown = []
    for _ in range(2):
        client.post(f"{there}address/")
        shown.append(LogAddress.objects.get(ended_at__isnull=True).local)
        assert f"{shown[-1]}@{DOMAIN}" in client.get(there).content.decode()
    assert shown[0] != shown[1] and all(len(one) == 24 for one in shown)
    assert as_user(world.u_teacher).get(there).status_code == 404


def test_as_many_queries_for_many_messages_as_for_one(world, address, inbox, as_user):
    client, counts = as_user(world.u_keyworker), []
    for number in (1, 12):
        for more in range(number):
            receiving.take(message(world, address, Message_ID=f"<{number}-{more}@x.example>").as_bytes())
            write(client, world)
        client.get(f"/students/{world.mina.pk}/mail/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/students/{world.mina.pk}/mail/")
            counts.append(len(queries))
    assert counts[0] == counts[1]


def test_beat_reads_nothing_where_there_is_no_mailbox(world):
    tasks.read_mailbox()
    assert not Job.objects.exists()
    # The other worker reaches no mail server (docker-compose.yml).
    assert queue_of("contacts.read_mailbox") == queue_of("contacts.home_letter") != queue_of("reports.make")

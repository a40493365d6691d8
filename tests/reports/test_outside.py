"""A report for somebody outside: on the release list first, then by a link in a mail and a code told by phone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pghistory.models
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from keywork.dates import LONDON
from keywork.models import RecordOpening
from reports import actions, tasks
from reports.kinds import KINDS
from reports.models import Batch, OutsideCopy, Report
from tests import world as cast
from tests.forms import form_of
from tests.kept import Kept
from tests.reports.test_paper import approved
from tests.reports.test_release import hold
from tests.reports.test_views import files, release_all  # noqa: F401  # fixtures
from tests.world import TODAY

pytestmark = pytest.mark.usefixtures("drawn_once")
HOLLIS = {
    "name": "Hollis Quarmby",
    "role": "SEN officer",
    "email": "Hollis@Authority.example ",
    "days": "14",
}


def build() -> SimpleNamespace:
    """The cast, and Mina's annual-review report, approved and made."""
    world = cast.build()
    approved(KINDS["annual-review"], world.mina, world.u_coordinator)
    actions.make_reports(batch=Batch.objects.get(), student_ids=[world.mina.pk])
    world.review = Report.objects.get()
    world.frozen = world.review.pdf.read()
    return world


REVIEWED = Kept(build)


@pytest.fixture
def world(db, today, files):  # noqa: F811
    made = REVIEWED.again()
    made.review.pdf.storage.save(made.review.pdf.name, ContentFile(made.frozen))
    return made


@pytest.fixture
def review(world) -> Report:
    return world.review


def put_on_list(client, report, **fields):
    return client.post(reverse("reports:outside", args=[report.pk]), HOLLIS | fields)


@pytest.fixture
def sent(world, as_user, review, mails):
    """Hollis was put on the list and the report released: `copy`, `code`, `url`, the `mail`, the coordinator's page."""
    page = as_user(world.u_coordinator)
    put_on_list(page, review)
    with mails() as box:
        shown = release_all(page, reverse("reports:release", args=[review.pk]))
    mail = next(one for one in box if one.to == ["hollis@authority.example"])
    html = shown.content.decode()
    code = re.search(r'class="kw-code"[^>]*>(\d{3} \d{3})<', html)[1].replace(" ", "")
    url = re.search(r"https?://[^/\s]+(/reports/sent/[\w-]+/)", mail.body)[1]
    return SimpleNamespace(
        copy=OutsideCopy.objects.get(), code=code, url=url, mail=mail, page=page, html=html
    )


@pytest.fixture
def outside(sent):
    """In, with the code."""
    sent.client = Client()
    assert sent.client.post(sent.url, {"code": sent.code}).status_code == 302
    return sent


def whole(response) -> bytes:
    return b"".join(response.streaming_content)


def shut(url: str, client: Client | None = None) -> None:
    """Nothing is behind the link, and nothing says why."""
    for address in (url, f"{url}report/"):
        response = (client or Client()).get(address)
        assert response.status_code == 404
        page = response.content.decode()
        assert "This link cannot be used" in page and "Min" not in page and "Hollis" not in page


# ------------------------------------------------------------------------------------- the release list


def test_they_stand_on_the_list_before_anything_goes(world, as_user, review, mails):
    page = as_user(world.u_coordinator)
    with mails() as box:
        answer = put_on_list(page, review)
    assert answer.url == reverse("reports:release", args=[review.pk])
    listed = page.get(answer.url).content.decode()
    assert "Hollis Quarmby is on the list. Nothing has gone out yet." in listed
    assert "SEN officer" in listed and "a code that you tell them by phone" in listed
    assert not box and OutsideCopy.objects.get().sent_at is None
    review.refresh_from_db()
    assert review.released_at is None


def test_who_is_ticked_out_is_not_sent_theirs(world, as_user, review, mails):
    page, url = as_user(world.u_coordinator), reverse("reports:release", args=[review.pk])
    put_on_list(page, review)
    key = f"{review.pk}-outside-{OutsideCopy.objects.get().pk}"
    ticked = sorted(page.get(url).context["ticked"] - {key})
    with mails() as box:
        page.post(url, {"to": ticked, "going": len(ticked)})
    assert OutsideCopy.objects.get().sent_at is None
    assert "hollis@authority.example" not in [one.to[0] for one in box]
    review.refresh_from_db()
    assert review.released_at is not None


def test_a_hold_stops_it(world, as_user, review):
    page, url = as_user(world.u_coordinator), reverse("reports:release", args=[review.pk])
    put_on_list(page, review)
    hold(world.mina, world.u_dsl)
    listed = page.get(url).content.decode()
    assert "Hollis Quarmby" in listed and "There is nobody to release to today" in listed
    forced = page.post(url, {"to": [f"{review.pk}-outside-{OutsideCopy.objects.get().pk}"], "going": 1})
    assert forced.status_code == 422
    assert actions.release(reports=[review], by=world.u_coordinator) == actions.Released(0, 0, 0)
    assert OutsideCopy.objects.get().sent_at is None


def test_a_hold_stops_a_new_link_too(world, sent):
    hold(world.mina, world.u_dsl)
    told = sent.page.post(reverse("reports:outside_link", args=[sent.copy.pk]), {"days": "7"}, follow=True)
    assert "Home contact is on hold" in told.content.decode()
    code = sent.page.post(reverse("reports:outside_code", args=[sent.copy.pk]), follow=True)
    assert "Home contact is on hold" in code.content.decode() and "kw-code" not in code.content.decode()
    assert Client().get(sent.url).status_code == 200, "the link they have is theirs"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": ""}, "Write their name"),
        ({"email": "nobody"}, "Write a whole e-mail address"),
        ({"days": "90"}, "Choose one of the answers"),
        # Shut out by a court: their address is not let in by this way.
        ({"email": "Rufus.Harcastle@home.example"}, "somebody in the family"),
        ({"email": "parent_restricted@school.example"}, "somebody in the family"),
        ({"email": "parent_restricted+1@school.example"}, "somebody in the family"),
        ({"name": "rufus harcastle", "email": "other@work.example"}, "somebody in the family"),
    ],
)
def test_a_refused_form_puts_nobody_on(world, as_user, review, wrong, says):
    answer = put_on_list(as_user(world.u_coordinator), review, **wrong)
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not OutsideCopy.objects.exists()


def test_the_same_person_stands_on_it_once(world, as_user, review):
    page = as_user(world.u_coordinator)
    put_on_list(page, review)
    again = put_on_list(page, review)
    assert again.status_code == 422 and "on the list already" in again.content.decode()
    form = form_of(page.get(reverse("reports:outside", args=[review.pk])).content.decode(), "days") | HOLLIS
    form["email"] = "second@authority.example"
    answers = [page.post(reverse("reports:outside", args=[review.pk]), form).url for _ in range(2)]
    assert answers[0] == answers[1] and OutsideCopy.objects.count() == 2


def test_what_one_home_reads_goes_to_nobody_outside(world, as_user):
    batch = actions.order_batch(
        kind="keeping-in-touch", term="2026-27-autumn", students=[world.mina], by=world.u_head
    )
    actions.make_reports(batch=batch, student_ids=[world.mina.pk])
    report = Report.objects.exclude(household="").first()
    page = as_user(world.u_coordinator)
    assert (
        "This copy goes to nobody outside"
        in page.get(reverse("reports:outside", args=[report.pk])).content.decode()
    )
    assert put_on_list(page, report).status_code == 422
    assert not OutsideCopy.objects.exists()


def test_the_list_asks_the_same_for_one_and_many(world, as_user, review):
    page, url = as_user(world.u_coordinator), reverse("reports:release", args=[review.pk])
    counts = []
    for more in (1, 12):
        for number in range(more):
            put_on_list(page, review, email=f"{more}-{number}@authority.example")
        page.get(url)  # the messages are read
        for address in (url, reverse("reports:outside", args=[review.pk])):
            with CaptureQueriesContext(connection) as queries:
                assert page.get(address).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


# ------------------------------------------------------------------------------------- mail and code


def test_the_mail_has_the_link_and_neither_code_nor_student(sent):
    told = f"{sent.mail.subject}\n{sent.mail.body}"
    assert "Coordinator of Aldermere School" in told and "Monday 7 December" in told
    for secret in (sent.code, "Min", "Harcastle", "MH", "review", "report"):
        assert secret not in told.replace(sent.url, "")


def test_the_code_is_shown_once_and_a_second_press_says_how_to_have_one(world, as_user, review):
    page, url = as_user(world.u_coordinator), reverse("reports:release", args=[review.pk])
    put_on_list(page, review)
    form = form_of(page.get(url).content.decode(), "going")
    assert "kw-code" in page.post(url, form).content.decode()
    again = page.post(url, form)
    assert again.status_code == 302
    told = page.get(again.url).content.decode()
    assert "the code for Hollis Quarmby was shown the first time" in told and "kw-code" not in told
    assert OutsideCopy.objects.count() == 1


def test_the_code_opens_in_the_digits_of_any_script(outside):
    persian = outside.code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert Client().post(outside.url, {"code": f"{persian[:3]} {persian[3:]}"}).status_code == 302


def test_only_digests_are_kept_anywhere(outside):
    whole(outside.client.get(f"{outside.url}report/"))
    token = outside.url.rstrip("/").rsplit("/", 1)[-1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{token}%"])
            assert cursor.fetchone() == (0,), table
    assert not pghistory.models.Context.objects.filter(metadata__url__contains=token).exists()
    outside.copy.refresh_from_db()
    assert outside.code not in outside.copy.code_digest


def test_a_mail_of_one_taken_back_meanwhile_is_not_written(sent, world):
    sent.page.post(reverse("reports:outside_take_back", args=[sent.copy.pk]))
    assert list(tasks.notify_outside(sent.copy.pk, again=False)) == []


# ------------------------------------------------------------------------------------- what they open


def test_a_scanner_that_follows_the_link_opens_nothing(sent):
    scanner = Client()
    for method in (scanner.get, scanner.head, scanner.get):
        page = method(sent.url)
        assert page.status_code == 200 and "Min" not in page.content.decode()
        assert page["Referrer-Policy"] == "no-referrer" and "noindex" in page["X-Robots-Tag"]
    assert scanner.get(f"{sent.url}report/").status_code == 302
    sent.copy.refresh_from_db()
    assert sent.copy.opened_at is None and sent.copy.tries == 0


def test_with_the_code_they_get_the_frozen_file_and_school_sees_when(world, outside, review):
    door = outside.client.get(outside.url).content.decode()
    assert "Hollis Quarmby" in door and review.title in door
    outside.copy.refresh_from_db()
    assert outside.copy.opened_at is None, "the door is not the document"
    answer = outside.client.get(f"{outside.url}report/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    with review.pdf.open("rb") as frozen:
        assert whole(answer) == frozen.read()
    outside.copy.refresh_from_db()
    assert outside.copy.opened_at is not None
    row = RecordOpening.objects.get(user_id=0)
    assert (row.user_name, row.student_id, row.what) == (
        "Hollis Quarmby, SEN officer (outside)",
        world.mina.pk,
        "report",
    )
    for name, key in (("reports:student", world.mina.pk), ("reports:outside", review.pk)):
        told = outside.page.get(reverse(name, args=[key])).content.decode()
        assert "pened on Monday 23 November" in told
    assert "Opened on" in outside.page.get(reverse("reports:release", args=[review.pk])).content.decode()


def test_a_changed_file_goes_to_nobody(outside, review):
    with review.pdf.storage.open(review.pdf.name, "wb") as file:
        file.write(b"%PDF-1.7 of somebody else")
    assert outside.client.get(f"{outside.url}report/").status_code == 404
    outside.copy.refresh_from_db()
    assert outside.copy.opened_at is None


def test_five_wrong_codes_close_the_link_until_a_new_code(sent):
    wrong = "000000" if sent.code != "000000" else "111111"
    client = Client()
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        answer = client.post(sent.url, {"code": wrong})
        assert answer.status_code == 422 and f"You have {left} left" in answer.content.decode()
    assert client.post(sent.url, {"code": wrong}).status_code == 404
    shut(sent.url)
    assert client.post(sent.url, {"code": sent.code}).status_code == 404
    listed = sent.page.get(reverse("reports:outside", args=[sent.copy.report_id])).content.decode()
    assert "closed after too many wrong codes" in listed
    made = sent.page.post(reverse("reports:outside_code", args=[sent.copy.pk])).content.decode()
    code = re.search(r'class="kw-code"[^>]*>(\d{3} \d{3})<', made)[1]
    assert client.post(sent.url, {"code": code}).status_code == 302


def test_it_ends_by_itself_and_a_new_link_takes_its_place(outside, mails):
    with clock.frozen(TODAY + timedelta(days=15)):
        shut(outside.url, outside.client)
        with mails() as box:
            outside.page.post(reverse("reports:outside_link", args=[outside.copy.pk]), {"days": "7"})
        assert "takes the place" in box[0].body
        url = re.search(r"https?://[^/\s]+(/reports/sent/[\w-]+/)", box[0].body)[1]
        assert url != outside.url and Client().get(url).status_code == 200
        shut(outside.url, outside.client)


def test_taking_it_back_or_withdrawing_the_report_stops_the_link(outside, review, world):
    outside.page.post(reverse("reports:withdraw", args=[review.pk]), {"reason": "A wrong date."})
    shut(outside.url, outside.client)
    outside.copy.refresh_from_db()
    assert outside.copy.opened_at is None


def test_taking_back_stops_who_is_in(outside):
    outside.page.post(reverse("reports:outside_take_back", args=[outside.copy.pk]))
    shut(outside.url, outside.client)
    listed = outside.page.get(reverse("reports:outside", args=[outside.copy.report_id])).content.decode()
    assert "Taken back" in listed and "The link opens nothing." in listed
    assert (
        ", taken back"
        in outside.page.get(
            reverse("reports:student", args=[outside.copy.report.student_id])
        ).content.decode()
    )


def test_after_two_hours_the_code_is_asked_for_again(outside, time_machine):
    time_machine.move_to(datetime.now(LONDON) + timedelta(hours=2, minutes=1))
    assert "Code of six digits" in outside.client.get(outside.url).content.decode()
    assert outside.client.get(f"{outside.url}report/").status_code == 302


def test_the_code_of_one_link_opens_no_other_and_looking_is_limited(sent, outside, settings):
    other = Client()
    other.cookies["keywork_report"] = outside.client.cookies["keywork_report"].value
    assert other.get("/reports/sent/guess/report/").status_code == 404
    settings.ACCOUNT_RATE_LIMITS = {"outside": "3/m/ip"}
    stranger = Client(REMOTE_ADDR="203.0.113.7")
    codes = [stranger.get(f"/reports/sent/guess-{n}/").status_code for n in range(4)]
    assert codes == [404, 404, 404, 429]

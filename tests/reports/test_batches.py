"""An order of reports comes to its end, whatever happens to one report, to the worker and to the disk."""

from __future__ import annotations

import errno
import os
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from keywork import clock
from outbox.models import Job
from outbox.tasks import sweep
from reports import rendering
from reports.models import Batch, Recipient, Report
from reports.tasks import clear_files
from students.models import FamilyLink
from tests.world import assign, make_student

from .test_views import order, release_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def head(world, as_user, eager, monkeypatch):
    """The head, of a school of six with one household each, whose reports are quickly drawn."""
    FamilyLink.objects.filter(ended_on__isnull=True).update(household="Home")
    for name in ("Aine", "Bram", "Cleo", "Dara"):
        assign(make_student(name, "Underhay"), world.u_keyworker)
    monkeypatch.setattr(rendering, "pdf", lambda html: rendering.Pdf(b"%PDF-" + html.encode(), 1))
    return as_user(world.u_head)


@pytest.fixture
def ordered(head, django_capture_on_commit_callbacks):
    """Order the whole school, and let the worker begin; the address of the order."""

    def order_now():
        with django_capture_on_commit_callbacks(execute=True):
            return order(head).url

    return order_now


def breaks_at(monkeypatch, name: str, error: BaseException):
    """To draw the report of one student does this."""
    draw = rendering.pdf

    def pdf(html):
        if name in html:
            raise error
        return draw(html)

    monkeypatch.setattr(rendering, "pdf", pdf)
    return lambda: monkeypatch.setattr(rendering, "pdf", draw)


def later(**by):
    with clock.frozen(clock.now() + timedelta(**by)):
        sweep()


def words(response) -> str:
    return " ".join(response.content.decode().split())


def test_one_student_whose_report_fails_is_named_and_costs_the_others_nothing(
    head, ordered, world, monkeypatch, django_capture_on_commit_callbacks
):
    mend = breaks_at(monkeypatch, "Cleo", KeyError("a secret"))
    url = ordered()
    page = words(head.get(url))
    assert "Reports made: 5 of 6" in page and "It is tried again by itself." in page
    for minutes in (1, 3):
        later(minutes=minutes)
    page = words(head.get(url))
    assert "5 of 6 reports are made." in page and "Could not be made: 1" in page
    assert "Cleo Underhay" in page and "It stopped with an error (KeyError)." in page and "secret" not in page
    with django_capture_on_commit_callbacks(execute=True):
        release_all(head, f"{url}release/")
    assert {one.report.student.known_as for one in Recipient.objects.all()} == {"Min", "Otto"}
    mend()
    with django_capture_on_commit_callbacks(execute=True):
        head.post(f"{url}again/")
    assert "All 6 reports are made." in words(head.get(url))
    assert Report.objects.count() == 6 and len(mail.outbox) == 3


def test_an_order_ends_after_its_worker_was_killed(head, ordered, monkeypatch):
    mend = breaks_at(monkeypatch, "Cleo", SystemExit())
    with pytest.raises(SystemExit):
        ordered()
    mend()
    batch = Batch.objects.get()
    assert 0 < Report.objects.count() < 6
    later(minutes=2)
    assert 0 < Report.objects.count() < 6  # the worker may still be at it
    later(minutes=4)
    batch.refresh_from_db()
    assert Report.objects.count() == 6 and batch.finished_at is not None
    assert all(report.is_whole() for report in Report.objects.all())


def test_a_report_that_stops_its_worker_each_time_is_put_down_as_failed(head, ordered, monkeypatch):
    breaks_at(monkeypatch, "Cleo", SystemExit())
    with pytest.raises(SystemExit):
        ordered()
    for minutes in range(4, 100, 4):
        try:
            later(minutes=minutes)
        except SystemExit:
            continue
    page = words(head.get(f"/reports/batches/{Batch.objects.get().pk}/"))
    assert "5 of 6 reports are made." in page
    assert "The worker was stopped each time it was at it." in page


def test_a_full_disk_leaves_no_report_without_its_file_and_the_order_waits(head, ordered, monkeypatch):
    full = [True]
    save = FileSystemStorage._save

    def save_or_not(self, name, content):
        if full[0] and Report.objects.count() == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return save(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", save_or_not)
    ordered()
    for minutes in (1, 3, 6, 12, 30):
        later(minutes=minutes)
    assert Report.objects.count() == 2
    assert Job.objects.get().state == Job.State.WAITING and Job.objects.get().error == "The disk is full"
    full[0] = False
    later(hours=3)
    assert Report.objects.count() == 6
    assert all(report.is_whole() for report in Report.objects.all())


def test_what_is_cancelled_is_not_made_until_somebody_wants_the_rest(
    head, ordered, monkeypatch, django_capture_on_commit_callbacks
):
    mend = breaks_at(monkeypatch, "Cleo", OSError(errno.ENOSPC, "full"))
    url = ordered()
    mend()
    made = Report.objects.count()
    assert "Cancelled. What is made stays." in words(head.post(f"{url}cancel/", follow=True))
    assert "Head cancelled the rest on Monday 23 November 2026." in words(head.get(url))
    later(hours=2)
    assert Report.objects.count() == made < 6
    assert "being made any more" in words(head.post(f"{url}cancel/", follow=True))
    with django_capture_on_commit_callbacks(execute=True):
        head.post(f"{url}again/")
    assert Report.objects.count() == 6 and "All 6 reports are made." in words(head.get(url))


def test_a_report_whose_file_is_damaged_is_released_to_nobody_and_made_anew(
    head, ordered, world, django_capture_on_commit_callbacks
):
    url = ordered()
    damaged = Report.objects.get(student=world.mina)
    with default_storage.open(damaged.pdf.name, "wb") as file:
        file.write(b"%PDF-")
    with django_capture_on_commit_callbacks(execute=True):
        page = words(head.post(*_release(head, url), follow=True))
    assert "1 report was not released: its file is missing or damaged." in page
    assert {one.report.student_id for one in Recipient.objects.all()} == {world.otto.pk}
    assert [message.to for message in mail.outbox] == [[world.u_parent_other.email]]
    assert "Its file is missing or damaged." in words(head.get(url))
    with django_capture_on_commit_callbacks(execute=True):
        head.post(f"{url}again/")
    release_all(head, f"{url}release/")
    assert Report.objects.get(student=world.mina).is_whole()
    assert Recipient.objects.filter(report=damaged).count() == 2


def _release(head, url):
    listed = head.get(f"{url}release/").context
    return f"{url}release/", {"to": sorted(listed["ticked"]), "going": len(listed["ticked"])}


def test_a_file_that_is_no_reports_is_deleted_after_a_day(ordered):
    """What a worker leaves that is killed between the file and the row."""
    ordered()
    reports = set(Report.objects.values_list("pdf", flat=True))
    month = os.path.dirname(next(iter(reports)))
    left, begun = (default_storage.save(f"{month}/{name}.pdf", ContentFile(b"%PDF-")) for name in "ab")
    a_day_ago = clock.now().timestamp() - 90_000
    for name in (left, *reports):
        os.utime(default_storage.path(name), (a_day_ago, a_day_ago))
    assert clear_files() == 1
    assert not default_storage.exists(left) and all(map(default_storage.exists, (begun, *reports)))
    assert clear_files() == 0

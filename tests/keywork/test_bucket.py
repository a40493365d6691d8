"""Uploads and reports in a bucket, through the pages; the bucket is moto's server on this computer."""

from __future__ import annotations

import json

import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from moto.server import ThreadedMotoServer

from care.models import EhcPlan
from keywork import bucket, health
from keywork.backup import media, restore
from reports import rendering
from reports.models import Recipient, Report
from students.models import FamilyLink, ImportBatch
from tests.care.test_ehc_plan import FACTS, KEPT, PDF
from tests.reports.test_views import order, release_all
from tests.students.test_import_pages import CHOSEN, match, put_in, upload


@pytest.fixture(scope="module")
def server():
    """The host of a server of S3's kind."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    yield "{}:{}".format(*running.get_host_and_port())
    running.stop()


@pytest.fixture
def kept(server, settings, tmp_path):
    """What the bucket holds, by name; Keywork keeps its files there and nowhere else."""
    url = f"s3://key:a%2Fsecret@{server}/school/media?tls=0&region=eu-west-2"
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{server}",
        aws_access_key_id="key",
        aws_secret_access_key="a/secret",
        region_name="eu-west-2",
    )
    client.create_bucket(Bucket="school", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "keywork.bucket.BucketStorage", "OPTIONS": {"url": url}},
    }

    def files() -> dict[str, bytes]:
        listed = client.list_objects_v2(Bucket="school").get("Contents", [])
        return {
            one["Key"]: client.get_object(Bucket="school", Key=one["Key"])["Body"].read() for one in listed
        }

    files.client = client
    yield files
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    for name in files():
        client.delete_object(Bucket="school", Key=name)
    client.delete_bucket(Bucket="school")


def test_a_plan_and_an_import_are_kept_and_served(
    world, as_user, kept, eager, django_capture_on_commit_callbacks
):
    senco, given = as_user(world.u_senco), {**FACTS, "seen": "0", "pdf": SimpleUploadedFile("plan.pdf", PDF)}
    senco.post(reverse("care:plan_add", args=[world.mina.pk]), given)
    plan = EhcPlan.objects.get()
    assert kept() == {f"media/{plan.pdf.name}": KEPT}
    document = reverse("care:plan_pdf", args=[world.mina.pk, plan.number])
    assert b"".join(senco.get(document).streaming_content) == KEPT
    assert as_user(world.u_parent_other).get(document).status_code in (403, 404)
    with pytest.raises(NotImplementedError):
        _ = plan.pdf.url

    admin = as_user(world.u_admin)
    upload(admin)
    made = ImportBatch.objects.get()
    assert f"media/{made.upload.name}" in kept()
    match(admin, made, CHOSEN)
    with django_capture_on_commit_callbacks(execute=True):
        assert "Ashdown" in put_in(admin, made).content.decode()
    assert list(kept()) == [f"media/{plan.pdf.name}"]  # decided, and gone


def test_a_report_is_made_released_and_served_unless_its_file_was_changed(
    world, as_user, kept, eager, monkeypatch, django_capture_on_commit_callbacks
):
    FamilyLink.objects.filter(ended_on__isnull=True).update(household="Home")
    monkeypatch.setattr(rendering, "pdf", lambda html: rendering.Pdf(b"%PDF-" + html.encode(), 1))
    head = as_user(world.u_head)
    with django_capture_on_commit_callbacks(execute=True):
        url = order(head).url
    mine, others = (Report.objects.get(student=one) for one in (world.mina, world.otto))
    kept.client.put_object(Bucket="school", Key=f"media/{others.pdf.name}", Body=b"%PDF-")
    page = release_all(head, f"{url}release/")
    assert {one.report_id for one in Recipient.objects.all()} == {mine.pk} and page.status_code == 302
    parent, address = as_user(world.u_parent), reverse("reports:family_pdf", args=[mine.pk])
    served = parent.get(address)
    assert b"".join(served.streaming_content) == kept()[f"media/{mine.pdf.name}"]
    kept.client.delete_object(Bucket="school", Key=f"media/{mine.pdf.name}")
    assert parent.get(address).status_code == 404
    assert not health._media()


def test_a_backup_holds_the_bucket_and_restores_it(db, kept, tmp_path):
    names = {f"media/{default_storage.save('photos/a.jpg', ContentFile(b'1'))}" for _ in range(2)}
    assert names == set(kept()) and len(names) == 2  # none takes the place of the other
    with media.held() as files:
        first, second = files.names()
        with files.opened(first) as (size, chunks):
            assert (size, b"".join(chunks)) == (1, b"1")
        default_storage.delete(second)
        with pytest.raises(FileNotFoundError), files.opened(second):
            pass
    default_storage.delete(first)
    with media.folder("restore") as place:
        (place / "media" / "photos").mkdir(parents=True)
        (place / "media" / "photos" / "a.jpg").write_bytes(b"1")
        restore._put(place)
        assert kept() == {"media/photos/a.jpg": b"1"}
        assert json.loads((place / "moved").read_text()) == ["photos/a.jpg"]
        restore._take_back()
    assert kept() == {}


def test_a_bucket_that_is_away_is_said_and_costs_no_report(db, kept, settings):
    away = "s3://key:secret@127.0.0.1:9/school?tls=0"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "keywork.bucket.BucketStorage", "OPTIONS": {"url": away}},
    }
    assert health._media() == {"media": health.NO_BUCKET}
    for act in (default_storage.open, default_storage.exists, default_storage.delete, default_storage.size):
        with pytest.raises(OSError, match="The bucket of uploads and reports fails"):
            act("photos/a.jpg")
    assert not Report(pdf="a.pdf").is_whole()


@pytest.mark.parametrize("url", ["s3://host", "https://key:secret@host/bucket", "s3:///bucket"])
def test_a_url_that_names_no_bucket_is_refused_without_its_secret(url):
    with pytest.raises(ImproperlyConfigured, match="is s3://") as refused:
        bucket.options(url)
    assert "secret@" not in str(refused.value).replace("key:secret@host/bucket", "")

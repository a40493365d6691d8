"""The school's name, logo, colour and standing words: changed in the browser, printed on paper."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from keywork.models import School
from reports import rendering
from reports.forms import contrast_on_white
from reports.models import Letterhead

URL = "/reports/letterhead/"
GIVEN = {
    "name": "Harrow Lane School",
    "address": "1 Harrow Lane, Aldermere · 01632 960001",
    "colour": "#1d4f3a",
    "opening": "Dear family,\nthis is <b>your</b> copy.",
    "closing": "Ring us at any time.",
}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def admin(world, as_user):
    return as_user(world.u_admin)


def logo(colour: str = "#1d4f3a", kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (900, 300), colour).save(out, kind)
    return SimpleUploadedFile("our logo.png", out.getvalue(), "image/png")


def paper() -> str:
    letter = rendering.page("reports/cover_letter.html", {"school": School.objects.get(), "letters": []})
    return letter + rendering.page("reports/keeping_in_touch.html", {"school": School.objects.get()})


def test_it_stands_on_paper(admin):
    page = admin.get(URL)
    assert page.status_code == 200 and 'enctype="multipart/form-data"' in page.content.decode()
    answer = admin.post(URL, {**GIVEN, "logo": logo()}, follow=True)
    assert "Saved. It stands on what is printed from now on." in answer.content.decode()
    assert School.objects.get().name == "Harrow Lane School"
    html = paper()
    assert "--kp-brand: #1d4f3a" in html and "1 Harrow Lane, Aldermere" in html
    assert "this is &lt;b&gt;your&lt;/b&gt; copy." in html
    assert "data:image/jpeg;base64," in html and 'alt="Logo of Harrow Lane School"' in html
    document = rendering.laid_out(html)
    assert rendering.written(document).content.startswith(b"%PDF")
    shown = admin.get(reverse("reports:letterhead_logo"))
    assert shown["Content-Type"] == "image/jpeg" and Image.open(io.BytesIO(b"".join(shown))).width == 800


def test_nothing_set_prints_as_before(world):
    assert "--kp-brand: #6a3a62" in paper() and "<img" not in paper()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"colour": "#ffdd00"}, "This is too light to be read on white paper"),
        ({"colour": "red; background: url(x)"}, "Write a colour as six signs after #"),
        ({"name": ""}, "Write the name of the school"),
        (
            {"logo": SimpleUploadedFile("logo.svg", b"<svg onload='x'/>", "image/svg+xml")},
            "Choose a JPEG or PNG",
        ),
        ({"opening": "x" * 601}, "600"),
    ],
)
def test_what_cannot_be_printed_is_said_beside_its_field(admin, given, words):
    answer = admin.post(URL, {**GIVEN, **given})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert "Ring us at any time." in answer.content.decode()
    assert not Letterhead.objects.exists()


def test_a_logo_is_changed_and_taken_off(admin, eager, django_capture_on_commit_callbacks):
    def post(**more) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            assert admin.post(URL, {**GIVEN, **more}).status_code == 302

    post(logo=logo())
    first = Letterhead.now().logo
    post(logo=logo("#402060"), logo_seen=first.name)
    assert Letterhead.now().logo.name != first.name and not first.storage.exists(first.name)
    stale = admin.post(URL, {**GIVEN, "remove_logo": "on", "logo_seen": first.name})
    assert stale.status_code == 409 and "Somebody changed the logo meanwhile" in stale.content.decode()
    post(remove_logo="on", logo_seen=Letterhead.now().logo.name)
    assert not Letterhead.now().logo and admin.get(reverse("reports:letterhead_logo")).status_code == 404


def test_two_who_change_it_undo_nothing(admin, world, as_user):
    """One changes the words at the end, the other the colour: both stand."""
    admin.post(URL, GIVEN)
    other = as_user(world.u_coordinator)
    seen = re.search(r'name="seen" value="([^"]+)"', other.get(URL).content.decode())[1].replace(
        "&quot;", '"'
    )
    admin.post(URL, {**GIVEN, "closing": "Write to us."})
    answer = other.post(URL, {**GIVEN, "colour": "#003366", "seen": seen}, follow=True)
    assert answer.status_code == 200
    assert (Letterhead.now().closing, Letterhead.now().colour) == ("Write to us.", "#003366")


def test_who_changed_the_name_is_told(admin, world, as_user):
    other = as_user(world.u_coordinator)
    other.post(URL, GIVEN)
    seen = re.search(r'name="seen" value="([^"]+)"', other.get(URL).content.decode())[1].replace(
        "&quot;", '"'
    )
    admin.post(URL, {**GIVEN, "name": "Mill School"})
    answer = other.post(URL, {**GIVEN, "name": "Lane School", "seen": seen})
    assert answer.status_code == 409
    assert f"{world.u_admin.get_short_name()} changed" in answer.content.decode()


@pytest.mark.parametrize(("colour", "ratio"), [("#ffffff", 1), ("#000000", 21), ("#767676", 4.54)])
def test_contrast(colour, ratio):
    assert contrast_on_white(colour) == pytest.approx(ratio, abs=0.01)

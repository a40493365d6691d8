"""What travels to a phone: the first load at most 100 KB, later pages 20 KB, compressed by Keywork itself."""

from __future__ import annotations

import pytest

from bench.weight import FIRST_LOAD_KB, LATER_KB, kb, weight_of_files

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "url"), [("parent", "/home/"), ("student", "/my-page/"), (None, "/accounts/login/")]
)
def test_first_pages_of_families_and_students(world_with_records, as_user, client, who, url):
    browser = client if who is None else as_user(world_with_records.users[who])
    html = browser.get(url).content
    sent = browser.get(url, headers={"Accept-Encoding": "gzip"})
    assert sent.status_code == 200 and sent["Content-Encoding"] == "gzip", "without a proxy"
    later = len(sent.content)
    beside = sum(len(browser.get(one).content) for one in ("/offline/", "/manifest.webmanifest"))
    first = later + beside + weight_of_files(html)
    assert kb(later) <= LATER_KB and kb(first) <= FIRST_LOAD_KB, (kb(later), kb(first))

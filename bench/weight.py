"""How much travels: the first load with everything in it, and later pages with what the browser keeps."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from keywork.models import User

FIRST_LOAD_KB, LATER_KB = 100, 20
PAGES = {
    "keyworker": ("/today/",),
    "head": ("/oversight/", "/students/", "/assignments/"),
    "parent": ("/home/",),
    "student": ("/my-page/",),
}
COMPRESSED = (".css", ".js", ".svg")
# What the browser fetches by itself beside what a page names: the service worker and what it keeps.
BESIDE = ("worker.js", "offline.js")


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def kb(size: int) -> float:
    return round(size / 1024, 1)


def weight_of_files(html: bytes) -> int:
    """Of every static file that a page names, as it is sent."""
    named = {one.decode() for one in re.findall(rb'(?:href|src)="/static/([^"]+\.(?:css|js|svg|png))"', html)}
    files = [Path(str(finders.find(name))) for name in sorted(named | set(BESIDE))]
    return sum(
        packed(file.read_bytes()) if file.suffix in COMPRESSED else file.stat().st_size for file in files
    )


def main() -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    found = {}
    for name, urls in PAGES.items():
        client = Client()
        user = User.objects.get(email=f"{name}@demo.keywork.example")
        client.force_login(user)
        for url in urls:
            page = client.get(url, follow=True)
            assert page.status_code == 200, url
            size = packed(page.content)
            found[url] = {"later_kb": kb(size), "first_load_kb": kb(size + weight_of_files(page.content))}
    print(json.dumps(found))


if __name__ == "__main__":
    main()

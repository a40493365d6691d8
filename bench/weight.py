"""How much travels: the first load with everything in it, and later pages with the style sheet kept."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402  settings must be ready first
from django.contrib.staticfiles import finders  # noqa: E402
from django.test import Client  # noqa: E402

from keywork.models import User  # noqa: E402

settings.ALLOWED_HOSTS = ["testserver"]
PAGES = {
    "keyworker": ("/today/",),
    "head": ("/oversight/", "/students/", "/assignments/"),
    "parent": ("/home/",),
}


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def kb(size: int) -> float:
    return round(size / 1024, 1)


def main() -> None:
    found = {}
    for name, urls in PAGES.items():
        client = Client()
        user = User.objects.get(email=f"{name}@demo.keywork.example")
        client.force_login(user)
        for url in urls:
            page = client.get(url, follow=True)
            assert page.status_code == 200, url
            html = page.content
            assets = re.findall(rb'(?:href|src)="/static/([^"]+\.(?:css|js|svg))"', html)
            files = [finders.find(asset.decode()) for asset in set(assets)]
            weight = sum(packed(Path(file).read_bytes()) for file in files if file)
            found[url] = {"later_kb": kb(packed(html)), "first_load_kb": kb(packed(html) + weight)}
    print(json.dumps(found))


main()

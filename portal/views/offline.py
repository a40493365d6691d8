"""Keywork on the first screen of a phone, and without signal: the manifest, the service worker, the page it keeps."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

FILES = ("js-lib-bootstrap5/css/bootstrap.min.css", "keywork.css", "offline.js", "icon.svg")
MANIFEST = json.loads((Path(__file__).parents[1] / "fixtures" / "manifest.json").read_text(encoding="utf-8"))


@require_safe
@login_not_required
def manifest(request: HttpRequest) -> HttpResponse:
    icons = [icon | {"src": static(icon["src"])} for icon in MANIFEST["icons"]]
    return JsonResponse(MANIFEST | {"icons": icons}, content_type="application/manifest+json")


@require_safe
@login_not_required
def offline(request: HttpRequest) -> HttpResponse:
    """Says nothing of anybody. A page that waits for signal asks for it, too."""
    return render(request, "portal/offline.html")


@require_safe
@login_not_required
def worker(request: HttpRequest) -> HttpResponse:
    """From the root of the site, so that it answers for all of its pages."""
    return HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")


@cache
def _worker() -> str:
    sources = [Path(str(finders.find(name))).read_bytes() for name in (*FILES, "worker.js")]
    page = reverse("portal:offline")
    files = [page, *map(static, FILES)]
    version = hashlib.sha256(b"".join(sources) + json.dumps(files).encode()).hexdigest()[:12]
    kept = json.dumps({"version": version, "offline": page, "files": files})
    return f"const KEPT = {kept};\n{sources[-1].decode()}"

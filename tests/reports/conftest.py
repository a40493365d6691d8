"""What the tests of paper share."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from outbox.models import Job
from reports import printing, rendering


class Ordered(Sequence):
    """What the worker is asked to print, for `tasks.print_ordered(*one)`."""

    def _rows(self):
        jobs = Job.objects.filter(kind=printing.PRINT).order_by("pk")
        return [
            tuple(one.arguments[name] for name in ("paper", "args", "place", "form", "unread"))
            for one in jobs
        ]

    def __len__(self):
        return len(self._rows())

    def __getitem__(self, place):
        return self._rows()[place]


@pytest.fixture
def ordered(db):
    return Ordered()


@pytest.fixture
def sign_without_font(monkeypatch):
    """Every page names its student with a sign for private use from the last plane, which no font has (no name field would take it)."""
    page = rendering.page
    monkeypatch.setattr(rendering, "page", lambda *args: page(*args).replace("Min", "Mi\U0010fdef"))


@pytest.fixture
def drawn_once(monkeypatch, pdf_once):
    """For tests that are about who gets a report, and not about the file."""
    monkeypatch.setattr(rendering, "pdf", pdf_once)

"""What the tests of paper share."""

from __future__ import annotations

import pytest

from reports import rendering, tasks


@pytest.fixture
def ordered(monkeypatch):
    """What the worker is asked to print, for `tasks.print_ordered(*one)`."""
    asked = []
    monkeypatch.setattr(tasks.print_ordered, "delay", lambda *args: asked.append(args))
    return asked


@pytest.fixture
def sign_without_font(monkeypatch):
    """Every page names its student with a sign for private use, which no font has (no name field would take it)."""
    page = rendering.page
    monkeypatch.setattr(rendering, "page", lambda *args: page(*args).replace("Min", "Mi\ue123"))

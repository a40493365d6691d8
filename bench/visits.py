"""Pages asked through Django's handler with every middleware, in process, in turn with a bare page."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.conf import settings
from django.test import Client

import keywork.wsgi
from bench.timing import in_turn, queries_of, summary
from keywork.models import User

application = keywork.wsgi.application  # everything is loaded as the web server loads it
RUNS = int(os.environ.get("KEYWORK_BENCH_RUNS", "60"))
BARE = "bare page"
settings.ROOT_URLCONF = "bench.urls"
settings.ALLOWED_HOSTS = ["testserver"]
Call = Callable[[], None]


def demo_user(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.keywork.example")


def signed_in(user: User | None) -> Client:
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def get(client: Client, url: str, **headers: str) -> Call:
    def call() -> None:
        response = client.get(url, headers=headers or None)
        assert response.status_code == 200, (url, response.status_code)

    return call


def autosave(client: Client, url: str, field: str, answers: tuple[str, str], version: int) -> Call:
    """One field changed each time, with the version seen last, as autosave.js does."""
    state = {"version": version, "place": 0}

    def call() -> None:
        state["place"] = 1 - state["place"]
        data = {"autosave": "1", f"base:{field}": str(state["version"]), field: answers[state["place"]]}
        response = client.post(url, data)
        assert response.status_code == 200, response.content[:300]
        state["version"] = response.json()["saved"][field]

    return call


def measured(client: Client, calls: dict[str, Call], runs: int = RUNS) -> dict[str, dict[str, float]]:
    """Server time, how many times that of a bare page it is, and queries of each."""
    calls = {BARE: get(client, "/bench-bare/"), **calls}
    queries, taken = queries_of(calls), in_turn(calls, runs)
    found = {name: summary(values) for name, values in taken.items()}
    bare = found[BARE]["p50_ms"]
    return {
        name: {**figures, "times_bare": round(figures["p50_ms"] / bare, 1), "queries": queries[name]}
        for name, figures in found.items()
    }

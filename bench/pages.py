"""Server time and queries of the pages people wait for, beside a bare Django page, in one school."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from urllib.parse import urlencode

import keywork.wsgi

application = keywork.wsgi.application  # loaded first, as the web server does

from django.conf import settings  # noqa: E402  settings must be ready first
from django.test import Client  # noqa: E402

from bench.forms import contact_fields  # noqa: E402
from bench.timing import in_turn, queries_of, summary  # noqa: E402
from contacts.models import HomeContact  # noqa: E402
from keywork import clock, form_keys  # noqa: E402
from keywork.models import Assignment, User  # noqa: E402

RUNS = int(os.environ.get("KEYWORK_BENCH_RUNS", "60"))
settings.ROOT_URLCONF = "bench.urls"
settings.ALLOWED_HOSTS = ["testserver"]


def signed_in(name: str) -> Client:
    client = Client()
    user = User.objects.get(email=f"{name}@demo.keywork.example")
    client.force_login(user)
    return client


def get(client: Client, url: str) -> Callable[[], None]:
    def call() -> None:
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)

    return call


def save(client: Client, user_id: int, student_id: int) -> Callable[[], None]:
    url = f"/students/{student_id}/contacts/new/"
    data = {
        "direction": "out",
        "level": "general",
        "happened_on": clock.today().isoformat(),
        **contact_fields(client.get(url).content.decode()),
        "reached": "spoke",
        "notes": "Spoke about the week. All well.",
        "topics": ["going_well"],
        "share": "on",
    }
    data.pop("csrfmiddlewaretoken", None)
    is_first = True

    def call() -> None:
        nonlocal is_first
        before = HomeContact.objects.count() if is_first else 0
        # A form with the same key is the same form sent twice, and saved once.
        typed = urlencode({**data, form_keys.FIELD: form_keys.make(user_id)}, doseq=True)
        response = client.post(url, typed, content_type="application/x-www-form-urlencoded")  # as a browser
        assert response.status_code == 302, re.findall(
            r"invalid-feedback.*?</div>", response.content.decode(), re.S
        )
        if is_first:
            assert HomeContact.objects.count() == before + 1
            is_first = False

    return call


def main() -> None:
    keyworker, head = signed_in("keyworker"), signed_in("head")
    me = keyworker.session["_auth_user_id"]
    theirs = Assignment.objects.current(clock.today()).filter(user=me, kind="keyworker")
    # Each run saves some contacts: not into the log that is measured.
    student, *_, other = theirs.order_by("student__joined_on").values_list("student_id", flat=True)
    calls = {
        "bare page": get(keyworker, "/bench-bare/"),
        "today": get(keyworker, "/today/"),
        "oversight": get(head, "/oversight/"),
        "oversight, everybody": get(head, "/oversight/?show=everyone"),
        "student list": get(head, "/students/"),
        "record": get(keyworker, f"/students/{student}/"),
        "whole log": get(keyworker, f"/students/{student}/log/"),
        "assignments": get(head, "/assignments/"),
        "saving a contact": save(keyworker, int(me), other),
    }
    found = {}
    queries = queries_of(calls)
    taken = in_turn(calls, RUNS)
    bare = summary(taken["bare page"])["p50_ms"]
    for name, values in taken.items():
        figures = summary(values)
        found[name] = {**figures, "times_bare": round(figures["p50_ms"] / bare, 1), "queries": queries[name]}
    print(json.dumps(found))


if __name__ == "__main__":
    main()

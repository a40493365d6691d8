"""Server time and queries of the pages people wait for, beside a bare Django page, in one school."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

from django.test import Client

from bench.forms import contact_of
from bench.visits import Call, demo_user, get, measured, signed_in
from contacts.models import HomeContact
from keywork import clock, form_keys
from keywork.models import Assignment


def save(client: Client, user_id: int, student_id: int) -> Call:
    url = f"/students/{student_id}/contacts/new/"
    data = contact_of(client.get(url).content.decode(), clock.today(), "Spoke about the week. All well.")
    data.pop("csrfmiddlewaretoken", None)
    is_first = True

    def call() -> None:
        nonlocal is_first
        before = HomeContact.objects.count() if is_first else 0
        # A form with the same key is the same form sent twice, and saved once.
        typed = urlencode({**data, form_keys.FIELD: form_keys.make(user_id)})
        response = client.post(url, typed, content_type="application/x-www-form-urlencoded")  # as a browser
        assert response.status_code == 302, re.findall(
            r"invalid-feedback.*?</div>", response.content.decode(), re.S
        )
        assert not is_first or HomeContact.objects.count() == before + 1
        is_first = False

    return call


def main() -> None:
    me, head = demo_user("keyworker"), signed_in(demo_user("head"))
    keyworker = signed_in(me)
    theirs = Assignment.objects.current(clock.today()).filter(user=me, kind="keyworker")
    # Each run saves some contacts: not into the log that is measured.
    student, *_, other = theirs.order_by("student__joined_on").values_list("student_id", flat=True)
    calls = {
        "today": get(keyworker, "/today/"),
        "oversight": get(head, "/oversight/"),
        "oversight, everybody": get(head, "/oversight/?show=everyone"),
        "student list": get(head, "/students/"),
        "record": get(keyworker, f"/students/{student}/"),
        "whole log": get(keyworker, f"/students/{student}/log/"),
        "assignments": get(head, "/assignments/"),
        "saving a contact": save(keyworker, me.pk, other),
    }
    print(json.dumps(measured(keyworker, calls)))


if __name__ == "__main__":
    main()

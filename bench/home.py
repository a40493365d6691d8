"""Server time and queries of what families and students read, beside a bare page, in a school with ten years of records."""

from __future__ import annotations

import json

from bench.pages import RUNS, get  # first: it loads the application as the web server does

from django.test import Client  # isort: skip

from bench.timing import in_turn, queries_of, summary  # isort: skip
from keywork import clock  # isort: skip
from keywork.models import User  # isort: skip
from students.models import FamilyLink  # isort: skip


def signed_in(user: User | None) -> Client:
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def main() -> None:
    """Of the student who is here longest and has an account, as has a parent."""
    links = FamilyLink.objects.following(clock.today()).filter(
        member__user__is_active=True, student__user__is_active=True
    )
    link = links.select_related("member__user", "student__user").order_by("student__joined_on", "pk")[0]
    home, own = signed_in(link.member.user), signed_in(link.student.user)
    child = link.student_id
    calls = {
        "bare page": get(home, "/bench-bare/"),
        "parent home": get(home, f"/home/{child}/"),
        "progress at home": get(home, f"/home/{child}/progress/"),
        "my page": get(own, "/my-page/"),
    }
    queries = queries_of(calls)
    taken = in_turn(calls, RUNS)
    print(json.dumps({name: {**summary(values), "queries": queries[name]} for name, values in taken.items()}))


if __name__ == "__main__":
    main()

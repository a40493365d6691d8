"""Server time and queries of what families and students read, beside a bare page, in a school with ten years of records."""

from __future__ import annotations

import json

from bench.visits import get, measured, signed_in
from keywork import clock
from students.models import FamilyLink


def main() -> None:
    """Of the student who is here longest and has an account, as has a parent."""
    links = FamilyLink.objects.following(clock.today()).filter(
        member__user__is_active=True, student__user__is_active=True
    )
    link = links.select_related("member__user", "student__user").order_by("student__joined_on", "pk")[0]
    home, own = signed_in(link.member.user), signed_in(link.student.user)
    calls = {
        "parent home": get(home, f"/home/{link.student_id}/"),
        "progress at home": get(home, f"/home/{link.student_id}/progress/"),
        "my page": get(own, "/my-page/"),
    }
    print(json.dumps(measured(home, calls)))


if __name__ == "__main__":
    main()

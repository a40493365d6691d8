"""Mails of enquiries, outside the request. Each is told by ids what it is about, and makes its own link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse

from outbox import kinds
from outbox.kinds import Letter

from .actions import LINKS, MAIL, MAIL_TO_STAFF, recipients
from .kinds import kind_of
from .models import Enquiry


@kinds.mail(MAIL, "Mails that ask for a view", waits=False)
@kinds.mail(MAIL_TO_STAFF, "Mails that ask for a view", waits=True)
def write(enquiries: Sequence[int], again: bool, reminder: bool) -> Iterator[Letter]:
    """Those that still wait for an answer; none where all were answered, taken back or barred meanwhile."""
    rows = Enquiry.objects.waiting().filter(pk__in=enquiries).order_by("pk")
    for to, mine in recipients(list(rows.select_related("student", "asked_by", "user", "member__user"))):
        one = mine[0]
        page = kind_of(one).mailed_page(one)
        if one.by_link:
            page = reverse("enquiries:by_link", args=[LINKS.token(one.link_seed)])
        home = tuple({row.student_id for row in mine if row.member_id})
        yield Letter(to, *kind_of(one).letter(to, mine, page, again, reminder), home=home)

"""Making and telling, outside the request. Each is safe to run twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse

from outbox import kinds
from outbox.kinds import Letter

from . import actions, letters, paper_form, printing
from .models import Batch, Recipient

BODY = "{sender} has shared this term’s report.\n\nRead it: {link}\n\nOr reply and ask for paper.\n"
PAPERS: dict[str, Callable[..., printing.Paper]] = {
    "independence": paper_form.paper,
    "letters": letters.paper,
}


@kinds.job(actions.MAKE, "Reports", tries=3)
def make(batch: int, students: list[int]) -> Iterator[None]:
    row = Batch.objects.select_related("created_by").get(pk=batch)
    return actions.making(batch=row, student_ids=students)


@kinds.job(printing.PRINT, "Papers to print", tries=3)
def print_ordered(paper: str, args: list[Any], place: str) -> None:
    """Print paper of a kind of PAPERS as it would be now; `place` is given back, whatever happens."""
    try:
        printing.print_paper(PAPERS[paper](*args))
    finally:
        printing.give_back(place)


@kinds.mail("reports.released", "Mails that a report is ready")
def tell_recipients(recipients: list[int]) -> Iterator[Letter]:
    """One e-mail a person, however many reports; who, what kind of thing, and a link (no student content)."""
    rows = Recipient.objects.filter(
        pk__in=recipients, report__withdrawn_at__isnull=True, member__user__is_active=True
    )
    people = {}
    for row in rows.select_related("member__user", "sent_by").order_by("member__user__email", "pk"):
        people[row.member.user] = row.sent_by.name
    link = settings.BASE_URL + reverse("portal:family")
    for user, sender in people.items():
        yield Letter(user, "A report is ready for you", BODY.format(sender=sender, link=link))

"""Making and telling, outside the request. Each task is safe to run twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from . import actions, letters, paper_form, printing
from .models import Batch, Recipient

BODY = "{sender} has shared this term’s report.\n\nRead it: {link}\n\nOr reply and ask for paper.\n"
PAPERS: dict[str, Callable[..., printing.Paper]] = {
    "independence": paper_form.paper,
    "letters": letters.paper,
}
AT_A_TIME = 20  # students a task: small enough to show progress, large enough to share queries


@shared_task
def render_batch(batch_id: int, student_ids: list[int]) -> None:
    """Share the batch out among the workers."""
    for start in range(0, len(student_ids), AT_A_TIME):
        render_some.delay(batch_id, student_ids[start : start + AT_A_TIME])


@shared_task
def render_some(batch_id: int, student_ids: list[int]) -> None:
    actions.make_reports(
        batch=Batch.objects.select_related("created_by").get(pk=batch_id), student_ids=student_ids
    )


@shared_task
def print_ordered(kind: str, args: list[Any], place: str) -> None:
    """Print paper of a kind of PAPERS as it would be now; `place` is given back, whatever happens."""
    try:
        printing.print_paper(PAPERS[kind](*args))
    finally:
        printing.give_back(place)


@shared_task
def tell_recipients(recipient_ids: list[int]) -> None:
    """One e-mail a person, however many reports; who, what kind of thing, and a link (no student content)."""
    rows = Recipient.objects.filter(
        pk__in=recipient_ids, report__withdrawn_at__isnull=True, member__user__is_active=True
    )
    people = {}
    for row in rows.select_related("member__user", "sent_by"):
        people[row.member.user.email] = row.sent_by.name
    link = settings.BASE_URL + reverse("portal:family")
    with get_connection() as connection:
        for email, sender in sorted(people.items()):
            EmailMessage(
                subject="A report is ready for you",
                body=BODY.format(sender=sender, link=link),
                to=[email],
                connection=connection,
            ).send()

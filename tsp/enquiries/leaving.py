"""What is still asked of people when a student leaves."""

from __future__ import annotations

from django.db.models import Q

from enquiries.models import Enquiry
from keywork import clock
from keywork.numbers import in_words
from keywork.words import worded

from . import INPUT, TALK


def waiting_asks(student_id: int) -> list[str]:
    """How many have not answered. Who they are is for those who keep the TSP."""
    still = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())
    asked = Enquiry.objects.waiting().filter(still, student=student_id, kind__in=(INPUT, TALK))
    count = asked.count()
    if not count:
        return []
    who = "person has" if count == 1 else "people have"
    return [
        f"{in_words(count).capitalize()} {who} been asked for their part of the TSP and not answered. "
        f"That stays open: the {worded('keyworker')} can take it back."
    ]

"""What a student, a parent or a carer is asked, as their own page lists it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from keywork.turns import Turn

from .kinds import abouts, at_home, kind_of
from .models import Enquiry


def asked_turns(user: Any, student: Any) -> list[Turn]:
    """Of the kinds that are listed there, those that wait for this person about this student; one query for none."""
    rows = list(
        Enquiry.objects.waiting()
        .answered_by(user)
        .filter(student=student, kind__in=at_home())
        .select_related("student")
        .order_by("answer_by", "pk")
    )
    about = abouts(rows) if rows else {}
    return [
        Turn(
            kind_of(row).title(row),
            f"{about[row.pk][:1].upper()}{about[row.pk][1:]}.",
            reverse("enquiries:answer", args=[row.pk]),
            "Answer",
        )
        for row in rows
    ]

"""What a student, a parent or a carer is asked, as their own page lists it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from keywork import prepared
from keywork.turns import Turn

from .kinds import abouts, at_home, kind_of
from .models import OPEN, Enquiry


def asked_turns(user: Any, student: Any) -> list[Turn]:
    """Of the kinds that are listed there, those that wait for this person about this student; one query for none."""
    if not prepared.rows(_open, student.pk, user.pk):
        return []
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


def _open(student: Any, user: Any) -> QuerySet:
    """What may be theirs at all: whether it is, `answered_by` says, which takes longer to put together. Mostly none."""
    respondent = Q(user=user) | Q(member__user=user) | ~Q(relation="")
    found = Enquiry.objects.filter(OPEN, respondent, student=student, kind__in=at_home())
    return found.order_by().values_list("pk")[:1]

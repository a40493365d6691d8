"""Telling a colleague that they are asked to take part, without a word about whom."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import school
from outbox import kinds
from outbox.kinds import Letter

from ..models import PartAsked

ASKED = "care.part_asked"


@kinds.mail(ASKED, kinds.STAFF_MAIL, waits=True)
def asked(part: int) -> Iterator[Letter]:
    row = (
        PartAsked.objects.open()
        .filter(pk=part, asked__is_active=True)
        .select_related("asked", "asked_by")
        .first()
    )
    if row is not None:
        context = {
            "name": row.asked.get_short_name(),
            "by": row.asked_by.name,
            "school_name": school.load().name,
            "url": settings.BASE_URL.rstrip("/") + reverse("tsp:repair_part", args=[row.pk]),
        }
        yield Letter(
            row.asked,
            "A colleague asks you to take part in a conversation",
            render_to_string("care/email/part_asked.txt", context),
        )

"""Telling a colleague that something is shown to them, without a word of what or about whom."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock
from outbox import kinds
from outbox.kinds import Letter

from .models import SharedItem


@kinds.mail("care.shown", kinds.STAFF_MAIL, waits=False)
def shown(shared: int) -> Iterator[Letter]:
    """While it can be read, and was not read yet."""
    rows = SharedItem.objects.filter(pk=shared, read_at__isnull=True)
    row = rows.select_related("user", "shared_by").first()
    if row is None or not SharedItem.objects.open_to(row.user, clock.today()).filter(pk=row.pk).exists():
        return
    context = {
        "name": row.user.get_short_name(),
        "by": row.shared_by.name,
        "until": row.until,
        "url": settings.BASE_URL.rstrip("/") + reverse("care:shared", args=[row.pk]),
    }
    body = render_to_string("care/email/shown.txt", context)
    yield Letter(row.user, "A colleague shows you something in Keywork", body)

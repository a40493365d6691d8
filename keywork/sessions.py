"""Sessions are rows of the database and nowhere else: they outlast Redis, and one that has ended is never found again."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from . import prepared

BEGAN, RENEWED = "keywork_began", "keywork_renewed"  # in the session, seconds since the epoch


def _session(key: str, now: Any) -> QuerySet:
    return Session.objects.filter(pk=key, expire_date__gt=now).values_list("session_data")


def end_all_of(user_id: int) -> None:
    """Whoever is in as this person is out with their next click."""
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if row.get_decoded().get(SESSION_KEY) == str(user_id):
            row.delete()


class SessionStore(DatabaseStore):
    """Django's; what every request of somebody signed in reads is one prepared query."""

    def load(self) -> dict[str, Any]:
        rows = prepared.rows(_session, self.session_key, timezone.now())
        if not rows:
            self._session_key = None
            return {}
        return self.decode(rows[0][0])

    def save(self, must_create: bool = False) -> None:
        """One that is there is written in one statement. An error of the database stays one: Django takes it for a
        session that has ended, and answers 400: whoever saves while Postgres starts again would be told that what they
        sent cannot be read."""
        if must_create or self.session_key is None:
            return super().save(must_create)
        row = self.create_model_instance(self._get_session())  # type: ignore[attr-defined]  # not in the stubs
        there = Session.objects.filter(pk=row.pk)
        if not there.update(session_data=row.session_data, expire_date=row.expire_date):
            raise UpdateError

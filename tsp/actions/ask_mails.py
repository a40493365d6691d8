"""Who asks, by when and where: queued with the ask, written and sent by the worker once that has committed (tsp.tasks).

Of the student a colleague and a professional learn the initials alone, a parent or carer nothing at all.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.crypto import salted_hmac

from .. import tasks
from ..models import Ask


def write(ask: Ask, *, again: bool = False, reminder: bool = False) -> None:
    """`again`: they have had a mail before, and a link in this one takes the place of that one's."""
    transaction.on_commit(lambda: tasks.write_ask.delay(ask.pk, again, reminder), robust=True)


def token_of(seed: str) -> str:
    """The secret of a link from the seed its row keeps: nobody makes it who has not the secret key as well."""
    return salted_hmac("tsp.ask.link", seed, algorithm="sha256").hexdigest()

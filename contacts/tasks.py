"""The nightly work of the log: write down what was missed, then tell people. Both may run twice, or late."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from .actions.misses import record_misses
from .digests import NotAllTold, tell_misses


@shared_task
def nightly() -> None:
    """What Celery beat starts at 00:15; a night that was missed is caught up by the next."""
    record_misses()
    transaction.on_commit(tell.delay)


@shared_task(autoretry_for=(NotAllTold,), retry_backoff=60, retry_backoff_max=3600, max_retries=8)
def tell() -> None:
    """Mail what has not been told yet; what could not be sent is tried again."""
    tell_misses()

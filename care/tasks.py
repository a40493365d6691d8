"""What the app has done after a commit (outbox.kinds), and what Celery beat starts."""

from celery import shared_task

from keywork import clock
from outbox import actions as outbox

from .decisions import mails as decisions
from .reviews import mails as reviews

__all__ = ["decisions", "remind_late_advice", "reviews"]


@shared_task
def remind_late_advice() -> None:
    """What Celery beat starts on the morning of each day."""
    day = clock.today().isoformat()
    outbox.do(reviews.LATE, key=day, day=day)

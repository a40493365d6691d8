"""What the app has done after a commit (outbox.kinds), and what Celery beat starts."""

from celery import shared_task

from keywork import clock
from outbox import actions as outbox
from outbox import kinds

from .checklists.actions import start_due
from .decisions import mails as decisions
from .documents import READ_TEXT
from .documents.actions import read_text
from .meetings import mails as meetings
from .plans.actions import remind_once
from .restorative import mails as restorative
from .reviews import mails as reviews
from .sharing import mails as sharing

__all__ = ["decisions", "meetings", "morning", "remind_late_advice", "restorative", "reviews", "sharing"]


@shared_task
def remind_late_advice() -> None:
    """What Celery beat starts on the morning of each day."""
    day = clock.today().isoformat()
    outbox.do(reviews.LATE, key=day, day=day)


@shared_task
def morning() -> None:
    """What Celery beat starts at 07:05: lists begin, and who has not read a plan hears once more."""
    start_due()
    remind_once()


@kinds.job(READ_TEXT, "Words of filed documents")
def read_document(document: int) -> None:
    read_text(document)

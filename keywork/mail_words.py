"""What became of a mail, in a sentence, for whoever asked for it."""

from __future__ import annotations

from datetime import datetime

from outbox.models import Job, Mail

from . import clock, quiet, school
from .templatetags.kw import clock_time, full_date


def staff_hear() -> str:
    """When mail to staff goes that waits for school hours: "now", or "on Monday 30 November, 7 am"."""
    now = clock.now()
    at = quiet.next_open(now, school.load().calendar)
    return "now" if at == now else f"on {_moment(at)}"


def became_of(job: Job | None, what: str, advice: str) -> str:
    """Of a job that writes to one person; `what` is "The invitation", `advice` what to do when it was refused.

    "" where nothing was asked for, or a month ago.
    """
    if job is None:
        return ""
    if (sent_at := _sent_at(job)) is not None:
        return f"{what} was sent on {_moment(sent_at)}."
    return trouble(job, what, advice) or f"{what} is on its way."


def trouble(job: Job | None, what: str, advice: str) -> str:
    """Why it has not arrived; "" where it has, or is on its way."""
    if job is None or _sent_at(job) is not None:
        return ""
    mail = _mail_of(job)
    if mail is not None and mail.state == Mail.State.REFUSED:
        return f"{what} did not arrive. {mail.error}. {advice}"
    if mail is not None and mail.state == Mail.State.GIVEN_UP:
        return f"{what} did not arrive, and is not tried any more. {mail.error}. {advice}"
    error = f" {job.error}." if job.error else ""
    if job.state in (Job.State.FAILED, Job.State.GIVEN_UP):
        return f"{what} was not sent.{error}"
    if mail is not None and mail.state == Mail.State.KEPT:
        return f"{what} is not sent yet: home contact is on hold. It goes by itself on {_moment(job.due_at)}."
    if job.error:
        return f"{what} could not be sent yet.{error} It is tried again on {_moment(job.due_at)}."
    return ""


def _mail_of(job: Job) -> Mail | None:
    return next(iter(job.mails.all()), None)


def _sent_at(job: Job) -> datetime | None:
    mail = _mail_of(job)
    return mail.sent_at if mail is not None and mail.state == Mail.State.SENT else None


def _moment(at: datetime) -> str:
    return f"{full_date(at)}, {clock_time(at)}"

"""What became of a mail, in a sentence, for whoever asked for it."""

from __future__ import annotations

from datetime import datetime

from outbox.models import Job, Mail

from .templatetags.kw import clock_time, full_date


def became_of(job: Job | None, what: str, advice: str) -> str:
    """Of a job that writes to one person; `what` is "The invitation", `advice` what to do when it was refused.

    "" where nothing was asked for, or a month ago.
    """
    mail = next(iter(job.mails.all()), None) if job is not None else None
    if job is None:
        return ""
    if mail is not None and mail.state == Mail.State.SENT:
        return f"{what} was sent on {_moment(mail.sent_at)}."
    return trouble(job, what, advice) or f"{what} is on its way."


def trouble(job: Job | None, what: str, advice: str) -> str:
    """Why it has not arrived; "" where it has, or is on its way."""
    mail = next(iter(job.mails.all()), None) if job is not None else None
    if job is None or (mail is not None and mail.state == Mail.State.SENT):
        return ""
    if mail is not None and mail.state == Mail.State.REFUSED:
        return f"{what} did not arrive. {mail.error}. {advice}"
    error = f" {job.error}." if job.error else ""
    if job.state in (Job.State.FAILED, Job.State.GIVEN_UP):
        return f"{what} was not sent.{error}"
    if job.error:
        return f"{what} could not be sent yet.{error} It is tried again on {_moment(job.due_at)}."
    return ""


def _moment(at: datetime | None) -> str:
    return f"{full_date(at)}, {clock_time(at)}"

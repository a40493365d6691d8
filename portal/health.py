"""The parts of the administrator's page of health. A part more is one more entry of PARTS, with a template.

Each is read in a fixed number of queries. `need` counts what waits for the administrator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Max, Min, Q

from contacts.models import IncomingMail
from keywork import clock, health
from keywork.access import accounts_of_own_children
from keywork.backup.facts import backup_facts
from keywork.models import User
from keywork.numbers import number_in
from outbox.kinds import KINDS, STAFF_MAIL
from outbox.models import Job, Mail
from outbox.sending import REFUSED, is_corrected
from safety.worry_audience import thin_cover

SHOWN = 50
GIVEN_UP_DAYS = timedelta(days=30)


class FailedJob(NamedTuple):
    """A job that is not tried any more, how often it was, and what the log calls it."""

    job: Any  # with how many `letters` it writes, and how many were `sent`
    label: str
    wrote: str


class RefusedMail(NamedTuple):
    """A letter that nobody got; `account` is the id of its person's, where it went to one."""

    mail: Mail
    account: int | None
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: its template gets `facts` of whoever looks. `aside` stands in the narrow column."""

    template: str
    facts: Callable[[User], dict[str, Any]]
    aside: bool = False


def failed_jobs() -> Any:
    """What is not tried any more until somebody says so; not those where only addresses were refused."""
    return Job.objects.filter(state=Job.State.FAILED).exclude(error=REFUSED)


def refused_mails(user: User) -> Any:
    """Letters that nobody got, but for those to the administrator's own family: a colleague keeps these."""
    return _for(user, Mail.objects.filter(state=Mail.State.REFUSED))


def _for(user: User, mails: Any) -> Any:
    own = User.objects.filter(accounts_of_own_children(user)).values("pk")
    return mails.exclude(content_type=ContentType.objects.get_for_model(User), object_id__in=own)


def needs_somebody(user: User) -> int:
    """How many failed jobs and refused addresses wait for the administrator."""
    return failed_jobs().count() + refused_mails(user).count()


def chosen(user: User, what: str, which: str) -> dict[str, Sequence[int]]:
    """The rows a button is about: one job, one letter, or everything of a kind (its words) that waits."""
    jobs: Sequence[int] = ()
    mails: Sequence[int] = ()
    if what == "kind":
        tried = Job.objects.filter(kind__in=_named(which), state=Job.State.WAITING, tries__gt=0)
        jobs = list(tried.values_list("pk", flat=True))
    elif what == "job":
        jobs = list(failed_jobs().filter(pk=number_in(which)).values_list("pk", flat=True))
    elif what == "mail":
        mails = list(refused_mails(user).filter(pk=number_in(which)).values_list("pk", flat=True))
    elif what == "mails":
        mails = list(refused_mails(user).values_list("pk", flat=True))
    return {"jobs": jobs, "mails": mails}


def _named(words: str) -> list[str]:
    return [kind.name for kind in KINDS.values() if kind.words == words]


def _failed(user: User) -> dict[str, Any]:
    rows = failed_jobs().annotate(
        sent=Count("mails", filter=Q(mails__state=Mail.State.SENT)), letters=Count("mails")
    )
    shown = [
        FailedJob(job, _times("Failed", job.tries), _wrote(job))
        for job in rows.order_by("-tried_at", "-pk")[:SHOWN]
    ]
    count = failed_jobs().count()
    return {"rows": shown, "count": count, "need": count}


def _wrote(job: Job) -> str:
    if job.words == STAFF_MAIL:
        return f"Number {job.pk}: what went wrong stands in the worker’s log."
    return f"{job.kind} {job.pk}: {job.detail or 'nothing more'}"


def _times(word: str, count: int) -> str:
    return f"{word} {count} times" if count > 1 else f"{word} once" if count else word


def _refused(user: User) -> dict[str, Any]:
    mails = refused_mails(user)
    newest = mails.select_related("job").prefetch_related("to").order_by("-tried_at", "-pk")[:SHOWN]
    account = ContentType.objects.get_for_model(User).pk
    rows = [
        RefusedMail(
            mail, mail.object_id if mail.content_type_id == account and mail.to else None, is_corrected(mail)
        )
        for mail in newest
    ]
    count = mails.count()
    return {"rows": rows, "count": count, "need": count}


def _waiting(user: User) -> dict[str, Any]:
    now = clock.now()
    # A mail to staff that is planned for later tells that something was said just now.
    planned = Q(kind__in=_named(STAFF_MAIL), tries=0, due_at__gt=now)
    by_kind = (
        Job.objects.unfinished()
        .exclude(planned)
        .values("kind")
        .annotate(
            count=Count("pk"),
            running=Count("pk", filter=Q(state=Job.State.RUNNING)),
            oldest=Min("since"),
            next_at=Min("due_at", filter=Q(state=Job.State.WAITING)),
            most=Max("tries", filter=Q(state=Job.State.WAITING)),
        )
    )
    errors: dict[str, str] = {}
    tried = Job.objects.filter(state=Job.State.WAITING, tries__gt=0).exclude(error="")
    for kind, error in tried.order_by("tried_at").values_list("kind", "error"):
        errors[_words(kind)] = error
    rows: list[dict[str, Any]] = []
    for words, group in groupby(
        sorted(by_kind, key=lambda row: _words(row["kind"])), lambda row: _words(row["kind"])
    ):
        of_kinds = list(group)
        rows.append(
            {
                "words": words,
                "count": sum(row["count"] for row in of_kinds),
                "running": sum(row["running"] for row in of_kinds),
                "oldest": min(row["oldest"] for row in of_kinds),
                "next_at": min((row["next_at"] for row in of_kinds if row["next_at"]), default=None),
                "most": max(row["most"] or 0 for row in of_kinds),
            }
        )
    rows.sort(key=lambda row: row["oldest"])
    for row in rows:
        row["error"] = errors.get(row["words"], "")
        row["label"] = _times("Tried", row["most"])
        row["planned"] = row["oldest"] > now
        row["now"] = row["next_at"] is None or row["next_at"] <= now
    return {"rows": rows, "count": sum(row["count"] for row in rows)}


def _words(kind: str) -> str:
    return KINDS[kind].words if kind in KINDS else kind


def _wrong(user: User) -> dict[str, Any]:
    beside = ("failed", "backup")
    sentences = [words for name, words in health.wrong().items() if name not in beside]
    return {"sentences": sentences, "need": len(sentences)}


def _backup(user: User) -> dict[str, Any]:
    found = backup_facts()
    return {"backup": found, "need": len(found.late)}


def _given_up(user: User) -> dict[str, Any]:
    since = clock.now() - GIVEN_UP_DAYS
    jobs = Job.objects.filter(state=Job.State.GIVEN_UP, finished_at__gte=since).exclude(error=REFUSED)
    mails = _for(user, Mail.objects.filter(state=Mail.State.GIVEN_UP, tried_at__gte=since))
    rows: list[Mapping[str, Any]] = [
        {"words": one.words, "error": one.error, "by": one.ended_by, "at": one.finished_at}
        for one in jobs.select_related("ended_by").order_by("-finished_at")[:SHOWN]
    ]
    rows += [
        {
            "words": f"{one.job.words}, to {getattr(one.to, 'name', 'somebody who is gone')}",
            "error": one.error,
            "by": one.ended_by,
            "at": one.tried_at,
        }
        for one in mails.select_related("job", "ended_by")
        .prefetch_related("to")
        .order_by("-tried_at")[:SHOWN]
    ]
    return {"rows": sorted(rows, key=lambda row: row["at"], reverse=True)}


def _mail(user: User) -> dict[str, Any]:
    """Without a mail server what is written to people is shown on a terminal, and counts as sent."""
    nowhere = settings.EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend"
    return {"nowhere": nowhere, "need": int(nowhere)}


def _cover(user: User) -> dict[str, Any]:
    cover = thin_cover()
    return {"cover": cover, "need": int(bool(cover))}


def _mail_aside(user: User) -> dict[str, Any]:
    """Messages to students' addresses that became no draft; nothing of what they say is kept."""
    rows = IncomingMail.objects.aside().filter(received_at__gte=clock.now() - GIVEN_UP_DAYS)
    return {"rows": list(rows[:SHOWN])}


PARTS = (
    Part("portal/health/_cover.html", _cover),
    Part("portal/health/_mail.html", _mail),
    Part("portal/health/_failed.html", _failed),
    Part("portal/health/_refused.html", _refused),
    Part("portal/health/_waiting.html", _waiting),
    Part("portal/health/_backup.html", _backup, aside=True),
    Part("portal/health/_wrong.html", _wrong, aside=True),
    Part("portal/health/_mail_aside.html", _mail_aside, aside=True),
    Part("portal/health/_given_up.html", _given_up, aside=True),
)

"""Making and telling, outside the request. Each is safe to run twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import clock, school
from keywork.access import Can, allows
from keywork.grouped import grouped
from keywork.reader import writing_to
from keywork.words import filled, marked, worded, worded_lazy
from outbox import kinds
from outbox.kinds import Letter
from students.models import FamilyLink

from . import actions, comments, contact_log, letters, paper_form, plan_paper, printing, profile, student_file
from .authority import views as authority
from .keeping_in_touch import people_of
from .models import Batch, EvidencePack, OutsideCopy, Recipient, Report, ReportComment, StudentFile
from .outside.actions import MAIL, REPORTS, state_of
from .pack import actions as pack_actions
from .pack import making as pack_making
from .pack import views as pack
from .writing import review_period
from .writing import views as writing

logger = logging.getLogger(__name__)

BODY = marked("{sender} has shared this term’s report.\n\nRead it: {link}\n\nOr reply and ask for paper.\n")
COMMENTED = "Hello {name},\n\nA parent or carer has written about a report of theirs.\n\nRead it: {link}\n"
PAPERS: dict[str, Callable[..., printing.Paper]] = {
    "authority": authority.paper,
    "independence": paper_form.paper,
    "letters": letters.paper,
    "log": contact_log.paper,
    "pack": pack.paper,
    "plan": plan_paper.paper,
    "profile": profile.paper,
    "written": writing.paper,
}


KEPT_IN: dict[str, Any] = {"reports": Report, "packs": EvidencePack}  # folder to whose `pdf` is in it


@kinds.job(actions.MAKE, "Reports", tries=3)
@kinds.job(actions.MAKE_MANY, "Reports", tries=3, large=True)
def make(batch: int, students: list[int]) -> Iterator[None]:
    row = Batch.objects.select_related("created_by").get(pk=batch)
    return actions.making(batch=row, student_ids=students)


@kinds.job(printing.PRINT, "Papers to print", tries=3)
def print_ordered(paper: str, args: list[Any], place: str, form: str = "", unread: bool = False) -> None:
    """Print paper of a kind of PAPERS as it would be now; `place` is given back, whatever happens."""
    try:
        awaited = printing.Unread(paper, args) if unread else None
        printing.print_paper(PAPERS[paper](*args), form, awaited)
    finally:
        printing.give_back(place)


@kinds.job(student_file.MAKE, worded_lazy("Whole files of students"), tries=3)
def make_student_file(file: int) -> None:
    student_file.make_file(StudentFile.objects.select_related("student", "ordered_by").get(pk=file))


@kinds.job(pack_actions.MAKE, "Evidence packs", tries=3, large=True)
def make_evidence_pack(pack: int) -> None:
    pack_making.make(EvidencePack.objects.get(pk=pack))


@shared_task
def begin_reports() -> int:
    """In the reviews of a term, every night: the reports that are not begun yet."""
    return review_period.begin_reports()


@shared_task
def clear_files() -> int:
    """Delete whole files of students that are old, and the files of a day and more ago that are no report's: a worker
    was killed between file and row.

    Looks at this month and the last, as it does every night; how many were deleted.
    """
    now, gone = clock.now(), student_file.clear_old()
    months = {f"{day:%Y/%m}" for day in (now, now - timedelta(days=28))}
    for (folder, model), year_month in product(KEPT_IN.items(), months):
        month = f"{folder}/{year_month}"
        try:
            there = default_storage.listdir(month)[1]
        except FileNotFoundError:
            continue
        kept = set(model._default_manager.filter(pdf__startswith=f"{month}/").values_list("pdf", flat=True))
        for name in {f"{month}/{file}" for file in there} - kept:
            if default_storage.get_modified_time(name) < now - timedelta(days=1):
                default_storage.delete(name)
                gone += 1
    if gone:
        logger.info("%s files were deleted that are no report's, or old.", gone)
    return gone


@kinds.mail("reports.released", "Mails that a report is ready", waits=False)
def notify_recipients(recipients: list[int]) -> Iterator[Letter]:
    """One e-mail a person, however many reports; who, what kind of thing, and a link (no student content).

    None to whoever has opened theirs, or gets reports no more.
    """
    links = FamilyLink.objects.for_reports(clock.today())
    links = links.filter(student=OuterRef("report__student"), member=OuterRef("member"))
    rows = Recipient.objects.filter(
        Exists(links),
        pk__in=recipients,
        opened_at__isnull=True,
        report__withdrawn_at__isnull=True,
        member__user__is_active=True,
        member__user__roles__contains=["family"],
    )
    found = rows.select_related("member__user", "sent_by", "report").order_by("member__user__email", "pk")
    link = settings.BASE_URL + reverse("portal:family")
    for user, theirs in grouped(found, lambda row: row.member.user).items():
        sender = theirs[-1].sent_by
        assert user is not None and sender is not None  # as asked for; who releases is kept
        with writing_to(user):
            subject, body = worded("A report is ready for you"), filled(BODY, sender=sender.name, link=link)
        yield Letter(user, subject, body, home=tuple({row.report.student_id for row in theirs}))


@kinds.mail(MAIL, "Mails that a report is ready", waits=False)
def notify_outside(copy: int, again: bool) -> Iterator[Letter]:
    """The link to one person outside: nothing of the student, and nothing once it was taken back or has ended."""
    row = OutsideCopy.objects.select_related("report", "sent_by").get(pk=copy)
    if state_of(row) not in ("works", "closed"):
        return
    path = reverse("reports:outside_by_link", args=[REPORTS.token(row.link_seed)])
    url = settings.BASE_URL.rstrip("/") + path
    context = {"copy": row, "school_name": school.load().name, "url": url, "again": again}
    body = render_to_string("reports/email/outside.txt", context)
    yield Letter(row, "A document is ready for you", body, home=(row.report.student_id,))


@kinds.mail(comments.MAIL, kinds.STAFF_MAIL, waits=True)
def notify_of_comment(comment: int) -> Iterator[Letter]:
    """To the student's keyworker and whoever released the report: that somebody wrote, and none of their words."""
    row = ReportComment.objects.select_related("report__student", "report__released_by").get(pk=comment)
    student = row.report.student
    keyworker = people_of([student.pk], clock.today()).get((student.pk, "keyworker"))
    link = settings.BASE_URL.rstrip("/") + reverse("reports:student", args=[student.pk])
    readers = {one.pk: one for one in (keyworker, row.report.released_by) if one is not None}
    for user in readers.values():
        if allows(user, Can.MAKE_REPORTS, student):
            body = COMMENTED.format(name=user.get_short_name(), link=link)
            yield Letter(user, "A family has written about a report", body, part=str(user.pk))

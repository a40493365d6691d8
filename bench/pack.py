"""A pack of evidence of 200 pages with merged attachments: seconds, and the most memory the process ever held."""

from __future__ import annotations

import io
import json
import resource
import time

import pikepdf
from django.core.files.base import ContentFile
from django.db.models import Count

from keywork import clock
from keywork.models import User
from reports import rendering
from reports.models import PackDocument
from reports.pack import actions, making
from reports.pack.words import FIELDS
from students.models import Student

PAGES = 200
DOCUMENTS = 10  # of others, which together fill what the record does not
WORDS = "<p>What was seen, said and advised, as others write it.</p>" * 24


def book(pages: int) -> bytes:
    """A tagged PDF of so many pages with text, as a professional sends it."""
    one = "".join(f'<section class="kp-new-page">{WORDS}</section>' for _ in range(pages))
    html = f'<!doctype html><html lang="en"><title>Report</title><body class="kp-paper"><main>{one}</main></body></html>'
    return rendering.pdf(html).content


def main() -> None:
    senco = User.objects.get(email="senco@demo.keywork.example")
    student = (
        Student.objects.on_roll(clock.today())
        .annotate(entries=Count("homecontacts"))
        .order_by("-entries", "pk")[0]
    )
    pack = actions.begin(
        student=student, starts_on=student.joined_on, ends_on=clock.today(), authority="Aldershire", by=senco
    )
    pack.documents.update(removed_at=clock.now())  # of a run before this one
    actions.write(
        pack=pack, words=dict.fromkeys(FIELDS, "Words."), authority=pack.authority, version=pack.version
    )
    facts = {"title": "A report", "author": "Somebody", "dated_on": clock.today(), "advice": ""}
    documents = [
        actions.attach(pack=pack, facts=facts, pdf=ContentFile(book(1)), by=senco) for _ in range(DOCUMENTS)
    ]
    pack.refresh_from_db()
    rows = actions.rows_of(pack, senco)
    unread = [one for one in rows if one.chosen and not one.is_read]
    actions.read(
        pack=pack, decisions=[actions.Decision(one.item.key, one.item.digest) for one in unread], by=senco
    )
    pack.refresh_from_db()
    began = time.perf_counter()
    rows = actions.rows_of(pack, senco)
    offered_s = time.perf_counter() - began
    own = making.drawn(actions.content.frozen(pack, [r for r in rows if r.chosen], len(rows), actions.load()))
    each = 1 - min(0, own.pages - PAGES) // DOCUMENTS  # rounded up
    for one in documents:
        PackDocument.objects.filter(pk=one.pk).update(removed_at=clock.now())
        actions.attach(pack=pack, facts=facts, pdf=ContentFile(book(each)), by=senco)
    rows = actions.rows_of(pack, senco)
    actions.order(pack=pack, by=senco, version=pack.version)
    pack.refresh_from_db()
    began, processor = time.perf_counter(), time.process_time()
    making.make(pack)
    print(
        json.dumps(
            {
                "pages": pack.pages,
                "of_others": each * DOCUMENTS,
                "entries": len(rows),
                "to_read_s": round(offered_s, 2),
                "made_s": round(time.perf_counter() - began, 1),
                "cpu_s": round(time.process_time() - processor, 1),
                "file_mb": round(pack.pdf.size / 1e6, 1),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }
        )
    )
    with pikepdf.open(io.BytesIO(pack.pdf.read())) as made:
        assert len(made.pages) == pack.pages


main()

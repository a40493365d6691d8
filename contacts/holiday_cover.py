"""What is known of long holidays for many students at once: who covers, what home told, what waits to be read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef

from keywork.calendar import Span
from keywork.dates import day_short
from keywork.models import User

from .models import Briefing, BriefingReader, HolidayWeek, HomeContact

REACHED = (HomeContact.Reached.SPOKE, HomeContact.Reached.REPLIED)


def covering(students: Collection[int], on: date) -> dict[int, HolidayWeek]:
    """Who covers each of these students on a day of a holiday, where it is said; one query."""
    rows = HolidayWeek.objects.filter(student__in=students, starts_on__lte=on, ends_on__gte=on)
    return {one.student_id: one for one in rows.select_related("covered_by")}


def covered_on(asked: Collection[tuple[int, date]]) -> dict[tuple[int, date], User]:
    """Who covered each of these students on each of these days; one query."""
    if not asked:
        return {}
    days = [day for _, day in asked]
    rows = HolidayWeek.objects.filter(
        student__in={pk for pk, _ in asked}, starts_on__lte=max(days), ends_on__gte=min(days)
    ).select_related("covered_by")
    weeks = list(rows)
    return {
        (pk, day): one.covered_by
        for pk, day in asked
        for one in weeks
        if one.student_id == pk and one.starts_on <= day <= one.ends_on
    }


def told_in(students: Collection[int], closure: Span) -> list[HomeContact]:
    """What home told in a holiday that staff may hear of: general entries that stand and were not kept back."""
    rows = HomeContact.objects.seen_at_home().filter(
        student__in=students, happened_on__range=closure, reached__in=REACHED
    )
    return list(rows.select_related("made_by").order_by("happened_on", "happened_time", "pk"))


def draft(contacts: Collection[HomeContact], today: date) -> str:
    """What a briefing begins with: each time somebody spoke with home, in the words home has, or the entry's own."""
    return "\n\n".join(
        f"{day_short(one.happened_on, today)}: {(one.shared_summary if one.shared else one.notes).strip()}"
        for one in contacts
        if one.shared or one.notes.strip()
    )


def to_brief(students: Collection[int], closure: Span) -> list[int]:
    """Of these students, those of whom home told something in the holiday and whose staff were not told yet; one query."""
    sent = Briefing.objects.filter(student=OuterRef("student"), closed_from=closure[0])
    rows = HomeContact.objects.seen_at_home().filter(
        ~Exists(sent), student__in=students, happened_on__range=closure, reached__in=REACHED
    )
    return sorted(set(rows.order_by().values_list("student", flat=True)))


def to_read(user_id: int, closure: Span) -> list[BriefingReader]:
    """What was sent to this person after the holiday and is not read yet; one query."""
    rows = BriefingReader.objects.filter(user=user_id, read_at__isnull=True, briefing__closed_from=closure[0])
    return list(rows.select_related("briefing__student").order_by("pk"))

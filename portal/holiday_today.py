"""What a long holiday asks of one person on Today: weeks to share out, whom one covers, what home told to be passed on.

In term, away from a holiday, it asks the database nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contacts import holidays as rules
from contacts.holiday_cover import covering, to_brief, to_read
from contacts.models import BriefingReader, HolidayWeek
from keywork.access import Can, of_these
from keywork.calendar import Span
from keywork.duty_words import listed
from keywork.http import SchoolRequest


@dataclass(frozen=True, slots=True)
class Holiday:
    """`own` are students whom one covers this week, `others` those whom somebody else does."""

    to_share: Span | None = None
    own: frozenset[int] = frozenset()
    others: Mapping[int, HolidayWeek] = field(default_factory=dict)
    until: date | None = None
    to_brief: list[int] = field(default_factory=list)
    to_read: list[BriefingReader] = field(default_factory=list)

    def shown(self, names: Mapping[int, str]) -> dict[str, Any]:
        """For `portal/_holiday.html`: with the students' names, as far as they stand on the page."""
        return {
            "to_share": self.to_share,
            "own": listed(sorted(names[pk] for pk in self.own if pk in names)),
            "until": self.until,
            "others": [(names[pk], week) for pk, week in self.others.items() if pk in names],
            "to_brief": [(pk, names[pk]) for pk in self.to_brief if pk in names],
            "to_read": self.to_read,
        }


def holiday_of(request: SchoolRequest, kept: Collection[int], related: Collection[int], day: date) -> Holiday:
    """`kept` are the students one keyworks, mentors or is deputy for; `related` all whom one works with."""
    policy, calendar = request.school.policy(day), request.school.calendar
    if rules.running(day, policy, calendar) is not None:
        weeks = covering(kept, day)
        own = {pk: week for pk, week in weeks.items() if week.covered_by_id == request.user.pk}
        return Holiday(
            own=frozenset(own),
            others={pk: week for pk, week in weeks.items() if pk not in own},
            until=max((week.ends_on for week in own.values()), default=None),
        )
    over = rules.just_over(day, policy, calendar)
    if over is not None and related:
        may = of_these(request.user, Can.BRIEF_STAFF, kept, day)
        return Holiday(to_brief=to_brief(may, over) if may else [], to_read=to_read(request.user.pk, over))
    soon = rules.to_share_out(day, policy, calendar)
    return Holiday(to_share=soon if kept else None)

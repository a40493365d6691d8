"""Who was told of the keyworker of the demo's sign-in, on the day it began."""

from __future__ import annotations

from collections import defaultdict

from keywork import clock
from keywork.models import Assignment, User
from portal.made_known import around, write_down, write_down_at_home
from students.models import FamilyMember


def write_made_known() -> None:
    """None in a school without that sign-in."""
    keyworker = User.objects.filter(email__startswith="keyworker@").first()
    if keyworker is None:
        return
    begun = defaultdict(list)
    for post in Assignment.objects.keyworkers(clock.today()).filter(user=keyworker):
        begun[post.starts_on].append(post.student_id)
    for on, students in begun.items():
        told = around(students, on, [keyworker.pk])
        home = User.objects.filter(
            pk__in=FamilyMember.objects.filter(links__student__in=students).values("user"), is_active=True
        )
        with clock.frozen(on):
            for user, theirs in told.items():
                write_down(theirs, keyworker.pk, on, user)
            for user in home:
                write_down_at_home(students, on, user)

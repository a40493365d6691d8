"""Writing down what a young person decides about home."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from keywork import clock
from keywork.errors import Refused
from keywork.models import User

from ..models import FamilyLink, OwnChoice, OwnChoiceAtHome, Student
from ..rules import OWN_CHOICE_FROM, is_young_person


def links_asked_about(student: Student) -> list[FamilyLink]:
    """The adults at home about whom there is something to decide: those a court keeps away see nothing anyway."""
    links = FamilyLink.objects.filter(student=student, ended_on__isnull=True).unrestricted(clock.today())
    return list(links.select_related("member").order_by("priority", "pk"))


@transaction.atomic
def record_own_choice(
    *,
    student: Student,
    decided_on: date,
    speaks_for_self: bool,
    sees: Mapping[int, str],
    words: str = "",
    by: User,
) -> OwnChoice:
    """From now on the adults in `sees` (FamilyLink id to OwnChoiceAtHome.Sees) see that. Raises Refused.

    It takes the place of what was decided before, which stays on file.
    """
    row = Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    if decided_on > clock.today():
        raise Refused("Choose today or a day before", "decided_on")
    if not is_young_person(row.born_on, decided_on):
        raise Refused(f"{row.known_as} was not {OWN_CHOICE_FROM} on this day", "decided_on")
    offered = {link.pk for link in links_asked_about(row)}
    now = clock.now()
    OwnChoice.objects.filter(student=row, replaced_at__isnull=True).update(replaced_at=now)
    choice = OwnChoice.objects.create(
        student=row,
        decided_on=decided_on,
        speaks_for_self=speaks_for_self,
        words=words.strip(),
        recorded_by=by,
        recorded_at=now,
    )
    OwnChoiceAtHome.objects.bulk_create(
        OwnChoiceAtHome(choice=choice, link_id=link, sees=OwnChoiceAtHome.Sees(one))
        for link, one in sees.items()
        if link in offered
    )
    return choice

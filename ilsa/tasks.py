"""Letters to raters, outside the request (ilsa.actions.reminders says to whom)."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import school
from keywork.models import User
from outbox import kinds
from outbox.kinds import Letter

from .models import RaterForm, Round
from .models.assessment import Role


@kinds.mail("ilsa.to_rater", "Mails to raters of independence")
def to_rater(round: int, user: int, forms: list[int], by: int, again: bool) -> Iterator[Letter]:
    """One letter about the open forms of a keyworker or a parent; none to an account that was closed meanwhile."""
    who = User.objects.filter(pk=user, is_active=True).first()
    if who is None:
        return
    roles = list(RaterForm.objects.filter(pk__in=forms).values_list("role", flat=True))
    is_family = Role.PARENT in roles
    body = render_to_string(
        "ilsa/email/invitation.txt",
        {
            "name": who.get_short_name(),
            "by": User.objects.get(pk=by).name,
            "school": school.load().name,
            "round": Round.objects.get(pk=round),
            "again": again,
            "family": is_family,
            "count": roles.count(Role.KEYWORKER),
            "url": settings.BASE_URL + reverse("portal:family" if is_family else "portal:today"),
        },
    )
    subject = "Your view is still missing" if again else "Your view is asked for"
    yield Letter(who, subject, body)

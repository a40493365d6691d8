"""Letters to raters, outside the request (ilsa.actions.reminders says to whom)."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from keywork import school
from keywork.models import User
from keywork.tasks import TRY_AGAIN

from .models import RaterForm, Round
from .models.assessment import Role


@shared_task(**TRY_AGAIN)
def write_to_rater(round_id: int, user_id: int, form_ids: list[int], by_id: int, again: bool) -> None:
    """One letter about the open forms of a keyworker or a parent; none to an account that was closed meanwhile."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    roles = list(RaterForm.objects.filter(pk__in=form_ids).values_list("role", flat=True))
    is_family = Role.PARENT in roles
    body = render_to_string(
        "ilsa/email/invitation.txt",
        {
            "name": user.get_short_name(),
            "by": User.objects.get(pk=by_id).name,
            "school": school.load().name,
            "round": Round.objects.get(pk=round_id),
            "again": again,
            "family": is_family,
            "count": roles.count(Role.KEYWORKER),
            "url": settings.BASE_URL + reverse("portal:family" if is_family else "portal:today"),
        },
    )
    subject = "Your view is still missing" if again else "Your view is asked for"
    send_mail(subject, body, None, [user.email])

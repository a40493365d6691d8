"""Inviting somebody to a review, asking them for advice, or both: signed in, by link and code, or by letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from enquiries import actions as enquiries
from enquiries.models import SELF, Enquiry
from keywork import clock
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.models import User
from students.models import FamilyLink, FamilyMember, Student

from .actions import KIND, _locked
from .models import Review, ReviewPerson

HELD = "The meeting has been held. Nobody is invited any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """An account, a parent or carer, the student, or a name with an e-mail address where it goes by link."""

    role: str
    user: User | None = None
    member: FamilyMember | None = None
    name: str = ""
    post: str = ""
    email: str = ""


def at_home(student: Student) -> list[FamilyLink]:
    """Who may be invited: who gets reports, under no restriction."""
    links = FamilyLink.objects.for_reports(clock.today()).filter(student=student)
    return list(links.select_related("member__user").defer("court_restriction"))


@transaction.atomic
def add_person(
    *,
    by: User,
    review: Review,
    whom: Whom,
    invited: bool,
    advice_by: date | None,
    days: int,
    on_paper: bool = False,
) -> tuple[ReviewPerson, Enquiry | None, str]:
    """The part they have, what they were asked, and the code of a link, which only the caller ever sees.

    `on_paper`: the letter goes by post, and what they answer is written down here. Raises Refused.
    """
    row = _locked(review)
    if row.held_on is not None:
        raise Refused(HELD)
    if not invited and advice_by is None:
        raise Refused("Invite them, or ask them for advice", "parts")
    if advice_by is not None and advice_by < clock.today():
        raise Refused("Choose today or a later day", "advice_by")
    today = clock.today()
    try:
        with transaction.atomic():
            person = ReviewPerson.objects.create(
                review=row,
                role=whom.role,
                user=whom.user,
                member=whom.member,
                name=whom.name.strip(),
                post=whom.post.strip(),
                email=whom.email.strip().lower(),
                invited_on=today if invited else None,
                advice_by=advice_by,
                advice_asked_on=today if advice_by else None,
                beyond_team=whom.user is not None and not allows(whom.user, Can.VIEW_STUDENT, row.student),
                added_by=by,
                added_at=clock.now(),
            )
    except IntegrityError as error:
        raise Refused("They have a part in this review already", "who") from error
    if on_paper:
        return person, None, ""
    ask, code = _ask(by, row, person, days)
    return person, ask, code


def _ask(by: User, review: Review, person: ReviewPerson, days: int) -> tuple[Enquiry, str]:
    about: dict[str, Any] = {"kind": KIND, "period": str(review.pk), "target_id": person.pk}
    member = person.member
    if member is not None:
        enquiries.refuse_on_hold(review.student)
    if person.role == ReviewPerson.Role.STUDENT or person.user or (member and member.opens_pages):
        last = person.advice_by or max(review.meets_on, clock.today())
        relation = SELF if person.role == ReviewPerson.Role.STUDENT else ""
        ask = enquiries.ask_account(
            by=by,
            student=review.student,
            answer_by=last,
            user=person.user,
            member=member,
            relation=relation,
            **about,
        )
        return ask, ""
    email = member.email if member else person.email
    if not email:
        raise Refused("There is no e-mail address. Choose the letter by post", "how")
    return enquiries.ask_by_link(
        by=by,
        student=review.student,
        days=days,
        name=person.called[:100],
        role=person.as_who[:100],
        email=email,
        **(about | {"member": member} if member else about),
    )


def ask_of(person: ReviewPerson) -> Enquiry | None:
    """What they were asked, newest first, unless it was taken back."""
    rows = Enquiry.objects.filter(kind=KIND, target_id=person.pk, withdrawn_at=None)
    return rows.select_related("student", "user", "member", "asked_by").first()


@transaction.atomic
def ask_again(*, by: User, person: ReviewPerson, days: int) -> tuple[Enquiry, str]:
    """A reminder to who signs in; another link and code to who does not. Raises Refused."""
    ask = ask_of(person)
    if ask is None:
        raise Refused("They were asked by letter. Write down what they answer")
    if not ask.by_link:
        enquiries.remind(by=by, enquiry=ask)
        return ask, ""
    return ask, enquiries.new_link(by=by, enquiry=ask, days=days)

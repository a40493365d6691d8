"""Who has not been invited to Keywork yet, and inviting them in one act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from keywork import clock, school
from keywork.access import Can
from keywork.actions import accounts as actions
from keywork.attempts import attempt
from keywork.languages import ENGLISH
from keywork.models import User
from outbox import actions as outbox
from outbox import kinds
from outbox.models import Job
from reports import rendering
from students.languages import recorded_of
from students.models import EntryLetter, FamilyLink, FamilyMember, Student
from students.models.codes import WORKS_FOR

from .account_list import may_open
from .squares import square


@dataclass(frozen=True, slots=True)
class Waiting:
    """`staff` and `families` can be invited now; the others cannot, and for each group the page says why."""

    staff: Sequence[User]
    families: Sequence[FamilyMember]
    without_email: Sequence[FamilyMember]
    same_address: Sequence[FamilyMember]  # an address that another person has, too

    @property
    def count(self) -> int:
        return len(self.staff) + len(self.families)


@dataclass(frozen=True, slots=True)
class Sent:
    """How far those who were invited are: how many, how many of them signed in, how many never did."""

    staff: int
    staff_in: int
    families: int
    families_in: int


def waiting(by: User | None = None) -> Waiting:
    """Who has no invitation: staff with an account that was not told yet, and carers without one.

    A carer is one whom a keyworker may contact about a student on roll. With `by`, without those of the administrator's
    own children: a colleague invites them.
    """
    accounts = User.objects.all() if by is None else may_open(by)
    staff = accounts.filter(is_active=True, roles__contains=["staff"], invited_at__isnull=True)
    members = list(_families(by))
    taken = set(User.objects.values_list("email", flat=True))
    shared = Counter(member.email.strip().lower() for member in members if member.email)
    families, without, same = [], [], []
    for member in members:
        address = member.email.strip().lower()
        if not address:
            without.append(member)
        elif address in taken or shared[address] > 1:
            same.append(member)
        else:
            families.append(member)
    return Waiting(
        [one for one in staff.order_by("in_order", "pk") if not one.has_usable_password()],
        families,
        without,
        same,
    )


def _families(by: User | None) -> QuerySet[FamilyMember]:
    today = clock.today()
    links = FamilyLink.objects.for_keywork(today).filter(student__in=Student.objects.on_roll(today))
    if by is not None:
        links = links.filter(student__in=Student.objects.visible_to(by, Can.VIEW_STUDENT))
    return (
        FamilyMember.objects.filter(links__in=links, user__isnull=True).distinct().order_by("in_order", "pk")
    )


def on_paper(by: User) -> list[FamilyMember]:
    """Who can be invited by a letter alone."""
    found = waiting(by)
    return [*found.without_email, *found.same_address]


def letters_page(letters: Sequence[EntryLetter]) -> str:
    """The letters as a web page to be printed: each with its code, and the address to type it at."""
    address = settings.BASE_URL + reverse("portal:join")
    recorded = recorded_of([letter.member_id for letter in letters])
    for letter in letters:
        letter.language = recorded.get(letter.member_id, ENGLISH)
    context = {
        "letters": letters,
        "address": address,
        "square": square(address),
        "school": school.load(),
        "today": clock.today(),
        "until": (clock.now() + WORKS_FOR).astimezone(clock.LONDON).date(),
    }
    return rendering.page("portal/entry_letters.html", context)


@dataclass(frozen=True, slots=True)
class Letters:
    """How far the letters are: printed and not posted, in the post, used."""

    printed: int
    posted: int
    used: int


def letters() -> Letters:
    open_ = EntryLetter.objects.open()
    return Letters(
        open_.filter(posted_on__isnull=True).count(),
        open_.filter(posted_on__isnull=False).count(),
        EntryLetter.objects.filter(used_at__isnull=False).count(),
    )


def sent() -> Sent:
    rows = User.objects.filter(is_active=True, invited_at__isnull=False).values_list("roles", "last_login")
    counts: Counter[tuple[str, bool]] = Counter()
    for roles, last_login in rows:
        for kind in ("staff", "family"):
            if kind in roles:
                counts[kind, last_login is not None] += 1
    return Sent(
        counts["staff", True] + counts["staff", False],
        counts["staff", True],
        counts["family", True] + counts["family", False],
        counts["family", True],
    )


def invite(*, staff: bool, families: bool, by: User) -> int:
    """Invite all who wait, in the background; how many they are."""
    found = waiting(by)
    users = [one.pk for one in found.staff] if staff else []
    members = [one.pk for one in found.families] if families else []
    if users or members:
        outbox.do("portal.invite", staff=users, families=members, by=by.pk)
    return len(users) + len(members)


def is_going() -> bool:
    """Whether some are being written now."""
    return Job.objects.unfinished().filter(kind="portal.invite").exists()


@kinds.job("portal.invite", "Invitations", large=True)
def invite_all(staff: list[int], families: list[int], by: int) -> Iterator[None]:
    """Each in a transaction of its own; whoever cannot be invited stands on the page, with the reason.

    Whoever has been invited meanwhile is left alone, so it may be called again.
    """
    who = User.objects.get(pk=by)
    for user in User.objects.filter(pk__in=staff, is_active=True, invited_at__isnull=True):
        attempt(partial(actions.invite_added, user=user, by=who))
        yield
    for member in FamilyMember.objects.filter(pk__in=families, user__isnull=True):
        attempt(partial(actions.invite_family, member=member, email=member.email, by=who))
        yield

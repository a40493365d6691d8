"""Letters with a code: made, put in the post, and used once to make an account. Cards for students: given, ended, and who
comes in with one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from keywork import clock, names, sessions
from keywork.actions.accounts import add_student_account, invite_family
from keywork.errors import Refused
from keywork.models import User
from keywork.printed_codes import is_code

from ..models import EntryLetter, FamilyMember, SignInCard, Student

NO_LONGER = "This code is not right, or works no more. Look at the letter again, or ring the school"


@transaction.atomic
def letters_for(*, members: Iterable[FamilyMember], by: User) -> list[EntryLetter]:
    """A letter for each, the same as before where that one still works: it may be printed twice."""
    members = list(members)
    list(FamilyMember.objects.select_for_update().filter(pk__in=[one.pk for one in members]).order_by("pk"))
    there = {one.member_id: one for one in EntryLetter.objects.open().filter(member__in=members)}
    return [
        there.get(member.pk) or EntryLetter.objects.create(member=member, made_at=clock.now(), made_by=by)
        for member in members
    ]


def put_in_the_post(*, by: User) -> int:
    """All that were printed have been posted today; how many."""
    return EntryLetter.objects.open().filter(posted_on__isnull=True).update(posted_on=clock.today())


def letter_of(code: str) -> EntryLetter | None:
    """The open letter with this code, however it is grouped and whether its letters are small."""
    found = None
    for letter in EntryLetter.objects.open().select_related("member"):
        if is_code(code, letter.code):
            found = letter
    return found


@transaction.atomic
def enter(*, code: str, email: str) -> User:
    """The account of whoever has the letter, to be given a password at once. Raises Refused.

    It says nothing of others who have the address already.
    """
    letter = letter_of(code)
    if letter is None:
        raise Refused(NO_LONGER, "code")
    letter = EntryLetter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if letter.used_at is not None:
        raise Refused(NO_LONGER, "code")
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise Refused("This address cannot be used. Write another, or ring the school", "email")
    try:
        user = invite_family(member=letter.member, email=email, by=letter.made_by, mail=False)
    except Refused as refused:
        raise Refused(NO_LONGER, "code") from refused
    letter.used_at = clock.now()
    letter.save(update_fields=["used_at"])
    return user


MOST_NAMESAKES = 1000


@transaction.atomic
def give_card(*, student: Student, by: User) -> SignInCard:
    """A new card; the one before opens nothing from now on. The student gets an account if they have none.

    Raises Refused for a student who has left and for a closed account.
    """
    row = Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    if row.left_on is not None and row.left_on < clock.today():
        raise Refused(f"{row.known_as} has left.")
    user = row.user
    if user is None:
        row.user = user = add_student_account(name=row.name, by=by)
        row.save(update_fields=["user"])
    if not user.is_active:
        raise Refused(f"The account of {row.known_as} is closed. The administrator can open it again.")
    username = row.sign_in_cards.values_list("username", flat=True).first() or _username(row)
    _end(row, by)
    return SignInCard.objects.create(student=row, username=username, made_at=clock.now(), made_by=by)


@transaction.atomic
def end_card(*, student: Student, by: User) -> None:
    """It opens nothing from now on; whoever is in by it goes with it."""
    _end(Student.objects.select_for_update(of=("self",)).get(pk=student.pk), by)


def whose_card(username: str, code: str) -> User | None:
    """The student who may come in with it. A wrong name takes as long as a wrong code."""
    cards = SignInCard.objects.that_open(clock.today()).select_related("student__user")
    card = cards.filter(username=username.strip().lower()).first()
    right = is_code(code, card.code if card is not None else SignInCard(made_at=clock.now()).code)
    return card.student.user if card is not None and right else None


def _end(student: Student, by: User) -> None:
    for card in student.sign_in_cards.valid():
        card.ended_at, card.ended_by = clock.now(), by
        card.save(update_fields=["ended_at", "ended_by"])
        if student.user is not None:
            sessions.end_all_of(student.user.pk)


def _username(student: Student) -> str:
    """Their first name and a number, never anybody else's: "mina2"."""
    first = "".join(one for one in names.folded(student.known_as) if one.isascii() and one.isalnum())
    first = first[:20] or "student"
    taken = set(SignInCard.objects.filter(username__startswith=first).values_list("username", flat=True))
    return next(name for n in range(2, MOST_NAMESAKES) if (name := f"{first}{n}") not in taken)

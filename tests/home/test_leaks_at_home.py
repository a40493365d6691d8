"""Over random schools: what a parent finds on pages, in feeds and mails is within what `access` and the school's own
rules let them know. Ten seeds here; `make fuzz` takes two hundred (KEYWORK_FUZZ_SEEDS)."""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest
from django.urls import reverse

from care.decisions.actions import announce
from contacts.models import HomeContact
from home.meetings import ics
from home.models import Appointment, HomeMessage, OfferedTime
from keywork import clock
from keywork.access import Can, allows, forget_relations
from keywork.levels import Level
from outbox import kinds
from tests.world import TODAY, assign, make_family, make_student, make_user

pytestmark = pytest.mark.django_db
SEEDS = min(200, int(os.environ.get("KEYWORK_FUZZ_SEEDS", "10")))
DAY = timedelta(days=1)
PAGES = (
    "portal:family_child",
    "portal:family_progress",
    "home:child",
    "home:meet",
    "home:messages",
    "home:details",
    "home:decisions",
    "safety:say_home",
)


class Secrets:
    """Words planted in a school, each with who may find it: accounts, by number."""

    def __init__(self) -> None:
        self.known: dict[str, set[int]] = {}

    def plant(self, *readers: int) -> str:
        word = f"secret{len(self.known):04}x"
        self.known[word] = set(readers)
        return word


def household(one, other) -> bool:
    return one.pk == other.pk or bool(one.household and one.household == other.household)


def build(rng: random.Random, seed: int, secrets: Secrets, adult) -> tuple[list, list]:
    """Students, each with up to four adults: together, apart, restricted, ended, not to be contacted, of two children."""
    students, links = [], []
    accounts = [make_user(f"leak{seed}_{number}", "family") for number in range(5)]
    members: dict[int, object] = {}
    for number in range(3):
        student = make_student(
            f"Child{number}", f"Leak{seed}n{number}", left_on=rng.choice((None, None, TODAY - DAY))
        )
        assign(student, adult)
        students.append(student)
        for user in rng.sample(accounts, rng.randint(1, 4)):
            link = make_family(
                student,
                f"Adult{user.pk}",
                f"Leak{seed}",
                user=None if user.pk in members else user,
                household=rng.choice(("", "one", "two")),
                may_receive_keywork_contact=rng.random() < 0.8,
                restricted_from=rng.choice((None, None, None, TODAY - DAY)),
                restricted_until=rng.choice((None, TODAY + DAY)),
                ended_on=rng.choice((None, None, None, TODAY - DAY)),
            )
            if user.pk in members:
                link.member = members[user.pk]
                link.save()
            members[user.pk] = link.member
            link.account = user
            links.append(link)
    for link in links:
        plant(rng, secrets, link, links, adult)
    return accounts, links


def may_follow(link) -> bool:
    """A student who left stays with what was shared."""
    return link.ended_on is None and not link.is_restricted(TODAY)


def plant(rng: random.Random, secrets: Secrets, link, links: list, adult) -> None:
    """A contact, a message, a meeting and a decision of one adult about one student."""
    student, member, now = link.student, link.member, clock.now()
    mine = {link.account.pk} if may_follow(link) else set()
    together = {
        one.account.pk for one in links if one.student == student and household(one, link) and may_follow(one)
    }
    level, withheld, shared = rng.choice(
        ((Level.GENERAL, "", True), (Level.GENERAL, "Not yet", False), (Level.SAFEGUARDING, "", False))
    )
    for_home, notes = secrets.plant(*(together if shared and link.ended_on is None else ())), secrets.plant()
    HomeContact.objects.create(
        student=student, member=member, with_name="Somebody", happened_on=TODAY - DAY, channel="phone", reached="spoke",
        outcome="two_way", person_marked=True, notes=notes, level=level, shared=shared, withheld_reason=withheld,
        shared_summary=for_home if shared else "", made_by=adult, logged_by=adult, logged_at=now, logged_on=TODAY,
    )  # fmt: skip
    words = secrets.plant(*mine)
    logged = HomeContact.objects.create(
        student=student, member=member, with_name="Somebody", happened_on=TODAY - DAY, channel="message",
        reached="message", outcome="delivered", direction="in", person_marked=True, notes=secrets.plant(),
        made_by=adult, logged_by=adult, logged_at=now, logged_on=TODAY,
    )  # fmt: skip
    HomeMessage.objects.create(
        student=student,
        member=member,
        from_home=True,
        words=words,
        written_by=link.account,
        written_at=now,
        contact=logged,
    )
    Appointment.objects.create(
        student=student, member=rng.choice((member, None)), user=adult, asked_by=link.account, asked_at=now,
        asked_on=TODAY, words=secrets.plant(), starts_at=now + DAY, minutes=30, how="school", settled_at=now,
        where=(place := secrets.plant()),
    )  # fmt: skip
    made = Appointment.objects.latest("pk")
    secrets.known[made.words] = secrets.known[place] = mine if made.member_id else set()
    if may_follow(link) and link.may_receive_keywork_contact:
        decided = secrets.plant(*mine)
        announce(
            by=adult, student=student, what=decided, why="", decided_by="Us", from_on=TODAY, asks="read",
            answer_by=None, members=[member.pk],
        )  # fmt: skip
    OfferedTime.objects.get_or_create(
        user=adult, starts_at=now + 2 * DAY + timedelta(hours=link.pk), defaults={
            "student": student, "minutes": 30, "how": "school", "offered_at": now,
            "where": secrets.plant(*{
                one.account.pk for one in links if one.student == student and may_follow(one)
            }),
        },
    )  # fmt: skip


def found_by(client, user, students) -> str:
    """Everything that this account can open about these students, and its calendar."""
    texts = [client.get("/home/").content.decode()]
    for student in students:
        for name in PAGES:
            answer = client.get(reverse(name, args=[student.pk]))
            follows = allows(user, Can.VIEW_FAMILY_HOME, student)
            assert answer.status_code == (200 if follows else 404), (name, answer.status_code)
            texts.append(answer.content.decode())
    texts.append(ics.made(ics.of(user), user).decode())
    return "".join(texts)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nobody_at_home_finds_more_than_they_may(world, as_user, mailoutbox, seed):
    rng, secrets = random.Random(seed), Secrets()
    accounts, links = build(rng, seed, secrets, world.u_keyworker)
    students = list({link.student_id: link.student for link in links}.values())
    for user in accounts:
        forget_relations(user)
        text = found_by(as_user(user), user, students)
        found = {word for word in secrets.known if word in text}
        leaked = {word for word in found if user.pk not in secrets.known[word]}
        assert not leaked, (seed, user, leaked)
        own = HomeMessage.objects.filter(written_by=user, student__in=students)
        mine = {one.words for one in own if user.pk in secrets.known[one.words]}
        assert mine <= found, (seed, user, mine - found)  # it looks where things are
    # Each mail about a meeting goes to who asked, as long as they may be written to, and says nothing of it.
    for row in Appointment.objects.all():
        letters = (
            list(kinds.KINDS["home.told"].function(what="meeting_moved", meeting=row.pk))
            if row.member_id
            else []
        )
        for letter in letters:
            assert letter.to.pk == row.asked_by_id and allows(letter.to, Can.VIEW_FAMILY_HOME, row.student_id)
            assert not any(word in letter.subject + letter.body for word in secrets.known)
            assert f"Leak{seed}n" not in letter.body and "Child" not in letter.body

"""Over random schools: what a parent finds on pages, in feeds, in what they take away and in mails is within what `access` and
the school's own rules let them know. Five seeds here; `make fuzz` takes two hundred (KEYWORK_FUZZ_SEEDS)."""

from __future__ import annotations

import hashlib
import os
import random
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from care.decisions.actions import announce
from care.models import Decision, Review
from contacts.models import HomeContact
from home.meetings import ics
from home.models import Appointment, HomeMessage, OfferedTime
from keywork import clock
from keywork.access import Can, allows, forget_relations
from keywork.levels import Level
from outbox import kinds
from outbox.models import Job
from reports.models import Batch, Recipient, Report
from tests.access.records import plan, review_person
from tests.access.records import review as make_review
from tests.tsp.factories import TERM, make_sheet
from tests.world import TODAY, assign, make_family, make_student, make_user
from tsp.models import Feeling, Sheet

pytestmark = pytest.mark.django_db
SEEDS = min(200, int(os.environ.get("KEYWORK_FUZZ_SEEDS", "5")))
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
OPENED = 3  # of each kind that has a page or a file of its own, so many are asked for by each account


class Secrets:
    """Words planted in a school, each with who may find it: accounts, by number."""

    def __init__(self) -> None:
        self.known: dict[str, set[int]] = {}
        self.shown: set[str] = (
            set()
        )  # what whoever may find it does find, so that it is looked for where it is

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
    secrets.shown.add(words)
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

    given_out(rng, secrets, link, mine, adult)
    reviewed(rng, secrets, link, mine, adult)


def reviewed(rng: random.Random, secrets: Secrets, link, mine: set[int], adult) -> None:
    """A review to come that this adult is invited to, or not, and whose papers are out, or not."""
    invited = rng.random() < 0.7
    place = secrets.plant(*(mine if invited else ()))
    secrets.shown.add(place)
    is_out = rng.random() < 0.5
    of = link.student.plans.first() or plan(link.student, adult)
    made = make_review(
        of, adult, place=place, taking_part_words=secrets.plant(),
        papers_on=TODAY if is_out else None, papers_words=secrets.plant(),
    )  # fmt: skip
    invited_on = TODAY if invited else None
    review_person(made, adult, role="parent", member=link.member, invited_on=invited_on)
    advice = secrets.plant(*(mine if invited and is_out else ()))
    review_person(
        made, adult, reply="coming", reply_words=secrets.plant(), advice_progress=advice, advice_on=TODAY
    )
    review_person(made, adult, role="student", name="", post="")


def given_out(rng: random.Random, secrets: Secrets, link, mine: set[int], adult) -> None:
    """A report, a sheet and a feeling, each for this adult or for nobody."""
    student, member, now = link.student, link.member, clock.now()
    is_theirs = rng.random() < 0.7
    title = secrets.plant(*(mine if is_theirs else ()))
    pages = b"%PDF-" + secrets.plant(*(mine if is_theirs else ())).encode()
    batch = Batch.objects.create(
        kind="keeping-in-touch", term=TERM, known_on=TODAY, total=1, created_by=adult, created_at=now
    )
    report = Report.objects.create(
        batch=batch, student=student, kind=batch.kind, term=TERM, title=title, known_on=TODAY, rendered_at=now,
        released_at=now, released_by=adult, sha256=hashlib.sha256(pages).hexdigest(),
        pdf=ContentFile(pages, name="leak.pdf"),
        **{} if is_theirs else {"withdrawn_at": now, "withdrawn_by": adult, "withdrawal_reason": "Wrong"},
    )  # fmt: skip
    Recipient.objects.create(report=report, member=member, sent_at=now, sent_by=adult)
    chosen = [member.pk] if is_theirs else []
    said, felt = secrets.plant(*(mine if is_theirs else ())), secrets.plant()
    make_sheet(
        student, adult, answers={"going-well": said}, wording=Sheet.Wording.STUDENT, share_with_home=is_theirs,
        shared_with=chosen,
    )  # fmt: skip
    _, made = Feeling.objects.get_or_create(
        student=student, on=TODAY, defaults={
            "word": "good", "words": felt, "said_at": now, "share_with_home": is_theirs, "shared_with": chosen,
        },
    )  # fmt: skip
    secrets.known[felt] = mine if is_theirs and made else set()
    secrets.shown |= {title, felt}


def of_their_own(rng: random.Random, students) -> list[str]:
    """Addresses of single things about these students, whoever they are for."""
    found = {
        name: [(one.student_id, one.pk) for one in model.objects.filter(student__in=students)]
        for name, model in (
            ("home:decision", Decision), ("home:my_meeting", Appointment), ("home:child_sheet", Sheet),
            ("home:meeting_ics", Appointment), ("reports:family_pdf", Report), ("care:review_papers", Review),
        )
    }  # fmt: skip
    alone = ("home:meeting_ics", "reports:family_pdf")
    return [
        reverse(name, args=args[1:] if name in alone else args)
        for name, rows in found.items()
        for args in rng.sample(rows, min(OPENED, len(rows)))
    ]


def found_by(rng: random.Random, client, user, students) -> str:
    """Everything that this account can open about these students, and its calendar."""
    texts = [client.get("/home/").content.decode()]
    for student in students:
        for name in PAGES:
            answer = client.get(reverse(name, args=[student.pk]))
            follows = allows(user, Can.VIEW_FAMILY_HOME, student)
            assert answer.status_code == (200 if follows else 404), (name, answer.status_code)
            texts.append(answer.content.decode())
    for path in of_their_own(rng, students):
        answer = client.get(path)
        assert answer.status_code in (200, 404), (path, answer.status_code)
        texts.append(answer.getvalue().decode() if answer.status_code == 200 else "")
    texts.append(ics.answer(ics.of(user), user, "meetings").content.decode())
    return "".join(texts)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nobody_at_home_finds_more_than_they_may(world, as_user, mailoutbox, seed):
    rng, secrets = random.Random(seed), Secrets()
    accounts, links = build(rng, seed, secrets, world.u_keyworker)
    students = list({link.student_id: link.student for link in links}.values())
    for user in accounts:
        forget_relations(user)
        text = found_by(rng, as_user(user), user, students)
        found = {word for word in secrets.known if word in text}
        leaked = {word for word in found if user.pk not in secrets.known[word]}
        assert not leaked, (seed, user, leaked)
        mine = {word for word in secrets.shown if user.pk in secrets.known[word]}
        assert mine <= found, (seed, user, mine - found)
    follows = {
        user.pk for user in accounts if any(allows(user, Can.VIEW_FAMILY_HOME, one) for one in students)
    }
    told = [
        ("home.told", {"what": "meeting_moved", "meeting": one.pk})
        for one in Appointment.objects.exclude(member=None)
    ]
    told += [("home.told", {"what": "message", "message": one.pk}) for one in HomeMessage.objects.all()]
    told += Job.objects.filter(kind__startswith="care.").values_list("kind", "arguments")
    written = [one for kind, arguments in told for one in kinds.KINDS[kind].function(**arguments)]
    for letter in written:
        assert letter.to.pk in follows and not any(
            word in letter.subject + letter.body for word in secrets.known
        )
        assert f"Leak{seed}n" not in letter.body and "Child" not in letter.body
    assert not any(letter.to.pk in restricted_from_all(links) for letter in written)


def restricted_from_all(links) -> set[int]:
    """Accounts that may be written to about nobody."""
    may = {one.account.pk for one in links if may_follow(one) and one.may_receive_keywork_contact}
    return {one.account.pk for one in links} - may

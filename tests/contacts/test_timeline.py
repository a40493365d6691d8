"""What the log gives the timeline: who sees what, in order, in pages, with a search; and the whole log."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from contacts.models import ContactHold, Miss
from contacts.timeline import LogTimeline
from keywork import clock, school, timeline
from keywork.access import forget_relations
from keywork.levels import Level
from tests import world as cast
from tests.access import records

ALL = frozenset(LogTimeline.kinds)


def entries(world, reader, *, kinds=ALL, search="", before=None, limit=50):
    asked = timeline.Asked(world.mina, reader, kinds, limit, school.load(), search, before)
    found = LogTimeline().newest(asked)
    return [one.tell() for one in sorted(found, key=timeline.NEWEST, reverse=True)[:limit]]


def ago(days: int) -> date:
    return cast.TODAY - timedelta(days=days)


@pytest.fixture
def full(world_with_records):
    """A contact and a session a week for ten weeks, a hold, two misses; Otto has one of each too."""
    world = world_with_records
    for week in range(1, 11):
        records.contact(
            world.mina,
            world.u_keyworker,
            happened_on=ago(7 * week),
            notes=f"Week {week} call",
            logged_on=ago(7 * week),
        )
        records.session(
            world.mina,
            world.u_keyworker,
            happened_on=ago(7 * week),
            notes=f"Week {week} talk",
            agreed="Use the quiet room",
        )
    Miss.objects.create(
        student=world.mina, duty="session", due_on=ago(30), klass="handover", keyworker=None, as_of=ago(29),
        detected_at=clock.now(),
        withdrawn_at=clock.now(), withdrawn_by=world.u_head, withdrawal_reason="Held, logged late",
    )  # fmt: skip
    return world


def test_the_provider_is_registered():
    assert LogTimeline in {type(provider) for provider in timeline.providers()}


@pytest.mark.parametrize(
    ("actor", "levels"),
    [
        ("keyworker", {"General", "Restricted"}),
        ("dsl", {"General", "Restricted", "Safeguarding"}),
        ("member", {"General"}),
        ("head", {"General"}),
        ("former", set()),
        ("teacher", set()),
        ("staff_parent", set()),
    ],
)
def test_entries_unread_are_absent(full, actor, levels):
    found = entries(full, full.users[actor])
    texts = " ".join(entry.text for entry in found)
    assert ("Restricted words" in texts) is ("Restricted" in levels)
    assert ("Safeguarding words" in texts) is ("Safeguarding" in levels)
    assert bool(found) is bool(levels)
    assert cast.OTHER_SURNAME not in texts


def test_a_search_finds_only_what_one_may_read(full):
    assert [entry.text for entry in entries(full, full.u_keyworker, search="restricted WORDS")] == [
        "Restricted words"
    ]
    assert entries(full, full.u_member, search="restricted words") == []
    assert {entry.kind for entry in entries(full, full.u_member, search="quiet room")} == {"session"}
    assert entries(full, full.u_keyworker, search="Week 3 call")[0].on == ago(21)


def test_pages_follow_each_other_without_gap_or_repeat(full):
    whole = entries(full, full.u_keyworker, limit=100)
    assert [(e.on, e.kind, e.pk) for e in whole] == sorted(
        ((e.on, e.kind, e.pk) for e in whole), reverse=True
    )
    paged, before = [], None
    while page := entries(full, full.u_keyworker, before=before, limit=4):
        paged += page
        before = (page[-1].on, page[-1].kind, page[-1].pk)
    assert paged == whole


def test_one_query_a_kind_however_many(full, django_assert_num_queries):
    school.load()
    forget_relations(full.u_keyworker)
    # The school, the reader's reach and the four kinds.
    with django_assert_num_queries(6):
        entries(full, full.u_keyworker, limit=3)
    forget_relations(full.u_keyworker)
    with django_assert_num_queries(6):
        entries(full, full.u_keyworker, limit=100)


def test_kinds_narrow_it(full):
    assert {entry.kind for entry in entries(full, full.u_keyworker, kinds=frozenset({"miss"}))} == {"miss"}


def test_what_is_said_of_each_kind(full):
    found = {(e.kind, e.on): e for e in entries(full, full.u_keyworker, limit=100)}
    assert found["contact", cast.TODAY].title == "Spoke with Home"
    withdrawn = found["miss", ago(30)]
    assert (withdrawn.title, withdrawn.voided) == (
        "Keywork session missed: was due Saturday 24 October 2026",
        "Held, logged late",
    )
    shared = next(e for e in entries(full, full.u_keyworker) if e.shared)
    assert (shared.shared, shared.seen_by) == ("We spoke today.", "Family and core team: summary shared")
    restricted = next(e for e in entries(full, full.u_keyworker) if e.restricted)
    assert restricted.seen_by == Level.RESTRICTED.label


def test_the_reason_of_a_hold_is_for_those_who_place_them(full):
    assert ContactHold.objects.filter(student=full.mina).exists()
    for actor, told in {"dsl": True, "head": True, "keyworker": False, "member": False}.items():
        holds = entries(full, full.users[actor], kinds=frozenset({"hold"}))
        assert len(holds) == 1
        assert ("Asked by family" in holds[0].text) is told, actor


# The whole log


def test_the_whole_log_of_one_student_can_be_narrowed(full, as_user):
    client = as_user(full.u_member)
    url = reverse("contacts:log", args=[full.mina.pk])
    text = client.get(url).content.decode()
    assert "Week 10 call" in text
    assert "Restricted words" not in text
    sessions = client.get(url, {"kind": "session"}).content.decode()
    assert ("Week 1 talk" in sessions, "Week 1 call" in sessions) == (True, False)
    before = client.get(url, {"term": "2025-26-summer"}).content.decode()
    assert "Week 1 call" not in before
    assert client.get(url, {"kind": "nonsense", "term": "nonsense"}).status_code == 200


def test_the_log_asks_the_same_few_queries_for_few_and_many(world, as_user, django_assert_max_num_queries):
    client = as_user(world.u_keyworker)
    url = reverse("contacts:log", args=[world.mina.pk])
    records.contact(world.mina, world.u_keyworker)
    client.get(url)
    with django_assert_max_num_queries(20) as few:
        client.get(url)
    for day in range(50):
        records.contact(world.mina, world.u_keyworker, happened_on=ago(day))
        records.session(world.mina, world.u_keyworker, happened_on=ago(day))
    with django_assert_max_num_queries(20) as many:
        client.get(url)
    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("actor", "status"),
    [
        ("keyworker", 200),
        ("slt", 200),
        ("former", 404),
        ("teacher", 404),
        ("admin", 404),
        ("parent", 403),
        ("student", 403),
    ],
)
def test_who_may_read_the_log(full, as_user, actor, status):
    assert as_user(full.users[actor]).get(reverse("contacts:log", args=[full.mina.pk])).status_code == status

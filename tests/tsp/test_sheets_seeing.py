"""Who sees which sheet: the table of domain 2.4 written by hand, and the query equal to the predicate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from keywork import clock
from keywork.access import forget_relations
from students.models import FamilyLink
from tests.tsp.factories import make_sheet
from tests.world import TODAY, build
from tsp.models import Sheet, Tool
from tsp.sheets import permissions as sheet_permissions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept(cast):
    """What a person may reach is kept for a request: here a test is one."""
    yield
    for user in cast.users.values():
        forget_relations(user)


TEAM = {"keyworker", "deputy", "mentor", "member"}
LEADS = {"head", "coordinator", "dsl", "senco"}
CORE = TEAM | LEADS
ALL_STAFF = CORE | {"keyworker_other", "former", "future", "teacher", "slt", "admin", "house_leader"}
PAIR = {"keyworker", "deputy"}

# Done, by the usual writer: who reads it. Everybody else does not even know of it.
READ_WHEN_DONE = {
    Tool.VOICE: CORE | {"student"},
    Tool.PARENT: CORE | {"parent"},
    Tool.STRENGTHS: ALL_STAFF | {"student", "parent", "staff_parent"},
    Tool.REGULATION: ALL_STAFF | {"student", "parent", "staff_parent"},
    Tool.CIRCLE: {"keyworker", "deputy", "dsl", "student"},
    Tool.TEAM: CORE | {"teacher"},
    Tool.OBSERVATION: CORE,
    Tool.RESTORATIVE: CORE,
}
WRITER = {Tool.TEAM: "teacher", Tool.OBSERVATION: "mentor", Tool.VOICE: "student", Tool.CIRCLE: "student"}


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker):
    """Every kind of sheet of both students, built once; each test undoes what it did."""
    with django_db_blocker.unblock(), clock.frozen(TODAY), transaction.atomic():
        yield add_sheets(build())
        transaction.set_rollback(True)


def add_sheets(world):
    """Done, begun, declined, crossed out, shared with home."""
    made = {}
    mums = {world.mina.pk: world.mina_mum.member, world.otto.pk: world.otto_mum.member}
    for student in (world.mina, world.otto):
        mine = student == world.mina
        for tool in Tool:
            who = WRITER.get(tool, "keyworker")
            if not mine:
                who = {"student": "student_other"}.get(who, "keyworker_other")
            given = {"member": mums[student.pk]} if tool == Tool.PARENT else {}
            for name, fields in STATES.items():
                if name == "begun" and tool in (Tool.RESTORATIVE, Tool.OBSERVATION, Tool.TEAM):
                    fields = {"done": False}
                elif name == "alone":
                    if tool not in (Tool.PARENT, Tool.REGULATION):
                        continue
                    fields = {"done": False, "wording": Sheet.Wording.PARENT}
                by = world.users[who]
                if name in ("alone", "home view"):
                    if name == "home view" and tool != Tool.REGULATION:
                        continue
                    by = world.u_parent if mine else world.u_parent_other
                if tool == Tool.PARENT and name == "alone":
                    continue  # one open conversation with each parent: "begun" is it
                made[student.pk, tool, name] = make_sheet(student, by, tool, **given, **fields)
    world.sheets = made
    return world


NOW = {"voided_at": "2026-11-20T10:00Z", "void_reason": "Wrong student"}
STATES = {
    "done": {},
    "begun": {"done": False},
    "alone": {},
    "home view": {"wording": Sheet.Wording.PARENT},
    "declined": {"declined": "Not today"},
    "void": NOW,
    "void begun": {**NOW, "done": False},
    "shared": {"share_with_home": True},
    "shared with somebody else": {"share_with_home": True, "shared_with": [987_654_321]},
    "not shared": {"share_with_home": False},
}


def people(cast, may, sheet) -> set[str]:
    fresh = Sheet.objects.select_related("student", "member").get(pk=sheet.pk)
    return {name for name, user in cast.users.items() if may(user, fresh)}


@pytest.mark.parametrize("tool", list(Tool))
def test_a_done_sheet_is_read_by_whom_the_table_says(cast, tool):
    sheet = cast.sheets[cast.mina.pk, tool, "done"]
    assert people(cast, sheet_permissions.may_read, sheet) == READ_WHEN_DONE[tool]
    assert people(cast, sheet_permissions.may_know, sheet) == READ_WHEN_DONE[tool]


@pytest.mark.parametrize(
    ("may", "query"),
    [
        (sheet_permissions.may_know, sheet_permissions.known),
        (sheet_permissions.may_read, sheet_permissions.readable),
        (sheet_permissions.may_fill, sheet_permissions.fillable),
    ],
)
def test_the_query_and_the_predicate_are_one(cast, may, query):
    rows = list(Sheet.objects.select_related("student", "member"))
    assert len(rows) > 90
    answers = set()
    for name, user in cast.users.items():
        by_query = {sheet.pk for sheet in query(user)}
        by_predicate = {sheet.pk for sheet in rows if may(user, sheet)}
        assert by_query == by_predicate, (
            name,
            [
                (str(row), row.pk in by_query, row.wording)
                for row in rows
                if row.pk in by_query ^ by_predicate
            ],
        )
        answers.add(frozenset(by_query))
    assert len(answers) > 8  # people do differ


def test_asked_of_one_student_it_is_the_same(cast):
    for user in cast.users.values():
        for student in (cast.mina, cast.otto):
            one = {sheet.pk for sheet in sheet_permissions.known_of(user, student)}
            assert one == {sheet.pk for sheet in sheet_permissions.known(user).filter(student=student)}, (
                user.name
            )


@pytest.mark.parametrize(
    ("tool", "name", "reads", "knows"),
    [
        # What a student writes alone is theirs until it is done; the core team learns that it is begun.
        (Tool.VOICE, "begun", {"student"}, CORE | {"student"}),
        (Tool.CIRCLE, "begun", {"student"}, {"student", "keyworker", "deputy", "dsl"}),
        # What the keyworker begins with them is read by those who fill it.
        (Tool.STRENGTHS, "begun", PAIR | {"student"}, CORE | {"student"}),
        (Tool.PARENT, "begun", PAIR, CORE),
        (Tool.TEAM, "begun", {"teacher"}, CORE | {"teacher"}),
        (Tool.OBSERVATION, "begun", {"mentor"}, CORE),
        (Tool.RESTORATIVE, "begun", PAIR | {"mentor"}, CORE),
        # Home's view of the map: staff, the student and that parent; no other household.
        (Tool.REGULATION, "home view", ALL_STAFF | {"student", "parent"}, ALL_STAFF | {"student", "parent"}),
        (Tool.REGULATION, "alone", {"parent"}, CORE | {"parent"}),
        # The student said yes, or no.
        (Tool.VOICE, "shared", CORE | {"student", "parent", "staff_parent"}, None),
        (Tool.VOICE, "not shared", CORE | {"student"}, None),
        (Tool.CIRCLE, "shared", PAIR | {"dsl", "student", "parent", "staff_parent"}, None),
        # Crossed out: staff still read why and what; nobody else does.
        (Tool.VOICE, "void", CORE, CORE),
        (Tool.STRENGTHS, "void", CORE, CORE),
        (Tool.CIRCLE, "void", PAIR | {"dsl"}, PAIR | {"dsl"}),
        (Tool.PARENT, "void", CORE, CORE),
        (Tool.VOICE, "void begun", set(), CORE),
        # Declined: what was begun stays with those who wrote it.
        (Tool.VOICE, "declined", {"student"}, CORE | {"student"}),
        (Tool.REGULATION, "declined", PAIR | {"student"}, CORE | {"student"}),
    ],
)
def test_other_states(cast, tool, name, reads, knows):
    sheet = cast.sheets[cast.mina.pk, tool, name]
    assert people(cast, sheet_permissions.may_read, sheet) == reads
    assert people(cast, sheet_permissions.may_know, sheet) == (reads if knows is None else knows)


@pytest.mark.parametrize("tool", list(Tool))
def test_who_changes_a_done_sheet(cast, tool):
    """Those who may fill it; a colleague's entry is theirs alone, a student's own words are the student's."""
    sheet = cast.sheets[cast.mina.pk, tool, "done"]
    wanted = {
        Tool.VOICE: {"student"},
        Tool.CIRCLE: {"student"},
        Tool.PARENT: PAIR,
        Tool.STRENGTHS: PAIR | {"student"},
        Tool.REGULATION: PAIR | {"student"},
        Tool.TEAM: {"teacher"},
        Tool.OBSERVATION: {"mentor"},
        Tool.RESTORATIVE: PAIR | {"mentor"},
    }[tool]
    assert people(cast, sheet_permissions.may_fill, sheet) == wanted
    voided = cast.sheets[cast.mina.pk, tool, "void"]
    assert people(cast, sheet_permissions.may_fill, voided) == set()


def test_another_parent_of_the_same_child_never_reads_a_conversation(cast):
    """The other household follows the child and sees its own conversation, not this one."""
    link = FamilyLink.objects.get(member__user=cast.u_parent_restricted)
    link.restricted_until = clock.today() - timedelta(days=1)
    link.save()
    forget_relations(cast.u_parent_restricted)
    mums = cast.sheets[cast.mina.pk, Tool.PARENT, "done"]
    dads = make_sheet(cast.mina, cast.u_keyworker, Tool.PARENT, member=link.member)
    assert "parent_restricted" not in people(cast, sheet_permissions.may_know, mums)
    assert {"parent_restricted", "parent"} & people(cast, sheet_permissions.may_read, dads) == {
        "parent_restricted"
    }


def test_a_court_restriction_shuts_even_ones_own_conversation(cast):
    link = FamilyLink.objects.get(member__user=cast.u_parent_restricted)
    dads = make_sheet(cast.mina, cast.u_keyworker, Tool.PARENT, member=link.member)
    assert people(cast, sheet_permissions.may_know, dads) == CORE


def test_crossing_out_and_declining(cast):
    done = cast.sheets[cast.mina.pk, Tool.VOICE, "done"]
    assert people(cast, sheet_permissions.may_void, done) == PAIR
    assert people(cast, sheet_permissions.may_void, cast.sheets[cast.mina.pk, Tool.TEAM, "done"]) == {
        "teacher"
    }
    assert people(
        cast, sheet_permissions.may_void, cast.sheets[cast.mina.pk, Tool.RESTORATIVE, "done"]
    ) == PAIR | {"mentor"}
    begun = cast.sheets[cast.mina.pk, Tool.VOICE, "begun"]
    assert people(cast, sheet_permissions.may_decline, begun) == PAIR | {"student"}
    assert people(cast, sheet_permissions.may_decline, done) == set()
    assert people(cast, sheet_permissions.may_decline, cast.sheets[cast.mina.pk, Tool.TEAM, "begun"]) == set()

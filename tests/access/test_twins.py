"""The rule exists twice, as a predicate and as a query: they are equal, and the grants are as written by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import models

from keywork import access
from keywork.access import GRANTS, Can, allows, forget_relations, has_capability, of_these, scope_q
from keywork.checks import routes
from keywork.models import Assignment
from keywork.scoped import ScopedQuerySet
from students.models import FamilyLink, Student, StudentAccess
from tests.world import TODAY, make_student

from .stage import ACTORS

A_DAY = timedelta(days=1)

# Role > every student; relation > that student. Written by hand: a widened grant must be typed twice.
WRITTEN = {
    Can.USE_TODAY: ("staff", ""),
    Can.OVERSEE: ("coordinator dsl head senco slt", ""),
    Can.LIST_STUDENTS: ("staff", ""),
    Can.ASSIGN: ("head", ""),
    Can.IMPORT_PEOPLE: ("admin head", ""),
    Can.MANAGE_ACCOUNTS: ("admin", ""),
    Can.KEEP_RUNNING: ("admin", ""),
    Can.KEEP_LETTERHEAD: ("admin coordinator", ""),
    Can.KEEP_AUTHORITY_FORMS: ("coordinator head", ""),
    Can.SET_UP_SCHOOL: ("admin", ""),
    Can.VIEW_CALENDAR: ("staff", ""),
    Can.KEEP_CALENDAR: ("admin head", ""),
    Can.VIEW_POLICY: ("staff", ""),
    Can.KEEP_POLICY: ("head", ""),
    Can.EXPORT_SCHOOL: ("coordinator head", ""),
    Can.TAKE_OUT_FILE: ("dsl", ""),
    Can.MAKE_SCHOOL_REPORTS: ("coordinator head", ""),
    Can.RECORD_OWN_ABSENCE: ("staff", ""),
    Can.RECORD_STAFF_ABSENCE: ("admin head headteacher slt", ""),
    Can.MANAGE_OWN_ACCOUNT: ("family staff student", ""),
    Can.VIEW_TEMPLATES: ("staff", ""),
    Can.PROPOSE_TEMPLATE: ("staff", ""),
    Can.EDIT_TEMPLATES: ("coordinator", ""),
    Can.ANSWER: ("family staff student", ""),
    Can.KEEP_DRAFTS: ("staff", ""),
    Can.VIEW_STRATEGIES: ("staff", ""),
    Can.MAKE_PACK: ("coordinator senco", ""),
    Can.FOLLOW_TSP: ("coordinator head", ""),
    Can.RUN_ILSA: ("coordinator head", ""),
    Can.VIEW_SCHOOL_ILSA: ("head slt", ""),
    Can.RECORD_OWN_CHOICE: ("dsl head senco", "deputy keyworker"),
    Can.GIVE_CARDS: ("admin", "deputy keyworker"),
    Can.READ_RELEASED: ("", "reader"),
    Can.VIEW_STUDENT: ("admin coordinator dsl head senco slt", "core deputy house keyworker mentor teacher"),
    Can.VIEW_LOG: ("coordinator dsl head senco slt", "core deputy keyworker mentor"),
    Can.VIEW_RESTRICTED: ("dsl", "deputy keyworker"),
    Can.VIEW_SAFEGUARDING: ("dsl", ""),
    Can.LOG: ("head", "core deputy keyworker mentor"),
    Can.SHARE_HOLIDAYS: ("head", "deputy keyworker mentor"),
    Can.BRIEF_STAFF: ("", "deputy keyworker mentor"),
    Can.READ_BRIEFINGS: ("coordinator dsl head senco slt", "core deputy keyworker mentor teacher"),
    Can.APPROVE_LATE: ("dsl head", ""),
    Can.PLACE_HOLD: ("dsl head", ""),
    Can.WITHDRAW_MISS: ("head", ""),
    Can.RECORD_ABSENCE: ("admin head", "deputy keyworker"),
    Can.VIEW_FAMILY: ("admin coordinator dsl head senco", "core deputy keyworker mentor"),
    Can.EDIT_PEOPLE: ("admin", ""),
    Can.CORRECT_DETAILS: ("admin head", "core deputy keyworker mentor"),
    Can.VIEW_RESTRICTIONS: ("dsl", ""),
    Can.SHARE_RECORD: ("dsl head", ""),
    Can.SHARE_ITEM: ("dsl head", "deputy keyworker"),
    Can.VIEW_OPENINGS: ("dsl head", ""),
    Can.VIEW_PLANS: ("coordinator dsl head senco slt", "core deputy keyworker mentor"),
    Can.EDIT_PLANS: ("coordinator head senco", "deputy keyworker"),
    Can.VIEW_MEETINGS: ("coordinator dsl head senco slt", "core deputy keyworker mentor"),
    Can.KEEP_MEETINGS: ("coordinator dsl head senco", "deputy keyworker mentor"),
    Can.VIEW_REVIEWS: ("coordinator dsl head senco slt", "core deputy keyworker mentor"),
    Can.VIEW_KEPT_PLANS: ("coordinator dsl head senco slt", "core deputy keyworker mentor"),
    Can.VIEW_SAFEGUARDING_PLANS: ("dsl", "core deputy keyworker mentor"),
    Can.VIEW_PROFILE: ("coordinator dsl head senco slt", "core deputy house keyworker mentor teacher"),
    Can.KEEP_PLANS: ("dsl senco", "deputy keyworker"),
    Can.KEEP_SHARED_PLANS: ("dsl senco", "deputy keyworker mentor"),
    Can.VIEW_CHECKLISTS: (
        "coordinator dsl head post16 senco slt transition",
        "core deputy keyworker mentor",
    ),
    Can.KEEP_CHECKLISTS: ("coordinator head post16 transition", "deputy keyworker mentor"),
    Can.VIEW_TSP: ("coordinator dsl head senco slt", "core deputy keyworker mentor"),
    Can.VIEW_SHEETS: ("coordinator dsl head senco", "core deputy keyworker mentor"),
    Can.VIEW_CIRCLE: ("dsl", "deputy keyworker"),
    Can.RATE: ("", "deputy keyworker"),
    Can.REOPEN_TSP: ("coordinator head", "deputy keyworker"),
    Can.FILL_SHEETS: ("", "deputy keyworker"),
    Can.OBSERVE: ("", "core deputy keyworker mentor"),
    Can.ADD_INPUT: ("", "core deputy keyworker mentor teacher"),
    Can.PASS_ON_REQUEST: ("coordinator dsl senco slt", "core deputy keyworker mentor teacher"),
    Can.HAND_OVER: ("head", "keyworker"),
    Can.ANSWER_REQUESTS: ("dsl head headteacher", ""),
    Can.ASK_FOR_INPUT: ("coordinator", "deputy keyworker"),
    Can.RECORD_RESTORATIVE: ("", "deputy keyworker mentor"),
    Can.KEEP_GOALS: ("", "deputy keyworker"),
    Can.CHECK_GOALS: ("coordinator head senco", "core deputy keyworker mentor"),
    Can.JUDGE_OUTCOMES: ("", "deputy keyworker"),
    Can.VIEW_ILSA: ("coordinator dsl head senco slt", "core deputy keyworker mentor"),
    Can.RATE_ILSA: ("", "deputy keyworker"),
    Can.NOTE_RATER: ("coordinator head", "deputy keyworker"),
    Can.VIEW_REPORTS: ("coordinator dsl head senco slt", "core deputy keyworker mentor"),
    Can.MAKE_REPORTS: ("coordinator head", "deputy keyworker"),
    Can.RELEASE_REPORTS: ("coordinator head", ""),
    Can.VIEW_WORRIES: ("dsl head headteacher", "deputy keyworker"),
    Can.LEAD_ON_WORRIES: ("dsl", ""),
    Can.ANSWER_HOME: ("head", "deputy keyworker"),
    Can.VIEW_FAMILY_HOME: ("", "parent"),
    Can.VIEW_MY_PAGE: ("", "self"),
}


ABOUT_THE_SCHOOL = {
    Can.ANSWER,
    Can.USE_TODAY,
    Can.LIST_STUDENTS,
    Can.RECORD_OWN_ABSENCE,
    Can.MANAGE_OWN_ACCOUNT,
    Can.VIEW_TEMPLATES,
    Can.PROPOSE_TEMPLATE,
    Can.VIEW_STRATEGIES,
}


def share(student, user, codename, until):
    return StudentAccess.objects.create(
        content_object=student,
        user=user,
        permission=Permission.objects.get(codename=codename, content_type__app_label="students"),
        reason="Covers on Mondays",
        granted_by=user,
        starts_on=TODAY - 3 * A_DAY,
        expires_on=until,
    )


def test_grants_are_as_written():
    found = {can: (" ".join(sorted(g.roles)), " ".join(sorted(g.relations))) for can, g in GRANTS.items()}
    assert found == WRITTEN
    assert set(GRANTS) == set(Can)


@pytest.mark.parametrize("actor", ACTORS)
def test_predicate_and_query_agree(world, actor):
    make_student("Third", "Nobodyschild")
    share(world.otto, world.u_teacher, "view_log", TODAY)
    share(world.otto, world.u_mentor, "cover", TODAY - A_DAY)
    share(world.otto, world.u_parent, "view_student", TODAY + A_DAY)  # a family account gets nothing from it
    user = AnonymousUser() if actor == "anonymous" else world.users[actor]
    students = list(Student.objects.all())
    everybody = {student.pk for student in students}
    for can in Can:
        by_query = set(Student.objects.filter(scope_q(user, can)).values_list("pk", flat=True))
        by_predicate = {student.pk for student in students if allows(user, can, student)}
        assert by_query == by_predicate, can
        assert of_these(user, can, everybody) == by_query, can
        assert of_these(user, can, ()) == frozenset()
        if by_predicate:
            assert has_capability(user, can), can


@pytest.mark.parametrize(
    ("actor", "mine", "other"),
    [
        ("keyworker", True, False),
        ("keyworker_other", False, True),
        ("former", False, False),
        ("future", False, False),
        ("deputy", True, False),
        ("mentor", True, False),
        ("member", True, False),
        ("teacher", False, False),
        ("house_leader", False, False),
        ("staff_parent", False, False),
        ("head", True, True),
        ("admin", False, False),
        ("parent", False, False),
        ("student", False, False),
        ("inactive", False, False),
        ("nobody", False, False),
    ],
)
def test_who_reads_the_log(world, actor, mine, other):
    user = world.users[actor]
    assert (allows(user, Can.VIEW_LOG, world.mina), allows(user, Can.VIEW_LOG, world.otto)) == (mine, other)


def test_dates_decide(world):
    row = Assignment.objects.get(student=world.mina, user=world.u_keyworker, kind="keyworker")
    row.ends_on = TODAY
    row.save()
    forget_relations(world.u_keyworker)
    assert allows(world.u_keyworker, Can.LOG, world.mina, on=TODAY)
    forget_relations(world.u_keyworker)
    assert not allows(world.u_keyworker, Can.LOG, world.mina, on=TODAY + A_DAY)
    assert not allows(world.u_future, Can.LOG, world.mina, on=TODAY)
    forget_relations(world.u_future)
    assert allows(world.u_future, Can.LOG, world.mina, on=TODAY + A_DAY)


def test_restriction_beats_every_flag_and_ends_with_its_date(world):
    link = FamilyLink.objects.get(member__user=world.u_parent_restricted)
    assert not allows(world.u_parent_restricted, Can.VIEW_FAMILY_HOME, world.mina)
    link.restricted_until = TODAY - A_DAY
    link.save()
    forget_relations(world.u_parent_restricted)
    assert allows(world.u_parent_restricted, Can.VIEW_FAMILY_HOME, world.mina)


def test_staff_parent_sees_the_family_home_and_nothing_else(world):
    user = world.u_staff_parent
    assert {can for can in Can if allows(user, can, world.mina)} - ABOUT_THE_SCHOOL == {
        Can.VIEW_FAMILY_HOME,
        Can.READ_RELEASED,
    }


def test_head_is_shut_out_of_own_child(world):
    link = FamilyLink.objects.get(member__user=world.u_staff_parent)
    link.member.user = world.u_head
    link.member.save()
    assert not allows(world.u_head, Can.VIEW_LOG, world.mina)
    assert allows(world.u_head, Can.VIEW_LOG, world.otto)
    assert set(Student.objects.visible_to(world.u_head, Can.VIEW_LOG)) == {world.otto}


def test_exception_opens_one_record_until_its_date(world):
    grant = share(world.otto, world.u_teacher, "view_log", TODAY)
    assert allows(world.u_teacher, Can.VIEW_LOG, world.otto)
    assert not allows(world.u_teacher, Can.LOG, world.otto)
    assert world.u_teacher.has_perm("students.view_log", world.otto)
    assert not world.u_teacher.has_perm("students.cover", world.otto)
    assert not world.u_teacher.has_perm("students.view_log")
    grant.expires_on = TODAY - A_DAY
    grant.save()
    forget_relations(world.u_teacher)
    assert not allows(world.u_teacher, Can.VIEW_LOG, world.otto)
    assert not world.u_teacher.has_perm("students.view_log", world.otto)


def test_an_unknown_capability_is_an_error_not_a_no(world):
    with pytest.raises(KeyError):
        allows(world.u_head, "read minds", world.mina)
    with pytest.raises(KeyError):
        has_capability(world.u_head, "read minds")


def test_one_query_for_everything_a_request_asks(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        for can in Can:
            allows(world.u_keyworker, can, world.mina)
            scope_q(world.u_keyworker, can)


# Asked inside a page or by a query; no door of a route names them.
NO_DOOR = {
    Can.MAKE_SCHOOL_REPORTS,
    Can.VIEW_RESTRICTED,
    Can.VIEW_SAFEGUARDING,
    Can.VIEW_SAFEGUARDING_PLANS,
    Can.VIEW_FAMILY,
    Can.VIEW_SHEETS,
    Can.VIEW_CIRCLE,
    Can.LEAD_ON_WORRIES,
}


def test_every_capability_is_asked_for():
    doors = {getattr(pattern.callback, "can", None) for _, pattern in routes()} - {None}
    assert set(Can) - doors <= NO_DOOR
    assert not doors & NO_DOOR


# Every model that leads to a student is found through its scope, or says here why not.
NOT_SCOPED = {
    "keywork.Assignment": "scope is computed from it",
    "keywork.Draft": "found by its owner only",
}


def test_every_model_of_a_student_is_scoped():
    loose = []
    for model in apps.get_models():
        label = model._meta.label
        leads = any(
            isinstance(f, models.ForeignKey) and f.related_model is Student for f in model._meta.get_fields()
        )
        if leads and "Event" not in label and label not in NOT_SCOPED:
            manager = model._default_manager
            if not isinstance(manager.all(), ScopedQuerySet):
                loose.append(label)
    assert loose == []


def test_nobody_can_be_a_superuser(world):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        type(world.u_head).objects.filter(pk=world.u_head.pk).update(is_superuser=True)


def test_reach_is_by_date(world):
    assert access.relations(world.u_former, date(2026, 6, 1)).related[world.mina.pk] >= {
        "keyworker",
        "deputy",
        "core",
    }

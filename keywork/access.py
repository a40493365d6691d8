"""Who may do what: the whole policy on one screen, and the only code that answers.

`GRANTS` names, for each capability, the roles that hold it over every student and the dated relations that
hold it over one student. Anything not written there is refused. `allows` answers for one student, its twin
`scope_q` for a whole query; both read the same `Relations`, loaded once per request.

Three things stand above the table. A member of staff is shut out of their own child's record. A parent or
carer under a court restriction has no relation at all, and nor has one to whom a young person of 16 shut their
pages. And a named exception (django-guardian, with reason and end date) opens one student's record, or part of it, to
one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from . import clock, prepared
from .models import Assignment, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    Person = User | AnonymousUser


class Can(StrEnum):
    """Verb and noun. The first group is about no student in particular."""

    USE_TODAY = "use today"
    OVERSEE = "oversee the school"
    LIST_STUDENTS = "list students"
    ASSIGN = "assign keyworkers"
    IMPORT_PEOPLE = "import people"
    MANAGE_ACCOUNTS = "manage accounts"
    KEEP_RUNNING = "see whether Keywork runs well, and try again what failed"
    MAKE_SCHOOL_REPORTS = "make reports for the school"
    KEEP_LETTERHEAD = "set the school's name, logo and words on paper"
    KEEP_AUTHORITY_FORMS = "keep the local authorities' own forms"
    SET_UP_SCHOOL = "set the school up"
    VIEW_CALENDAR = "see the school's calendar"
    KEEP_CALENDAR = "keep the school's calendar"
    VIEW_POLICY = "read the school's rules"
    KEEP_POLICY = "change the school's rules"
    EXPORT_SCHOOL = "take tables of the whole school out of Keywork"
    RECORD_OWN_ABSENCE = "say when they are away"
    RECORD_STAFF_ABSENCE = "say when a colleague is away"
    MANAGE_OWN_ACCOUNT = "manage their own sign-in"
    VIEW_TEMPLATES = "read the forms and their versions"
    PROPOSE_TEMPLATE = "propose a change to the TSP form"
    EDIT_TEMPLATES = "change and publish the forms"
    ANSWER = "answer what they are asked"
    KEEP_DRAFTS = "have what they type kept until it is saved"
    VIEW_STRATEGIES = "read strengths and what helps"
    FOLLOW_TSP = "follow how complete every TSP is"
    RUN_ILSA = "open a round of the independence assessment"
    VIEW_SCHOOL_ILSA = "see independence across the school"

    VIEW_STUDENT = "open a record"
    VIEW_LOG = "read the key worker log"
    VIEW_RESTRICTED = "read restricted entries"
    VIEW_SAFEGUARDING = "read safeguarding entries"
    LOG = "log contacts and sessions"
    SHARE_HOLIDAYS = "say who keeps in touch with home in a long holiday"
    BRIEF_STAFF = "tell a student's staff what home told in a holiday"
    READ_BRIEFINGS = "read what home told in a holiday"
    APPROVE_LATE = "approve late entries"
    PLACE_HOLD = "place a hold on contact"
    WITHDRAW_MISS = "withdraw a recorded miss"
    RECORD_ABSENCE = "record a student's absence"
    VIEW_FAMILY = "see family details"
    EDIT_PEOPLE = "edit student and family details"
    CORRECT_DETAILS = "correct a family's number and what to read first"
    VIEW_RESTRICTIONS = "read court restrictions"
    RECORD_OWN_CHOICE = "write down what a young person decides about home"
    GIVE_CARDS = "give a student the card they sign in with"
    SHARE_RECORD = "share a record with a named person"
    SHARE_ITEM = "show one entry, plan or document to a named person"
    VIEW_OPENINGS = "see who opened a record"
    VIEW_PLANS = "read the EHC plan"
    EDIT_PLANS = "keep the EHC plan and its reviews, and fill the authority’s form for a review"
    VIEW_REVIEWS = "read reviews of the EHC plan, requests for a needs assessment and cycles of support"
    VIEW_MEETINGS = "read meetings and decisions"
    KEEP_MEETINGS = "hold meetings and announce decisions"
    VIEW_KEPT_PLANS = "read support, health, risk and care plans"
    VIEW_SAFEGUARDING_PLANS = "read safeguarding support plans"
    VIEW_PROFILE = "read the pupil profile, and what a student was given"
    KEEP_PLANS = "write the plans a keyworker keeps, and what a student is given"
    KEEP_SHARED_PLANS = "write the plans that keyworker and mentor keep together"
    VIEW_CHECKLISTS = "read the lists of an induction and of other times"
    KEEP_CHECKLISTS = "tick the lists of an induction and of other times"
    VIEW_TSP = "read the TSP"
    VIEW_SHEETS = "read the core team's sheets"
    VIEW_CIRCLE = "see the social circle map"
    RATE = "rate and finish the TSP"
    REOPEN_TSP = "open a finished TSP again"
    FILL_SHEETS = "fill in sheets with a student or family"
    OBSERVE = "write down an observation"
    ADD_INPUT = "add team input"
    PASS_ON_REQUEST = "pass on that a student asks for another keyworker"
    HAND_OVER = "write and read the hand-over notes for the next keyworker"
    ANSWER_REQUESTS = "answer a student who asks for another keyworker, where nobody before them in line can"
    ASK_FOR_INPUT = "ask others for team input"
    RECORD_RESTORATIVE = "record a restorative conversation"
    KEEP_GOALS = "write, agree and score goals"
    CHECK_GOALS = "check a goal as the second adult"
    JUDGE_OUTCOMES = "judge progress on EHC outcomes"
    VIEW_ILSA = "read the independence assessment"
    RATE_ILSA = "rate independence and agree values"
    NOTE_RATER = "note why a rater takes no part"
    VIEW_REPORTS = "read reports"
    MAKE_REPORTS = "make a report"
    RELEASE_REPORTS = "release reports to families and to people outside"
    MAKE_PACK = "put evidence for a needs assessment together"
    TAKE_OUT_FILE = "take a student's whole file out of Keywork"
    VIEW_WORRIES = "see that a student does not feel safe, where it was shown to them"
    LEAD_ON_WORRIES = "see every time a student does not feel safe, and say what was done"
    ANSWER_HOME = "answer what a family or a student asks, and offer times to meet"
    VIEW_FAMILY_HOME = "follow their child"
    READ_RELEASED = "read the reports that the school sent them"
    VIEW_MY_PAGE = "see their own page"


@dataclass(frozen=True, slots=True)
class Grant:
    """Roles hold the capability over every student, relations over the student they relate to."""

    roles: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()


def _grant(roles: str = "", relations: str = "") -> Grant:
    return Grant(frozenset(roles.split()), frozenset(relations.split()))


GRANTS: Mapping[Can, Grant] = {
    Can.USE_TODAY: _grant("staff"),
    Can.OVERSEE: _grant("head slt dsl senco coordinator"),
    Can.LIST_STUDENTS: _grant("staff"),
    Can.ASSIGN: _grant("head"),
    Can.IMPORT_PEOPLE: _grant("admin head"),
    Can.MANAGE_ACCOUNTS: _grant("admin"),
    Can.KEEP_RUNNING: _grant("admin"),
    Can.MAKE_SCHOOL_REPORTS: _grant("head coordinator"),
    Can.KEEP_LETTERHEAD: _grant("admin coordinator"),
    Can.KEEP_AUTHORITY_FORMS: _grant("head coordinator"),
    Can.SET_UP_SCHOOL: _grant("admin"),
    Can.VIEW_CALENDAR: _grant("staff"),
    Can.KEEP_CALENDAR: _grant("admin head"),
    Can.VIEW_POLICY: _grant("staff"),
    Can.KEEP_POLICY: _grant("head"),
    Can.EXPORT_SCHOOL: _grant("head coordinator"),
    Can.RECORD_OWN_ABSENCE: _grant("staff"),
    Can.RECORD_STAFF_ABSENCE: _grant("head headteacher slt admin"),
    Can.MANAGE_OWN_ACCOUNT: _grant("staff family student"),
    Can.VIEW_TEMPLATES: _grant("staff"),
    Can.PROPOSE_TEMPLATE: _grant("staff"),
    Can.EDIT_TEMPLATES: _grant("coordinator"),
    Can.ANSWER: _grant("staff family student"),
    Can.KEEP_DRAFTS: _grant("staff"),
    Can.VIEW_STRATEGIES: _grant("staff"),
    Can.FOLLOW_TSP: _grant("head coordinator"),
    Can.RUN_ILSA: _grant("head coordinator"),
    Can.VIEW_SCHOOL_ILSA: _grant("head slt"),
    #                        over every student                     over one student
    Can.VIEW_STUDENT: _grant(
        "head coordinator dsl senco slt admin", "keyworker deputy mentor core teacher house"
    ),
    Can.VIEW_LOG: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core"),
    Can.VIEW_RESTRICTED: _grant("dsl", "keyworker deputy"),
    Can.VIEW_SAFEGUARDING: _grant("dsl"),
    Can.LOG: _grant("head", "keyworker deputy mentor core"),
    Can.SHARE_HOLIDAYS: _grant("head", "keyworker deputy mentor"),
    Can.BRIEF_STAFF: _grant("", "keyworker deputy mentor"),
    Can.READ_BRIEFINGS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core teacher"),
    Can.APPROVE_LATE: _grant("head dsl"),
    Can.PLACE_HOLD: _grant("head dsl"),
    Can.WITHDRAW_MISS: _grant("head"),
    Can.RECORD_ABSENCE: _grant("head admin", "keyworker deputy"),
    Can.VIEW_FAMILY: _grant("head coordinator dsl senco admin", "keyworker deputy mentor core"),
    Can.EDIT_PEOPLE: _grant("admin"),
    Can.CORRECT_DETAILS: _grant("head admin", "keyworker deputy mentor core"),
    Can.VIEW_RESTRICTIONS: _grant("dsl"),
    Can.RECORD_OWN_CHOICE: _grant("head dsl senco", "keyworker deputy"),
    Can.GIVE_CARDS: _grant("admin", "keyworker deputy"),
    Can.SHARE_RECORD: _grant("head dsl"),
    Can.SHARE_ITEM: _grant("head dsl", "keyworker deputy"),
    Can.VIEW_OPENINGS: _grant("head dsl"),
    Can.VIEW_PLANS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core"),
    Can.EDIT_PLANS: _grant("head coordinator senco", "keyworker deputy"),
    Can.VIEW_MEETINGS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core"),
    Can.KEEP_MEETINGS: _grant("head coordinator dsl senco", "keyworker deputy mentor"),
    Can.VIEW_REVIEWS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core"),
    Can.VIEW_KEPT_PLANS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core"),
    Can.VIEW_SAFEGUARDING_PLANS: _grant("dsl", "keyworker deputy mentor core"),
    Can.VIEW_PROFILE: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core teacher house"),
    Can.KEEP_PLANS: _grant("dsl senco", "keyworker deputy"),
    Can.KEEP_SHARED_PLANS: _grant("dsl senco", "keyworker deputy mentor"),
    Can.VIEW_CHECKLISTS: _grant(
        "head coordinator dsl senco slt transition post16", "keyworker deputy mentor core"
    ),
    Can.KEEP_CHECKLISTS: _grant("head coordinator transition post16", "keyworker deputy mentor"),
    Can.VIEW_TSP: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core"),
    Can.VIEW_SHEETS: _grant("head coordinator dsl senco", "keyworker deputy mentor core"),
    Can.VIEW_CIRCLE: _grant("dsl", "keyworker deputy"),
    Can.RATE: _grant("", "keyworker deputy"),
    Can.REOPEN_TSP: _grant("head coordinator", "keyworker deputy"),
    Can.FILL_SHEETS: _grant("", "keyworker deputy"),
    Can.OBSERVE: _grant("", "keyworker deputy mentor core"),
    Can.ADD_INPUT: _grant("", "keyworker deputy mentor core teacher"),
    Can.PASS_ON_REQUEST: _grant("coordinator dsl senco slt", "keyworker deputy mentor core teacher"),
    Can.HAND_OVER: _grant("head", "keyworker"),
    Can.ANSWER_REQUESTS: _grant("head headteacher dsl"),  # each by ChangeRequest.objects.answered_by
    Can.ASK_FOR_INPUT: _grant("coordinator", "keyworker deputy"),
    Can.RECORD_RESTORATIVE: _grant("", "keyworker deputy mentor"),
    Can.KEEP_GOALS: _grant("", "keyworker deputy"),
    Can.CHECK_GOALS: _grant("head coordinator senco", "keyworker deputy mentor core"),
    Can.JUDGE_OUTCOMES: _grant("", "keyworker deputy"),
    Can.VIEW_ILSA: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core"),
    Can.RATE_ILSA: _grant("", "keyworker deputy"),
    Can.NOTE_RATER: _grant("head coordinator", "keyworker deputy"),
    Can.VIEW_REPORTS: _grant("head coordinator dsl senco slt", "keyworker deputy mentor core"),
    Can.MAKE_REPORTS: _grant("head coordinator", "keyworker deputy"),
    Can.RELEASE_REPORTS: _grant("head coordinator"),
    Can.MAKE_PACK: _grant("coordinator senco"),
    Can.TAKE_OUT_FILE: _grant("dsl"),
    Can.VIEW_WORRIES: _grant("dsl headteacher head", "keyworker deputy"),
    Can.LEAD_ON_WORRIES: _grant("dsl"),
    Can.ANSWER_HOME: _grant("head", "keyworker deputy"),
    Can.VIEW_FAMILY_HOME: _grant("", "parent"),
    Can.READ_RELEASED: _grant("", "reader"),
    Can.VIEW_MY_PAGE: _grant("", "self"),
}

# What a named exception opens (the permission names of django-guardian on students.Student).
EXCEPTIONS: Mapping[str, frozenset[Can]] = {
    "view_student": frozenset({Can.VIEW_STUDENT}),
    "view_log": frozenset({Can.VIEW_STUDENT, Can.VIEW_LOG}),
    "cover": frozenset(
        {
            Can.VIEW_STUDENT,
            Can.VIEW_LOG,
            Can.VIEW_FAMILY,
            Can.LOG,
            Can.VIEW_PLANS,
            Can.VIEW_KEPT_PLANS,
            Can.VIEW_PROFILE,
            Can.VIEW_TSP,
            Can.VIEW_SHEETS,
            Can.OBSERVE,
            Can.VIEW_ILSA,
        }
    ),
}

# Which role can stand in which relation at all: decides between 403 (never) and 404 (not this one).
RELATIONS_OF_STAFF = frozenset(Assignment.Kind.values)
POSSIBLE_RELATIONS: Mapping[str, frozenset[str]] = {
    "staff": RELATIONS_OF_STAFF,
    "family": frozenset({"parent", "reader"}),
    "student": frozenset({"self"}),
}

# A parent who works here still follows their own child as any parent does; nothing else.
OWN_CHILD_STILL_ALLOWED = frozenset({Can.VIEW_FAMILY_HOME, Can.READ_RELEASED})


@dataclass(frozen=True, slots=True)
class Relations:
    """One person's relations on one day: student id to relation names, and the students shut to them."""

    on: date
    related: Mapping[int, frozenset[str]] = field(default_factory=dict)
    own_children: frozenset[int] = frozenset()

    def students(self, can: Can) -> frozenset[int]:
        """Ids of the students over whom a relation or an exception grants `can`."""
        return frozenset([student_id for student_id in self.related if self.holds(can, student_id)])

    def holds_any(self, can: Can) -> bool:
        """Does a relation or an exception grant `can` over any student?"""
        return any(self.holds(can, student_id) for student_id in self.related)

    def holds(self, can: Can, student_id: int) -> bool:
        """Does a relation or an exception grant `can` over this student?"""
        names = self.related.get(student_id, frozenset())
        if self.shuts(can, student_id) or not names:
            return False
        return not GRANTS[can].relations.isdisjoint(names) or any(
            can in EXCEPTIONS.get(name, ()) for name in names
        )

    def shuts(self, can: Can, student_id: int) -> bool:
        """Is this their own child, whose record is shut to them?"""
        return student_id in self.own_children and can not in OWN_CHILD_STILL_ALLOWED


def _relations(user: int, on: date) -> Any:
    """Every relation of the person (their id) in one UNION: (student id, relation name)."""
    link = apps.get_model("students", "FamilyLink")
    student = apps.get_model("students", "Student")
    exception = apps.get_model("students", "StudentAccess")
    as_text = CharField()
    return (
        Assignment.objects.dated(on)
        .filter(user=user)
        .order_by()
        .values_list("student_id", Cast("kind", as_text))
        .union(
            link.objects.of_account(user).order_by().values_list("student_id", Value("child", as_text)),
            link.objects.of_account(user)
            .following(on)
            .order_by()
            .values_list("student_id", Value("parent", as_text)),
            link.objects.of_account(user)
            .following(on)
            .without("page")
            .order_by()
            .values_list("student_id", Value("reader", as_text)),
            student.objects.filter(user=user).order_by().values_list("pk", Value("self", as_text)),
            exception.objects.in_force(on)
            .filter(user=user)
            .order_by()
            .values_list(
                "content_object_id", Concat(Value(""), F("permission__codename"), output_field=as_text)
            ),
        )
    )


def relations(user: User, on: date | None = None) -> Relations:
    """The person's relations on a day (default today); one query, kept on the user for the request."""
    on = on or clock.today()
    kept: Relations | None = getattr(user, "_keywork_relations", None)
    if kept is not None and kept.on == on:
        return kept
    possible = frozenset[str]().union(*(POSSIBLE_RELATIONS.get(role, frozenset()) for role in user.roles))
    related: dict[int, set[str]] = {}
    own_children: set[int] = set()
    for student_id, name in prepared.rows(_relations, user.pk, on):
        if name == "child":
            own_children.add(student_id)
        elif name in possible or ("staff" in user.roles and name in EXCEPTIONS):
            related.setdefault(student_id, set()).add(name)
    found = Relations(on, {pk: frozenset(names) for pk, names in related.items()}, frozenset(own_children))
    user._keywork_relations = found  # for one request
    return found


def accounts_of_own_children(user: User) -> Q:
    """A condition on accounts: those of the person's own children and of the children's other family.

    They neither open nor change these; their own account is not among them.
    """
    children = relations(user).own_children
    if not children:
        return Q(pk__in=())
    link = apps.get_model("students", "FamilyLink").objects.filter(student__in=children)
    return (Q(student__in=children) | Q(family_member__links__in=link)) & ~Q(pk=user.pk)


def shut_out(users: Iterable[User]) -> set[tuple[int, int]]:
    """Who is shut out of which record as its family: (user id, student id) of many users at once; one query."""
    link = apps.get_model("students", "FamilyLink")
    rows = link.objects.filter(member__user__in=list(users), ended_on__isnull=True)
    return set(rows.order_by().values_list("member__user", "student"))


def forget_relations(user: User) -> None:
    """Drop what `relations` kept, after an action changed the person's relations within a request or a test."""
    if hasattr(user, "_keywork_relations"):
        del user._keywork_relations


HEAD = "head"
# Whom a student's worry reaches, in this order: the first of them whose account is open.
WORRY_LINE = ("dsl", "headteacher", HEAD)
# Who answers a student who asks for another keyworker: the first of them whose account is open and who is no family.
ANSWER_LINE = (HEAD, "headteacher", "dsl")
# Who hears that somebody's rights were changed.
HEAR_OF_RIGHTS = frozenset({HEAD, "dsl"})


def is_head(user: User) -> bool:
    return HEAD in user.roles


def heads() -> QuerySet[User]:
    """The Heads of Social Education whose account is open."""
    return User.objects.filter(is_active=True, roles__contains=[HEAD])


def seniors() -> QuerySet[User]:
    """Senior leadership: who is told when the same is missed again and again."""
    return User.objects.filter(is_active=True, roles__contains=["slt"])


def has_capability(user: Person, can: Can) -> bool:
    """Could this person, by what they are, ever do this? False means 403, whoever the student."""
    grant = GRANTS[can]
    if not (user.is_authenticated and user.is_active):
        return False
    roles = frozenset(user.roles)
    if not grant.roles.isdisjoint(roles):
        return True
    if any(not grant.relations.isdisjoint(POSSIBLE_RELATIONS.get(role, ())) for role in roles):
        return True
    return "staff" in roles and any(can in opened for opened in EXCEPTIONS.values())


def holds_for_all(user: Person, can: Can) -> bool:
    """Does a role give this over every student (their own child always excepted)?"""
    return user.is_authenticated and user.is_active and not GRANTS[can].roles.isdisjoint(user.roles)


def allows(user: Person, can: Can, student: Any, on: date | None = None) -> bool:
    """May this person do this for this student (an object with `pk`, or an id) on this day?"""
    GRANTS[can]  # a capability without a grant is a mistake, never a silent no
    if not (user.is_authenticated and user.is_active):
        return False
    student_id = student if isinstance(student, int) else student.pk
    mine = relations(user, on)
    if mine.shuts(can, student_id):
        return False
    return mine.holds(can, student_id) or holds_for_all(user, can)


def of_these(user: Person, can: Can, student_ids: Iterable[int], on: date | None = None) -> frozenset[int]:
    """`allows` for many students at once: those of the ids for whom this person may do this."""
    GRANTS[can]
    if not (user.is_authenticated and user.is_active):
        return frozenset()
    mine = relations(user, on)
    if not holds_for_all(user, can):
        return mine.students(can).intersection(student_ids)
    return frozenset(student_ids) - (frozenset() if can in OWN_CHILD_STILL_ALLOWED else mine.own_children)


def staff_who(can: Can, student_id: int) -> list[User]:
    """The staff for whom `allows` says yes of one student today, in the order of names; two queries.

    Without those to whom a named exception opens it.
    """
    grant = GRANTS[can]
    assignments = Assignment.objects.current(clock.today()).filter(
        student=student_id, kind__in=grant.relations
    )
    users = list(
        User.objects.filter(
            Q(roles__overlap=list(grant.roles))
            | Q(roles__contains=["staff"], pk__in=assignments.values("user")),
            is_active=True,
        )
    )
    family = shut_out(users)
    return [user for user in users if (user.pk, student_id) not in family]


def scope_q(user: Person, can: Can, path: str = "pk", on: date | None = None) -> Q:
    """The twin of `allows` as a condition on `path`, the way from the queried model to the student's id."""
    GRANTS[can]
    if not (user.is_authenticated and user.is_active):
        return Q(pk__in=())
    mine = relations(user, on)
    if holds_for_all(user, can):
        if mine.own_children and can not in OWN_CHILD_STILL_ALLOWED:
            return ~Q(**{f"{path}__in": mine.own_children})
        return Q()
    return Q(**{f"{path}__in": mine.students(can)})

"""Asking somebody something about a student: the request, its reminders, and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from keywork import clock
from keywork.access import Can, scope_q
from keywork.dates import overdue_from
from keywork.models import Assignment
from keywork.scoped import ScopedQuerySet
from students.models import FamilyLink

from . import kinds

if TYPE_CHECKING:
    from keywork.models import User

SELF = "self"  # in `relation`: the student; else a kind of Assignment
OPEN = Q(answered_at__isnull=True, withdrawn_at__isnull=True, declined_at__isnull=True)


class EnquiryQuerySet(ScopedQuerySet):
    def waiting(self, on: date | None = None) -> EnquiryQuerySet:
        """Not answered, and not of a round that was over before that day (default: today)."""
        return self.filter(OPEN).exclude(kind__in=kinds.in_rounds(), answer_by__lt=on or clock.today())

    def barred(self, on: date) -> EnquiryQuerySet:
        """Those of a parent or carer who may not be written to about the student on this day.

        A restriction, a link that ended, an objection to contact: each beats whatever was sent before.
        """
        links = FamilyLink.objects.filter(student=OuterRef("student"), member=OuterRef("member"))
        is_report = Q(kind__in=[kind.slug for kind in kinds.registered() if kind.is_report])
        free = Q(is_report, Exists(links.for_reports(on))) | Q(~is_report, Exists(links.for_keywork(on)))
        return self.filter(~free, member__isnull=False)

    def of(self, user: User) -> EnquiryQuerySet:
        """What this colleague was asked by name, and may still answer."""
        return self.filter(_for_colleague(user), user=user)

    def answered_by(self, user: User) -> EnquiryQuerySet:
        """What is this signed-in person's to answer, as colleague, by a relation of today, as parent or as student."""
        assignments = Assignment.objects.current(clock.today()).filter(
            user=user, student=OuterRef("student"), kind=OuterRef("relation")
        )
        return self.filter(
            Q(_for_colleague(user), Q(user=user) | Q(Exists(assignments)))
            | Q(scope_q(user, Can.VIEW_FAMILY_HOME, "student_id"), member__user=user)
            | Q(scope_q(user, Can.VIEW_MY_PAGE, "student_id"), relation=SELF)
        )


def _for_colleague(user: User) -> Q:
    """Which enquiries a colleague may answer, were they asked: by what each kind says."""
    own = {kind.slug: said for kind in kinds.registered() if (said := kind.for_colleague(user)) is not None}
    found = Q(scope_q(user, Can.ADD_INPUT, "student_id"), ~Q(kind__in=list(own)))
    for slug, said in own.items():
        found |= Q(said, kind=slug)
    return found


@pghistory.track()
class Enquiry(models.Model):
    """One thing asked of one respondent about one student: `kind` (enquiries.kinds) says what, and with which words.

    The respondent is one of four. A colleague (`user`). Whoever stands in a `relation` to the student on the day:
    "self" is the student. A parent or carer (`member`). Or somebody outside, with no account, by `name` and `email`.

    Those outside, and a parent who is asked so, are reached by e-mail with a link that ends at `expires_at` and a
    code told to them another way. Only digests of both are kept, and a seed that makes the link with the secret
    key alone (keywork.outside). `tries` counts wrong codes; the link closes after a few. They see what they are
    asked about and nothing else: `parts` of a form and `question`.

    `period` is the round it belongs to, by the id of its kind: a term, an academic year, a week. The answer stands in
    `answers`, or in a record of the kind's app, whose key is `target_id` once there is one.
    """

    kind = models.CharField(max_length=40)
    student = models.ForeignKey("students.Student", on_delete=models.PROTECT, related_name="enquiries")
    period = models.CharField(max_length=20)
    user = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="enquiries")
    relation = models.CharField(max_length=20, blank=True)
    member = models.ForeignKey(
        "students.FamilyMember", on_delete=models.PROTECT, null=True, related_name="enquiries"
    )
    name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=100, blank=True)
    email = models.EmailField("e-mail", blank=True)
    parts = ArrayField(models.SlugField(max_length=60), default=list, blank=True)
    question = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateField("asked for by")
    reminded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    link_seed = models.CharField(max_length=64, blank=True)  # what the worker makes the link from
    link_digest = models.CharField(max_length=64, blank=True)
    code_digest = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    target_id = models.BigIntegerField("key of the record with the answer", null=True)
    answers = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    answered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField("whoever asked has read the answer", null=True)
    read_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField("they said they cannot", null=True)
    declined_words = models.CharField(max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name_plural = "enquiries"
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, relation="", member__isnull=True)
                | (Q(user__isnull=True, member__isnull=True) & ~Q(relation=""))
                | Q(user__isnull=True, relation="", member__isnull=False)
                | Q(user__isnull=True, relation="", expires_at__isnull=False),
                name="enquiry_one_respondent",
            ),
            models.CheckConstraint(
                condition=Q(email="", link_digest="", code_digest="", expires_at__isnull=True)
                | (
                    Q(user__isnull=True, relation="", expires_at__isnull=False)
                    & ~Q(name="")
                    & ~Q(email="")
                    & ~Q(link_digest="")
                    & ~Q(code_digest="")
                ),
                name="enquiry_link_whole",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("asked_at")),
                name="enquiry_ends_after_it_began",
            ),
            *(
                models.UniqueConstraint(
                    fields=["student", "kind", "period", whom],
                    condition=Q(**{f"{whom}__isnull": False}) & OPEN,
                    name=f"enquiry_one_open_of_{whom}",
                )
                for whom in ("user", "member")
            ),
            models.UniqueConstraint(
                fields=["link_digest"], condition=~Q(link_digest=""), name="enquiry_link_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "target_id"], condition=Q(target_id__isnull=False), name="enquiry_target_once"
            ),
        ]

    @property
    def by_link(self) -> bool:
        return self.expires_at is not None

    @property
    def ends_at(self) -> datetime | None:
        """When it cannot be answered any more; None for what never ends by itself."""
        if kinds.kind_of(self).in_rounds:
            return overdue_from(self.answer_by)
        return self.expires_at

    @property
    def respondent(self) -> str:
        if self.user:
            return self.user.name
        return self.name or (self.member.name if self.member else self.relation)

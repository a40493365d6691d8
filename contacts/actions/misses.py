"""Writing down what was missed: exactly once, catching up, taken back when shown to be wrong.

Detecting only. Telling people is `contacts.digests`, so that a mail server that is down loses no miss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Any

from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable

from contacts import facts
from contacts.duties import home, session
from contacts.sessions import CATCH_UP_DAYS
from keywork import clock, duties, school
from keywork.dates import day_in_full
from keywork.duties import MissFact
from keywork.errors import Refused
from keywork.jobs import NIGHTLY, job_run, last_finished
from keywork.models import School, User
from keywork.providers import Duty
from keywork.school import SchoolFacts
from keywork.sql import rows

from ..models import HomeContact, KeyworkSession, Miss, MissAnswer
from ..models.entry import EntryQuerySet

BATCH = 250  # each its own transaction: what a killed run wrote stays written
LOOK_BACK = timedelta(days=90)  # longer than a baseline may be late before it is missed (T3)
CORRECTED = "The records it rested on were put right later"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run looks at: all students from `since` (None: ever); the whole past of the `touched` ones."""

    since: date | None
    touched: tuple[int, ...] = ()

    def asks(self, provider: Duty, as_of: date, facts_: SchoolFacts) -> Iterator[MissFact]:
        found = iter(provider.misses(as_of, self.since, school=facts_))
        if not self.touched:
            return found
        return chain(found, provider.misses(as_of, None, school=facts_, students=self.touched))

    @property
    def q(self) -> Q:
        return Q() if self.since is None else Q(due_on__gte=self.since) | Q(student__in=self.touched)


def record_misses(*, as_of: date | None = None, by: User | None = None) -> dict[str, Any]:
    """Write a Miss for every due date before `as_of` (default today) that passed unmet; withdraw wrong ones.

    Returns how many it wrote itself, by class, how many it withdrew, how many of those it had withdrawn stand again
    and how many changed class. Any number of these may run at once, be killed and run again: the unique constraint
    makes each miss once. Raises ValueError for a day to come.
    """
    today = clock.today()
    as_of = as_of or today
    if as_of > today:
        raise ValueError("Choose today or an earlier day: what will be missed is not known yet.")
    stamp = str(School.objects.values_list("stamp", flat=True).first())
    facts_ = school.load()
    with job_run(NIGHTLY, as_of) as result:
        seen_at = _database_now()
        newest = Miss.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        scope = _scope(as_of, stamp)
        recorded: Counter[str] = Counter()
        withdrawn = restored = reclassed = 0
        for provider in duties.providers():
            derived: set[tuple[str, int, date]] = set()
            asked = scope.asks(provider, as_of, facts_)
            while batch := list(islice(asked, BATCH)):
                written = _write(batch, as_of, clock.now())
                recorded += written.recorded
                restored += written.restored
                reclassed += written.reclassed
                derived.update((fact.kind, fact.student_id, fact.due_on) for fact in batch)
            for kind in provider.miss_names:
                withdrawn += _withdraw_wrong(kind, scope, derived, as_of, newest, facts_)
        found = {
            "recorded": recorded.total(),
            "classes": dict(recorded),
            "withdrawn": withdrawn,
            "restored": restored,
            "reclassed": reclassed,
        }
        result.update(found, by=by.pk if by else None, seen_at=seen_at.isoformat(), stamp=stamp)
    return {"as_of": as_of.isoformat(), **found}


def withdraw_miss(*, miss: Miss, reason: str, by: User) -> Miss:
    """Take back a miss that was wrong: settled, it stays readable and never comes back. Raises Refused."""
    if not reason.strip():
        raise Refused("Say why it was not missed", "reason")
    with transaction.atomic():
        written = (
            Miss.objects.standing()
            .filter(pk=miss.pk)
            .update(withdrawn_at=clock.now(), withdrawn_by=by, withdrawal_reason=reason.strip())
        )
    if not written:
        raise Refused("This was withdrawn already")
    miss.refresh_from_db()
    return miss


@transaction.atomic
def explain_miss(*, miss: Miss, reason: str, by: User) -> MissAnswer:
    """Say how it came. Raises Refused where it is withdrawn."""
    row = Miss.objects.select_for_update(of=("self",)).get(pk=miss.pk)
    if row.withdrawn_at is not None:
        raise Refused("This was withdrawn already")
    answer, _ = MissAnswer.objects.select_for_update(of=("self",)).get_or_create(miss=row)
    answer.reason, answer.given_by, answer.given_at = reason.strip(), by, clock.now()
    answer.save(update_fields=["reason", "given_by", "given_at"])
    return answer


@transaction.atomic
def acknowledge_miss(*, miss: Miss, by: User) -> MissAnswer:
    """The Head has seen it: once, whoever presses again."""
    Miss.objects.select_for_update(of=("self",)).get(pk=miss.pk)
    answer, _ = MissAnswer.objects.select_for_update(of=("self",)).get_or_create(miss=miss)
    if answer.acknowledged_at is None:
        answer.acknowledged_by, answer.acknowledged_at = by, clock.now()
        answer.save(update_fields=["acknowledged_by", "acknowledged_at"])
    return answer


def _scope(as_of: date, stamp: str) -> Scope:
    """Everything after a change of calendar or policy; otherwise the last weeks and whoever was changed."""
    last = last_finished(NIGHTLY)
    if last is None or last.result.get("stamp") != stamp or "seen_at" not in last.result:
        return Scope(None)
    # An hour more, for what was written in a transaction still open when the last run looked.
    since = datetime.fromisoformat(last.result["seen_at"]) - timedelta(hours=1)
    # Where a fact about a student can change; the row history knows who was touched since the last run.
    tables = {table: column for one in duties.providers() for table, column in one.rests_on.items()}
    tables |= {"keywork_assignmentevent": "student_id"}  # whose a miss is (C14, H7)
    union = " UNION ".join(
        f"SELECT {column} FROM {table} WHERE pgh_created_at >= %(since)s" for table, column in tables.items()
    )
    touched = tuple(student_id for (student_id,) in rows(union, {"since": since}))
    return Scope(min(last.as_of, as_of) - LOOK_BACK, touched)


def _database_now() -> datetime:
    """The database's clock, which stamps the row history (the clock of the school may be frozen)."""
    return rows("SELECT clock_timestamp()", {})[0][0]


@dataclass(frozen=True, slots=True)
class Written:
    """What writing some misses came to: new ones by class, how many came back, how many changed class."""

    recorded: Counter[str]
    restored: int
    reclassed: int


@transaction.atomic
def _write(batch: Iterable[MissFact], as_of: date, now: datetime) -> Written:
    """Write those that are not there yet, and put right those that are, as long as no person has settled them.

    One that Keywork itself had withdrawn stands again. A class follows the facts; newly `attempted`, the Heads are
    told of it (C7), told of the miss before or not. Always in one order, so that no two processes wait in a circle.
    """
    ordered = sorted(batch, key=lambda fact: (fact.student_id, fact.kind, fact.due_on))
    found = """
        unnest(%(students)s::bigint[], %(duties)s::text[], %(due)s::date[], %(klasses)s::text[],
               %(keyworkers)s::bigint[]) AS found(student_id, duty, due_on, klass, keyworker_id)
        """
    params = {
        "as_of": as_of,
        "now": now,
        "students": [fact.student_id for fact in ordered],
        "duties": [fact.kind for fact in ordered],
        "due": [fact.due_on for fact in ordered],
        "klasses": [fact.klass for fact in ordered],
        "keyworkers": [fact.keyworker_id for fact in ordered],
    }
    changed = rows(
        f"""
        WITH before AS (
            SELECT miss.id, miss.klass AS old, miss.withdrawn_at IS NOT NULL AS was_withdrawn,
                found.klass AS new, found.keyworker_id
            FROM {found} JOIN contacts_miss miss USING (student_id, duty, due_on)
            WHERE miss.withdrawn_by_id IS NULL
                AND (miss.withdrawn_at IS NOT NULL OR miss.klass <> found.klass
                     OR miss.keyworker_id IS DISTINCT FROM found.keyworker_id)
            ORDER BY miss.student_id, miss.duty, miss.due_on FOR UPDATE OF miss
        )
        UPDATE contacts_miss miss SET withdrawn_at = NULL, withdrawal_reason = '', klass = before.new,
            keyworker_id = before.keyworker_id,
            alerted_from = CASE WHEN old <> new AND new = 'attempted' THEN %(now)s ELSE alerted_from END,
            head_notified_at = CASE WHEN old <> new AND new = 'attempted' THEN NULL ELSE head_notified_at END
        FROM before WHERE before.id = miss.id
        RETURNING was_withdrawn, old <> new
        """,
        params,
    )
    written = rows(
        f"""
        INSERT INTO contacts_miss
            (student_id, duty, due_on, klass, keyworker_id, as_of, detected_at, withdrawal_reason)
        SELECT student_id, duty, due_on, klass, keyworker_id, %(as_of)s, %(now)s, '' FROM {found}
        ON CONFLICT (student_id, duty, due_on) DO NOTHING
        RETURNING klass
        """,
        params,
    )
    return Written(
        Counter(klass for (klass,) in written),
        sum(restored for restored, _ in changed),
        sum(reclassed for _, reclassed in changed),
    )


def _withdraw_wrong(
    kind: str,
    scope: Scope,
    derived: set[tuple[str, int, date]],
    as_of: date,
    newest: int,
    facts_: SchoolFacts,
) -> int:
    """Withdraw standing misses of the scope that the facts no longer bear out. How many."""
    # A miss another process wrote meanwhile may rest on facts newer than ours.
    # One of a day to come was written while the clock was ahead.
    knowable = Q(due_on__lt=as_of) | Q(due_on__gt=clock.today())
    standing = Miss.objects.standing().filter(scope.q, knowable, duty=kind, pk__lte=newest)
    wrong = [
        pk
        for pk, student_id, due_on in standing.order_by("pk")
        .values_list("pk", "student_id", "due_on")
        .iterator()
        if (kind, student_id, due_on) not in derived
    ]
    done = 0
    for start in range(0, len(wrong), BATCH):
        piece = wrong[start : start + BATCH]
        with transaction.atomic():
            reasons = _reasons(kind, piece, as_of, facts_)
            for reason in sorted(set(reasons.values())):
                same = [pk for pk in piece if reasons[pk] == reason]
                done += (
                    Miss.objects.standing()
                    .filter(pk__in=same)
                    .update(withdrawn_at=clock.now(), withdrawal_reason=reason)
                )
    return done


def _reasons(kind: str, misses: list[int], as_of: date, facts_: SchoolFacts) -> dict[int, str]:
    """Why each of these was not missed after all: the entry that was logged later, where there is one."""
    reasons = dict.fromkeys(misses, CORRECTED)
    entries: EntryQuerySet[Any]
    latest: Combinable = F("due_on")
    if kind == home.KIND:
        noun = "contact"
        entries = HomeContact.objects.filter(facts.counting(facts_.policy(as_of), None))
    elif kind == session.KIND:
        noun, latest = "session", latest + timedelta(days=CATCH_UP_DAYS)
        entries = KeyworkSession.objects.filter(facts.standing(None), facts.approved(None), status="held")
    else:
        return reasons
    later = entries.filter(
        student=OuterRef("student"), happened_on__lte=OuterRef("latest"), logged_on__gt=OuterRef("due_on")
    ).order_by("-happened_on")
    found = Miss.objects.filter(pk__in=misses).annotate(
        latest=ExpressionWrapper(latest, DateField()), on=Subquery(later.values("happened_on")[:1])
    )
    for pk, due_on, on in found.filter(on__isnull=False).values_list("pk", "due_on", "on"):
        day = day_in_full(on, as_of)
        reasons[pk] = (
            f"A {noun} on {day} was logged later" if on <= due_on else f"Made up for by a {noun} on {day}"
        )
    return reasons

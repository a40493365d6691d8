"""The facts the duties stand on, loaded for many students at once as plain rows.

Everything here is one query however many students. Ids travel as one array, not as thousands of parameters,
and nothing becomes a model instance: an oversight page asks this for the whole school.

`known_on` leaves out what was only written down, approved or voided after that day (C10); without it, all
that is known now counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from contacts.clock import ALWAYS_ALLOWED
from contacts.home_contact import HomeHistory, LastContact, LoggedContact
from keywork.calendar import Span, spans_by_student
from keywork.policy import Policy
from keywork.posts import LAST_DAY, Spell
from keywork.sql import MANY, among, as_array, prepared_rows, rows


class LoggedSession(NamedTuple):
    """A standing session. `covered` has bit i set when the i-th required topic was talked about."""

    on: date
    status: str
    covered: int
    catch_up_for: str
    waiting: bool


# Of MANY students: sweep the last days of everybody, and probe only for those not found there.
LATELY = timedelta(days=20)


def standing_sql(entry: str, known_on: date | None) -> str:
    """Written down and not voided (C17); uses the parameter `known_on`."""
    if known_on is None:
        return f"{entry}.voided_on IS NULL"
    voided = f"({entry}.voided_on IS NULL OR {entry}.voided_on > %(known_on)s)"
    return f"{entry}.logged_on <= %(known_on)s AND {voided}"


def approved_sql(entry: str, known_on: date | None) -> str:
    """Logged soon enough, or approved (C10); uses the parameter `known_on`."""
    approved = (
        f"{entry}.approved_on IS NOT NULL" if known_on is None else f"{entry}.approved_on <= %(known_on)s"
    )
    return f"(NOT {entry}.needs_approval OR {approved})"


def counting_sql(contact: str, known_on: date | None) -> str:
    """`clock.qualifies` and `clock.counts_on` as a condition; parameters from `counting_params`."""
    return (
        f"{contact}.outcome = ANY(%(outcomes)s) AND {contact}.channel = ANY(%(channels)s)"
        f" AND {contact}.person_marked"
        f" AND {standing_sql(contact, known_on)} AND {approved_sql(contact, known_on)}"
    )


def counting_params(policy: Policy, known_on: date | None) -> dict[str, Any]:
    outcomes = ["two_way"]
    if policy.contact_one_way_counts:
        outcomes.append("delivered")
    if policy.contact_voicemail_counts:
        outcomes.append("voicemail")
    channels = sorted({*policy.contact_channels, *ALWAYS_ALLOWED})
    return {"outcomes": outcomes, "channels": channels, "known_on": known_on}


def last_contacts(
    ids: Sequence[int], as_of: date, policy: Policy, known_on: date | None, closure: Span | None = None
) -> dict[int, LastContact]:
    """For each student with any, the latest contact by the end of `as_of` that counts."""
    counting = counting_sql("contact", known_on)
    in_closure = "0"
    if closure is not None:
        in_closure = f"""(SELECT count(*) FROM contacts_homecontact contact
            WHERE contact.student_id = student.id AND {counting}
            AND contact.happened_on BETWEEN %(closed_from)s AND %(closed_to)s)"""
    probed = f"""
        SELECT asked.id, latest.happened_on, latest.outcome
        FROM unnest(%(ids)s::bigint[]) AS asked(id)
        CROSS JOIN LATERAL (
            SELECT contact.happened_on, contact.outcome FROM contacts_homecontact contact
            WHERE contact.student_id = asked.id AND {counting} AND contact.happened_on <= %(as_of)s
            ORDER BY contact.happened_on DESC, contact.outcome DESC LIMIT 1
        ) latest"""
    latest = probed
    if len(ids) > MANY:
        latest = f"""
        WITH recent AS MATERIALIZED (
            SELECT DISTINCT ON (contact.student_id) contact.student_id AS id, contact.happened_on, contact.outcome
            FROM contacts_homecontact contact
            WHERE {counting} AND contact.happened_on BETWEEN %(lately)s AND %(as_of)s
            ORDER BY contact.student_id, contact.happened_on DESC, contact.outcome DESC
        )
        SELECT id, happened_on, outcome FROM recent
        UNION ALL {probed} WHERE asked.id NOT IN (SELECT id FROM recent)"""
    found = rows(
        f"SELECT student.id, happened_on, outcome, {in_closure} FROM ({latest}) AS student",
        {
            "lately": as_of - LATELY,
            **counting_params(policy, known_on),
            "ids": as_array(ids),
            "as_of": as_of,
            "closed_from": closure and closure[0],
            "closed_to": closure and min(closure[1], as_of),
        },
    )
    return {student_id: LastContact(on, outcome, made) for student_id, on, outcome, made in found}


def holds(ids: Sequence[int], as_of: date | None, known_on: date | None) -> dict[int, tuple[Span, ...]]:
    """The contact holds of each student that has any, by start (C12).

    With `as_of`, only those begun or placed by then.
    """
    by_then = "" if as_of is None else "AND (starts_on <= %(as_of)s OR placed_on <= %(as_of)s)"
    known = "" if known_on is None else "AND placed_on <= %(known_on)s"
    found = rows(
        f"""
        SELECT student_id, starts_on, ends_on
        FROM (SELECT *, (placed_at AT TIME ZONE 'Europe/London')::date AS placed_on FROM contacts_contacthold
              WHERE {among(ids, "student_id")}) hold
        WHERE true {by_then} {known} ORDER BY student_id, starts_on
        """,
        {"ids": as_array(ids), "as_of": as_of, "known_on": known_on},
    )
    return spans_by_student(found)


def since_then(
    since: dict[int, date], as_of: date, known_on: date | None
) -> tuple[dict[int, list[LoggedContact]], dict[int, list[Spell]]]:
    """For each student, what was logged after their own day up to `as_of`, and who was keyworker then."""
    contacts: dict[int, list[LoggedContact]] = {}
    spells: dict[int, list[Spell]] = {}
    for student_id, on, until, channel, outcome, marked, waiting, user_id, name in prepared_rows(
        f"""
        SELECT contact.student_id, happened_on, NULL::date, channel, outcome, person_marked,
               NOT {approved_sql("contact", known_on)}, NULL::bigint, NULL
        FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS asked(id, since)
        JOIN contacts_homecontact contact ON contact.student_id = asked.id
            AND happened_on > asked.since AND happened_on <= %(as_of)s AND {standing_sql("contact", known_on)}
        UNION ALL
        SELECT post.student_id, starts_on, {LAST_DAY}, NULL, NULL, NULL, NULL, post.user_id, person.name
        FROM unnest(%(ids)s::bigint[], %(days)s::date[]) AS asked(id, since)
        JOIN keywork_assignment post ON post.student_id = asked.id AND post.kind = 'keyworker'
            AND post.starts_on <= %(as_of)s
        JOIN keywork_user person ON person.id = post.user_id
            AND COALESCE({LAST_DAY}, 'infinity') >= GREATEST(post.starts_on, asked.since)
        ORDER BY 1, 2, 4, 5, 8
        """,
        {"ids": list(since), "days": list(since.values()), "as_of": as_of, "known_on": known_on},
    ):
        if user_id is None:
            contacts.setdefault(student_id, []).append(LoggedContact(on, channel, outcome, marked, waiting))
        else:
            spells.setdefault(student_id, []).append(Spell(on, until, user_id, name))
    return contacts, spells


def sessions(
    ids: Sequence[int],
    first: date,
    last: date,
    required: Iterable[str],
    known_on: date | None,
    begun_on: date | None = None,
) -> dict[int, tuple[LoggedSession, ...]]:
    """Standing sessions of each student from `first` to `last`, oldest first.

    With `begun_on`, earlier ones only of students who have not yet talked about anything required since: what
    went before matters to nobody else, and they are most of the school.
    """
    found = rows(
        f"""
        SELECT * FROM (WITH standing AS (
            SELECT student_id, happened_on, id, status, {_covered_sql(len(tuple(required)))} AS covered,
                   catch_up_for, NOT {approved_sql("session", known_on)} AS waiting
            FROM contacts_keyworksession session
            WHERE {among(ids, "student_id")} AND happened_on BETWEEN %(first)s AND %(last)s
                AND {standing_sql("session", known_on)}
        )
        SELECT student_id, happened_on, status, covered, catch_up_for, waiting FROM standing
        WHERE happened_on >= %(begun_on)s OR student_id NOT IN (
            SELECT student_id FROM standing WHERE happened_on >= %(begun_on)s AND status = 'held'
                AND covered > 0 AND NOT waiting AND catch_up_for = '')
        ORDER BY happened_on, id) AS known
        """,
        {
            "ids": as_array(ids),
            "first": first,
            "last": last,
            "required": list(required),
            "known_on": known_on,
            "begun_on": begun_on or first,
        },
    )

    logged: dict[int, tuple[LoggedSession, ...]] = {}
    for student_id, *session in found:
        logged[student_id] = (*logged.get(student_id, ()), LoggedSession(*session))
    return logged


def _covered_sql(topics: int) -> str:
    """The required topics of a session as the bits of one number: quicker to fetch than lists of words."""
    bits = [f"((%(required)s::text[])[{n + 1}] = ANY(topics))::int * {1 << n}" for n in range(topics)]
    return " + ".join(bits) or "0"


def histories(students: Sequence[Any], last: date, known_on: date | None = None) -> dict[int, HomeHistory]:
    """Everything that bears on the home contacts of some students up to `last`; two queries.

    Students are instances or rows with `pk`, `joined_on`, `left_on` and `known_from`.
    """
    ids = [student.pk for student in students]
    params = {"ids": as_array(ids), "last": last, "known_on": known_on}
    contacts: dict[int, list[LoggedContact]] = {}
    for student_id, *contact in rows(
        f"""
        SELECT student_id, happened_on, channel, outcome, person_marked FROM contacts_homecontact contact
        WHERE student_id = ANY(%(ids)s::bigint[]) AND happened_on <= %(last)s
            AND {standing_sql("contact", known_on)} AND {approved_sql("contact", known_on)}
        ORDER BY happened_on, id
        """,
        params,
    ):
        contacts.setdefault(student_id, []).append(LoggedContact(*contact))
    held = holds(ids, None, known_on)
    return {
        one.pk: HomeHistory(
            one.joined_on, one.left_on, contacts.get(one.pk, ()), held.get(one.pk, ()), one.known_from
        )
        for one in students
    }


def last_reached(
    pairs: Sequence[tuple[int, int]], since: date | None, as_of: date, policy: Policy
) -> dict[tuple[int, int], date]:
    """For each student and person that has any, the latest contact with them by `as_of` that counts (C15).

    With `since`, only contacts from that day on are looked at.
    """
    from_then = "" if since is None else "AND contact.happened_on >= %(since)s"
    return {
        (student_id, member_id): on
        for student_id, member_id, on in prepared_rows(
            f"""
            SELECT asked.student_id, asked.member_id, latest.happened_on
            FROM unnest(%(students)s::bigint[], %(members)s::bigint[]) AS asked(student_id, member_id)
            CROSS JOIN LATERAL (
                SELECT contact.happened_on FROM contacts_homecontact contact
                WHERE contact.student_id = asked.student_id AND contact.member_id = asked.member_id
                    AND {counting_sql("contact", None)} AND contact.happened_on <= %(as_of)s {from_then}
                ORDER BY contact.happened_on DESC LIMIT 1
            ) latest
            """,
            {
                **counting_params(policy, None),
                "students": [student_id for student_id, _ in pairs],
                "members": [member_id for _, member_id in pairs],
                "since": since,
                "as_of": as_of,
            },
        )
    }

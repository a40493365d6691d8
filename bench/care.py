"""What care keeps of everybody in a bench school, over its years: `python -m bench.care`, once, in a few statements.

Of each student three plans or four, each in three versions that the team was asked to read; a review of the EHC plan
a year, with its people and steps; six documents; a meeting a term with points, people and something agreed; a
decision a year that home was told of; a list that is done, and of one in ten one that runs.
"""

from __future__ import annotations

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from bench.crowd import at, fill, without_triggers  # noqa: E402
from care.models import (  # noqa: E402
    Action,
    AgendaItem,
    Attendee,
    Checklist,
    Decision,
    DecisionReader,
    FiledDocument,
    Meeting,
    PlanVersion,
    Point,
    Review,
    ReviewPerson,
    StudentPlan,
)
from care.plans import TO_READ  # noqa: E402
from enquiries.models import Enquiry  # noqa: E402
from keywork import clock, known  # noqa: E402

YEARS, TERMS = 5, 15
HERE = """
CREATE TEMP TABLE here AS
SELECT s.id, s.joined_on, row_number() OVER (ORDER BY s.id)::int AS n, keyworker.user_id AS keyworker,
    coalesce(mentor.user_id, keyworker.user_id) AS mentor,
    (SELECT min(member_id) FROM students_familylink WHERE student_id = s.id) AS member
FROM students_student s
JOIN keywork_assignment keyworker ON keyworker.student_id = s.id AND keyworker.kind = 'keyworker'
    AND keyworker.starts_on <= %(today)s AND (keyworker.ends_on IS NULL OR keyworker.ends_on >= %(today)s)
LEFT JOIN LATERAL (SELECT user_id FROM keywork_assignment WHERE student_id = s.id AND kind = 'mentor'
    AND starts_on <= %(today)s AND (ends_on IS NULL OR ends_on >= %(today)s) LIMIT 1) mentor ON true
WHERE s.joined_on <= %(today)s AND (s.left_on IS NULL OR s.left_on >= %(today)s)
"""
# The reviews of a plan: a year apart, the last one as far as its day says; the next once it is near.
REVIEWS = f"""
here JOIN LATERAL (SELECT next_review_on FROM care_ehcplan WHERE student_id = here.id AND next_review_on IS NOT NULL
    ORDER BY number DESC LIMIT 1) newest ON true
CROSS JOIN generate_series(0, {YEARS - 1}) back
CROSS JOIN LATERAL (SELECT next_review_on - 37 - 365 * back AS meets_on) day
JOIN LATERAL (SELECT id, number FROM care_ehcplan WHERE student_id = here.id
    ORDER BY issued_on > meets_on, abs(issued_on - meets_on) LIMIT 1) plan ON true
WHERE meets_on > joined_on + 30 AND meets_on < %(today)s::date + 70
"""
SAID = "'What was said, and what it means for the next weeks, in two sentences or three. Everybody agreed.'"
WORDS = f"jsonb_build_object('needs', {SAID}, 'do', {SAID}, 'helps', {SAID}, 'own_words', {SAID})"


def past(day: str, value: str = "") -> str:
    return f"CASE WHEN {day} <= %(today)s THEN {value or day} END"


def write_plans() -> None:
    kinds = "here CROSS JOIN unnest('{risk,health,support,profile}'::text[]) WITH ORDINALITY AS kind(slug, k)"
    asked = {"begun_by_id": "keyworker", "begun_at": at("joined_on")}
    fill(StudentPlan, f"{kinds} WHERE (n + k) %% 4 <> 0", student_id="here.id", kind="slug", **asked)
    fill(StudentPlan, "here WHERE n %% 8 = 0", student_id="here.id", kind="'safeguarding'", **asked)
    fill(
        PlanVersion, "care_studentplan p JOIN here ON here.id = p.student_id CROSS JOIN generate_series(1, 3) number"
        " CROSS JOIN LATERAL (SELECT %(today)s::date - (n + p.id %% 7)::int %% 90 - 91 * (3 - number) AS on_day) day",
        plan_id="p.id", number="number", is_newest="number = 3", words=WORDS, why="'After the review of the term'",
        review_by="on_day + 91", read_by="on_day + 7", written_by_id="keyworker", written_at=at("on_day"),
        written_on="on_day",
    )  # fmt: skip
    fill(
        Enquiry, "care_planversion v JOIN care_studentplan p ON p.id = v.plan_id JOIN here ON here.id = p.student_id"
        " CROSS JOIN LATERAL (SELECT DISTINCT unnest(ARRAY[keyworker, mentor]) AS reader) who", kind=f"'{TO_READ}'",
        period="v.id::text", student_id="here.id", user_id="reader", asked_at="written_at", asked_by_id="keyworker",
        answer_by="read_by",
        answered_at="CASE WHEN NOT (is_newest AND reader = mentor AND n %% 10 = 0) THEN written_at END",
    )  # fmt: skip


def write_reviews() -> None:
    fill(
        Review, REVIEWS, student_id="here.id", plan_id="plan.id", meets_at=at("meets_on"), led_by_id="keyworker",
        taking_part="'all'", taking_part_on="least(meets_on - 60, %(today)s::date)", papers_on=past("meets_on - 14"),
        talk_at=at("meets_on - 7"), talk_minutes=past("meets_on - 7", "30"), held_on=past("meets_on"),
        record=f"coalesce({past('meets_on', SAID)}, '')", report_on=past("meets_on + 10"),
        decision="CASE WHEN meets_on + 28 > %(today)s THEN '' WHEN EXISTS (SELECT FROM care_ehcplan later"
        " WHERE later.student_id = here.id AND later.number > plan.number) THEN 'amend' ELSE 'keep' END",
        decided_on=past("meets_on + 28"), created_by_id="keyworker",
        created_at=at("least(meets_on - 70, %(today)s::date)"),
    )  # fmt: skip
    fill(
        ReviewPerson, "care_review r JOIN here ON here.id = r.student_id CROSS JOIN"
        " unnest('{student,parent,school,authority,health}'::text[]) AS part(role)"
        " WHERE role <> 'parent' OR member IS NOT NULL", review_id="r.id", role="role",
        user_id="CASE WHEN role = 'school' THEN keyworker END", member_id="CASE WHEN role = 'parent' THEN member END",
        name="CASE WHEN role IN ('authority', 'health') THEN 'Robin Ashdown' ELSE '' END",
        post="CASE WHEN role IN ('authority', 'health') THEN 'Adviser' ELSE '' END", invited_on="created_at::date",
        advice_by="meets_at::date - 28", advice_asked_on="created_at::date", advice_on=past("meets_at::date - 30"),
        advice_progress=f"coalesce({past('meets_at::date - 30', SAID)}, '')", added_by_id="keyworker",
        added_at="created_at",
    )  # fmt: skip


def write_documents() -> None:
    fill(
        FiledDocument, "here CROSS JOIN generate_series(1, 6) number"
        " CROSS JOIN LATERAL (SELECT %(today)s::date - n %% 60 - 290 * (number - 1) AS on_day) day WHERE on_day > joined_on",
        student_id="here.id", kind="(ARRAY['behaviour', 'agency', 'email'])[1 + number %% 3]",
        title="'Report ' || number", dated_on="on_day", author="'Occupational therapist'", words=SAID,
        filed_by_id="keyworker", filed_at=at("on_day"),
    )  # fmt: skip


def write_meetings() -> None:
    made = {"made_by_id": "keyworker", "made_at": at("on_day")}
    fill(
        Meeting, f"here CROSS JOIN generate_series(0, {TERMS - 1}) back"
        " CROSS JOIN LATERAL (SELECT %(today)s::date - n %% 60 - 121 * back AS on_day) day WHERE on_day > joined_on",
        student_id="here.id", kind="'core-group'", on="on_day", led_by_id="keyworker", minutes_at=at("on_day"),
        minutes_by_id="keyworker", summary=SAID,
        summary_for="CASE WHEN member IS NULL THEN '{}'::bigint[] ELSE ARRAY[member] END", summary_at=at("on_day"),
        **made,
    )  # fmt: skip
    meetings = "care_meeting m JOIN here ON here.id = m.student_id"
    of = {"meeting_id": "m.id"}
    fill(
        AgendaItem, f"{meetings} CROSS JOIN generate_series(1, 3) nth", **of, place="nth", title="'A point'",
        said=SAID,
    )  # fmt: skip
    for user in ("keyworker", "mentor"):
        where = "" if user == "keyworker" else " WHERE mentor <> keyworker"
        fill(Attendee, meetings + where, **of, user_id=user, came="true")
    is_open = "n %% 5 = 0 AND m.on > %(today)s::date - 61"
    fill(
        Action, meetings, **of, student_id="here.id", what="'Ask the house team, and tell home'",
        owner_id="keyworker", due_on="m.on + 21", first_due_on="m.on + 21",
        done_on=f"CASE WHEN NOT ({is_open}) THEN m.on + 14 END",
        done_by_id=f"CASE WHEN NOT ({is_open}) THEN keyworker END", made_by_id="keyworker", made_at="m.made_at",
    )  # fmt: skip


def write_decisions() -> None:
    fill(
        Decision, f"here CROSS JOIN generate_series(0, {YEARS - 1}) back"
        " CROSS JOIN LATERAL (SELECT %(today)s::date - n %% 50 - 365 * back AS on_day) day WHERE on_day > joined_on",
        student_id="here.id", what=SAID, why=SAID, decided_by="'Core group'", from_on="on_day",
        answer_by="on_day + 14", announced_by_id="keyworker", announced_at=at("on_day"),
    )  # fmt: skip
    is_open = "n %% 10 = 0 AND d.from_on > %(today)s::date - 51"
    fill(
        DecisionReader, "care_decision d JOIN here ON here.id = d.student_id WHERE member IS NOT NULL",
        decision_id="d.id", member_id="member", notified_at="announced_at",
        answer=f"CASE WHEN {is_open} THEN '' ELSE 'read' END",
        answered_at=f"CASE WHEN NOT ({is_open}) THEN announced_at END",
        answered_by_id=f"CASE WHEN NOT ({is_open}) THEN keyworker END",
    )  # fmt: skip


def write_lists() -> None:
    for slug, name, of, day in (
        ("induction", "Induction", "true", "joined_on"),
        ("leaving", "Leaving", "n %% 10 = 0", "%(today)s::date - 5"),
    ):
        fill(
            Checklist, f"here WHERE {of}", student_id="here.id", slug=f"'{slug}'", number="1", name=f"'{name}'",
            led_by="'keyworker'", anchor_on=day, counts_from=day, started_at=at(day),
        )  # fmt: skip
    fill(
        Point, "care_checklist c JOIN here ON here.id = c.student_id CROSS JOIN generate_series(1, 8) nth",
        checklist_id="c.id", place="nth", what="'A thing to do'", role="'keyworker'", due_on="anchor_on + 5 * nth",
        done_on="CASE WHEN slug = 'induction' THEN anchor_on + 5 * nth END",
        done_by_id="CASE WHEN slug = 'induction' THEN keyworker END",
    )  # fmt: skip


WRITES = (write_plans, write_reviews, write_documents, write_meetings, write_decisions, write_lists)
TABLES = (
    *(StudentPlan, PlanVersion, Enquiry, Review, ReviewPerson, FiledDocument, Meeting, AgendaItem, Attendee),
    *(Action, Decision, DecisionReader, Checklist, Point),
)


def main() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(HERE, {"today": clock.today()})
        with without_triggers(TABLES):
            for write in WRITES:
                write()
        known.begin()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


if __name__ == "__main__":
    main()

"""What is promised to stay stays, whoever writes: raw SQL is refused by the database."""

from __future__ import annotations

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from pghistory.models import Event

from contacts.models import HomeContact, Miss
from ilsa.models import RaterForm
from keywork import clock, final
from keywork.models import JobRun, RecordOpening
from reports.models import Report
from students.actions.keyworker import answer_change
from students.models import ChangeRequest

HISTORIES = sorted(
    model._meta.db_table for model in apps.get_models() if issubclass(model, Event) and model._meta.managed
)
CHANGED = {
    "contacts_homecontact": ["logged_by_id", "logged_at", "logged_on", "made_by_id", "student_id"],
    "contacts_keyworksession": ["logged_by_id", "logged_at", "logged_on", "made_by_id", "student_id"],
    "contacts_miss": ["due_on", "duty", "student_id", "detected_at"],
    "students_changerequest": ["words", "asked_by_id", "asked_at", "student_id"],
}
OTHER = {
    "_id": "{0} + 1",
    "_at": "{0} + interval '1 day'",
    "_on": "{0} - 1",
    "duty": "'other'",
    "words": "'other'",
    "answer": "'other'",
    "sha256": "'0'",
    "pdf": "'other.pdf'",
}


def refused(statement: str) -> bool:
    """Whether the database refuses this statement; it touches rows that are there."""
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(statement)
                assert cursor.rowcount, f"no row was touched by: {statement}"
        except DatabaseError as error:
            return "pgtrigger" in str(error) or "stays as it is" in str(error)
    return False


def change(table: str, column: str, where: str = "true") -> str:
    value = next(value for ending, value in OTHER.items() if column.endswith(ending)).format(column)
    return f"UPDATE {table} SET {column} = {value} WHERE {where}"


@pytest.fixture
def opening(world_with_records):
    w = world_with_records
    return RecordOpening.objects.create(
        at=clock.now(),
        user_id=w.u_keyworker.pk,
        user_name=w.u_keyworker.name,
        student_id=w.mina.pk,
        what="record",
    )


@pytest.mark.parametrize("table", HISTORIES)
def test_history_is_append_only(db, table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE c.relname = %s AND t.tgname LIKE 'pgtrigger_append_only%%' AND t.tgenabled = 'O'",
            [table],
        )
        assert cursor.fetchone() == (1,)


def test_rows_of_history_stay(world_with_records):
    assert refused("DELETE FROM contacts_homecontactevent")
    assert refused("UPDATE contacts_homecontactevent SET notes = 'other'")


def test_the_log_of_openings_stays(opening):
    assert refused("DELETE FROM keywork_recordopening")
    assert refused("UPDATE keywork_recordopening SET user_name = 'Somebody else'")


@pytest.mark.parametrize("table", [*CHANGED, "reports_report"])
def test_records_are_never_deleted(world_with_records, table):
    assert refused(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    "table, column", [(table, name) for table, names in CHANGED.items() for name in names]
)
def test_who_and_when_stay(world_with_records, table, column):
    assert refused(change(table, column))


def test_what_was_released_stays(world_with_records):
    for column in ("sha256", "pdf", "released_at", "student_id"):
        assert refused(change("reports_report", column, "released_at IS NOT NULL"))
    waiting = Report.objects.filter(released_at__isnull=True)
    assert waiting.update(pages=9)


def test_an_answer_that_was_given_stays(world_with_records):
    waiting = ChangeRequest.objects.filter(answered_at__isnull=True).first()
    answer_change(request=waiting, outcome="talk", answer="Let us talk.", by=world_with_records.u_head)
    for column in ("answer", "answered_at", "answered_by_id"):
        assert refused(change("students_changerequest", column, f"id = {waiting.pk}"))
    assert ChangeRequest.objects.filter(pk=waiting.pk).update(read_at=clock.now())


def test_a_submitted_form_stays(world_with_records):
    submitted = RaterForm.objects.submitted().first()
    open_form = RaterForm.objects.filter(submitted_at__isnull=True).first()
    where = f"form_id = {submitted.pk}"
    assert refused(f"UPDATE ilsa_answer SET score = 1 WHERE {where}")
    assert refused(f"UPDATE ilsa_answer SET form_id = {open_form.pk} WHERE {where}")
    assert refused(f"DELETE FROM ilsa_answer WHERE {where}")
    assert refused(f"DELETE FROM ilsa_raterform WHERE id = {submitted.pk}")
    for column in ("rater_id", "submitted_at", "answered_on"):
        assert refused(change("ilsa_raterform", column, f"id = {submitted.pk}"))
    assert RaterForm.objects.filter(pk=open_form.pk).update(helped_by="A friend")


def test_no_answer_is_moved_into_a_submitted_form(world_with_records):
    submitted = RaterForm.objects.submitted().first()
    open_form = RaterForm.objects.filter(submitted_at__isnull=True).first()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ilsa_answer (form_id, item, kind, suggested, note, at, by_id, version, note_version)"
            " VALUES (%s, 'not-asked-before', '', false, 'words', now(), %s, 0, 0)",
            [open_form.pk, world_with_records.u_keyworker.pk],
        )
    assert refused(f"UPDATE ilsa_answer SET form_id = {submitted.pk} WHERE item = 'not-asked-before'")


def test_nothing_of_it_can_be_emptied(db):
    assert {*HISTORIES, *CHANGED, "keywork_recordopening", "reports_report"} <= set(final.kept_tables())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL keywork.emptying = ''")  # tests that commit are swept away with a flush
    for table in (*final.kept_tables(), "students_student"):
        with pytest.raises(DatabaseError, match="cannot be emptied"), transaction.atomic():
            connection.cursor().execute(f"TRUNCATE {table} CASCADE")
    with final.emptying():
        connection.cursor().execute("TRUNCATE students_student CASCADE")
    with pytest.raises(DatabaseError, match="cannot be emptied"), transaction.atomic():
        connection.cursor().execute("TRUNCATE contacts_homecontact CASCADE")


def test_retention_is_the_one_way(opening, world_with_records):
    by = world_with_records.u_admin
    with pytest.raises(ValueError), final.retention(by=by, reason=" "):
        pass
    entries = HomeContact.objects.filter(student=world_with_records.mina)
    with final.retention(by=by, reason="Left 25 years ago"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM keywork_recordopening")
        cursor.execute("DELETE FROM home_homemessage WHERE student_id = %s", [world_with_records.mina.pk])
        cursor.execute("DELETE FROM contacts_homecontact WHERE student_id = %s", [world_with_records.mina.pk])
        cursor.execute(
            "DELETE FROM contacts_missanswer USING contacts_miss miss"
            " WHERE miss.id = miss_id AND miss.student_id = %s",
            [world_with_records.mina.pk],
        )
        cursor.execute("DELETE FROM contacts_miss WHERE student_id = %s", [world_with_records.mina.pk])
    assert not RecordOpening.objects.exists() and not entries.exists()
    assert JobRun.objects.get(name="retention").result == {"by": by.pk, "reason": "Left 25 years ago"}
    kept = Miss.pgh_event_model.objects.get(pgh_label="delete")
    assert kept.pgh_context.metadata["reason"] == "Left 25 years ago"
    assert refused("DELETE FROM contacts_homecontact")


def test_retention_ends_with_its_error(opening, world_with_records):
    with (
        pytest.raises(RuntimeError),
        final.retention(by=world_with_records.u_admin, reason="Left"),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM keywork_recordopening")
        raise RuntimeError
    assert RecordOpening.objects.exists()
    assert pghistory.config.append_only()

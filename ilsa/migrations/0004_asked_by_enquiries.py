"""Raters are asked by `enquiries`: each form gets the enquiry it answers, with its reminders and its history."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

COLUMNS = (
    "kind, student_id, period, relation, member_id, name, role, email, parts, question, asked_at, asked_by_id,"
    " answer_by, reminded_at, link_seed, link_digest, code_digest, tries, opened_at, target_id, answers, answered_at,"
    " declined_at, declined_words"
)
VALUES = """
    'ilsa.rating', assessment.student_id, round.year,
    CASE form.role WHEN 'keyworker' THEN 'keyworker' WHEN 'pupil' THEN 'self' ELSE '' END,
    form.member_id, '', '', '', '{}', '', coalesce(form.invited_at, assessment.opened_at), round.opened_by_id,
    round.closes_on, form.reminded_at, '', '', '', 0, form.started_at, form.id, '{}', form.submitted_at,
    form.missing_noted_at, form.missing_words
"""
OF_ROUND = """
    JOIN ilsa_assessment assessment ON assessment.id = form.assessment_id
    JOIN ilsa_round round ON round.id = assessment.round_id
"""
# The history is that of the form, so nothing is to be written down now.
ASKED = f"""
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE enquiries_enquiry DISABLE TRIGGER USER;
INSERT INTO enquiries_enquiry ({COLUMNS}) SELECT {VALUES} FROM ilsa_raterform form {OF_ROUND} ORDER BY form.id;
INSERT INTO enquiries_enquiryevent (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, id, {COLUMNS})
SELECT form.pgh_created_at, form.pgh_label, enquiry.id, form.pgh_context_id, enquiry.id, {VALUES}
FROM ilsa_raterformevent form {OF_ROUND}
JOIN enquiries_enquiry enquiry ON enquiry.kind = 'ilsa.rating' AND enquiry.target_id = form.pgh_obj_id
WHERE form.pgh_label != 'delete' ORDER BY form.pgh_id;
ALTER TABLE enquiries_enquiry ENABLE TRIGGER USER;
UPDATE outbox_job SET kind = 'enquiries.letter', arguments = jsonb_build_object(
    'enquiries', (
        SELECT coalesce(jsonb_agg(enquiry.id ORDER BY enquiry.id), '[]') FROM enquiries_enquiry enquiry
        WHERE enquiry.kind = 'ilsa.rating' AND arguments->'forms' @> to_jsonb(enquiry.target_id)
    ),
    'again', arguments->'again',
    'reminder', arguments->'again'
) WHERE kind = 'ilsa.to_rater';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('enquiries', '0001_initial'),
        ('ilsa', '0003_history_of_forms'),
        ('outbox', '0002_asked_anew'),
    ]

    operations = [
        migrations.RunSQL(ASKED, migrations.RunSQL.noop),
        pgtrigger.migrations.RemoveTrigger(
            model_name='raterform',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='raterform',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='raterform',
            name='insert_insert',
        ),
        migrations.RemoveField(
            model_name='raterform',
            name='reminded_at',
        ),
        migrations.RemoveField(
            model_name='raterformevent',
            name='reminded_at',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='raterform',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "ilsa_raterformevent" ("answered_on", "assessment_id", "from_paper", "helped_by", "id", "invited_at", "member_id", "missing", "missing_noted_at", "missing_noted_by_id", "missing_words", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rater_id", "role", "started_at", "submitted_at", "typed_by_id", "version") VALUES (NEW."answered_on", NEW."assessment_id", NEW."from_paper", NEW."helped_by", NEW."id", NEW."invited_at", NEW."member_id", NEW."missing", NEW."missing_noted_at", NEW."missing_noted_by_id", NEW."missing_words", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."rater_id", NEW."role", NEW."started_at", NEW."submitted_at", NEW."typed_by_id", NEW."version"); RETURN NULL;', hash='b07d5268b190ffa4de0d702dab51651bc8156295', operation='INSERT', pgid='pgtrigger_insert_insert_ae32d', table='ilsa_raterform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='raterform',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "ilsa_raterformevent" ("answered_on", "assessment_id", "from_paper", "helped_by", "id", "invited_at", "member_id", "missing", "missing_noted_at", "missing_noted_by_id", "missing_words", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rater_id", "role", "started_at", "submitted_at", "typed_by_id", "version") VALUES (NEW."answered_on", NEW."assessment_id", NEW."from_paper", NEW."helped_by", NEW."id", NEW."invited_at", NEW."member_id", NEW."missing", NEW."missing_noted_at", NEW."missing_noted_by_id", NEW."missing_words", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."rater_id", NEW."role", NEW."started_at", NEW."submitted_at", NEW."typed_by_id", NEW."version"); RETURN NULL;', hash='9ef17a37b4d4c11e6afcf08939e34a8a623a5978', operation='UPDATE', pgid='pgtrigger_update_update_6220e', table='ilsa_raterform', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='raterform',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "ilsa_raterformevent" ("answered_on", "assessment_id", "from_paper", "helped_by", "id", "invited_at", "member_id", "missing", "missing_noted_at", "missing_noted_by_id", "missing_words", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rater_id", "role", "started_at", "submitted_at", "typed_by_id", "version") VALUES (OLD."answered_on", OLD."assessment_id", OLD."from_paper", OLD."helped_by", OLD."id", OLD."invited_at", OLD."member_id", OLD."missing", OLD."missing_noted_at", OLD."missing_noted_by_id", OLD."missing_words", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."rater_id", OLD."role", OLD."started_at", OLD."submitted_at", OLD."typed_by_id", OLD."version"); RETURN NULL;', hash='c933ea019deffd2ddd450f4c5359a2c05d3d19aa', operation='DELETE', pgid='pgtrigger_delete_delete_e6fce', table='ilsa_raterform', when='AFTER')),
        ),
    ]

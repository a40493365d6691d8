"""What was asked of others becomes a table of the app `enquiries`: the same rows, with their ids, links and history."""

import django.core.serializers.json
import pgtrigger.migrations
from django.db import migrations, models

RENAMED = {
    "term": "period",
    "areas": "parts",
    "excused_at": "declined_at",
    "excused_words": "declined_words",
    "taken_back_at": "withdrawn_at",
    "taken_back_by": "withdrawn_by",
}
CONSTRAINTS = (
    "tsp_ask_inside_or_outside",
    "tsp_ask_home_one_sheet",
    "tsp_ask_ends_after_it_began",
    "tsp_one_open_ask",
    "tsp_one_open_ask_home",
    "tsp_ask_link_once",
)
ADDED = {
    "kind": models.CharField(max_length=40, default="tsp.input"),
    "relation": models.CharField(blank=True, max_length=20, default=""),
    "target_id": models.BigIntegerField(null=True, verbose_name="key of the record with the answer"),
    "answers": models.JSONField(
        blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
    ),
}


def on_both(table, event):
    """What is done to the rows and to their history alike."""
    for model, name in (("ask", table), ("askevent", event)):
        for old, new in RENAMED.items():
            yield migrations.RenameField(model, old, new)
        for field, made in ADDED.items():
            yield migrations.AddField(model, field, made.clone(), preserve_default=field == "answers")
        yield migrations.RunSQL(
            f"UPDATE {name} SET target_id = sheet_id,"
            " kind = CASE WHEN member_id IS NULL THEN 'tsp.input' ELSE 'tsp.talk' END",
            migrations.RunSQL.noop,
        )
        yield migrations.RemoveField(model, "sheet")


class Migration(migrations.Migration):
    dependencies = [("tsp", "0009_outcomes_of_care")]

    operations = [
        pgtrigger.migrations.RemoveTrigger("ask", "insert_insert"),
        pgtrigger.migrations.RemoveTrigger("ask", "update_update"),
        pgtrigger.migrations.RemoveTrigger("askevent", "append_only"),
        *(migrations.RemoveConstraint("ask", name) for name in CONSTRAINTS),
        *on_both("tsp_ask", "tsp_askevent"),
        migrations.AlterModelTable("ask", "enquiries_enquiry"),
        migrations.AlterModelTable("askevent", "enquiries_enquiryevent"),
        migrations.RunSQL(
            "ALTER SEQUENCE tsp_ask_id_seq RENAME TO enquiries_enquiry_id_seq;"
            "ALTER SEQUENCE tsp_askevent_pgh_id_seq RENAME TO enquiries_enquiryevent_pgh_id_seq",
            migrations.RunSQL.noop,
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel("AskEvent"), migrations.DeleteModel("Ask")]
        ),
    ]

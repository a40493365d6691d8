"""Make the index `session_recent` where it is missing.

0001_initial was edited after installations had been made with it (at 5377271), so theirs lack the index for good;
newer ones have it.
"""

from django.db import migrations

CREATE = """
CREATE INDEX IF NOT EXISTS session_recent ON contacts_keyworksession (happened_on DESC)
    INCLUDE (student_id, id, status, topics, catch_up_for, needs_approval, approved_on, logged_on)
    WHERE voided_on IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_late_changes")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]

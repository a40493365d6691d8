"""The EHC plans and their outcomes go to the app `care`; its first migration takes over their tables as they are."""

import pgtrigger.migrations
from django.db import migrations

HISTORY = ["superseded_stays", "insert_insert", "update_update"]


class Migration(migrations.Migration):

    dependencies = [
        ('students', '0012_authority_facts'),
    ]

    operations = [
        *(
            pgtrigger.migrations.RemoveTrigger(model_name=model, name=name)
            for model in ("ehcplan", "outcome")
            for name in HISTORY
        ),
        *(
            pgtrigger.migrations.RemoveTrigger(model_name=model, name="append_only")
            for model in ("ehcplanevent", "outcomeevent")
        ),
    ]

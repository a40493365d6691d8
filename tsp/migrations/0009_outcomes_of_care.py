"""Goals and judgements of outcomes refer to the same rows, which are of the app `care` now."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('care', '0001_initial'),
        ('tsp', '0008_history_of_deletions'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='goal',
                    name='outcomes',
                    field=models.ManyToManyField(related_name='goals', through='tsp.GoalOutcome', to='care.outcome'),
                ),
                migrations.AlterField(
                    model_name='goaloutcome',
                    name='outcome',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='goal_links', to='care.outcome'),
                ),
                migrations.AlterField(
                    model_name='goaloutcomeevent',
                    name='outcome',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='care.outcome'),
                ),
                migrations.AlterField(
                    model_name='judgement',
                    name='outcome',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgements', to='care.outcome'),
                ),
                migrations.AlterField(
                    model_name='judgementevent',
                    name='outcome',
                    field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='care.outcome'),
                ),
            ],
        ),
    ]

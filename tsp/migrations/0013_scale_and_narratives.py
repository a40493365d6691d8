import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tsp', '0012_reminder'),
    ]

    operations = [
        # The column keeps its name: first it is said, so that nothing is renamed in the database.
        migrations.AlterField(
            model_name='goalscore',
            name='ladder',
            field=models.ForeignKey(db_column='ladder_id', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tsp.gasscale'),
        ),
        migrations.AlterField(
            model_name='goalscoreevent',
            name='ladder',
            field=models.ForeignKey(db_column='ladder_id', db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tsp.gasscale'),
        ),
        migrations.RenameField(model_name='goalscore', old_name='ladder', new_name='scale'),
        migrations.RenameField(model_name='goalscoreevent', old_name='ladder', new_name='scale'),
        migrations.AlterField(
            model_name='gasscale',
            name='goal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scales', to='tsp.goal'),
        ),
        migrations.AlterField(
            model_name='narrative',
            name='window',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='narratives', to='tsp.assessmentpoint'),
        ),
    ]

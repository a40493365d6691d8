"""The state without the plans: nothing refers to `students.Outcome` any more, and its tables are those of `care`."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('students', '0013_plans_leave'),
        ('tsp', '0009_outcomes_of_care'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name=model)
                for model in ("OutcomeEvent", "Outcome", "EhcPlanEvent", "EhcPlan")
            ],
        ),
    ]

"""EHC plans and outcomes, with the rows, constraints and history they had as models of `students`."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


TABLES = ("ehcplan", "ehcplanevent", "outcome", "outcomeevent")
MODELS = ", ".join(f"'{name}'" for name in TABLES)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('students', '0013_plans_leave'),
        ('tsp', '0008_history_of_deletions'),  # whose tables refer to those renamed here
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='EhcPlan',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('plan_type', models.SlugField(default='ehcp', max_length=20)),
                        ('number', models.PositiveSmallIntegerField(verbose_name='version of the plan')),
                        ('la_reference', models.CharField(blank=True, max_length=60, verbose_name='local authority’s reference')),
                        ('issued_on', models.DateField(verbose_name='date issued')),
                        ('reviewed_on', models.DateField(blank=True, null=True, verbose_name='last reviewed on')),
                        ('next_review_on', models.DateField(blank=True, null=True, verbose_name='next review due by')),
                        ('pdf', models.FileField(blank=True, upload_to='plans/')),
                        ('created_at', models.DateTimeField()),
                        ('version', models.PositiveIntegerField(default=1, help_text='counts saves of this row')),
                        ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='students.student')),
                    ],
                    options={
                        'ordering': ['student', '-number'],
                    },
                ),
                migrations.CreateModel(
                    name='EhcPlanEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('plan_type', models.SlugField(db_index=False, default='ehcp', max_length=20)),
                        ('number', models.PositiveSmallIntegerField(verbose_name='version of the plan')),
                        ('la_reference', models.CharField(blank=True, max_length=60, verbose_name='local authority’s reference')),
                        ('issued_on', models.DateField(verbose_name='date issued')),
                        ('reviewed_on', models.DateField(blank=True, null=True, verbose_name='last reviewed on')),
                        ('next_review_on', models.DateField(blank=True, null=True, verbose_name='next review due by')),
                        ('pdf', models.FileField(blank=True, upload_to='plans/')),
                        ('created_at', models.DateTimeField()),
                        ('version', models.PositiveIntegerField(default=1, help_text='counts saves of this row')),
                        ('created_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='care.ehcplan')),
                        ('student', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='students.student')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Outcome',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveSmallIntegerField()),
                        ('text', models.TextField()),
                        ('area_of_need', models.CharField(choices=[('communication_interaction', 'Communication and interaction'), ('cognition_learning', 'Cognition and learning'), ('semh', 'Social, emotional and mental health'), ('sensory_physical', 'Sensory and physical')], max_length=30)),
                        ('pfa', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('employment', 'Employment'), ('independent_living', 'Independent living'), ('community', 'Friends, relationships and community'), ('health', 'Good health')], max_length=20), blank=True, default=list, size=None, verbose_name='preparing for adulthood')),
                        ('target_on', models.DateField(blank=True, null=True, verbose_name='to be reached by')),
                        ('status', models.CharField(choices=[('open', 'Open'), ('achieved', 'Achieved'), ('ceased', 'No longer sought')], default='open', max_length=8)),
                        ('closed_on', models.DateField(blank=True, null=True, verbose_name='achieved or ceased on')),
                        ('closed_note', models.TextField(blank=True, verbose_name='how it is known, or why')),
                        ('version', models.PositiveIntegerField(default=1, help_text='counts saves of this row')),
                        ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='care.ehcplan')),
                        ('same_as', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='carried_on_as', to='care.outcome')),
                    ],
                    options={
                        'ordering': ['plan', 'number'],
                    },
                ),
                migrations.CreateModel(
                    name='OutcomeEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('number', models.PositiveSmallIntegerField()),
                        ('text', models.TextField()),
                        ('area_of_need', models.CharField(choices=[('communication_interaction', 'Communication and interaction'), ('cognition_learning', 'Cognition and learning'), ('semh', 'Social, emotional and mental health'), ('sensory_physical', 'Sensory and physical')], max_length=30)),
                        ('pfa', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('employment', 'Employment'), ('independent_living', 'Independent living'), ('community', 'Friends, relationships and community'), ('health', 'Good health')], max_length=20), blank=True, default=list, size=None, verbose_name='preparing for adulthood')),
                        ('target_on', models.DateField(blank=True, null=True, verbose_name='to be reached by')),
                        ('status', models.CharField(choices=[('open', 'Open'), ('achieved', 'Achieved'), ('ceased', 'No longer sought')], default='open', max_length=8)),
                        ('closed_on', models.DateField(blank=True, null=True, verbose_name='achieved or ceased on')),
                        ('closed_note', models.TextField(blank=True, verbose_name='how it is known, or why')),
                        ('version', models.PositiveIntegerField(default=1, help_text='counts saves of this row')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='care.outcome')),
                        ('plan', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='care.ehcplan')),
                        ('same_as', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='care.outcome')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.AddConstraint(
                    model_name='ehcplan',
                    constraint=models.UniqueConstraint(fields=('student', 'number'), name='plan_version_once'),
                ),
                migrations.AddConstraint(
                    model_name='ehcplan',
                    constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='plan_versions_from_one'),
                ),
                migrations.AddConstraint(
                    model_name='ehcplan',
                    constraint=models.CheckConstraint(condition=models.Q(('plan_type', ''), _negated=True), name='plan_has_type'),
                ),
                migrations.AddConstraint(
                    model_name='ehcplan',
                    constraint=models.CheckConstraint(condition=models.Q(('next_review_on__isnull', True), ('next_review_on__gt', models.F('issued_on')), _connector='OR'), name='plan_reviewed_after_issue'),
                ),
                migrations.AddConstraint(
                    model_name='ehcplan',
                    constraint=models.CheckConstraint(condition=models.Q(('reviewed_on__isnull', True), ('reviewed_on__gte', models.F('issued_on')), _connector='OR'), name='plan_last_review_after_issue'),
                ),
                migrations.AddConstraint(
                    model_name='ehcplan',
                    constraint=models.CheckConstraint(condition=models.Q(('reviewed_on__isnull', True), ('next_review_on__isnull', True), ('next_review_on__gt', models.F('reviewed_on')), _connector='OR'), name='plan_reviews_in_order'),
                ),
                migrations.AddConstraint(
                    model_name='outcome',
                    constraint=models.UniqueConstraint(fields=('plan', 'number'), name='outcome_number_once'),
                ),
                migrations.AddConstraint(
                    model_name='outcome',
                    constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='outcomes_from_one'),
                ),
                migrations.AddConstraint(
                    model_name='outcome',
                    constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='outcome_has_words'),
                ),
                migrations.AddConstraint(
                    model_name='outcome',
                    constraint=models.CheckConstraint(condition=models.Q(('area_of_need__in', ['communication_interaction', 'cognition_learning', 'semh', 'sensory_physical'])), name='outcome_area_known'),
                ),
                migrations.AddConstraint(
                    model_name='outcome',
                    constraint=models.CheckConstraint(condition=models.Q(('pfa__contained_by', ['employment', 'independent_living', 'community', 'health'])), name='outcome_pfa_known'),
                ),
                migrations.AddConstraint(
                    model_name='outcome',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_note', ''), ('closed_on__isnull', True), ('status', 'open')), models.Q(('closed_on__isnull', False), ('status', 'achieved')), models.Q(('closed_on__isnull', False), ('status', 'ceased'), models.Q(('closed_note', ''), _negated=True)), _connector='OR'), name='outcome_closed_with_date'),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE students_{table} RENAME TO care_{table}",
                    f"ALTER TABLE care_{table} RENAME TO students_{table}",
                )
                for table in TABLES
            ],
        ),
        # Permissions hang on the content types.
        migrations.RunSQL(
            f"UPDATE django_content_type SET app_label = 'care' WHERE app_label = 'students' AND model IN ({MODELS})",
            f"UPDATE django_content_type SET app_label = 'students' WHERE app_label = 'care' AND model IN ({MODELS})",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ehcplan',
            trigger=pgtrigger.compiler.Trigger(name='superseded_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (\n                        SELECT 1 FROM care_ehcplan later\n                        WHERE later.student_id = OLD.student_id AND later.number > OLD.number\n                    ) THEN\n                        RAISE EXCEPTION 'version % of this plan is superseded and stays as it is', OLD.number\n                            USING ERRCODE = 'restrict_violation';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='04fbe5810bbfae5684baaab4f16802cd23e292c9', operation='UPDATE OR DELETE', pgid='pgtrigger_superseded_stays_e3028', table='care_ehcplan', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ehcplan',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "care_ehcplanevent" ("created_at", "created_by_id", "id", "issued_on", "la_reference", "next_review_on", "number", "pdf", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_type", "reviewed_on", "student_id", "version") VALUES (NEW."created_at", NEW."created_by_id", NEW."id", NEW."issued_on", NEW."la_reference", NEW."next_review_on", NEW."number", NEW."pdf", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."plan_type", NEW."reviewed_on", NEW."student_id", NEW."version"); RETURN NULL;', hash='0aa8795efc21655c7b4131d0de09e53b2c3a39d6', operation='INSERT', pgid='pgtrigger_insert_insert_97391', table='care_ehcplan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ehcplan',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "care_ehcplanevent" ("created_at", "created_by_id", "id", "issued_on", "la_reference", "next_review_on", "number", "pdf", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_type", "reviewed_on", "student_id", "version") VALUES (NEW."created_at", NEW."created_by_id", NEW."id", NEW."issued_on", NEW."la_reference", NEW."next_review_on", NEW."number", NEW."pdf", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."plan_type", NEW."reviewed_on", NEW."student_id", NEW."version"); RETURN NULL;', hash='4fb0d8d2171700ad218685c228635dd0e9e16757', operation='UPDATE', pgid='pgtrigger_update_update_763e5', table='care_ehcplan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ehcplanevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bca3c8b54500ac0a242755493e633e8edbe719a1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a202b', table='care_ehcplanevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='outcome',
            trigger=pgtrigger.compiler.Trigger(name='superseded_stays', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE mine bigint;', func="\n                    IF TG_OP = 'INSERT' THEN mine := NEW.plan_id; ELSE mine := OLD.plan_id; END IF;\n                    IF EXISTS (\n                        SELECT 1 FROM care_ehcplan this\n                        JOIN care_ehcplan later\n                            ON later.student_id = this.student_id AND later.number > this.number\n                        WHERE this.id = mine\n                    ) THEN\n                        RAISE EXCEPTION 'outcomes of a superseded plan stay as they are'\n                            USING ERRCODE = 'restrict_violation';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    IF NEW.plan_id <> mine THEN\n                        RAISE EXCEPTION 'an outcome stays in its plan' USING ERRCODE = 'restrict_violation';\n                    END IF;\n                    IF NEW.same_as_id IS NOT NULL AND NOT EXISTS (\n                        SELECT 1 FROM care_outcome before\n                        JOIN care_ehcplan old_plan ON old_plan.id = before.plan_id\n                        JOIN care_ehcplan new_plan ON new_plan.id = NEW.plan_id\n                        WHERE before.id = NEW.same_as_id\n                            AND old_plan.student_id = new_plan.student_id\n                            AND old_plan.number = new_plan.number - 1\n                    ) THEN\n                        RAISE EXCEPTION 'an outcome continues one of the version before'\n                            USING ERRCODE = 'restrict_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='b1f0d136cad090b6ffdc80ea9a91164e93dfd726', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_superseded_stays_1491e', table='care_outcome', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='outcome',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "care_outcomeevent" ("area_of_need", "closed_note", "closed_on", "id", "number", "pfa", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "same_as_id", "status", "target_on", "text", "version") VALUES (NEW."area_of_need", NEW."closed_note", NEW."closed_on", NEW."id", NEW."number", NEW."pfa", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."plan_id", NEW."same_as_id", NEW."status", NEW."target_on", NEW."text", NEW."version"); RETURN NULL;', hash='4bebb9695503a339207610d7dffd7319f3003c8b', operation='INSERT', pgid='pgtrigger_insert_insert_5ce1f', table='care_outcome', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='outcome',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "care_outcomeevent" ("area_of_need", "closed_note", "closed_on", "id", "number", "pfa", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "same_as_id", "status", "target_on", "text", "version") VALUES (NEW."area_of_need", NEW."closed_note", NEW."closed_on", NEW."id", NEW."number", NEW."pfa", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."plan_id", NEW."same_as_id", NEW."status", NEW."target_on", NEW."text", NEW."version"); RETURN NULL;', hash='7bde5169e39134d58c1b072ac1bd619d2342227b', operation='UPDATE', pgid='pgtrigger_update_update_cff9e', table='care_outcome', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='outcomeevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3e52260cf762bfcb5dfab57fa05da00c8a946db2', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f5ebd', table='care_outcomeevent', when='BEFORE')),
        ),
    ]

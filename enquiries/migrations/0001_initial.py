"""The table of enquiries: that of the asks of the TSP, which has left it (tsp.0010)."""

import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# What names a row by its model, or a job by its name: permissions and letters that were sent or still wait.
NAMED = """
UPDATE auth_permission SET codename = replace(codename, '_ask', '_enquiry'), name = replace(name, ' ask', ' enquiry')
WHERE content_type_id IN (SELECT id FROM django_content_type WHERE app_label = 'tsp' AND model IN ('ask', 'askevent'));
UPDATE django_content_type SET app_label = 'enquiries', model = replace(model, 'ask', 'enquiry')
WHERE app_label = 'tsp' AND model IN ('ask', 'askevent');
UPDATE outbox_job SET kind = 'enquiries.letter', arguments = jsonb_build_object(
    'enquiries', jsonb_build_array(arguments->'ask'),
    'again', arguments->'again',
    'reminder', arguments->'reminder'
) WHERE kind = 'tsp.ask';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('outbox', '0002_asked_anew'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('students', '0012_authority_facts'),
        ('tsp', '0010_asks_leave'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Enquiry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=40)),
                        ('period', models.CharField(max_length=20)),
                        ('relation', models.CharField(blank=True, max_length=20)),
                        ('name', models.CharField(blank=True, max_length=100)),
                        ('role', models.CharField(blank=True, max_length=100)),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                        ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), blank=True, default=list, size=None)),
                        ('question', models.CharField(blank=True, max_length=500)),
                        ('asked_at', models.DateTimeField()),
                        ('answer_by', models.DateField(verbose_name='asked for by')),
                        ('reminded_at', models.DateTimeField(null=True)),
                        ('expires_at', models.DateTimeField(null=True)),
                        ('link_seed', models.CharField(blank=True, max_length=64)),
                        ('link_digest', models.CharField(blank=True, max_length=64)),
                        ('code_digest', models.CharField(blank=True, max_length=200)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('opened_at', models.DateTimeField(null=True)),
                        ('target_id', models.BigIntegerField(null=True, verbose_name='key of the record with the answer')),
                        ('answers', models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('declined_at', models.DateTimeField(null=True, verbose_name='they said they cannot')),
                        ('declined_words', models.CharField(blank=True, max_length=300)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('member', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enquiries', to='students.familymember')),
                        ('student', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enquiries', to='students.student')),
                        ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enquiries', to=settings.AUTH_USER_MODEL)),
                        ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'verbose_name_plural': 'enquiries',
                        'ordering': ['-asked_at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='EnquiryEvent',
                    fields=[
                        ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('id', models.BigIntegerField()),
                        ('kind', models.CharField(max_length=40)),
                        ('period', models.CharField(max_length=20)),
                        ('relation', models.CharField(blank=True, max_length=20)),
                        ('name', models.CharField(blank=True, max_length=100)),
                        ('role', models.CharField(blank=True, max_length=100)),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                        ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(max_length=60), blank=True, default=list, size=None)),
                        ('question', models.CharField(blank=True, max_length=500)),
                        ('asked_at', models.DateTimeField()),
                        ('answer_by', models.DateField(verbose_name='asked for by')),
                        ('reminded_at', models.DateTimeField(null=True)),
                        ('expires_at', models.DateTimeField(null=True)),
                        ('link_seed', models.CharField(blank=True, max_length=64)),
                        ('link_digest', models.CharField(blank=True, max_length=64)),
                        ('code_digest', models.CharField(blank=True, max_length=200)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('opened_at', models.DateTimeField(null=True)),
                        ('target_id', models.BigIntegerField(null=True, verbose_name='key of the record with the answer')),
                        ('answers', models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('declined_at', models.DateTimeField(null=True, verbose_name='they said they cannot')),
                        ('declined_words', models.CharField(blank=True, max_length=300)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('asked_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('member', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='students.familymember')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='enquiries.enquiry')),
                        ('student', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='students.student')),
                        ('user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('withdrawn_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
            ]
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('member__isnull', True), ('relation', ''), ('user__isnull', False)), models.Q(('member__isnull', True), ('user__isnull', True), models.Q(('relation', ''), _negated=True)), models.Q(('member__isnull', False), ('relation', ''), ('user__isnull', True)), models.Q(('expires_at__isnull', False), ('relation', ''), ('user__isnull', True)), _connector='OR'), name='enquiry_one_respondent'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code_digest', ''), ('email', ''), ('expires_at__isnull', True), ('link_digest', '')), models.Q(('expires_at__isnull', False), ('relation', ''), ('user__isnull', True), models.Q(('name', ''), _negated=True), models.Q(('email', ''), _negated=True), models.Q(('link_digest', ''), _negated=True), models.Q(('code_digest', ''), _negated=True)), _connector='OR'), name='enquiry_link_whole'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__isnull', True), ('expires_at__gt', models.F('asked_at')), _connector='OR'), name='enquiry_ends_after_it_began'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.UniqueConstraint(condition=models.Q(('user__isnull', False), ('answered_at__isnull', True), ('declined_at__isnull', True), ('withdrawn_at__isnull', True)), fields=('student', 'kind', 'period', 'user'), name='enquiry_one_open_of_user'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.UniqueConstraint(condition=models.Q(('member__isnull', False), ('answered_at__isnull', True), ('declined_at__isnull', True), ('withdrawn_at__isnull', True)), fields=('student', 'kind', 'period', 'member'), name='enquiry_one_open_of_member'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.UniqueConstraint(condition=models.Q(('link_digest', ''), _negated=True), fields=('link_digest',), name='enquiry_link_once'),
        ),
        migrations.AddConstraint(
            model_name='enquiry',
            constraint=models.UniqueConstraint(condition=models.Q(('target_id__isnull', False)), fields=('kind', 'target_id'), name='enquiry_target_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enquiry',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "enquiries_enquiryevent" ("answer_by", "answered_at", "answers", "asked_at", "asked_by_id", "code_digest", "declined_at", "declined_words", "email", "expires_at", "id", "kind", "link_digest", "link_seed", "member_id", "name", "opened_at", "parts", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question", "relation", "reminded_at", "role", "student_id", "target_id", "tries", "user_id", "withdrawn_at", "withdrawn_by_id") VALUES (NEW."answer_by", NEW."answered_at", NEW."answers", NEW."asked_at", NEW."asked_by_id", NEW."code_digest", NEW."declined_at", NEW."declined_words", NEW."email", NEW."expires_at", NEW."id", NEW."kind", NEW."link_digest", NEW."link_seed", NEW."member_id", NEW."name", NEW."opened_at", NEW."parts", NEW."period", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."question", NEW."relation", NEW."reminded_at", NEW."role", NEW."student_id", NEW."target_id", NEW."tries", NEW."user_id", NEW."withdrawn_at", NEW."withdrawn_by_id"); RETURN NULL;', hash='beec71399f6c6c62c0ebfdef2346781248668afe', operation='INSERT', pgid='pgtrigger_insert_insert_03973', table='enquiries_enquiry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enquiry',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "enquiries_enquiryevent" ("answer_by", "answered_at", "answers", "asked_at", "asked_by_id", "code_digest", "declined_at", "declined_words", "email", "expires_at", "id", "kind", "link_digest", "link_seed", "member_id", "name", "opened_at", "parts", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question", "relation", "reminded_at", "role", "student_id", "target_id", "tries", "user_id", "withdrawn_at", "withdrawn_by_id") VALUES (NEW."answer_by", NEW."answered_at", NEW."answers", NEW."asked_at", NEW."asked_by_id", NEW."code_digest", NEW."declined_at", NEW."declined_words", NEW."email", NEW."expires_at", NEW."id", NEW."kind", NEW."link_digest", NEW."link_seed", NEW."member_id", NEW."name", NEW."opened_at", NEW."parts", NEW."period", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."question", NEW."relation", NEW."reminded_at", NEW."role", NEW."student_id", NEW."target_id", NEW."tries", NEW."user_id", NEW."withdrawn_at", NEW."withdrawn_by_id"); RETURN NULL;', hash='76916508169954a2bb8851c63682c8bdc90a9294', operation='UPDATE', pgid='pgtrigger_update_update_c1f31', table='enquiries_enquiry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='enquiryevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0d62350ae2d9c28ba52fc0ff14d17420ef7d2c36', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c887b', table='enquiries_enquiryevent', when='BEFORE')),
        ),
    ]

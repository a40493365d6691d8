from datetime import timedelta

from django.db import migrations
from django.utils import timezone


def ask_for_mails(apps, schema_editor):
    """What the five-minute round would have told, the outbox tells: of each worry that nobody has taken yet."""
    Worry, Job = apps.get_model("safety", "Worry"), apps.get_model("outbox", "Job")
    now = timezone.now()
    for worry in Worry.objects.filter(done_at__isnull=True, taken_at__isnull=True):
        again = worry.said_at + timedelta(minutes=30)
        wanted = {"safety.worry": now} | ({"safety.worry_waits": again} if worry.reminded_at is None else {})
        for kind, due_at in wanted.items():
            Job.objects.create(
                kind=kind, arguments={"worry": worry.pk}, created_at=now, since=due_at, due_at=due_at
            )


class Migration(migrations.Migration):

    dependencies = [
        ("safety", "0002_said_before"),
        ("outbox", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(ask_for_mails, migrations.RunPython.noop),
    ]

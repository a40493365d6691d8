"""What waited in the session of a sign-in page becomes rows of whose it is."""

from datetime import datetime

from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations
from django.utils import timezone

KEPT = "keywork_held"


def move(apps, schema_editor):
    HeldForm, User = apps.get_model("keywork", "HeldForm"), apps.get_model("keywork", "User")
    for row in apps.get_model("sessions", "Session").objects.iterator():
        waiting = SessionStore().decode(row.session_data).get(KEPT, [])
        for one in waiting if isinstance(waiting, list) else [waiting]:  # of before: only one
            user = User.objects.filter(pk=one["user"]).first()
            open_form = one.get("open_form", "")
            if user is None or one.get("is_draft"):
                continue
            if open_form and HeldForm.objects.filter(user=user, open_form=open_form).exists():
                open_form = ""
            HeldForm.objects.create(
                user=user,
                open_form=open_form,
                path=one["path"],
                part=" ".join(one.get("part", [])),
                fields=[pair for pair in one["fields"] if pair[0] != "autosave"],
                had_files=one.get("had_files", False),
                saved_before=one.get("saved_before", ""),
                at=datetime.fromisoformat(one["at"]) if one.get("at") else timezone.now(),
            )


class Migration(migrations.Migration):

    dependencies = [("keywork", "0015_held_form"), ("sessions", "0001_initial")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]

"""The key of the name for every account there is; from now on every saved name brings its own."""

from django.db import migrations

from keywork import names


def fill(apps, schema_editor):
    users = list(apps.get_model("keywork", "User").objects.order_by("pk"))
    for user in users:
        user.in_order = names.in_order(user.name)
    apps.get_model("keywork", "User").objects.bulk_update(users, ["in_order"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("keywork", "0009_staff_in_order")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

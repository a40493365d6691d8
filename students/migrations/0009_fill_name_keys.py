"""The keys of names for those who are here already; from now on every saved name brings its own."""

from django.db import migrations

from keywork import names

CHUNK = 500


def fill(apps, schema_editor):
    students = []
    for row in apps.get_model("students", "Student").objects.order_by("pk"):
        known_as = row.preferred_forename or row.legal_forename
        surname = row.preferred_surname or row.legal_surname
        row.in_order = names.in_order(surname, known_as)
        row.found_by = names.folded(
            " ".join(dict.fromkeys((known_as, surname, row.legal_forename, row.legal_surname)))
        )
        students.append(row)
    apps.get_model("students", "Student").objects.bulk_update(students, ["in_order", "found_by"], batch_size=CHUNK)
    members = []
    for row in apps.get_model("students", "FamilyMember").objects.order_by("pk"):
        row.in_order = names.in_order(row.surname, row.forename)
        members.append(row)
    apps.get_model("students", "FamilyMember").objects.bulk_update(members, ["in_order"], batch_size=CHUNK)


class Migration(migrations.Migration):
    dependencies = [("students", "0008_name_keys")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

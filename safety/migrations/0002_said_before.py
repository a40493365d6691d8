"""What students said of not feeling safe in the two weeks before there were worries reaches somebody too."""

from datetime import timedelta

from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def tell(apps, schema_editor):
    Worry = apps.get_model("safety", "Worry")
    Reader = apps.get_model("safety", "WorryReader")
    User = apps.get_model("keywork", "User")
    Feeling = apps.get_model("tsp", "Feeling")
    Answer = apps.get_model("tsp", "Answer")
    now = timezone.now()
    since = now - timedelta(days=14)
    said = [
        {
            "student_id": one.student_id,
            "source": "feeling",
            "words": one.words if one.not_safe else "",
            "said_at": one.not_safe_at,
            "written_by_id": one.student.user_id,
        }
        for one in Feeling.objects.filter(not_safe_at__gte=since).select_related("student").order_by("not_safe_at")
    ]
    # "How safe I feel", 0 or 1 of the shipped form: the number the form itself gives as low.
    low = Answer.objects.filter(
        Q(value=0) | Q(value=1), field="feel-safe", sheet__tool="student-voice", sheet__voided_at__isnull=True, at__gte=since
    )
    said += [
        {
            "student_id": one.sheet.student_id,
            "source": "voice",
            "source_id": one.sheet_id,
            "said_at": one.at,
            "written_by_id": one.by_id,
        }
        for one in low.select_related("sheet").order_by("at")
    ]
    leads = list(User.objects.filter(is_active=True, roles__contains=["dsl"]))
    for facts in said:
        worry = Worry.objects.create(**facts)
        Reader.objects.bulk_create(Reader(worry=worry, user=user, why="lead") for user in leads)


class Migration(migrations.Migration):
    dependencies = [
        ("safety", "0001_worries"),
        ("tsp", "0003_home_asks_and_feelings"),
        ("students", "0003_last_review"),
        ("keywork", "0003_new_stamp"),
    ]
    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]

"""The nightly job over 100,000 students of whom 5,000 are overdue: first run, and again with nothing new."""

from __future__ import annotations

import json
import time

import django
import pgtrigger

django.setup()

from bench.crowd import make_crowd  # noqa: E402  settings must be ready first
from contacts.actions.misses import record_misses  # noqa: E402
from contacts.models import Miss  # noqa: E402
from keywork.models import JobRun  # noqa: E402

STUDENTS, OVERDUE = 100_000, 5_000


def main() -> None:
    make_crowd(STUDENTS, overdue=OVERDUE)
    with pgtrigger.ignore("contacts.Miss:never_deleted"):  # those of the run before
        Miss.objects.filter(pk__gt=0)._raw_delete("default")
    JobRun.objects.all().delete()
    began = time.perf_counter()
    record_misses()
    first = time.perf_counter() - began
    assert Miss.objects.filter(duty="home_contact").count() == OVERDUE, Miss.objects.count()
    began = time.perf_counter()
    record_misses()
    again = time.perf_counter() - began
    assert Miss.objects.filter(duty="home_contact").count() == OVERDUE
    print(
        json.dumps(
            {
                f"{STUDENTS} students, {OVERDUE} overdue": {
                    "first_run_s": round(first, 2),
                    "second_run_s": round(again, 2),
                }
            }
        )
    )


main()

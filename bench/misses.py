"""The nightly job over 100,000 students of whom 5,000 are overdue: first run, and again with nothing new.

What memory the process holds is looked at all the while: the most of it in each tenth of a run says whether the job,
which goes through the students in chunks, grows with them.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger

from bench.crowd import make_crowd
from contacts.actions.misses import record_misses
from contacts.models import Miss
from keywork.models import JobRun

STUDENTS, OVERDUE = 100_000, 5_000


@contextmanager
def memory() -> Iterator[list[int]]:
    """Yields a list that holds, once the block has ended, the most memory of each tenth of its time, in MB."""
    seen: list[int] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            with open("/proc/self/statm") as statm:
                seen.append(int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))

    looking = threading.Thread(target=look)
    looking.start()
    tenths: list[int] = []
    try:
        yield tenths
    finally:
        ended.set()
        looking.join()
        for n in range(10):
            part = seen[n * len(seen) // 10 : (n + 1) * len(seen) // 10]
            tenths += [round(max(part) / 2**20)] if part else []


def main() -> None:
    make_crowd(STUDENTS, overdue=OVERDUE)
    with pgtrigger.ignore("contacts.Miss:never_deleted"):  # those of the run before
        Miss.objects.filter(pk__gt=0)._raw_delete("default")
    JobRun.objects.all().delete()
    with memory() as of_first:
        began = time.perf_counter()
        record_misses()
        first = time.perf_counter() - began
    assert Miss.objects.filter(duty="home_contact").count() == OVERDUE, Miss.objects.count()
    with memory() as of_second:
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
                    "first_run_mb_in_each_tenth": of_first,
                    "second_run_mb_in_each_tenth": of_second,
                }
            }
        )
    )


main()

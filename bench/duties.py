"""Every duty state of a school of 2,000 and of 20,000 students."""

from __future__ import annotations

import json
import time

from bench.crowd import make_crowd
from keywork import clock, duties, school
from students.models import Student


def main() -> None:
    found = {}
    for size in (2_000, 20_000):
        make_crowd(size)
        students = list(Student.objects.all()[:size])
        facts = school.load()
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            states = duties.states_for(students, clock.today(), school=facts)
            taken.append(time.perf_counter() - began)
        assert len(states) == size and all(len(each) == len(duties.providers()) for each in states.values())
        found[f"{size} students"] = {"median_s": round(sorted(taken)[2], 3), "worst_s": round(max(taken), 3)}
    print(json.dumps(found))


main()

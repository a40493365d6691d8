"""Timing by the wall, warm, in turn with the thing compared to: the figures of one run stand together.

Beside it the processor time of this process, which says more where the machine is busy with something else; what
Postgres and Redis work in theirs is only in the wall's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.test.utils import CaptureQueriesContext


class Taken(NamedTuple):
    """Of one call, in milliseconds."""

    wall: float
    cpu: float


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def queries_of(calls: Mapping[str, Callable[[], Any]]) -> dict[str, int]:
    """How many queries each call asks, the second time it is made."""
    found = {}
    for name, call in calls.items():
        call()
        with CaptureQueriesContext(connection) as captured:
            call()
        found[name] = len(captured)
    return found


def in_turn(calls: Mapping[str, Callable[[], Any]], runs: int, warm: int = 3) -> dict[str, list[Taken]]:
    """Each call, A B C A B C …, so that a drift of the machine touches all alike.

    Each round begins deeper in the stack. CPython keeps its frames in pieces of 16 KB; where the inner loop of a page
    lies across the edge of two, each of its calls takes a piece from the system and gives it back, and the page takes
    up to twice its time. Where it lies depends on the server and on every function around the view, so the rounds
    begin at places spread over one piece, and the median is of what most places give.
    """
    for _ in range(warm):
        for call in calls.values():
            call()
    taken: dict[str, list[Taken]] = {name: [] for name in calls}
    for place in range(runs):
        for name, call in calls.items():
            taken[name].append(_from(place * FRAMES_A_PIECE // runs, call))
    return taken


FRAMES_A_PIECE = 120  # of `_from`, which are some 136 bytes each


def _from(depth: int, call: Callable[[], Any]) -> Taken:
    if depth:
        return _from(depth - 1, call)
    worked, began = time.process_time(), time.perf_counter()
    call()
    ended = time.perf_counter()
    return Taken((ended - began) * 1000, (time.process_time() - worked) * 1000)


def summary(values: list[Taken]) -> dict[str, float]:
    wall, cpu = [one.wall for one in values], [one.cpu for one in values]
    return {
        "p50_ms": round(percentile(wall, 0.5), 2),
        "p95_ms": round(percentile(wall, 0.95), 2),
        "cpu_p50_ms": round(percentile(cpu, 0.5), 2),
    }

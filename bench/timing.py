"""Timing by the wall, warm, in turn with the thing compared to: the figures of one run stand together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def in_turn(calls: Mapping[str, Callable[[], Any]], runs: int, warm: int = 3) -> dict[str, list[float]]:
    """Milliseconds of each call, A B C A B C …, so that a drift of the machine touches all alike."""
    for _ in range(warm):
        for call in calls.values():
            call()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            taken[name].append((time.perf_counter() - began) * 1000)
    return taken


def summary(values: list[float]) -> dict[str, float]:
    return {"p50_ms": round(percentile(values, 0.5), 2), "p95_ms": round(percentile(values, 0.95), 2)}

"""When Python's collector of cycles works in the web server: between two pages, not in the middle of one.

What is loaded at the start stays, and need not be walked again and again. Of a request, the request itself and
its template context refer to themselves, so what they hold waits for the collector. A page about a whole
school holds tens of thousands of objects at once, none of them in a cycle: looked through as it grows, as
Python would after every 700 new objects, it would take a third longer.
"""

from __future__ import annotations

import gc
from typing import Any

from django.core.signals import request_finished

LEFT_BEHIND = (
    10_000  # objects: so many pages' worth is looked through in some 5 ms, after the answer has gone
)
ONCE_IN = 50  # of those times, everything that has ever survived is looked through as well
NEVER_REACHED = 500_000  # objects one page may hold before Python does look: no page of ours comes near


def work_between_requests() -> None:
    """Call once, when the application is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEVER_REACHED, 20, 50)
    request_finished.connect(_tidy, dispatch_uid="keywork.collector")


def _tidy(**_: Any) -> None:
    new, _, times = gc.get_count()
    if new > LEFT_BEHIND:
        gc.collect(2 if times >= ONCE_IN else 1)

"""Who asks, by when and where: asked for with the ask, written and sent by the worker once that has committed (tsp.tasks).

Of the student a colleague and a professional learn the initials alone, a parent or carer nothing at all.
"""

from __future__ import annotations

from keywork.outside import Outside
from outbox import actions as outbox

from ..models import Ask

ASKED = Outside("tsp.ask", "keywork_asked")  # the links of asks


def write(ask: Ask, *, again: bool = False, reminder: bool = False) -> None:
    """`again`: they have had a mail before, and a link in this one takes the place of that one's."""
    outbox.do("tsp.ask", key=str(ask.pk), ask=ask.pk, again=again, reminder=reminder)

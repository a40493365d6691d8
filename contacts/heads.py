"""What the log has for the talk before a review: what was agreed in keywork and goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from care.reviews.heads import HeadLine

from .agreeing import to_ask


class AgreedHeads:
    def heads(self, student: Any, reader: Any, since: date, school: Any) -> Mapping[str, Sequence[HeadLine]]:
        lines = [
            HeadLine(
                one.words, url=reverse("contacts:session", args=[one.session]), link="The session", on=one.on
            )
            for one in to_ask(student, reader)
        ]
        return {"agreed_strategies": lines}

"""What sheets have for the talk before a review: what helps, from the regulation map in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from care.reviews.heads import HeadLine
from keywork.access import Can, allows

from ..models import Answer, Sheet, Tool


class HelpHeads:
    def heads(self, student: Any, reader: Any, since: date, school: Any) -> Mapping[str, Sequence[HeadLine]]:
        if not allows(reader, Can.VIEW_STRATEGIES, student):
            return {}
        done = Sheet.objects.done().filter(student=student, tool=Tool.REGULATION)
        map_ = done.exclude(wording=Sheet.Wording.PARENT).order_by("-happened_on", "-pk").first()
        if map_ is None:
            return {}
        stages = Answer.objects.filter(sheet=map_, field="stages").values_list("value", flat=True).first()
        said = dict.fromkeys(
            words for row in stages or () if (words := " ".join(str(row.get(HELPS) or "").split()))
        )
        url = reverse("tsp:what_helps", args=[student.pk])
        lines = [HeadLine(words, url=url, link="What helps", on=map_.happened_on) for words in said]
        return {"agreed_strategies": lines}


HELPS = "what-others-should-do"

"""What helps a student: the newest strengths profile and regulation map, with home's view, for every member of
staff; and of the map what the talk before a review needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from care.reviews.heads import HeadLine
from keywork.access import Can, allows
from questionnaires.bound_questions import Stored, shown
from students.models import Student

from ..models import Answer, Attachment, Sheet, Tool
from ..questions import templates
from . import permissions as sheet_permissions
from .lines import author_of, day_of

HELPS = (Tool.REGULATION, Tool.STRENGTHS)


def parts_of(reader: Any, student: Student) -> list[dict[str, Any]]:
    """Sheet by sheet as this reader may read them, the school's before home's; a fixed number of queries."""
    rows = (
        sheet_permissions.readable(reader)
        .done()
        .filter(student=student, tool__in=HELPS)
        .order_by("-done_at", "-pk")
        .prefetch_related(
            Prefetch("answers", Answer.objects.select_related("by")),
            Prefetch("attachments", Attachment.objects.filter(removed_at__isnull=True)),
        )
    )
    chosen: list[Sheet] = []
    seen: set[tuple[str, int | None]] = set()
    for row in rows:
        key = (row.tool, row.author_id if row.wording == Sheet.Wording.PARENT else None)
        if key not in seen:
            seen.add(key)
            chosen.append(row)
    forms = templates.versions(one.template_id for one in chosen)
    chosen.sort(key=lambda one: (HELPS.index(Tool(one.tool)), one.wording == Sheet.Wording.PARENT))
    return [_part(row, forms[row.template_id]) for row in chosen]


def _part(row: Sheet, form: templates.Template) -> dict[str, Any]:
    stored = {one.field: Stored(one.value, one.version, "", one.at) for one in row.answers.all()}
    told = [
        shown(one, form, row.audience, stored[one.slug])
        for one in form.tool(row.tool).fields
        if one.slug in stored
    ]
    at_home = row.wording == Sheet.Wording.PARENT
    title = f"At home, from {author_of(row)}" if at_home else str(Tool(row.tool).label)
    files = [one for one in row.attachments.all() if one.kind == Attachment.Kind.PICTURE]
    return {
        "title": title,
        "on": day_of(row),
        "answers": [one for one in told if not one.empty],
        "files": files,
        "sheet": row,
        "wide": any(one.rows for one in told),
    }


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
            words for row in stages or () if (words := " ".join(str(row.get(ADVICE) or "").split()))
        )
        url = reverse("tsp:what_helps", args=[student.pk])
        lines = [HeadLine(words, url=url, link="What helps", on=map_.happened_on) for words in said]
        return {"agreed_strategies": lines}


ADVICE = "what-others-should-do"

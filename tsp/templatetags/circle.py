"""`{% load circle %}{% circle_of answer question box as map %}`: the drawing of the people somebody named."""

from __future__ import annotations

from typing import Any

from django import template

from tsp.models import Answer, Tool
from tsp.questions import circle
from tsp.questions.bound_questions import BoundQuestion
from tsp.questions.templates import Field, current

register = template.Library()


@register.simple_tag
def circle_of(
    answer: Answer | list[dict[str, Any]] | None,
    question: Field | None = None,
    box: BoundQuestion | None = None,
) -> circle.Circle:
    """Of a box on a form as it stands there; else of the rows. Without `question` the form now in use is asked."""
    if box and box.circle:
        return box.circle
    rows = answer.value if isinstance(answer, Answer) else answer
    if not question:
        question = next(one for one in current().tool(Tool.CIRCLE).fields if one.slug == circle.PEOPLE)
    return circle.draw(rows, question.columns)

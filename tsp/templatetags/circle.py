"""`{% load circle %}{% circle_of answer as map %}`: the drawing of the rows of the people somebody named."""

from __future__ import annotations

from typing import Any

from django import template

from tsp import circle
from tsp.models import Answer, Tool
from tsp.templates import Field, current

register = template.Library()

FIELD = "people"


@register.simple_tag
def circle_of(answer: Answer | list[dict[str, Any]] | None, question: Field | None = None) -> circle.Circle:
    """`question` is the form's field the rows answer; without it the form now in use is asked."""
    rows = answer.value if isinstance(answer, Answer) else answer
    if not question:
        question = next(one for one in current().tool(Tool.CIRCLE).fields if one.slug == FIELD)
    return circle.draw(rows, question.columns)


@register.filter
def and_blanks(people: tuple[circle.Person, ...], rows: Any = None) -> list[dict[str, Any]]:
    """The lines of the list form: everybody, then two empty ones, numbered as they are saved."""
    lines = [{"number": number, "person": one} for number, one in enumerate(people)]
    return lines + [{"number": len(lines) + more, "person": None} for more in range(2)]

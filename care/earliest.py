"""How early a day in a form can be: nothing is written down of a day before that of which it is told."""

from __future__ import annotations

from typing import TypeVar

from keywork.dates import day_in_full
from keywork.editing import EditForm
from keywork.forms import Earliest
from students.models import Student

from .models import EhcPlan

Form = TypeVar("Form", bound=EditForm)


def since_birth(form: Form, student: Student) -> Form:
    """No day in `form` is before the student was born."""
    form.earliest = Earliest(
        student.born_on, f"That is before {student.known_as} was born. Choose a later day"
    )
    return form


def since_issued(form: Form, plan: EhcPlan) -> Form:
    """No day in `form`, of a review of this plan, is before the plan was issued."""
    form.earliest = Earliest(
        plan.issued_on,
        f"The plan was issued on {day_in_full(plan.issued_on)}. Choose that day or a later one",
    )
    return form

"""Finding students by what people type: parts of names in any order, with or without accents, or a number."""

from __future__ import annotations

from functools import reduce
from operator import and_

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, Q, QuerySet, TextField, Value

from keywork.names import folded

from .rules import NOT_APPLICABLE, YEAR_GROUPS


def matching(students: QuerySet, typed: str) -> QuerySet:
    """The students whose names hold every typed word, or whose MIS number or UPN is what was typed."""
    number = typed.strip()
    if not number:
        return students
    found = Q(mis_id__iexact=number) & ~Q(mis_id="") | Q(upn__iexact=number) & ~Q(upn="")
    words = folded(typed).split()
    if words:
        found |= reduce(and_, (Q(found_by__contains=word) for word in words))
    return students.filter(found)


def year_place(field: str = "nc_year") -> Func:
    """Where a year group stands in school: N1, N2 and R before 1, 2 … 14, and X at the end."""
    order = Value([*YEAR_GROUPS, NOT_APPLICABLE], output_field=ArrayField(TextField()))
    return Func(order, F(field), function="array_position", output_field=IntegerField())

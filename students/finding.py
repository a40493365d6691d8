"""Finding students by what people type: parts of names in any order, with or without accents, or a number."""

from __future__ import annotations

from datetime import date
from functools import reduce
from itertools import product
from operator import and_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, Q, QuerySet, TextField, Value

from keywork.names import folded, same_name

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


def names_of(student: Any) -> set[tuple[str, str]]:
    """Forename and surname, legal and in use, for comparing however they are spelt."""
    forenames = same_name(student.legal_forename), same_name(student.known_as)
    return {*product(forenames, (same_name(student.legal_surname), same_name(student.surname)))}


def namesakes(students: QuerySet, forename: str, surname: str, born_on: date) -> list[Any]:
    """Those of the same name, or nearly, and the same date of birth."""
    asked = same_name(forename), same_name(surname)
    return [one for one in students.filter(born_on=born_on).order_by("pk") if asked in names_of(one)]


def year_place(field: str = "nc_year") -> Func:
    """Where a year group stands in school: N1, N2 and R before 1, 2 … 14, and X at the end."""
    order = Value([*YEAR_GROUPS, NOT_APPLICABLE], output_field=ArrayField(TextField()))
    return Func(order, F(field), function="array_position", output_field=IntegerField())

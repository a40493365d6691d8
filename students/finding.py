"""Finding students by what people type: parts of names in any order, with or without accents, or a number."""

from __future__ import annotations

import unicodedata
from functools import reduce
from operator import and_

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, Lower

from .rules import NOT_APPLICABLE, YEAR_GROUPS

# Plain Postgres has no unaccent, so the letters of names in these islands are folded by translate().
_ACCENTED = "àáâãäåāăąçćčďđèéêëēęěìíîïīłñńňòóôõöøōőŕřśšşťùúûüūůűýÿźżž’"
_PLAIN = "".join(
    {"đ": "d", "ł": "l", "ø": "o", "’": "'"}.get(letter) or unicodedata.normalize("NFKD", letter)[0]
    for letter in _ACCENTED
)
_FOLD = str.maketrans(_ACCENTED, _PLAIN)


def folded(text: str) -> str:
    """Lower case without accents, as the database folds the names."""
    return text.lower().translate(_FOLD)


def matching(students: QuerySet, typed: str) -> QuerySet:
    """The students whose names hold every typed word, or whose MIS number or UPN is what was typed."""
    words = folded(typed).split()
    if not words:
        return students
    names = Concat(
        "known_as", Value(" "), "surname", Value(" "), "legal_forename", Value(" "), "legal_surname"
    )
    found = students.annotate(
        all_names=Func(Lower(names), Value(_ACCENTED), Value(_PLAIN), function="translate")
    )
    by_name = reduce(and_, (Q(all_names__contains=word) for word in words))
    number = typed.strip()
    return found.filter(
        by_name | Q(mis_id__iexact=number) & ~Q(mis_id="") | Q(upn__iexact=number) & ~Q(upn="")
    )


def year_place(field: str = "nc_year") -> Func:
    """Where a year group stands in school: N1, N2 and R before 1, 2 … 14, and X at the end."""
    order = Value([*YEAR_GROUPS, NOT_APPLICABLE], output_field=ArrayField(TextField()))
    return Func(order, F(field), function="array_position", output_field=IntegerField())

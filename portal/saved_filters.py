"""Oversight's filters that somebody keeps under a name of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict

from keywork import prepared
from keywork.errors import Refused
from keywork.models import SavedFilter, User

MOST = 20
LONGEST = 500  # of the query
KEPT = ("show", "keyworker", "year", "placement", "sort")


def kept(query: Mapping[str, Any]) -> str:
    """What of an address is worth keeping: choices and order, never a page."""
    return urlencode({name: query[name] for name in KEPT if query.get(name)})


def _of(user_id: int) -> QuerySet[Any]:
    mine = SavedFilter.objects.filter(user=user_id, page=SavedFilter.Page.OVERSIGHT)
    return mine.order_by("name", "pk").values_list("pk", "name", "query")


def saved_by(user: User) -> list[Any]:
    """Key, name and query of each; one query."""
    return prepared.rows(_of, user.pk)


@transaction.atomic
def save_filter(*, name: str, query: str, by: User) -> SavedFilter:
    """The same name again replaces what was under it. Raises Refused above the limit."""
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    mine = SavedFilter.objects.filter(user=by, page=SavedFilter.Page.OVERSIGHT)
    name, asked = name.strip(), kept(QueryDict(query))
    if len(asked) > LONGEST:
        raise Refused("More is chosen than can be kept", "name")
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise Refused(f"You keep {MOST} already. Remove one first", "name")
    row, _ = mine.update_or_create(
        user=by, page=SavedFilter.Page.OVERSIGHT, name=name, defaults={"query": asked}
    )
    return row

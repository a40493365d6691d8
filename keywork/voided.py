"""Rows that are taken back with a reason and stay: their columns, and what the database holds them to."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from .scoped import ScopedQuerySet

NOT_VOID = Q(voided_at__isnull=True)


def all_or_none(name: str, *columns: str, words: str = "") -> models.CheckConstraint:
    """These columns have a value together, and then `words` says something, or none of them has."""
    none, every = ({f"{column}__isnull": is_null for column in columns} for is_null in (True, False))
    if not words:
        return models.CheckConstraint(condition=Q(**none) | Q(**every), name=name)
    return models.CheckConstraint(
        condition=Q(**none, **{words: ""}) | (Q(**every) & ~Q(**{words: ""})), name=name
    )


def void_is_whole(name: str) -> models.CheckConstraint:
    """A row is taken back with whoever did it and a reason, or not at all."""
    return all_or_none(name, "voided_at", "voided_by", words="void_reason")


class Voidable(models.Model):
    voided_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey("keywork.User", on_delete=models.PROTECT, null=True, related_name="+")
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class StandingQuerySet(ScopedQuerySet):
    def standing(self) -> Self:
        """But for what was taken back."""
        return self.filter(NOT_VOID)

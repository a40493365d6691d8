"""What the cache holds while Redis is away."""

from __future__ import annotations

from django.db import models


class Cached(models.Model):
    """One value of the cache that Redis could not take (keywork.cache)."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.TextField(help_text="JSON")
    ends_at = models.DateTimeField(null=True, help_text="By the machine's own time")

    def __str__(self) -> str:
        return self.key

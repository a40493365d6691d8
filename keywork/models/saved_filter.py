"""What somebody looks for again and again on a page with filters, under a name of their own."""

from __future__ import annotations

from django.db import models


class SavedFilter(models.Model):
    """`query` is that of the page's address. Nobody else sees it, and it opens nothing that the page would not."""

    class Page(models.TextChoices):
        OVERSIGHT = "oversight", "Oversight"

    user = models.ForeignKey("keywork.User", on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=20, choices=Page.choices)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="one_saved_filter_of_a_name")
        ]

    def __str__(self) -> str:
        return f"{self.page} of {self.user_id}: {self.name}"

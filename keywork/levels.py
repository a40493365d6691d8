"""Three levels of sensitivity, the same on every record (architecture, Access)."""

from django.db import models

from .words import worded_lazy


class Level(models.TextChoices):
    GENERAL = "general", "Core team"
    RESTRICTED = "restricted", worded_lazy("Keyworker, deputy and safeguarding lead")
    SAFEGUARDING = "safeguarding", "Safeguarding lead only"


def no_wider(level: str) -> list[str]:
    """This level and those that fewer people read."""
    every = [one.value for one in Level]
    return every[every.index(level) :]

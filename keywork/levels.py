"""Three levels of sensitivity, the same on every record (architecture, Access)."""

from django.db import models


class Level(models.TextChoices):
    GENERAL = "general", "Core team"
    RESTRICTED = "restricted", "Keyworker, deputy and safeguarding lead"
    SAFEGUARDING = "safeguarding", "Safeguarding lead only"

"""The form of the Independent Living Skills Assessment as versioned data. Nothing here is about any student."""

from __future__ import annotations

import pghistory
from django.db import models

from questionnaires.models import Version


@pghistory.track(exclude=["content"])
class TemplateVersion(Version):
    content = models.JSONField(help_text="A document of the schema keywork.ilsa-template/1")

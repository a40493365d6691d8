"""A form that was sent, so that nothing is done twice (keywork/open_forms.py)."""

from django.contrib.messages.storage.cookie import MessageDecoder, MessageEncoder
from django.db import models

from .. import clock


class SentForm(models.Model):
    """One form that was saved: where that led and what was said. Kept as long as its key is good."""

    key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey("keywork.User", on_delete=models.CASCADE, related_name="+")
    body = models.CharField(max_length=64, help_text="a digest of what was typed")
    sent_at = models.DateTimeField(default=clock.now)
    leads_to = models.TextField(default="", help_text="the address of the page that came of it")
    by_script = models.BooleanField(default=False, help_text="htmx went there, not the browser")
    said = models.JSONField(default=list, encoder=MessageEncoder, decoder=MessageDecoder)

    def __str__(self) -> str:
        return f"{self.key} of user {self.user_id}"

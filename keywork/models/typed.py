"""What somebody typed: not saved yet, sent while they were not signed in, or saved, so that nothing is done twice."""

from django.contrib.messages.storage.cookie import MessageDecoder, MessageEncoder
from django.db import models

from .. import clock


class Draft(models.Model):
    """One unfinished form of one person; `key` names the form and what it is about ("contact-new:17").

    Somebody who has the same form open twice has two: `open_form` is the key of each (keywork/open_forms.py).
    """

    user = models.ForeignKey("keywork.User", on_delete=models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=80)
    open_form = models.CharField(max_length=40, default="")
    student = models.ForeignKey("students.Student", on_delete=models.CASCADE, null=True, related_name="+")
    data = models.JSONField(help_text="field name to list of values, as posted")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key", "open_form"], name="one_draft_each")]


class PendingSubmission(models.Model):
    """One form that was sent without a session, until it is saved or thrown away (keywork/pending.py).

    What the same open form sends again takes its place.
    """

    user = models.ForeignKey("keywork.User", on_delete=models.CASCADE, related_name="+")
    open_form = models.CharField(max_length=40, default="", help_text="its key (keywork/open_forms.py)")
    path = models.TextField(help_text="where it was sent, with the query")
    part = models.TextField(default="", help_text="the fields of it, where script sent some alone")
    fields = models.JSONField(help_text="pairs of name and value, as posted")
    had_files = models.BooleanField(default=False)
    saved_before = models.TextField(default="", help_text="where what was saved of it a moment before stands")
    at = models.DateTimeField()

    class Meta:
        db_table = "keywork_heldform"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "open_form"], condition=~models.Q(open_form=""), name="held_once"
            )
        ]


class SentForm(models.Model):
    """One form that was saved: where that led and what was said. Kept as long as its key is good (open_forms.py)."""

    key = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey("keywork.User", on_delete=models.CASCADE, related_name="+")
    body = models.CharField(max_length=64, help_text="a digest of what was typed")
    sent_at = models.DateTimeField(default=clock.now)
    leads_to = models.TextField(default="", help_text="the address of the page that came of it")
    by_script = models.BooleanField(default=False, help_text="htmx went there, not the browser")
    said = models.JSONField(default=list, encoder=MessageEncoder, decoder=MessageDecoder)

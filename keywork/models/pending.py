"""What somebody sent while they were not signed in, kept until they save it or throw it away (keywork/pending.py)."""

from django.db import models


class PendingSubmission(models.Model):
    """One form of one person, and what was typed in it last; what the same open form sends again takes its place."""

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

    def __str__(self) -> str:
        return f"{self.path} of user {self.user_id}"

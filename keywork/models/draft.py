"""What someone has typed and not yet saved: kept on the server, so nothing typed is ever lost."""

from django.db import models


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

    def __str__(self) -> str:
        return f"{self.key} of user {self.user_id}"

"""What the app has done after a commit (outbox.kinds)."""

from .decisions import mails

__all__ = ["mails"]

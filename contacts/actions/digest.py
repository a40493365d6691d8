"""What somebody chooses about what they are told by e-mail."""

from __future__ import annotations

from collections.abc import Sequence

from keywork.models import User

from ..models import DigestChoice


def choose_digest(*, weekly: bool, without: Sequence[str], by: User) -> DigestChoice:
    """For oneself alone. `without` are values of contacts.escalation.NotificationKind."""
    chosen, _ = DigestChoice.objects.update_or_create(
        user=by, defaults={"weekly": weekly, "without": list(without)}
    )
    return chosen

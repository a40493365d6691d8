"""How long a worry may wait before it is said again that it does."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# From the moment it is said, on every day of the year: nobody has taken it or said what was done.
ANSWER_WITHIN: Final = timedelta(minutes=30)

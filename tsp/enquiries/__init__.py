"""What the TSP asks of others (enquiries): their part of the team input, and the sheet of a talk with home."""

from __future__ import annotations

from typing import Final

INPUT: Final = "tsp.input"
TALK: Final = "tsp.talk"

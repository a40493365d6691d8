"""What people write beside an answer, why somebody takes no part, and what was agreed: short, kind, of what was seen.

{n} is the student, {adult} the parent or carer.
"""

from __future__ import annotations

from typing import Final

from ..texts import texts

_TEXTS = texts("independence")
STAFF_NOTES: Final = _TEXTS["staff-notes"]
PARENT_NOTES: Final = _TEXTS["parent-notes"]
STUDENT_NOTES: Final = _TEXTS["student-notes"]
NOTES: Final = {"keyworker": STAFF_NOTES, "parent_carer": PARENT_NOTES, "pupil": STUDENT_NOTES}

AGREED: Final = _TEXTS["agreed"]
MISSING: Final = _TEXTS["missing"]
HELPED: Final = _TEXTS["helped"]

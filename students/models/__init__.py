from .access import StudentAccess
from .entry_letter import EntryLetter
from .family import FamilyLink, FamilyMember
from .imports import ImportBatch, ImportMapping, ImportRow
from .student import Absence, Attendance, EarlierStay, Student

__all__ = [
    "Absence",
    "Attendance",
    "EarlierStay",
    "EntryLetter",
    "FamilyLink",
    "FamilyMember",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "Student",
    "StudentAccess",
]

from .access import StudentAccess
from .family import FamilyLink, FamilyMember
from .imports import ImportBatch, ImportMapping, ImportRow
from .student import Absence, Attendance, EarlierStay, Student

__all__ = [
    "Absence",
    "Attendance",
    "EarlierStay",
    "FamilyLink",
    "FamilyMember",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "Student",
    "StudentAccess",
]

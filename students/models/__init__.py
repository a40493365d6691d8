from .access import StudentAccess
from .family import FamilyLink, FamilyMember
from .imports import ImportBatch, ImportMapping, ImportRow
from .student import Absence, Student

__all__ = [
    "Absence",
    "FamilyLink",
    "FamilyMember",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "Student",
    "StudentAccess",
]

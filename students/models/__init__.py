from .access import StudentAccess
from .family import FamilyLink, FamilyMember
from .imports import ImportBatch, ImportMapping, ImportRow
from .plans import EhcPlan, Outcome
from .student import Absence, Attendance, EarlierStay, Student

__all__ = [
    "Absence",
    "Attendance",
    "EarlierStay",
    "EhcPlan",
    "FamilyLink",
    "FamilyMember",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "Outcome",
    "Student",
    "StudentAccess",
]

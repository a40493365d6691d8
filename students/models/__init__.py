from .access import StudentAccess
from .family import FamilyLink, FamilyMember
from .imports import ImportBatch, ImportMapping, ImportRow
from .plans import EhcPlan, Outcome
from .student import Absence, EarlierStay, Student

__all__ = [
    "Absence",
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

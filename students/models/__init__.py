from .access import StudentAccess
from .change_request import ChangeRequest
from .codes import EntryLetter, SignInCard
from .family import FamilyLink, FamilyMember, OwnChoice, OwnChoiceAtHome
from .imports import ImportBatch, ImportMapping, ImportRow
from .keyworker import HandOverNote, MadeKnown
from .student import Absence, Attendance, EarlierStay, Points, Student

__all__ = [
    "Absence",
    "Attendance",
    "ChangeRequest",
    "EarlierStay",
    "EntryLetter",
    "FamilyLink",
    "FamilyMember",
    "HandOverNote",
    "ImportBatch",
    "ImportMapping",
    "ImportRow",
    "MadeKnown",
    "OwnChoice",
    "OwnChoiceAtHome",
    "Points",
    "SignInCard",
    "Student",
    "StudentAccess",
]

from .access import StudentAccess
from .change_request import ChangeRequest
from .entry_letter import EntryLetter
from .family import FamilyLink, FamilyMember
from .hand_over import HandOverNote
from .imports import ImportBatch, ImportMapping, ImportRow
from .made_known import MadeKnown
from .own_choice import OwnChoice, OwnChoiceAtHome
from .sign_in_card import SignInCard
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

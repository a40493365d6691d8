from .assignment import Assignment
from .audit import JobRun, RecordOpening
from .draft import Draft
from .school import AcademicYear, Closure, HalfTerm, InsetDay, PolicyVersion, School
from .user import StaffAbsence, User

__all__ = [
    "AcademicYear",
    "Assignment",
    "Closure",
    "Draft",
    "HalfTerm",
    "InsetDay",
    "JobRun",
    "PolicyVersion",
    "RecordOpening",
    "School",
    "StaffAbsence",
    "User",
]

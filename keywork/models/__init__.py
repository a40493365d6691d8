from .assignment import Assignment
from .audit import Cached, Heartbeat, JobRun, RecordOpening
from .school import AcademicYear, Closure, HalfTerm, InsetDay, PolicyVersion, School
from .typed import Draft, PendingSubmission, SentForm
from .user import EmailedCode, SavedFilter, StaffAbsence, User

__all__ = [
    "AcademicYear",
    "Assignment",
    "Cached",
    "Closure",
    "Draft",
    "EmailedCode",
    "HalfTerm",
    "Heartbeat",
    "InsetDay",
    "JobRun",
    "PendingSubmission",
    "PolicyVersion",
    "RecordOpening",
    "SavedFilter",
    "School",
    "SentForm",
    "StaffAbsence",
    "User",
]

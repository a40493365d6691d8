from .assignment import Assignment
from .audit import Heartbeat, JobRun, RecordOpening
from .cached import Cached
from .saved_filter import SavedFilter
from .school import AcademicYear, Closure, HalfTerm, InsetDay, PolicyVersion, School
from .typed import Draft, PendingSubmission, SentForm
from .user import EmailedCode, StaffAbsence, User

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

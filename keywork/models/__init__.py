from .assignment import Assignment
from .audit import Heartbeat, JobRun, RecordOpening
from .cached import Cached
from .draft import Draft
from .pending import PendingSubmission
from .saved_filter import SavedFilter
from .school import AcademicYear, Closure, HalfTerm, InsetDay, PolicyVersion, School
from .sent_form import SentForm
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

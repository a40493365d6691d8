from ..assessments.models import NeedsAssessment, SupportCycle
from ..plans.models import PlanVersion, StudentPlan
from ..reviews.models import Review, ReviewChange, ReviewPerson
from ..taking_over.models import TakingOver
from .decision import Decision, DecisionReader
from .ehc_plan import EhcPlan, Outcome
from .meeting import Action, AgendaItem, Attendee, Meeting

__all__ = [
    "Action",
    "AgendaItem",
    "Attendee",
    "Decision",
    "DecisionReader",
    "EhcPlan",
    "Meeting",
    "NeedsAssessment",
    "Outcome",
    "PlanVersion",
    "Review",
    "ReviewChange",
    "ReviewPerson",
    "StudentPlan",
    "SupportCycle",
    "TakingOver",
]

from ..assessments.models import NeedsAssessment, SupportCycle
from ..plans.models import PlanVersion, StudentPlan
from ..reviews.models import Review, ReviewChange, ReviewPerson
from ..taking_over.models import TakingOver
from .decision import Decision, DecisionReader
from .ehc_plan import EhcPlan, Outcome

__all__ = [
    "Decision",
    "DecisionReader",
    "EhcPlan",
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

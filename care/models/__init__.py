from ..assessments.models import NeedsAssessment, SupportCycle
from ..reviews.models import Review, ReviewChange, ReviewPerson
from .decision import Decision, DecisionReader
from .ehc_plan import EhcPlan, Outcome

__all__ = [
    "Decision",
    "DecisionReader",
    "EhcPlan",
    "NeedsAssessment",
    "Outcome",
    "Review",
    "ReviewChange",
    "ReviewPerson",
    "SupportCycle",
]

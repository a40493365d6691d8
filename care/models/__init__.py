from ..assessments.models import NeedsAssessment, SupportCycle
from ..documents.models import FiledDocument
from ..plans.models import PlanVersion, StudentPlan
from ..profile.models import Resource, Tried
from ..restorative.models import PartAsked
from ..reviews.models import Review, ReviewChange, ReviewPerson
from ..sharing.models import SharedItem
from ..taking_over.models import TakingOver
from .checklist import Checklist, ListVersion, Point
from .decision import Decision, DecisionReader
from .ehc_plan import EhcPlan, Outcome
from .meeting import Action, AgendaItem, Attendee, Meeting

__all__ = [
    "Action",
    "AgendaItem",
    "Attendee",
    "Checklist",
    "Decision",
    "DecisionReader",
    "EhcPlan",
    "FiledDocument",
    "ListVersion",
    "Meeting",
    "NeedsAssessment",
    "Outcome",
    "PartAsked",
    "PlanVersion",
    "Point",
    "Resource",
    "Review",
    "ReviewChange",
    "ReviewPerson",
    "SharedItem",
    "StudentPlan",
    "SupportCycle",
    "TakingOver",
    "Tried",
]

from ..sheets.soft_tools import Tool
from .assessment_point import AssessmentPoint, Evidence, Narrative, Rating, Setting
from .chase import Chase
from .feeling import Feeling
from .goal import GasScale, Goal, GoalOutcome, GoalScore, Judgement
from .sheet import Answer, Attachment, Sheet
from .template import Proposal, TemplateVersion

__all__ = [
    "Answer",
    "AssessmentPoint",
    "Attachment",
    "Chase",
    "Evidence",
    "Feeling",
    "GasScale",
    "Goal",
    "GoalOutcome",
    "GoalScore",
    "Judgement",
    "Narrative",
    "Proposal",
    "Rating",
    "Setting",
    "Sheet",
    "TemplateVersion",
    "Tool",
]

from ..sheets.soft_tools import Tool
from .assessment_point import AssessmentPoint, Evidence, Narrative, Rating, Reminder, Setting
from .feeling import Feeling
from .goal import GasScale, Goal, GoalOutcome, GoalScore, Judgement
from .sheet import Answer, Attachment, Sheet
from .template import Proposal, TemplateVersion

__all__ = [
    "Answer",
    "AssessmentPoint",
    "Attachment",
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
    "Reminder",
    "Setting",
    "Sheet",
    "TemplateVersion",
    "Tool",
]

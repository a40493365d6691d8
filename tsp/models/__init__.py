from ..sheets.soft_tools import Tool
from .chase import Chase
from .feeling import Feeling
from .goal import Goal, GoalOutcome, GoalScore, Judgement, Ladder
from .sheet import Answer, Attachment, Sheet
from .template import Proposal, TemplateVersion
from .window import Evidence, Passage, Rating, Setting, Window

__all__ = [
    "Answer",
    "Attachment",
    "Chase",
    "Evidence",
    "Feeling",
    "Goal",
    "GoalOutcome",
    "GoalScore",
    "Judgement",
    "Ladder",
    "Passage",
    "Proposal",
    "Rating",
    "Setting",
    "Sheet",
    "TemplateVersion",
    "Tool",
    "Window",
]

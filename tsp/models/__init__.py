from .ask import Ask, Chase
from .feeling import Feeling
from .goal import Goal, GoalOutcome, GoalScore, Judgement, Ladder
from .sheet import ONE_AT_A_TIME, Answer, Attachment, Sheet, Tool
from .template import Proposal, TemplateVersion
from .window import Evidence, Passage, Rating, Setting, Window

__all__ = [
    "ONE_AT_A_TIME",
    "Answer",
    "Ask",
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

"""What TSP owes: a baseline and a review for each student and term (T1 to T6), by the contract of keywork.duties."""

from .provider import TspDuty
from .state import TspState

__all__ = ["TspDuty", "TspState"]

from .decision import Decision, DecisionReader
from .ehc_plan import EhcPlan, Outcome

__all__ = ["Decision", "DecisionReader", "EhcPlan", "Outcome"]

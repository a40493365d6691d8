from .ehc_plan import EhcPlan, Outcome

__all__ = ["EhcPlan", "Outcome"]

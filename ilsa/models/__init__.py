from .assessment import Agreement, Answer, Assessment, RaterForm, Round
from .template import TemplateVersion

__all__ = ["Agreement", "Answer", "Assessment", "RaterForm", "Round", "TemplateVersion"]

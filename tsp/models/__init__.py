from .template import Proposal, TemplateVersion

__all__ = ["Proposal", "TemplateVersion"]

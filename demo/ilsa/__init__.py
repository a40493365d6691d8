"""The independence assessment of the demo school: a round for each academic year, with what became of it."""

from .write import write_ilsa

__all__ = ["write_ilsa"]

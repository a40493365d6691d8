"""Why a write was refused, in words for the person who tried: the same two as for a form's versions."""

from keywork.versioned.errors import ChangedMeanwhile, Refused

__all__ = ["ChangedMeanwhile", "Refused"]

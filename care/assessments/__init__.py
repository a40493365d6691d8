"""Asking for an EHC plan: the clock of the local authority, and the cycles that show what was tried (domain 1.5, 1.6)."""

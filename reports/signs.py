"""Signs that a document cannot show, as whoever proofs it is told."""

from __future__ import annotations


def missing_in_words(signs: str) -> str:
    """What to tell who proofs; each sign with its number, for those whose own screen cannot show it either."""
    named = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in signs)
    return f"No font here can print {named}: an empty box stands in its place."

"""Phone numbers as people in Britain write them, and as a telephone dials them."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

HOME_REGION = "GB"


def parsed(number: str) -> phonenumbers.PhoneNumber | None:
    """A number that could be rung, or None: too short, too long, or no number at all."""
    try:
        found = phonenumbers.parse(number, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    whole = phonenumbers.is_possible_number_with_reason(found) == phonenumbers.ValidationResult.IS_POSSIBLE
    return found if whole else None


@lru_cache(maxsize=1000)
def tel(number: str) -> str:
    """The address of a link that rings it: "tel:+447700900321"; a number not understood loses its spaces only."""
    found = parsed(number)
    if found is None:
        return "tel:" + "".join(number.split())
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.RFC3966)

"""What goes into the cache goes as JSON: whoever can write to Redis must not be able to run code by it.

Lists come back for tuples and text for the numbers that keys of dicts are, as in Django's own sessions.
"""

from __future__ import annotations

import json
from typing import Any


class JsonSerializer:
    """For django.core.cache.backends.redis; whole numbers stay as they are, so that Redis can count."""

    def dumps(self, obj: Any) -> int | bytes:
        return obj if type(obj) is int else json.dumps(obj, separators=(",", ":")).encode()

    def loads(self, data: Any) -> Any:
        return json.loads(data)

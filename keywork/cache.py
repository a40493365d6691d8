"""The cache: Redis, and rows of Postgres while Redis does not answer or takes nothing more.

Nothing that people wrote is in it: counts of tries to sign in, codes that were used, who has a page open, printed paper
for some minutes. So nothing is lost with Redis, and guessing passwords stays limited without it.

What goes in goes as JSON: whoever can write to Redis must not be able to run code by it. Lists come back for tuples and
text for the numbers that keys of dicts are, as in Django's own sessions.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from outbox.outage import outage

from .models import Cached

WAIT_SECONDS = 0.3  # for an answer of Redis; a page never waits longer
# A connection that a restart of Redis has ended is made anew; one that does not answer is not asked twice.
CONNECTING: dict[str, Any] = {
    "socket_timeout": WAIT_SECONDS,
    "socket_connect_timeout": WAIT_SECONDS,
    "retry": Retry(NoBackoff(), 1, (RedisConnectionError,)),
}


class JsonSerializer:
    """For Django's client of Redis; whole numbers stay as they are, so that Redis can count."""

    def dumps(self, obj: Any) -> Any:  # a whole number or bytes
        return obj if type(obj) is int else json.dumps(obj, separators=(",", ":")).encode()

    def loads(self, data: Any) -> Any:
        return json.loads(data)


class Cache(BaseCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = CONNECTING | params.get("OPTIONS", {})
        self._cache = RedisCacheClient([server], serializer=JsonSerializer, **options)
        self._rows = Rows()

    get_backend_timeout = RedisCache.get_backend_timeout

    def _do(self, what: str, *args: Any) -> Any:
        if not outage.is_on():
            try:
                found = getattr(self._cache, what)(*args)
            except (RedisError, OSError) as error:
                outage.begin(error)
            else:
                outage.end()
                return found
        return getattr(self._rows, what)(*args)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version)
        return self._do("add", key, value, self.get_backend_timeout(timeout))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._do("get", self.make_and_validate_key(key, version), default)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        key = self.make_and_validate_key(key, version)
        self._do("set", key, value, self.get_backend_timeout(timeout))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._do("touch", self.make_and_validate_key(key, version), self.get_backend_timeout(timeout))

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._do("delete", self.make_and_validate_key(key, version))

    def clear(self) -> None:
        self._do("clear")


class Rows:
    """What the client of Redis does, with the same arguments, in Postgres. Times are the machine's own, as Redis' are."""

    def add(self, key: str, value: Any, timeout: int | None) -> bool:
        Cached.objects.filter(pk=key, ends_at__lte=timezone.now()).delete()
        row = {"value": json.dumps(value), "ends_at": _end(timeout)}
        return Cached.objects.get_or_create(pk=key, defaults=row)[1]

    def get(self, key: str, default: Any) -> Any:
        row = Cached.objects.filter(pk=key).exclude(ends_at__lte=timezone.now()).first()
        return json.loads(row.value) if row else default

    def set(self, key: str, value: Any, timeout: int | None) -> None:
        Cached.objects.bulk_create(
            [Cached(pk=key, value=json.dumps(value), ends_at=_end(timeout))],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["value", "ends_at"],
        )

    def touch(self, key: str, timeout: int | None) -> bool:
        there = Cached.objects.filter(pk=key).exclude(ends_at__lte=timezone.now())
        return bool(there.update(ends_at=_end(timeout)))

    def delete(self, key: str) -> bool:
        return bool(Cached.objects.filter(pk=key).delete()[0])

    def clear(self) -> None:
        Cached.objects.all().delete()


def _end(timeout: int | None) -> datetime | None:
    return None if timeout is None else timezone.now() + timedelta(seconds=timeout)

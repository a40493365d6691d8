"""What the logs say: one line a request with its route, one line a refusal, and never an address.

An address may be a one-time link or hold a searched name; the route ("enquiries/link/<token>/") says what was asked for.
"""

from __future__ import annotations

import logging
import re
import time
from http.client import responses
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from .http import Middleware

access = logging.getLogger("keywork.access")
MAIL_ADDRESS = re.compile(r"(?!celery@)[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
NO_PAGE = "(no such page)"
QUEUE = (
    "kombu",
    "celery.worker",
    "celery.beat",
    "celery.redirected",
)  # not celery.app.trace: what a task raised


def route_of(request: Any) -> str:
    """The route of a request, with the names of its parts in the place of their values."""
    match = getattr(request, "resolver_match", None)
    if match is None:  # refused before any view was found, as a token against forged requests is
        try:
            match = resolve(request.path_info)
        except (Resolver404, AttributeError):
            return NO_PAGE
    return f"/{match.route}"


class AccessLogMiddleware(Middleware):
    """The access log: who (by address of the network), what, how it ended, how long it took."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        access.info(
            "%s %s %s %d %d ms",
            request.META.get("REMOTE_ADDR", "-"),
            request.method,
            route_of(request),
            response.status_code,
            (time.perf_counter() - began) * 1000,
        )
        return response


class NoAddresses(logging.Filter):
    """Django's and gunicorn's own lines, without the address; of what was refused, one line and no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "gunicorn.error":
            if str(record.msg).startswith("Error handling request"):
                record.msg, record.args = "Error handling a request", ()
            return True
        if not record.name.startswith(("django.request", "django.security")):
            return True
        request, status = getattr(record, "request", None), getattr(record, "status_code", 500)
        if status == 503 and route_of(request) == "/healthz":
            return False  # an answer like any other: the access log has it
        if request is not None:
            method = getattr(request, "method", "-")
            said = responses.get(status, "Refused")
            why = ""
            if record.name == "django.security.csrf" and isinstance(record.args, tuple) and record.args:
                why = f" ({record.args[0]})"  # the reason, before the path
            record.msg, record.args = f"{status} {said}{why}: {method} {route_of(request)}", ()
        if status < 500:
            record.exc_info = record.exc_text = record.stack_info = None
        return True


class RedisAway(logging.Filter):
    """That Redis went away is a sentence: what celery and kombu say of it, without a traceback through their own code
    and what celery means to do in a version to come."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "py.warnings":
            return "CPendingDeprecationWarning" not in record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if record.name.startswith(QUEUE) and isinstance(error, (RedisConnectionError, OperationalError)):
            record.msg, record.args = "Redis does not answer, and is tried again (%s)", (error,)
            record.exc_info = record.exc_text = record.stack_info = None
        elif record.name.startswith("celery.worker.consumer"):
            record.msg, record.args = " ".join(record.getMessage().split()), ()
        return True


class LineFormatter(logging.Formatter):
    """A line, and a traceback if there is one, without anybody's e-mail address: mail servers quote those they refuse."""

    def format(self, record: logging.LogRecord) -> str:
        return MAIL_ADDRESS.sub("(address)", super().format(record))

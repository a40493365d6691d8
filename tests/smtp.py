"""A mail server for tests (aiosmtpd) on a port of this machine, which can refuse, break off or say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class _Session(SMTP):
    """`silent` seconds of the server pass before each answer."""

    async def push(self, status: Any) -> None:
        await asyncio.sleep(self.event_handler.silent)
        await super().push(status)


class MailServer:
    """`refuses` maps an address to the line it gets; `breaks` are addresses whose letter is taken without an answer;
    `drops` are those at whose name the line breaks; `silent` seconds pass before each answer."""

    def __init__(self) -> None:
        self.refuses: dict[str, str] = {}
        self.breaks: set[str] = set()
        self.drops: set[str] = set()
        self.silent = 0.0
        self.got: list[tuple[str, EmailMessage]] = []  # what it took, in order
        self.server_address = ("", 0)

    def to(self, address: str) -> list[EmailMessage]:
        return [message for who, message in self.got if who == address]

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, to: str, options: Any) -> str:
        if to in self.drops:
            _break_off(server)
        answer = self.refuses.get(to, "250 ok")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(to)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        for to in envelope.rcpt_tos:
            self.got.append((to, message_from_bytes(envelope.content, policy=policy.default)))
        if self.breaks.intersection(envelope.rcpt_tos):
            _break_off(server)
        return "250 taken"


def _break_off(server: SMTP) -> None:
    cast(asyncio.WriteTransport, server.transport).abort()


class _Controller(Controller):
    """On a port that is free."""

    def factory(self) -> SMTP:
        return _Session(self.handler, hostname="test", loop=self.loop)

    def _trigger_server(self) -> None:
        self.port = cast(asyncio.Server, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def running() -> Iterator[MailServer]:
    server = MailServer()
    controller = _Controller(server, hostname="127.0.0.1", port=0)
    controller.start()
    server.server_address = ("127.0.0.1", controller.port)
    try:
        yield server
    finally:
        controller.stop()

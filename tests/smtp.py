"""A mail server for tests: it takes letters on a port of this machine, and can refuse, break off or say nothing."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """`refuses` maps an address to the line it gets; `breaks` are addresses whose letter is taken without an answer;
    `drops` are those at whose name the line breaks; `silent` seconds pass before each answer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.refuses: dict[str, str] = {}
        self.breaks: set[str] = set()
        self.drops: set[str] = set()
        self.silent = 0.0
        self.got: list[tuple[str, Message]] = []  # what it took, in order

    def to(self, address: str) -> list[Message]:
        return [message for who, message in self.got if who == address]


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        if self.server.silent:
            time.sleep(self.server.silent)
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        with suppress(OSError):  # the other side was tired of waiting
            self.talk()

    def talk(self) -> None:
        to = ""
        self.say("220 test")
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words.split(" ")[0].upper()
            if verb == "RCPT":
                to = words.split("<")[1].split(">")[0]
                if to in self.server.drops:
                    return
                self.say(self.server.refuses.get(to, "250 ok"))
            elif verb == "DATA":
                self.say("354 go on")
                body = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    body += line
                self.server.got.append((to, message_from_bytes(body)))
                if to in self.server.breaks:
                    return
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@contextmanager
def running() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()

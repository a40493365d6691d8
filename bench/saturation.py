"""Record pages a second with every core busy: gunicorn as `make run` starts it, a bounded crowd on loopback."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time

import django

django.setup()

from django.conf import settings  # noqa: E402  settings must be ready first
from django.test import Client  # noqa: E402

from bench.ports import free_port  # noqa: E402
from keywork import clock  # noqa: E402
from keywork.local.run import web_options  # noqa: E402
from keywork.models import Assignment, User  # noqa: E402

SECONDS, READERS = 12, 8


def cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def read(port: int, url: str, headers: dict, until: float, done: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    count = 0
    while time.monotonic() < until:
        connection.request("GET", url, headers=headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 200, response.status
        count += 1
    done.append(count)


def main() -> None:
    user = User.objects.get(email="keyworker@demo.keywork.example")
    students = list(
        Assignment.objects.current(clock.today())
        .filter(user=user, kind="keyworker")
        .values_list("student_id", flat=True)
    )
    headers, port = {"Cookie": cookie(user)}, free_port()
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", "keywork.wsgi", *web_options(port)])
    try:
        for _ in range(100):
            try:
                read(port, f"/students/{students[0]}/", headers, time.monotonic() + 2, [])
                break
            except OSError:
                time.sleep(0.2)
        done: list[int] = []
        until = time.monotonic() + SECONDS
        threads = [
            threading.Thread(
                target=read, args=(port, f"/students/{students[n % len(students)]}/", headers, until, done)
            )
            for n in range(READERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.terminate()
        server.wait()
    assert len(done) == READERS
    print(json.dumps({"record_pages_per_second": round(sum(done) / SECONDS, 1), "cores": os.cpu_count()}))


main()

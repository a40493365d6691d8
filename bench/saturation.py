"""Record pages a second with every core busy: gunicorn as `make run` starts it, a bounded crowd on loopback."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time

from django.conf import settings

from bench.ports import web_nodes
from bench.visits import demo_user, signed_in
from keywork import clock
from keywork.models import Assignment

SECONDS, WARM, READERS = 12, 2, 8


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
    user = demo_user("keyworker")
    posts = Assignment.objects.current(clock.today()).filter(user=user, kind="keyworker")
    urls = [f"/students/{pk}/" for pk in posts.values_list("student_id", flat=True)]
    name = settings.SESSION_COOKIE_NAME
    headers = {"Cookie": f"{name}={signed_in(user).cookies[name].value}"}
    done: list[int] = []
    with web_nodes(1) as (port,):
        read(port, urls[0], headers, time.monotonic() + WARM, [])
        until = time.monotonic() + SECONDS
        threads = [
            threading.Thread(target=read, args=(port, urls[n % len(urls)], headers, until, done))
            for n in range(READERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(done) == READERS
    print(json.dumps({"record_pages_per_second": round(sum(done) / SECONDS, 1), "cores": os.cpu_count()}))


main()

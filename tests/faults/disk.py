"""The disk full, and uploads and reports on a disk that can only be read: as root, on a small disk in memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .installation import Outcome, Site, site
from .servers import count

STUDENTS, SIZE = 30, "1300m"  # health asks for 1 GB free
LEFT = 8 << 20  # bytes, when the order begins


def faults(directory: Path) -> Iterator[Outcome]:
    if os.geteuid() != 0:
        yield "left out", "only root can mount a disk"
        return
    with mounted("-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(directory)):
        media = directory / "media"
        with site(directory) as keywork:
            keywork.well(600)
            keywork.set_up(STUDENTS)
            media.mkdir(exist_ok=True)
            with mounted("--bind", str(media), str(media)):
                order = begun(keywork)
                mount("-o", "remount,ro,bind", str(media))
                outcome = meanwhile(keywork, "media")
                mount("-o", "remount,rw,bind", str(media))
                yield "media read-only during an order", f"{outcome}, {ended(keywork, order)}"
                filler = directory / "filler"
                with filler.open("wb", buffering=0) as file:
                    os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(directory).free - LEFT)
                    order = begun(keywork)
                    file.seek(0, os.SEEK_END)
                    with full():
                        while file.write(bytes(1 << 16)):
                            pass
                outcome = meanwhile(keywork, "media")
                made = keywork.rows(
                    f"SELECT count(*) FILTER (WHERE pdf != '') FROM reports_report WHERE batch_id = {order}"
                )
                filler.unlink()
                yield f"disk full during an order ({made[0][0]} made)", f"{outcome}, {ended(keywork, order)}"
            assert count(directory, b"redis-server") == 1


def begun(keywork: Site) -> int:
    order = keywork.order()
    while not keywork.rows(f"SELECT 1 FROM reports_report WHERE batch_id = {order}"):
        time.sleep(0.1)
    return order


def meanwhile(keywork: Site, name: str) -> str:
    """How often a page is answered while it lasts, and that health says it."""
    until, answers = time.monotonic() + 45, []
    while time.monotonic() < until:
        answers.append(keywork.open("/today/")[0])
        time.sleep(1)
    _, words = keywork.open("/healthz")
    assert f'"{name}"' in words, words
    return f"{answers.count(200)} of {len(answers)} pages 200, health says so"


def ended(keywork: Site, order: int) -> str:
    took = keywork.made(order)
    keywork.well()
    return f"each report once, {took:.0f} s later"


@contextmanager
def full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        assert error.errno == 28, error


@contextmanager
def mounted(*arguments: str) -> Iterator[None]:
    mount(*arguments)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", arguments[-1]], check=True)


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)

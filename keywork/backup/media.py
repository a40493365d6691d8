"""The uploads and reports, held as they are while they are copied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, default_storage

from .archive import CHUNK

OURS = ".keywork-"  # folders in the media directory that are ours and no upload's


class Media:
    """The files of a storage as they stand when they are held; where it is a directory, none goes missing after that.

    `hold` links them into a folder of our own, so one that is deleted while they are copied is still there for the row that
    names it.
    """

    def __init__(self, storage: Storage, held: Path | None) -> None:
        self._storage, self._held = storage, held

    def hold(self) -> None:
        if self._held is None:
            return
        for name in walk(self._storage):
            link = self._held / name
            if not link.exists():
                link.parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileNotFoundError):
                    os.link(root() / name, link)

    def names(self) -> list[str]:
        return sorted(walk(self._source))

    @contextmanager
    def opened(self, name: str) -> Iterator[tuple[int, Iterator[bytes]]]:
        """The size of a file and its content. Raises FileNotFoundError for one that was deleted since."""
        with self._source.open(name, "rb") as file:
            yield file.size, iter(lambda: file.read(CHUNK), b"")

    @property
    def _source(self) -> Storage:
        return self._storage if self._held is None else FileSystemStorage(self._held)


def walk(storage: Storage, folder: str = "") -> Iterator[str]:
    """The names of all files of a storage, but ours."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}{name}"
    for name in folders:
        if not name.startswith(OURS):
            yield from walk(storage, f"{folder}{name}/")


@contextmanager
def held() -> Iterator[Media]:
    """The media of this installation, for as long as they are copied."""
    storage = default_storage
    if not is_directory():
        yield Media(storage, None)
        return
    with folder("backup") as place:
        try:  # a file system without links copies from where the files are
            (place / "a").touch()
            os.link(place / "a", place / "b")
        except OSError:
            yield Media(storage, None)
            return
        for name in "ab":
            (place / name).unlink()
        yield Media(storage, place)


@contextmanager
def folder(purpose: str) -> Iterator[Path]:
    """A private folder among the media, so that files can be linked and moved; gone afterwards.

    What a killed command left in it goes first: whoever calls this is alone (`keywork.backup.make.alone`).
    """
    place = ours(purpose)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700, parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def ours(purpose: str) -> Path:
    return root() / f"{OURS}{purpose}"


def root() -> Path:
    """Where the media are; with those in a bucket, where they would be."""
    return Path(settings.MEDIA_ROOT)


def is_directory() -> bool:
    return isinstance(default_storage, FileSystemStorage)

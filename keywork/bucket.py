"""Uploads and reports in a bucket of S3-compatible storage (KEYWORK_MEDIA_URL), where several computers share them.

Needs requirements/bucket.txt. Nothing else of Keywork knows where files are: they are opened by Django's storage API, and
served by the views that ask `access`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from storages.backends.s3 import S3Storage

from .storage import DeletesAfterBackups

IN_MEMORY = 4 << 20  # bytes of a file that is read; a larger one goes through a private temporary file
CLIENT = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 3, "mode": "standard"},
    s3={"addressing_style": "path"},
    signature_version="s3v4",
    # What Amazon adds by default, others do not all take.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class BucketStorage(DeletesAfterBackups, S3Storage):
    """As a directory is: a bucket that fails is an OSError, one that lacks the file FileNotFoundError.

    `url` is `s3://key:secret@host/bucket/folder`; the folder may be left out, and the key too where the computer has
    one of its own. `?region=` names the region, `?tls=0` is for one on this computer.
    """

    def __init__(self, url: str) -> None:
        super().__init__(**options(url))

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """A new name each time: a bucket cannot say that somebody else has just taken one."""
        folder, file = posixpath.split(name)
        root, ending = posixpath.splitext(file)
        return posixpath.join(folder, self.get_alternative_name(root, ending))

    def put(self, name: str, content: File) -> None:
        """Keep it by exactly this name."""
        self._save(name, content)

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        raise NotImplementedError("Files are only ever served through a view that asks `access`.")

    def exists(self, name: str) -> bool:
        with _os_errors():
            return super().exists(name)

    def size(self, name: str) -> int:
        with _os_errors():
            return super().size(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _os_errors():
            return super().listdir(path)

    def _open(self, name: str, mode: str = "rb") -> File:
        with _os_errors():
            file = super()._open(name, mode)
            if "r" in mode:
                _ = file.file  # read now: afterwards it is there, whoever deletes it
            return file

    def _save(self, name: str, content: File) -> str:
        with _os_errors():
            return super()._save(name, content)

    def _delete(self, name: str) -> None:
        with _os_errors():
            S3Storage.delete(self, name)


def options(url: str) -> dict[str, Any]:
    """What S3Storage takes, of KEYWORK_MEDIA_URL. Raises ImproperlyConfigured; the sentence holds no key."""
    parts = urlsplit(url)
    bucket, _, folder = parts.path.strip("/").partition("/")
    if parts.scheme != "s3" or not parts.hostname or not bucket:
        raise ImproperlyConfigured("KEYWORK_MEDIA_URL is s3://key:secret@host/bucket.")
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    return {
        "access_key": unquote(parts.username) if parts.username else None,
        "secret_key": unquote(parts.password) if parts.password else None,
        "endpoint_url": f"{'http' if asked.get('tls') == '0' else 'https'}://{host}",
        "region_name": asked.get("region"),
        "bucket_name": bucket,
        "location": folder,
        "max_memory_size": IN_MEMORY,
        "client_config": CLIENT,
        "transfer_config": TransferConfig(use_threads=False),
    }


@contextmanager
def _os_errors() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as problem:
        raise OSError(f"The bucket of uploads and reports fails: {type(problem).__name__}") from problem

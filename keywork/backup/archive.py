"""The encrypted archive as a stream: written from a generator of bytes, read as tar members. Memory stays flat."""

from __future__ import annotations

import os
import tarfile
import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyrage

from keywork.errors import Refused

CHUNK = 1 << 20
KEY, ARCHIVE = "key.age", "keywork.tar.age"  # what the zip of a passphrase holds
SHORTEST_PASSPHRASE = 12

DAMAGED = "The file is damaged or was cut short: nothing of it was used. Take another copy of it, or an older backup."


# What is written


def member(name: str, size: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """One file of the archive. Raises `Refused` when `chunks` hold fewer bytes than `size`."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    yield info.tobuf(tarfile.PAX_FORMAT)
    left = size
    for chunk in chunks:
        chunk = chunk[:left]
        left -= len(chunk)
        yield chunk
        if not left:
            break
    if left:
        raise Refused(f"{name} became shorter while it was read. Try again.")
    yield bytes(-size % tarfile.BLOCKSIZE)


def end() -> bytes:
    return bytes(2 * tarfile.BLOCKSIZE)


class _Reader:
    """What age reads from; it says only that reading failed, so the reason is kept here."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks, self.rest = chunks, b""
        self.problem: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self.rest:
                self.rest = next(self.chunks)
        except StopIteration:
            return b""
        except Exception as problem:
            self.problem = problem
            raise
        found, self.rest = self.rest[:size], self.rest[size:]
        return found


def write(
    target: IO[bytes], chunks: Iterator[bytes], *, passphrase: str = "", recipients: Iterable[str] = ()
) -> None:
    """Encrypt the archive into `target`: by a passphrase, or to public keys (`age1…`)."""
    if passphrase:
        own = pyrage.x25519.Identity.generate()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as both:
            both.writestr(KEY, pyrage.passphrase.encrypt(str(own).encode(), passphrase))
            with both.open(ARCHIVE, "w", force_zip64=True) as file:
                _encrypt(chunks, file, [own.to_public()])
    else:
        _encrypt(chunks, target, [recipient(one) for one in recipients])


def _encrypt(chunks: Iterator[bytes], target: IO[bytes], to: list[Any]) -> None:
    reader = _Reader(chunks)
    try:
        pyrage.encrypt_io(reader, target, to)
    except (pyrage.EncryptError, OSError) as problem:
        raise reader.problem or OSError(str(problem)) from problem


def recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as problem:
        raise Refused(
            f"“{text.strip()[:20]}…” is no public key of age: it begins with age1 and has 62 letters and digits."
        ) from problem


def recipients(text: str) -> list[str]:
    """The public keys of a setting, with commas between; each is looked at."""
    found = [one.strip() for one in text.split(",") if one.strip()]
    for one in found:
        recipient(one)
    return found


# What is read


def needs_passphrase(file: Path) -> bool:
    """Whether a passphrase opens it; otherwise a secret key does. Raises `Refused` for anything else."""
    try:
        with file.open("rb") as opened:
            start = opened.read(32)
    except OSError as problem:
        raise Refused(f"{file} cannot be read: {problem.strerror}.") from problem
    if start.startswith(b"PK\x03\x04"):
        return True
    if start.startswith(b"age-encryption.org/v1"):
        return False
    raise Refused(f"{file} is no backup of Keywork.")


def identity(text: str) -> Any:
    """The secret key in what was typed or read from the file of `age-keygen`."""
    for line in text.split():
        if line.startswith("AGE-SECRET-KEY-"):
            try:
                return pyrage.x25519.Identity.from_str(line)
            except pyrage.IdentityError:
                break
    raise Refused("That is no secret key of age: it begins with AGE-SECRET-KEY-1.")


@contextmanager
def opened(file: Path, *, passphrase: str = "", secret_key: str = "") -> Iterator[Iterator[Member]]:
    """The members of the archive in order, each to be read before the next.

    Raises `Refused` with a sentence for a wrong passphrase or key and for a damaged file.
    """
    with file.open("rb") as raw:
        if needs_passphrase(file):
            try:
                with zipfile.ZipFile(raw) as both:
                    own = _unlocked(both.read(KEY), passphrase)
                    with both.open(ARCHIVE) as source, _decrypted(source, own) as members:
                        yield members
            except (zipfile.BadZipFile, KeyError, EOFError) as problem:
                raise Refused(DAMAGED) from problem
        else:
            with _decrypted(raw, identity(secret_key)) as members:
                yield members


def _unlocked(locked: bytes, passphrase: str) -> Any:
    try:
        return identity(pyrage.passphrase.decrypt(locked, passphrase).decode())
    except pyrage.DecryptError as problem:
        raise Refused("The passphrase does not open this backup.") from problem


class Member:
    """A file of the archive: its name and, once, its bytes."""

    def __init__(self, name: str, size: int, source: IO[bytes]) -> None:
        self.name, self.size, self._source = name, size, source

    def chunks(self) -> Iterator[bytes]:
        while chunk := self._source.read(CHUNK):
            yield chunk


@contextmanager
def _decrypted(source: IO[bytes], own: Any) -> Iterator[Iterator[Member]]:
    """age pushes and tar pulls, so a thread decrypts into a pipe."""
    outlet, inlet = os.pipe()
    problems: list[Exception] = []

    def decrypt() -> None:
        try:
            with os.fdopen(inlet, "wb", buffering=0) as writer:
                pyrage.decrypt_io(source, writer, [own])
        except (pyrage.DecryptError, OSError, ValueError) as problem:
            problems.append(problem)

    thread = threading.Thread(target=decrypt)
    reader = os.fdopen(outlet, "rb")
    thread.start()
    try:
        yield _members(reader)
        while reader.read(CHUNK):  # whatever was not asked for is still looked at
            pass
        thread.join()
        if problems:
            raise Refused(DAMAGED)
    except (tarfile.TarError, EOFError) as problem:
        reader.close()
        thread.join()
        if any("No matching keys" in str(one) for one in problems):
            raise Refused("This secret key does not open this backup.") from problem
        raise Refused(DAMAGED) from problem
    finally:
        reader.close()
        thread.join()


def _members(reader: IO[bytes]) -> Iterator[Member]:
    with tarfile.open(fileobj=reader, mode="r|", bufsize=CHUNK) as tar:
        for info in tar:
            source = tar.extractfile(info)
            if source is None:
                raise tarfile.ReadError
            yield Member(info.name, info.size, source)

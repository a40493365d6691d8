"""Drawings, photos and recordings with a sheet: only what is what it says it is, made anew, kept privately.

A picture is decoded and written again, so nothing rides along in it: no place it was taken at, no second file.
A recording is known by its first bytes; what it is called and what the browser says of it count for nothing.
"""

from __future__ import annotations

import uuid
from typing import Final

from django.core.files.base import ContentFile, File
from django.db import transaction

from keywork import clock
from keywork.errors import Refused
from keywork.models import User
from keywork.pictures import BrokenPicture, NotAPicture, TooManyDots, drawn_anew
from questionnaires import fields

from ..models import Attachment, Sheet
from ..questions import templates
from . import permissions as sheet_permissions
from .answers import locked
from .soft_tools import TOOLS

MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 2000  # pixels: a page of handwriting stays readable
MOST_OF_A_SHEET: Final = 12
PICTURE_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")

NOT_KNOWN: Final = (
    "This is neither a picture (JPEG, PNG, WebP or GIF) nor a recording (MP3, M4A, OGG, WebM or WAV)"
)


@transaction.atomic
def attach(*, by: User, sheet: Sheet, field: str, upload: File) -> Attachment:
    """Keep a picture or recording beside one question of a sheet. Raises Refused, with words for the input."""
    row = locked(sheet, by)
    if not TOOLS[row.tool].files:
        raise Refused("Nothing can be added to this sheet")
    form = templates.version(row.template_id)
    if fields.question(field, form.tool(row.tool).fields, form) is None:
        raise Refused("Choose the question it belongs to", "field")
    if row.attachments.filter(removed_at__isnull=True).count() >= MOST_OF_A_SHEET:
        raise Refused(f"A sheet holds {MOST_OF_A_SHEET} pictures and recordings. Remove one first", "file")
    if not upload.size:
        raise Refused("This file is empty. Choose another", "file")
    if upload.size > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB", "file")
    upload.seek(0)
    start = upload.read(64)
    upload.seek(0)
    sound = sound_type(start)
    if sound:
        kind, content_type, ending, content = Attachment.Kind.SOUND, *sound, upload.read()
    else:
        kind, (content_type, ending, content) = Attachment.Kind.PICTURE, picture(upload)
    made = Attachment(
        sheet=row, field=field, kind=kind, content_type=content_type, added_by=by, added_at=clock.now()
    )
    made.file.save(f"{uuid.uuid4().hex}.{ending}", ContentFile(content), save=False)
    made.save()
    return made


@transaction.atomic
def remove(*, by: User, attachment: Attachment) -> Attachment:
    """Take it off the sheet: nobody sees it any more; that it was there stays in the history. Raises Refused."""
    sheet = locked(attachment.sheet, by)
    row = Attachment.objects.select_for_update().get(pk=attachment.pk, sheet=sheet)
    if row.removed_at is not None:
        raise Refused("It has been removed already")
    row.removed_at, row.removed_by = clock.now(), by
    row.save(update_fields=["removed_at", "removed_by"])
    return row


def picture(upload: File) -> tuple[str, str, bytes]:
    """Content type, ending and bytes of the picture drawn anew. Raises Refused for what is no picture."""
    try:
        return drawn_anew(upload, formats=PICTURE_FORMATS, longest_side=LONGEST_SIDE, most_pixels=MOST_PIXELS)
    except TooManyDots:
        raise Refused("The picture has too many dots. Take it again, smaller", "file") from None
    except NotAPicture:
        raise Refused(NOT_KNOWN, "file") from None
    except BrokenPicture:
        raise Refused("This picture is broken. Choose another", "file") from None


def sound_type(start: bytes) -> tuple[str, str] | None:
    """Content type and ending of a recording by its first bytes, None when it is none we know."""
    if start[4:8] == b"ftyp" and start[8:11] in (b"M4A", b"mp4", b"iso", b"M4B", b"3gp", b"qt ", b"MSN"):
        return "audio/mp4", "m4a"
    if start.startswith(b"ID3") or (len(start) > 1 and start[0] == 0xFF and start[1] & 0xE6 == 0xE2):
        return "audio/mpeg", "mp3"
    if start.startswith(b"OggS"):
        return "audio/ogg", "ogg"
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "audio/webm", "weba"
    if start.startswith(b"RIFF") and start[8:12] == b"WAVE":
        return "audio/wav", "wav"
    if len(start) > 1 and start[0] == 0xFF and start[1] & 0xF6 == 0xF0:
        return "audio/aac", "aac"
    return None


def of_sheet(sheet: Sheet) -> list[Attachment]:
    """What stands with a sheet now; who may is the sheet's own to say (permissions.may_read)."""
    return list(sheet.attachments.filter(removed_at__isnull=True).select_related("added_by"))


def may_open(user: User, attachment: Attachment) -> bool:
    """A file is seen by whoever reads its sheet, until it is removed."""
    return attachment.removed_at is None and sheet_permissions.may_read(user, attachment.sheet)

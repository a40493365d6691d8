"""Work outside the request."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse

from keywork.words import worded
from outbox import kinds
from outbox.kinds import Letter

from .actions.keyworker import readers
from .models import ChangeRequest


@kinds.job("students.delete_file", "Files to delete")
def delete_file(name: str) -> None:
    """A photo, a plan or an upload that no row names any more."""
    default_storage.delete(name)


@kinds.mail("students.change_asked", kinds.STAFF_MAIL, waits=True)
def change_asked(request: int) -> Iterator[Letter]:
    """To whoever answers such requests. No e-mail says whose or what."""
    link = settings.BASE_URL + reverse("portal:answer_change", args=[request])
    body = f"{worded('A student')} has asked you for something. You alone see what.\n\nOpen Keywork to read and answer it: {link}\n"
    for user in readers(ChangeRequest.objects.select_related("student").get(pk=request).student):
        yield Letter(user, worded("A student has asked you for something"), body)

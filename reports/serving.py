"""A report's file, as it was made: handed over whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from .file_names import report_name
from .models import Report, read_whole


def served(report: Report, after: Callable[[], None] | None = None) -> StreamingHttpResponse:
    """The file; `after` is called once the whole of it has been handed over to be sent."""
    content = read_whole(report.pdf, report.sha256)
    if content is None:  # no file, or one that cannot be read, or not as it was made
        raise Http404

    def parts() -> Iterator[bytes]:
        yield content
        if after is not None:  # the server asks for more only when it could send what it had
            after()

    return StreamingHttpResponse(
        parts(),
        content_type="application/pdf",
        headers={
            "Content-Length": str(len(content)),
            "Content-Disposition": str(content_disposition_header(False, f"{report_name(report)}.pdf")),
            "X-Content-Type-Options": "nosniff",
        },
    )

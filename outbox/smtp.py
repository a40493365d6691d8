"""Django's mail by SMTP, which also says whether the server may have taken a letter before the line broke."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoBackend


class AcceptanceUnknown(smtplib.SMTPServerDisconnected):
    """The whole letter was sent, and the line broke before the server answered."""


class _Watched(smtplib.SMTP):
    _body_began = False

    def send(self, s: Any) -> None:
        if isinstance(s, bytes):  # commands are text
            self._body_began = True
        super().send(s)

    def data(self, msg: Any) -> tuple[int, bytes]:
        self._body_began = False
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if isinstance(error, smtplib.SMTPResponseException) or not self._body_began:
                raise
            raise AcceptanceUnknown(str(error)) from error


class _WatchedOverTls(_Watched, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoBackend):
    _partial_connection: smtplib.SMTP | None  # Django's, before it has signed in

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _WatchedOverTls if self.use_ssl else _Watched

    def drop(self) -> None:
        """Close the line without a word: a server that is silent would have to be waited for again."""
        line = self.connection or self._partial_connection
        self.connection = self._partial_connection = None
        if line is not None:
            line.close()

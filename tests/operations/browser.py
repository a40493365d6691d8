"""What a person does in a browser, over the network, with nothing of Keywork imported."""

from __future__ import annotations

import base64
import hmac
import http.cookiejar
import re
import ssl
import struct
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping

PASSWORD = "brave-heron-counts-stars"
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Browser:
    """Keeps its cookies; `status`, `url` and `text` are of the page it is on.

    `trusted` knows who signs the site's certificate; `as_proxy` talks to web as the proxy before it would.
    """

    def __init__(self, *, trusted: ssl.SSLContext | None = None, as_proxy: bool = False):
        secure = ("http", "https") if as_proxy else ("https",)
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=secure)
        handlers: list[urllib.request.BaseHandler] = [
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(policy))
        ]
        if trusted is not None:
            handlers.append(urllib.request.HTTPSHandler(context=trusted))
        self.opener = urllib.request.build_opener(*handlers)
        self.as_proxy = as_proxy
        if as_proxy:
            self.opener.addheaders = [("X-Forwarded-Proto", "https")]
        self.content, self.url, self.status = b"", "", 0
        self._used = ""

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    def open(self, url: str, form: Mapping[str, str | list[str]] | None = None) -> str:
        """A page, or a form of the page it is on, sent to `url` with what it carries hidden."""
        data = None
        if form is not None:
            found = [one for one in FORM.findall(self.text) if all(f'name="{name}"' in one for name in form)]
            hidden = dict(HIDDEN.findall(found[0] if found else self.text))
            data = urllib.parse.urlencode(hidden | dict(form), doseq=True).encode()
        request = urllib.request.Request(url, data)
        if self.url:
            request.add_header("Referer", self.url.replace("http:", "https:") if self.as_proxy else self.url)
        try:
            answer = self.opener.open(request, timeout=60)
        except urllib.error.HTTPError as refused:
            answer = refused
        self.status, self.url, self.content = answer.status, answer.url, answer.read()
        return self.text

    def accept(self, site: str, link: str) -> str:
        """From the one-time link of an invitation to the first page, with a password and an app; the app's secret."""
        self.open(link)
        self.open(self.url, {"password1": PASSWORD, "password2": PASSWORD})
        assert self.url == f"{site}/accounts/2fa/", self.text
        self.open(f"{site}/accounts/2fa/totp/activate/")
        self.still_you()
        secret = re.search(r"\b[A-Z2-7]{32}\b", self.text)
        assert secret, self.text
        self.open(self.url, {"code": self.code(secret[0])})
        self.open(f"{site}/")
        assert self.status == 200 and "/accounts/" not in self.url, (self.url, self.text)
        return secret[0]

    def sign_in(self, site: str, email: str, secret: str) -> None:
        self.open(f"{site}/accounts/login/")
        self.open(self.url, {"login": email, "password": PASSWORD})
        self.open(self.url, {"code": self.code(secret)})
        assert self.status == 200 and "/accounts/" not in self.url, (self.url, self.text)

    def still_you(self) -> None:
        if "/reauthenticate/" in self.url:
            self.open(self.url, {"password": PASSWORD})

    def code(self, secret: str) -> str:
        """What the app shows; each is taken once, so the next is waited for."""
        while (found := shown_by_app(secret)) == self._used:
            time.sleep(1)
        self._used = found
        return found


def shown_by_app(secret: str) -> str:
    """The six digits of now (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"

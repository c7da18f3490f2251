"""The doctor's requests: few, one at a time, robots.txt obeyed, under the crawler's name.

They do not go through Scrapy and are not recorded: an examination is no crawl.
"""

import gzip
import ssl
import time
import zlib
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    build_opener,
)

from protego import Protego

from newsbot._version import __version__
from newsbot.capture.guard import check_url, connect
from newsbot.config import Config
from newsbot.errors import AddressRefused, NewsbotError
from newsbot.sites.site import Site

_LARGEST: Final = 16 * 1024 * 1024  # bytes of a page that are read


class ProbeFailed(NewsbotError):
    """A page could not be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as it was answered, after redirects, without its content coding."""

    url: str
    status: int
    content_type: str | None
    body: bytes


class Client:
    """Asks the pages of one site."""

    def __init__(self, site: Site, config: Config) -> None:
        contact = f" (+{config.contact})" if config.contact else ""
        self._agent = f"newsbot/{__version__}{contact}"
        self._site = site
        self._rules: dict[str, Protego] = {}
        self._guarded = not config.private_addresses
        handlers = [_WithinSite(site, guarded=self._guarded)]
        guards = [_GuardedHTTP(), _GuardedHTTPS()] if self._guarded else []
        self._opener: OpenerDirector = build_opener(*handlers, *guards)
        self._next = 0.0

    def get(self, url: str) -> Answer:
        """Return the page, if robots.txt allows it; waits as the site's politeness asks.

        Raises:
            ProbeFailed: not allowed, not reached (nor to be reached: the guard of crawls holds here
                too), or not answered with 2xx.
        """
        if not self._robots(url).can_fetch(url, self._agent):
            raise ProbeFailed(f"{url}: robots.txt forbids it")
        answer = self._asked(url)
        if not 200 <= answer.status < 300:
            raise ProbeFailed(f"{url}: it answered {answer.status}")
        return answer

    def _robots(self, url: str) -> Protego:
        """Return the rules of the URL's host (RFC 9309: 4xx means none, errors mean no)."""
        parts = urlsplit(url)
        if parts.netloc not in self._rules:
            address = f"{parts.scheme}://{parts.netloc}/robots.txt"
            answer = self._asked(address)
            if answer.status == 429 or answer.status >= 500:
                raise ProbeFailed(f"{address}: it answered {answer.status}, so nothing is allowed")
            text = answer.body.decode("utf-8", "replace") if answer.status < 400 else ""
            self._rules[parts.netloc] = Protego.parse(text)
        return self._rules[parts.netloc]

    def _asked(self, url: str) -> Answer:
        time.sleep(max(0.0, self._next - time.monotonic()))  # politeness, not synchronisation
        try:
            return self._answered(url)
        except AddressRefused as error:
            raise ProbeFailed(f"{url}: refused: {error}") from error

    def _answered(self, url: str) -> Answer:
        if self._guarded:
            check_url(url)
        headers = {"User-Agent": self._agent, "Accept-Encoding": "gzip"}
        request = Request(url, headers=headers)  # noqa: S310 - http(s), by the seed's own check
        try:
            with self._opener.open(request, timeout=self._site.politeness.timeout) as response:
                return _answer(response, response.status)
        except HTTPError as error:
            with error:
                return _answer(error, error.code)
        except (OSError, EOFError, HTTPException, zlib.error) as error:
            reason = error.reason if isinstance(error, URLError) else error
            raise ProbeFailed(f"{url}: {reason}") from error
        finally:
            self._next = time.monotonic() + self._site.politeness.delay


class _WithinSite(HTTPRedirectHandler):
    """Follows redirects within the site's hosts only."""

    def __init__(self, site: Site, *, guarded: bool) -> None:
        self._site = site
        self._guarded = guarded

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        if self._guarded:
            check_url(newurl)
        if not self._site.owns(newurl):
            raise ProbeFailed(f"{req.full_url}: redirects to {newurl}, outside the site's hosts")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


class _GuardedConnection(HTTPConnection):
    """A connection to an address that the guard has judged."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = connect


class _GuardedTLSConnection(HTTPSConnection):
    """The same with TLS; the certificate is checked against the name as ever."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = connect


class _GuardedHTTP(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        """Connect by the guard; to the operator's proxy without, for the names are its to judge."""
        return self.do_open(HTTPConnection if _is_proxied(req) else _GuardedConnection, req)


class _GuardedHTTPS(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        """Return the same with TLS."""
        kind = HTTPSConnection if _is_proxied(req) else _GuardedTLSConnection
        return self.do_open(kind, req, context=ssl.create_default_context())


def _is_proxied(request: Request) -> bool:
    """Return whether the request goes to a proxy: its host is no longer that of its URL."""
    return request.host != urlsplit(request.full_url).netloc


def _answer(response: HTTPResponse | HTTPError, status: int) -> Answer:
    body = response.read(_LARGEST)
    if response.headers.get("Content-Encoding", "").lower() == "gzip":
        body = gzip.decompress(body)
    return Answer(
        response.url or "",
        status,
        response.headers.get("Content-Type"),
        body,
    )

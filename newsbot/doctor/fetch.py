"""The doctor's requests: few, one at a time, within robots.txt, with the crawler's User-Agent.

They do not go through Scrapy and are not archived: an examination is not a crawl.
"""

import os
import ssl
import time
from dataclasses import dataclass, replace
from email.message import Message
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import IO, Any, Final, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    BaseHandler,
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
from newsbot.errors import AddressRefused, ExtractionFailed, NewsbotError
from newsbot.sites.access import SiteAccess
from newsbot.sites.seed import LONGEST_DELAY
from newsbot.sites.site import Site
from newsbot.warc.content_coding import decoded

_MOST_HOPS: Final = 10  # redirects of one page
_MAX_BODY: Final = 16 * 1024 * 1024  # bytes of a page that are read, and of what it decodes to


class ProbeFailed(NewsbotError):
    """A page could not be fetched; the message says why."""


class RedirectsElsewhere(ProbeFailed):
    """A page redirects to ``target``, which is not on the site's hosts."""

    def __init__(self, url: str, target: str) -> None:
        super().__init__(f"{url}: redirects to {target}, outside the site's hosts")
        self.target = target


class BadStatus(ProbeFailed):
    """The site answered, and the status is not 2xx."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(f"{url}: it answered {status}")
        self.status = status


class RobotsForbid(ProbeFailed):
    """The site's robots.txt forbids the page."""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A response after redirects; ``body`` is without its content coding.

    ``redirects`` are the addresses that were redirected to, the last of which is ``url``.
    """

    url: str
    status: int
    content_type: str | None
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What the robots.txt of a host says of one URL; ``delay`` is its Crawl-delay in seconds."""

    url: str
    status: int
    is_allowed: bool
    delay: float | None


class Client:
    """Fetches pages of one site, with its seed's headers and cookies.

    Raises:
        ConfigError: the seed names an environment variable that is not set, or a bad CA file.
    """

    def __init__(self, site: Site, config: Config) -> None:
        contact = f"(+{config.contact})" if config.contact else ""
        parts = (f"newsbot/{__version__}", contact, site.request.user_agent)
        self._agent = " ".join(filter(None, parts))
        self._site = site
        self._rules: dict[str, tuple[int, Protego]] = {}  # status and rules, by host and port
        self._guarded = not config.private_addresses
        access = SiteAccess.of(site, os.environ)
        tls = access.tls_context()
        self._redirects = _SameSiteRedirects(site, guarded=self._guarded)
        guards = [_GuardedHTTP(), _GuardedHTTPS(tls)] if self._guarded else [HTTPSHandler(0, tls)]
        self._opener: OpenerDirector = build_opener(self._redirects, _OwnHeaders(access), *guards)
        self._next_request = 0.0  # monotonic seconds
        self.requests = 0  # made so far, without redirects

    def get(self, url: str) -> FetchedPage:
        """Return the page, if robots.txt allows it, after the delay of the site's politeness.

        Raises:
            ProbeFailed: it is not allowed, cannot be reached, leads to an address that crawls may
                not reach either, or its status is not 2xx.
        """
        page = self.get_any(url)
        if not 200 <= page.status < 300:
            raise BadStatus(url, page.status)
        return page

    def get_any(self, url: str) -> FetchedPage:
        """Return the page as ``get`` does, whatever its status."""
        hops: list[str] = []
        while True:
            at = hops[-1] if hops else url
            if not self.robots(at).is_allowed:
                raise RobotsForbid(f"{at}: robots.txt forbids it")
            try:
                return replace(self._fetch_politely(at, in_one=False), redirects=tuple(hops))
            except _Redirected as redirect:
                hops.append(redirect.target)
            if len(hops) > _MOST_HOPS:
                raise ProbeFailed(f"{url}: more than {_MOST_HOPS} redirects")

    def robots(self, url: str) -> RobotsAnswer:
        """Return what the host's robots.txt says (RFC 9309: 4xx allows all).

        Raises:
            ProbeFailed: it cannot be fetched, so nothing is allowed.
        """
        status, rules = self._rules_of(url)
        delay = rules.crawl_delay(self._agent)
        return RobotsAnswer(_robots_url(url), status, rules.can_fetch(url, self._agent), delay)

    def sitemaps_named(self, url: str) -> list[str]:
        """Return the sitemaps that the robots.txt of the URL's host names."""
        return list(dict.fromkeys(self._rules_of(url)[1].sitemaps))

    def _rules_of(self, url: str) -> tuple[int, Protego]:
        parts = urlsplit(url)
        if parts.netloc not in self._rules:
            robots_url = _robots_url(url)
            page = self._fetch_politely(robots_url)
            if page.status == 429 or page.status >= 500:
                raise ProbeFailed(f"{robots_url}: it answered {page.status}, so nothing is allowed")
            text = page.body.decode("utf-8", "replace") if page.status < 400 else ""
            self._rules[parts.netloc] = page.status, Protego.parse(text)
        return self._rules[parts.netloc]

    def _fetch_politely(self, url: str, *, in_one: bool = True) -> FetchedPage:
        self.requests += 1
        self._redirects.in_one = in_one
        # This sleep is politeness towards the site, not synchronisation.
        time.sleep(max(0.0, self._next_request - time.monotonic()))
        try:
            return self._fetch(url)
        except AddressRefused as error:
            raise ProbeFailed(f"{url}: refused: {error}") from error

    def _fetch(self, url: str) -> FetchedPage:
        if self._guarded:
            check_url(url)
        headers = {"User-Agent": self._agent, "Accept-Encoding": "gzip"}
        request = Request(url, headers=headers)  # noqa: S310 - http(s), by the seed's own check
        try:
            with self._open(request) as response:
                return _read(response)
        except ExtractionFailed as error:
            raise ProbeFailed(f"{url}: {error}") from error
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            raise ProbeFailed(f"{url}: {reason}") from error
        finally:
            self._next_request = time.monotonic() + self._delay_of(url)

    def _delay_of(self, url: str) -> float:
        """Return the seconds after a request: those of the seed, or more if robots.txt wants it."""
        _, rules = self._rules.get(urlsplit(url).netloc, (0, None))
        wanted: float = 0.0 if rules is None else rules.crawl_delay(self._agent) or 0.0
        return max(self._site.politeness.delay, min(wanted, LONGEST_DELAY))

    def _open(self, request: Request) -> HTTPResponse:
        """Return the response; one with a status of an error too."""
        timeout = self._site.politeness.timeout
        try:
            return cast("HTTPResponse", self._opener.open(request, timeout=timeout))
        except HTTPError as error:
            return cast("HTTPResponse", error)  # it is used alike


class _Redirected(Exception):
    """A page redirects to ``target`` on the site's hosts."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target


class _SameSiteRedirects(HTTPRedirectHandler):
    """Follows redirects within the site's hosts only.

    ``in_one`` is for robots.txt; with a page, each hop is asked of its own host's robots.txt first.
    """

    in_one = True

    def __init__(self, site: Site, *, guarded: bool) -> None:
        self._site = site
        self._guarded = guarded

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):  # urllib would speak FTP, unguarded
            raise ProbeFailed(f"{req.full_url}: redirects to {newurl}, which is not on the web")
        if self._guarded:
            check_url(newurl)
        if not self._site.owns(newurl):
            raise RedirectsElsewhere(req.full_url, newurl)
        if not self.in_one:
            raise _Redirected(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


class _OwnHeaders(BaseHandler):
    """Adds the seed's headers and cookies to each hop, by its own host."""

    def __init__(self, access: SiteAccess) -> None:
        self._access = access

    def http_request(self, req: Request) -> Request:
        url = req.full_url
        for name, value in self._access.headers_for(url).items():
            req.add_unredirected_header(name, value)
        if cookies := self._access.cookies_for(url):
            pairs = "; ".join(f"{name}={value}" for name, value in cookies.items())
            req.add_unredirected_header("Cookie", pairs)
        return req

    https_request = http_request


class _GuardedConnection(HTTPConnection):
    """A connection to an address that the guard has allowed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = connect


class _GuardedTLSConnection(HTTPSConnection):
    """The same with TLS; the certificate is checked against the host's name as usual."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = connect


class _GuardedHTTP(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        """Connect through the guard, or freely to the operator's proxy, which resolves names."""
        return self.do_open(HTTPConnection if _is_proxied(req) else _GuardedConnection, req)


class _GuardedHTTPS(HTTPSHandler):
    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__()
        self._tls = tls

    def https_open(self, req: Request) -> HTTPResponse:
        """Do the same with TLS."""
        kind = HTTPSConnection if _is_proxied(req) else _GuardedTLSConnection
        return self.do_open(kind, req, context=self._tls)


def _is_proxied(request: Request) -> bool:
    """Return whether the request goes to a proxy: its host then differs from that of its URL."""
    return request.host != urlsplit(request.full_url).netloc


def _robots_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/robots.txt"


def _read(response: HTTPResponse) -> FetchedPage:
    codings = response.headers.get_all("Content-Encoding") or []
    try:
        body = decoded(response.read(_MAX_BODY), codings, _MAX_BODY)
    except ExtractionFailed:
        if response.status < HTTPStatus.MULTIPLE_CHOICES:
            raise
        body = b""  # of an error page nothing is read
    headers = response.headers
    return FetchedPage(
        response.url or "", response.status, headers.get("Content-Type"), body,
        headers.get("ETag"), headers.get("Last-Modified"),
    )  # fmt: skip

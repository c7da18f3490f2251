"""Conditional requests: unmodified pages are not transferred again (RFC 9110, section 13)."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from newsbot.capture.recorder import ROLE
from newsbot.crawl.run import Run, run_of
from newsbot.ledger.landed import Validators

CONDITIONAL = "conditional"  # key in request.meta: the spider accepts a 304
WALK = "walk"  # key in request.meta: the feed or list that the page belongs to
_VALIDATORS = "validators"


class ConditionalMiddleware:
    """Sends the validators of the URL's last landed capture where the spider allows it.

    Each hop is handled by itself: a redirect copies the headers of the request before it, but the
    validators of one URL do not apply to another.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware; called by Scrapy.

        Raises:
            NotConfigured: there is no run, as in ``scrapy shell``.
        """
        if not isinstance(getattr(crawler.spider, "run", None), Run):
            raise NotConfigured
        return cls(run_of(crawler))

    def process_request(self, request: Request) -> None:
        """Set the conditional headers, or remove those of another hop."""
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
        for name in (_VALIDATORS, "handle_httpstatus_list"):
            request.meta.pop(name, None)
        if not request.meta.get(CONDITIONAL):
            return
        known = self._run.known
        if request.meta.get(ROLE) == "requisite":
            found = known.requisite_validators(request.url)
        else:
            found = known.validators(request.url, request.meta.get(WALK))
        if found is None:
            return
        request.meta[_VALIDATORS] = found
        request.meta["handle_httpstatus_list"] = [HTTPStatus.NOT_MODIFIED]
        if found.etag is not None:
            request.headers["If-None-Match"] = ", ".join(_forms_of(found.etag)).encode("latin-1")
        if found.last_modified is not None:
            request.headers["If-Modified-Since"] = found.last_modified.encode("latin-1")


def _forms_of(etag: str) -> Iterator[str]:
    """Yield the ETag as it came, and without the coding that Apache adds to it.

    Its mod_brotli and mod_deflate name the coding in the ETag of a response, and do not know that
    ETag again when a request brings it. Jetty and proxies write ``--gzip`` or ``;gzip``.
    """
    yield etag
    coded = _CODED_ETAG.fullmatch(etag)
    if coded is not None:
        yield f'{coded["start"]}"'


_CODED_ETAG = re.compile(r'(?P<start>(?:W/)?"[^"]+?)(?:--?|;)(?:br|df|gzip|deflate|zstd)"')


def not_modified(response: Response) -> Validators | None:
    """Return the validators that the server confirmed with a 304; None for other responses."""
    if response.status != HTTPStatus.NOT_MODIFIED:
        return None
    found: Validators = response.meta[_VALIDATORS]
    return found

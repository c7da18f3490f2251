"""What pages need to look as they did, requested after the articles."""

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any, Final

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from newsbot.capture.recorder import CAPTURED
from newsbot.crawl.middlewares.conditional import CONDITIONAL, not_modified
from newsbot.crawl.outcomes import cause_of, record_of
from newsbot.crawl.requisites import Wanted
from newsbot.errors import CaptureError, CrawlStopped
from newsbot.ledger import recheck
from spiders.pages import PageSpider

_REQUISITES: Final = -20  # priority: after all else
_REQUISITE: Final = "requisite"  # key in request.meta


class RequisiteSpider(PageSpider):
    """Requests the requisites of pages, and records what came of them."""

    def requisite_requests(self) -> Iterator[Request]:
        """Yield requests for requisites, as many as may be in progress."""
        for wanted in self.run.requisites.take():
            meta: dict[str, Any] = {
                _REQUISITE: wanted, CONDITIONAL: self._may_be_confirmed(wanted),
                "discovered_from": wanted.page, "max_retry_times": 1,
            }  # fmt: skip
            request = self.request(
                wanted.url, self.parse_requisite, "requisite", priority=_REQUISITES, **meta
            )
            yield request.replace(errback=self.on_requisite_failure)

    def _may_be_confirmed(self, wanted: Wanted) -> bool:
        """Return whether a 304 is enough; not of a sheet of which nobody knows what it names."""
        return wanted.kind != "style" or self.run.known.knows_style_sheet(wanted.url)

    async def parse_requisite(self, response: Response) -> AsyncIterator[Any]:
        """Record what came; yield requests for what a style sheet names, and for others."""
        wanted: Wanted = response.meta[_REQUISITE]
        captured, confirmed = record_of(response), not_modified(response)
        journal = self.run.recording.journal
        if confirmed is None:
            sha256, more = captured.payload_sha256, dict[str, Any]()
            if wanted.kind == "style":
                found = await self.run.outcomes.read_style_sheet(response)
                self.run.requisites.add_sheet(wanted, found)
                more["requisites"] = [[one.url, one.kind] for one in found]
            journal.write_outcome(captured.record_id, "requisite", **more)
        else:
            sha256 = confirmed.payload_sha256
            self.run.requisites.add_sheet(wanted, confirmed.requisites or ())
            journal.write_outcome(captured.record_id, "unchanged", payload_sha256=sha256)
        self.run.requisites.keep(wanted, captured, sha256)
        for request in self.requisite_requests():
            yield request

    async def on_requisite_failure(self, failure: Failure) -> AsyncIterator[Any]:
        """Record what did not come: no article fails or waits for it."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, CrawlStopped):
            return
        if isinstance(failure.value, CaptureError):
            self.on_failure(failure)
            return
        self.run.outcomes.accounts.settle(request)
        captured, why = request.meta.get(CAPTURED), cause_of(failure)
        if captured is None:
            self.run.recording.journal.write_unsent(request, why)
        else:
            if captured.truncated == "length":
                why = "too-large"
            self.run.recording.journal.write_outcome(captured.record_id, "failed", why=why)
        retry = _may_come(why, None if captured is None else captured.status)
        self.run.requisites.miss(request.meta[_REQUISITE], why, captured, retry=retry)
        self.logger.info("%s: %s", request.url, why)
        for following in self.requisite_requests():
            yield following


def _may_come(why: str, status: int | None) -> bool:
    """Return whether a later run should ask again."""
    if why in _FINAL:
        return False
    return status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR or why == recheck.TORN


_FINAL: Final = frozenset(
    ("too-large", "address-refused", "robots-forbidden", "off-site", "redirect-loop",
     "redirect-to-no-address", "too-many-redirects", recheck.UNDECODABLE)
)  # fmt: skip

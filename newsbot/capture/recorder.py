"""Keys of ``request.meta`` that capture reads and sets, and the recorder protocol it writes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from scrapy import Request

from newsbot.errors import NewsbotError
from newsbot.warc.exchange import Exchange
from newsbot.warc.records import Captured

if TYPE_CHECKING:
    from newsbot.sites.access import SiteAccess
    from newsbot.sites.seed import Browser


ROLE = "role"  # what the request is for: ``models.Page.role``
POSITION = "position"
HINTS = "hints"
UNCOUNTED = "uncounted"  # true where a run's counts leave the request out
PURPOSE = (ROLE, POSITION, HINTS)
CAPTURED = "captured"  # key of the Captured in request.meta
RENDER = "render"  # key in request.meta: true for pages that need the browser
STOPPING: Final = object()  # signal: the crawl stops, so nothing more is fetched
RENDERED = "rendered"  # key of the Rendering in request.meta


@dataclass(frozen=True, slots=True)
class Rendering:
    """A page as rendered by the browser: the record of its DOM, and the document before scripts."""

    dom: Captured
    unrendered: bytes


class Recorder(Protocol):
    """What the download paths need of a run: where exchanges are written, and what is allowed."""

    @property
    def browser(self) -> "Browser":
        """The seed's rules for pages that are rendered in a browser."""

    @property
    def access(self) -> "SiteAccess":
        """The headers, cookies and authorities for the site's own hosts."""

    def new_exchange(self, request: Request) -> Exchange:
        """Return a new exchange for the request, with the site's limits."""

    async def record(self, exchange: Exchange) -> Captured:
        """Write the exchange; return where its records are.

        Raises:
            CaptureError: it could not be written; the crawl has to stop.
        """

    async def record_resource(
        self, url: str, content_type: str, content: bytes, of: str
    ) -> Captured:
        """Write a page's DOM or screenshot; ``of`` is the record id of the page."""

    async def record_details(self, url: str, content: Mapping[str, Any], of: str) -> None:
        """Write what was observed while a page was rendered, as JSON."""

    async def navigation_refusal(self, url: str) -> str | None:
        """Return why the browser may not go to a page; None if it may."""

    def record_refusal(self, url: str, role: str, why: str) -> None:
        """Record a request that was refused and not sent."""

    def stop(self, error: NewsbotError) -> None:
        """End the crawl: nothing more can be recorded."""

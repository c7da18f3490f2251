"""Keys of ``request.meta`` that capture reads and sets, and the protocol it records through."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from scrapy import Request

from newsbot.errors import NewsbotError
from newsbot.warc.exchange import Exchange
from newsbot.warc.records import Captured

if TYPE_CHECKING:
    from newsbot.sites.seed import Browser


ROLE = "role"  # what the request is for, as models.Page has it
POSITION = "position"
HINTS = "hints"
PURPOSE = (ROLE, POSITION, HINTS)
CAPTURED = "captured"  # key of the Captured in request.meta
RENDER = "render"  # key in request.meta that asks for the browser
RENDERED = "rendered"  # key of the Rendering in request.meta


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a browser made of a page: the record of its DOM, and the document as it came."""

    dom: Captured
    plain: bytes


class Recorder(Protocol):
    """What the download paths need of a run: where to put exchanges, and what a page may do."""

    @property
    def browser(self) -> "Browser":
        """The seed's rules for pages that are shown in a browser."""

    def exchange(self, request: Request) -> Exchange:
        """Return a new exchange for the request, with its limits."""

    async def record(self, exchange: Exchange) -> Captured:
        """Write the exchange; returns where its records are.

        Raises:
            CaptureError: it could not be written; the crawl has to stop.
        """

    async def record_resource(
        self, url: str, content_type: str, content: bytes, of: str
    ) -> Captured:
        """Write what was made of a page, its DOM or its picture; ``of`` is the page's record."""

    async def record_details(self, url: str, content: Mapping[str, Any], of: str) -> None:
        """Write what was seen while a page was shown, as JSON."""

    async def navigation_refusal(self, url: str) -> str | None:
        """Return why the browser may not go to a page; None if it may."""

    def record_refusal(self, url: str, role: str, why: str) -> None:
        """Write down a request that was not made."""

    def stop(self, error: NewsbotError) -> None:
        """End the crawl: nothing more can be kept."""

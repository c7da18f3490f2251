"""The archived pages of an article's last landed revision, read from the store."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import chain, repeat

from newsbot.archive.read_record import MemberRange, Record, RecordReader
from newsbot.errors import ExtractionFailed, ObjectMissing, StoreError
from newsbot.extract.normalise import normalise
from newsbot.extract.pages import PagedArticle
from newsbot.hints import NO_HINTS, Hints
from newsbot.ledger import KnownArticle, Ledger
from newsbot.ledger.landed import CapturedPage, RecordPlace
from newsbot.models import Article, Extraction, Page, PageRole
from newsbot.stores.store import Store

logger = logging.getLogger(__name__)


class EarlierCaptures:
    """Reads landed captures, with one range request a page."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._records = RecordReader(store)
        self._ledger = ledger

    def pages(self, known: KnownArticle) -> list[Page]:
        """Return the pages, the first one first; blocks while the store is read.

        Raises:
            StoreError: a record is missing or damaged, or the store does not respond.
            ExtractionFailed: a body as it was sent cannot be decoded.
        """
        seen = self._ledger.states([known.canonical_url]).get(known.canonical_url)
        hints = NO_HINTS if seen is None else seen.hints
        roles = chain[PageRole](["article"], repeat("next_page"))
        pages = zip(known.pages, roles, strict=False)
        return [
            self._page(known, page, role, hints if role == "article" else NO_HINTS)
            for page, role in pages
        ]

    async def extract_again(
        self, known: KnownArticle, extract: Callable[[Page], Awaitable[Extraction]]
    ) -> Article | None:
        """Return the revision's article as extracted from its captures by today's code and rules.

        None, and a line in the log, where that cannot be.
        """
        loop = asyncio.get_running_loop()
        try:
            pages = await loop.run_in_executor(None, self.pages, known)
            found = [await extract(page) for page in pages]
        except (StoreError, ExtractionFailed) as error:
            logger.warning(
                "%s: its last capture cannot be extracted again: %s", known.canonical_url, error
            )
            return None
        if not found or not found[0].articles:
            return None
        whole = PagedArticle(found[0])
        for page, extraction in zip(pages[1:], found[1:], strict=True):
            whole.add(page.url, extraction)
        return normalise(whole.merged())

    def _page(self, known: KnownArticle, page: CapturedPage, role: PageRole, hints: Hints) -> Page:
        record = self._read(page.record)
        payload = record
        if record.kind == "revisit":
            place = page.payload_sha256 and self._ledger.payload_place(page.payload_sha256)
            if not place:
                raise ObjectMissing(f"{page.url}: no record holds the payload of its revisit")
            payload = self._read(place)
        status = record.status or 200
        return Page(
            page.url, payload.body, known.fetched_at, status, record.content_type,
            role=role, hints=hints,
        )  # fmt: skip

    def _read(self, place: RecordPlace) -> Record:
        return self._records.read(MemberRange(place.file, place.offset, place.length))

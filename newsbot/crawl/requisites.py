"""What the pages of a run need to look as they did: which of it to fetch, and what came of it.

It is asked for after the articles, and counts for none of them. What exceeds the limits of the run
stays in the ledger for later runs (docs/decisions/0078).
"""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from newsbot.addresses import LONGEST, host_of
from newsbot.crawl.journal_lines import CrawlJournal, place_of
from newsbot.crawl.trackers import is_tracker
from newsbot.ledger.requisites import WaitingRequisite
from newsbot.models import Requisite, RequisiteKind
from newsbot.sites.seed import Archiving
from newsbot.warc.records import Captured

logger = logging.getLogger(__name__)

DEEPEST: Final = 3  # style sheets that import each other
FRESH: Final = timedelta(days=7)  # all but pictures are asked for at most so often
_AT_ONCE: Final = 32  # requests in progress
_PER_HOST: Final = 4  # the queue of a host in Scrapy may hold so many more than it asks at once
_WAITING: Final = 5000  # requisites of earlier runs that are taken up


@dataclass(frozen=True, slots=True)
class Wanted:
    """A requisite to fetch: of which page, and how deep in its style sheets."""

    url: str
    kind: RequisiteKind
    page: str
    depth: int = 0
    tries: int = 0  # of earlier runs


@dataclass(slots=True)
class _Page:
    """What a page has used of its limits."""

    files: int = 0
    received: int = 0


@dataclass(slots=True)
class RequisiteCounts:
    """The counts of a run's requisites, for its summary."""

    kept: int = 0
    missed: int = 0
    received: int = 0


class PageRequisites:
    """The requisites of a run.

    Args:
        fetched_at: returns when each of some URLs was last fetched by a run that has landed.
        waiting: returns what earlier runs have left.
        started: of the run.
    """

    def __init__(
        self,
        rules: Archiving,
        journal: CrawlJournal,
        fetched_at: Callable[[list[str]], Mapping[str, datetime]],
        waiting: Callable[[int], Iterable[WaitingRequisite]],
        started: datetime,
    ) -> None:
        self._rules = rules
        self._journal = journal
        self._fetched_at = fetched_at
        self._waiting = waiting
        self._started = started
        self._known: set[str] = set()  # addresses that have been judged
        self._unsorted: list[Wanted] = []
        self._later: list[Wanted] = []  # what comes after that, and after what earlier runs left
        self._queues: defaultdict[str, deque[Wanted]] = defaultdict(deque)  # by host
        self._in_progress: defaultdict[str, int] = defaultdict(int)  # by host
        self._pages: defaultdict[str, _Page] = defaultdict(_Page)  # by URL
        self._asked = 0
        self._deadline: float | None = None
        self.counts = RequisiteCounts()

    # -- what is wanted ------------------------------------------------------------------------

    def add_page(self, record_id: str, url: str, found: Iterable[Requisite]) -> None:
        """Want what a page names."""
        if self._rules.requisites != "none":
            self._want({"of": record_id, "page": url}, url, found, depth=0)

    def add_confirmed(self, record_id: str, url: str, pictures: Iterable[str]) -> None:
        """Want the pictures of an unmodified page, after all else: they may have changed."""
        if self._rules.requisites != "none":
            found = [Requisite(picture, "picture") for picture in pictures]
            self._want({"of": record_id, "page": url}, url, found, depth=0, later=True)

    def add_sheet(self, sheet: Wanted, found: Iterable[Requisite]) -> None:
        """Want what a style sheet names; sheets imported too deeply are left out."""
        named = [one for one in found if one.kind != "style" or sheet.depth < DEEPEST]
        self._want({"in": sheet.url, "page": sheet.page}, sheet.page, named, depth=sheet.depth + 1)

    def _want(
        self, origin: Mapping[str, str], page: str, found: Iterable[Requisite], depth: int, *,
        later: bool = False,
    ) -> None:  # fmt: skip
        found = [one for one in found if len(one.url) <= LONGEST]
        if not found:
            return
        named = [(one.url, one.kind) for one in found]
        self._journal.write_requisites(**origin, wanted=named, depth=depth)
        used, over = self._pages[page], list[str]()
        wanted = self._later if later else self._unsorted
        for one in found:
            if used.files < self._rules.max_files_per_page:
                used.files += 1
                wanted.append(Wanted(one.url, one.kind, page, depth))
            else:
                over.append(one.url)
        self._refuse(over, "over-page-limit")

    # -- what is asked for ---------------------------------------------------------------------

    def take(self) -> Iterator[Wanted]:
        """Yield what is to be requested now; nothing once a limit of the run is reached."""
        if self._deadline is None:
            self._deadline = monotonic() + self._rules.max_seconds
            self._unsorted += [
                Wanted(one.url, one.kind, one.page, one.depth, one.tries)
                for one in self._waiting(_WAITING if self._rules.requisites != "none" else 0)
            ]
            self._unsorted += self._later
        self._sort()
        while not self._is_exhausted():
            chosen = self._next()
            if chosen is None:
                return
            self._asked += 1
            self._in_progress[host_of(chosen.url)] += 1
            yield chosen

    def _sort(self) -> None:
        """Judge what has been found: refuse trackers, leave out what is fresh, queue the rest."""
        new: dict[str, Wanted] = {}
        for one in self._unsorted:
            if one.url not in self._known:
                new.setdefault(one.url, one)
        self._unsorted = []
        fetched = self._fetched_at(list(new))
        kept, refused = [], []
        for url, one in new.items():
            self._known.add(url)
            at = fetched.get(url)
            if is_tracker(host_of(url), self._rules.skip_hosts):
                refused.append(url)
            elif at is not None and one.kind != "picture" and at > self._started - FRESH:
                kept.append(url)
            else:
                self._queues[host_of(url)].append(one)
        self._refuse(refused, "tracker")
        if kept:
            self._journal.write_requisites(kept=kept)

    def _next(self) -> Wanted | None:
        """Return the next of a host that is not busy; the hosts take turns."""
        if sum(self._in_progress.values()) >= _AT_ONCE:
            return None
        for host in list(self._queues):
            queue = self._queues.pop(host)
            if not queue:
                continue
            chosen = None
            if self._in_progress[host] < _PER_HOST:
                chosen = self._within_page(queue)
            self._queues[host] = queue
            if chosen is not None:
                return chosen
        return None

    def _within_page(self, queue: deque[Wanted]) -> Wanted | None:
        """Return the first whose page has not received too much; refuse those before it."""
        while queue:
            one = queue.popleft()
            if self._pages[one.page].received < self._rules.max_page:
                return one
            self._refuse([one.url], "over-page-limit")
        return None

    def _is_exhausted(self) -> bool:
        return (
            self._asked >= self._rules.max_files
            or self.counts.received >= self._rules.max_bytes
            or monotonic() >= (self._deadline or 0.0)
        )

    # -- what came of it -----------------------------------------------------------------------

    def keep(self, wanted: Wanted, captured: Captured, sha256: str | None) -> None:
        """Record that it came, or was confirmed as unchanged.

        Args:
            sha256: of its bytes, hex.
        """
        self._end(wanted, captured.payload_length)
        self.counts.kept += 1
        place = place_of(captured)
        record = {"record_id": place["id"], **{k: place[k] for k in ("file", "offset", "length")}}
        self._journal.write_requisites(url=wanted.url, record=record, sha256=sha256)

    def miss(self, wanted: Wanted, why: str, captured: Captured | None, *, retry: bool) -> None:
        """Record that it did not come; with ``retry``, the next run asks again."""
        self._end(wanted, 0 if captured is None else captured.payload_length)
        self.counts.missed += 1
        self._journal.write_requisites(
            url=wanted.url, why=why, retry=retry, kind=wanted.kind, page=wanted.page,
            tries=wanted.tries, depth=wanted.depth,
        )  # fmt: skip

    def _end(self, wanted: Wanted, received: int) -> None:
        self._in_progress[host_of(wanted.url)] -= 1
        self._pages[wanted.page].received += received
        self.counts.received += received

    def _refuse(self, urls: list[str], why: str) -> None:
        if urls:
            self._journal.write_requisites(refused=urls, why=why)

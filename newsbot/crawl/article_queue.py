"""Articles that wait to be requested: Scrapy gets a batch at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from newsbot.ledger.frontier import Seen


class ArticleQueue:
    """Hands out each article once in a run, only as many at a time as keep Scrapy busy.

    Waiting articles are held as URLs alone: 20,000 ledger entries would take much memory.

    Args:
        most: articles that Scrapy has at once.
        limit: articles that may be requested in all; None for any number.
        states: looks URLs up in the ledger.
    """

    def __init__(
        self, most: int, limit: int | None, states: Callable[[list[str]], dict[str, Seen]]
    ) -> None:
        self._most = most
        self._left = limit
        self._states = states
        self._requested: set[int] = set()  # hashes of URLs: a list may name 20,000
        self._pending = 0  # articles that Scrapy has and that have not arrived yet
        self._new: deque[str] = deque()
        self._known: deque[str] = deque()

    @property
    def is_exhausted(self) -> bool:
        """Whether as many articles were requested as the limit allows."""
        return self._left == 0

    def enqueue(self, wanted: Iterable[Seen]) -> Iterator[Seen]:
        """Add articles to the queue; yield those that are to be requested at once.

        Raises:
            LimitReached: more are wanted than may be requested; the others keep their state.
        """
        for seen in wanted:
            if hash(seen.url) in self._requested:
                continue
            if self._left is not None:
                if self._left == 0:
                    raise LimitReached
                self._left -= 1
            self._requested.add(hash(seen.url))
            if self._pending < self._most:
                self._pending += 1
                yield seen
            else:
                (self._new if seen.state == "pending" else self._known).append(seen.url)

    def mark_arrived(self) -> list[Seen]:
        """Count an article that has arrived; return more after a tenth of a batch."""
        self._pending -= 1
        if self._pending > self._most - self._most / 10:
            return []
        return self._next(self._most - self._pending)

    def refill(self) -> list[Seen]:
        """Return the next batch, as Scrapy has none left, however those it had have ended."""
        self._pending = 0
        return self._next(self._most)

    def _next(self, most: int) -> list[Seen]:
        """Return the next waiting articles, new ones before those to recheck."""
        urls = list(islice(chain(_drained(self._new), _drained(self._known)), most))
        self._pending += len(urls)
        states = self._states(urls)
        return [states[url] for url in urls]


class LimitReached(Exception):
    """As many articles were requested as the crawl may fetch."""


def _drained(waiting: deque[str]) -> Iterator[str]:
    while waiting:
        yield waiting.popleft()

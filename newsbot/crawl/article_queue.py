"""Articles that wait to be asked for: Scrapy is given a batch at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from newsbot.ledger.frontier import Seen


class ArticleQueue:
    """Hands articles out, each once a run, so many ahead of Scrapy as it needs to be kept busy.

    What waits is held as a URL alone: the Seen of 20,000 would fill the memory.

    Args:
        most: articles that Scrapy has at once.
        limit: articles that may be asked for in all; None for any number.
        states: what the ledger says of URLs.
    """

    def __init__(
        self, most: int, limit: int | None, states: Callable[[list[str]], dict[str, Seen]]
    ) -> None:
        self._most = most
        self._left = limit
        self._states = states
        self._asked: set[int] = set()  # hashes of URLs: a list may name 20,000
        self._handed = 0  # articles that Scrapy has been given and that have not come yet
        self._new: deque[str] = deque()
        self._known: deque[str] = deque()

    @property
    def is_exhausted(self) -> bool:
        """Whether as many were asked for as the limit allows."""
        return self._left == 0

    def ask(self, wanted: Iterable[Seen]) -> Iterator[Seen]:
        """Take articles in; yield those that are to be fetched at once.

        Raises:
            LimitReached: more are wanted than may be asked for; those left out stay as they are.
        """
        for seen in wanted:
            if hash(seen.url) in self._asked:
                continue
            if self._left is not None:
                if self._left == 0:
                    raise LimitReached
                self._left -= 1
            self._asked.add(hash(seen.url))
            if self._handed < self._most:
                self._handed += 1
                yield seen
            else:
                (self._new if seen.state == "pending" else self._known).append(seen.url)

    def arrived(self) -> list[Seen]:
        """Take note of an article that has come; return more where a tenth of a batch has."""
        self._handed -= 1
        if self._handed > self._most - self._most / 10:
            return []
        return self._next(self._most - self._handed)

    def idle(self) -> list[Seen]:
        """Return the next articles where Scrapy has none left, however it lost those it had."""
        self._handed = 0
        return self._next(self._most)

    def _next(self, most: int) -> list[Seen]:
        """Return the next articles that wait, the new ones before those to be checked again."""
        urls = list(islice(chain(_drained(self._new), _drained(self._known)), most))
        self._handed += len(urls)
        states = self._states(urls)
        return [states[url] for url in urls]


class LimitReached(Exception):
    """As many articles were asked for as the crawl may fetch."""


def _drained(waiting: deque[str]) -> Iterator[str]:
    while waiting:
        yield waiting.popleft()

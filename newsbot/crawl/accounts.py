"""The account of a crawl's requests: each is open until its outcome is known."""

from itertools import count
from typing import Final

from scrapy import Request

_NUMBER: Final = "account"  # key in request.meta; retries and redirects of a request carry it on


class Accounts:
    """Holds the requests without an outcome, by number."""

    def __init__(self) -> None:
        self._numbers = count()
        self._open: dict[int, str] = {}

    def open(self, request: Request) -> None:
        """Enter a request that the spider makes."""
        number = next(self._numbers)
        request.meta[_NUMBER] = number
        self._open[number] = request.url

    def settle(self, request: Request) -> bool:
        """Enter that the request has an outcome; return whether it had none before.

        A request that was not entered, such as one for robots.txt, has none to wait for.
        """
        return self._open.pop(request.meta.get(_NUMBER, -1), None) is not None

    @property
    def open_urls(self) -> list[str]:
        """The addresses of the requests without an outcome, in the order they were made."""
        return list(self._open.values())

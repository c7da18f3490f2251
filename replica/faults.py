"""Faults of the site that tests can switch on."""

from dataclasses import dataclass, field, fields
from typing import Any

from replica.pages import HTML, ROBOTS, SiteDocument

_NOT_A_FEED = "<!DOCTYPE html><html><body><h1>Situs dalam pemeliharaan</h1></body></html>"
_NOT_AN_ARTICLE = (
    '<!DOCTYPE html><html lang="id"><head><meta charset="utf-8"><title>ANTARA News</title></head>'
    '<body><div id="app"></div></body></html>'
)


@dataclass
class Faults:
    """The faults in force; ``change`` sets them by name.

    ``busy``: this many of the next requests get 503 with Retry-After, without robots.txt;
    ``busy_on``: only those with this text in their ``host/path``; ``retry_after``: seconds;
    ``down``: hosts whose connections are cut;
    ``robots``, ``robots_text``: status and text of every robots.txt;
    ``bad_feeds``: feeds are an HTML page;
    ``failing``, ``empty``, ``bare``, ``wrong_charset``: addresses (https, without query) that
    answer 500, or 200 with an empty body, with a page without an article, with UTF-8 declared as
    ISO-8859-1;
    ``latency``: seconds before each response.
    """

    busy: int = 0
    busy_on: str = ""
    retry_after: int = 1
    down: set[str] = field(default_factory=set)
    robots: int = 200
    robots_text: str = ROBOTS
    bad_feeds: bool = False
    failing: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)
    wrong_charset: set[str] = field(default_factory=set)
    latency: float = 0.0

    def change(self, **changes: Any) -> None:
        """Set faults by name; a list is converted to a set.

        Raises:
            ValueError: there is no such fault.
        """
        known = {one.name for one in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown fault {name!r}; use {', '.join(sorted(known))}")
            setattr(self, name, set(value) if isinstance(value, list | tuple) else value)

    def clear(self) -> None:
        """End all faults but latency."""
        none = Faults(latency=self.latency)
        self.change(**{one.name: getattr(none, one.name) for one in fields(self)})

    def is_busy(self, host: str, target: str) -> bool:
        """Return whether this request gets a 503, and count it."""
        if self.busy <= 0 or target == "/robots.txt" or self.busy_on not in f"{host}{target}":
            return False
        self.busy -= 1
        return True

    def apply(self, host: str, target: str, document: SiteDocument) -> SiteDocument:
        """Return the faulty document in place of the given one; the same if no fault applies."""
        path = target.partition("?")[0]
        url = f"https://{host}{path}"
        if path == "/robots.txt":
            return self._robots(document)
        if self.bad_feeds and path.startswith(("/rss", "/feed")):
            return SiteDocument(200, HTML, _NOT_A_FEED.encode())
        if url in self.failing:
            return SiteDocument(500, "text/plain; charset=UTF-8", b"error\n")
        if url in self.empty:
            return SiteDocument(200, HTML, b"")
        if url in self.bare:
            return SiteDocument(200, HTML, _NOT_AN_ARTICLE.encode())
        if url in self.wrong_charset:
            return SiteDocument(document.status, "text/html; charset=ISO-8859-1", document.body)
        return document

    def _robots(self, document: SiteDocument) -> SiteDocument:
        if self.robots != 200:
            return SiteDocument(self.robots, "text/plain; charset=UTF-8", b"no\n")
        if self.robots_text != ROBOTS:
            return SiteDocument(200, "text/plain; charset=UTF-8", self.robots_text.encode())
        return document

"""What can be made to go wrong, and where."""

from dataclasses import dataclass, field, fields
from typing import Any

from replica.pages import HTML, ROBOTS, Document

_NOT_A_FEED = "<!DOCTYPE html><html><body><h1>Situs dalam pemeliharaan</h1></body></html>"
_NOT_AN_ARTICLE = (
    '<!DOCTYPE html><html lang="id"><head><meta charset="utf-8"><title>ANTARA News</title></head>'
    '<body><div id="app"></div></body></html>'
)


@dataclass
class Faults:
    """What goes wrong on purpose; ``change`` sets it by name.

    ``busy``: so many of the next requests get 503 with Retry-After, robots.txt not counted;
    ``busy_on``: only those with this in their ``host/path``; ``retry_after``: seconds;
    ``down``: hosts whose connections are cut;
    ``robots``, ``robots_text``: status and text of every robots.txt;
    ``bad_feeds``: feeds are an HTML page;
    ``empty``, ``bare``, ``wrong_charset``: addresses (https, without query) that answer 200 with
    nothing, with a page that has no article, with UTF-8 said to be ISO-8859-1;
    ``latency``: seconds before each answer.
    """

    busy: int = 0
    busy_on: str = ""
    retry_after: int = 1
    down: set[str] = field(default_factory=set)
    robots: int = 200
    robots_text: str = ROBOTS
    bad_feeds: bool = False
    empty: set[str] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)
    wrong_charset: set[str] = field(default_factory=set)
    latency: float = 0.0

    def change(self, **changes: Any) -> None:
        """Set faults by name; a list is taken as a set.

        Raises:
            ValueError: there is no such fault.
        """
        known = {one.name for one in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"no fault {name!r}; there are {', '.join(sorted(known))}")
            setattr(self, name, set(value) if isinstance(value, list | tuple) else value)

    def clear(self) -> None:
        """All is well again; latency stays."""
        whole = Faults(latency=self.latency)
        self.change(**{one.name: getattr(whole, one.name) for one in fields(self)})

    def is_busy(self, host: str, target: str) -> bool:
        """Return whether this request gets a 503; counts it."""
        if self.busy <= 0 or target == "/robots.txt" or self.busy_on not in f"{host}{target}":
            return False
        self.busy -= 1
        return True

    def spoilt(self, host: str, target: str, whole: Document) -> Document:
        """What is answered instead of the whole document; that itself if nothing is wrong."""
        path = target.partition("?")[0]
        url = f"https://{host}{path}"
        if path == "/robots.txt":
            return self._robots(whole)
        if self.bad_feeds and path.startswith(("/rss", "/feed")):
            return Document(200, HTML, _NOT_A_FEED.encode())
        if url in self.empty:
            return Document(200, HTML, b"")
        if url in self.bare:
            return Document(200, HTML, _NOT_AN_ARTICLE.encode())
        if url in self.wrong_charset:
            return Document(whole.status, "text/html; charset=ISO-8859-1", whole.body)
        return whole

    def _robots(self, whole: Document) -> Document:
        if self.robots != 200:
            return Document(self.robots, "text/plain; charset=UTF-8", b"no\n")
        if self.robots_text != ROBOTS:
            return Document(200, "text/plain; charset=UTF-8", self.robots_text.encode())
        return whole

"""What was captured of pages, and the judgement of what players show of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from newsbot.layout import RunRef
from tests.acceptance.conftest import Bench
from tests.replaying.looking import Shown, live, share_of_difference
from tests.replaying.players import PLAYERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_SHOWN_FAULTS = 12
_ROLES = ("article", "next_page")


@dataclass(frozen=True, slots=True)
class Limit:
    """What may differ: a share of the pixels, and whether the article's pictures are wanted."""

    share: float
    has_pictures: bool = True


@dataclass(frozen=True, slots=True)
class Capture:
    """A page that a crawl has captured or found unchanged, and how it looked then."""

    url: str
    stamp: str  # of replay tools: 14 digits
    status: int
    live: Shown

    def faults(self, shown: Shown, share: float, limit: Limit) -> Iterator[str]:
        """Yield what is wrong with a replay of it in which this share of the pixels differs."""
        if shown.text != self.live.text:
            yield f"other text: {_first_difference(self.live.text, shown.text)}"
        if share > limit.share:
            yield f"{share:.3f} of the pixels differ, more than {limit.share}"
        if limit.has_pictures and shown.widths != self.live.widths:
            yield f"pictures of widths {shown.widths}, not {self.live.widths}"
        if limit.has_pictures and shown.fonts != self.live.fonts:
            yield f"fonts {shown.fonts}, not {self.live.fonts}"


@dataclass
class Album:
    """All captures of all crawls of a test."""

    bench: Bench
    browser: "Browser"
    proxy: str
    captures: list[Capture] = field(default_factory=list)
    _known: set[RunRef] = field(default_factory=set)

    def crawl(self, day: str, spider: str, *arguments: str) -> None:
        """Crawl on a day, and look at the pages that were captured, as they are now."""
        self.bench.environment["NEWSBOT_TEST_DAY"] = day
        done = self.bench.crawl(spider, "recheck=all", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        del self.bench.environment["NEWSBOT_TEST_DAY"]
        self._add_new_runs()

    def statuses(self, url: str) -> list[int]:
        """The statuses of the captures of a URL, in their order."""
        return [one.status for one in self.captures if one.url == url]

    def _add_new_runs(self) -> None:
        """Look at each page that the newest run has captured."""
        looks: dict[str, Shown] = {}
        for ref in self.bench.runs():
            if ref not in self._known:
                self._known.add(ref)
                for url, stamp, status in _pages(self.bench, ref):
                    if url not in looks:
                        looks[url] = live(self.browser, url, self.proxy)
                    self.captures.append(Capture(url, stamp, status, looks[url]))

    @property
    def days(self) -> str:
        """The first and the last day of the runs, as commands want them."""
        days = sorted(ref.date.isoformat() for ref in self._known)
        return f"{days[0]}..{days[-1]}"

    def judge(self, player: str, folder: Path, limit: Limit) -> list[float]:
        """Have a player show every capture; return the share of pixels that differ of each.

        The folder then has pictures of what is wrong, beside how it should look.
        """
        folder.mkdir()
        wrong: list[str] = []
        shares: list[float] = []
        with PLAYERS[player](self.bench, self.days, folder, self.browser) as show:
            for number, one in enumerate(self.captures):
                assert one.live.text, f"{one.url} had no text"
                assert not limit.has_pictures or all(one.live.widths), f"{one.url}: no picture"
                shown = show(one.url, one.stamp, one.live.height)
                shares.append(share_of_difference(one.live.picture, shown.picture))
                if faults := list(one.faults(shown, shares[-1], limit)):
                    wrong.append(f"{number}: {one.stamp} {one.url} ({one.status}): {faults}")
                    (folder / f"{number}-live.png").write_bytes(one.live.picture)
                    (folder / f"{number}-replayed.png").write_bytes(shown.picture)
        print(
            f"{player}: {len(shares)} captures, at most {max(shares):.3f} of the pixels differ, "
            f"{sum(shares) / len(shares):.3f} on average"
        )
        assert not wrong, "\n".join(
            [f"{player}: {len(wrong)} captures; pictures in {folder}", *wrong[:_SHOWN_FAULTS]]
        )
        return shares


def _pages(bench: Bench, ref: RunRef) -> Iterator[tuple[str, str, int]]:
    """Yield URL, time and status of the captures of articles' pages, from log and index."""
    roles = {
        line["url"]: int(line["status"])
        for line in bench.lines(ref, "crawl")
        if line["role"] in _ROLES and line.get("status") in (200, 304)
    }
    for line in bench.store.get(f"{ref.prefix}index.cdxj").decode().splitlines():
        _, stamp, facts = line.split(" ", 2)
        url = json.loads(facts)["url"]
        if url in roles:
            yield url, stamp, roles[url]


def _first_difference(wanted: str, found: str) -> str:
    at = next(
        (at for at, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b),
        min(len(wanted), len(found)),
    )
    return f"{found[max(0, at - 20) : at + 60]!r}, not {wanted[max(0, at - 20) : at + 60]!r}"

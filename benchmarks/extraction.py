"""Extraction compared with trafilatura alone: pages per second, and quality of the text.

Measured with rules on 84 KB pages of the current template; without rules on the same pages, and on
small ones of an aggregator. Quality is the share of articles whose text still has a line of
boilerplate, and the F1 of its words against the truth. One core; both get the same bytes.
"""

import re
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

from newsbot.extract import extract
from newsbot.extract.boilerplate import RULES
from newsbot.extract.bylines import is_byline
from newsbot.models import Page
from newsbot.sites.loading import load_sites
from newsbot.sites.seed import PageSelectors
from newsbot.sites.site import Site
from replica.pages import Pages
from replica.world import World

STORIES = 80
PAGE_BYTES = 84_000
ROUNDS = 3
SEEDS = Path(__file__).resolve().parents[1] / "seeds"

Cases = list[tuple[Page, str, str]]  # the page, its site, its true text


def main() -> None:
    """Print all comparisons."""
    sites = load_sites(SEEDS)
    world = World(7, STORIES, template="T3", page_bytes=PAGE_BYTES)
    ours, alone = _newsbot({**sites, "bare": _bare(sites["antara"])}), _trafilatura()
    for name, wanted, read_as in (
        ("with rules, T3", "antara", "antara"),
        ("the same without rules", "antara", "bare"),
        ("without rules, copies", "rakyatnews", "rakyatnews"),
    ):
        cases = [(page, read_as, text) for page, text in _cases(world, wanted)]
        size = statistics.mean(len(page.body) for page, _, _ in cases)
        print(f"{name}: {len(cases)} pages of {size / 1000:.0f} KB")
        _compare(cases, ours, alone)


def _compare(cases: Cases, ours: Callable[..., str], alone: Callable[..., str]) -> None:
    speeds = {}
    for label, read in (("newsbot", ours), ("trafilatura", alone)):
        speeds[label] = _speed(cases, read)
        texts = [read(page, site) for page, site, _ in cases]
        score = statistics.mean(
            _f1(text, true) for text, (_, _, true) in zip(texts, cases, strict=True)
        )
        unclean = sum(map(_has_boilerplate, texts)) / len(texts)
        print(
            f"  {label:12} {speeds[label]:7.1f} pages/s   F1 {score:.4f}   "
            f"boilerplate left in {unclean:.0%} of articles"
        )
    print(f"  ratio        {speeds['newsbot'] / speeds['trafilatura']:7.1f} x")


def _bare(site: Site) -> Site:
    """Return the site with hosts and feeds alone, as one without rules."""
    return site.model_copy(update={"select": PageSelectors(), "lists": ()})


def _cases(world: World, wanted: str) -> Iterable[tuple[Page, str]]:
    pages = Pages(world)
    for truth in world.truth():
        if truth["site"] == wanted and truth["pages"] == 1:
            url = truth["canonical_url"]
            parts = urlsplit(url)
            answer = pages.document(parts.hostname or "", parts.path)
            page = Page(url, answer.body, world.now.astimezone(UTC), 200, answer.content_type)
            yield page, truth["text"]


def _newsbot(sites: Mapping[str, Site]) -> Callable[[Page, str], str]:
    def read(page: Page, site: str) -> str:
        found = extract(page, sites[site]).articles
        return found[0].text if found else ""

    return read


def _trafilatura() -> Callable[[Page, str], str]:
    """Return trafilatura as a reader, with metadata, which newsbot extracts too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import trafilatura

    def read(page: Page, _: str) -> str:
        found = trafilatura.bare_extraction(
            page.body, url=page.url, include_comments=False, with_metadata=True
        )
        return getattr(found, "text", None) or ""

    return read


def _speed(cases: Cases, read: Callable[[Page, str], str]) -> float:
    """Return the best of some rounds, in pages per second of processor time."""
    for page, site, _ in cases[:5]:
        read(page, site)
    best = 0.0
    for _ in range(ROUNDS):
        started = time.process_time()
        for page, site, _ in cases:
            read(page, site)
        best = max(best, len(cases) / (time.process_time() - started))
    return best


def _has_boilerplate(text: str) -> bool:
    lines = filter(None, text.splitlines())
    return any(is_byline(line) or any(r.pattern.match(line) for r in RULES) for line in lines)


def _f1(one: str, other: str) -> float:
    first, second = Counter(re.findall(r"\w+", one)), Counter(re.findall(r"\w+", other))
    both = sum((first & second).values())
    return 2 * both / max(1, sum(first.values()) + sum(second.values()))


if __name__ == "__main__":
    main()

"""Which of a seed's selectors find something on a page, now and when it was captured."""

from collections.abc import Iterator
from dataclasses import dataclass

from newsbot.extract.document import decode, parse
from newsbot.extract.rules import found_by, selectors_of
from newsbot.models import Page
from newsbot.sites.seed import Selector
from newsbot.sites.site import Site


@dataclass(frozen=True, slots=True)
class Finds:
    """What one selector of a seed finds: now, and before (None without an earlier capture)."""

    key: str
    selector: str
    now: int
    before: int | None

    @property
    def is_lost(self) -> bool:
        """Whether it found something and no longer does."""
        return bool(self.before) and not self.now


def finds(site: Site, now: Page, before: Page | None) -> list[Finds]:
    """For every selector of the seed's ``select``, in the seed's order."""
    counts = _counts(site, now)
    earlier = {} if before is None else _counts(site, before)
    return [
        Finds(key, _written(selector), counts[key, position], earlier.get((key, position)))
        for key, position, selector in _all(site)
    ]


def _counts(site: Site, page: Page) -> dict[tuple[str, int], int]:
    document = parse(decode(page), page.url)
    if document is None:
        return {(key, position): 0 for key, position, _ in _all(site)}
    return {(key, at): found_by(document, selector, None) for key, at, selector in _all(site)}


def _all(site: Site) -> Iterator[tuple[str, int, Selector]]:
    for key in site.rules:
        for position, selector in enumerate(selectors_of(site, key)):
            yield key, position, selector


def _written(selector: Selector) -> str:
    """The selector as it stands in the seed."""
    return selector.css if selector.css is not None else str(selector.xpath)

"""Which of a seed's rules find something on a page: for noticing that a layout has changed."""

from datetime import date

from newsbot.extract.document import Document
from newsbot.extract.select import apply
from newsbot.sites.seed import Selector
from newsbot.sites.site import Site


def unmatched(document: Document, site: Site, day: date | None) -> tuple[str, ...]:
    """Keys of the seed's ``select`` whose selectors find nothing on the page."""
    return tuple(
        key
        for key in site.rules
        if not any(found_by(document, selector, day) for selector in selectors_of(site, key))
    )


def found_by(document: Document, selector: Selector, day: date | None) -> int:
    """How many things the selector finds on the page."""
    return sum(1 for _ in apply(document, selector, day))


def selectors_of(site: Site, key: str) -> tuple[Selector, ...]:
    """The selectors of one key of the seed's ``select``."""
    selectors: tuple[Selector, ...] = getattr(site.select, key)
    return selectors

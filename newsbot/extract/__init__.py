"""Extraction of a Page: pure functions without I/O or clock; each page is parsed once.

The modules that read pages are imported with the first page: a crawl extracts in worker processes
(``newsbot.workers.pool``) and does not need them itself.
"""

from newsbot._version import EXTRACTOR
from newsbot.extract.notes import explain
from newsbot.extract.pages import merge
from newsbot.extract.urls import article_id, canonical_url
from newsbot.models import Extraction, Page
from newsbot.sites.site import Site

__all__ = ["EXTRACTOR", "article_id", "canonical_url", "explain", "extract", "merge"]


def extract(page: Page, site: Site) -> Extraction:
    """Return everything that can be extracted from the page."""
    from newsbot.extract.reading import extract as read  # noqa: PLC0415 - 0.4 s that a crawl leaves to its workers

    return read(page, site)

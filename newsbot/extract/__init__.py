"""Page in, Extraction out: pure functions, no I/O, no clock, one parse for each page.

What reads pages is imported when the first page is read: a crawl has workers for that (``pool``).
"""

from newsbot._version import EXTRACTOR
from newsbot.extract.pages import merge
from newsbot.extract.urls import article_id, canonical_url
from newsbot.models import Extraction, Page
from newsbot.sites.site import Site

__all__ = ["EXTRACTOR", "article_id", "canonical_url", "extract", "merge"]


def extract(page: Page, site: Site) -> Extraction:
    """Return all that one page says, from one parse."""
    from newsbot.extract.reading import extract as read  # noqa: PLC0415 - 0.4 s that a crawl leaves to its workers

    return read(page, site)

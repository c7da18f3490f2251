"""The API that WordPress has beside its pages: a list in JSON, where no other way leads to all."""

from collections.abc import Iterator
from typing import Any, Final

from newsbot.doctor.drafting.visit import Visit
from newsbot.extract.document import decode
from newsbot.extract.json_pages import read_json_list
from newsbot.models import Page
from newsbot.sites.finders import ListPage
from newsbot.sites.site import Site

_REL: Final = "https://api.w.org/"
_PER_PAGE: Final = 20
_JSON: Final = {"url": "link", "title": "title.rendered", "published": "date"}
_PAGES: Final = 2  # read: the second must have other articles than the first


def wordpress_list(visit: Visit, site: Site) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """Return the list of posts as the seed's keys, with the articles on its first two pages.

    None if the home page names no such API, or it does not answer with articles.
    """
    root = next(_roots(visit), None)
    if root is None:
        return None
    url = f"{root}wp/v2/posts{'&' if '?' in root else '?'}per_page={_PER_PAGE}"
    keys = {"url": url, "pages": f"{url}&page={{page}}", "json": dict(_JSON)}
    found = _articles(visit, site, ListPage.model_validate(keys))
    return (keys, found) if found else None


def _roots(visit: Visit) -> Iterator[str]:
    for link in visit.home.document.root.iter("link"):
        url = visit.home.document.url(link.get("href"))
        if (link.get("rel") or "").lower() == _REL and url is not None and visit.site.owns(url):
            yield url


def _articles(visit: Visit, site: Site, listing: ListPage) -> tuple[str, ...]:
    """Return the articles on the pages of the list; none unless the first page has some."""
    found: dict[str, None] = {}
    for number in range(1, _PAGES + 1):
        url = listing.url if number == 1 else listing.page_url(number)
        page = visit.fetched(url or "")
        links = () if page is None else _links(page, site, listing)
        found |= dict.fromkeys(links)
        if not links:
            break
    return tuple(found)


def _links(page: Page, site: Site, listing: ListPage) -> tuple[str, ...]:
    read = read_json_list(decode(page), page, site, listing)
    return tuple(link.url for link in read.links)

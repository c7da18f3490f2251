"""The canonical URL and the id of an article."""

import hashlib
import re
from datetime import date
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from courlan import clean_url

from newsbot.models import Article
from newsbot.sites.site import Site

# "/berita/<id>/<slug>/2": the number after the slug counts the pages of one article.
_PAGE_IN_PATH = re.compile(r"^(?P<article>/.*/\d+/\d*[^/\d][^/]*)/(?P<page>[2-9]|[1-9]\d)/?$")
DAY_IN_URL = re.compile(r"/((?:19|20)\d{2})[/-]([01]?\d)[/-]([0-3]?\d)(?=[/-]|$)")
_PAGE_PARAMETERS: Final = ("page", "halaman", "hal", "p")


@lru_cache(maxsize=2048)
def canonical_url(url: str, site: Site | None) -> str:
    """Return the one URL for all addresses of a page, without trackers and fragment.

    On a known site: https, the main host, no AMP prefix, and for an article no page number and only
    the query parameters that the seed keeps. A URL with a non-standard port keeps its scheme.
    """
    try:
        parts = urlsplit(clean_url(url.strip()) or url.strip())
        port = parts.port
    except ValueError:  # "http://[::1", "http://host:99999": leave it as it is
        return url.strip()
    parts = parts._replace(fragment="")
    if site is None or (parts.hostname or "") not in site.hosts:
        return urlunsplit(parts)
    host = site.urls.hosts.get(parts.hostname or "", parts.hostname or "")
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    scheme = "https" if port in (None, 80, 443) else parts.scheme
    path, query = parts.path or "/", parts.query
    if site.article_match(urlunsplit(parts)) is not None:
        path = path.removeprefix(site.urls.strip_prefix)
        if in_path := _PAGE_IN_PATH.match(path):
            path = in_path["article"]
        query = _kept_parameters(query, site.urls.keep_query)
    return urlunsplit((scheme, netloc, path, query, ""))


def page_number(url: str, site: Site) -> int:
    """Return the number of the page of a multi-page article in the URL; 1 if it has none.

    A parameter that identifies articles counts no pages: WordPress numbers its articles ``?p=12``.
    """
    parts = urlsplit(url)
    for key, value in parse_qsl(parts.query):
        if key in site.urls.keep_query:
            continue
        if key.lower() in _PAGE_PARAMETERS and value.isdigit() and len(value) <= 3:
            return max(1, int(value))
    in_path = _PAGE_IN_PATH.match(parts.path)
    return int(in_path["page"]) if in_path else 1


def day_in_url(url: str) -> date | None:
    """Return the day in the URL's path, as in ``/2025/02/28/``; None if it has none."""
    found = DAY_IN_URL.search(url)
    try:
        return None if found is None else date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def article_id(canonical: str, site: Site | None) -> str:
    """Return the publisher's own id, ``<host>:<kind>:<number>``, else a hash of the canonical URL.

    The number alone is not unique: regional and English hosts number separately.
    """
    match = site.article_match(canonical) if site is not None and site.owns(canonical) else None
    if site is not None and match is not None and (number := match.groupdict().get("number")):
        host = urlsplit(canonical).hostname or ""
        return f"{site.urls.hosts.get(host, host)}:{kind_of(canonical, site)}:{number}"
    return f"sha256:{hashlib.sha256(canonical.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def at_own_address(article: Article, site: Site) -> Article:
    """Return the article with the identity of its page's own address, not of its canonical link."""
    url = canonical_url(article.url, site)
    return article.model_copy(update={"canonical_url": url, "id": article_id(url, site)})


def kind_of(url: str, site: Site) -> str:
    """Return the kind of article according to the URL's path; "article" by default."""
    match = site.article_match(url)
    word = match.groupdict().get("kind") if match is not None else None
    return site.urls.kinds.get(word or "", "article")


def _kept_parameters(query: str, keys: tuple[str, ...]) -> str:
    return urlencode([pair for pair in parse_qsl(query) if pair[0] in keys])

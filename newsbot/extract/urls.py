"""One URL and one id for an article, however the page was reached."""

import hashlib
import re
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from courlan import clean_url

from newsbot.sites.site import Site

# "/berita/<id>/<slug>/2": the number after the slug counts the pages of one article.
_PAGE_IN_PATH = re.compile(r"^(?P<article>/.*/\d+/\d*[^/\d][^/]*)/(?P<page>[2-9]|[1-9]\d)/?$")
_PAGE_KEYS: Final = ("page", "halaman", "hal", "p")


@lru_cache(maxsize=2048)
def canonical_url(url: str, site: Site | None) -> str:
    """The one URL for all addresses of a page: no tracker, no fragment, the publisher's rules.

    On a known site: https, the main host, no AMP prefix, and for an article no page number and only
    the query parameters that the seed keeps. An address with a port of its own keeps its scheme.
    """
    try:
        parts = urlsplit(clean_url(url.strip()) or url.strip())
        port = parts.port
    except ValueError:  # "http://[::1", "http://host:99999": nothing to tidy
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
        query = _kept(query, site.urls.keep_query)
    return urlunsplit((scheme, netloc, path, query, ""))


def page_number(url: str) -> int:
    """Return which page of a multi-page article the URL asks for; 1 if it names none."""
    parts = urlsplit(url)
    for key, value in parse_qsl(parts.query):
        if key.lower() in _PAGE_KEYS and value.isdigit() and len(value) <= 3:
            return max(1, int(value))
    in_path = _PAGE_IN_PATH.match(parts.path)
    return int(in_path["page"]) if in_path else 1


def article_id(canonical: str, site: Site | None) -> str:
    """Return the publisher's own id, ``<host>:<kind>:<number>``, else a hash of the canonical URL.

    The number alone is not a key: regional and English hosts count for themselves.
    """
    match = site.article_match(canonical) if site is not None and site.owns(canonical) else None
    if site is not None and match is not None and (number := match.groupdict().get("number")):
        host = urlsplit(canonical).hostname or ""
        return f"{site.urls.hosts.get(host, host)}:{kind_of(canonical, site)}:{number}"
    return f"sha256:{hashlib.sha256(canonical.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def kind_of(url: str, site: Site) -> str:
    """Return the kind of article that the URL's path tells; "article" where it does not."""
    match = site.article_match(url)
    word = match.groupdict().get("kind") if match is not None else None
    return site.urls.kinds.get(word or "", "article")


def _kept(query: str, keys: tuple[str, ...]) -> str:
    return urlencode([pair for pair in parse_qsl(query) if pair[0] in keys])

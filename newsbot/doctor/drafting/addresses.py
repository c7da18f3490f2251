"""Which addresses of a site are articles', judged before there is a pattern for them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from newsbot.doctor.drafting.visit import Visit
from newsbot.doctor.drafting.ways import Feed, Sitemaps
from newsbot.hints import Hints
from newsbot.sites.article_pattern import NO_ARTICLES, form_of, kept_query, looks_like_article

_STATIC = re.compile(
    r"about|tentang|contact|kontak|hubungi|redaksi|privacy|privasi|disclaimer|terms|syarat|ketentuan"
    r"|pedoman|iklan|advertis|karir|career|login|masuk|register|daftar|subscri|langganan|sitemap"
    r"|cookie|impressum|imprint|search|cari|kode-etik|kebijakan|newsletter|faq|help|404",
    re.IGNORECASE,
)
_PAGING = re.compile(r"/(?:page|halaman)/?\d+/?$|/(?:index|page)\d+\.html?$")
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|zip|mp[34]|xml|json|rss|atom|css|js|ico)$", re.IGNORECASE
)
_HEADLINE_WORDS: Final = 4
_MENU_WORDS: Final = 2
_FEWEST: Final = 3
_SAME: Final = 0.2  # of the most frequent form's count: a form so frequent may be of articles too


@dataclass(slots=True)
class Addresses:
    """The addresses of a site, each once: articles, and pages that are none.

    ``hints`` has what feeds and sitemaps say of articles; ``evidence`` is where these were found.
    """

    articles: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    hints: dict[str, Hints] = field(default_factory=dict)
    evidence: str = ""


def sort_addresses(visit: Visit, feeds: Sequence[Feed], sitemaps: Sitemaps) -> Addresses:
    """Return the addresses that feeds, sitemaps and the home page name, sorted by what they are."""
    found = Addresses()
    certain = _certain(feeds, sitemaps, found.hints)
    everywhere = [*visit.home.anchors, *((link.url, "") for link in sitemaps.links)]
    known = set(certain)
    found.others = list(
        dict.fromkeys(
            [
                *(url for url in sitemaps.others if url not in known),
                *(
                    url
                    for url, text in everywhere
                    if url not in known and _is_other(url, text, visit)
                ),
                *_parents(certain),
            ]
        )
    )
    foreign = set(found.others)
    if certain:
        forms = {form_of(url) for url in certain}
        of_form = ((url, text) for url, text in everywhere if form_of(url) in forms)
        more = [(url, text) for url, text in of_form if url not in foreign]
        found.evidence = _named(feeds, sitemaps)
        found.articles = certain if kept_query(certain) else _with_more(certain, more, sitemaps)
    else:
        found.articles = _by_their_look(everywhere, foreign)
        found.evidence = "the sitemap and the home page" if sitemaps.links else "the home page"
    taken = set(found.articles)
    found.others = [url for url in found.others if url not in taken]
    return found


def _certain(feeds: Sequence[Feed], sitemaps: Sitemaps, hints: dict[str, Hints]) -> list[str]:
    """Return what feeds and news sitemaps name; what they say of each goes into ``hints``."""
    for feed in feeds:
        for link in feed.links:
            hints.setdefault(link.url, link.hints)
    named = list(hints)
    for link in sitemaps.links:
        if link.hints.title or link.hints.published_at:
            hints.setdefault(link.url, link.hints)
            named.append(link.url)
    named += (link.url for link in sitemaps.sure if not _is_no_article(link.url))
    return list(dict.fromkeys(named))


def _named(feeds: Sequence[Feed], sitemaps: Sitemaps) -> str:
    return " and ".join(
        (["the feed"] if feeds else []) + (["the sitemap"] if sitemaps.links else [])
    )


def _with_more(certain: list[str], more: list[tuple[str, str]], sitemaps: Sitemaps) -> list[str]:
    """Return the certain addresses, and those of their form that are in their folders.

    Where articles are in no folder, any page may have their form: of these the sitemap's are taken,
    and the home page's that have a headline.
    """
    folders = {_first(url) for url in certain if _folder(url) != "/"}
    if folders:
        fits = [url for url, _ in more if _first(url) in folders or _first(url).isdigit()]
    else:
        mapped = {link.url for link in sitemaps.links}
        fits = [u for u, text in more if u in mapped or len(text.split()) >= _HEADLINE_WORDS]
    return list(dict.fromkeys([*certain, *fits]))


def _is_other(url: str, text: str, visit: Visit) -> bool:
    parts = urlsplit(url)
    if parts.path == urlsplit(visit.home.url).path and not parts.query:
        return True
    if url in visit.home.paging:
        return True
    stem = _stem(parts.path)
    is_menu = 0 < len(text.split()) <= _MENU_WORDS
    is_word = stem.count("-") <= 1 and not any(map(str.isdigit, parts.path + parts.query))
    return _is_no_article(url) or (is_menu and is_word)


def _is_no_article(url: str) -> bool:
    """Return whether the address says that the page is none: a list, a file, "about us"."""
    parts = urlsplit(url)
    path = parts.path.lower()
    if path in ("", "/") and not parts.query:
        return True
    if NO_ARTICLES.intersection([*path.strip("/").split("/")[:-1], _stem(path)]):
        return True
    is_static = _STATIC.match(_stem(path)) and _stem(path).count("-") <= 2 and path.count("/") <= 3
    return bool(_FILE.search(path) or _PAGING.search(path) or is_static)


def _stem(path: str) -> str:
    """Return the last segment of a path without its extension."""
    return path.rstrip("/").rpartition("/")[2].partition(".")[0]


def _parents(urls: Sequence[str]) -> Iterator[str]:
    """Yield the folders that several addresses are in: a section's page is no article."""
    counts = Counter(map(_folder, urls))
    for url in (url for url in urls if counts[_folder(url)] > 1):
        parts = urlsplit(url)
        folder = _folder(url)
        while folder != "/":
            yield parts._replace(path=folder, query="").geturl()
            folder = folder.rstrip("/").rpartition("/")[0] + "/"


def _by_their_look(found: list[tuple[str, str]], foreign: set[str]) -> list[str]:
    """Return the addresses that look like articles', of the most frequent forms."""
    texts: dict[str, str] = {}
    for url, text in found:
        texts[url] = max(texts.get(url, ""), text, key=len)
    looking = [
        url for url, text in texts.items() if url not in foreign and looks_like_article(url, text)
    ]
    forms = Counter(map(form_of, looking))
    most = max(forms.values(), default=0)
    fewest = max(_FEWEST, most * _SAME)
    return [url for url in looking if forms[form_of(url)] >= fewest]


def _folder(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[0] + "/"


def _first(url: str) -> str:
    return urlsplit(url).path.strip("/").split("/")[0]

"""How the pages of a list follow each other: what its links show, the surest first."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from urllib.parse import urljoin

from newsbot.doctor.drafting.visit import NEXT_WORDS, Visited
from newsbot.extract.select import text_of
from newsbot.sites.presets import Preset
from newsbot.sites.site import Site

# What the address of page 2 has behind that of page 1.
_PAGE_TWO = re.compile(
    r"(?P<before>/(?:page|p|halaman)/|/(?:index|page)?|/?(?:index\.(?:html?|php))?\?(?:[^#]*&)?"
    r"(?:page|paged|halaman|hal|p|pg)=|)2(?P<after>(?:\.html?)?/?(?:&[^#]*)?)"
)
_LONGEST_URL: Final = 1000
_PAGE_NUMBER = re.compile(r"[2-9]|1\d")
_NUMBER = re.compile(r"(?<!\d)(?:0|[1-9]\d{0,4})(?!\d)")
_OF_A_MONTH = re.compile(r"(?:19|20)\d\d[/-]\d{1,2}[/-]$")  # what follows are days
_MOST_NUMBERS: Final = 12  # in a pager; a calendar has more
_MOST_NUMBERED: Final = 200  # links
_PLAIN_CLASS = re.compile(r"[a-z][a-z0-9_-]*")


def ways_to_next_page(
    page: Visited, site: Site, presets: Sequence[Preset]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the possible ways to the second page, the surest first, each with what it rests on."""
    templates = dict.fromkeys(_templates(page))
    for template in list(templates)[:2]:
        yield {"pages": template}, "the list links to its page 2"
    for keys in islice((one for one in _numbered(page) if one["pages"] not in templates), 2):
        yield keys, "the list has numbered links to its pages"
    for selector in _next_selectors(page, site):
        yield {"next": [selector]}, "the list links to its following page"
    for preset in presets:
        if preset.pages is not None and not templates:
            yield {"pages": urljoin(page.url, preset.pages)}, f"usual with {preset.name}"


def _templates(page: Visited) -> Iterator[str]:
    """Yield templates made of the links to page 2 of this list."""
    base = re.sub(r"/(?:index\.(?:html?|php))?$|\.html?$", "", page.url.partition("?")[0])
    rels = [link for link in page.document.root.iter("link") if "next" in (link.get("rel") or "")]
    named = [page.document.url(link.get("href")) or "" for link in rels]
    for url in (*named, *(url for url, _ in page.anchors)):
        if not url.startswith(base) or len(url) > _LONGEST_URL or "{" in url:
            continue
        found = _PAGE_TWO.fullmatch(url.removeprefix(base))
        if found is not None:
            yield f"{base}{found['before']}{{page}}{found['after']}"


def _numbered(page: Visited) -> Iterator[dict[str, Any]]:
    """Yield ways made of links whose text is a page's number: by page, or by items before it."""
    numbers: defaultdict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    linked = ((url, text) for url, text in page.anchors if _PAGE_NUMBER.fullmatch(text))
    for url, text in islice(linked, _MOST_NUMBERED):
        if len(url) > _LONGEST_URL or "{" in url:
            continue
        for found in _NUMBER.finditer(url, url.find("/", len("https://"))):
            around = url[: found.start()], url[found.end() :]
            numbers[around][int(text)] = int(found[0])
    for (before, after), values in numbers.items():
        step = _step(values)
        if step is None or _OF_A_MONTH.search(before):
            continue
        if step == 0:
            yield {"pages": f"{before}{{page}}{after}"}
        else:
            yield {"pages": f"{before}{{offset}}{after}", "per_page": step}


def _step(values: Mapping[int, int]) -> int | None:
    """Return by how much the number in the address grows with each page; 0 if it is the page's.

    None where the two do not go together, or only one page is known.
    """
    if not 1 < len(values) <= _MOST_NUMBERS:
        return None
    if all(number == value for number, value in values.items()):
        return 0
    steps = {value / (number - 1) for number, value in values.items()}
    step = steps.pop()
    return int(step) if not steps and step >= 1 and step.is_integer() else None


def _next_selectors(page: Visited, site: Site) -> Iterator[Any]:
    for anchor in page.document.root.iter("a"):
        url = page.document.url(anchor.get("href"))
        if url is None or not site.owns(url) or url == page.url:
            continue
        if "next" in (anchor.get("rel") or "").lower().split():
            yield "a[rel=next]"
        elif re.search(NEXT_WORDS, text_of(anchor)) and not site.is_article(url):
            names = (anchor.get("class") or "").split()
            yield from (
                f"a.{name}" for name in names if _PLAIN_CLASS.fullmatch(name) and "next" in name
            )
            yield from (f"a.{name}" for name in names if "older" in name)
            yield {"css": "a", "text": NEXT_WORDS}
            return
    if any(
        "next" in (link.get("rel") or "").lower().split()
        for link in page.document.root.iter("link")
    ):
        yield {"css": "link[rel=next]", "attr": "href"}

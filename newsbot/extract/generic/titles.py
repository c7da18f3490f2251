"""The headline, without the name of the site."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final
from urllib.parse import urlsplit

from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import one_line
from newsbot.extract.select import text_of

_SEPARATOR = re.compile(
    r"(?<!\s)\s+[-–—|·•»:~]{1,2}\s+|(?:(?<!\s)\s+)?(?:\||::)\s*|(?<=[^\x00-\x7f]):(?=\w)"
)
_LONGEST_NAME: Final = 45
_TITLE_PARTS = re.compile(r"(?<!\s)\s+[-–—|·•»:]\s+|(?:(?<!\s)\s+)?(?:[|_]|--)\s*")
_META: Final = ("twitter:title", "headline", "title", "dc.title", "dcterms.title")
_HEADINGS: Final = 6
_COMPARED: Final = 200
_LIKE: Final = 0.45
_TELLING: Final = 5  # letters of a name that may be followed by a section: "Contoh.com Bola"
_PART: Final = 10  # letters: shorter headings are sections, not headlines


def headline(
    document: Document, metadata: Metadata, names: Iterable[str | None], url: str
) -> str | None:
    """Return the headline of a page without rules: what most of the places that name it agree on.

    JSON-LD counts for a little more than og:title, that for more than the first <h1>; other meta
    and <title> only tip the scales. Where the <h1> is the chosen title less a kicker or the site's
    name, the <h1> is taken.
    """
    known = list(names)
    headings = [text for e in document.root.iter("h1") if (text := text_of(e))][:_HEADINGS]
    others = metadata.first(*_META)
    told = (metadata.text("headline"), metadata.first("og:title"), metadata.heading_title)
    places = (
        (1.2, told[0]), (1.1, told[1]),
        (1.0, _nearest(headings, told)), (0.5, others), (0.4, metadata.heading_title),
    )  # fmt: skip
    if not any(title for _, title in places[:2]) and not others:
        return _by_title(headings, metadata.heading_title, known, url)
    votes: dict[str, float] = {}
    spelt: dict[str, str] = {}
    for weight, raw in places:
        if raw and (title := without_site_name(one_line(raw), known, url)):
            votes[_letters(title)] = votes.get(_letters(title), 0) + weight
            spelt.setdefault(_letters(title), title)
    chosen = spelt[max(votes, key=lambda letters: votes[letters])]
    return next((part for part in headings if _is_part(part, chosen)), chosen)


def _nearest(headings: list[str], told: Iterable[str | None]) -> str | None:
    """The heading most like one of the titles that machines are told, if any is like them."""
    titles = [_letters(title)[:_COMPARED] for title in told if title]
    likeness = {
        heading: max((_ratio(_letters(heading)[:_COMPARED], title) for title in titles), default=0)
        for heading in headings
    }
    best = max(headings, key=lambda heading: likeness[heading], default=None)
    return best if best is not None and likeness[best] >= _LIKE else None


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def without_site_name(title: str, names: Iterable[str | None], url: str) -> str:
    """Return the title less a site's name at its end or start, "Judul - ANTARA News".

    ``names`` are the names that page and seed give the site; the host's own name counts too.
    """
    known = {_letters(name) for name in names if name} | _host_names(url)
    known.discard("")
    for _ in range(3):
        shorter = _less_one(title, known)
        if shorter == title:
            break
        title = shorter
    return title


def same(first: str | None, second: str | None) -> bool:
    """Return whether two headlines are the same but for case, spaces and punctuation."""
    return bool(first and second) and _letters(first or "") == _letters(second or "")


def _is_part(heading: str, title: str) -> bool:
    """Return whether the title is the heading with something before or after a separator."""
    parts = [_letters(part) for part in _SEPARATOR.split(title)]
    letters = _letters(heading)
    return len(letters) >= _PART and letters in (parts[0], parts[-1]) and len(parts) > 1


def _by_title(
    headings: list[str], title: str | None, names: Iterable[str | None], url: str
) -> str | None:
    """Heading and <title> only: the heading, unless it is the lesser part of the title."""
    if not title:
        return headings[0] if headings else None
    if (heading := _nearest(headings, [title])) is not None:
        return heading
    parts = [part.strip() for part in _TITLE_PARTS.split(title)]
    longest = max(parts, key=len)
    if headings and _letters(headings[0]) not in {_letters(p) for p in parts if p != longest}:
        return headings[0]
    return longest if len(parts) > 1 else without_site_name(title, names, url)


def _less_one(title: str, known: set[str]) -> str:
    parts = list(_SEPARATOR.finditer(title))
    if not parts:
        return title
    last, first = parts[-1], parts[0]
    if _is_name(title[last.end() :], known) and last.start() > 0:
        return title[: last.start()].strip()
    if _is_name(title[: first.start()], known) and first.end() < len(title):
        return title[first.end() :].strip()
    return title


def _is_name(text: str, known: set[str]) -> bool:
    letters = _letters(text)
    if not letters or len(text) > _LONGEST_NAME:
        return False
    return letters in known or any(
        letters.startswith(name) for name in known if len(name) >= _TELLING
    )


def _host_names(url: str) -> set[str]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    names = {_letters(host)}
    if len(labels) > 1:
        names |= {_letters(label) for label in labels[:-1] if len(label) > 3}
    return names


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()

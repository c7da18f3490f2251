"""Bylines without any label: a name beside the date or the site, right below the headline."""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from lxml.etree import _Element as Element

from newsbot.extract.date_labels import is_date_line
from newsbot.extract.document import Document
from newsbot.extract.generic.names import looks_like_name, name_key
from newsbot.extract.organisations import is_organisation
from newsbot.extract.select import text_of

_NEAR: Final = 40  # elements after the headline
_LONGEST: Final = 120  # characters
_MOST_WORDS: Final = 4
_PART = re.compile(r"(?<!\s)\s+[-–—]{1,2}\s+|(?:(?<!\s)\s+)?[|·•,]\s*")
_NAME_WORD = re.compile(r"[^\W\d_a-z][^\W\d_]{0,30}(?:[.'’-][^\W\d_]{0,30})?\.?")
_LINES: Final = frozenset({"div", "p", "span", "li", "small", "address", "em"})
# Sections and places stand there too: "Gaya Hidup - 27 November 2025".
_NO_PERSON = re.compile(
    r"\b(?:hidup|news|berita|(?:inter)?nasional|ekonomi|bisnis|olahraga|politik|hukum|kriminal"
    r"|daerah|dunia|teknologi|hiburan|kesehatan|opini|terkini|utama|umum|metro|megapolitan"
    r"|pendidikan|wisata|kuliner|otomotif|peristiwa|keuangan|properti|lingkungan|budaya|seni|ragam"
    r"|jawa|sumatera|kalimantan|sulawesi|papua|barat|timur|tengah|selatan|utara|kota|kabupaten"
    r"|provinsi|jakarta|world|business|sports?|politics|life|lifestyle|style|health|science"
    r"|technology|opinion|culture|arts|travel|food|money|markets|finance|education|environment"
    r"|local|regional|breaking|top|stories|home|north|south|east|west|new|united|city|county)\b",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b\d{1,2}[:.]\d\d\b(?![.\d])")
_LABEL_START = re.compile(r"(?:oleh|by|foto|photo|editor|penulis|reporter)\b", re.IGNORECASE)


def unlabelled_name(
    document: Document, headline: Element | None, site_names: Collection[str]
) -> Iterator[str]:
    """Yield the name in "Siti Rahma - Kabar Desa" or "Siti Rahma | 27 November 2025", if any.

    What stands beside the name tells it from a section or a place: the site's own name, that of an
    agency or site, or a date, in the same line or in the element next to it.

    Args:
        site_names: names of the site, as ``name_key`` gives them.
    """
    if headline is None:
        return
    for element in islice(_from(document, headline), _NEAR):
        if element.tag not in _LINES or element is headline:
            continue
        text = text_of(element)
        if not text or len(text) > _LONGEST:
            continue
        name, _, rest = _parted(text)
        beside = rest or _next_text(element)
        if _is_full_name(name, site_names) and _tells(beside, site_names):
            if any(text_of(link) == name for link in document.root.iter("a")):
                return  # a section: a person's link is evidence that was read before
            yield name
            return


def _from(document: Document, headline: Element) -> Iterator[Element]:
    """Yield the elements from the headline on."""
    found = False
    for element in document.root.iter():
        found = found or element is headline
        if found:
            yield element


def _parted(text: str) -> tuple[str, str, str]:
    match = _PART.search(text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")


def _next_text(element: Element) -> str:
    following = element.getnext()
    text = text_of(following) if following is not None and following.tag in _LINES else ""
    return text if len(text) <= _LONGEST and _tells_time(text) else ""


def _tells_time(text: str) -> bool:
    """Return whether a text has a time of day, as dates of articles do and others seldom have."""
    return _TIME.search(text) is not None or not is_date_line(text)


def _is_full_name(name: str, site_names: Collection[str]) -> bool:
    return (
        2 <= len(name.split()) <= _MOST_WORDS
        and all(map(_NAME_WORD.fullmatch, name.split()))
        and looks_like_name(name, strict=True)
        and _LABEL_START.match(name) is None
        and _NO_PERSON.search(name) is None
        and not is_organisation(name)
        and name_key(name) not in site_names
    )


def _tells(beside: str, site_names: Collection[str]) -> bool:
    """Return whether a text is a date, or names a site first."""
    first, _, rest = _parted(beside)
    if not first:
        return False
    site = name_key(first) in site_names or is_organisation(first)
    return is_date_line(beside) or (site and (not rest or is_date_line(rest)))

"""The dateline before a story's first sentence: place, agency and sometimes a date."""

import re
from dataclasses import dataclass
from typing import Final

from newsbot.models import Dateline

_AGENCY = r"(?P<agency>(?:ANTARA|Antara)(?:\s?News)?(?:\s?[/-]\s?[^()\n]{1,40})?)"
_OTHER_AGENCIES = r"(?P<other>Anadolu|Xinhua|AFP|AP|Reuters|Kyodo|Bernama|Sputnik|TASS|VNA|Yonhap)"
_DASH = r"\s*(?P<dash>[-–—−]{1,3})\s*"
# A place: at most 80 characters, without sentence punctuation; a date may follow it.
_PLACE = r"(?P<place>[^()\n:;!?\"“”]{0,80}?)"
_DATELINES: Final = (
    re.compile(rf"^{_PLACE}[\s,]*\(\s*{_AGENCY}\s*\)(?:{_DASH}|\s+(?=[A-Z\"“'‘])|\s*$)"),
    re.compile(rf"^{_PLACE}[\s,]*\(\s*{_OTHER_AGENCIES}\s*\){_DASH}"),
    re.compile(rf"^(?P<place>)(?P<agency>ANTARA|Antara)(?=\s*[-–—]){_DASH}"),
)
# Glued to the preceding text: "…dikontrolJakarta (ANTARA) -".
_GLUED_DATELINE = re.compile(
    r"(?:(?<=[a-z\d%.?!”\"’)])|(?<=[A-Z][A-Z])(?=[A-Z][a-z]))"
    r"(?P<start>(?:[A-Z][\w.'-]{0,40}(?:[ ,]{1,2}[A-Z][\w.'-]{0,40}){0,5},?\s?)?"
    r"\(\s?(?:ANTARA|Antara)[^()]{0,40}\)\s*[-–—])"
)
_DATE_AFTER_PLACE = re.compile(
    r"(?:,\s*|(?<!\s)\s+)?(?:(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2}(?:,\s*\d{4})?)"
    r"|\d{1,2}[ /.-](?:[A-Z][a-z]{2,8}|\d{1,2})[ /.-]?(?:\d{4})?)\s*$"
)
_PLACE_WORDS: Final = 9


@dataclass(frozen=True, slots=True)
class Opening:
    """A story's first paragraph, split into the dateline and the rest."""

    dateline: Dateline
    rest: str
    date: str | None


def read_dateline(paragraph: str) -> Opening | None:
    """Return the dateline at the start of a paragraph, the text after it and the date in it."""
    for pattern in _DATELINES:
        match = pattern.match(paragraph)
        if match is None:
            continue
        printed = match["place"].strip(" ,-–—")
        place, date = _without_date(printed)
        if not _is_place(place):
            continue
        groups = match.groupdict()
        agency = " ".join((groups.get("agency") or groups.get("other") or "").split())
        end = match.start("dash") if groups.get("dash") else match.end()
        raw = paragraph[: end if end >= 0 else match.end()].strip()
        return Opening(
            Dateline(place=place or None, agency=agency, raw=raw), paragraph[match.end() :], date
        )
    return None


def split_before_dateline(paragraph: str) -> tuple[str, str] | None:
    """Return a pull quote and the paragraph with a dateline that is glued to its end."""
    match = _GLUED_DATELINE.search(paragraph[:700])
    if match is None:
        return None
    return paragraph[: match.start()].strip(), paragraph[match.start() :]


def _without_date(place: str) -> tuple[str, str | None]:
    match = _DATE_AFTER_PLACE.search(place)
    if match is None:
        return place, None
    return place[: match.start()].strip(" ,"), match[0].strip(" ,")


def _is_place(place: str) -> bool:
    words = place.replace(",", " ").split()
    if not words:
        return True
    return (
        len(words) <= _PLACE_WORDS and words[0][0].isupper() and "." not in place[:-1].rstrip(".")
    )

"""Responsive pictures: which candidates of a ``srcset`` a browser takes.

Sources: the HTML Standard, "Parsing a srcset attribute" and "Parsing a sizes attribute", and how
Chromium chooses among the candidates for a screen with one device pixel to a CSS pixel.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_VIEWPORT: Final = 1280.0  # CSS pixels: the window of a desktop browser
_EM: Final = 16.0  # CSS pixels
_MOST: Final = 50  # candidates read of a srcset, and sizes of a list
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(px|vw|em|rem)")
_MEDIA = re.compile(r"\(\s*(min|max)-width\s*:\s*(\d{1,6}(?:\.\d{1,6})?)(px|em|rem)\s*\)")
_DESCRIPTOR = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([wx])")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address in a srcset, with its width in pixels or its pixel density."""

    url: str
    width: float | None = None
    density: float | None = None


def candidates(srcset: str) -> Iterator[Candidate]:
    """Yield the candidates of a srcset, at most 50."""
    at, found = 0, 0
    while at < len(srcset) and found < _MOST:
        while at < len(srcset) and (srcset[at].isspace() or srcset[at] == ","):
            at += 1
        start = at
        while at < len(srcset) and not srcset[at].isspace():
            at += 1
        url, descriptor = srcset[start:at], ""
        if not url.endswith(","):
            end = srcset.find(",", at)
            end = len(srcset) if end < 0 else end
            descriptor, at = srcset[at:end], end
        if url := url.rstrip(","):
            found += 1
            yield _candidate(url, descriptor)


def _candidate(url: str, descriptor: str) -> Candidate:
    match = _DESCRIPTOR.fullmatch(descriptor.strip())
    if match is None:
        return Candidate(url, density=1.0)
    value = float(match[1])
    return Candidate(url, width=value) if match[2] == "w" else Candidate(url, density=value)


def chosen(srcset: str, sizes: str) -> Iterator[str]:
    """Yield the address that a browser takes, and that of the largest picture."""
    slot = _slot_width(sizes)
    found = [(_density(one, slot), one.url) for one in candidates(srcset)]
    if not found:
        return
    found.sort()
    yield next((url for density, url in found if density >= 1), found[-1][1])
    yield found[-1][1]


def _density(candidate: Candidate, slot: float) -> float:
    if candidate.width is not None:
        return candidate.width / slot
    return candidate.density or 1.0


def _slot_width(sizes: str) -> float:
    """Return how wide the picture is shown, in CSS pixels; the whole window if it is not said."""
    for part in sizes[:2000].split(",")[:_MOST]:
        size = _SIZE.search(part.rpartition(")")[2])
        if size is not None and matches(part):
            value, unit = float(size[1]), size[2]
            width = value * (_VIEWPORT / 100 if unit == "vw" else _EM if "em" in unit else 1)
            return width or 1.0
    return _VIEWPORT


def matches(media: str) -> bool:
    """Return whether a desktop browser's window meets the widths that a media condition names."""
    for bound, value, unit in _MEDIA.findall(media[:500]):
        width = float(value) * (1 if unit == "px" else _EM)
        if (width > _VIEWPORT) if bound == "min" else (width < _VIEWPORT):
            return False
    return "print" not in media[:500]

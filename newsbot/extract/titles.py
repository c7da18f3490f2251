"""The headline, without the name of the site."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

_SEPARATOR = re.compile(r"\s+[-–—|·•»:~]{1,2}\s+|\s*\|\s*|\s*::\s*")
_LONGEST_NAME: Final = 45


def without_site_name(title: str, names: Iterable[str | None], url: str) -> str:
    """The title less a site's name at its end or start, "Judul - ANTARA News".

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
    """Whether two headlines are the same but for case, spaces and punctuation."""
    return bool(first and second) and _letters(first or "") == _letters(second or "")


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
    return len(text) <= _LONGEST_NAME and letters in known


def _host_names(url: str) -> set[str]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    names = {_letters(host)}
    if len(labels) > 1:
        names |= {_letters(label) for label in labels[:-1] if len(label) > 3}
    return names


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()

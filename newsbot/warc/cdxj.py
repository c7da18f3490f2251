"""CDXJ index lines, as pywb and ReplayWeb.page read them (webrecorder/specs, CDXJ 1.0)."""

import json
import re
import warnings
from collections.abc import Callable
from datetime import datetime
from functools import cache

from newsbot.warc.records import timestamp

_to_json = json.JSONEncoder(ensure_ascii=False).encode
_NOT_DIGITS = str.maketrans("", "", "-:T")
# The SURT of such a URL differs from it only in the order of the host's labels.
_SIMPLE_URL = re.compile(
    r"https?://(?:www\d*\.)?+([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+)"
    r"((?:/[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)*)/?(\?page=\d{1,9})?"
)


def line(
    url: str,
    date: datetime,
    *,
    mime: str,
    status: int | None,
    digest: str | None,
    offset: int,
    length: int,
    filename: str,
) -> str:
    """Return one index line, without a line feed: sort key, 14-digit UTC time, JSON.

    Sort the lines bytewise. ``digest`` keeps its ``sha1:`` prefix; ``offset`` and ``length`` are
    bytes of the gzip member, as strings, as readers expect.
    """
    fields = {
        "url": url,
        "mime": mime,
        "status": None if status is None else str(status),
        "digest": digest,
        "length": str(length),
        "offset": str(offset),
        "filename": filename,
    }
    stamp = timestamp(date)[:19].translate(_NOT_DIGITS)
    present = {name: value for name, value in fields.items() if value is not None}
    return f"{sort_key(url)} {stamp} {_to_json(present)}"


def sort_key(url: str) -> str:
    """Return the URL's SURT, by which the index is sorted, as the ``surt`` library makes it.

    Simple URLs are converted here, which takes a twentieth of the time.
    """
    simple = _SIMPLE_URL.fullmatch(url)
    if simple is None:
        try:
            return _surt()(url)
        except ValueError:  # what nobody can have fetched, such as a port beyond 65535
            return url.replace(" ", "%20")
    host, path, query = simple.groups(default="")
    return f"{','.join(reversed(host.split('.')))}){path or '/'}{query}"


@cache
def _surt() -> Callable[[str], str]:
    """Return the ``surt`` function; imported on first use, as it loads a whole HTTP client."""
    with warnings.catch_warnings():  # its regular expressions are not raw strings; harmless
        warnings.simplefilter("ignore")
        from surt import surt  # noqa: PLC0415 - it brings a whole HTTP client: 0.2 s

    return surt  # type: ignore[no-any-return]

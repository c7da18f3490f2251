"""CDXJ index lines, as pywb and ReplayWeb.page read them (webrecorder/specs, CDXJ 1.0)."""

import json
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache


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
    """One index line, without a line feed: sort key, 14-digit UTC time, JSON.

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
    stamp = date.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    kept = {name: value for name, value in fields.items() if value is not None}
    return f"{_surt()(url)} {stamp} {json.dumps(kept, ensure_ascii=False)}"


@cache
def _surt() -> Callable[[str], str]:
    """Imported with the first line, by the thread that writes: it brings a whole HTTP client."""
    with warnings.catch_warnings():  # its regular expressions are not raw strings; harmless
        warnings.simplefilter("ignore")
        from surt import surt

    return surt  # type: ignore[no-any-return]

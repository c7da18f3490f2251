"""Whether an article can be read in full, or a paywall hides the rest of it."""

import re
from collections.abc import Sequence
from typing import Any, Final

from newsbot.extract.body import Line
from newsbot.extract.metadata import Metadata
from newsbot.models import Access

_LAST_LINES: Final = 8  # where the notice stands, behind the visible beginning
_LONGEST: Final = 400  # characters of a notice
_NOTICE = re.compile(
    r"\b(?:subscribe|sign up|log ?in|register)\b[^.!?]{0,40}\bto (?:continue|keep) reading\b"
    r"|\b(?:subscribe|register)\b[^.!?]{0,20}\bto read (?:the )?(?:full|whole|rest|entire)\b"
    r"|\bto (?:continue|keep) reading\b[^.!?]{0,40}\b(?:subscribe|log ?in|sign up|register)\b"
    r"|\bthis (?:article|story|content) is\b[^.!?]{0,40}\b(?:subscribers|members)\b"
    r"|\b(?:for|to) (?:subscribers|members) only\b|^(?:subscribers|members) only\b"
    r"|\bunlock (?:this|the (?:full|rest))\b"
    r"|\b(?:berlangganan|langganan|masuk|login|daftar)\b[^.!?]{0,40}"
    r"\buntuk (?:terus |lanjut |melanjutkan |bisa )?(?:membaca|baca)\b"
    r"|\buntuk (?:terus |lanjut |melanjutkan )(?:membaca|baca)\b[^.!?]{0,60}"
    r"\b(?:berlangganan|langganan|masuk|login|daftar)\b"
    r"|\b(?:artikel|berita|konten) (?:ini )?(?:khusus|hanya)\b[^.!?]{0,30}"
    r"\b(?:pelanggan|anggota|member)\b",
    re.IGNORECASE,
)
_FALSE: Final = ("false", "no", "http://schema.org/false", "https://schema.org/false")


def read_access(metadata: Metadata, lines: Sequence[Line]) -> tuple[list[Line], Access | None]:
    """Return the lines before the notice of a paywall, and whether there is a paywall.

    The page says so by ``isAccessibleForFree`` (schema.org, "Subscription and paywalled content")
    or in words, which stand behind the visible beginning of the text.
    """
    first = max(0, len(lines) - _LAST_LINES)
    notice = next((n for n in range(first, len(lines)) if _is_notice(lines[n])), None)
    if notice is not None:
        return list(lines[:notice]), "paywalled"
    return list(lines), "paywalled" if _is_declared(metadata.article) else None


def _is_notice(line: Line) -> bool:
    return len(line.text) <= _LONGEST and _NOTICE.search(line.text) is not None


def _is_declared(article: Any) -> bool:
    value = article.get("isAccessibleForFree")
    return value is False or (isinstance(value, str) and value.strip().lower() in _FALSE)

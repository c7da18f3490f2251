"""Normal form of texts: Unicode NFC, plain white space, no invisible characters."""

import hashlib
import re
import unicodedata
from typing import Any

from newsbot.models import Article

# Zero-width and directional marks: readers do not see them.
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u2028-\u202e\u2060\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ONE_LINE_FIELDS = ("title", "pull_quote", "source_credit", "copyright", "rights_notice", "section")


def normalise(article: Article) -> Article:
    """Return the article with normalised texts and a matching digest; pure and idempotent."""
    changes: dict[str, Any] = {}
    for name in _ONE_LINE_FIELDS:
        value = getattr(article, name)
        if value is not None:
            changes[name] = one_line(_nfc(value)) or None
    text = paragraphs(_nfc(article.text))
    title = changes.get("title", article.title)
    changes |= {"text": text, "content_sha256": content_sha256(title, text)}
    return article.model_copy(update=changes)


def one_line(text: str) -> str:
    """Return the text on one line, without invisible characters."""
    if not text.isascii() or not text.isprintable():
        text = _without_invisible(text)
    return " ".join(text.split())


def paragraphs(text: str) -> str:
    """Return the text with one blank line between paragraphs; other line breaks stay."""
    found = (
        "\n".join(line for raw in paragraph.split("\n") if (line := " ".join(raw.split())))
        for paragraph in _without_invisible(text).split("\n\n")
    )
    return "\n\n".join(paragraph for paragraph in found if paragraph)


def content_sha256(title: str | None, text: str) -> str:
    """Return the SHA-256 (hex) of title, newline and text in UTF-8, which identifies a revision."""
    return hashlib.sha256(f"{title or ''}\n{text}".encode()).hexdigest()


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _without_invisible(text: str) -> str:
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text))

"""One spelling for what can be spelled in several ways: Unicode NFC, plain white space."""

import hashlib
import re
import unicodedata
from typing import Any

from newsbot.models import Article

# Zero-width and directional marks that pages carry along and readers do not see.
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u2028-\u202e\u2060\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ONE_LINE = ("title", "pull_quote", "source_credit", "copyright", "rights_notice", "section")


def normalise(article: Article) -> Article:
    """Return the article with its texts normalised and its digest to match; pure and idempotent."""
    changes: dict[str, Any] = {}
    for name in _ONE_LINE:
        value = getattr(article, name)
        if value is not None:
            changes[name] = one_line(_composed(value)) or None
    text = paragraphs(_composed(article.text))
    title = changes.get("title", article.title)
    changes |= {"text": text, "content_sha256": content_sha256(title, text)}
    return article.model_copy(update=changes)


def one_line(text: str) -> str:
    """Return the text on one line, without invisible characters."""
    if not text.isascii() or not text.isprintable():
        text = _visible(text)
    return " ".join(text.split())


def paragraphs(text: str) -> str:
    """Return paragraphs, joined by one blank line; line breaks within one (list items) stay."""
    found = (
        "\n".join(line for raw in paragraph.split("\n") if (line := " ".join(raw.split())))
        for paragraph in _visible(text).split("\n\n")
    )
    return "\n\n".join(paragraph for paragraph in found if paragraph)


def content_sha256(title: str | None, text: str) -> str:
    """SHA-256 (hex) of title, newline, text, in UTF-8: what tells one revision from another."""
    return hashlib.sha256(f"{title or ''}\n{text}".encode()).hexdigest()


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _visible(text: str) -> str:
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text))

"""An article in several pages: how their texts and fields become one."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from newsbot.extract.normalise import content_sha256
from newsbot.models import Article

_T = TypeVar("_T")


def merge(first: Article, pages: Sequence[Article]) -> Article:
    """The whole article: texts in the order of the pages, the rest united, digest recomputed.

    The following pages' records are added to ``sources`` with the role ``next_page``. What the
    first page does not say (byline, copyright, source credit stand on the last) comes from the
    following ones.
    """
    if not pages:
        return first
    text = "\n\n".join(_without_repeats([first.text, *(page.text for page in pages)]))
    everything = [first, *pages]
    changes: dict[str, Any] = {
        "text": text,
        "content_sha256": content_sha256(first.title, text),
        "authors": _union(page.authors for page in everything),
        "images": _union(page.images for page in everything),
        "related": _union(page.related for page in everything),
        "tags": _union(page.tags for page in everything),
        "sources": (
            *first.sources,
            *(
                source if source.role == "dom" else source.model_copy(update={"role": "next_page"})
                for page in pages
                for source in page.sources
            ),
        ),
    }
    for name in ("pull_quote", "source_credit", "copyright", "rights_notice", "published_at",
                 "published", "modified_at", "dateline", "section"):  # fmt: skip
        changes[name] = next((v for page in everything if (v := getattr(page, name))), None)
    merged = first.model_copy(update=changes)
    missing = tuple(name for name in first.missing if not getattr(merged, name, None))
    return merged.model_copy(update={"missing": missing})


def _without_repeats(texts: Iterable[str]) -> list[str]:
    """The texts, less a page that a site served twice."""
    return list(dict.fromkeys(text for text in texts if text))


def _union(groups: Iterable[Iterable[_T]]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))

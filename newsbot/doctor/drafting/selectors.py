"""Selectors of presets, each tried on the site's articles: only those that fit are taken."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from newsbot.doctor.drafting.trial import Tried, worth
from newsbot.extract.dates import parse
from newsbot.extract.select import matches_of, text_of
from newsbot.sites.presets import Preset, candidates
from newsbot.sites.site import Site
from newsbot.sites.values import Selector

Select = dict[str, list[Any]]
"""The table ``select`` as a seed has it."""
Chosen = dict[str, list[Selector]]
"""The selectors of each key."""

_KEYS: Final = ("container", "title", "published", "section", "byline", "tags", "images", "caption",
                "remove", "next_page")  # fmt: skip
_TOGETHER: Final = ("tags", "images", "caption", "remove", "next_page")  # all that fit are taken
_FEWEST_TEXT: Final = 0.8  # of the text found without rules
_MOST_TEXT: Final = 2.5
_LONGEST_LINE: Final = 120
_AS_WRITTEN: Final = ("css", "xpath", "attr", "text")


def fitting_selectors(
    presets: Sequence[Preset],
    tried: Sequence[Tried],
    zone: ZoneInfo,
    site_with: Callable[[Select], Site],
) -> Chosen:
    """Return for keys of ``select`` the selectors that find the right thing on the articles tried.

    What is right was found without rules: a container has that text, a title is that title, a date
    is of that day. A selector with which less comes out of the articles is not taken.

    Args:
        site_with: returns the drafted site with these selectors.
    """
    pages = [one for one in tried if one.article is not None]
    chosen: Chosen = {}
    if not pages:
        return chosen
    now = worth(pages, site_with({}))
    for key in _KEYS:
        fits = [one for one in candidates(presets, key) if _fits(key, one, pages, zone)]
        for option in [fits] if key in _TOGETHER else [[one] for one in fits]:
            more = {**chosen, key: option}
            then = worth(pages, site_with(as_written(more))) if option else -1
            if then > now or (then == now and key != "byline"):
                chosen, now = more, then
                break
    return chosen


def _fits(key: str, selector: Selector, pages: Sequence[Tried], zone: ZoneInfo) -> bool:
    if key == "container":
        return all(_has_text(selector, page) for page in pages)
    if key == "title":
        return all(_is_title(selector, page) for page in pages)
    if key == "published":
        return all(_is_date(selector, page, zone) for page in pages)
    texts = [_values(selector, page) for page in pages]
    if key in ("section", "byline"):
        return all(found and len(found[0]) <= _LONGEST_LINE for found in texts)
    if key == "tags":
        return sum(map(bool, texts)) * 2 > len(pages)
    return any(_matches(selector, page) for page in pages)


def _has_text(selector: Selector, page: Tried) -> bool:
    wanted = len(page.article.text) if page.article is not None else 0
    found = [len(text_of(one)) for one in _matches(selector, page)[:1]]
    return bool(found) and wanted * _FEWEST_TEXT <= found[0] <= wanted * _MOST_TEXT + 200


def _is_title(selector: Selector, page: Tried) -> bool:
    title = page.article.title if page.article is not None else None
    found = _values(selector, page)
    wanted = [_letters(text) for text in (title, page.hints.title) if text]
    return len(found) == 1 and _letters(found[0]) in wanted


def _is_date(selector: Selector, page: Tried, zone: ZoneInfo) -> bool:
    found = _values(selector, page)[:1]
    moment = parse(found[0], zone, page.visited.page.fetched_at) if found else None
    if moment is None:
        return False
    known = page.hints.published_at or (page.article.published_at if page.article else None)
    return known is None or moment.at.astimezone(zone).date() == known.astimezone(zone).date()


def _matches(selector: Selector, page: Tried) -> list[Any]:
    found = (one.element for one in matches_of(page.visited.document, selector, None))
    return [element for element in found if element is not None]


def _values(selector: Selector, page: Tried) -> list[str]:
    found = matches_of(page.visited.document, selector, None)
    return [value for one in found if (value := one.value)]


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def as_written(chosen: Chosen) -> Select:
    """Return selectors as a seed has them."""
    return {key: [_written(one) for one in selectors] for key, selectors in chosen.items()}


def _written(selector: Selector) -> Any:
    """Return a selector as a seed has it: its CSS alone, or a table."""
    fields = {name: getattr(selector, name) for name in _AS_WRITTEN if getattr(selector, name)}
    return fields["css"] if set(fields) == {"css"} else fields


def named(presets: Iterable[Preset]) -> str:
    """Return the names of presets as a sentence has them."""
    return " and ".join(dict.fromkeys(preset.name for preset in presets)) or "no known system"

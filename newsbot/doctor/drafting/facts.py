"""What the articles tried show of the site as a whole: kind, language, name."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from newsbot.addresses import host_of
from newsbot.doctor.drafting.finding import Finding
from newsbot.doctor.drafting.trial import Tried
from newsbot.doctor.drafting.visit import Visit
from newsbot.extract.language import language_of
from newsbot.extract.normalise import one_line
from newsbot.sites.draft import Sureness

_PARTS = re.compile(r"(?<!\s)\s+[-–—|·•»:]\s+|(?:(?<!\s)\s+)?\|\s*")
_LONGEST_NAME: Final = 60


def kind_of_site(tried: Sequence[Tried], hosts: Sequence[str]) -> Finding[str]:
    """Return whether the site publishes its own articles or those of others."""
    domains = {_domain(host) for host in hosts}
    foreign = [one.original for one in tried if one.original]
    foreign = [url for url in foreign if _domain(host_of(url)) not in domains]
    if tried and len(foreign) * 2 > len(tried):
        return Finding(
            "aggregator", "sure", f"{_of(foreign, tried)} link to an original: {foreign[0]}"
        )
    return Finding("publisher", "likely", "the articles tried link to no original elsewhere")


def _domain(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def language_of_site(visit: Visit, tried: Sequence[Tried]) -> Finding[str]:
    """Return the language of the articles' texts, else the one that the home page declares."""
    declared = (visit.home.metadata.language or "").strip().lower()[:2]
    texts = [one.article.text for one in tried if one.article is not None]
    found = Counter(
        language for text in texts if (language := language_of(text, declared, None)) is not None
    )
    if not found:
        known = re.fullmatch("[a-z]{2}", declared)
        why = "the home page says so" if known else "nothing shows it: correct it"
        return Finding(declared if known else "en", "likely" if known else "guess", why)
    language, count = found.most_common(1)[0]
    why = f"{count} of {len(texts)} articles tried are in it"
    if declared and declared != language:
        why += f", although the home page declares {declared!r}"
    sure: Sureness = "sure" if declared == language else "likely"
    return Finding(language, sure, why)


def title_of_site(visit: Visit, tried: Sequence[Tried], feed_title: str | None) -> Finding[str]:
    """Return the site's name: what the titles of its articles end in, else what it is called."""
    titles = [one_line(one.visited.metadata.title_element or "") for one in tried]
    ends = Counter(part for title in titles for part in _ends(title))
    common = [part for part, count in ends.most_common() if count > 1 and count * 2 > len(titles)]
    names = list(_names(visit, feed_title))
    for name, why in names:
        if name in common:
            return Finding(name, "sure", f"{why}, and the titles of its articles have it")
    if common:
        return Finding(common[0], "sure", "the titles of the articles tried have it")
    for name, why in names:
        return Finding(name, "likely", why)
    return Finding(visit.hosts[0], "guess", "nothing names the site: write its name")


def _names(visit: Visit, feed_title: str | None) -> Iterator[tuple[str, str]]:
    home = visit.home.metadata
    parts = [part for part in _PARTS.split(one_line(home.title_element or "")) if part]
    for name, why in (
        (home.first("og:site_name", "application-name"), "the home page names the site so"),
        (feed_title, "the feed is called so"),
        (min(parts, key=len, default=None), "the shortest part of the home page's title"),
    ):
        if name and len(one_line(name)) <= _LONGEST_NAME:
            yield one_line(name), why


def _ends(title: str) -> list[str]:
    parts = [part for part in _PARTS.split(title) if part]
    return [] if len(parts) < 2 else list(dict.fromkeys((parts[-1], parts[0])))


def _of(some: Sequence[object], tried: Sequence[object]) -> str:
    return f"{len(some)} of the {len(tried)} articles tried"

"""The keys of a drafted seed, each with how sure it is and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from newsbot.addresses import host_of
from newsbot.doctor.drafting.addresses import Addresses
from newsbot.doctor.drafting.apis import wordpress_list
from newsbot.doctor.drafting.facts import kind_of_site, language_of_site, title_of_site
from newsbot.doctor.drafting.lists import FoundList, find_list, list_of_days, section_lists
from newsbot.doctor.drafting.selectors import Select, as_written, fitting_selectors, named
from newsbot.doctor.drafting.trial import Tried
from newsbot.doctor.drafting.visit import Visit
from newsbot.doctor.drafting.ways import Feed, Sitemaps
from newsbot.doctor.drafting.zones import zone_of_site
from newsbot.sites.article_pattern import ArticlePattern
from newsbot.sites.draft import Draft
from newsbot.sites.presets import HOW_KNOWN, Known, Preset, how_known
from newsbot.sites.site import Site

_COMPLETE: Final = 0.95  # of what feed and home page name: a sitemap that has so much has all
_MANY: Final = 10  # addresses: a pattern made of fewer is less sure
_FEW: Final = 3
_SURE: Final = ("container", "title", "published")  # compared with what was found without them
_SURELY_KNOWN: Final[frozenset[Known]] = frozenset(("tried", "read"))
_FEED_TITLE = re.compile(r"<title[^<>]{0,100}>\s{0,20}(?:<!\[CDATA\[)?([^<\]]{1,100})")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found on a site; ``site`` knows its articles' addresses, and has no rules."""

    visit: Visit
    feeds: Sequence[Feed]
    sitemaps: Sitemaps
    addresses: Addresses
    pattern: ArticlePattern
    site: Site
    tried: Sequence[Tried]
    presets: Sequence[Preset]


def add_site(draft: Draft, found: Evidence, name: str | None) -> None:
    """Add who the site is: name, title, kind, language, zone and hosts."""
    visit, tried = found.visit, found.tried
    title = title_of_site(visit, tried, _feed_title(found))
    if name is not None:
        draft.add("name", name, "sure", "as given with --name")
    else:
        draft.add("name", _name_of(visit.hosts[0], title.value), "sure", "from the host's name")
    draft.add("title", title.value, title.sure, title.why)
    kind = kind_of_site(tried, visit.hosts)
    draft.add("kind", kind.value, kind.sure, kind.why)
    language = language_of_site(visit, tried)
    draft.add("language", language.value, language.sure, language.why)
    zone = zone_of_site(visit.hosts[0], tried, found.addresses.hints, language.value)
    draft.add("time_zone", zone.value, zone.sure, zone.why)
    _add_hosts(draft, found)


def _add_hosts(draft: Draft, found: Evidence) -> None:
    main = host_of(found.visit.home.url)
    others = [host for host in found.visit.hosts if host != main]
    linked = {host_of(url) for url in found.addresses.articles}
    why = "the home page's" + (", and the same with or without www" if others else "")
    draft.add("hosts", [main, *others], "sure" if linked <= {main} else "likely", why)
    if others:
        same = dict.fromkeys(others, main)
        draft.add("urls.hosts", same, "likely", "the names lead to the same pages")


def _feed_title(found: Evidence) -> str | None:
    source = found.visit.source_of(found.feeds[0].url) if found.feeds else ""
    title = _FEED_TITLE.search(source)
    return title[1].strip() if title else None


def _name_of(host: str, title: str) -> str:
    """Return a name made of the host's telling labels; of a bare address the title's words."""
    labels = host.removeprefix("www.").split(".")
    if len(labels) < 2 or all(map(str.isdigit, labels)):
        text = title
    else:
        telling = labels[:-1] if len(labels) == 2 or len(labels[-2]) > _FEW else labels[:-2]
        text = "-".join([telling[-1], *telling[:-1]])
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "site"


def add_ways(draft: Draft, found: Evidence) -> None:
    """Add feeds, sitemaps and lists; a list that a complete sitemap makes needless as a comment."""
    good = [
        one for one in found.feeds if any(found.site.is_article(link.url) for link in one.links)
    ]
    if good:
        counts = " and ".join(str(len(feed.links)) for feed in good)
        why = f"{_how(named=good[0].named, by='the home page')}; read: {counts} articles"
        draft.add("feeds", [feed.url for feed in good], "sure", why)
    mapped = {link.url for link in found.sitemaps.links if found.site.is_article(link.url)}
    if mapped:
        part = "" if found.sitemaps.all_read else " in the part that was read"
        how = _how(named=found.sitemaps.by_robots, by="robots.txt")
        draft.add(
            "sitemaps", found.sitemaps.urls, "sure", f"{how}; read: {len(mapped)} articles{part}"
        )
    listed = find_list(found.visit, found.site, found.presets)
    fed = [link.url for feed in good for link in feed.links if found.site.is_article(link.url)]
    recent = {*fed, *(listed.articles if listed is not None else ())}
    known = len(recent & mapped)
    is_complete = (
        bool(good) and not _is_of_news(found.sitemaps) and known >= len(recent) * _COMPLETE
    )
    _add_lists(draft, found, listed, is_complete=is_complete, mapped=bool(mapped))


def _is_of_news(sitemaps: Sitemaps) -> bool:
    """Return whether the sitemaps are those for news searches, of the last two days only."""
    dated = sum(link.hints.published_at is not None for link in sitemaps.links)
    return dated * 2 > len(sitemaps.links)


def _how(*, named: bool, by: str) -> str:
    return f"named by {by}" if named else "found where publishing systems have it"


def _add_lists(
    draft: Draft, found: Evidence, best: FoundList | None, *, is_complete: bool, mapped: bool
) -> None:
    lists: list[FoundList] = [] if best is None else [best]
    api = None
    if not is_complete and not mapped and (best is None or not best.is_paged):
        api = wordpress_list(found.visit, found.site)
    if api is not None:
        keys, articles = api
        why = f"the home page names this API of WordPress; read: {len(articles)} articles"
        draft.add("lists", [keys], "sure", why)
        return
    if not is_complete and (best is None or not best.is_paged):
        known = {one.keys["url"] for one in lists}
        days = list_of_days(found.visit, found.site)
        lists += [] if days is None else [days]
        sections = section_lists(found.visit, found.site, found.addresses.articles)
        lists += (one for one in sections if one.keys["url"] not in known)
    if not lists:
        return
    longest = max(lists, key=lambda one: one.pages)
    rest = "; not needed: the sitemap has all that feed and list name" if is_complete else ""
    draft.add(
        "lists", [one.keys for one in lists], "sure" if longest.pages > 2 else "likely",
        f"{longest.why}{rest}", in_force=not is_complete,
    )  # fmt: skip


def add_pattern(draft: Draft, found: Evidence) -> None:
    """Add the pattern of the articles' addresses, and what belongs to it."""
    pattern, addresses = found.pattern, found.addresses
    count, others = len(addresses.articles), len(addresses.others)
    matched, taken = count - len(pattern.missed), len(pattern.taken)
    why = f"it matches {matched} of {count} articles named by {addresses.evidence}, and {taken} of "
    is_exact = matched == count and not taken
    draft.add(
        "urls.article", pattern.article, "sure" if is_exact and count >= _MANY else "likely",
        f"{why}{others} other addresses",
    )  # fmt: skip
    if pattern.missed:
        draft.remarks.append(f"not matched by urls.article: {', '.join(pattern.missed[:_FEW])}")
    if pattern.taken:
        urls = ", ".join(pattern.taken[:_FEW])
        draft.remarks.append(f"matched by urls.article, and perhaps no article: {urls}")
    if pattern.kinds:
        draft.add("urls.kinds", pattern.kinds, "likely", "words in the addresses")
    if pattern.keep_query:
        keys = list(pattern.keep_query)
        draft.add("urls.keep_query", keys, "sure", "the addresses of articles differ in it")


def add_rendering(draft: Draft, found: Evidence) -> None:
    """Add the render mode, if pages without an article are made by scripts."""
    shells = [one for one in found.tried if one.is_shell and one.article is None]
    if shells:
        why = f"{len(shells)} of {len(found.tried)} articles tried are made by scripts"
        draft.add("render", "auto", "likely", why)
        draft.remarks.append("articles need a browser: docs/adding-a-site.md says which")


def add_selectors(draft: Draft, found: Evidence) -> None:
    """Add the selectors of known systems that fit the articles tried."""

    def site_with(select: Select) -> Site:
        return draft.with_keys({f"select.{key}": one for key, one in select.items()}).site()

    zone = ZoneInfo(draft.get("time_zone"))
    chosen = fitting_selectors(found.presets, found.tried, zone, site_with)
    count = sum(one.article is not None for one in found.tried)
    for key, selectors in as_written(chosen).items():
        levels = {how_known(found.presets, key, one) for one in chosen[key]}
        is_sure = key in _SURE and levels <= _SURELY_KNOWN
        how = " or ".join(text for level, text in HOW_KNOWN.items() if level in levels)
        why = (
            f"usual with {named(found.presets)} ({how}); finds the right thing on {count} articles"
        )
        draft.add(f"select.{key}", selectors, "sure" if is_sure else "likely", why)
    if not chosen:
        known = f"{named(found.presets)}, and no selector known of it fits"
        why = known if found.presets else "no known publishing system"
        draft.remarks.append(f"{why}: fields are found by evidence alone")

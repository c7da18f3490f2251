"""Which site an import belongs to: the one that is named, or the only seed of its pages' hosts."""

from collections import Counter
from collections.abc import Iterable, Mapping

from newsbot.addresses import host_of
from newsbot.errors import ConfigError
from newsbot.importing.captures import Capture
from newsbot.sites.loading import Sites
from newsbot.sites.saved import saved_site, seedless_site
from newsbot.sites.site import SAVED, Site

_SHOWN = 5  # hosts


def choose_site(captures: Iterable[Capture], sites: Sites, name: str | None) -> Site:
    """Return the site that the captures are imported for.

    Args:
        sites: those that have seeds.
        name: the site as it was asked for. Without a seed of that name, the pages are read by
            evidence alone, whatever their hosts.

    Raises:
        ConfigError: none is named and none, or more than one, fits; or a new name is given to the
            pages of a seed.
    """
    pages = [one.url for one in captures if one.is_html]
    owners = Counter(owner.name for url in pages if (owner := sites.owner(url)) is not None)
    if name is None:
        return _only_owner(pages, owners, sites)
    if name in sites:
        return sites[name]
    if name == SAVED:
        return saved_site()
    if owners:
        raise ConfigError(
            f"--site {name}: there is no such seed, and these pages are of {_counted(owners)}: "
            f"name one of these"
        )
    return seedless_site(name)


def _only_owner(pages: list[str], owners: Mapping[str, int], sites: Sites) -> Site:
    if len(owners) == 1:
        return sites[next(iter(owners))]
    if owners:
        raise ConfigError(
            f"its pages are of several sites, {_counted(owners)}: give --site with one of them; "
            "the pages of the others are kept too, and not read"
        )
    hosts = Counter(host_of(url) or "?" for url in pages)
    raise ConfigError(
        f"no seed has the hosts of its pages ({_counted(hosts) or 'it has no pages'}): give --site "
        "with the name of a seed, or with a new name: then they are read by evidence alone"
    )


def _counted(found: Mapping[str, int]) -> str:
    """Return the names with their numbers, the most frequent first: ``antara (12), x (1)``."""
    most = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    more = ["…"] if len(most) > _SHOWN else []
    return ", ".join([*(f"{name} ({number})" for name, number in most[:_SHOWN]), *more])

"""The last valid version of every seed: an invalid edit is reported and otherwise ignored.

The state folder holds a copy of each valid seed. Crawls read the copies, so that a seed that is
being edited cannot break the crawl of its site or of another one.
"""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from newsbot.errors import ConfigError
from newsbot.files import write_durably
from newsbot.sites.loading import load_site
from newsbot.sites.site import Site

logger = logging.getLogger(__name__)

_Fingerprint = tuple[int, int, int]  # inode, size and modification time: changes with the file


class SeedFolder:
    """The seeds of a folder, reloaded when they change."""

    def __init__(self, folder: Path, copies_folder: Path) -> None:
        """Load all seeds.

        Args:
            folder: where the seeds are edited.
            copies_folder: where a copy of each valid seed is stored.
        """
        self.copies_folder = copies_folder
        self.problems: Mapping[str, str] = {}  # file name → what is wrong with it
        self._folder = folder
        self._fingerprints: dict[str, _Fingerprint] = {}
        self._sites: dict[str, Site] = {}  # by file name
        copies_folder.mkdir(parents=True, exist_ok=True)
        self.refresh()

    @property
    def sites(self) -> dict[str, Site]:
        """The valid seeds, by the name of the site."""
        return {site.name: site for site in self._sites.values()}

    def refresh(self, *, read_all: bool = False) -> bool:
        """Reload the seeds that have changed since the last call; return whether any has."""
        fingerprints = dict(self._read_fingerprints())
        if fingerprints == self._fingerprints and not read_all:
            return False
        changed = {
            name
            for name in fingerprints
            if read_all or fingerprints[name] != self._fingerprints.get(name)
        }
        for name in self._fingerprints.keys() - fingerprints.keys():
            self._forget(name)
        problems = {name: why for name, why in self.problems.items() if name in fingerprints}
        for name in sorted(changed):
            problems.pop(name, None)
            if why := self._read_seed(name):
                problems[name] = why
        self.problems, self._fingerprints = problems, fingerprints
        return True

    def _read_fingerprints(self) -> Iterator[tuple[str, _Fingerprint]]:
        for path in sorted(self._folder.glob("*.toml")):
            if path.name != "TEMPLATE.toml" and path.is_file():
                found = path.stat()
                yield path.name, (found.st_ino, found.st_size, found.st_mtime_ns)

    def _read_seed(self, name: str) -> str | None:
        """Load one seed; if it is invalid, return the error and keep the previous version."""
        try:
            site = load_site(self._folder / name)
            self._check_name(name, site)
        except ConfigError as error:
            self._fall_back(name, str(error))
            return str(error)
        if name in self._sites and self._sites[name].seed_text != site.seed_text:
            logger.info("%s: reloaded", name)
        if name in self._sites and self._sites[name].name != site.name:
            self._forget(name)
        self._sites[name] = site
        write_durably(self._copy_path(site.name), site.seed_text.encode())
        return None

    def _check_name(self, file: str, site: Site) -> None:
        for other, has in self._sites.items():
            if other != file and has.name == site.name:
                raise ConfigError(f"{file}: name: {site.name!r} is used by {other}; rename one")

    def _fall_back(self, name: str, why: str) -> None:
        """Keep the previous version of the seed, in memory or from the copies folder."""
        copy = self._copy_path(Path(name).stem)
        if name not in self._sites and copy.is_file():
            try:
                self._sites[name] = load_site(copy)
            except ConfigError as error:
                logger.warning("the copy of the previous version is invalid too: %s", error)
        effect = (
            "the previous version stays in use"
            if name in self._sites
            else "the site is not crawled until this is corrected"
        )
        logger.error("%s; %s", why, effect)

    def _forget(self, name: str) -> None:
        site = self._sites.pop(name, None)
        if site is not None:
            logger.info("%s: site %s is no longer crawled", name, site.name)
            self._copy_path(site.name).unlink(missing_ok=True)

    def _copy_path(self, site: str) -> Path:
        return self.copies_folder / f"{site}.toml"


def readable_sites(folder: Path) -> tuple[dict[str, Site], list[str]]:
    """Return the folder's valid seeds by name of the site, and the errors of the others."""
    sites: dict[str, Site] = {}
    problems = []
    for path in sorted(folder.glob("*.toml")):
        if path.name != "TEMPLATE.toml":
            try:
                site = load_site(path)
            except ConfigError as error:
                problems.append(str(error))
            else:
                sites[site.name] = site
    return sites, problems

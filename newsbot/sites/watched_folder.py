"""The seeds as they were when last they were good: a bad edit changes nothing but says so.

A copy of each good seed is kept in the state folder. Crawls read the copies, so that a seed that is
just being edited cannot break the crawl of its site, or of another.
"""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from newsbot.errors import ConfigError
from newsbot.files import write_durably
from newsbot.sites.site import Site, load_site

logger = logging.getLogger(__name__)

Mark = tuple[int, int, int]  # what changes when a file does: its number, size and time of change


class SeedFolder:
    """The seeds of a folder, read again when they change."""

    def __init__(self, folder: Path, kept: Path) -> None:
        """Read them for the first time.

        Args:
            folder: where people edit them.
            kept: where a copy of each good one is kept.
        """
        self.kept = kept
        self.problems: Mapping[str, str] = {}  # file name → what is wrong with it
        self._folder = folder
        self._marks: dict[str, Mark] = {}
        self._sites: dict[str, Site] = {}  # by file name
        kept.mkdir(parents=True, exist_ok=True)
        self.refresh()

    @property
    def sites(self) -> dict[str, Site]:
        """The good seeds, by the site's name."""
        return {site.name: site for site in self._sites.values()}

    def refresh(self, *, all_again: bool = False) -> bool:
        """Read what has changed since the last time; returns whether anything has."""
        marks = dict(self._look())
        if marks == self._marks and not all_again:
            return False
        changed = {name for name in marks if all_again or marks[name] != self._marks.get(name)}
        for name in self._marks.keys() - marks.keys():
            self._forget(name)
        problems = {name: why for name, why in self.problems.items() if name in marks}
        for name in sorted(changed):
            problems.pop(name, None)
            if why := self._read(name):
                problems[name] = why
        self.problems, self._marks = problems, marks
        return True

    def _look(self) -> Iterator[tuple[str, Mark]]:
        for path in sorted(self._folder.glob("*.toml")):
            if path.name != "TEMPLATE.toml" and path.is_file():
                found = path.stat()
                yield path.name, (found.st_ino, found.st_size, found.st_mtime_ns)

    def _read(self, name: str) -> str | None:
        """Take the seed, or say what is wrong with it and go on with the one before."""
        try:
            site = load_site(self._folder / name)
            self._check_name(name, site)
        except ConfigError as error:
            self._fall_back(name, str(error))
            return str(error)
        if name in self._sites and self._sites[name].seed_text != site.seed_text:
            logger.info("%s: read again", name)
        if name in self._sites and self._sites[name].name != site.name:
            self._forget(name)
        self._sites[name] = site
        write_durably(self._copy(site.name), site.seed_text.encode())
        return None

    def _check_name(self, file: str, site: Site) -> None:
        for other, has in self._sites.items():
            if other != file and has.name == site.name:
                raise ConfigError(f"{file}: name: {site.name!r} is taken by {other}")

    def _fall_back(self, name: str, why: str) -> None:
        """Go on with the seed as it was, in memory or as an earlier service kept it."""
        copy = self._copy(Path(name).stem)
        if name not in self._sites and copy.is_file():
            try:
                self._sites[name] = load_site(copy)
            except ConfigError as error:
                logger.warning("the kept copy is of no use either: %s", error)
        kept = "the one before stays in force" if name in self._sites else "it is left out"
        logger.error("%s; %s", why, kept)

    def _forget(self, name: str) -> None:
        site = self._sites.pop(name, None)
        if site is not None:
            logger.info("%s: %s is crawled no more", name, site.name)
            self._copy(site.name).unlink(missing_ok=True)

    def _copy(self, site: str) -> Path:
        return self.kept / f"{site}.toml"


def readable_sites(folder: Path) -> tuple[dict[str, Site], list[str]]:
    """Return the folder's good seeds by name, and what is wrong with the others."""
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

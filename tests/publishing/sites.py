"""The sites: what is published where, behind which web server, and a seed for each way in."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from replica.certificate import Authority
from tests.acceptance.conftest import Bench
from tests.publishing import hugo_site, pelican_site
from tests.publishing.stories import STORIES, Story, stories
from tests.publishing.tunnels import tunnels
from tests.publishing.webservers import (
    WebServer,
    caddy_files,
    nginx_before,
    nginx_files,
    process,
)
from tests.servers import free_ports

_ROOT = Path(__file__).parents[2]
_AUTHORITY: Final = "ca.pem"
_SEED = """
name = "{name}"
title = "{title}"
kind = "publisher"
language = "{language}"
time_zone = "{zone}"
hosts = ["{host}"]
{way}
[urls]
article = '{article}'
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one site is, and the keys of its seed: those of each way in by the way's name."""

    name: str
    host: str
    title: str
    language: str
    zone: str
    sections: tuple[str, ...]
    article: str
    ways: dict[str, str]
    feeds: tuple[str, ...]  # the paths of all of them

    def stories(self, count: int = STORIES) -> list[Story]:
        """Return its first stories."""
        return stories(self.language, self.zone, self.sections, count)


@dataclass(frozen=True, slots=True)
class NewsSite:
    """A site that is served."""

    plan: Plan
    server: WebServer
    proxy_url: str
    authority: Path
    """The certificate of who signed the server's."""
    publish: Callable[[int], None]
    """Have the site hold its first so many stories."""

    def bench(self, folder: Path) -> Bench:
        """Return a user's checkout that reaches the site."""
        variables = {"https_proxy": self.proxy_url, "SSL_CERT_FILE": str(self.authority)}
        return Bench(str(folder / "archive"), folder / "var", variables)

    def write_seed(self, folder: Path, *ways: str) -> Path:
        """Write a seed with these ways in; return its path."""
        plan = self.plan
        way = "\n".join(plan.ways[one] for one in ways)
        text = _SEED.format(
            name=plan.name, title=plan.title, language=plan.language, zone=plan.zone,
            host=plan.host, way=way, article=plan.article,
        )  # fmt: skip
        path = folder / f"{plan.name}.toml"
        path.write_text(text)
        return path


def _ways(host: str, feeds: tuple[str, ...], listing: str) -> dict[str, str]:
    urls = json.dumps([f"https://{host}{path}" for path in feeds])
    return {
        "feeds": f"feeds = {urls}",
        "sitemaps": f'sitemaps = ["https://{host}/sitemap.xml"]',
        "lists": f'[[lists]]\nurl = "https://{host}/"\n{listing}',
    }


def _plan(listing: str, **values: object) -> Plan:
    made = Plan(ways={}, **values)  # type: ignore[arg-type]
    return replace(made, ways=_ways(made.host, made.feeds, listing))


PELICAN: Final = _plan(
    'pages = "https://kabarhutan.test/index{page}.html"',
    name="kabarhutan",
    host="kabarhutan.test",
    title="Kabar Hutan",
    language="id",
    zone="Asia/Jakarta",
    sections=("Ekonomi", "Hutan", "Kota", "Olahraga"),
    article=r"^/\d{4}/\d{2}/[\w-]+\.html$",
    feeds=(
        "/feeds/semua.rss.xml", "/feeds/ekonomi.atom.xml", "/feeds/hutan.atom.xml",
        "/feeds/kota.atom.xml", "/feeds/olahraga.atom.xml",
    ),
)  # fmt: skip
HUGO: Final = _plan(
    'pages = "https://tidewatch.test/page/{page}/"',
    name="tidewatch",
    host="tidewatch.test",
    title="The Tidewatch",
    language="en",
    zone="Asia/Jayapura",
    sections=("Business", "Council", "Harbour", "Sport"),
    article=r"^/(business|council|harbour|sport)/[\w-]+/$",
    feeds=(
        "/index.xml", "/business/index.xml", "/council/index.xml", "/harbour/index.xml",
        "/sport/index.xml",
    ),
)  # fmt: skip
DJANGO: Final = _plan(
    'next = ["a.next"]',
    name="wartapulau",
    host="wartapulau.test",
    title="Warta Pulau",
    language="id",
    zone="Asia/Makassar",
    sections=("Bahari", "Niaga", "Desa", "Olahraga"),
    article=r"^/berita/(?P<number>\d+)/",
    feeds=("/umpan/", "/umpan/bahari/", "/umpan/niaga/", "/umpan/desa/", "/umpan/olahraga/"),
)


@contextmanager
def pelican(folder: Path) -> Iterator[NewsSite]:
    """Serve the site that Pelican makes, by nginx."""
    root = pelican_site.build(folder, PELICAN.stories())
    with nginx_files(folder, PELICAN.host, _chain(folder, PELICAN.host), root) as server:
        publish = _Remaking(PELICAN, lambda some: pelican_site.build(folder, some))
        with tunnels({server.host: server.port}) as proxy:
            yield NewsSite(PELICAN, server, proxy, folder / _AUTHORITY, publish)


@contextmanager
def hugo(folder: Path) -> Iterator[NewsSite]:
    """Serve the site that Hugo makes, by Caddy."""
    root = hugo_site.build(folder, HUGO.stories())
    with caddy_files(folder, HUGO.host, _chain(folder, HUGO.host), root) as server:
        publish = _Remaking(HUGO, lambda some: hugo_site.build(folder, some))
        with tunnels({server.host: server.port}) as proxy:
            yield NewsSite(HUGO, server, proxy, folder / _AUTHORITY, publish)


@contextmanager
def django(folder: Path) -> Iterator[NewsSite]:
    """Run the site made with Django, behind nginx."""
    variables = {
        "DJANGO_SETTINGS_MODULE": "tests.publishing.django_site.settings",
        "WARTAPULAU_DATABASE": str(folder / "db.sqlite"),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
    }
    _load(variables, DJANGO.stories())
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    run = [sys.executable, "-m", "django", "runserver", "--noreload", address]
    publish = _Remaking(DJANGO, lambda some: _load(variables, some))
    chain = _chain(folder, DJANGO.host)
    with (
        process(run, folder, port, **variables),
        nginx_before(folder, DJANGO.host, chain, port) as server,
        tunnels({server.host: server.port}) as proxy,
    ):
        yield NewsSite(DJANGO, server, proxy, folder / _AUTHORITY, publish)


class _Remaking:
    """Makes a site again where it does not hold the stories that are wanted."""

    def __init__(self, plan: Plan, build: Callable[[list[Story]], object]) -> None:
        self._plan = plan
        self._build = build
        self._count = STORIES

    def __call__(self, count: int) -> None:
        if count != self._count:
            self._build(self._plan.stories(count))
            self._count = count


def _chain(folder: Path, host: str) -> Path:
    """Write key and certificate of the host, and the authority's for clients."""
    authority = Authority([host])
    (folder / _AUTHORITY).write_bytes(authority.pem)
    chain = folder / "chain.pem"
    chain.write_bytes(authority.issue([host]))
    return chain


def _load(variables: dict[str, str], some: list[Story]) -> None:
    rows = [_row(one) for one in some]
    subprocess.run(
        [sys.executable, "-m", "tests.publishing.django_site.publish"], cwd=_ROOT,
        env=os.environ | variables, input=json.dumps(rows, default=str), text=True, check=True,
    )  # fmt: skip


def _row(story: Story) -> dict[str, object]:
    """Return a story as Django's model has it."""
    row = asdict(story)
    row["modified"] = story.modified or story.published
    row["caption"] = story.caption or ""
    return {"id": row.pop("number"), **row}

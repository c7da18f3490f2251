"""After five crawls of the synthetic site every capture looks as its page looked at its time."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from replica import Running, running
from replica.hosts import AGGREGATOR, MAIN
from tests.acceptance.conftest import ROOT, Bench
from tests.archive.export.replayweb import browser
from tests.replaying.captures import Album, Limit
from tests.replaying.looking import live, share_of_difference
from tests.replaying.players import PLAYERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DAYS = Path(__file__).parent / "days"
LIMITS = {
    "all": Limit(0.06),
    "article": Limit(0.10),
    "none": Limit(1.0, has_pictures=False),  # a control: without requisites pages look otherwise
}


def seeds(folder: Path, requisites: str) -> Path:
    """The seeds of both sites, with what is to be kept of pages."""
    folder.mkdir()
    for name in ("antara", "rakyatnews"):
        text = (ROOT / "seeds" / f"{name}.toml").read_text()
        (folder / f"{name}.toml").write_text(
            f'{text}\n[archive]\nrequisites = "{requisites}"\n' if requisites != "none" else text
        )
    return folder


def bench_of(folder: Path, replica: Running, requisites: str) -> Bench:
    """A checkout whose crawls are on the day that ``crawl`` says."""
    environment = {
        "http_proxy": replica.proxy_url,
        "https_proxy": replica.proxy_url,
        "NEWSBOT_SEEDS": str(seeds(folder / "seeds", requisites)),
        "NEWSBOT_REQUISITES": requisites,
        "PYTHONPATH": os.pathsep.join([str(DAYS), os.environ.get("PYTHONPATH", "")]),
    }
    if requisites != "none":
        del environment["NEWSBOT_REQUISITES"]
    return Bench(str(folder / "archive"), folder / "var", environment)


def crawl(album: Album, day: str) -> None:
    """Crawl both sites on a day, and look at the pages as they are now."""
    album.bench.environment["NEWSBOT_TEST_DAY"] = day
    for spider in ("antara", "aggregator"):
        done = album.bench.crawl(spider, "recheck=all")
        assert done.returncode == 0, done.stdout + done.stderr
    del album.bench.environment["NEWSBOT_TEST_DAY"]
    album.add_new_runs()


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module", params=LIMITS)
def kept(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    chromium: "Browser",
) -> tuple[Album, Limit]:
    """Five crawls; when they are done, the site is off."""
    with running(articles=7, seed=134, assets=True, hosts=(MAIN, AGGREGATOR)) as replica:
        folder = tmp_path_factory.mktemp(request.param)
        album = Album(bench_of(folder, replica, request.param), chromium, replica.proxy_url)
        _five_days(album, replica)
    return album, LIMITS[request.param]


def _five_days(album: Album, replica: Running) -> None:
    """Crawl; recheck; after edits; after one was taken back and a picture changed; a week later."""
    texts = [
        one
        for one in replica.truth()
        if one["site"] == "antara" and one["kind"] == "article" and one["images"]
    ]
    edited, revised, repainted = (one["canonical_url"] for one in texts[:3])
    crawl(album, "2026-10-01")
    crawl(album, "2026-10-02")
    replica.edit(edited)
    replica.edit(revised)
    crawl(album, "2026-10-03")
    replica.restore(edited)
    replica.repaint(texts[2]["images"][0]["url"])
    crawl(album, "2026-10-04")
    replica.revise(revised)
    replica.restyle()
    crawl(album, "2026-10-12")
    statuses = [one.status for one in album.captures if one.url == repainted]
    assert statuses == [200, 304, 304, 304, 304]
    assert [one.status for one in album.captures if one.url == edited] == [200, 304, 200, 200, 304]


@pytest.mark.endurance
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("player", PLAYERS)
def test_every_capture_replays_as_its_page_looked(
    kept: tuple[Album, Limit], tmp_path: Path, player: str
) -> None:
    album, limit = kept
    shares = album.judge(player, tmp_path / "player", limit)
    assert len(shares) >= 5 * 11
    if not limit.has_pictures:
        assert min(shares) > LIMITS["article"].share, "pages look right without their requisites"


@pytest.mark.endurance
def test_a_page_looks_like_itself_and_not_like_another(chromium: "Browser") -> None:
    with running(articles=7, seed=134, assets=True, hosts=(MAIN, AGGREGATOR)) as replica:
        urls = [one["canonical_url"] for one in replica.truth() if one["kind"] == "article"]
        one, again, other = (
            live(chromium, url, replica.proxy_url) for url in (urls[0], urls[0], urls[1])
        )
    assert one == again
    assert share_of_difference(one.picture, again.picture) == 0.0
    assert share_of_difference(one.picture, other.picture) > LIMITS["article"].share

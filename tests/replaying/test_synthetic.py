"""After five crawls of the synthetic site every capture looks as its page looked at its time."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from replica import Running, running
from replica.hosts import AGGREGATOR, MAIN
from tests.acceptance.conftest import bench_for
from tests.replaying.captures import Album, Limit
from tests.replaying.conftest import LIMITS, variables
from tests.replaying.looking import live, share_of_difference
from tests.replaying.players import PLAYERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Seven stories and three copies of them, one in two pages: all templates and forms of pictures.
WORLD = {"articles": 7, "seed": 134, "hosts": (MAIN, AGGREGATOR)}
PAGES = 11


@pytest.fixture(scope="module", params=LIMITS)
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, chromium: "Browser"
) -> tuple[Album, Limit]:
    """Five crawls; when they are done, the site is off."""
    with running(**WORLD, assets=True) as replica:
        folder = tmp_path_factory.mktemp(request.param)
        album = _album(folder, replica, request.param, chromium)
        _five_days(album, replica)
    return album, LIMITS[request.param]


def _album(folder: Path, replica: Running, requisites: str, chromium: "Browser") -> Album:
    bench = bench_for(folder, replica, str(folder / "archive"))
    bench.environment.update(variables(requisites))
    return Album(bench, chromium, replica.proxy_url)


def _five_days(album: Album, replica: Running) -> None:
    """Crawl; recheck; after edits; after one was taken back and a picture changed; a week later."""
    texts = [
        one
        for one in replica.truth()
        if one["site"] == "antara" and one["kind"] == "article" and one["images"]
    ]
    edited, revised, repainted = (one["canonical_url"] for one in texts[:3])
    _crawl(album, "2026-10-01")
    _crawl(album, "2026-10-02")
    replica.edit(edited)
    replica.edit(revised)
    _crawl(album, "2026-10-03")
    replica.restore(edited)
    replica.repaint(texts[2]["images"][0]["url"])
    _crawl(album, "2026-10-04")
    replica.revise(revised)
    replica.restyle()
    _crawl(album, "2026-10-12")
    assert album.statuses(edited) == [200, 304, 200, 200, 304]
    assert album.statuses(revised) == [200, 304, 200, 304, 200]
    assert album.statuses(repainted) == [200, 304, 304, 304, 304]


def _crawl(album: Album, day: str) -> None:
    album.crawl(day, "antara")
    album.crawl(day, "aggregator")


@pytest.mark.endurance
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("player", PLAYERS)
def test_every_capture_replays_as_its_page_looked(
    kept: tuple[Album, Limit], tmp_path: Path, player: str
) -> None:
    album, limit = kept
    shares = album.judge(player, tmp_path / "player", limit)
    assert len(shares) == 5 * PAGES
    if not limit.has_pictures:
        assert min(shares) > LIMITS["article"].share, "pages look right without their requisites"


@pytest.mark.endurance
def test_two_stories_replay_in_pywb_before_and_after_changes(
    tmp_path: Path, chromium: "Browser"
) -> None:
    """The quick form of it: an edit of one story, and another picture in one that is not edited."""
    with running(2, 2, assets=True, template="T3", hosts=(MAIN,)) as replica:
        album = _album(tmp_path, replica, "article", chromium)
        edited, repainted = replica.truth()
        album.crawl("2026-10-01", "antara")
        replica.edit(edited["id"])
        replica.repaint(repainted["images"][0]["url"])
        album.crawl("2026-10-02", "antara")
    shares = album.judge("pywb", tmp_path / "player", LIMITS["article"])
    assert len(shares) == 4


@pytest.mark.endurance
def test_a_page_looks_like_itself_and_not_like_another(chromium: "Browser") -> None:
    with running(**WORLD, assets=True) as replica:
        urls = [one["canonical_url"] for one in replica.truth() if one["kind"] == "article"]
        one, again, other = (
            live(chromium, url, replica.proxy_url) for url in (urls[0], urls[0], urls[1])
        )
    assert one == again
    assert share_of_difference(one.picture, again.picture) == 0.0
    assert share_of_difference(one.picture, other.picture) > LIMITS["article"].share

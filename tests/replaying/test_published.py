"""The same for a site that Pelican makes, with its theme, and nginx serves."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from replica.looks import scenes
from tests.publishing import pelican_site, sites
from tests.publishing.stories import Story
from tests.replaying.captures import Album, Limit
from tests.replaying.conftest import LIMITS, variables
from tests.replaying.players import PLAYERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STORIES = 6


@pytest.fixture(scope="module", params=LIMITS)
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, chromium: "Browser"
) -> tuple[Album, Limit]:
    """Five crawls; when they are done, the site is off."""
    folder = tmp_path_factory.mktemp(f"pelican-{request.param}")
    with sites.pelican(folder) as site:
        bench = site.bench(folder)
        bench.environment.update(variables(request.param))
        seed = site.write_seed(folder, "feeds")
        album = Album(bench, chromium, site.proxy_url)
        _five_days(album, folder, f"site={seed}")
    return album, LIMITS[request.param]


def _five_days(album: Album, folder: Path, site: str) -> None:
    """Crawl; recheck; after an edit; after it was taken back and a picture changed; a week later.

    Pelican writes all pages anew each time, so that those that are the same have other validators.
    """
    first = [
        replace(one, caption=one.caption or one.paragraphs[1])
        for one in sites.PELICAN.stories(STORIES)
    ]
    _publish(folder, first)
    album.crawl("2026-10-01", "publisher", site)
    album.crawl("2026-10-02", "publisher", site)
    _publish(folder, [_edited(first[0], 3), _edited(first[1], 3), *first[2:]])
    album.crawl("2026-10-03", "publisher", site)
    _publish(folder, [first[0], _edited(first[1], 3), *first[2:]], repainted=first[2].slug)
    album.crawl("2026-10-04", "publisher", site)
    _publish(folder, [first[0], _edited(first[1], 5), *first[2:]], repainted=first[2].slug)
    album.crawl("2026-10-12", "publisher", site)
    (edited,) = (one.url for one in album.captures[:STORIES] if first[0].slug in one.url)
    assert album.statuses(edited) == [200, 304, 200, 200, 200]


def _edited(story: Story, position: int) -> Story:
    """The story with a paragraph replaced by its lead."""
    paragraphs = list(story.paragraphs)
    paragraphs[position] = f"{paragraphs[0]} {position}"
    return replace(story, paragraphs=tuple(paragraphs))


def _publish(folder: Path, stories: list[Story], repainted: str = "") -> None:
    """Have Pelican make the site; the pictures of a story may be others than before."""
    pelican_site.build(
        folder,
        stories,
        lambda slug: scenes.jpeg(scenes.Scene.of(slug, slug == repainted), 600, 400),
    )


@pytest.mark.endurance
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("player", PLAYERS)
def test_every_capture_replays_as_its_page_looked(
    kept: tuple[Album, Limit], tmp_path: Path, player: str
) -> None:
    album, limit = kept
    shares = album.judge(player, tmp_path / "player", limit)
    assert len(shares) == 5 * STORIES
    if not limit.has_pictures:
        assert min(shares) > LIMITS["article"].share, "pages look right without their requisites"

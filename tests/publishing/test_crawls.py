"""Sites of real publishing systems behind real web servers, crawled as an operator would."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Bench
from tests.publishing.sites import NewsSite
from tests.publishing.stories import STORIES, Story

_RIGHT = 0.98


_each = pytest.mark.parametrize(
    ("_served", "way"),
    [
        pytest.param(system, way, id=f"{system}-{way}", marks=pytest.mark.endurance)
        for system in ("pelican", "hugo", "django")
        for way in ("feeds", "sitemaps", "lists")
    ],
    indirect=["_served"],
)
"""All systems and ways; one of the drafts stands for them in the quicker tests."""


@_each
def test_each_way_alone_finds_all_and_asks_little_the_next_time(
    tmp_path: Path, site: NewsSite, way: str
) -> None:
    finders = () if way == "lists" else ("/sitemap", *site.plan.feeds)
    _crawl_three_times(site, site.bench(tmp_path), site.write_seed(tmp_path, way), finders)


@pytest.mark.parametrize(
    "_served",
    [
        pytest.param("pelican", marks=pytest.mark.slow),
        pytest.param("hugo", marks=pytest.mark.endurance),
        pytest.param("django", marks=pytest.mark.endurance),
    ],
    indirect=True,
)
def test_a_drafted_seed_finds_all_and_asks_little_the_next_time(
    tmp_path: Path, site: NewsSite
) -> None:
    bench, seed = site.bench(tmp_path), tmp_path / "draft.toml"
    done = bench.newsbot("sites", "new", f"https://{site.plan.host}/", "--to", str(seed))
    assert done.returncode == 0, done.stdout + done.stderr
    site.server.sent()
    _crawl_three_times(site, bench, seed, ("/sitemap", *site.plan.feeds))


@_each
def test_a_backfill_of_a_week_has_exactly_its_stories(
    tmp_path: Path, site: NewsSite, way: str
) -> None:
    bench, seed = site.bench(tmp_path), site.write_seed(tmp_path, way)
    days = "2025-02-17", "2025-02-23"
    _crawl(bench, seed, f"since={days[0]}", f"until={days[1]}")
    wanted = [one for one in site.plan.stories() if days[0] <= one.day <= days[1]]
    assert_right(bench.articles(), wanted)


def _crawl_three_times(site: NewsSite, bench: Bench, seed: Path, finders: tuple[str, ...]) -> None:
    """Crawl all, then what is unmodified, then one new story; not counting requests of finders."""
    _crawl(bench, seed)
    first = site.server.sent()
    assert_right(bench.articles(), site.plan.stories())

    _crawl(bench, seed)
    second = site.server.sent()
    assert len(bench.articles()) == STORIES
    assert _bytes(second) < _bytes(first) / 100, second

    site.publish(STORIES + 1)
    _crawl(bench, seed)
    assert len(bench.articles()) == STORIES + 1
    assert_right(bench.articles()[-1:], site.plan.stories(STORIES + 1)[-1:])
    asked = [one["path"] for one in site.server.sent()]
    beyond = [path for path in asked if not path.startswith(("/robots.txt", *finders))]
    assert len(beyond) <= 3, beyond


def _crawl(bench: Bench, seed: Path, *options: str) -> None:
    settings = {"DOWNLOAD_VERIFY_CERTIFICATES": "True"}
    done = bench.crawl("publisher", f"site={seed}", *options, **settings)
    assert done.returncode == 0, done.stdout + done.stderr


def _bytes(answers: list[dict[str, Any]]) -> int:
    return sum(one["size"] for one in answers)


def assert_right(articles: list[dict[str, Any]], wanted: list[Story]) -> None:
    """Every story is there, once; of nearly all, title and day are right."""
    by_slug = {_slug(one["url"]): one for one in articles}
    assert len(by_slug) == len(articles)
    assert sorted(by_slug) == sorted(one.slug for one in wanted)
    wrong = [
        f"{field}: {found!r}, not {expected!r}, on {by_slug[story.slug]['url']}"
        for story in wanted
        for field, found, expected in _compared(by_slug[story.slug], story)
        if found != expected
    ]
    assert len(wrong) <= len(wanted) * (1 - _RIGHT), "\n".join(wrong)


def _compared(article: dict[str, Any], story: Story) -> list[tuple[str, object, object]]:
    at = article["published_at"]
    day = datetime.fromisoformat(at).astimezone(story.published.tzinfo).date() if at else None
    return [("title", article["title"], story.title), ("day", str(day), story.day)]


def _slug(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2].removesuffix(".html")

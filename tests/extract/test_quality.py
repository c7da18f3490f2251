"""The gates: floors that may only rise. Synthetic pages here, real ones where the corpus is."""

import gzip
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from newsbot.extract import extract, merge
from newsbot.extract.boilerplate import RULES
from newsbot.extract.bylines import is_byline
from newsbot.models import Article, ListPosition, Page, PageRole
from newsbot.sites.loading import Sites, load_sites
from newsbot.sites.site import Site
from replica.pages import Pages
from replica.world import World
from tests.extract.conftest import ROOT

EXACT = (
    "id", "canonical_url", "kind", "language", "title", "pull_quote", "dateline", "authors",
    "source_credit", "copyright", "rights_notice", "section", "tags", "images", "related",
    "published_at", "modified_at", "original_url",
)  # fmt: skip
GENERAL = {"body": 0.9715, "title": 0.872, "date": 0.993, "authors": 0.905}


class Replica:
    """The synthetic sites, read without a network."""

    def __init__(self, articles: int, seed: int) -> None:
        self.world = World(seed, articles)
        self._pages = Pages(self.world)
        self.sites: Sites = load_sites(ROOT / "seeds")

    def page(
        self, url: str, role: PageRole = "article", position: ListPosition | None = None
    ) -> Page:
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = self._pages.document(parts.hostname or "", target)
        now = self.world.now.astimezone(UTC)
        kind = answer.content_type
        return Page(url, answer.body, now, answer.status, kind, (), role, position)

    def article(self, url: str, site: Site) -> Article:
        found = extract(self.page(url), site)
        pages: list[Article] = []
        follow = found.next_page
        while follow is not None:
            following = extract(self.page(follow, "next_page"), site)
            pages += following.articles
            follow = following.next_page
        return merge(found.articles[0], pages)

    def pairs(self) -> Iterator[tuple[Article, dict[str, Any]]]:
        for truth in self.world.truth():
            yield self.article(truth["canonical_url"], self.sites[truth["site"]]), truth


def token_f1(one: str, other: str) -> float:
    first, second = Counter(re.findall(r"\w+", one)), Counter(re.findall(r"\w+", other))
    both = sum((first & second).values())
    return 2 * both / max(1, sum(first.values()) + sum(second.values()))


@pytest.mark.parametrize(
    ("articles", "seed"), [pytest.param(700, 11, marks=pytest.mark.endurance), (160, 5)]
)
def test_synthetic_articles_are_read_as_they_were_written(articles: int, seed: int) -> None:
    wrong: Counter[str] = Counter()
    scores: list[float] = []
    boilerplate: list[str] = []
    for article, truth in Replica(articles, seed).pairs():
        fields = article.model_dump(mode="json")
        for name in EXACT:
            if name == "published_at" and truth[name] is None:
                continue  # a copy: nobody knows
            wrong[name] += fields[name] != truth[name]
        scores.append(token_f1(article.text, truth["text"]))
        boilerplate += [
            line
            for line in filter(None, article.text.splitlines())
            if is_byline(line) or any(rule.pattern.match(line) for rule in RULES)
        ]
    assert {name: count for name, count in wrong.items() if count} == {}
    assert sum(scores) / len(scores) >= 0.999
    assert boilerplate == []


@pytest.mark.parametrize(
    ("site", "url"),
    [
        ("antara", "https://www.antaranews.com/terkini"),
        ("antara-en", "https://en.antaranews.com/latest-news"),
        ("antara-megapolitan", "https://megapolitan.antaranews.com/terkini"),
        ("rakyatnews", "https://rakyatnews.example/"),
    ],
)
def test_synthetic_lists_and_feeds_name_every_story(site: str, url: str) -> None:
    replica = Replica(260, seed=3)
    seed = replica.sites[site]
    stories = {t["canonical_url"] for t in replica.world.truth() if t["site"] == site}
    found: set[str] = set()
    follow: str | None = url
    number = 0
    while follow is not None:
        number += 1
        listed = extract(replica.page(follow, "list", ListPosition(url, number)), seed)
        if listed.kind != "list" or not listed.links or "list-items-not-found" in listed.notes:
            break  # a page past the end
        assert all(link.hints.title for link in listed.links)
        dated = [link for link in listed.links if link.hints.published_at is not None]
        assert len(dated) >= min(len(listed.links), 20) - 5  # the popular ones beside have none
        found |= {link.url.partition("?")[0] for link in listed.links}
        follow = listed.next_page
    assert found >= stories
    feed = extract(replica.page(seed.feeds[0].url, "feed"), seed)
    assert feed.kind == "feed"
    assert len(feed.links) == min(20, len(stories))
    assert all(link.hints.published_at and link.hints.title for link in feed.links)


def general_site(host: str, language: str) -> Site:
    return Site.model_validate(
        {
            "name": "general", "title": host, "kind": "publisher", "language": language,
            "time_zone": "UTC", "hosts": [host], "feeds": [f"https://{host}/rss"],
            "urls": {"article": "."},
        }
    )  # fmt: skip


@pytest.mark.long
@pytest.mark.corpus
def test_sites_without_rules(corpus: Path) -> None:
    manifest = corpus / "general" / "manifest.jsonl"
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        url = row["url"].replace("_article.example", "-article.example")
        site = general_site(
            urlsplit(url).hostname or "", row["lang"] if len(row.get("lang") or "") == 2 else "en"
        )
        body = gzip.decompress((corpus / "general" / row["html"]).read_bytes())
        articles = extract(Page(url, body, datetime(2026, 11, 1, tzinfo=UTC)), site).articles
        if articles:
            article = articles[0]
            found[row["id"]] = {
                "text": article.text,
                "title": article.title,
                "authors": [author.name for author in article.authors],
                "published": article.published_at and article.published_at.isoformat(),
            }
    result, _ = _score(corpus).evaluate(rows, found)
    reached = {
        "body": result["body"]["F1"], "title": result["title"]["norm"],
        "date": result["date"]["hit"], "authors": result["author"]["set"],
    }  # fmt: skip
    assert {name: reached[name] for name, floor in GENERAL.items() if reached[name] < floor} == {}


def _score(corpus: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", corpus / "general" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

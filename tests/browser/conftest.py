"""Crawls of pages that need a browser, against the replica's host that is made by scripts.

Tests with the mark ``browser`` need a Chromium. Where there is none they are skipped, and named; in
CI they fail, so that nobody takes a run without them for a whole one.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsbot.capture import chromium
from replica import Running, running
from replica.hosts import ADS, SCRIPTED
from replica.scripted import LIST
from tests.acceptance.conftest import ROOT, Bench

Maker = Callable[..., Bench]


@pytest.fixture(autouse=True)
def _needs_a_browser(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("browser") and chromium.find_browser(None) is None:
        why = chromium.missing_browser_message("this test")
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)


@pytest.fixture(scope="module")
def scripted() -> Iterator[Running]:
    """A world whose stories the scripted host shows."""
    with running(articles=40, template="T3") as server:
        yield server


@pytest.fixture
def browsing(tmp_path: Path, scripted: Running) -> Maker:
    """Makes a checkout with a seed for the scripted host."""

    def make(*lists: str, render: str = "always", browser: str = "") -> Bench:
        seed = tmp_path / "layar.toml"
        seed.write_text(seed_text(lists or (f"https://{SCRIPTED}{LIST}",), render, browser))
        environment = {
            "http_proxy": scripted.proxy_url,
            "https_proxy": scripted.proxy_url,
            "NEWSBOT_SEEDS": str(tmp_path),
        }
        return Bench(str(tmp_path / "archive"), tmp_path / "var", environment)

    return make


def seed_text(lists: tuple[str, ...], render: str, browser: str = "") -> str:
    """A seed with ANTARA's selectors, for the scripted host."""
    antara = (ROOT / "seeds" / "antara.toml").read_text()
    select = antara[antara.index("[select]") : antara.index("# Galleries")]
    starts = "".join(f'[[lists]]\nurl = "{url}"\nmax_pages = 1\n' for url in lists)
    return f"""
name = "layar"
title = "ANTARA News"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["{SCRIPTED}"]
render = "{render}"
{starts}
[urls]
article = '^/(?:app|xhr|lazy|busy|popup|hog|pindah)/(?P<number>\\d+)'
[browser]
settle = 3
block = ["{ADS}"]
{browser}
{select}
"""

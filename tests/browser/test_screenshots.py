"""Screenshots of pages that need no browser to be read."""

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.acceptance.test_requisites import Kabar, bench_of, crawl
from tests.browser.test_pages import records
from tests.webserver import serving

pytestmark = [pytest.mark.browser, pytest.mark.endurance]


def test_every_article_has_one_where_the_seed_says_so(tmp_path: Path) -> None:
    """It is read as it was served: the browser is there for the picture alone."""
    site = type("OneKabar", (Kabar,), {"asked": []})
    with serving(site) as port:
        bench, seed = bench_of(tmp_path, port, 'screenshots = "all"')
        crawl(bench, seed)
    kept, articles = records(bench), bench.articles()
    assert len(articles) == 2
    for article in articles:
        assert [source["role"] for source in article["sources"]] == ["page"]
        for name, width in (("view", 1280), ("thumbnail", 320)):
            ((kind, picture),) = kept[f"urn:{name}:{article['url']}"]
            assert kind == "resource"
            assert Image.open(io.BytesIO(picture)).width == width

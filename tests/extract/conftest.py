"""Pages for the extraction tests: built by hand, or read from the corpus beside the checkout."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.extract import extract
from newsbot.models import Article, Page
from newsbot.sites.loading import load_site
from newsbot.sites.site import Site

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
FETCHED = datetime(2026, 9, 16, 10, 20, 33, tzinfo=UTC)

Read = Callable[..., Article]


@pytest.fixture(scope="session")
def antara() -> Site:
    return load_site(ROOT / "seeds" / "antara.toml")


@pytest.fixture(scope="session")
def rakyatnews() -> Site:
    return load_site(ROOT / "seeds" / "rakyatnews.toml")


@pytest.fixture(scope="session")
def corpus() -> Path:
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    return CORPUS


def page(
    body: str | bytes,
    url: str = "https://www.antaranews.com/berita/4682001/judul-berita",
    fetched_at: datetime = FETCHED,
    **more: object,
) -> Page:
    data = body.encode() if isinstance(body, str) else body
    return Page(url, data, fetched_at, **more)  # type: ignore[arg-type]


@pytest.fixture
def read(antara: Site) -> Read:
    """Extracts the one article of an HTML page."""

    def one(body: str | bytes, site: Site = antara, **more: object) -> Article:
        extraction = extract(page(body, **more), site)  # type: ignore[arg-type]
        assert len(extraction.articles) == 1, extraction
        return extraction.articles[0]

    return one

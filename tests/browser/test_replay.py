"""What was captured of a page that scripts make looks the same when it is replayed, origin off."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

from newsbot.capture import chromium
from newsbot.replica import running
from newsbot.replica.hosts import SCRIPTED
from tests.acceptance.conftest import Bench
from tests.browser.conftest import seed_text
from tests.browser.test_pages import records, stories
from tests.capture.test_replay import pywb

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

MOST = 2.0  # mean difference of a pixel's shade, of 255: a blank page has 10 and more


def difference(one: bytes, other: bytes) -> float:
    """Mean absolute difference of two pictures, which must be of one size."""
    first, second = (Image.open(io.BytesIO(data)).convert("L") for data in (one, other))
    assert first.size == second.size
    histogram = ImageChops.difference(first, second).histogram()
    return sum(shade * count for shade, count in enumerate(histogram)) / sum(histogram)


@pytest.mark.long
def test_pywb_shows_it_as_it_was(tmp_path: Path) -> None:
    with running(articles=12, template="T3") as replica:
        number = next(iter(stories(replica)))
        (tmp_path / "layar.toml").write_text(
            seed_text((f"https://{SCRIPTED}/gulung",), "always", "scrolls = 1")
        )
        environment = {
            "http_proxy": replica.proxy_url,
            "https_proxy": replica.proxy_url,
            "NEWSBOT_SEEDS": str(tmp_path),
        }
        bench = Bench(str(tmp_path / "archive"), tmp_path / "var", environment)
        url = f"https://{SCRIPTED}/app/{number}"
        done = bench.crawl("antara", "site=layar", f"url={url}")
        assert done.returncode == 0, done.stderr
    # from here on the origin is off
    live = dict(records(bench)[f"urn:view:{url}"])["resource"]
    wayback = tmp_path / "wayback"
    wayback.mkdir()
    (wayback / "config.yaml").write_text("framed_replay: false\n")
    with pywb(wayback, list(Path(bench.store_url).rglob("*.warc.gz"))) as address:
        shown = screenshot(f"{address}/{url}")
    assert difference(live, shown) < MOST
    blank = Image.new("RGB", Image.open(io.BytesIO(live)).size, "white")
    picture = io.BytesIO()
    blank.save(picture, "JPEG")
    assert difference(live, picture.getvalue()) > MOST, "the comparison must tell a blank page"


def screenshot(url: str) -> bytes:
    """The page as a browser shows it that can reach loopback only."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium.find(None)), args=chromium.arguments(512)
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url, wait_until="networkidle")
        page.wait_for_selector("h1")
        picture = page.screenshot(full_page=True, type="jpeg", quality=80)
        browser.close()
        return picture

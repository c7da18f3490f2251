"""What was captured of a page that scripts make looks the same when it is replayed, origin off."""

import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright

from newsbot.archive.export import select, wacz
from newsbot.archive.snapshots import read_run
from newsbot.capture import chromium
from replica import running
from replica.hosts import SCRIPTED
from tests.acceptance.conftest import Bench
from tests.archive.export.replayweb import Replay, browser, serving
from tests.browser.conftest import seed_text
from tests.browser.test_pages import records, stories
from tests.replaying.pywb import pywb

pytestmark = [pytest.mark.browser]

_MARGIN = 8  # pixels around the body of the page that holds ReplayWeb.page's player
MOST = 2.0  # mean difference of a pixel's shade, of 255: a blank page has 10 and more


def difference(one: bytes, other: bytes) -> float:
    """Mean absolute difference of two pictures, which must be of one size."""
    first, second = (Image.open(io.BytesIO(data)).convert("L") for data in (one, other))
    assert first.size == second.size
    histogram = ImageChops.difference(first, second).histogram()
    return sum(shade * count for shade, count in enumerate(histogram)) / sum(histogram)


@dataclass(frozen=True)
class Rendered:
    """A landed crawl of one rendered page, whose origin is off by now, and how the page looked."""

    bench: Bench
    url: str
    live: bytes


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    folder = tmp_path_factory.mktemp("rendered")
    with running(articles=12, template="T3") as replica:
        url = f"https://{SCRIPTED}/app/{next(iter(stories(replica)))}"
        (folder / "layar.toml").write_text(
            seed_text((f"https://{SCRIPTED}/gulung",), "always", "scrolls = 1")
        )
        environment = {
            "http_proxy": replica.proxy_url,
            "https_proxy": replica.proxy_url,
            "NEWSBOT_SEEDS": str(folder),
        }
        bench = Bench(str(folder / "archive"), folder / "var", environment)
        done = bench.crawl("antara", "site=layar", f"url={url}")
        assert done.returncode == 0, done.stderr
    return Rendered(bench, url, dict(records(bench)[f"urn:view:{url}"])["resource"])


@pytest.mark.endurance
def test_pywb_shows_it_as_it_was(rendered: Rendered, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("framed_replay: false\n")
    warcs = list(Path(rendered.bench.store_url).rglob("*.warc.gz"))
    with pywb(tmp_path, warcs) as address:
        shown = screenshot(f"{address}/{rendered.url}")
    assert difference(rendered.live, shown) < MOST
    blank = Image.new("RGB", Image.open(io.BytesIO(rendered.live)).size, "white")
    picture = io.BytesIO()
    blank.save(picture, "JPEG")
    assert difference(rendered.live, picture.getvalue()) > MOST, "a blank page must not pass"


@pytest.mark.endurance
def test_replayweb_page_shows_it_as_it_was(rendered: Rendered, tmp_path: Path) -> None:
    (ref,) = rendered.bench.runs()
    package = tmp_path / "rendered.wacz"
    store = rendered.bench.store
    wacz.export(select([read_run(store, ref)]), package, lambda *_: None)
    with (
        serving(package) as server,
        browser() as started,
        Replay(server, started).page(rendered.url) as frame,
    ):
        frame.page.set_viewport_size({"width": 1280 + 2 * _MARGIN, "height": 900})
        frame.wait_for_selector("h1")
        frame.page.wait_for_load_state("networkidle")
        shown = frame.frame_element().screenshot(type="jpeg", quality=80)
    width, height = Image.open(io.BytesIO(shown)).size
    assert width == 1280
    assert difference(cropped(rendered.live, height), cropped(shown, height)) < MOST


def cropped(picture: bytes, height: int) -> bytes:
    """The top of a picture."""
    image = Image.open(io.BytesIO(picture))
    part = io.BytesIO()
    image.crop((0, 0, image.width, min(height, image.height))).save(part, "PNG")
    return part.getvalue()


def screenshot(url: str) -> bytes:
    """The page as a browser shows it that can reach loopback only."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(chromium.find_browser(None)), args=chromium.arguments(512)
        )
        page = started.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url, wait_until="networkidle")
        page.wait_for_selector("h1")
        picture = page.screenshot(full_page=True, type="jpeg", quality=80)
        started.close()
        return picture

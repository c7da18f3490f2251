"""Programs that show captures to a browser: pywb in two set-ups, and ReplayWeb.page."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.conftest import Bench
from tests.archive.export.replayweb import Replay, serving
from tests.replaying.looking import Shown, replayed
from tests.replaying.pywb import pywb

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame

Show = Callable[[str, str, int], Shown]
"""Show the capture of a URL at a time (14 digits), in a window of some height."""


@contextmanager
def pywb_added(bench: Bench, _days: str, folder: Path, browser: "Browser") -> Iterator[Show]:
    """Have pywb make its own index: ``wb-manager add``."""
    with _pywb(bench, None, folder, browser) as show:
        yield show


@contextmanager
def pywb_indexed(bench: Bench, days: str, folder: Path, browser: "Browser") -> Iterator[Show]:
    """Give pywb the index that ``newsbot export --format cdxj`` writes."""
    index = folder / "given.cdxj"
    _export(bench, days, "cdxj", index)
    with _pywb(bench, index, folder, browser) as show:
        yield show


@contextmanager
def replayweb(bench: Bench, days: str, folder: Path, browser: "Browser") -> Iterator[Show]:
    """Give ReplayWeb.page the package that ``newsbot export --format wacz`` writes."""
    package = folder / "given.wacz"
    _export(bench, days, "wacz", package)
    with serving(package) as server:
        yield lambda url, stamp, height: _in_player(Replay(server, browser), url, stamp, height)


PLAYERS: dict[str, Callable[[Bench, str, Path, "Browser"], AbstractContextManager[Show]]] = {
    "pywb": pywb_added,
    "pywb with our index": pywb_indexed,
    "ReplayWeb.page": replayweb,
}


def _export(bench: Bench, days: str, form: str, to: Path) -> None:
    done = bench.newsbot("export", days, "--format", form, "--to", str(to))
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _pywb(
    bench: Bench, index: Path | None, folder: Path, browser: "Browser"
) -> Iterator[Show]:  # fmt: skip
    (folder / "config.yaml").write_text("framed_replay: false\n")
    warcs = sorted(Path(bench.store_url).rglob("*.warc.gz"))
    with pywb(folder, warcs, index) as address:

        def show(url: str, stamp: str, height: int) -> Shown:
            page = browser.new_page(viewport={"width": 1280, "height": height})
            try:
                page.set_default_timeout(600_000)
                page.goto(f"{address}/{stamp}/{url}")
                assert f"/{stamp}/" in page.url, f"pywb shows {page.url} for the capture of {stamp}"
                return replayed(page.main_frame, height)
            finally:
                page.close()

        yield show


def _in_player(replay: Replay, url: str, stamp: str, height: int) -> Shown:
    with replay.page(url, stamp) as frame:
        _enlarge(frame, height)
        return replayed(frame, height)


def _enlarge(frame: "Frame", height: int) -> None:
    """Let the player fill the window."""
    frame.page.evaluate(
        """height => {
          document.body.style.margin = 0;
          document.querySelector('replay-web-page').style.cssText =
            'display: block; width: 1280px; height: ' + height + 'px';
        }""",
        height,
    )

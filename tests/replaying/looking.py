"""What a browser shows of a page, and how much of that another page shows too."""

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame

WIDTH: Final = 1280
FIRST_HEIGHT: Final = 900
TOLERANCE: Final = 32
"""Shades, of 255 in each channel, by which pixels may differ and still count as the same.

A script's hairline or another rounding of a picture's scale differs by less; text on paper, or a
picture in the place of another, by more.
"""
_PATIENCE: Final = 600_000  # milliseconds, for what takes one second: by then it hangs

# Pictures that wait for the window to reach them are there once it is as high as the page.
_SETTLED: Final = """() => document.readyState === 'complete' &&
  document.fonts.status === 'loaded' &&
  [...document.images].every(one => one.complete &&
    !(one.dataset.src && one.getAttribute('src').startsWith('data:')))"""
_FRAMES: Final = "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
_ARTICLE: Final = (
    "figure img, #image_news img, .post-content img, .entry img, .entry-content img, .post img"
)
_FACTS: Final = f"""() => ({{
  text: document.body.innerText,
  widths: [...document.querySelectorAll('{_ARTICLE}')].map(one => one.naturalWidth),
  fonts: [...document.fonts].filter(one => one.status !== 'unloaded')
    .map(one => one.family + ' ' + one.status),
}})"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it was shown: a picture of it (PNG), and what a browser knows of it."""

    picture: bytes
    text: str
    """Its visible text without white space, which depends on the style."""
    widths: tuple[int, ...]
    """The natural widths of the article's pictures; 0 where one is missing."""
    fonts: tuple[str, ...]
    """The fonts that the page needs, each with its state."""

    @property
    def height(self) -> int:
        """How high the page is, in pixels."""
        return Image.open(io.BytesIO(self.picture)).height


def live(browser: "Browser", url: str, proxy: str) -> Shown:
    """Return how the site shows the page now, in a window as high as the page."""
    context = browser.new_context(
        proxy={"server": proxy},
        ignore_https_errors=True,
        viewport={"width": WIDTH, "height": FIRST_HEIGHT},
    )
    try:
        page = context.new_page()
        page.set_default_timeout(_PATIENCE)
        answer = page.goto(url)
        assert answer is not None, url
        assert answer.status == 200, url
        height, higher = 0, FIRST_HEIGHT
        while height != higher:  # pictures that have come may have made the page higher
            height = higher
            page.set_viewport_size({"width": WIDTH, "height": height})
            settle(page.main_frame)
            higher = page.evaluate("document.documentElement.scrollHeight")
        return _shown(page.main_frame, page.screenshot())
    finally:
        context.close()


def settle(frame: "Frame") -> None:
    """Wait until all that the page loads has come, or has failed to, and is painted."""
    frame.wait_for_load_state("load")
    frame.wait_for_function(_SETTLED)
    frame.evaluate(_FRAMES)


def replayed(frame: "Frame", height: int) -> Shown:
    """Return what a player shows in a frame that is the page's window."""
    page = frame.page
    page.set_viewport_size({"width": WIDTH, "height": height})
    settle(frame)
    if frame is page.main_frame:
        return _shown(frame, page.screenshot())
    return _shown(frame, frame.frame_element().screenshot())


def _shown(frame: "Frame", picture: bytes) -> Shown:
    facts: dict[str, Any] = frame.evaluate(_FACTS)
    text = re.sub(r"\s+", "", facts["text"])
    return Shown(picture, text, tuple(facts["widths"]), tuple(facts["fonts"]))


def share_of_difference(one: bytes, other: bytes) -> float:
    """Return the share of the first picture's pixels that the second shows otherwise, or lacks."""
    first, second = (Image.open(io.BytesIO(data)).convert("RGB") for data in (one, other))
    common = (0, 0, min(first.width, second.width), min(first.height, second.height))
    channels = ImageChops.difference(first.crop(common), second.crop(common)).split()
    most = channels[0]
    for channel in channels[1:]:
        most = ImageChops.lighter(most, channel)
    same = sum(most.histogram()[: TOLERANCE + 1])
    return 1 - same / (first.width * first.height)

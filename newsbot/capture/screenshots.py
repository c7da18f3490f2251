"""Pictures of a page in the browser: the whole page, and a thumbnail of its first screen.

Their names in the archive, ``urn:view:`` and ``urn:thumbnail:``, are those that Browsertrix gives.
"""

import base64
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from playwright.async_api import Page

_MAX_HEIGHT: Final = 16_384  # pixels of a screenshot: Chromium returns taller ones blank
_SIZE: Final = "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
_QUALITY: Final = 80  # of JPEG, as Chromium counts it
_THUMBNAIL: Final = 320  # pixels: its width


async def screenshot(page: "Page", seconds: float) -> bytes:
    """Return a picture of the whole page, in JPEG.

    Raises:
        playwright.async_api.Error: the browser cannot take it, or not within the time.
    """
    size = await page.evaluate(_SIZE)
    height = max(1, min(size[1], _MAX_HEIGHT))
    clip: Any = {"x": 0, "y": 0, "width": max(1, size[0]), "height": height}
    return await page.screenshot(
        full_page=True, type="jpeg", quality=_QUALITY, animations="disabled", clip=clip,
        timeout=seconds * 1000,
    )  # fmt: skip


async def thumbnail(page: "Page") -> bytes:
    """Return a picture of the page's first screen, 320 pixels wide, in JPEG.

    Raises:
        playwright.async_api.Error: the browser cannot take it.
    """
    window = page.viewport_size or {"width": 1280, "height": 720}
    clip = {"x": 0, "y": 0, **window, "scale": _THUMBNAIL / window["width"]}
    session = await page.context.new_cdp_session(page)
    try:
        taken = await session.send(
            "Page.captureScreenshot", {"format": "jpeg", "quality": _QUALITY, "clip": clip}
        )
    finally:
        await session.detach()
    return base64.b64decode(cast("str", taken["data"]))

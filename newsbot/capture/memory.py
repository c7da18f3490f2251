"""Ends a browser's page processes that take more memory than they may."""

import asyncio
import logging
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds
_MIB = 1024 * 1024


async def watch(browser: "Browser", most: int, until: asyncio.Event) -> None:
    """Kill each renderer with more than ``most`` MiB of its own; its pages see that it crashed.

    V8's limit holds for a page's objects alone; buffers and pictures lie outside of it.
    """
    from playwright.async_api import Error

    with suppress(Error):  # the browser has ended, and so does this
        session = await browser.new_browser_cdp_session()
        while not until.is_set():
            told = await session.send("SystemInfo.getProcessInfo")
            for process in told["processInfo"]:
                size = _own_memory(process["id"])
                if process["type"] == "renderer" and size > most * _MIB:
                    logger.warning("browser: a page took %d MiB and is ended", size // _MIB)
                    with suppress(ProcessLookupError):
                        os.kill(process["id"], signal.SIGKILL)
            with suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), LOOK_EVERY)


def _own_memory(pid: int) -> int:
    """Bytes that the process holds and shares with no file; 0 where that cannot be told."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")

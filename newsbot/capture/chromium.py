"""Which Chromium, and how it is started; Playwright is not imported before it is needed."""

import asyncio
import logging
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from newsbot.errors import ConfigError

if TYPE_CHECKING:
    from playwright.async_api import Browser

NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable",
    "google-chrome",
)  # fmt: skip
_OWN = ("chromium_headless_shell-*/*/*headless*shell*", "chromium-*/*/chrome")
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "FONTCONFIG_PATH")
ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # our proxy resolves
    "--disable-quic",
    "--disable-http2",  # what is recorded as HTTP/1.1 is
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-dev-shm-usage",  # containers give /dev/shm 64 MB
)


def find(configured: Path | None) -> Path | None:
    """The browser: the configured one, Playwright's own, or the system's; None if there is none.

    Raises:
        ConfigError: the configured one is not there.
    """
    if configured is not None:
        if not os.access(configured, os.X_OK):
            raise ConfigError(f"NEWSBOT_CHROMIUM: {configured} is not a program; leave it out "
                              "or give the path of a Chromium")  # fmt: skip
        return configured
    for pattern in _OWN:
        for path in sorted(_playwrights_folder().glob(pattern), reverse=True):
            if path.is_file() and os.access(path, os.X_OK):
                return path
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def missing(site: str) -> str:
    """Return what to say where there is no browser."""
    return (
        f"{site} has pages that need a browser, and none was found: install one with "
        f"`{sys.executable} -m playwright install --with-deps chromium-headless-shell` or "
        "`apt-get install chromium-headless-shell`, or set NEWSBOT_CHROMIUM to one"
    )


def arguments(memory: int) -> list[str]:
    """Command-line arguments; ``memory`` is the most of a page's JavaScript heap, in MiB."""
    extra = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to run as root in one
    return [*ARGUMENTS, f"--js-flags=--max-old-space-size={memory}", *extra]


def environment() -> dict[str, str | float | bool]:
    """Return the variables that the browser gets: none that could hold a credential."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


def _playwrights_folder() -> Path:
    told = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    return Path(told) if told else Path.home() / ".cache" / "ms-playwright"


logger = logging.getLogger(__name__)


LOOK_EVERY = 0.5  # seconds


_MIB = 1024 * 1024


async def watch(browser: "Browser", most: int, until: asyncio.Event) -> None:
    """Kill each renderer with more than ``most`` MiB of its own; its pages see that it crashed.

    V8's limit holds for a page's objects alone; buffers and pictures lie outside of it.
    """
    from playwright.async_api import Error  # noqa: PLC0415 - 0.2 s that a crawl without a browser saves

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
    """Return bytes that the process holds and shares with no file; 0 where that cannot be told."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")

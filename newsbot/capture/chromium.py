"""Finds Chromium, starts it, and limits its memory; Playwright is imported only when needed."""

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

_PROGRAMS = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable",
    "google-chrome",
)  # fmt: skip
_PLAYWRIGHT_PATTERNS = ("chromium_headless_shell-*/*/*headless*shell*", "chromium-*/*/chrome")
_PASSED_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "FONTCONFIG_PATH")
_ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # our proxy resolves names
    "--disable-quic",
    "--disable-http2",  # so that what is recorded as HTTP/1.1 was HTTP/1.1
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-dev-shm-usage",  # containers limit /dev/shm to 64 MB
)


def find_browser(configured: Path | None) -> Path | None:
    """Return the configured browser, else Playwright's own, else the system's, else None.

    Raises:
        ConfigError: the configured path is not an executable file.
    """
    if configured is not None:
        if not os.access(configured, os.X_OK):
            raise ConfigError(f"NEWSBOT_CHROMIUM: {configured} is not an executable file; unset it "
                              "or set it to the path of a Chromium")  # fmt: skip
        return configured
    for pattern in _PLAYWRIGHT_PATTERNS:
        for path in sorted(_playwright_folder().glob(pattern), reverse=True):
            if path.is_file() and os.access(path, os.X_OK):
                return path
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return Path(found) if found else None


def missing_browser_message(site: str) -> str:
    """Return the message that says how to install a browser for the site."""
    return (
        f"{site} has pages that need a browser, and none was found: install one with "
        f"`{sys.executable} -m playwright install --with-deps chromium-headless-shell` or "
        "`apt-get install chromium-headless-shell`, or set NEWSBOT_CHROMIUM to one"
    )


def arguments(memory: int, accepted_key: str | None = None) -> list[str]:
    """Return the command-line arguments.

    Args:
        memory: limit of a page's JavaScript heap, in MiB.
        accepted_key: SHA-256 (base64) of the public key of our proxy, if that ends TLS.
    """
    extra = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
    if accepted_key is not None:
        extra.append(f"--ignore-certificate-errors-spki-list={accepted_key}")
    return [*_ARGUMENTS, f"--js-flags=--max-old-space-size={memory}", *extra]


def environment() -> dict[str, str | float | bool]:
    """Return the environment for the browser: no variable that could hold a credential."""
    return {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}


def _playwright_folder() -> Path:
    configured = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    return Path(configured) if configured else Path.home() / ".cache" / "ms-playwright"


logger = logging.getLogger(__name__)


_CHECK_INTERVAL = 0.5  # seconds
_MIB = 1024 * 1024


async def limit_memory(browser: "Browser", limit: int, until: asyncio.Event) -> None:
    """Kill each renderer that holds more private memory than the limit, until the event is set.

    Its pages then report a crash. V8's own limit covers JavaScript objects only, not buffers and
    pictures.

    Args:
        limit: MiB of private memory of one renderer.
    """
    from playwright.async_api import Error  # noqa: PLC0415 - 0.2 s that a crawl without a browser saves

    with suppress(Error):  # the browser has ended
        session = await browser.new_browser_cdp_session()
        while not until.is_set():
            answer = await session.send("SystemInfo.getProcessInfo")
            for process in answer["processInfo"]:
                size = _private_memory(process["id"])
                if process["type"] == "renderer" and size > limit * _MIB:
                    logger.warning(
                        "browser: a page used %d MiB of memory (limit %d) and was killed",
                        size // _MIB, limit,
                    )  # fmt: skip
                    with suppress(ProcessLookupError):
                        os.kill(process["id"], signal.SIGKILL)
            with suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), _CHECK_INTERVAL)


def _private_memory(pid: int) -> int:
    """Return the bytes that the process shares with no file; 0 where they cannot be read."""
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")

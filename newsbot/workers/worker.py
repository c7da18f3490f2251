"""``python -m newsbot.workers.worker``: reads pages for the pool that started it, one by one.

Standard input is a socket to the pool. What comes in are pickles: a Site, then Pages of that site.
What goes out are frames of four bytes of length and a pickle: None once the worker is warm, then an
Answer for each page. The worker ends when the socket is closed, and the pool's death closes it.
"""

import gc
import pickle
import signal
import socket
import struct
import traceback
from dataclasses import dataclass
from typing import IO, Any, Final

from newsbot.extract import extract
from newsbot.models import Extraction, Page
from newsbot.sites.site import Site

LENGTH: Final = struct.Struct(">I")
COLLECT_AFTER: Final = 20_000  # objects more than were freed: a page makes some thousands
_ORPHANED: Final = 60  # seconds on one page: the pool would have ended us long ago, were it alive


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page said, or the error that reading it raised and where."""

    extraction: Extraction | None
    error: str = ""
    trace: str = ""


def main() -> None:
    """Read pages until the pool closes its end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # meant for the crawl, which still needs its workers
    with socket.socket(fileno=0) as line, line.makefile("rb") as pages:
        _warm_up()
        try:
            _send(line, None)
            _serve(line, pages)
        except (EOFError, ConnectionError):
            return  # the pool is gone or done


def _serve(line: socket.socket, pages: IO[bytes]) -> None:
    site: Site | None = None
    while True:
        message = pickle.load(pages)  # noqa: S301 - from the process that started us
        if isinstance(message, Site):
            site = message
            continue
        signal.alarm(_ORPHANED)  # its default action ends us, even within a call into C
        answer = _read(message, site)
        signal.alarm(0)
        _send(line, answer)


def _read(page: Page, site: Site | None) -> Answer:
    if site is None:
        raise ValueError("a page came before its site")
    try:
        return Answer(extract(page, site))
    except Exception as error:  # noqa: BLE001 - whatever it is, it costs this page only
        return Answer(None, f"{type(error).__name__}: {error}", traceback.format_exc())


def _send(line: socket.socket, message: Any) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    line.sendall(LENGTH.pack(len(data)) + data)


def _warm_up() -> None:
    """Load what the first page would wait for."""
    import newsbot.extract.reading  # noqa: F401, PLC0415 - 0.4 s, when signals are set

    gc.collect()
    gc.freeze()  # what is loaded stays: no collection need look at it again
    gc.set_threshold(COLLECT_AFTER)


if __name__ == "__main__":
    from newsbot.workers import worker  # noqa: PLW0406 - by the name that the pool knows it by

    worker.main()

"""``python -m newsbot.workers.worker``: extracts pages for the pool that started it, one by one.

Standard input is a socket to the pool. Input is pickles: a Site, then Pages of that site. Output is
frames of four bytes of length and a pickle: None once the worker is ready, then a WorkerReply for
each page. The worker ends when the socket is closed, also by the death of the pool's process.
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
_COLLECT_AFTER: Final = 20_000  # new objects less freed ones: a page makes some thousands
_ORPHANED: Final = 60  # seconds on one page: a living pool would have killed us long before


@dataclass(frozen=True, slots=True)
class WorkerReply:
    """What was extracted from a page, or the error with its traceback."""

    extraction: Extraction | None
    error: str = ""
    trace: str = ""


def main() -> None:
    """Extract pages until the pool closes its end of the socket."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # sent to the crawl, which still needs its workers
    with socket.socket(fileno=0) as line, line.makefile("rb") as pages:
        _warm_up()
        try:
            _send(line, None)
            _serve(line, pages)
        except (EOFError, ConnectionError):
            return  # the pool has ended


def _serve(line: socket.socket, pages: IO[bytes]) -> None:
    site: Site | None = None
    while True:
        message = pickle.load(pages)  # noqa: S301 - from the process that started us
        if isinstance(message, Site):
            site = message
            continue
        signal.alarm(_ORPHANED)  # its default action ends the process, even within a call into C
        reply = _extract(message, site)
        signal.alarm(0)
        _send(line, reply)


def _extract(page: Page, site: Site | None) -> WorkerReply:
    if site is None:
        raise ValueError("a page came before its site")
    try:
        return WorkerReply(extract(page, site))
    except Exception as error:  # noqa: BLE001 - any error fails this page only
        return WorkerReply(None, f"{type(error).__name__}: {error}", traceback.format_exc())


def _send(line: socket.socket, message: Any) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    line.sendall(LENGTH.pack(len(data)) + data)


def _warm_up() -> None:
    """Import what the first page needs."""
    import newsbot.extract.reading  # noqa: F401, PLC0415 - 0.4 s, when signals are set

    gc.collect()
    gc.freeze()  # loaded modules stay: no collection needs to scan them
    gc.set_threshold(_COLLECT_AFTER)


if __name__ == "__main__":
    from newsbot.workers import worker  # noqa: PLW0406 - by the name that the pool knows it by

    worker.main()

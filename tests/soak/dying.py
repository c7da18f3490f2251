"""``python dying.py POINT COUNT crawl antara …``: ``scrapy`` that kills itself (-9) at a moment.

A moment is the COUNT-th time that something happens in the crawl's own process, so it is hit on a
machine of any speed. Python's audit events tell of files and requests just before they happen.
"""

import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

# Audit events, what one of their arguments (a path; the first line of a request) looks like, and
# the largest count that surely comes in every crawl that has some articles to fetch.
POINTS: dict[str, tuple[tuple[str, ...], str, int]] = {
    "starting": (("os.rename",), r"/\.run\.json\.\w+\.partial$", 1),
    "rolling": (("open", "os.rename"), r"\.warc\.gz\.open$", 4),
    "sent": (("os.remove",), r"/files/warc/\S*\.warc\.gz$", 1),
    "closing": (("os.rename",), r"/\.(index|articles|events|crawl)\.\S*\.partial$", 4),
    "ending": (("os.rename",), r"/\.ending\.json\.\w+\.partial$", 1),
    "summing": (("os.rename",), r"/files/\.(SHA256SUMS|manifest\.json)\.\w+\.partial$", 2),
    "cleaning": (("os.rename", "os.remove", "os.rmdir"), r"/(run|landed|ending)\.json$|^crawl", 2),
}
FOLDER_POINTS = {
    "copying": (("open",), r"/snapshots/\S*\.partial$", 5),
    "uploading": (("os.link",), r"/snapshots/\S*\.partial$", 5),
    "manifest": (("os.link",), r"/snapshots/\S*manifest\.json\.\S*$", 1),
    "read-back": (("open",), r"/snapshots/\S*/manifest\.json$", 1),
}
S3_POINTS = {
    "uploading": (("http.client.send",), r"^PUT \S*/snapshots/", 6),
    "warc": (("http.client.send",), r"^PUT \S*/warc/", 2),
    "manifest": (("http.client.send",), r"^PUT \S*/manifest\.json ", 2),
    "read-back": (("http.client.send",), r"^HEAD \S*/manifest\.json ", 1),
}
# Not told by audit events: half of a record or journal line is written; a ledger's transaction.
INNER_POINTS = {"writing": 60, "knowing": 4}


def main() -> None:
    """Arm the point, then be ``scrapy``."""
    point, count, *sys.argv[1:] = sys.argv[1:]
    die = _countdown(int(count))
    if point == "writing":
        _die_writing(die)
    elif point == "knowing":
        _die_knowing(die)
    else:
        on_s3 = os.environ["NEWSBOT_STORE"].startswith("s3://")
        events, pattern, _ = (POINTS | (S3_POINTS if on_s3 else FOLDER_POINTS))[point]
        _die_at(events, re.compile(pattern), die)
    from scrapy.cmdline import execute

    execute()


def _countdown(left: int) -> Callable[[], bool]:
    def due() -> bool:
        nonlocal left
        left -= 1
        return left == 0

    return due


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at(events: tuple[str, ...], pattern: re.Pattern[str], due: Callable[[], bool]) -> None:
    sending = threading.local()  # several files are put at once

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in events:
            return
        if event == "http.client.send":
            data = arguments[1]
            if isinstance(data, bytes) and re.match(rb"[A-Z]+ \S+ HTTP/1.1\r\n", data):
                sending.request = data.partition(b"\r\n")[0].decode("latin-1")
            said = getattr(sending, "request", "")  # what follows a head is its body, in pieces
        else:
            said = os.fsdecode(arguments[0]) if not isinstance(arguments[0], int) else ""
        if pattern.search(said) and due():
            _kill()

    sys.addaudithook(hook)


def _die_writing(due: Callable[[], bool]) -> None:
    from newsbot import files as disk
    from newsbot.landing import spool
    from newsbot.warc import files as warcfile

    def write_half(file: Any, data: bytes) -> None:
        if due():
            disk.write_all(file, data[: len(data) // 2])
            _kill()
        disk.write_all(file, data)

    for module in (spool, warcfile):
        module.write_all = write_half  # type: ignore[attr-defined]


def _die_knowing(due: Callable[[], bool]) -> None:
    from sqlalchemy import Engine, event

    event.listen(Engine, "commit", lambda _connection: _kill() if due() else None)


if __name__ == "__main__":
    main()

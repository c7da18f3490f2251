"""One worker process, seen from the crawl: the pages it has, its socket, its end."""

import asyncio
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from newsbot.errors import ExtractionFailed
from newsbot.models import Extraction, Page
from newsbot.sites.site import Site
from newsbot.workers.worker import LENGTH, Answer

logger = logging.getLogger(__name__)

_START_SECONDS: Final = 120.0  # until a worker is warm: 1.2 s on an idle machine
_ROOM: Final = 1024 * 1024  # bytes of pages in the socket, as far as the system lets us
_PIECE: Final = 256 * 1024  # bytes read at once; an answer has some 5 KB


@dataclass(slots=True)
class Task:
    """A page to be read, where its answer goes, and how many workers it may cost."""

    page: Page
    site: Site
    answer: asyncio.Future[Extraction]
    tries: int

    def done(self, answer: Answer) -> None:
        """The worker has answered."""
        if answer.extraction is None:
            logger.error("%s: cannot be read\n%s", self.page.url, answer.trace)
            self.fail(ExtractionFailed(f"{self.page.url}: {answer.error}"))
        elif not self.answer.done():
            self.answer.set_result(answer.extraction)

    def fail(self, error: Exception) -> None:
        """There will be no answer."""
        if not self.answer.done():  # whoever waited may have been cancelled
            self.answer.set_exception(error)


class Process:
    """A worker and our end of the socket to it, which is never waited for.

    Args:
        limit: seconds that a page may take; then the worker is killed.
        on_room: called when an answer has come.
        on_end: called with the worker and the reason when it has died or was killed, once.
    """

    def __init__(
        self,
        limit: float,
        on_room: Callable[[], None],
        on_end: Callable[["Process", str], None],
    ) -> None:
        self.warm = False
        self.tasks: deque[Task] = deque()  # the first is under way
        self._limit = limit
        self._on_room, self._on_end = on_room, on_end
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._site: Site | None = None
        self._unsent: deque[memoryview] = deque()
        self._received = bytearray()
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
        with theirs:
            command = [sys.executable, "-m", "newsbot.workers.worker"]
            self._process = subprocess.Popen(command, stdin=theirs.fileno(), env=_environment())

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen to the worker from now on."""
        if self._loop is None:
            self._loop = loop
            loop.add_reader(self._socket, self._on_readable)
            self._timer = loop.call_later(_START_SECONDS, self._too_late, "did not start in time")

    def take(self, task: Task) -> None:
        """Give the worker a page."""
        if self._site is not task.site:
            self._site = task.site
            self._send(task.site)
        self.tasks.append(task)
        self._send(task.page)
        if self.warm and len(self.tasks) == 1:
            self._watch()

    def end(self) -> int:
        """Kill the worker if it lives, and forget it; returns its exit status."""
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
        self._socket.close()
        self._process.kill()
        return self._process.wait()

    # -- the time that a page takes ------------------------------------------------------------

    def _watch(self) -> None:
        """Time the page that is under way now, if there is one."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self.tasks and self._loop is not None:
            why = f"took longer than {self._limit:g} s to read"
            self._timer = self._loop.call_later(self._limit, self._too_late, why)

    def _too_late(self, why: str) -> None:
        self.end()
        self._on_end(self, why)

    # -- the socket ----------------------------------------------------------------------------

    def _send(self, message: Any) -> None:
        self._unsent.append(memoryview(pickle.dumps(message, pickle.HIGHEST_PROTOCOL)))
        if len(self._unsent) == 1:
            self._flush()

    def _flush(self) -> None:
        """Send as much as the socket takes, and the rest when it takes more."""
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent[0])
                self._unsent[0] = self._unsent[0][sent:]
                if not self._unsent[0]:
                    self._unsent.popleft()
        except BlockingIOError:
            if self._loop is not None:
                self._loop.add_writer(self._socket, self._flush)
            return
        except ConnectionError:
            self._unsent.clear()  # it died; reading tells so, after what it had still to say
        if self._loop is not None:
            self._loop.remove_writer(self._socket)

    def _on_readable(self) -> None:
        try:
            data = self._socket.recv(_PIECE)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            status = self.end()
            self._on_end(self, f"its worker died ({_said(status)})")
            return
        self._received += data
        while (frame := self._frame()) is not None:
            self._on_message(pickle.loads(frame))  # noqa: S301 - from a process that we started

    def _frame(self) -> bytes | None:
        """Return the next whole frame that was received, taken out of the buffer."""
        if len(self._received) < LENGTH.size:
            return None
        end = LENGTH.size + LENGTH.unpack_from(self._received)[0]
        if len(self._received) < end:
            return None
        frame = bytes(self._received[LENGTH.size : end])
        del self._received[:end]
        return frame

    def _on_message(self, answer: Answer | None) -> None:
        if answer is None:
            self.warm = True
            self._watch()
            return
        self.tasks.popleft().done(answer)
        self._watch()
        self._on_room()


def _said(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _environment() -> dict[str, str]:
    """Ours, with the newsbot that we are first on the path."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}

"""One worker process as the pool sees it: its pages, its socket, its end."""

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
from newsbot.workers.worker import LENGTH, WorkerReply

logger = logging.getLogger(__name__)

_START_SECONDS: Final = 120.0  # until a worker is ready: 1.2 s on an idle machine
_SEND_BUFFER: Final = 1024 * 1024  # bytes of pages in the socket, as far as the system allows
_PIECE: Final = 256 * 1024  # bytes read at once; a reply has some 5 KB


@dataclass(slots=True)
class ExtractionTask:
    """A page to extract, the future of its result, and how many workers may die on it."""

    page: Page
    site: Site
    result: asyncio.Future[Extraction]
    tries: int

    def finish(self, reply: WorkerReply) -> None:
        """Set the result from the worker's reply."""
        if reply.extraction is None:
            logger.error("%s: extraction failed\n%s", self.page.url, reply.trace)
            self.fail(ExtractionFailed(f"{self.page.url}: {reply.error}"))
        elif not self.result.done():
            self.result.set_result(reply.extraction)

    def fail(self, error: Exception) -> None:
        """Set an error as the result."""
        if not self.result.done():  # the waiting task may have been cancelled
            self.result.set_exception(error)


class WorkerProcess:
    """A worker and our end of the socket to it, which never blocks.

    Args:
        limit: seconds that a page may take; then the worker is killed.
        on_reply: called after each reply.
        on_end: called once, with the worker and the reason, when it has died or was killed.
    """

    def __init__(
        self,
        limit: float,
        on_reply: Callable[[], None],
        on_end: Callable[["WorkerProcess", str], None],
    ) -> None:
        self.is_ready = False
        self.tasks: deque[ExtractionTask] = deque()  # the first is in progress
        self._limit = limit
        self._on_reply, self._on_end = on_reply, on_end
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._site: Site | None = None
        self._unsent: deque[memoryview] = deque()
        self._received = bytearray()
        self._socket, worker_end = socket.socketpair()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        with worker_end:
            command = [sys.executable, "-m", "newsbot.workers.worker"]
            self._process = subprocess.Popen(command, stdin=worker_end.fileno(), env=_environment())

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start to listen to the worker."""
        if self._loop is None:
            self._loop = loop
            loop.add_reader(self._socket, self._on_readable)
            self._timer = loop.call_later(_START_SECONDS, self._too_late, "did not start in time")

    def send(self, task: ExtractionTask) -> None:
        """Send the worker a page, after its site if that is another one."""
        if self._site is not task.site:
            self._site = task.site
            self._send(task.site)
        self.tasks.append(task)
        self._send(task.page)
        if self.is_ready and len(self.tasks) == 1:
            self._start_timer()

    def end(self) -> int:
        """Kill the worker if it runs, close its socket, and return its exit status."""
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
        self._socket.close()
        self._process.kill()
        return self._process.wait()

    # -- the time limit of a page --------------------------------------------------------------

    def _start_timer(self) -> None:
        """Start the timer of the page that is in progress now, if there is one."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self.tasks and self._loop is not None:
            why = f"took longer than {self._limit:g} s to extract"
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
        """Send as much as the socket accepts, and the rest when it is writable again."""
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
            self._unsent.clear()  # it died; reading reports that, after its last replies
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
            self._on_end(self, f"its worker died ({_describe(status)})")
            return
        self._received += data
        while (frame := self._frame()) is not None:
            self._on_message(pickle.loads(frame))  # noqa: S301 - from a process that we started

    def _frame(self) -> bytes | None:
        """Return the next complete frame, removed from the buffer."""
        if len(self._received) < LENGTH.size:
            return None
        end = LENGTH.size + LENGTH.unpack_from(self._received)[0]
        if len(self._received) < end:
            return None
        frame = bytes(self._received[LENGTH.size : end])
        del self._received[:end]
        return frame

    def _on_message(self, reply: WorkerReply | None) -> None:
        if reply is None:
            self.is_ready = True
            self._start_timer()
            return
        self.tasks.popleft().finish(reply)
        self._start_timer()
        self._on_reply()


def _describe(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _environment() -> dict[str, str]:
    """Return our environment, with our own newsbot first on the path."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}

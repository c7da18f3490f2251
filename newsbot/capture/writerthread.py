"""The thread that writes records: waiting calls are made in batches, with one reply for each batch.

One hop to a thread and back for each record took as long as writing it (1.1 of 2.3 ms for an
exchange of 84 KB): waking the thread, waking the event loop, and passing the interpreter's lock
between them. Under load several calls always wait, and a batch shares that cost.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

_BATCH = 4  # calls; with 16 pages in progress no other number was faster

Result = TypeVar("Result")
_Call = tuple["_Reply", Callable[..., Any], tuple[Any, ...]]
_Reply = asyncio.Future[Any] | Future[Any]


class WriterThread:
    """Makes calls one after the other, in the order in which they were requested."""

    def __init__(self) -> None:
        self._requested: list[_Call] = []  # in this turn of the event loop
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="warc", daemon=True)
        self._thread.start()

    async def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Return the function's result to the event loop that awaits it; there is one such loop.

        Raises:
            Exception: what the function raised.
        """
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[Result] = loop.create_future()
        if not self._requested:
            loop.call_soon(self._submit)
        self._requested.append((reply, function, arguments))
        return await reply

    def _submit(self) -> None:
        """Submit the calls of this turn of the event loop to the thread, all at once.

        Submitted one by one, the first would wake the thread, and both would compete for the
        interpreter's lock while the loop adds more: 7 % of all processor time.
        """
        requested, self._requested = self._requested, []
        for call in requested:
            self._calls.put(call)

    def wait(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Return the function's result to another thread, which blocks until then.

        Raises:
            Exception: what the function raised.
        """
        reply: Future[Result] = Future()
        self._calls.put((reply, function, arguments))
        return reply.result()

    def close(self) -> None:
        """Make the waiting calls and end the thread; the event loop must have ended."""
        self._submit()
        self._calls.put(None)
        self._thread.join()

    def _work(self) -> None:
        while self._make_calls([self._calls.get(), *self._waiting()]):
            pass

    def _waiting(self) -> list[_Call | None]:
        """Return the next waiting calls; few, as the event loop waits for the whole batch."""
        return [self._calls.get_nowait() for _ in range(min(_BATCH - 1, self._calls.qsize()))]

    def _make_calls(self, calls: list[_Call | None]) -> bool:
        """Make the calls and return their results; return whether more may follow."""
        results = [(call[0], *_outcome(call[1], call[2])) for call in calls if call is not None]
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Reply, Any, Exception | None]]] = {}
        for reply, result, error in results:
            if isinstance(reply, Future):
                _settle([(reply, result, error)])
            else:
                by_loop.setdefault(reply.get_loop(), []).append((reply, result, error))
        for loop, replies in by_loop.items():
            if not loop.is_closed():  # else nothing waits any more
                loop.call_soon_threadsafe(_settle, replies)
        return None not in calls


def _outcome(
    function: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[Any, Exception | None]:
    try:
        return function(*arguments), None
    except Exception as error:  # noqa: BLE001 - raised again where the result is awaited
        return None, error


def _settle(replies: list[tuple[_Reply, Any, Exception | None]]) -> None:
    for reply, result, error in replies:
        if reply.done():  # the waiting task was cancelled
            continue
        if error is None:
            reply.set_result(result)
        else:
            reply.set_exception(error)

"""The thread that writes records: calls that wait are made in one go, with one way back.

A hop to a thread and back, one for each record, took as long as writing it (1.1 of 2.3 ms an
exchange of 84 KB): waking a thread, waking the event loop, and the interpreter's lock going to and
fro. Under load there is always one that waits, and shares both.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

AT_ONCE = 4  # calls; with 16 pages under way no number did better

Result = TypeVar("Result")
_Call = tuple["Answer", Callable[..., Any], tuple[Any, ...]]
Answer = asyncio.Future[Any] | Future[Any]


class WriterThread:
    """Makes calls one after the other, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._asked: list[_Call] = []
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="warc", daemon=True)
        self._thread.start()

    async def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Return the function's result, for the event loop that awaits it; there is one such loop.

        Raises:
            Exception: what the function raised.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        if not self._asked:
            loop.call_soon(self._hand_over)
        self._asked.append((answer, function, arguments))
        return await answer

    def _hand_over(self) -> None:
        """Let the thread have what was asked for in this turn of the event loop, not each by each.

        It would wake, and the two would take the interpreter's lock from each other, while the
        loop has more to ask for: 7 of 100 parts of all processor time.
        """
        asked, self._asked = self._asked, []
        for call in asked:
            self._calls.put(call)

    def wait(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Return the function's result, for another thread, which waits for it.

        Raises:
            Exception: what the function raised.
        """
        answer: Future[Result] = Future()
        self._calls.put((answer, function, arguments))
        return answer.result()

    def close(self) -> None:
        """Make the calls that wait, and end; the event loop must have ended."""
        self._hand_over()
        self._calls.put(None)
        self._thread.join()

    def _work(self) -> None:
        while self._make([self._calls.get(), *self._waiting()]):
            pass

    def _waiting(self) -> list[_Call | None]:
        """The next calls, but few: the event loop would have nothing to do until all are made."""
        return [self._calls.get_nowait() for _ in range(min(AT_ONCE - 1, self._calls.qsize()))]

    def _make(self, calls: list[_Call | None]) -> bool:
        """Make the calls and hand their results back; whether there may be more."""
        made = [(call[0], *_outcome(call[1], call[2])) for call in calls if call is not None]
        back: dict[asyncio.AbstractEventLoop, list[tuple[Answer, Any, Exception | None]]] = {}
        for answer, result, error in made:
            if isinstance(answer, Future):
                _settle([(answer, result, error)])
            else:
                back.setdefault(answer.get_loop(), []).append((answer, result, error))
        for loop, answers in back.items():
            if not loop.is_closed():  # else nobody waits any more
                loop.call_soon_threadsafe(_settle, answers)
        return None not in calls


def _outcome(
    function: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[Any, Exception | None]:
    try:
        return function(*arguments), None
    except Exception as error:  # noqa: BLE001 - it is raised where the result is awaited
        return None, error


def _settle(answers: list[tuple[Answer, Any, Exception | None]]) -> None:
    for answer, result, error in answers:
        if answer.done():  # whoever waited was cancelled
            continue
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(error)

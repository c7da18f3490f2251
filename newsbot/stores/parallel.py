"""Reading an object in parts, several at once, and yielding them in order."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event
from typing import Any

Read = Callable[[int, Event], bytes]


def read_in_order(read: Read, starts: range, at_once: int) -> Iterator[bytes]:
    """Yield the parts that begin at ``starts``, reading the next ones while one is used.

    At most ``at_once`` parts and the one yielded are in memory. Closing the generator early stops
    the reads in progress.

    Args:
        read: returns the part that begins at an offset; called in another thread. Once the event
            is set its result is no longer needed, and it may return early.

    Raises:
        Whatever ``read`` raises, in place of the part.
    """
    stopped = Event()
    pending = iter(starts)
    submitted: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="ranges") as pool:
        try:
            for at in islice(pending, at_once):
                submitted.append(pool.submit(read, at, stopped))
            while submitted:
                part = submitted.popleft().result()
                for at in islice(pending, 1):
                    submitted.append(pool.submit(read, at, stopped))
                yield part
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def wait_for_all(futures: Sequence[Future[Any]]) -> None:
    """Wait for all; when one fails, start no more of them and raise its error."""
    done, waiting = wait(futures, return_when=FIRST_EXCEPTION)
    for future in waiting:
        future.cancel()
    for future in done:
        future.result()

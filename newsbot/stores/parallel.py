"""Reading an object in parts, a few at once, and handing them on in order."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from itertools import islice
from threading import Event
from typing import Any

Read = Callable[[int, Event], bytes]


def in_order(read: Read, starts: range, at_once: int) -> Iterator[bytes]:
    """Yield the parts that begin at ``starts``; while one is used, the next ones are read.

    In memory are ``at_once`` parts and the one handed on. Closing the generator early ends what is
    under way.

    Args:
        read: gives the part that begins there, in another thread; once the event is set nobody
            waits for it any more, and it may end early.

    Raises:
        Whatever ``read`` raises, in the place of its part.
    """
    halted = Event()
    pending = iter(starts)
    asked: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="ranges") as pool:
        try:
            for at in islice(pending, at_once):
                asked.append(pool.submit(read, at, halted))
            while asked:
                part = asked.popleft().result()
                for at in islice(pending, 1):
                    asked.append(pool.submit(read, at, halted))
                yield part
        finally:
            halted.set()
            pool.shutdown(cancel_futures=True)


def all_of(futures: Sequence[Future[Any]]) -> None:
    """Wait for all; on the first that fails, begin no more of them and raise its error."""
    done, waiting = wait(futures, return_when=FIRST_EXCEPTION)
    for future in waiting:
        future.cancel()
    for future in done:
        future.result()

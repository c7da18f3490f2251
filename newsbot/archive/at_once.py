"""Work that several threads do at once: done when all of it is, or when the first part fails."""

from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from typing import Any


def all_of(futures: Sequence[Future[Any]]) -> None:
    """Wait for all; on the first that fails, begin no more of them and raise its error."""
    done, waiting = wait(futures, return_when=FIRST_EXCEPTION)
    for future in waiting:
        future.cancel()
    for future in done:
        future.result()

"""Results of many pages in the order of the pages, with a bounded number in progress."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterable
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def in_order(
    work: Iterable[Coroutine[Any, Any, _Result]], at_once: int
) -> AsyncGenerator[_Result, None]:
    """Yield the results in order; what is in progress when it is closed is cancelled."""
    in_progress: deque[asyncio.Task[_Result]] = deque()
    try:
        for one in work:
            in_progress.append(asyncio.create_task(one))
            if len(in_progress) >= at_once:
                yield await in_progress.popleft()
        while in_progress:
            yield await in_progress.popleft()
    finally:
        for task in in_progress:
            task.cancel()
        await asyncio.gather(*in_progress, return_exceptions=True)

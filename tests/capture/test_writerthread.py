"""Calls off the event loop: in order, many in one go, each with its own result."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from newsbot.capture.writerthread import WriterThread


@pytest.fixture
def writer() -> Iterator[WriterThread]:
    made = WriterThread()
    yield made
    made.close()


def test_calls_that_wait_are_made_in_order_and_come_back_together(writer: WriterThread) -> None:
    go, made = threading.Event(), list[int]()

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        hops = list[object]()
        plain = loop.call_soon_threadsafe
        loop.call_soon_threadsafe = lambda *a: (hops.append(a), plain(*a))[1]  # type: ignore[method-assign]
        first = asyncio.create_task(writer.call(go.wait))
        tasks = [asyncio.create_task(writer.call(note, number)) for number in range(9)]
        await asyncio.sleep(0)  # all are handed over
        go.set()
        await first
        found = await asyncio.gather(*tasks)
        assert len(hops) <= 1 + 3  # the first alone, and the nine others by four
        return found

    def note(number: int) -> int:
        made.append(number)
        return number * number

    assert asyncio.run(main()) == [number * number for number in range(9)]
    assert made == list(range(9))


def test_an_error_is_raised_where_its_call_is_awaited(writer: WriterThread) -> None:
    async def main() -> None:
        bad = asyncio.create_task(writer.call(int, "x"))
        good = asyncio.create_task(writer.call(int, "7"))
        with pytest.raises(ValueError, match="invalid literal"):
            await bad
        assert await good == 7

    asyncio.run(main())
    with pytest.raises(ValueError, match="invalid literal"):
        writer.wait(int, "x")
    assert writer.wait(int, "8") == 8


def test_one_who_waits_no_more_holds_up_nobody(writer: WriterThread) -> None:
    go = threading.Event()

    async def main() -> int:
        held = asyncio.create_task(writer.call(go.wait))
        await asyncio.sleep(0)
        held.cancel()
        with suppress(asyncio.CancelledError):
            await held
        go.set()
        return await writer.call(int, "9")

    assert asyncio.run(main()) == 9


def test_close_makes_what_waits() -> None:
    writer, go, made = WriterThread(), threading.Event(), list[str]()

    async def main() -> None:
        tasks = [
            asyncio.create_task(writer.call(go.wait)),
            asyncio.create_task(writer.call(made.append, "written")),
        ]
        await asyncio.sleep(0)
        go.set()
        writer.close()
        assert made == ["written"]
        await asyncio.gather(*tasks)

    asyncio.run(main())

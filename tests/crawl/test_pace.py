"""A host that asks for pauses gets them, but no crawl waits for it without end."""

from collections import deque
from types import SimpleNamespace
from typing import Any, cast

import pytest
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from newsbot.crawl import pace
from newsbot.crawl.pace import HostPace


@pytest.mark.parametrize("wait", [290.0, 3.0, 0.0])
def test_what_is_waited_for_a_host_in_a_row_is_bounded(
    wait: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(pace, "monotonic", lambda: clock.now)
    waiting: Deferred[None] = Deferred()
    queue = deque([(None, waiting)])
    slot = SimpleNamespace(delay=0.0, lastseen=0.0, jitter=0.0, latercall=None, queue=queue)
    downloader = SimpleNamespace(slots={"kabar.example": slot})
    made = HostPace(cast("Any", SimpleNamespace(engine=SimpleNamespace(downloader=downloader))))
    made.refuse("kabar.example", wait)
    while not made.is_left_alone("kabar.example"):
        clock.now += max(wait, slot.delay) + 1
        made.apply("kabar.example")
        slot.lastseen = clock.now
        made.refuse("kabar.example", wait)
    assert clock.now < 300
    failed: list[Failure] = []
    waiting.addErrback(failed.append)
    assert [str(one.value) for one in failed] == ["host-busy"]  # and not after the last delay

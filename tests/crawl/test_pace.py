"""A host that asks for pauses gets them, but no crawl waits for it without end."""

from types import SimpleNamespace
from typing import Any, cast

from newsbot.crawl import pace
from newsbot.crawl.pace import HostPace


def test_the_pauses_of_a_host_in_a_row_are_bounded(monkeypatch: Any) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(pace, "monotonic", lambda: clock.now)
    slots = SimpleNamespace(engine=SimpleNamespace(downloader=SimpleNamespace(slots={})))
    made = HostPace(cast("Any", slots))
    while not made.is_left_alone("kabar.example"):
        made.refuse("kabar.example", 290.0)
        clock.now += 291
    assert clock.now < 1000

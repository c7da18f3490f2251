"""What has to be done every few seconds is done also while no page comes in."""

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from scrapy.exceptions import CannotResolveHostError

from newsbot.crawl.recording import PeriodicCall, Recording
from newsbot.errors import AddressRefused
from newsbot.sites.loading import load_site

SEEDS = Path(__file__).parent.parent.parent / "seeds"


def test_it_beats_until_it_is_stopped() -> None:
    beats = threading.Semaphore(0)
    pulse = PeriodicCall(0.01, beats.release)
    for _ in range(3):
        assert beats.acquire(timeout=600)
    pulse.stop()
    while beats.acquire(blocking=False):
        pass
    assert not beats.acquire(timeout=0.1), "it goes on after it was stopped"


@pytest.mark.parametrize(
    ("error", "why"),
    [(CannotResolveHostError("x"), "dns"), (AddressRefused("x"), "address-refused")],
)
def test_a_navigation_is_decided_though_robots_txt_cannot_be_asked_for(
    error: Exception, why: str
) -> None:
    """The browser waits for the answer: without one its page hangs until the time-out."""

    async def robots_allow(_url: str) -> bool:
        raise error

    recording = SimpleNamespace(_site=load_site(SEEDS / "antara.toml"), robots_allow=robots_allow)
    asked = Recording.navigation_refusal(recording, "https://www.antaranews.com/berita/1/x")
    assert asyncio.run(asked) == why
